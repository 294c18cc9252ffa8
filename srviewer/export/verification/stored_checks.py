"""What a data set holds beside its pairs one by one: files, lists, and nothing too much."""

from __future__ import annotations

import io
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np

from srviewer.export.containers.base import Container
from srviewer.export.containers.png import LEVEL
from srviewer.export.manifest import Row
from srviewer.export.meta_info import META_INFO, TRAIN, VALIDATION, list_files
from srviewer.export.verification.findings import EXTRA, LIST, MISSING, SHAPE, UNREADABLE, Finding
from srviewer.export.verification.manifest_index import Index, Rows
from srviewer.export.verification.pair_checks import Plan
from srviewer.export.verification.reading_back import (
    FOLDERS,
    Hdf5,
    Lmdb,
    MissingError,
    Stored,
    UnreadableError,
    stored,
)
from srviewer.export.verification.row_checks import figures_place

Find = Callable[[Finding], None]
_BATCH = 4096


def check_extras(plan: Plan, index: Index, certain: bool, find: Find) -> None:
    """Tell of pairs that the manifest does not name, and of those that are there twice.

    Parameters
    ----------
    plan : Plan
    index : Index
        Of the manifest.
    certain : bool
        Whether all that the rows name is there: then it is enough to count.
    find : callable
    """
    if plan.format in ("hdf5", "srcnn-hdf5"):
        return  # their shapes say it
    each = 3 if plan.format == "webdataset" else 2
    with stored(plan.out, plan.format) as store:
        try:
            if certain and sum(1 for _ in store.names()) == each * index.total:
                return
            _name_extras(store, _hashes(plan, index), find)
        except (MissingError, UnreadableError) as error:
            find(Finding(UNREADABLE, str(plan.out), str(error)))


def _hashes(plan: Plan, index: Index) -> np.ndarray:
    """Return sorted hashes of all places in the manifest: 8 bytes each, however many there are."""
    found = array("q")
    for row in (row for rows in index.rows for row in rows.read(plan.out)):
        found.extend((hash(row.hr), hash(row.lr)))
        if plan.format == "webdataset":
            found.append(hash(figures_place(row)))
    return np.unique(np.frombuffer(found, np.int64))


def _name_extras(store: Stored, wanted: np.ndarray, find: Find) -> None:
    met = np.zeros(len(wanted), bool)
    for batch in _batches(store.names()):
        hashes = np.array([hash(name) for name in batch], np.int64)
        places = np.searchsorted(wanted, hashes)
        for name, place, value in zip(batch, places, hashes, strict=True):
            if place == len(wanted) or wanted[place] != value:
                find(Finding(EXTRA, name, "the manifest has no such pair"))
            elif met[place]:
                find(Finding(EXTRA, name, "there twice"))
            else:
                met[place] = True


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


# Containers


def check_container(plan: Plan, container: Container, counts: dict[str, int], find: Find) -> None:
    """Check a container's files, and what they say of themselves.

    Parameters
    ----------
    plan : Plan
    container : Container
        Of its format.
    counts : dict of str to int
        Pairs by folder.
    find : callable
    """
    _check_presence(plan, container, counts, find)
    with stored(plan.out, plan.format) as store:
        for folder, count in counts.items():
            try:
                if isinstance(store, Lmdb):
                    for side in ("hr", "lr"):
                        _check_keys(plan, store, f"{folder}{side}.lmdb", side, find)
                elif isinstance(store, Hdf5):
                    _check_datasets(plan, store, folder, count, find)
            except MissingError:
                pass  # told above
            except UnreadableError as error:
                find(Finding(UNREADABLE, str(error).partition(":")[0], str(error)))


def _check_presence(plan: Plan, container: Container, counts: dict[str, int], find: Find) -> None:
    wanted = {f"{folder}{name}" for folder, n in counts.items() for name in _files(plan, n)}
    for name in sorted(wanted):
        if not (plan.out / name).is_file():
            find(Finding(MISSING, name, "no such file"))
    for name in own_files(plan.out, container):
        if name not in wanted and not name.endswith("lock.mdb"):  # which any reader may leave
            find(Finding(EXTRA, name, "no pair is in it"))


