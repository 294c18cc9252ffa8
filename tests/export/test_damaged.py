"""Containers that are damaged: LMDB is never given a file that would end the process."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import lmdb
import numpy as np
import pytest

from srviewer.export.containers.base import StoredError
from srviewer.export.containers.lmdb_sound import require_sound
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
    with lmdb.open(str(folder), map_size=1 << 24, lock=False) as opened:
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
