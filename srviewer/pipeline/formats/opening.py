"""Plain files alone are opened: a pipe would be waited for, and a device has no end."""

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from srviewer.errors import ReadError, SrviewerError, reason
from srviewer.pipeline.formats.limits import MOST_BYTES
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.wording import size_text

_FLAGS = ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")  # not all everywhere
_HOW = os.O_RDONLY
_BLOCK = 4_000_000  # bytes between two looks at the cancel token
for _flag in _FLAGS:
    _HOW |= getattr(os, _flag, 0)
_OTHERS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_plain(
    path: Path, wanted: str = "a plain file", error: type[SrviewerError] = ReadError
) -> BinaryIO:
    """Open the plain file `path` for reading, without waiting for anything.

    Parameters
    ----------
    path : Path
    wanted : str
        What it should be, in words.
    error : type
        Of what is raised.

    Raises
    ------
    SrviewerError
        An `error`, where it is missing, may not be read, or is a folder, a pipe, a socket or a
        device.
    """
    try:
        _require_plain(os.stat(path).st_mode, wanted)  # to open a device may already do something
        file = os.fdopen(os.open(path, _HOW), "rb")
        try:
            _require_plain(os.fstat(file.fileno()).st_mode, wanted)  # it may be another one by now
        except BaseException:
            file.close()
            raise
    except (OSError, ValueError) as failure:  # a null character is a ValueError
        raise error(reason(failure), path=path) from failure
    return file


def _require_plain(mode: int, wanted: str) -> None:
    if not stat.S_ISREG(mode):
        raise ValueError(f"{_OTHERS.get(stat.S_IFMT(mode), 'something else')}, not {wanted}")


def read_plain(path: Path, progress: Progress = UNHEARD) -> bytes:
    """Return what the plain file `path` holds.

    `progress` is told of the kilobytes of a large one, and asked block by block whether to stop.

    Raises
    ------
    ReadError
        As `open_plain` does, and where it is empty, too large, or changes meanwhile.
    """
    with open_plain(path, "an image") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            raise ReadError("the file is empty", path=path)
        if size > MOST_BYTES:
            cause = f"a file of {size_text(size)}"
            raise ReadError(cause, path=path, allowed=f"at most {size_text(MOST_BYTES)}")
        try:
            data = _all_of(file, size, progress)
        except OSError as error:
            raise ReadError(reason(error), path=path) from error
    if len(data) != size:
        raise ReadError("it changed while it was read", path=path)
    return data


def _all_of(file: BinaryIO, size: int, progress: Progress) -> bytes:
    if size <= _BLOCK:
        progress.check()
        return file.read(size)
    held = io.BytesIO()
    while held.tell() < size:
        progress.check()
        progress.report("read", held.tell() // 1000, size // 1000)
        block = file.read(min(_BLOCK, size - held.tell()))
        if not block:
            break  # it was cut meanwhile
        held.write(block)
    return held.getvalue()
