"""What an image file holds, and what tells without reading it that it is still the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import ReadError
from srviewer.pipeline.formats.opening import open_plain
from srviewer.pipeline.progress import UNHEARD, Progress

_BLOCK = 1 << 20  # bytes between two looks at the tokens


@dataclass(frozen=True)
class FileMark:
    """A file's content, and what tells without reading it that it is still the same.

    Attributes
    ----------
    bytes, mtime_ns : int
    sha256 : str
    """

    bytes: int
    mtime_ns: int
    sha256: str


def fingerprint(path: Path, progress: Progress = UNHEARD) -> str:
    """Return the SHA-256 of the plain file `path`; `progress` is asked whether to stop.

    Raises
    ------
    ReadError
        As `mark_file` does.
    """
    return mark_file(path, progress).sha256


def mark_file(path: Path, progress: Progress = UNHEARD) -> FileMark:
    """Return the mark of the file `path`; it is looked at before it is read.

    Raises
    ------
    ReadError
        Where it cannot be read, or is no plain file.
    """
    digest = hashlib.sha256()
    try:
        found = path.stat()
        with open_plain(path) as file:
            while block := file.read(_BLOCK):
                progress.check()
                digest.update(block)
    except (OSError, ValueError) as error:  # the second where a name holds a null character
        raise ReadError(getattr(error, "strerror", None) or str(error), path=path) from error
    return FileMark(found.st_size, found.st_mtime_ns, digest.hexdigest())


def is_unchanged(path: Path, mark: FileMark) -> bool:
    """Tell without reading it whether the file `path` still is what `mark` says."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return False
    return (found.st_size, found.st_mtime_ns) == (mark.bytes, mark.mtime_ns)
