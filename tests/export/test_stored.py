"""Payloads on disk that are cut off, or are not what they should be."""

import contextlib
import io
import tarfile

import numpy as np
import pytest

from srviewer.errors import ExportError
from srviewer.export.checksums import PAIR_CHECKSUMS, read_pair_checksums, write_pair_checksums
from srviewer.export.containers import pictures
from srviewer.export.containers.base import NotThereError, Reader, StoredError
from srviewer.export.containers.webdataset_pairs import WebdatasetPairs
from srviewer.export.spool import new_spool, read_spool, spool_name

PAIRS = [(b"high", b"low"), (b"", b"only low"), (bytes(999), b"")]


def test_a_spool_is_read_as_it_was_written_and_told_where_it_is_cut_off(tmp_path):
    (tmp_path / spool_name("a")).parent.mkdir()
    with new_spool(tmp_path, "a") as write:
        for pair in PAIRS:
            write(*pair)
    assert list(read_spool(tmp_path, "a")) == PAIRS
    file = tmp_path / spool_name("a")
    whole, ends = file.read_bytes(), [0]
    for pair in PAIRS:
        ends.append(ends[-1] + 8 + len(pair[0]) + len(pair[1]))
    for length in range(60):
        file.write_bytes(whole[:length])
        if length in ends:
            assert list(read_spool(tmp_path, "a")) == PAIRS[: ends.index(length)]
        else:
            with pytest.raises(ExportError, match="ends within a pair"):
                list(read_spool(tmp_path, "a"))


def test_a_patch_that_no_encoder_takes_is_told(monkeypatch):
    monkeypatch.setattr(pictures.cv2, "imencode", lambda *_: (False, None))
    with pytest.raises(ExportError, match="a patch of 7 x 5 px as png failed"):
        pictures.encode_picture(np.zeros((5, 7, 3), np.uint8), "png")


def test_only_whole_plain_files_of_a_shard_are_values(tmp_path):
    with tarfile.open(tmp_path / "pairs-000000.tar", "w") as shard:
        member = tarfile.TarInfo("a.hr.png")
        member.size = 4
        shard.addfile(member, io.BytesIO(b"data"))
        link = tarfile.TarInfo("b.hr.png")
        link.type, link.linkname = tarfile.SYMTYPE, "a.hr.png"
        shard.addfile(link)
    container = WebdatasetPairs(33, 33, 10)
    opened = container.open(tmp_path / "pairs-000000.tar")
    assert container.value(opened, "a.hr.png") == b"data"
    assert container.count(opened) == 2
    with pytest.raises(StoredError, match="no plain file in the shard"):
        container.value(opened, "b.hr.png")
    with pytest.raises(NotThereError, match="no such member"):
        container.value(opened, "c.hr.png")
    opened.close()


def test_a_shard_that_is_cut_off_anywhere_gives_whole_values_or_none(tmp_path):
    shard, values = tmp_path / "pairs-000000.tar", {"a": b"a" * 600, "b": b"b" * 512}
    with tarfile.open(shard, "w") as file:
        for name, data in values.items():
            member = tarfile.TarInfo(f"{name}.hr.png")
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    whole, read = shard.read_bytes(), dict.fromkeys(values, 0)
    for length in range(0, 4000, 7):
        shard.write_bytes(whole[:length])
        for name, data in values.items():
            container = WebdatasetPairs(33, 33, 10)
            with contextlib.suppress(StoredError), Reader(tmp_path, container) as reader:
                assert reader.value(f"{shard.name}/{name}.hr.png") == data
                read[name] += 1
    assert read["a"] > read["b"] > 0


@pytest.mark.parametrize("row", ["a,b,c", "a,b,0123,4567", f"a,b,{'0' * 64},{'g' * 64}", '"'])
def test_a_row_that_holds_no_checksum_is_named(tmp_path, row):
    sums = "1" * 64, "2" * 64
    write_pair_checksums(tmp_path, [("x/hr", "x/lr", *sums)])
    assert dict(read_pair_checksums(tmp_path)) == dict(zip(("x/hr", "x/lr"), sums, strict=True))
    with open(tmp_path / PAIR_CHECKSUMS, "a") as file:
        file.write(f"{row}\n")
    with pytest.raises(ExportError, match="line 3 is not a checksum"):
        list(read_pair_checksums(tmp_path))
