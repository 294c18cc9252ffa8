"""Marks of files: what they hold, and that they are still the same without reading them."""

import hashlib
import os
from pathlib import Path

import pytest

from srviewer.errors import ReadError
from srviewer.runs.marks import (
    are_unchanged,
    fingerprint,
    is_unchanged,
    look_at_files,
    mark_file,
    mark_files,
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return two files of different content."""
    found = [tmp_path / "hr.png", tmp_path / "lr.png"]
    for number, file in enumerate(found):
        file.write_bytes(b"content" * (9 + number))
        os.utime(file, ns=(0, 10**18 + number))
    return found


def test_a_mark_tells_the_content_and_a_look_whether_it_is_the_same(files):
    one = files[0]
    mark = mark_file(one)
    assert (mark.bytes, mark.mtime_ns) == (63, 10**18)
    assert mark.sha256 == fingerprint(one) == hashlib.sha256(b"content" * 9).hexdigest()
    assert mark_files([one]) == mark
    for is_same in (is_unchanged(one, mark), are_unchanged([one], mark)):
        assert is_same
    os.utime(one, ns=(0, 10**18 + 1))
    assert not is_unchanged(one, mark)
    assert mark_file(one).sha256 == mark.sha256
    one.unlink()
    assert not is_unchanged(one, mark)
    assert not are_unchanged([one], mark)
    with pytest.raises(ReadError, match="No such file"):
        mark_file(one)


def test_the_mark_of_a_pair_is_that_of_both_files_in_their_order(files):
    mark = mark_files(files)
    assert mark.bytes == 63 + 70
    assert look_at_files(files) == (mark.bytes, mark.mtime_ns)
    assert are_unchanged(files, mark)
    turned = mark_files(files[::-1])
    assert turned.sha256 not in (mark.sha256, *map(fingerprint, files))
    assert not are_unchanged(files[::-1], mark)


@pytest.mark.parametrize("side", [0, 1])
def test_a_change_of_either_file_changes_the_mark_of_a_pair(files, side):
    mark, times = mark_files(files), files[side].stat().st_mtime_ns
    os.utime(files[side], ns=(0, times + 1))
    assert not are_unchanged(files, mark)
    assert mark_files(files).sha256 == mark.sha256
    files[side].write_bytes(b"CONTENT" * (9 + side))
    os.utime(files[side], ns=(0, times))
    assert are_unchanged(files, mark), "which only reading tells"
    assert mark_files(files).sha256 != mark.sha256
    files[side].unlink()
    assert not are_unchanged(files, mark)
