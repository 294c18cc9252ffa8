"""What every container can do, and the keys by which its pairs are known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from srviewer.export.manifest import Row
from srviewer.pipeline.arrays import Image

_UNSAFE = re.compile(rb"[^A-Za-z0-9/_-]")
_LONGEST_KEY = 500  # bytes; LMDB takes 511


class Packed(NamedTuple):
    """A pair as it goes into a container: its row, its key, and its payloads."""

    row: Row
    key: str
    hr: bytes
    lr: bytes


class Reader(Protocol):
    """Reads the payloads of pairs back from a container."""

    def read(self, row: Row) -> tuple[bytes, bytes]:
        """Return HR and LR of the pair that `row` names."""
        ...


class Container(Protocol):
    """A format that holds all pairs in few files."""

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return the payload of a patch, uint8 (H, W, 3) in BGR; `side` is ``hr`` or ``lr``."""
        ...

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the manifest's columns ``hr`` and ``lr`` of the pair `index` in `folder`."""
        ...

    def file(self, place: str) -> str:
        """Return the file that holds a pair, for a place without its folder."""
        ...

    def key(self, row: Row) -> str:
        """Return the key of a pair that `places` named; empty where this format has no keys."""
        ...

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write `count` pairs into `folder`, which exists, as they come."""
        ...

    def reader(self, out: Path) -> AbstractContextManager[Reader]:
        """Open what `write` has written below the data set `out`."""
        ...

    def is_own(self, name: str) -> bool:
        """Tell whether a file `name`, relative to where `write` wrote, may be one that it made."""
        ...


def pair_key(stem: str, x: int, y: int) -> str:
    """Return the key of a pair: its name in ASCII without dots, all others as ``%`` and hex.

    BasicSR takes what comes before the first dot of a line as the key and encodes it as ASCII;
    webdataset and datasets split a member's name at the first dot.
    """
    name = stem.encode("utf-8", "surrogateescape")
    escaped = _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], name).decode("ascii")
    if escaped.startswith("__"):  # webdataset passes over names like __this__
        escaped = "%5F" + escaped[1:]
    place = f"_x{x:05d}_y{y:05d}"
    if len(escaped) + len(place) > _LONGEST_KEY:
        digest = hashlib.sha256(name).hexdigest()[:32]
        escaped = f"{escaped[: _LONGEST_KEY - len(place) - 34]}%-{digest}"
    return escaped + place
