import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats import jpeg as module
from srviewer.pipeline.formats.jpeg import read_jpeg
from srviewer.pipeline.reading import read_image
from tests.photos import crop

IMAGE = Image.fromarray(crop("astronaut", 0, 0, 251, 203))
LACKS = "scans are missing"
RECOVERED = "damaged: what the decoder recovered was taken"


def encoded(image: Image.Image = IMAGE, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened.convert("RGB"))


def refusal(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_jpeg(data)
    return caught.value.sentence


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"subsampling": 0},
        {"subsampling": 1},
        {"keep_rgb": True},
        {"restart_marker_rows": 1},
        {"quality": 100, "subsampling": 0, "progressive": True},
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_pixels_are_those_of_pillow(tmp_path, mode, options):
    if mode != "RGB" and "keep_rgb" in options:
        return
    data = encoded(IMAGE.convert(mode), **options)
    (tmp_path / "a.jpg").write_bytes(data)
    image = read_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(image.rgb, decoded(data))
    words = {"RGB": (), "L": ("grey converted to RGB",), "CMYK": ("CMYK converted to RGB",)}
    assert image.notes == words[mode]


def test_a_whole_file_is_decoded_once(monkeypatch):
    calls = []
    ours = module.simplejpeg.decode_jpeg
    monkeypatch.setattr(
        module.simplejpeg, "decode_jpeg", lambda *a, **k: calls.append(k) or ours(*a, **k)
    )
    read_jpeg(encoded())
    assert len(calls) == 1


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_what_is_cut_is_damaged_and_what_is_closed_again_has_a_note(share, progressive):
    data = encoded(progressive=progressive)
    cut = data[: int(len(data) * share)]
    assert refusal(cut).startswith("damaged: truncated")
    raster = read_jpeg(cut + b"\xff\xd9")
    assert raster.damage[0].startswith(RECOVERED)
    assert raster.samples.shape == (203, 251, 3)


def test_a_picture_that_lacks_whole_scans_has_a_note():
    whole = encoded(progressive=True)
    scans = [at for at in range(len(whole)) if whole.startswith(b"\xff\xda", at)]
    assert len(scans) > 5
    # A scan's tables stand before it, so that a cut here is where no decoder misses anything.
    tables = [whole.rfind(b"\xff\xc4", before, at) for before, at in pairwise(scans)]
    for at in tables:
        if at > 0:
            raster = read_jpeg(whole[:at] + b"\xff\xd9")
            assert [LACKS in note for note in raster.damage] == [True]
    assert len([at for at in tables if at > 0]) > 2
    grey = encoded(IMAGE.convert("L"))
    head = grey.index(b"\xff\xc0")
    colour = bytes((8 + 9, *grey[head + 4 : head + 9], 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))
    of_three = grey[: head + 3] + colour + grey[head + 13 :]
    assert [LACKS in note for note in read_jpeg(of_three).damage] == [True]


def test_a_sector_of_zeros_is_a_note():
    data = bytearray(encoded(quality=97))
    assert len(data) > 20_000
    data[9_000:9_512] = bytes(512)
    assert read_jpeg(bytes(data)).damage[0].startswith(RECOVERED)


def test_a_file_that_lacks_its_end_alone_is_read_with_a_note():
    raster = read_jpeg(encoded()[:-2])
    assert raster.damage == ("its end marker is missing",)
    np.testing.assert_array_equal(raster.samples, decoded(encoded()))


def test_of_flipped_bits_none_ends_otherwise_than_in_pixels_or_words():
    data, random_ = encoded(), np.random.default_rng(2)
    told = 0
    for _ in range(200):
        flipped = bytearray(data)
        flipped[random_.integers(len(data))] ^= 1 << random_.integers(8)
        try:
            told += bool(read_jpeg(bytes(flipped)).damage)
        except ReadError:
            told += 1
    assert told > 30  # JPEG has no checksum


# What stands beside the pixels rejects none


