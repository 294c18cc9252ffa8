"""The pairs of one image while they wait to be packed into a container: one file an image."""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from srviewer.errors import ExportError
from srviewer.runs.folders import file_in, replacing

SPOOL = ".srviewer-spool"

_LENGTHS = struct.Struct("<II")  # of HR and of LR, before the two


def spool_name(image: str) -> str:
    """Return where the pairs of `image`, its name in the manifest, wait in the data set.

    The name is its hash: so it has room, and leads nowhere else, whatever the image is called.
    """
    name = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{SPOOL}/{name}.pairs"


@contextmanager
def new_spool(out: Path, image: str) -> Iterator[Callable[[bytes, bytes], None]]:
    """Give what writes HR and LR of a pair of `image`; its file holds all pairs, or is not there.

    The file beside it has a name of its own: another machine may be at it too.
    """

    def write(hr: bytes, lr: bytes) -> None:
        file.writelines((_LENGTHS.pack(len(hr), len(lr)), hr, lr))

    with replacing(out, spool_name(image)) as file:
        yield write


def read_spool(out: Path, image: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs of `image` that wait in `out`, one at a time.

    Raises
    ------
    ExportError
        Where the file ends within a pair.
    """
    path = file_in(out, spool_name(image))
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        while head := file.read(_LENGTHS.size):
            lengths = _LENGTHS.unpack(head) if len(head) == _LENGTHS.size else (0, 1)
            if sum(lengths) > size - file.tell():  # before so many bytes are asked for
                raise ExportError("ends within a pair", path=path)
            hr, lr = (file.read(length) for length in lengths)
            yield hr, lr
