"""Two LMDB environments of PNG by key, `hr.lmdb` and `lr.lmdb`, as BasicSR reads them."""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import NotThereError, Packed
from srviewer.export.containers.lmdb_sound import require_sound
from srviewer.export.containers.pictures import LEVEL, PngPairs
from srviewer.runs.folders import write_text

_KEYS = "meta_info.txt"  # BasicSR's list of an environment
_COMMIT_EVERY = 1000  # pairs: what is not committed is held in memory
_PAGE, _PAGE_HEAD = 4096, 16
_INSIDE = 2000  # bytes: a larger value has pages of its own
_NODE = 50  # bytes: a key and what goes with it
_SPARE = 1 << 23  # bytes: for keys, and pages that are written anew
_FULL = 0.7  # of a page is, when keys do not come in their order


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
        sides, shapes, rest = (
            {"hr": self.hr, "lr": self.lr},
            list[tuple[str, int, int]](),
            iter(pairs),
        )
        with ExitStack() as stack:
            environments = {
                side: stack.enter_context(
                    _open(folder / f"{side}.lmdb", map_size=_room(length, count), sync=False)
                )
                for side, length in sides.items()
            }
            while batch := list(islice(rest, _COMMIT_EVERY)):
                shapes += [(pair.key, int(pair.row.width), int(pair.row.height)) for pair in batch]
                for side, environment in environments.items():
                    values = {pair.key: getattr(pair, side) for pair in batch}
                    _make_room(environment, sum(map(len, values.values())))
                    with environment.begin(write=True) as transaction:
                        for key, value in values.items():
                            transaction.put(key.encode("ascii"), value)
            for environment in environments.values():
                environment.sync(True)
        for side, length in sides.items():
            lines = (
                f"{key}.png ({height * length // self.hr},{width * length // self.hr},3) {LEVEL}\n"
                for key, width, height in sorted(shapes)
            )
            write_text(folder, f"{side}.lmdb/{_KEYS}", "".join(lines))

    def on_disk(self, payload: int) -> float:
        """Return about what a value takes, with its key."""
        if payload <= _INSIDE:
            return (payload + _NODE) / _FULL
        return -(-(payload + _PAGE_HEAD) // _PAGE) * _PAGE + _NODE / _FULL

    def open(self, path: Path) -> Any:
        """Open the environment of a data file, if that is sound."""
        found = path.stat()
        require_sound(path, found.st_size, found.st_mtime_ns, found.st_ino)
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


def _open(path: Path, **options: Any) -> Any:
    import lmdb

    # Without a lock there is no lock file, which would hold the number of a process.
    return lmdb.open(str(path), lock=False, readahead=False, meminit=True, **options)


def _room(side: int, count: int) -> int:
    """Return the most bytes that `count` PNG of `side` x `side` px may take, twice over."""
    largest = (3 * side + 1) * side + 1024  # noise does not compress
    pages = largest // _PAGE + 2
    return 2 * _PAGE * (pages * count + 1024)


def _make_room(environment: Any, size: int) -> None:
    """Let `environment` have room for `size` bytes more, as whole images may need."""
    found, needed = environment.info(), 2 * size + _SPARE
    if found["map_size"] - found["last_pgno"] * _PAGE < needed:
        environment.set_mapsize(2 * found["map_size"] + needed)
