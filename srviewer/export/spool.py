"""The pairs of one image while they wait to be packed into a container: one file an image."""

from __future__ import annotations

import hashlib
import os
import struct
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from srviewer.errors import ExportError

SPOOL = ".srviewer-spool"

_LENGTHS = struct.Struct("<II")  # of HR and of LR, before the two


def spool_path(out: Path, image: str) -> Path:
    """Return where the pairs of `image`, its name in the manifest, wait.

    The name is its hash: so it has room, and leads nowhere else, whatever the image is called.
    """
    name = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()
    return out / SPOOL / f"{name}.pairs"


def write_spool(path: Path, pairs: Iterable[tuple[bytes, bytes]]) -> None:
    """Write `pairs` of HR and LR so that `path` holds all of them or does not exist."""
    unfinished = path.with_name(f".{uuid.uuid4().hex}.part")  # another machine may be at it too
    try:
        with open(unfinished, "xb") as file:
            for hr, lr in pairs:
                file.write(_LENGTHS.pack(len(hr), len(lr)))
                file.write(hr)
                file.write(lr)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def read_spool(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs in `path`, one at a time.

    Raises
    ------
    ExportError
        Where the file ends within a pair.
    """
    with open(path, "rb") as file:
        while head := file.read(_LENGTHS.size):
            lengths = _LENGTHS.unpack(head) if len(head) == _LENGTHS.size else (0, 1)
            hr, lr = (file.read(length) for length in lengths)
            if (len(hr), len(lr)) != lengths:
                raise ExportError("ends within a pair", path=path)
            yield hr, lr
