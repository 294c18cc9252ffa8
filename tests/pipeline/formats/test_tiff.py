import collections
import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats import tiff_pages
from srviewer.pipeline.formats.raster import BROKEN_PROFILE
from srviewer.pipeline.formats.tiff import read_tiff
from srviewer.pipeline.reading import read_image
from tests.photos import crop
from tests.pipeline.formats.writers import TURNS, Page, tiff, wide_profile

RGB = crop("coffee", 200, 100, 71, 45)
GREY = RGB[..., :1]
WHITE_IS_ZERO, BLACK_IS_ZERO, IN_RGB, PALETTE, CMYK = 0, 1, 2, 3, 5
FORMAT, EXTRA, COLOUR_MAP, ORIENTATION = 339, 338, 320, 274
ALPHA, PREMULTIPLIED = 2, 1


def deep(samples: np.ndarray, bits: int) -> np.ndarray:
    """Return `samples` with so many bits, as their 8 bits say."""
    return samples.astype(np.uint16) * 257 if bits == 16 else samples


def read(data: bytes, folder: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    file = folder / "a.tif"
    file.write_bytes(data)
    image = read_image(file)
    return image.rgb, image.notes


def refusal(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_tiff(data)
    return caught.value.sentence


def layouts() -> dict[str, tuple[list[Page], dict[str, object], np.ndarray]]:
    """Return by name pages, how they are put together, and the RGB that they hold."""
    made: dict[str, tuple[list[Page], dict[str, object], np.ndarray]] = {}
    for bits in (8, 16):
        colour, grey = deep(RGB, bits), deep(GREY, bits)
        most, flat = (1 << bits) - 1, np.full_like(grey, 99)

        def add(name: str, *pages: Page, rgb=RGB, bits=bits, **file):
            made[f"{name} {bits}"] = list(pages), file, rgb

        for codec in ("raw", "zlib", "lzw"):
            of = {"bits": bits, "codec": codec}
            add(f"rgb {codec}", Page(colour, **of))
            add(f"rgb {codec} predicted", Page(colour, predictor=codec != "raw", **of))
            add(f"rgb {codec} tiled", Page(colour, tile=32, **of))
            add(f"rgb {codec} tiled predicted planar",
                Page(colour, tile=16, predictor=codec != "raw", planar=True, **of))  # fmt: skip
            add(f"rgb {codec} planar", Page(colour, planar=True, **of))
            add(f"rgb {codec} big-endian", Page(colour, **of), order=">")
            add(f"rgb {codec} predicted big-endian",
                Page(colour, predictor=codec != "raw", **of), order=">")  # fmt: skip
            add(f"rgb {codec} BigTIFF", Page(colour, **of), big=True)
            add(f"rgb {codec} big-endian BigTIFF", Page(colour, **of), big=True, order=">")
        of, on_all = {"bits": bits}, np.repeat(GREY, 3, axis=2)
        add("stack", Page(colour, **of), Page(colour[::-1], **of))
        add("rgba", Page(np.dstack([colour, flat]), extra=[ALPHA], **of))
        add("rgba planar", Page(np.dstack([colour, flat]), extra=[ALPHA], planar=True, **of))
        add("five bands", Page(np.dstack([colour, flat, flat]), extra=[0, 0], **of))
        pages = {"photometric": BLACK_IS_ZERO, **of}
        add("grey", Page(grey, **pages), rgb=on_all)
        add("grey zlib tiled", Page(grey, codec="zlib", tile=32, **pages), rgb=on_all)
        add("grey big-endian", Page(grey, **pages), rgb=on_all, order=">")
        add("grey with alpha", Page(np.dstack([grey, flat]), extra=[ALPHA], **pages), rgb=on_all)
        pages = {"photometric": WHITE_IS_ZERO, **of}
        add("white is zero", Page(most - grey, **pages), rgb=on_all)
        add("white is zero zlib", Page(most - grey, codec="zlib", **pages), rgb=on_all)
        add("pyramid", Page(colour, tile=16, subs=[Page(colour[::2, ::2], **of)], **of))
        add("thumbnail first", Page(colour[::4, ::4], **of), Page(colour, **of))
        add("thumbnail with the image within",
            Page(colour[::4, ::4], subs=[Page(colour, **of)], **of))  # fmt: skip
    return made


LAYOUTS = layouts()


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_under_every_orientation_gives_the_pixels_that_were_written(tmp_path, name):
    pages, file, rgb = LAYOUTS[name]
    for orientation, turn in TURNS.items():
        found, notes = read(tiff(*pages, orientation=orientation, **file), tmp_path)
        np.testing.assert_array_equal(found, turn(rgb))
        assert ("16-bit scaled to 8-bit" in notes) == name.endswith("16")
        assert (f"EXIF orientation {orientation} applied" in notes) == (orientation > 1)


def test_there_are_as_many_layouts_as_that():
    assert len(LAYOUTS) == 80


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("codec", ["raw", "zlib", "lzw"])
@pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14])
@pytest.mark.parametrize("channels", [1, 3])
def test_packed_bits_are_scaled_by_their_own_maximum(tmp_path, bits, channels, codec, order):
    most = (1 << bits) - 1
    stored = np.random.default_rng(bits).integers(0, most + 1, (20, 23, channels)).astype(np.uint16)
    page = Page(stored, bits=bits, codec=codec, photometric=2 if channels == 3 else 1)
    found, notes = read(tiff(page, order=order), tmp_path)
    scaled = np.floor(stored.astype(float) * 255 / most + 0.5)
    np.testing.assert_array_equal(found, np.broadcast_to(scaled, (20, 23, 3)))
    assert (f"{bits}-bit scaled to 8-bit" in notes) == (bits > 8)


