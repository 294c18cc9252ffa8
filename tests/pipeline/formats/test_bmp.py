import io
import struct

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats import bmp
from srviewer.pipeline.formats.bmp import read_bmp
from srviewer.pipeline.reading import read_image
from tests.photos import crop

RGB = crop("coffee", 200, 100, 64, 48)


@pytest.mark.parametrize("width", [1, 61, 62, 63, 64])
def test_a_plain_bmp_lies_there_as_it_is(width):
    file = io.BytesIO()
    Image.fromarray(RGB[:, :width]).save(file, "BMP")
    data = bytearray(file.getvalue())
    np.testing.assert_array_equal(read_bmp(bytes(data)).samples, RGB[:, :width])
    with pytest.raises(ReadError, match="damaged: truncated"):
        read_bmp(bytes(data[:-9]))
    struct.pack_into("<i", data, 22, -48)  # from the top
    np.testing.assert_array_equal(read_bmp(bytes(data)).samples, RGB[::-1, :width])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_others_are_as_pillow_reads_them(tmp_path, mode):
    Image.fromarray(RGB).convert(mode).save(tmp_path / "a.bmp")
    with Image.open(tmp_path / "a.bmp") as opened:
        np.testing.assert_array_equal(
            read_image(tmp_path / "a.bmp").rgb, np.asarray(opened.convert("RGB"))
        )


def _runs(*rows: bytes, end: bytes = b"\0\1", bits: int = 8) -> bytes:
    body = b"\0\0".join(rows) + end
    table = bytes(range(4)) * (1 << bits)
    at = 54 + len(table)
    start = struct.pack("<2sIHHI", b"BM", at + len(body), 0, 0, at)
    how = 1 if bits == 8 else 2
    info = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, bits, how, len(body), 0, 0, 1 << bits, 0)
    return start + info + table + body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_runs(b"\4\1", b"\4\2"), ""),
        (_runs(b"\4\1", b"\4\2", end=b"\0\0\0\1"), ""),
        (_runs(b"\4\1", b"\4\2", end=b""), ""),
        (_runs(b"\0\3abc\0\1\1", b"\4\2"), ""),
        (_runs(b"\0\4\x12\x34", b"\4\2", bits=4), ""),
        (_runs(b"\0\3\x12\x30\1\1", b"\4\2", bits=4), ""),
        (_runs(b"\5\1", b"\4\2"), "runs of colours do not fit"),
        (_runs(b"\4\1", b"\4\2", b"\4\3"), "runs of colours do not fit"),
        (_runs(b"\3\1", b"\4\2"), "no run tells of"),
        (_runs(b"\2\1\0\2\1\0\1\1", b"\4\2"), "no run tells of"),
    ],
)
def test_runs_that_do_not_fit_are_told(data, words):
    assert [words in one for one in read_bmp(data).damage] == [True] * bool(words)


def test_what_pillow_does_not_support_is_not_called_damaged(tmp_path):
    data = bytearray(_runs(b"\4\1"))
    data[28] = 2  # bits
    (tmp_path / "a.bmp").write_bytes(data)
    with pytest.raises(ReadError, match=r"unsupported BMP .*, which is not read; save it as PNG"):
        read_image(tmp_path / "a.bmp")


def test_runs_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(bmp, "MOST_RUNS", 9)
    assert read_bmp(_runs(b"\4\1", b"\4\2")).damage == ()
    with pytest.raises(ReadError, match="run lengths of"):
        read_bmp(_runs(b"\4\1", b"\4\2", b"\4\1"))
