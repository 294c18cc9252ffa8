"""Containers that are damaged: LMDB is never given a file that would end the process."""

import random
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from srviewer.export.containers.base import NotThereError, Reader, ShapeError, StoredError
from srviewer.export.containers.hdf5_pairs import Hdf5Pairs
from srviewer.export.containers.lmdb_sound import require_sound
from srviewer.export.containers.parquet_pairs import ParquetPairs
from srviewer.export.options import FORMATS
from srviewer.export.target import Target
from srviewer.pipeline.recipe import Recipe
from tests.conftest import REPOSITORY

DAMAGES = 250

# Reads all that a file holds in a process of its own, and tells how that ended.
_READ = """
import sys, lmdb
from pathlib import Path
from srviewer.export.containers.base import StoredError
from srviewer.export.containers.lmdb_pairs import LmdbPairs
for name in sys.argv[1:]:
    try:
        opened = LmdbPairs(12, 12).open(Path(name))
        LmdbPairs(12, 12).count(opened)
        for number in range(400):
            try:
                LmdbPairs(12, 12).value(opened, f"key{number:04}")
            except StoredError:
                pass
        opened.close()
    except (StoredError, lmdb.Error):
        pass
print("read")
"""


def environment(folder: Path, count: int, most: int = 6000) -> Path:
    sizes = np.random.default_rng(0).integers(1, most, count)
    with lmdb.open(str(folder), map_size=1 << 24, lock=False, sync=False) as opened:
        for number, size in enumerate(sizes):
            with opened.begin(write=True) as transaction:
                transaction.put(b"key%04d" % number, b"v" * int(size))
    return folder / "data.mdb"


def check(path: Path) -> None:
    found = path.stat()
    require_sound(path, found.st_size, found.st_mtime_ns, found.st_ino)


@pytest.mark.parametrize(("count", "most"), [(0, 2), (1, 2), (3, 9000), (400, 40), (300, 6000)])
def test_what_lmdb_has_written_is_sound(tmp_path, count, most):
    check(environment(tmp_path, count, most))


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path):
    path = environment(tmp_path, 300)
    data = path.read_bytes()
    for size in [*range(0, 9000, 700), *range(9000, len(data) - 4096, 50_000)]:
        path.write_bytes(data[:size])
        with pytest.raises(StoredError, match=r"cut off|damaged"):
            check(path)


def test_no_damage_ends_the_process_that_reads(tmp_path):
    data = environment(tmp_path / "whole", 400).read_bytes()
    chance, paths = random.Random(0), []
    pages = range(0, len(data), 4096)
    trees = [page for page in pages if data[page + 10] in (1, 2)]  # branches and leaves
    for number in range(DAMAGES):
        damaged = bytearray(data)
        page = chance.choice((0, 4096, chance.choice(pages), *[chance.choice(trees)] * 3))
        entry = page + 16 + 2 * chance.randrange(8)
        node = page + int.from_bytes(data[entry : entry + 2], "little") % 4088
        field = chance.choice((page, page + 24, entry, node, node)) + 2 * chance.randrange(8)
        damaged[field : field + 2] = chance.choice((b"\0\0", b"\xff\xff", chance.randbytes(2)))
        if chance.random() < 0.2:  # a sector, as a disk loses it
            at = chance.randrange(len(data)) // 512 * 512
            damaged[at : at + 512] = bytes(512)
        path = tmp_path / f"{number}" / "data.mdb"
        path.parent.mkdir()
        path.write_bytes(damaged)
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", _READ, *paths], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "read\n"), done.stderr[-2000:]


# Each thing that LMDB would trust, alone

PAGE, HEAD = 4096, 16  # bytes of a page, and of what begins it
SIZE, FLAGS, DEPTH, ROOT, LAST, TRANSACTION = (HEAD + at for at in (24, 76, 78, 112, 120, 128))


def number(data: bytes, at: int, kind: str) -> int:
    return struct.unpack_from(f"={kind}", data, at)[0]


def newest(data: bytes) -> int:
    return max((0, PAGE), key=lambda at: number(data, at + TRANSACTION, "Q"))


def refuse(path: Path, data: bytes, words: str, *changes: tuple[int, str, int]) -> None:
    """Fail unless the file is refused in `words` once numbers are put at places."""
    damaged = bytearray(data)
    for at, kind, value in changes:
        struct.pack_into(f"={kind}", damaged, at, value)
    path.write_bytes(damaged)
    with pytest.raises(StoredError, match=words):
        check(path)


