"""What an image file holds, and what tells without reading it that it is still the same."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import ReadError, reason
from srviewer.pipeline.formats.opening import open_plain
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import pair_content

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
    """Return the SHA-256 of the plain file `path`; `progress` is asked block by block.

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
        raise ReadError(reason(error), path=path) from error
    return FileMark(found.st_size, found.st_mtime_ns, digest.hexdigest())


def is_unchanged(path: Path, mark: FileMark) -> bool:
    """Tell without reading it whether the file `path` still is what `mark` says."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return False
    return (found.st_size, found.st_mtime_ns) == (mark.bytes, mark.mtime_ns)


def mark_files(files: Sequence[Path], progress: Progress = UNHEARD) -> FileMark:
    """Return one mark of an image's file, or of the two files of a given pair.

    That of a pair has the bytes of both, digits of both times, and what tells their contents.

    Raises
    ------
    ReadError
        As `mark_file` does.
    """
    marks = [mark_file(file, progress) for file in files]
    if len(marks) == 1:
        return marks[0]
    high, low = marks
    size, when = _joined(*((mark.bytes, mark.mtime_ns) for mark in marks))
    return FileMark(size, when, pair_content(high.sha256, low.sha256))


def look_at_files(files: Sequence[Path]) -> tuple[int, int]:
    """Return bytes and time of the mark that `files` have, without reading them.

    Raises
    ------
    OSError, ValueError
        Where one of them is not there.
    """
    found = [(one.st_size, one.st_mtime_ns) for one in (file.stat() for file in files)]
    return found[0] if len(found) == 1 else _joined(*found)


def are_unchanged(files: Sequence[Path], mark: FileMark) -> bool:
    """Tell without reading them whether `files` still are what `mark` says."""
    try:
        return look_at_files(files) == (mark.bytes, mark.mtime_ns)
    except (OSError, ValueError):
        return False


def _joined(*looks: tuple[int, int]) -> tuple[int, int]:
    """Return the bytes of all files, and a number that each one's bytes and time are in."""
    digest = hashlib.sha256(repr(looks).encode()).digest()
    return sum(size for size, _ in looks), int.from_bytes(digest[:7], "big")