@pytest.mark.parametrize("scale", [256, 257])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_a_palette_gives_its_8_bit_colours(tmp_path, bits, scale):
    random_ = np.random.default_rng(bits)
    colours = random_.integers(0, 256, (3, 1 << bits))
    stored = random_.integers(0, 1 << bits, (20, 23, 1)).astype(np.uint8)
    table = ("H", list(map(int, (colours * scale).ravel())))
    page = Page(stored, bits=bits, photometric=PALETTE, more={COLOUR_MAP: table})
    found, notes = read(tiff(page), tmp_path)
    np.testing.assert_array_equal(found, colours.T[stored[..., 0]])
    assert notes == ("palette converted to RGB",)


@pytest.mark.parametrize("planar", [False, True])
def test_16_bit_inks_are_as_their_8_bit_twin(tmp_path, planar):
    inks = np.asarray(Image.fromarray(RGB).convert("CMYK"))
    wanted = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))
    for bits in (8, 16):
        page = Page(deep(inks, bits), bits=bits, photometric=CMYK, planar=planar)
        found, notes = read(tiff(page), tmp_path)
        np.testing.assert_array_equal(found, wanted)
        assert notes[-1] == "CMYK converted to RGB"
    assert notes[0] == "16-bit scaled to 8-bit"


@pytest.mark.parametrize("bits", [8, 16])
def test_premultiplied_colours_are_divided_again(tmp_path, bits):
    most = (1 << bits) - 1
    colour, alpha = deep(RGB, bits), np.full((45, 71, 1), most // 2, np.uint16)
    alpha[:5] = most
    alpha[5:9] = 0
    stored = np.round(colour.astype(float) * alpha / most).astype(np.uint16)
    page = Page(np.dstack([stored, alpha]), bits=bits, extra=[PREMULTIPLIED])
    found, notes = read(tiff(page), tmp_path)
    np.testing.assert_array_equal(found[:5], RGB[:5])
    assert np.abs(found[9:].astype(int) - RGB[9:]).max() <= 1
    assert "colours divided by their alpha" in notes
    assert "alpha dropped" in notes


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (Page(deep(GREY, 16), bits=16, photometric=1, more={FORMAT: ("H", [2])}), "signed"),
        (Page(deep(GREY, 16), bits=16, photometric=1, more={FORMAT: ("H", [3])}), "floating"),
        (Page(RGB, more={258: ("H", [5, 6, 5])}), "samples of 5 and 6 bits are not read"),
        (Page(RGB, more={258: ("H", [32] * 3)}), "samples of 32 bits are not read"),
        (Page(RGB, more={259: ("H", [34712])}), "compressed as JPEG 2000, which is not read"),
        (Page(RGB, more={259: ("H", [9999])}), "compressed as number 9999, which is not read"),
        (Page(RGB, photometric=8), "Lab, which is not read"),
        (Page(RGB, photometric=6), "YCbCr other than JPEG, which is not read"),
        (Page(RGB, photometric=6, planar=True, more={259: ("H", [7])}), "YCbCr in planes"),
        (Page(GREY, photometric=32803), "a camera's raw data, which is not read"),
        (Page(RGB, more={50706: ("B", [1, 4, 0, 0])}), "a camera's raw data, which is not read"),
        (Page(RGB, codec="zlib", more={317: ("H", [3])}), "predictor 3 with 8-bit samples"),
        (Page(RGB, more={259: ("H", [32773]), 317: ("H", [2])}), "a predictor with PackBits"),
        (Page(RGB, more={256: ("I", [60_000]), 257: ("I", [60_000])}), "60000 x 60000"),
        (Page(RGB, tile=16, more={322: ("I", [1 << 20])}), "tiles of 1048576 x 16 px"),
        (Page(RGB, tile=16, more={323: ("I", [4097])}), "tiles of 16 x 4097 px"),
        (
            Page(
                RGB,
                more={
                    256: ("I", [20_000]),
                    257: ("I", [20_000]),
                    278: ("I", [20_000]),
                    277: ("H", [60]),
                    258: ("H", [8] * 60),
                },
            ),
            "strips or tiles of 24.0 GB; allowed is at most 2.15 GB",
        ),
        (
            Page(RGB, tile=16, more={256: ("I", [20_000]), 257: ("I", [20_000])}),
            "1,562,500 strips or tiles; allowed is at most 1,000,000",
        ),
        (Page(deep(GREY, 16), bits=16, photometric=1, more={259: ("H", [7])}), "JPEG of 16 bits"),
        (Page(GREY, photometric=1, more={259: ("H", [4])}), "fax compression of more than one bit"),
        (Page(RGB, more={277: ("H", [65])}), "65 samples a pixel are not read"),
        (Page(np.dstack([RGB, GREY]), photometric=CMYK, more={332: ("H", [2])}), "other than CMYK"),
        (Page(RGB, more={284: ("f", [1.5])}), "the tag 284 does not hold whole numbers"),
        (Page(RGB[..., :2], photometric=1, more={259: ("H", [7])}), "JPEG of 2 samples a pixel"),
        (Page(RGB, more={259: ("H", [7])}), "strip or tile 1 is no JPEG"),
        (Page(GREY, photometric=PALETTE), "palette is too short"),
        (Page(GREY), "1 samples a pixel for 3 colours"),
        (Page(RGB, more={278: ("I", [4])}), "3 strips or tiles of 12"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_not_read_is_refused_in_words(page, words):
    assert words in refusal(tiff(page))


# Damage


@pytest.mark.parametrize("predictor", [False, True])
@pytest.mark.parametrize("tile", [0, 16])
def test_no_damage_of_zlib_data_passes(predictor, tile):
    page = Page(RGB, codec="zlib", predictor=predictor, tile=tile)
    whole, random_, outcomes = tiff(page), random.Random(tile), collections.Counter()
    pieces = list(page.pieces("<"))
    ends = np.cumsum([8] + [len(piece) for piece in pieces])
    for number in range(240):
        data, which = bytearray(whole), random_.randrange(len(pieces))
        start, end = int(ends[which]), int(ends[which + 1])
        if number % 3 == 0:
            data[random_.randrange(start, end)] ^= 1 << random_.randrange(8)
        elif number % 3 == 1:
            data[end - 1 - random_.randrange(4)] ^= 1 << random_.randrange(8)  # its checksum
        else:
            at = random_.randrange(start, end - 60)
            data[at : at + 60] = bytes(60)
        try:
            samples = read_tiff(bytes(data)).samples
        except ReadError:
            outcomes["refused"] += 1
        else:  # bits of the header that tell how it was made
            np.testing.assert_array_equal(samples, RGB)
    assert outcomes["refused"] >= 225


def test_a_strip_of_zlib_data_is_read_to_its_end_and_not_beyond():
    def strip(data: bytes) -> str:
        page = Page(RGB, codec="zlib", rows=45)
        page.pieces = lambda order: iter([data])
        return refusal(tiff(page))

    packed = zlib.compress(RGB.tobytes())
    assert "strip or tile 1 is cut" in strip(packed[:-4])
    assert "strip or tile 1 is too short" in strip(zlib.compress(RGB[1:].tobytes()))
    assert "holds more than its size" in strip(zlib.compress(bytes(10_000_000), 1))


def test_a_last_strip_that_was_filled_up_is_read():
    page = Page(RGB, codec="zlib", rows=16)
    filled = np.pad(RGB, ((0, 3), (0, 0), (0, 0)))
    page.pieces = lambda order: (zlib.compress(filled[y : y + 16].tobytes()) for y in (0, 16, 32))
    np.testing.assert_array_equal(read_tiff(tiff(page)).samples, RGB)


@pytest.mark.parametrize(
    "compression", ["packbits", "tiff_lzw", "lzma", "zstd", "group3", "group4"]
)
def test_what_libtiff_undoes_is_as_pillow_reads_it(tmp_path, compression):
    image = Image.fromarray(crop("astronaut", 0, 0, 300, 260))
    image = image.convert("1") if compression.startswith("group") else image
    image.save(tmp_path / "a.tif", compression=compression)
    np.testing.assert_array_equal(
        read_image(tmp_path / "a.tif").rgb, np.asarray(image.convert("RGB"))
    )


@pytest.mark.parametrize("compression", ["group3", "group4"])
@pytest.mark.parametrize("told", [{292: 1}, {266: 2}], ids=["in two dimensions", "bits reversed"])
def test_what_tags_tell_of_fax_data_is_followed(compression, told):
    image = Image.fromarray(crop("astronaut", 0, 0, 300, 260)).convert("1")
    file = io.BytesIO()
    image.save(file, "TIFF", compression=compression, tiffinfo=told)
    found = read_tiff(file.getvalue())
    np.testing.assert_array_equal(found.samples[..., 0] > 0, np.asarray(image))


def test_zstd_whose_checksum_does_not_fit_and_lzw_that_is_cut_are_damaged(tmp_path):
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "TIFF", compression="tiff_lzw")
    data = bytearray(file.getvalue())
    start = Image.open(file).tag_v2[273][0]
    data[start + 500 : start + 2000] = bytes(1500)
    assert refusal(bytes(data)).startswith("damaged")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_within_is_as_pillow_decodes_it(tmp_path, mode):
    Image.fromarray(RGB).convert(mode).save(tmp_path / "a.tif", compression="jpeg", quality=90)
    with Image.open(tmp_path / "a.tif") as opened:
        np.testing.assert_array_equal(
            read_image(tmp_path / "a.tif").rgb, np.asarray(opened.convert("RGB"))
        )


def test_jpeg_of_other_colours_than_the_page_is_damaged():
    file = io.BytesIO()
    Image.fromarray(GREY[..., 0]).save(file, "JPEG")
    page = Page(RGB, rows=45, more={259: ("H", [7])})
    page.pieces = lambda order: iter([file.getvalue()])
    assert refusal(tiff(page)) == "damaged: strip or tile 1 has 1 colours"


def test_jpeg_that_tells_of_other_colours_than_the_tags_has_a_note(tmp_path):
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "JPEG", quality=95)  # libtiff follows the tags alone
    note = "damaged: its tags tell of RGB, its JPEG data of YCbCr, which was followed"
    for photometric, notes in ((6, ()), (2, (note,))):
        page = Page(RGB, rows=len(RGB), photometric=photometric, more={259: ("H", [7])})
        page.pieces = lambda order: iter([file.getvalue()])
        found, told = read(tiff(page), tmp_path)
        np.testing.assert_array_equal(found, np.asarray(Image.open(file)))
        assert told == notes


