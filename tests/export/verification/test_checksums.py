"""Checksums as sha256sum reads and writes them, and as a verification looks them up."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from srviewer.errors import ExportError
from srviewer.export.checksums import (
    CHECKSUMS,
    PAIR_CHECKSUMS,
    Checksums,
    PairChecksum,
    write_checksums,
    write_pair_checksums,
)
from srviewer.export.options import FORMATS, Options
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
    checksums = Checksums()
    assert not checksums.there
    checksums.read(tmp_path)
    assert checksums.there
    assert dict(checksums.files()) == dict(known)
    assert checksums["b c.txt"] == known[1][1]
    assert checksums["other"] is None
    checksums.add_pair("b c.txt")
    checksums.add_pair("other")
    assert checksums["b c.txt"] == known[1][1]
    assert "other" in checksums
    assert {"b c.txt", "other"}.isdisjoint(dict(checksums.files()))


@pytest.mark.parametrize("line", [b"\n", b"12 a.txt\n", b"0" * 64 + b"  torn"])
def test_lines_that_are_none(tmp_path, line):
    write(tmp_path)
    with open(tmp_path / CHECKSUMS, "ab") as file:
        file.write(line)
    with pytest.raises(ExportError, match=f"line {len(NAMES) + 1} is not a checksum") as told:
        Checksums().read(tmp_path)
    assert told.value.path == Path(CHECKSUMS)


def test_pairs(tmp_path):
    pairs = [PairChecksum("a,b", "c", "1" * 64, "2" * 64), PairChecksum("d", "e", "3", "4")]
    write_pair_checksums(tmp_path / PAIR_CHECKSUMS, iter(pairs))
    text = (tmp_path / PAIR_CHECKSUMS).read_text()
    assert text.startswith(f'hr,lr,sha256_hr,sha256_lr\n"a,b",c,{"1" * 64},{"2" * 64}\n')
    checksums = Checksums()
    checksums.read_pairs(tmp_path)
    assert [checksums[name] for name in ("a,b", "c", "e")] == ["1" * 64, "2" * 64, "4"]
    assert list(checksums.files()) == []


@needs_sha256sum
@pytest.mark.parametrize("options", [None, Options(validation_share=0.34, seed=3)])
@pytest.mark.parametrize("format", FORMATS)
def test_those_of_an_export(whole, format, options):
    out = whole(format, options)
    sha256sum(out, "-c", "--strict", CHECKSUMS)
    checksums = Checksums()
    checksums.read(out)
    names = [name for name, _ in checksums.files()]
    assert set(names) == tree(out).keys() - {CHECKSUMS}
    assert names == sorted(names, key=os.fsencode)
    lines = (out / CHECKSUMS).read_bytes().splitlines()
    assert [line.partition(b"  ")[2] for line in lines] == list(map(os.fsencode, names))
    packed = (out / PAIR_CHECKSUMS).exists()
    assert packed == (not (out / "hr").is_dir())
    if packed:
        checksums.read_pairs(out)
        assert all(checksums[row[side]] for row in rows_of(out) for side in ("hr", "lr"))
