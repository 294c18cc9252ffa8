import struct

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats.png import read_png
from srviewer.pipeline.formats.raster import LEFT_AS_STORED
from srviewer.pipeline.formats.told import JxlHeader, Told, read_jxl_header, told_of
from srviewer.pipeline.formats.with_pillow import decode_with_pillow
from srviewer.pipeline.reading import read_image
from tests.photos import crop
from tests.pipeline.formats.writers import chunk, png, wide_profile

RGB = crop("coffee", 200, 100, 16, 12)
# 0 to 15 in 4 bits, 4 x 4 px, written by OpenJPEG.
FOUR_BITS = bytes.fromhex(
    "ff4fff510029000000000004000000040000000000000000000000040000000400000000000000000001030101"
    "ff52000c00000001000004040001ff5c00044020ff90000a00000000001a0001ff93df2090120f849642e1ba6d"
    "f1ffd9"
)
_BOXES = "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20"


@pytest.mark.parametrize(
    ("start", "told"),
    [  # as libjxl writes them
        ("ff0a181010090804010078004b18", JxlHeader()),
        ("ff0a18101450b408080401007800", JxlHeader(bits=10)),
        ("ff0a18101850b408080401007800", JxlHeader(bits=12)),
        (f"{_BOXES}000000096a786c6c0a000000356a786c63ff0a1810fc00142d0208", JxlHeader(bits=16)),
        (f"{_BOXES}000000b96a786c63ff0a18107200458b0804", JxlHeader(bits=32, is_float=True)),
        ("ff0a181041130088090804010078004b18", JxlHeader(is_animated=True)),
        (f"{_BOXES}000000016a786c78", JxlHeader()),
        ("ff0a", JxlHeader()),
    ],
)
def test_a_jpeg_xl_tells_depth_and_frames(start, told):
    found = read_jxl_header(bytes.fromhex(start))
    assert (found.is_float, found.is_animated) == (told.is_float, told.is_animated)
    assert found.is_float or found.bits == told.bits


def test_a_floating_jpeg_xl_is_refused():
    with pytest.raises(ReadError, match="floating-point"):
        told_of(bytes.fromhex(f"{_BOXES}000000b96a786c63ff0a18107200458b0804"), "JXL")


def test_few_bits_of_a_jpeg_2000_go_up_to_white():
    found = decode_with_pillow(FOUR_BITS, "JPEG2000")
    np.testing.assert_array_equal(found.samples[..., 0], np.arange(16).reshape(4, 4))
    assert (found.bits, found.stored) == (4, "grey")


def _with_space(space: int, bits: int = 8) -> bytes:
    stream = bytearray(FOUR_BITS)
    stream[42] = bits - 1
    return b"\0\0\0\x0fcolr\1\0\0" + struct.pack(">I", space) + bytes(stream)


def test_colour_spaces_of_jpeg_2000_are_taken_told_or_refused():
    for space in (16, 17, 18):
        assert told_of(_with_space(space), "JPEG2000") == Told()
    assert told_of(_with_space(21), "JPEG2000").colour_notes == (f"ROMM RGB{LEFT_AS_STORED}",)
    for space, bits, words in ((14, 8, "colour space 14"), (18, 10, "YCbCr of 10 bits")):
        with pytest.raises(ReadError, match=words):
            told_of(_with_space(space, bits), "JPEG2000")
    uneven = FOUR_BITS[:40] + bytes((0, 3, 4, 1, 1, 5, 1, 1, 4))
    with pytest.raises(ReadError, match="5 and 6-bit samples"):
        told_of(uneven, "JPEG2000")


@pytest.mark.parametrize("ending", ["jpg", "webp", "png"])
def test_adobe_rgb_in_exif_alone_is_a_note(tmp_path, ending):
    note = f"EXIF tells of Adobe RGB, without a colour profile{LEFT_AS_STORED}"
    for told in ({0xA001: 2}, {0xA001: 65535, 0xA005: {1: "R03"}}):
        exif = Image.Exif()
        exif[0x8769] = told
        Image.fromarray(RGB).save(tmp_path / f"a.{ending}", exif=exif)
        assert read_image(tmp_path / f"a.{ending}").notes == (note,)
    profile = {"exif": exif, "icc_profile": wide_profile()}
    Image.fromarray(RGB).save(tmp_path / f"a.{ending}", **profile)
    assert note not in read_image(tmp_path / f"a.{ending}").notes


def test_colours_that_are_told_by_numbers_are_noted():
    def boxes(primaries: int, transfer: int) -> bytes:
        return b"....colrnclx" + bytes((0, primaries, 0, transfer, 0, 6, 128))

    for primaries, transfer in ((1, 13), (2, 2)):
        assert told_of(boxes(primaries, transfer), "HEIF") == Told()
    for primaries, transfer in ((12, 13), (1, 8)):
        note = f"nclx (primaries {primaries}, transfer {transfer}){LEFT_AS_STORED}"
        assert told_of(boxes(primaries, transfer), "AVIF").colour_notes == (note,)
        assert told_of(boxes(primaries, transfer) + b"colrprof", "AVIF") == Told()
    assert told_of(b"....hvcC" + bytes(17) + b"\xfa", "HEIF").bits == 10
    narrow = read_png(png(RGB, chunk(b"cICP", b"\x01\x0d\0\0")))
    assert narrow.colour_notes == (f"cICP (from 16 to 235){LEFT_AS_STORED}",)


def test_a_profile_elsewhere_and_an_alpha_mask_of_a_bmp_are_told():
    head = bytearray(146)
    head[14:18], head[70:74] = (124).to_bytes(4, "little"), b"KNIL"
    assert "in another file" in told_of(bytes(head), "BMP").colour_notes[0]
    head[30], head[69] = 3, 0x80
    assert told_of(bytes(head), "BMP").has_alpha
