import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from srviewer.errors import ReadError, RecipeError
from srviewer.pipeline.analysis import analyse, analyse_file
from srviewer.pipeline.formats import colour as module
from srviewer.pipeline.formats.colour import BrokenProfileError, read_profile
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from tests.photos import crop
from tests.pipeline.formats.writers import (
    Page,
    chunk,
    grey_profile,
    ink_profile,
    png,
    tiff,
    wide_profile,
)

RGB = crop("coffee", 200, 100, 120, 90)
PROFILE = 34675
WIDE = ("colour profile Wide colours converted to sRGB",)
BROKEN = "the colour profile is broken and was left out"


def by_littlecms(image: Image.Image, profile: bytes) -> np.ndarray:
    """Return `image` in sRGB, by LittleCMS in one call."""
    made = ImageCms.profileToProfile(
        image,
        ImageCms.getOpenProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return np.asarray(made).astype(int)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp"])
def test_colours_with_a_profile_are_converted_to_srgb(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    file = tmp_path / f"a.{ending}"
    Image.fromarray(RGB).save(file, icc_profile=wide_profile(), **options)
    with Image.open(file) as opened:
        stored = np.asarray(opened)
        wanted = by_littlecms(opened.convert("RGB"), wide_profile())
    image = read_image(file)
    assert np.abs(image.rgb - wanted).max() <= 1
    assert np.abs(image.rgb - stored.astype(int)).mean() > 2  # it is no small thing
    assert image.notes == WIDE
    plain = read_image(file, colour="as_stored")
    np.testing.assert_array_equal(plain.rgb, stored)
    assert plain.notes == ("colour profile Wide colours left out",)


def test_16_bits_are_converted_as_their_8_bit_twin(tmp_path):
    (tmp_path / "8.png").write_bytes(png(RGB, _iccp(wide_profile())))
    page = Page(RGB.astype(np.uint16) * 257, bits=16, more={PROFILE: ("B", list(wide_profile()))})
    (tmp_path / "16.tif").write_bytes(tiff(page))
    one, other = read_image(tmp_path / "8.png"), read_image(tmp_path / "16.tif")
    np.testing.assert_array_equal(one.rgb, other.rgb)
    assert other.notes == ("16-bit scaled to 8-bit", *WIDE)


def test_grey_is_converted_by_a_profile_of_greys_or_of_colours(tmp_path):
    grey = Image.fromarray(RGB[..., 1])
    grey.save(tmp_path / "grey.png", icc_profile=grey_profile())
    image = read_image(tmp_path / "grey.png")
    assert np.abs(image.rgb - by_littlecms(grey, grey_profile())).max() <= 1
    assert image.notes == (
        "colour profile Linear grey converted to sRGB",
        "grey converted to RGB",
    )
    grey.save(tmp_path / "wide.png", icc_profile=wide_profile())
    image = read_image(tmp_path / "wide.png")
    assert np.abs(image.rgb - by_littlecms(grey.convert("RGB"), wide_profile())).max() <= 1


def _as_bmp(profile: bytes) -> bytes:
    """Return a BMP of version 5, the only one that has profiles."""
    rows = RGB[::-1, :, ::-1].tobytes()  # whose width needs no padding
    size = 14 + 124 + len(rows)
    head = struct.pack("<2sIII", b"BM", size + len(profile), 0, 138)
    info = struct.pack("<IiiHHIIiiII", 124, 120, 90, 1, 24, 0, len(rows), 0, 0, 0, 0)
    info = info.ljust(56, b"\0") + b"DEBM"
    info = info.ljust(112, b"\0") + struct.pack("<III", 124 + len(rows), len(profile), 0)
    return head + info + rows + profile


def _as_jpeg_2000(profile: bytes) -> bytes:
    """Return a lossless JPEG 2000 in which a profile stands for the number of the colours."""
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "JPEG2000")
    data = file.getvalue()
    at, around = data.find(b"colr") - 4, data.find(b"jp2h") - 4
    old = int.from_bytes(data[at : at + 4], "big")
    box = (11 + len(profile)).to_bytes(4, "big") + b"colr\2\0\0" + profile
    whole = int.from_bytes(data[around : around + 4], "big") + len(box) - old
    start = data[:around] + whole.to_bytes(4, "big") + data[around + 4 : at]
    return start + box + data[at + old :]


@pytest.mark.parametrize("make", [_as_bmp, _as_jpeg_2000])
def test_profiles_of_which_pillow_tells_nothing(tmp_path, make):
    (tmp_path / "a.bmp").write_bytes(make(wide_profile()))
    image = read_image(tmp_path / "a.bmp")
    assert np.abs(image.rgb - by_littlecms(Image.fromarray(RGB), wide_profile())).max() <= 1
    assert image.notes == WIDE
    np.testing.assert_array_equal(read_image(tmp_path / "a.bmp", colour="as_stored").rgb, RGB)


@pytest.mark.parametrize("ending", ["jpg", "tif"])
def test_inks_are_converted_by_their_profile(tmp_path, ending):
    file = tmp_path / f"a.{ending}"
    inks = Image.fromarray(RGB).convert("CMYK")
    inks.save(file, icc_profile=ink_profile())
    with Image.open(file) as opened:
        wanted = by_littlecms(opened, ink_profile())
    image = read_image(file)
    assert np.abs(image.rgb - wanted).max() <= 1
    assert image.notes == (
        "colour profile Four inks converted to sRGB",
        "CMYK converted to RGB",
    )
    plain = read_image(file, colour="as_stored").rgb
    assert np.abs(plain.astype(int) - image.rgb).mean() > 5


def test_a_profile_that_changes_nothing_is_no_note(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(RGB).save(tmp_path / "a.png", icc_profile=srgb)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, RGB)
    assert image.notes == ()


def _iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile))


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile at all",
        wide_profile()[:200],
        wide_profile()[:36] + bytes(4) + wide_profile()[40:],
        grey_profile(),  # of other colours than the image
        ink_profile(),
        wide_profile().replace(b"mntr", b"link"),
        wide_profile().ljust(20_000, b"\0"),
    ],
    ids=["text", "cut", "no signature", "grey", "inks", "link", "large"],
)
def test_a_profile_that_cannot_be_used_is_a_note(tmp_path, profile, monkeypatch):
    monkeypatch.setattr(module, "MOST_PROFILE", 19_999)
    page = Page(RGB, more={PROFILE: ("B", list(profile))})
    (tmp_path / "a.tif").write_bytes(tiff(page))
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.rgb, RGB)
    assert image.notes == (BROKEN,)