@pytest.mark.parametrize("codec", ["raw", "zlib", "lzw"])
def test_bits_in_the_other_order_are_turned(codec):
    page = Page(RGB, codec=codec, more={266: ("H", [2])})
    turned = [np.packbits(np.unpackbits(np.frombuffer(piece, np.uint8), bitorder="little"))
              for piece in page.pieces("<")]  # fmt: skip
    page.pieces = lambda order: (piece.tobytes() for piece in turned)
    np.testing.assert_array_equal(read_tiff(tiff(page)).samples, RGB)


def test_a_single_strip_without_its_length_goes_on_to_the_end():
    data = tiff(Page(RGB, rows=45))
    entry = np.array([279, 4], "<u2").tobytes()
    assert data.count(entry) == 1
    unnamed = data.replace(entry, np.array([65000, 4], "<u2").tobytes())
    np.testing.assert_array_equal(read_tiff(unnamed).samples, RGB)


def test_a_strip_beyond_the_end_is_told():
    data = tiff(Page(RGB, rows=45))
    entry = np.array([273, 4, 1, 0, 8, 0], "<u2").tobytes()
    assert data.count(entry) == 1
    assert "truncated" in refusal(data.replace(entry, entry[:8] + b"\xff\xff\xff\0"))


def test_a_mask_is_no_image_however_large():
    large = np.tile(RGB, (2, 2, 1))
    found = read_tiff(tiff(Page(large, more={254: ("I", [4])}), Page(RGB)))
    np.testing.assert_array_equal(found.samples, RGB)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("sub_type", "IiQq")
