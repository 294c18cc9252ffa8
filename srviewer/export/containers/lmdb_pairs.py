"""Two LMDB environments of PNG by key, `hr.lmdb` and `lr.lmdb`, as BasicSR reads them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import NotThereError, Packed, StoredError
from srviewer.export.containers.pictures import LEVEL, PngPairs

_KEYS = "meta_info.txt"  # BasicSR's list of an environment
_COMMIT_EVERY = 1000  # pairs: what is not committed is held in memory
_PAGE = 4096
# In a meta page, after 16 bytes of its header: the page size; the last page and the transaction.
_PSIZE, _PSIZE_AT = struct.Struct("=I"), 16 + 24
_LAST, _LAST_AT = struct.Struct("=QQ"), 16 + 24 + 2 * 48


@dataclass(frozen=True)
class LmdbPairs(PngPairs):
    """The format lmdb.

    The bytes of ``data.mdb`` are a matter of the pairs, their order, LMDB's version and the
    machine's page size; the content by key is the same everywhere.
    """

    own = re.compile(r"(hr|lr)\.lmdb/(data\.mdb|lock\.mdb|meta_info\.txt)")
    mark = ".lmdb/"
    data = "/data.mdb"

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the two keys, after the environments that they are in."""
        return f"{folder}hr.lmdb/{key}", f"{folder}lr.lmdb/{key}"

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write both environments, a commit every thousand pairs, then the lists of their keys."""
        sides, keys, rest = {"hr": self.hr, "lr": self.lr}, [], iter(pairs)
        with ExitStack() as stack:
            environments = {
                side: stack.enter_context(
                    _open(folder / f"{side}.lmdb", map_size=_room(length, count), sync=False)
                )
                for side, length in sides.items()
            }
            while batch := list(islice(rest, _COMMIT_EVERY)):
                keys += [pair.key for pair in batch]
                for side, environment in environments.items():
                    with environment.begin(write=True) as transaction:
                        for pair in batch:
                            transaction.put(pair.key.encode("ascii"), getattr(pair, side))
            for environment in environments.values():
                environment.sync(True)
        for side, length in sides.items():
            lines = (f"{key}.png ({length},{length},3) {LEVEL}\n" for key in sorted(keys))
            path = folder / f"{side}.lmdb" / _KEYS
            path.write_text("".join(lines), "ascii", newline="\n")

    def open(self, path: Path) -> Any:
        """Open the environment of a data file, if that is whole."""
        _require_whole(path)
        return _open(path.parent, readonly=True, create=False)

    def value(self, opened: Any, key: str) -> bytes:
        """Return a PNG."""
        with opened.begin(write=False) as transaction:
            value = transaction.get(key.encode("utf-8", "surrogateescape"))
        if value is None:
            raise NotThereError("no such key")
        return bytes(value)

    def count(self, opened: Any) -> int:
        """Return how many keys there are."""
        return int(opened.stat()["entries"])


def _require_whole(path: Path) -> None:
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
        raise StoredError(f"it is cut off: {size:,} bytes are there")


def _open(path: Path, **options: Any) -> Any:
    import lmdb

    # Without a lock there is no lock file, which would hold the number of a process.
    return lmdb.open(str(path), lock=False, readahead=False, meminit=True, **options)


def _room(side: int, count: int) -> int:
    """Return the most bytes that `count` PNG of `side` x `side` px may take, twice over."""
    largest = (3 * side + 1) * side + 1024  # noise does not compress
    pages = largest // _PAGE + 2
    return 2 * _PAGE * (pages * count + 1024)
