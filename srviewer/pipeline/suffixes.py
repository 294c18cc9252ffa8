"""The endings of names of image files: those that are read, and those that are told as not read.

What a file is, its content decides; the ending only says whether a search of a folder takes it.
"""

import importlib
import importlib.util
from functools import cache

EXTRAS = {".heic": "heif", ".heif": "heif", ".hif": "heif", ".jxl": "jxl"}
"""The extra of srviewer that brings what reads such files."""

_PACKAGES = {"heif": "pillow_heif", "jxl": "pillow_jxl"}

RAW = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25"}
    | {".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2"}
    | {".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
"""What cameras write, which is to be developed first."""


def has_extra(extra: str) -> bool:
    """Tell whether the package that `extra` brings is installed."""
    return importlib.util.find_spec(_PACKAGES[extra]) is not None


@cache
def register_extras() -> None:
    """Let Pillow open what the extras that are installed read."""
    for extra, package in _PACKAGES.items():
        if has_extra(extra):
            module = importlib.import_module(package)  # pillow_jxl registers itself
            if extra == "heif":
                module.register_heif_opener()


SUFFIXES = frozenset(
    {".apng", ".avif", ".bmp", ".dib", ".gif", ".icb", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc"}
    | {".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".qoi", ".tga", ".tif", ".tiff", ".vda", ".vst", ".webp"}
    | {suffix for suffix, extra in EXTRAS.items() if has_extra(extra)}
)
"""The file name endings that a search of a folder takes for images (in lower case)."""


def not_read(suffix: str) -> str | None:
    """Return what would read files that end with `suffix`, "" if nothing, None if nobody asks.

    It is asked of what is not in `SUFFIXES`.
    """
    if suffix in EXTRAS:
        return f"pip install 'srviewer[{EXTRAS[suffix]}]'"
    return "" if suffix in RAW else None
