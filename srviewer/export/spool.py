"""The pairs of one image while they wait to be packed into a container: one file an image."""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from srviewer.errors import ExportError
from srviewer.export.manifest import replacing

SPOOL = ".srviewer-spool"

_LENGTHS = struct.Struct("<II")  # of HR and of LR, before the two


def spool_path(out: Path, image: str) -> Path:
    """Return where the pairs of `image`, its name in the manifest, wait.

    The name is its hash: so it has room, and leads nowhere else, whatever the image is called.
    """
    name = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()
    return out / SPOOL / f"{name}.pairs"


@contextmanager
def new_spool(path: Path) -> Iterator[Callable[[bytes, bytes], None]]:
    """Give what writes HR and LR of a pair; then `path` holds all pairs, or does not exist."""

    def write(hr: bytes, lr: bytes) -> None:
        file.writelines((_LENGTHS.pack(len(hr), len(lr)), hr, lr))

    part = f".{uuid.uuid4().hex}.part"  # another machine may be at it too
    with replacing(path, part) as file:
        yield write


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
