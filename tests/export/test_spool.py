"""Pairs that wait to be packed, read back."""

import tracemalloc

import pytest

from srviewer.errors import ExportError
from srviewer.export.spool import SPOOL, new_spool, read_spool, spool_name

PAIRS = [(b"high" * 9, b"low"), (b"", b"l")]


@pytest.fixture
def spooled(tmp_path):
    (tmp_path / SPOOL).mkdir()
    with new_spool(tmp_path, "a.png") as write:
        for pair in PAIRS:
            write(*pair)
    return tmp_path / spool_name("a.png")


def test_pairs_come_back(tmp_path, spooled):
    assert list(read_spool(tmp_path, "a.png")) == PAIRS


@pytest.mark.parametrize(
    "start", [b"\xff\xff\xff\xff\0\0\0\0", b"\x24\0\0\0\xff\xff\xff\x7f", b"\1"]
)
def test_lengths_beyond_the_file_take_no_memory(tmp_path, spooled, start):
    spooled.write_bytes(start + spooled.read_bytes()[len(start) :] * (len(start) > 1))
    tracemalloc.start()
    try:
        with pytest.raises(ExportError, match="ends within a pair"):
            list(read_spool(tmp_path, "a.png"))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