def _files(plan: Plan, count: int) -> list[str]:
    if plan.format == "lmdb":
        return [f"{side}.lmdb/{name}" for side in ("hr", "lr") for name in ("data.mdb", META_INFO)]
    if plan.format == "webdataset":
        size = plan.options.shard_size or 1000
        return [f"pairs-{number:06d}.tar" for number in range(max(1, -(-count // size)))]
    return ["pairs.h5"]


def own_files(out: Path, container: Container) -> Iterator[str]:
    """Yield the files below `out` that may be the container's."""
    for folder in FOLDERS:
        for pattern in ("*", "*.lmdb/*"):
            for path in sorted((out / folder).glob(pattern)):
                name = path.relative_to(out / folder).as_posix()
                if path.is_file() and container.is_own(name):
                    yield f"{folder}{name}"


def _check_keys(plan: Plan, store: Lmdb, name: str, side: str, find: Find) -> None:
    length = plan.layout.hr if side == "hr" else plan.layout.lr
    lines = (f"{key}.png ({length},{length},3) {LEVEL}\n" for key in store.keys(name))
    check_list(plan.out, f"{name}/{META_INFO}", lambda: lines, find)


def _check_datasets(plan: Plan, store: Hdf5, folder: str, count: int, find: Find) -> None:
    file = store.file(f"{folder}pairs.h5")
    layout, caffe = plan.layout, plan.format == "srcnn-hdf5"
    channels = (3,) if layout.values == "rgb" else (1,) if caffe else ()
    kind = "float32" if caffe or layout.values != "rgb" else "uint8"
    for name, side in (("label" if caffe else "hr", layout.hr), ("data" if caffe else "lr",
                                                                 layout.lr)):  # fmt: skip
        place = f"{folder}pairs.h5/{name}"
        if name not in file:
            find(Finding(MISSING, place, "no such dataset"))
            continue
        expected = f"{kind} {(count, *channels, side, side)}"
        found = f"{file[name].dtype} {file[name].shape}"
        if expected != found:
            find(Finding(SHAPE, place, "type and shape", expected, found))


# Lists


def check_lists(plan: Plan, index: Index, validation: frozenset[str], find: Find) -> None:
    """Check the lists of pairs that a data set of folders has for BasicSR."""
    folders: dict[str, list[Rows]] = {"": index.rows}
    if any("/" in image for image in index.images):
        below: dict[str, list[Rows]] = defaultdict(list)
        for rows in index.rows:
            folder = rows.image.rpartition("/")[0]
            below[f"meta_info/{folder}/" if folder else "meta_info/"].append(rows)
        folders |= below
    wanted = set()
    for place, pieces in folders.items():
        for kind, mine in _sides(pieces, validation, always=not place):
            wanted.add(f"{place}{kind}")
            lines = _Lines(plan.out, mine, alone=bool(place))
            check_list(plan.out, f"{place}{kind}", lines, find)
    for path in list_files(plan.out):
        name = path.relative_to(plan.out).as_posix()
        if name not in wanted:
            find(Finding(EXTRA, name, "a list that this data set does not have"))


def _sides(
    pieces: list[Rows], validation: frozenset[str], *, always: bool
) -> Iterator[tuple[str, list[Rows]]]:
    yield META_INFO, pieces
    if validation:
        for kind, wanted in ((TRAIN, False), (VALIDATION, True)):
            mine = [rows for rows in pieces if (rows.image in validation) == wanted]
            if mine or always:
                yield kind, mine


class _Lines:
    """The lines that a list should have."""

    def __init__(self, out: Path, pieces: list[Rows], *, alone: bool) -> None:
        self._out, self._pieces, self._alone = out, pieces, alone

    def __call__(self) -> Iterator[str]:
        for rows in self._pieces:
            for row in rows.read(self._out):
                yield self._line(row)

    def _line(self, row: Row) -> str:
        name = row.hr.removeprefix("hr/")
        return f"{name.rpartition('/')[2] if self._alone else name} ({row.height},{row.width},3)\n"


def check_list(out: Path, name: str, lines: Callable[[], Iterable[str]], find: Find) -> None:
    """Compare the list `name` with its `lines`; all are in memory only where they differ."""
    wanted: Counter[bytes] = Counter()
    there: Counter[bytes] = Counter()
    try:
        with open(out / name, "rb") as file:
            expected = (line.encode("utf-8", "surrogateescape") for line in lines())
            # A name may hold an end of line; then a pair takes several lines.
            pieces = (piece for line in expected for piece in io.BytesIO(line))
            same = True
            for mine, yours in zip_longest(pieces, file, fillvalue=b""):
                if same and mine == yours:
                    continue
                same = False
                wanted[mine] += 1
                there[yours] += 1
    except FileNotFoundError:
        find(Finding(MISSING, name, "no such list"))
        return
    except OSError as error:
        find(Finding(UNREADABLE, name, error.strerror or str(error)))
        return
    for line in (wanted - there).elements():
        if line:
            find(Finding(LIST, name, f"lacks the line {_shown(line)}"))
    for line in (there - wanted).elements():
        if line:
            find(Finding(LIST, name, f"has a line that no pair stands behind: {_shown(line)}"))
    if not same and wanted == there:
        find(Finding(LIST, name, "the order of the lines is not the manifest's"))


def _shown(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").removesuffix("\n")