def segment(number: int, body: bytes) -> bytes:
    return bytes((0xFF, number)) + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    "extra",
    [
        segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<x" * 30_000) * 200,
        segment(0xE2, b"MPF\0nothing of that kind"),
        segment(0xED, b"Photoshop 3.0\08BIM"),
        segment(0xE0, b"JFIF\0\x09\x09"),
        segment(0xFE, b"\xff" * 60_000) * 100,
    ],
    ids=["exif", "12 MB of xmp", "mpf", "photoshop", "jfif", "comments"],
)
def test_odd_segments_reject_no_pixels(extra):
    data = encoded()
    raster = read_jpeg(data[:2] + extra + data[2:])
    np.testing.assert_array_equal(raster.samples, decoded(data))


@pytest.mark.parametrize(
    "body",
    [b"ICC_PROFILE\0\x01\x02half", b"ICC_PROFILE\0\x01\x01no profile", b"ICC_PROFILE\0"],
)
def test_a_broken_profile_rejects_no_pixels(tmp_path, body):
    data = encoded()
    (tmp_path / "a.jpg").write_bytes(data[:2] + segment(0xE2, body) + data[2:])
    image = read_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(image.rgb, decoded(data))


def test_12_bits_are_refused_in_words():
    data = bytearray(encoded())
    at = data.find(b"\xff\xc0")
    data[at + 1], data[at + 4] = 0xC1, 12
    assert "JPEG of 12 bits is not read; save it as 8-bit JPEG" in refusal(bytes(data))


def test_lossless_of_few_bits_is_refused_and_of_8_is_not():
    data = bytearray(encoded())
    at = data.find(b"\xff\xc0")
    for bits in (2, 7):
        data[at + 1], data[at + 4] = 0xC3, bits
        assert f"JPEG of {bits} bits is not read" in refusal(bytes(data))


def test_kinds_of_jpeg_that_decoders_read_in_two_ways_or_not_are_refused_in_words():
    def of_kind(kind: int, image: Image.Image = IMAGE, **options: object) -> bytes:
        data = bytearray(encoded(image, **options))
        data[data.find(b"\xff\xc0") + 1] = kind
        return bytes(data)

    assert refusal(of_kind(0xF7)) == "JPEG-LS, which is not read; save it as PNG"
    with_mark = of_kind(0xC3)
    without = with_mark[:2] + with_mark[2 + 18 :]
    assert [b"JFIF" in data for data in (with_mark, without)] == [True, False]
    for data in (with_mark, without):
        assert "lossless JPEG whose colours are not marked as RGB" in refusal(data)
    for data in (of_kind(0xC3, keep_rgb=True), of_kind(0xC3, IMAGE.convert("L"))):
        assert "damaged" in refusal(data)  # here it is the decoder that gives up


def test_scans_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_SCANNED", 5 * 251 * 203)
    assert "scans of 0 megapixels are not read" in refusal(encoded(progressive=True))
    assert read_jpeg(encoded()).damage == ()


def test_a_size_that_is_a_lie_is_refused_before_its_pixels_are_made():
    data = bytearray(encoded())
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    assert refusal(bytes(data))
    data[at + 5 : at + 9] = b"\x7f\x00\x7f\x00"
    assert refusal(bytes(data)).startswith("32512 x 32512 px are 1,057 megapixels")
    data[at + 5 : at + 9] = b"\x4e\x20\x4e\x20"  # this took 14 s and 1.4 GB
    cause = f"20000 x 20000 px in a file of {len(data):,} bytes; allowed is at most 256 pixels"
    assert refusal(bytes(data)).startswith(cause)


def test_a_part_of_another_size_than_it_must_have_is_damaged():
    file = io.BytesIO()
    Image.fromarray(crop("coffee", 0, 0, 61, 40)).save(file, "JPEG")
    assert module.decode_jpeg(file.getvalue(), (61, 40))[0].shape == (40, 61, 3)
    with pytest.raises(ReadError, match="damaged: 61 x 40 px in place of 40 x 61"):
        module.decode_jpeg(file.getvalue(), (40, 61))


def test_a_scan_of_colours_that_the_frame_does_not_have_stands_for_none_of_its_own():
    frame = segment(0xC0, bytes((8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 0)))

    def scan(*numbers: int) -> bytes:
        parts = [part for number in numbers for part in (number, 0)]
        return segment(0xDA, bytes((len(numbers), *parts, 0, 63, 0)))

    for numbers, lacks in (((1, 2), False), ((1, 9), True), ((9, 2, 1), False)):
        assert module.lacks_scans(b"\xff\xd8" + frame + scan(*numbers)) == lacks
