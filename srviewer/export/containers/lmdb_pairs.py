"""Two LMDB environments of PNG by key, `hr.lmdb` and `lr.lmdb`, as BasicSR reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import Packed
from srviewer.export.containers.png import LEVEL, encode_png
from srviewer.export.manifest import Row
from srviewer.pipeline.arrays import Image

_OWN = re.compile(r"(hr|lr)\.lmdb/(data\.mdb|lock\.mdb|meta_info\.txt)")
_COMMIT_EVERY = 1000  # pairs: what is not committed is held in memory
_PAGE = 4096


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

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the two keys, after the environments that they are in."""
        return f"{folder}hr.lmdb/{key}", f"{folder}lr.lmdb/{key}"

    def file(self, place: str) -> str:
        """Return the data file of the environment that `place` is in."""
        return place.partition("/")[0] + "/data.mdb"

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
            (folder / name / "meta_info.txt").write_text("".join(lines), "ascii", newline="\n")

    @contextmanager
    def reader(self, out: Path) -> Iterator[_LmdbReader]:
        """Open the environments as they are asked for."""
        found = _LmdbReader(out)
        try:
            yield found
        finally:
            found.close()

    def is_own(self, name: str) -> bool:
        """Tell whether `name` is a file of an environment or its list of keys."""
        return _OWN.fullmatch(name) is not None


class _LmdbReader:
    def __init__(self, out: Path) -> None:
        self._out = out
        self._environments: dict[str, Any] = {}

    def read(self, row: Row) -> tuple[bytes, bytes]:
        """Return both PNG files."""
        return self._get(row.hr), self._get(row.lr)

    def _get(self, place: str) -> bytes:
        name, _, key = place.partition(".lmdb/")
        if name not in self._environments:
            self._environments[name] = _open(self._out / f"{name}.lmdb", readonly=True)
        with self._environments[name].begin(write=False) as transaction:
            value = transaction.get(key.encode("ascii"))
        if value is None:
            raise KeyError(place)
        return bytes(value)

    def close(self) -> None:
        """Close what was opened."""
        for environment in self._environments.values():
            environment.close()


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