def test_pages_within_a_page_are_found_whatever_the_type_of_their_places(sub_type, big, order):
    page = Page(RGB[::4, ::4], subs=[Page(RGB[::2]), Page(RGB)])
    data = tiff(page, big=big, order=order, sub_type=sub_type)
    np.testing.assert_array_equal(read_tiff(data).samples, RGB)


# Files that are made to hurt


def test_pages_that_go_round_are_taken_once(tmp_path):
    data = bytearray(tiff(Page(RGB)))
    data[-4:] = data[4:8]
    assert read(bytes(data), tmp_path)[1] == ()


def test_pages_beyond_a_thousand_are_not_counted(tmp_path):
    empty = Page(RGB[:1, :1])
    found, notes = read(tiff(Page(RGB), *[empty] * 1_500), tmp_path)
    np.testing.assert_array_equal(found, RGB)
    assert notes == ("first of 1,000 or more frames taken",)
    assert read(tiff(Page(RGB), *[empty] * 100), tmp_path)[1] == ("first of 101 frames taken",)


def test_a_page_that_is_damaged_ends_the_list_and_no_more(tmp_path):
    data = bytearray(tiff(Page(RGB)))
    data[-4:] = (len(data) - 3).to_bytes(4, "little")
    np.testing.assert_array_equal(read(bytes(data), tmp_path)[0], RGB)


