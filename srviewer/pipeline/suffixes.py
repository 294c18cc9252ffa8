"""What a search of a folder tells of files that are pictures to a person and not to us."""

from __future__ import annotations

EXTRAS = {".heic": "heif", ".heif": "heif", ".hif": "heif", ".jxl": "jxl"}
"""The extra of srviewer that brings what reads such files."""

RAW = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25"}
    | {".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2"}
    | {".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
"""What cameras write, which is to be developed first."""


def not_read(suffix: str) -> str | None:
    """Return how files that end with `suffix` are told as not read, None where nobody asks.

    It is asked of what is not in `srviewer.pipeline.reading.SUFFIXES`.
    """
    if suffix in EXTRAS:
        return f"{suffix} (pip install 'srviewer[{EXTRAS[suffix]}]')"
    return suffix if suffix in RAW else None
