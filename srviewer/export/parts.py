"""The pairs of one image while they wait to be packed into a container: one file an image."""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from srviewer.errors import ExportError

PARTS = ".parts"

_LENGTHS = struct.Struct("<II")  # of HR and of LR, before the two


def part_path(out: Path, image: str) -> Path:
    """Return where the pairs of `image`, its name in the manifest, wait."""
    return out / PARTS / f"{image}.pairs"


def write_part(path: Path, pairs: Iterable[tuple[bytes, bytes]], *, shared: bool = False) -> None:
    """Write `pairs` of HR and LR so that `path` holds all of them or does not exist.

    Where the folder is `shared`, another machine may write the same part at the same time.
    """
    unfinished = unfinished_part(path)
    if shared:
        unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with open(unfinished, "wb") as file:
            for hr, lr in pairs:
                file.write(_LENGTHS.pack(len(hr), len(lr)))
                file.write(hr)
                file.write(lr)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def unfinished_part(path: Path) -> Path:
    """Return the name under which `path` is written."""
    return path.with_name(f"{path.name}.part")


def read_part(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs in the part `path`, one at a time.

    Raises
    ------
    ExportError
        Where the file ends within a pair.
    """
    with open(path, "rb") as file:
        while head := file.read(_LENGTHS.size):
            if len(head) < _LENGTHS.size:
                raise ExportError(f"{path}: ends within a pair")
            lengths = _LENGTHS.unpack(head)
            hr, lr = (file.read(length) for length in lengths)
            if (len(hr), len(lr)) != lengths:
                raise ExportError(f"{path}: ends within a pair")
            yield hr, lr