def test_a_head_that_leads_elsewhere_is_refused(tmp_path):
    path = environment(tmp_path, 400, 40)
    data = path.read_bytes()
    head = newest(data)
    for at, kind, value, words in (
        (SIZE, "I", 512, "its head"),
        (SIZE, "I", 4095, "its head"),
        (FLAGS, "H", 4, "its head"),
        (DEPTH, "H", 33, "its head"),
        (DEPTH, "H", 0, "its head"),
        (ROOT, "Q", 2**64 - 1, "its head"),
        (LAST, "Q", 10**6, "cut off"),
        (ROOT, "Q", 1, "there is no page 1"),
        (ROOT, "Q", number(data, head + LAST, "Q") + 1, "there is no page"),
    ):
        refuse(path, data, words, (head + at, kind, value))


def test_pages_that_lead_elsewhere_are_refused(tmp_path):
    path = environment(tmp_path, 400, 40)
    data = path.read_bytes()
    head = newest(data)
    root = number(data, head + ROOT, "Q")
    branch, count = root * PAGE, (number(data, root * PAGE + 12, "H") - HEAD) // 2
    nodes = [branch + number(data, branch + HEAD + 2 * n, "H") for n in range(count)]
    leaf = PAGE * (number(data, nodes[0], "H") | number(data, nodes[0] + 2, "H") << 16)
    node = leaf + number(data, leaf + HEAD, "H")
    assert number(data, head + DEPTH, "H") == 2
    assert (number(data, branch + 10, "H"), number(data, leaf + 10, "H")) == (1, 2)
    page = f"page {leaf // PAGE}"
    refuse(path, data, f"page {root}", (branch + 10, "H", 2))  # a leaf in a branch's place
    refuse(path, data, page, (leaf, "Q", 99))  # the number of another page
    refuse(path, data, page, (leaf + 12, "H", HEAD + 3))  # half an entry
    refuse(path, data, page, (leaf + 12, "H", PAGE))  # more entries than there is room for
    refuse(path, data, page, (leaf + HEAD, "H", PAGE - 4))  # an entry beyond the end
    refuse(path, data, page, (node + 6, "H", PAGE))  # a key that is too long
    refuse(path, data, page, (node, "H", PAGE))  # a value that is too long
    refuse(path, data, page, (node + 4, "H", 2))  # a tree of its own
    refuse(path, data, "there is no page 0", (node + 4, "H", 1), (node + 15, "Q", 0))
    refuse(path, data, f"page {root}", (node + 4, "H", 1), (node + 15, "Q", root))
    last = PAGE - 4 - (node - leaf) - 8  # of a key that leaves no room for the number of a page
    refuse(path, data, page, (node + 4, "H", 1), (node + 6, "H", last))
    loop = [(at, "Q", root | number(data, at + 6, "H") << 48) for at in nodes]
    refuse(path, data, "there twice", (head + DEPTH, "H", 32), *loop)


# HDF5


def stored(path: Path, make: Callable[[h5py.File], object]) -> Path:
    with h5py.File(path, "w") as file:
        file["elsewhere"] = np.zeros((3, 8, 8), np.float32)
        file["lr"] = np.zeros((3, 4, 4), np.float32)
        make(file)
    return path


def link_to(file: h5py.File, link: object) -> None:
    file["hr"] = link


def external(file: h5py.File) -> None:
    file.create_dataset("hr", (3, 8, 8), np.float32, external=[("/etc/hostname", 0, 768)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((3, 8, 8), np.float32)
    layout[:] = h5py.VirtualSource("other.h5", "hr", (3, 8, 8))
    file.create_virtual_dataset("hr", layout)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: link_to(file, h5py.SoftLink("/elsewhere")), "is a link"),
        (lambda file: link_to(file, h5py.ExternalLink("a.h5", "hr")), "is a link"),
        (external, "no dataset with values of its own"),
        (virtual, "no dataset with values of its own"),
        (lambda file: link_to(file, np.dtype("f4")), "no dataset with values of its own"),
        (lambda file: file.create_group("hr"), "hr is not a dataset"),
        (lambda file: link_to(file, np.zeros((3, 8, 8))), "float64, (8, 8)"),
        (lambda file: link_to(file, np.zeros((3, 8, 9), "f4")), "float32, (8, 9)"),
        (lambda file: None, "no such index"),
    ],
)
def test_a_dataset_that_is_not_what_an_export_writes_is_refused(tmp_path, make, words):
    pairs = Hdf5Pairs(8, 4, False, "y")
    opened = pairs.open(stored(tmp_path / "pairs.h5", make))
    with opened, pytest.raises(StoredError) as caught:
        pairs.value(opened, "hr/0")
    assert words in f"{caught.value.cause} {caught.value.value}"


