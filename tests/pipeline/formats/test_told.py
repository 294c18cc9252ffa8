import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats.png import NARROW, read_png
from srviewer.pipeline.formats.raster import BEYOND_PALETTE, BROKEN_PROFILE, LEFT_AS_STORED
from srviewer.pipeline.formats.told import JxlHeader, Told, read_jxl_header, told_of
from srviewer.pipeline.formats.with_pillow import decode_with_pillow
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.suffixes import register_extras
from tests.photos import crop
from tests.pipeline.formats.writers import chunk, grey_profile, png, wide_profile

RGB = crop("coffee", 200, 100, 16, 12)
# 0 to 15 in 4 bits, 4 x 4 px, written by OpenJPEG.
FOUR_BITS = bytes.fromhex(
    "ff4fff510029000000000004000000040000000000000000000000040000000400000000000000000001030101"
    "ff52000c00000001000004040001ff5c00044020ff90000a00000000001a0001ff93df2090120f849642e1ba6d"
    "f1ffd9"
)
# 4 x 4 px of 16 bits, written by libjxl.
DEEP_GREY_WITH_ALPHA = bytes.fromhex(
    "0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20000000096a786c6c0a000000"
    "636a786c63ff0a1810fc087e008a1b010800100028014b188b15420a503794a8d4a507f8050e004000bf754d"
    "d7b09ce0bf291496218df774f268c3e9ac302f17b219d5059db258ba415b56d26fab4930884f2a10cb2517d9"
    "02700060bb802d00"
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


def test_few_bits_of_inks_are_refused():
    inks = saved("jp2", np.dstack([RGB, RGB[..., :1]]))
    stream = bytearray(_in_boxes(inks, b"", b"colr\1\0\0\0\0\0\x0c"))
    with Image.open(io.BytesIO(stream)) as opened:
        assert opened.mode == "CMYK"
    at = stream.index(b"\xff\x4f\xff\x51") + 42
    stream[at : at + 12 : 3] = bytes([3] * 4)
    with pytest.raises(ReadError, match="CMYK of 4 bits, which is not read; save it as RGB"):
        decode_with_pillow(bytes(stream), "JPEG2000")


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
    assert narrow.colour_notes == (NARROW,)
    profile = chunk(b"iCCP", b"wide\0\0" + zlib.compress(wide_profile()))
    assert read_png(png(RGB, chunk(b"cICP", b"\x01\x0d\0\0"), profile)).colour_notes == (NARROW,)
    assert read_png(png(RGB, chunk(b"cICP", b"\x0c\x0d\0\1"), profile)).colour_notes == ()


def test_a_profile_elsewhere_and_an_alpha_mask_of_a_bmp_are_told():
    head = bytearray(146)
    head[14:18], head[70:74] = (124).to_bytes(4, "little"), b"KNIL"
    assert "in another file" in told_of(bytes(head), "BMP").colour_notes[0]
    head[30], head[69] = 3, 0x80
    assert told_of(bytes(head), "BMP").has_alpha


def saved(ending: str, pixels: np.ndarray = RGB, **how: object) -> bytes:
    """Return the file that Pillow makes of `pixels`."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, Image.registered_extensions()[f".{ending}"], **how)
    return file.getvalue()


def read(folder, ending: str, data: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    (folder / f"a.{ending}").write_bytes(data)
    image = read_image(folder / f"a.{ending}")
    return image.rgb, image.notes


@pytest.mark.parametrize("ending", ["jpg", "webp", "png"])
def test_exif_that_cannot_be_read_is_a_note(tmp_path, ending):
    exif = Image.Exif()
    exif[0x0112] = 6
    whole, plain = (saved(ending, lossless=True, **more) for more in ({"exif": exif}, {}))
    at = whole.index(b"MM\0*")
    rgb, notes = read(tmp_path, ending, whole)
    np.testing.assert_array_equal(rgb, np.rot90(read(tmp_path, ending, plain)[0], -1))
    assert notes == ("EXIF orientation 6 applied",)
    for place, value in ((0, b"QQ\0*"), (4, b"\0\0\xff\0"), (8, b"\0\xff\0\0")):
        exif = whole[at : at + place] + value + whole[at + place + len(value) : at + 26]
        if ending == "png":
            data = plain[:33] + chunk(b"eXIf", exif) + plain[33:]
        else:
            data = whole[:at] + exif + whole[at + 26 :]
        rgb, (note,) = read(tmp_path, ending, data)
        np.testing.assert_array_equal(rgb, read(tmp_path, ending, plain)[0])
        assert note == "damaged: EXIF is broken, so that the orientation is not known"


def _in_boxes(stored: bytes, more: bytes, colours: bytes = b"") -> bytes:
    """Return a JPEG 2000 with a box `more` in its header, or other `colours`."""

    def sized(body: bytes) -> bytes:
        return struct.pack(">I", 4 + len(body)) + body if body else b""

    at = stored.index(b"jp2h") - 4
    length = int.from_bytes(stored[at : at + 4], "big")
    inner = stored[at + 8 : at + length]
    if colours:
        inner = inner[: inner.index(b"colr") - 4] + sized(colours)
    return stored[:at] + sized(b"jp2h" + inner + sized(more)) + stored[at + length :]


def test_colours_of_jpeg_2000_in_another_order_are_refused(tmp_path):
    def cdef(*channels: tuple[int, int, int]) -> bytes:
        numbers = [number for channel in channels for number in channel]
        return b"cdef" + struct.pack(f">H{len(numbers)}H", len(channels), *numbers)

    stored = saved("jp2")
    usual = _in_boxes(stored, cdef((0, 0, 1), (1, 0, 2), (2, 0, 3)))
    np.testing.assert_array_equal(read(tmp_path, "jp2", usual)[0], RGB)
    turned = _in_boxes(stored, cdef((0, 0, 3), (1, 0, 2), (2, 0, 1)))
    by_another = cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_COLOR_RGB)
    np.testing.assert_array_equal(by_another, RGB[..., ::-1])
    with pytest.raises(ReadError, match="colours in another order than RGB"):
        read(tmp_path, "jp2", turned)
    four = saved("jp2", np.dstack([RGB, RGB[..., :1]])).replace(b"cdef", b"none")
    colours = [(0, 0, 1), (1, 0, 2), (2, 0, 3)]
    for data, words in (
        (_in_boxes(four, cdef(*colours, (3, 2, 0))), "multiplied by their alpha"),
        (_in_boxes(four, cdef((0, 1, 0), (1, 0, 1), (2, 0, 2), (3, 0, 3))), "in another order"),
        (_in_boxes(stored, b"cmap" + bytes((0, 0, 1, 2, 0, 0, 1, 1, 0, 0, 1, 0))), "a palette in"),
        (_in_boxes(stored, b"", b"colr\1\0\0" + bytes(4)), "white-is-zero in JPEG 2000"),
    ):
        with pytest.raises(ReadError, match=words):
            read(tmp_path, "jp2", data)
        with pytest.raises(ReadError, match=words):
            told_of(data, "JPEG2000")
    assert told_of(usual, "JPEG2000") == told_of(stored, "JPEG2000")


@pytest.mark.parametrize("bits", [4, 8, 9, 16])
@pytest.mark.parametrize("columns", [1, 3, 4])
def test_every_colour_of_a_palette_of_a_jpeg_2000_is_right(tmp_path, bits, columns):
    most = (1 << bits) - 1
    palette = np.linspace(0, most, 24 * columns).astype(int).reshape(24, columns)
    palette[5:10] = palette[3]  # Pillow counts on from one that is there twice
    numbers = np.arange(RGB[..., 0].size, dtype=np.uint8).reshape(RGB.shape[:2]) % 24
    word = "H" if bits > 8 else "B"
    body = struct.pack(">HB", 24, columns) + bytes([bits - 1] * columns)
    body += struct.pack(f">{palette.size}{word}", *palette.ravel())
    spaces = b"colr\1\0\0" + struct.pack(">I", 17 if columns == 1 else 16)
    mapped = b"cmap" + b"".join(bytes((0, 0, 1, column)) for column in range(columns))
    data = _in_boxes(_in_boxes(saved("jp2", numbers), b"pclr" + body, spaces), mapped)
    rgb, notes = read(tmp_path, "jp2", data)
    scaled = np.floor(palette * 255 / most + 0.5).astype(np.uint8)[numbers]
    np.testing.assert_array_equal(rgb, scaled[..., :3] * np.ones(3, np.uint8))
    deep = (f"{bits}-bit scaled to 8-bit",) * (bits > 8)
    alpha = ("alpha dropped",) * (columns == 4)
    assert notes == (*deep, *alpha, "palette converted to RGB")
    np.testing.assert_array_equal(told_of(data, "JPEG2000").palette, palette)
    assert decode_with_pillow(data, "JPEG2000").stored == "palette"
    short = data.replace(b"pclr\0\x18", b"pclr\0\x10")
    assert BEYOND_PALETTE in read(tmp_path, "jp2", short)[1]


def test_palettes_of_a_jpeg_2000_that_are_not_read_are_refused_in_words(tmp_path):
    stored = saved("jp2", RGB[..., 0])
    inks = b"colr\1\0\0" + struct.pack(">I", 12)
    for palette, spaces, words in (
        (bytes((0, 1, 2, 7, 7, 0, 0)), b"", "a palette of 2 columns of 8 bits, which is not read"),
        (bytes((0, 1, 3, 7, 8, 7, 0)), b"", "a palette of 3 columns of 8 and 9 bits, which is"),
        (bytes((0, 2, 1, 7, 0)), b"", "damaged: its palette is cut"),
        (bytes((0, 1, 4, 7, 7, 7, 7, 0, 0, 0, 0)), inks, "a palette of CMYK or YCbCr, which is"),
    ):
        data = _in_boxes(stored, b"pclr" + palette, spaces)
        with pytest.raises(ReadError, match=words):
            read(tmp_path, "jp2", data)
        with pytest.raises(ReadError, match=words):
            told_of(data, "JPEG2000")


def test_any_profile_of_a_jpeg_2000_is_followed(tmp_path):
    rgb = {}
    for method in (2, 3):
        colours = b"colr" + bytes((method, 0, 0)) + wide_profile()
        rgb[method], (note,) = read(tmp_path, "jp2", _in_boxes(saved("jp2"), b"", colours))
        assert note.endswith("converted to sRGB")
    np.testing.assert_array_equal(rgb[2], rgb[3])


def test_a_profile_of_greys_is_followed_beside_an_alpha_too(tmp_path):
    colours = b"colr\2\0\0" + grey_profile()
    grey = RGB[..., 0]
    files = [saved("jp2", pixels) for pixels in (grey, np.dstack([grey, grey]))]
    plain, with_alpha = (read(tmp_path, "jp2", _in_boxes(file, b"", colours)) for file in files)
    assert np.abs(plain[0][..., 0].astype(int) - grey).max() > 20
    np.testing.assert_array_equal(with_alpha[0], plain[0])
    assert with_alpha[1] == ("alpha dropped", *plain[1])


def test_deep_greys_with_alpha_in_jpeg_xl_are_refused(tmp_path):
    pytest.importorskip("pillow_jxl")
    words = "grey with alpha of 16 bits in JXL, which is not read"
    with pytest.raises(ReadError, match=words):
        read(tmp_path, "jxl", DEEP_GREY_WITH_ALPHA)
    with pytest.raises(ReadError, match=words):
        decode_with_pillow(DEEP_GREY_WITH_ALPHA, "JXL")


def test_deep_jpeg_2000_that_is_subsampled_is_not_called_damaged():
    stream = bytearray(_with_space(16, 10))
    at = stream.index(b"\xff\x4f\xff\x51")
    for place in (at + 19, at + 43, at + 44):
        odd = stream[:]
        odd[place] = 2
        with pytest.raises(ReadError, match="10 bits with subsampled colours or an offset"):
            told_of(bytes(odd), "JPEG2000")


def test_a_profile_that_a_file_tells_of_and_does_not_hold_is_a_note(tmp_path):
    whole = saved("webp", lossless=True, icc_profile=wide_profile())
    rgb, notes = read(tmp_path, "webp", whole.replace(b"ICCP", b"none"))
    np.testing.assert_array_equal(rgb, RGB)
    assert notes == (BROKEN_PROFILE,)
    head = bytearray(146)
    head[14:18], head[70:74] = (124).to_bytes(4, "little"), b"DEBM"
    assert told_of(bytes(head), "BMP") == Told()
    head[126:134] = bytes((0, 0, 1, 0, 9, 0, 0, 0))
    assert told_of(bytes(head), "BMP").colour_notes == (BROKEN_PROFILE,)


def test_primaries_of_a_bmp_without_a_profile_are_a_note():
    head = bytearray(146)
    head[14] = 124
    assert told_of(bytes(head), "BMP") == Told()
    head[74] = 1
    note = f"primaries and gamma without a colour profile{LEFT_AS_STORED}"
    assert told_of(bytes(head), "BMP").colour_notes == (note,)


def test_that_the_decoder_of_heic_divides_by_alpha_is_told(tmp_path):
    pytest.importorskip("pillow_heif")
    register_extras()
    alpha = np.dstack([RGB, np.full(RGB.shape[:2], 128, np.uint8)])
    file = io.BytesIO()
    Image.fromarray(alpha).convert("RGBa").save(file, "HEIF", quality=-1)
    rgb, notes = read(tmp_path, "heic", file.getvalue())
    assert np.abs(rgb.astype(int) - RGB).max() <= 6  # and not half as bright
    assert notes[:2] == ("colours divided by their alpha", "alpha dropped")


def test_what_an_avif_leaves_to_its_reader_is_told(tmp_path):
    alpha = np.dstack([RGB, np.full(RGB.shape[:2], 128, np.uint8)])
    _, notes = read(tmp_path, "avif", saved("avif", alpha, alpha_premultiplied=True))
    assert notes == ("colours divided by their alpha", "alpha dropped")
    whole = saved("avif")
    assert read(tmp_path, "avif", whole)[1] == ()
    _, notes = read(tmp_path, "avif", whole.replace(b"colrnclx", b"freenclx"))
    assert notes == ("no box colr tells of its colours: taken as sRGB",)
    cut = told_of(b"....colrnclx" + bytes((0, 1, 0, 13, 0, 6, 128)) + b"....clap", "AVIF")
    assert cut.dropped == ("its clean aperture left out: all pixels taken",)


def _jxl(*fields: tuple[int, int]) -> bytes:
    """Return the start of a JPEG XL of 64 x 64 px whose header goes on with (value, bits)."""
    value = at = 0
    for number, bits in ((1, 1), (7, 5), (1, 3), *fields):
        value, at = value | number << at, at + bits
    return b"\xff\x0a" + value.to_bytes(at // 8 + 9, "little")


_SMALL = ((1, 1), (3, 5), (1, 3))  # 32 x 32 px


@pytest.mark.parametrize(
    ("fields", "told"),
    [  # by ISO/IEC 18181-1, ImageMetadata
        (((1, 1),), JxlHeader()),
        (((0, 1), (0, 1), (0, 1), (2, 2)), JxlHeader(bits=12)),
        (((0, 1), (1, 1), (0, 3), (1, 1), *_SMALL, (0, 1), (0, 1), (0, 1), (1, 2)),
         JxlHeader(bits=10)),
        (((0, 1), (1, 1), (5, 3), (0, 1), (0, 1), (1, 1), (0, 2), (0, 2), (0, 2), (0, 1), (0, 1),
          (0, 2)), JxlHeader(is_animated=True)),
        (((0, 1), (1, 1), (0, 3), (0, 1), (1, 1), (1, 1), (0, 2), (1, 3), (0, 1), (0, 1), (1, 2)),
         JxlHeader(bits=10)),
        (((0, 1), (0, 1), (1, 1)), JxlHeader(is_float=True)),
    ],
)  # fmt: skip
def test_every_part_of_the_start_of_a_jpeg_xl_is_gone_over(fields, told):
    assert read_jxl_header(_jxl(*fields)) == told


def test_a_jpeg_xl_of_several_frames_says_so():
    animated = ((0, 1), (1, 1), (0, 3), (0, 1), (0, 1), (1, 1))
    assert told_of(_jxl(*animated), "JXL").taken == "first of several frames taken"
    assert told_of(_jxl((1, 1)), "JXL") == Told()