def test_values_without_end_are_not_unpacked(monkeypatch):
    monkeypatch.setattr(tiff_pages, "_MOST_VALUE", 100)
    page = Page(RGB, more={EXTRA: ("H", [0] * 200)})
    assert refusal(tiff(page)) == "damaged: the tag 338 has too many values"


def test_tags_that_tell_nothing_of_the_pixels_reject_none(tmp_path):
    more = {270: ("B", [65] * 5_000_000), 700: ("B", [0] * 1000), 34665: ("I", [4])}
    found, notes = read(tiff(Page(RGB, more=more)), tmp_path)
    np.testing.assert_array_equal(found, RGB)
    assert notes == ()


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_a_tag_that_is_twice_or_not_in_its_place_is_a_note(tmp_path, big, order):
    whole = tiff(Page(RGB), order=order, big=big)
    at = [whole.index(struct.pack(f"{order}HH", tag, 3)) for tag in (262, ORIENTATION)]
    one, other = (whole[place : place + (20 if big else 12)] for place in at)
    assert whole.count(one) == whole.count(other) == 1
    between = whole[at[0] + len(one) : at[1]]
    for data in (
        whole.replace(one + between + other, other + between + one),
        whole.replace(other, one),
    ):
        found, (note,) = read(data, tmp_path)
        np.testing.assert_array_equal(found, RGB)
        assert note.startswith("damaged: a tag is twice or not in its place")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_a_tag_that_cannot_be_read_is_a_note(tmp_path, big, order):
    more = {34675: ("B", list(wide_profile()))}
    whole = bytearray(tiff(Page(RGB, more=more), order=order, big=big, orientation=6))
    profile = whole.index(struct.pack(f"{order}HH", 34675, 1))
    turn = whole.index(struct.pack(f"{order}HH", ORIENTATION, 3))
    word, at = ("Q", 12) if big else ("I", 8)
    beyond = whole[:]
    struct.pack_into(f"{order}{word}", beyond, profile + at, len(whole) + 9)
    other = whole[:]
    struct.pack_into(f"{order}H", other, profile + 2, 99)
    for data in (beyond, other):
        found, notes = read(bytes(data), tmp_path)
        np.testing.assert_array_equal(found, TURNS[6](RGB))
        assert notes == (BROKEN_PROFILE, "EXIF orientation 6 applied")
    struct.pack_into(f"{order}H", whole, turn + 2, 99)
    _, notes = read(bytes(whole), tmp_path)
    assert notes[0] == "damaged: the tag 274 is broken and was left out"


def test_colours_that_tags_tell_of_are_a_note_unless_they_are_srgbs():
    def notes(primaries: tuple[float, ...], *more: int) -> tuple[str, ...]:
        tags = {319: ("f", primaries)} | {tag: ("H", [0] * 768) for tag in more}
        return read_tiff(tiff(Page(RGB, more=tags))).colour_notes

    srgb, wide = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06), (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    end = "without a colour profile: colours left as stored"
    assert notes(srgb) == notes((0.5,)) == ()
    assert notes(wide) == (f"PrimaryChromaticities {end}",)
    assert notes(wide, 301) == (f"PrimaryChromaticities and TransferFunction {end}",)
    assert notes(wide, 301, 34675) == ()
