"""Which process keeps a file of SQLite from all others."""

import contextlib
import os
import struct
import sys
from pathlib import Path

_LOCK, _OF_SQLITE = "hhqqi", (0x40000000, 512)  # Linux's `struct flock`; what SQLite locks


def process_with_lock(path: Path) -> int | None:
    """Return the process that keeps SQLite's lock of `path`, None where the system does not tell.

    Not for a file that this process keeps: to close it lets go of all its locks.
    """
    if sys.platform != "linux":
        return None
    import fcntl

    with contextlib.suppress(OSError), open(path, "rb") as file:
        asked = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, *_OF_SQLITE, 0)
        return int(struct.unpack(_LOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))[-1])
    return None
