"""Checksums as sha256sum reads and writes them, and as a verification looks them up."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from srviewer.errors import Cancelled, ExportError
from srviewer.export.checksums import (
    CHECKSUMS,
    PAIR_CHECKSUMS,
    Checksums,
    read_file_checksums,
    read_pair_checksums,
    write_checksums,
    write_pair_checksums,
)
from srviewer.export.options import FOLDERS, FORMATS, Options
from srviewer.export.verification.checking import check_file
from srviewer.pipeline.progress import Progress
from tests.export.helpers import rows_of, tree

NAMES = ["a.txt", "b c.txt", "back\\slash", "new\nline", "re\rturn", "\\", os.fsdecode(b"\xff.bmp")]
needs_sha256sum = pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")


def write(out: Path) -> list[tuple[str, str]]:
    known = []
    for name in NAMES:
        (out / name).write_bytes(os.fsencode(name))
        known.append((name, hashlib.sha256(os.fsencode(name)).hexdigest()))
    write_checksums(out, known)
    return known


def sha256sum(out: Path, *argv: str) -> bytes:
    return subprocess.run(["sha256sum", *argv], cwd=out, check=True, capture_output=True).stdout


@needs_sha256sum
def test_names_are_escaped_as_sha256sum_does(tmp_path):
    write(tmp_path)
    assert (tmp_path / CHECKSUMS).read_bytes() == sha256sum(tmp_path, *NAMES)
    sha256sum(tmp_path, "-c", "--strict", CHECKSUMS)
    assert not list(tmp_path.glob(".*")), "nothing half written is left"


def test_they_are_looked_up_by_name(tmp_path):
    known = write(tmp_path)
    assert list(read_file_checksums(tmp_path)) == known
    checksums = Checksums()
    checksums.add(known, pairs=False)
    assert dict(checksums.files()) == dict(known)
    assert checksums["b c.txt"] == known[1][1]
    assert checksums["other"] is None
    checksums.add([("b c.txt", None), ("other", None)], pairs=True)
    assert checksums["b c.txt"] == known[1][1]
    assert "other" in checksums
    assert {"b c.txt", "other"}.isdisjoint(dict(checksums.files()))


@pytest.mark.parametrize("line", [b"\n", b"12 a.txt\n", b"0" * 64 + b"  torn"])
def test_lines_that_are_none(tmp_path, line):
    write(tmp_path)
    with open(tmp_path / CHECKSUMS, "ab") as file:
        file.write(line)
    with pytest.raises(ExportError, match=f"line {len(NAMES) + 1} is not a checksum") as told:
        list(read_file_checksums(tmp_path))
    assert told.value.path == Path(CHECKSUMS)


@pytest.mark.parametrize("name", [CHECKSUMS, PAIR_CHECKSUMS])
def test_a_list_that_cannot_be_read_is_named(tmp_path, name):
    (tmp_path / name).mkdir()
    read = read_file_checksums if name == CHECKSUMS else read_pair_checksums
    with pytest.raises(ExportError, match="a folder in the place of a plain file") as told:
        list(read(tmp_path))
    assert told.value.path == Path(name)


def test_pairs(tmp_path):
    one, two = "12" * 32, "ab" * 32
    write_pair_checksums(tmp_path, iter([("a,b", "c", one, two), ("d", "e", two, one)]))
    text = (tmp_path / PAIR_CHECKSUMS).read_text()
    assert text.startswith(f'hr,lr,sha256_hr,sha256_lr\n"a,b",c,{one},{two}\n')
    found = [("a,b", one), ("c", two), ("d", two), ("e", one)]
    assert list(read_pair_checksums(tmp_path)) == found


@needs_sha256sum
@pytest.mark.parametrize("options", [None, Options(validation_share=0.34, seed=3)])
@pytest.mark.parametrize("format", FORMATS)
def test_those_of_an_export(whole, format, options):
    out = whole(format, options)
    sha256sum(out, "-c", "--strict", CHECKSUMS)
    assert dict(read_file_checksums(out)).keys() == tree(out).keys() - {CHECKSUMS, "README.md"}
    assert (out / PAIR_CHECKSUMS).exists() == (format not in FOLDERS)
    if (out / PAIR_CHECKSUMS).exists():
        pairs = [place for row in rows_of(out) for place in (row["hr"], row["lr"])]
        assert [name for name, _ in read_pair_checksums(out)] == pairs


def test_want_of_room_among_temporary_files_is_told():
    sums = Checksums()
    sums._names.execute("PRAGMA max_page_count = 4")
    with pytest.raises(ExportError, match="no room for the names of all pairs"):
        sums.add(((f"{number:0100}", None) for number in range(1000)), pairs=True)


def test_a_large_file_is_left_in_the_midst_of_it(tmp_path):
    (tmp_path / "data.mdb").write_bytes(bytes(5 << 20))
    looks = []
    progress = Progress()
    progress.cancel.is_set = lambda: looks.append(1) or len(looks) > 2
    with pytest.raises(Cancelled):
        check_file(tmp_path, "data.mdb", "0" * 64, progress)
    assert len(looks) == 3
