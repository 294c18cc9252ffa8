"""Two LMDB environments of PNG by key, `hr.lmdb` and `lr.lmdb`, as BasicSR reads them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import NotThereError, Packed, Reader, StoredError
from srviewer.export.containers.png import LEVEL, decode_picture, encode_png
from srviewer.export.manifest import Row
from srviewer.pipeline.arrays import Image

_KEYS = "meta_info.txt"  # BasicSR's list of an environment
_OWN = re.compile(r"(hr|lr)\.lmdb/(data\.mdb|lock\.mdb|meta_info\.txt)")
_COMMIT_EVERY = 1000  # pairs: what is not committed is held in memory
_PAGE = 4096
# In a meta page, after 16 bytes of its header: the page size; the last page and the transaction.
_PSIZE, _PSIZE_AT = struct.Struct("=I"), 16 + 24
_LAST, _LAST_AT = struct.Struct("=QQ"), 16 + 24 + 2 * 48


@dataclass(frozen=True)
class LmdbPairs:
    """The format lmdb.

    The bytes of ``data.mdb`` are a matter of the pairs, their order, LMDB's version and the
    machine's page size; the content by key is the same everywhere.

    Attributes
    ----------
    hr, lr : int
        The sides of the patches in pixels.
    """

    hr: int
    lr: int

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return a patch as PNG."""
        return encode_png(bgr)

    def decode(self, data: bytes, length: int) -> Image:
        """Return the pixels of a PNG."""
        return decode_picture(data, length)

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the two keys, after the environments that they are in."""
        return f"{folder}hr.lmdb/{key}", f"{folder}lr.lmdb/{key}"

    def file(self, place: str) -> str:
        """Return the data file of the environment that `place` is in."""
        return place.partition(".lmdb/")[0] + ".lmdb/data.mdb"

    def key(self, row: Row) -> str:
        """Return the key in both environments."""
        return row.hr.partition("hr.lmdb/")[2]

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write both environments, a commit every thousand pairs, then the lists of their keys."""
        environments = [
            _open(folder / name, map_size=_room(side, count), sync=False)
            for name, side in (("hr.lmdb", self.hr), ("lr.lmdb", self.lr))
        ]
        keys = []
        try:
            batch: list[Packed] = []
            for pair in pairs:
                keys.append(pair.key)
                batch.append(pair)
                if len(batch) == _COMMIT_EVERY:
                    _commit(environments, batch)
                    batch = []
            _commit(environments, batch)
            for environment in environments:
                environment.sync(True)
        finally:
            for environment in environments:
                environment.close()
        for name, side in (("hr.lmdb", self.hr), ("lr.lmdb", self.lr)):
            lines = (f"{key}.png ({side},{side},3) {LEVEL}\n" for key in sorted(keys))
            (folder / name / _KEYS).write_text("".join(lines), "ascii", newline="\n")

    def reader(self, out: Path) -> Reader:
        """Return what reads PNG by key."""
        return _LmdbReader(out)

    def is_own(self, name: str) -> bool:
        """Tell whether `name` is a file of an environment or its list of keys."""
        return _OWN.fullmatch(name) is not None


class _LmdbReader(Reader):
    def _value(self, place: str) -> bytes:
        name, mark, key = place.partition(".lmdb/")
        if not mark:
            raise NotThereError("not a key of an environment", path=place)
        environment = self._opened(f"{name}.lmdb/data.mdb")
        with environment.begin(write=False) as transaction:
            value = transaction.get(key.encode("utf-8", "surrogateescape"))
        if value is None:
            raise NotThereError("no such key", path=place)
        return bytes(value)

    def _entries(self, file: str) -> int:
        return 0 if file.endswith(_KEYS) else int(self._opened(file).stat()["entries"])

    def _open(self, file: str) -> Any:
        _require_whole(self._out / file, file)
        return _open((self._out / file).parent, readonly=True, create=False)


def _require_whole(path: Path, name: str) -> None:
    """Raise `StoredError` where the data file `path` is shorter than it says.

    LMDB maps the file into memory: to read beyond its end would end the process.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(_PSIZE.size + _PSIZE_AT)
        page = _PSIZE.unpack_from(head, _PSIZE_AT)[0] if len(head) > _PSIZE_AT else 0
        last = newest = -1
        for start in (0, page):  # two pages tell of the last two commits
            file.seek(start + _LAST_AT)
            data = file.read(_LAST.size)
            if len(data) == _LAST.size and _LAST.unpack(data)[1] > newest:
                last, newest = _LAST.unpack(data)
    if not page or (last + 1) * page > size:
        raise StoredError(f"it is cut off: {size:,} bytes are there", path=name)


def _open(path: Path, **options: Any) -> Any:
    import lmdb

    # Without a lock there is no lock file, which would hold the number of a process.
    return lmdb.open(str(path), lock=False, readahead=False, meminit=True, **options)


def _commit(environments: list[Any], batch: list[Packed]) -> None:
    for environment, values in zip(
        environments, ([p.hr for p in batch], [p.lr for p in batch]), strict=True
    ):
        with environment.begin(write=True) as transaction:
            for pair, value in zip(batch, values, strict=True):
                transaction.put(pair.key.encode("ascii"), value)


def _room(side: int, count: int) -> int:
    """Return the most bytes that `count` PNG of `side` x `side` px may take, twice over."""
    largest = (3 * side + 1) * side + 1024  # noise does not compress
    pages = largest // _PAGE + 2
    return 2 * _PAGE * (pages * count + 1024)