def test_a_profile_that_tells_the_curve_of_srgb_by_number_is_used_as_any_other(tmp_path):
    more = {b"cicp": b"cicp\0\0\0\0" + bytes((1, 13, 0, 1))}
    rgb = {}
    for name, profile in (("told", wide_profile(more)), ("plain", wide_profile())):
        (tmp_path / f"{name}.png").write_bytes(png(RGB, _iccp(profile)))
        image = read_image(tmp_path / f"{name}.png")
        assert image.notes == WIDE
        rgb[name] = image.rgb
    np.testing.assert_array_equal(rgb["told"], rgb["plain"])


def test_any_bit_of_a_profile_may_be_wrong():
    random_, outcomes = np.random.default_rng(1), set()
    for _ in range(40):
        profile = bytearray(wide_profile())
        profile[random_.integers(len(profile))] ^= 1 << random_.integers(8)
        try:
            outcomes.add(read_profile(bytes(profile)).mode)
        except BrokenProfileError:
            outcomes.add("")
    assert outcomes >= {"", "RGB"}


@pytest.mark.parametrize(
    ("chunks", "notes"),
    [
        ([chunk(b"gAMA", (45455).to_bytes(4, "big"))], ()),  # sRGB's own
        (
            [chunk(b"gAMA", (100_000).to_bytes(4, "big"))],
            ("gAMA without a colour profile: colours left as stored",),
        ),
        (
            [chunk(b"gAMA", (100_000).to_bytes(4, "big")), chunk(b"cHRM", bytes(32))],
            ("gAMA and cHRM without a colour profile: colours left as stored",),
        ),
        ([chunk(b"gAMA", (100_000).to_bytes(4, "big")), chunk(b"sRGB", b"\0")], ()),
        ([chunk(b"gAMA", (100_000).to_bytes(4, "big")), _iccp(wide_profile())], WIDE),
        ([chunk(b"cICP", b"\x01\x0d\0\1")], ()),
        (
            [chunk(b"cICP", b"\x0c\x0d\0\1")],
            ("cICP (primaries 12, transfer 13): colours left as stored",),
        ),
    ],
)
def test_what_png_tells_of_its_colours_besides(tmp_path, chunks, notes):
    (tmp_path / "a.png").write_bytes(png(RGB, *chunks))
    assert read_image(tmp_path / "a.png").notes == notes


def _hdr_files(folder: Path) -> list[Path]:
    for transfer in (16, 18):
        code = bytes((9, transfer, 0, 1))
        (folder / f"cicp_{transfer}.png").write_bytes(png(RGB, chunk(b"cICP", code)))
        more = {b"cicp": b"cicp\0\0\0\0" + code}
        (folder / f"icc_{transfer}.png").write_bytes(png(RGB, _iccp(wide_profile(more))))
        file = io.BytesIO()
        Image.fromarray(RGB).save(file, "AVIF")
        data = bytearray(file.getvalue())
        at = data.find(b"colrnclx")
        data[at + 10 : at + 12] = transfer.to_bytes(2, "big")
        (folder / f"nclx_{transfer}.avif").write_bytes(data)
    (folder / "a.pfm").write_bytes(b"PF\n2 2\n-1.0\n" + bytes(48))
    return sorted(folder.iterdir())


def test_hdr_is_refused_with_what_to_do(tmp_path):
    files = _hdr_files(tmp_path)
    assert len(files) == 7
    for file in files:
        for colour in ("srgb", "as_stored"):
            with pytest.raises(ReadError, match=r"HDR \((PQ|HLG)\).*convert it|floating-point"):
                read_image(file, colour=colour)


def test_the_knob_is_followed_and_nothing_is_mixed(tmp_path):
    file = tmp_path / "a.png"
    Image.fromarray(RGB).save(file, icc_profile=wide_profile())
    stored = Recipe(colour="as_stored")
    np.testing.assert_array_equal(analyse_file(file, stored).pair.hr, RGB[:88])
    assert (analyse_file(file, Recipe()).pair.hr != RGB[:88]).any()
    with pytest.raises(RecipeError, match="was read with colour = 'srgb'; read it again"):
        analyse(read_image(file), stored)
    Image.fromarray(RGB).save(file)
    assert analyse(read_image(file), stored).recipe == stored  # without a profile it is all one