@pytest.mark.parametrize("key", ["hr/3", "hr/-1", "hr/1e0", f"hr/{10**19}", "elsewhere/0", "0"])
def test_an_index_that_is_none_is_not_there(tmp_path, key):
    pairs = Hdf5Pairs(8, 4, False, "y")
    path = stored(tmp_path / "pairs.h5", lambda file: link_to(file, np.ones((3, 8, 8), "f4")))
    with pairs.open(path) as opened:
        assert pairs.value(opened, "hr/2") == np.ones((8, 8), "<f4").tobytes()
        assert pairs.count(opened) == 6
        with pytest.raises(NotThereError):
            pairs.value(opened, key)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "no such dataset in the group"),
        (np.zeros((8, 8, 3), np.uint16), "uint16"),
        (np.zeros((8, 8), np.uint8), "uint8, (8, 8)"),
        ("group", "a group"),
    ],
)
def test_a_group_that_is_not_what_an_export_writes_is_refused(tmp_path, value, words):
    pairs = Hdf5Pairs(8, 4, False, "rgb", channels_last=True)
    path = tmp_path / "pairs.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("hr")
        group["1"] = group["2"] = np.ones((8, 8, 3), np.uint8)
        if value is not None:
            group["0"] = file.create_group("inner") if isinstance(value, str) else value
        file["lr"] = np.zeros((2, 4, 4, 3), np.uint8)
    with pairs.open(path) as opened:
        assert pairs.value(opened, "hr/1") == bytes([1]) * 192
        with pytest.raises(StoredError) as caught:
            pairs.value(opened, "hr/0")
        assert words in f"{caught.value.cause} {caught.value.value}"
        with pytest.raises(StoredError, match="lr is not a group"):
            pairs.value(opened, "lr/0")


@pytest.mark.parametrize("more", [-1, 1, 4])
def test_values_of_another_length_are_not_decoded(more):
    pairs = Hdf5Pairs(8, 4, False, "y")
    values = np.arange(64, dtype="<f4").tobytes()
    assert pairs.decode(values, "hr", (8, 8)).ravel().tolist() == list(range(64))
    with pytest.raises(ShapeError) as caught:
        pairs.decode((values + bytes(4))[: 256 + more], "hr", (8, 8))
    assert (caught.value.value, caught.value.allowed) == (f"{256 + more}", "256 bytes of values")


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_place_that_is_in_no_container_is_not_there(tmp_path, format):
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "a.png").write_bytes(b"high")
    with Reader(tmp_path, None) as reader:
        assert reader.value("hr/a.png") == b"high"
    container = Target(tmp_path, Recipe(), format).container
    with Reader(tmp_path, container) as reader, pytest.raises(NotThereError, match="not a place"):
        reader.value("hr/a.png")


# Parquet


def test_a_shard_that_is_not_what_an_export_writes_is_refused(tmp_path):
    pairs, path = ParquetPairs(8, 4, 10), tmp_path / "pairs-000000.parquet"
    parquet.write_table(pyarrow.table({"hr": ["a"], "lr": ["b"]}), path)
    with pytest.raises(StoredError, match="not what the recipe makes"):
        pairs.open(path)
    pictures = [{"bytes": b"high", "path": "a"}, {"bytes": None, "path": "b"}, None]
    schema = pairs._schema()
    rows = [{"hr": one, "lr": one} for one in pictures]
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema), path, row_group_size=2)
    with closing(pairs.open(path)) as opened:
        assert pairs.value(opened, "hr/0") == b"high"
        assert pairs.count(opened) == 6
        for key in ("hr/1", "hr/2"):
            with pytest.raises(StoredError, match="no picture in this row"):
                pairs.value(opened, key)
        for key in ("hr/3", "hr/x", f"hr/{10**18}", "other/0", "hr"):
            with pytest.raises(NotThereError, match="no such row"):
                pairs.value(opened, key)
