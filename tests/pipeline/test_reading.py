import hashlib
import io
import struct
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps, UnidentifiedImageError

from srviewer.errors import ReadError
from srviewer.pipeline import reading
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.formats import opening, with_pillow
from srviewer.pipeline.formats.finishing import finish
from srviewer.pipeline.formats.raster import Raster, decoder_error, valid_orientation
from srviewer.pipeline.reading import from_array, read_apart, read_image, why_no_image
from srviewer.pipeline.recipe import Recipe
from tests.photos import crop, save

HEIGHT, WIDTH = 40, 60


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    return crop("coffee", 200, 100, WIDTH, HEIGHT)


def read_error(path: Path) -> str:
    with pytest.raises(ReadError) as caught:
        read_image(path)
    message = str(caught.value)
    assert message == f"{path}: {caught.value.sentence}"
    return caught.value.sentence


def save_png(file: Path, header: tuple[int, int, int, int], data: bytes) -> Path:
    """Write a PNG of width, height, depth and colour type, which Pillow and OpenCV cannot."""
    parts = {b"IHDR": struct.pack(">IIBBBBB", *header, 0, 0, 0), b"IDAT": data, b"IEND": b""}
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in parts.items()
        )
    )
    return file


# Files that cannot be read


def test_a_text_file_named_png(tmp_path):
    file = tmp_path / "notes.png"
    file.write_text("not a picture at all\n")
    assert read_error(file) == "not an image in a format that is read"


def test_an_empty_file(tmp_path):
    (tmp_path / "empty.jpg").touch()
    assert read_error(tmp_path / "empty.jpg") == "the file is empty"


def test_a_folder(tmp_path):
    (tmp_path / "folder.png").mkdir()
    assert read_error(tmp_path / "folder.png") == "a folder, not an image"


def test_a_missing_path(tmp_path):
    assert read_error(tmp_path / "missing.png") == "No such file or directory"


def test_a_path_below_a_file(tmp_path, rgb):
    file = save(rgb, tmp_path / "a.png")
    assert read_error(file / "b.png") == "Not a directory"


def test_a_path_with_a_null_character():
    assert "null" in read_error(Path("a\0b.png"))


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "tif", "gif", "webp"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file(tmp_path, rgb, suffix, share):
    file = save(rgb, tmp_path / f"whole.{suffix}")
    data = file.read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(data[: int(len(data) * share)])
    assert read_error(cut)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_16_bit_file(tmp_path, suffix, channels, share):
    deep = np.random.default_rng(4).integers(0, 65536, (64, 64, channels)).astype(np.uint16)
    data = cv2.imencode(f".{suffix}", deep)[1].tobytes()
    (tmp_path / f"cut.{suffix}").write_bytes(data[: int(len(data) * share)])
    assert read_error(tmp_path / f"cut.{suffix}")


def test_a_truncated_jpeg_is_called_truncated(tmp_path, rgb):
    data = save(crop("coffee", 0, 0, 200, 200), tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    assert "truncated" in read_error(tmp_path / "cut.jpg")


def test_a_file_that_may_not_be_read(tmp_path, rgb, monkeypatch):
    file = save(rgb, tmp_path / "mine.png")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(opening.os, "open", refuse)
    assert read_error(file) == "Permission denied"


def test_a_decoder_that_fails_in_its_own_way_is_still_a_read_error(tmp_path, rgb, monkeypatch):
    file = save(rgb, tmp_path / "odd.bmp")

    def fail(*args, **kwargs):
        raise struct.error("unpack requires a buffer of 4 bytes")

    monkeypatch.setattr(with_pillow.PillowImage, "open", fail)
    assert read_error(file) == "damaged: unpack requires a buffer of 4 bytes"


def test_a_huge_header_is_refused_before_its_pixels_are_asked_for(tmp_path):
    cause = read_error(save_png(tmp_path / "bomb.png", (60_000, 60_000, 8, 2), b""))
    assert "60000 x 60000" in cause or "3600000000 pixels" in cause


def test_floating_point_pixels_are_refused(tmp_path):
    Image.fromarray(np.ones((40, 60), np.float32)).save(tmp_path / "float.tif")
    assert read_error(tmp_path / "float.tif").startswith("floating-point pixels")


def test_signed_pixels_are_refused(tmp_path):
    Image.fromarray(np.array([[0, 70_000]], np.int32)).save(tmp_path / "deep.tif")
    assert read_error(tmp_path / "deep.tif").startswith("signed samples")


# Files that are read as they are


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp", "ppm", "tga"])
def test_a_colour_image_is_read_to_the_last_bit_without_notes(tmp_path, rgb, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(rgb).save(tmp_path / f"a.{suffix}", **options)
    image = read_image(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(image.rgb, rgb)
    assert image.notes == ()
    assert image.size == (WIDTH, HEIGHT)
    assert image.path == tmp_path / f"a.{suffix}"
    assert image.rgb.dtype == np.uint8
    assert image.rgb.flags.c_contiguous


def test_a_jpeg_is_read_as_pillow_decodes_it(tmp_path, rgb):
    file = save(rgb, tmp_path / "a.jpg")
    np.testing.assert_array_equal(read_image(file).rgb, np.asarray(Image.open(file)))
    assert read_image(file).notes == ()


def test_a_24_bit_bmp_is_not_taken_for_16_bit(tmp_path):
    # Its decoder's arguments hold numbers that once were mistaken for a depth.
    rgb = np.tile(crop("coffee", 0, 0, 240, 192), (3, 3, 1))
    assert read_image(save(rgb, tmp_path / "a.bmp")).notes == ()
    assert read_image(tmp_path / "a.bmp").size == (720, 576)


def test_a_name_with_spaces_and_letters_of_other_scripts(tmp_path, rgb):
    file = save(rgb, tmp_path / "мой файл 写真 ñ.png")
    np.testing.assert_array_equal(read_image(file).rgb, rgb)
    np.testing.assert_array_equal(read_image(str(file)).rgb, rgb)


def test_a_16_bit_image_with_such_a_name(tmp_path, rgb):
    # The deep decoder is OpenCV's, which on Windows cannot open every name itself.
    file = tmp_path / "写真 16.png"
    file.write_bytes(cv2.imencode(".png", rgb.astype(np.uint16) * 257)[1].tobytes())
    np.testing.assert_array_equal(read_image(file).rgb, rgb[..., ::-1])


def test_a_single_pixel_is_read(tmp_path):
    image = read_image(save(np.array([[[1, 2, 3]]], np.uint8), tmp_path / "dot.png"))
    assert image.rgb.tolist() == [[[1, 2, 3]]]


# What is changed on the way, and the note that tells


def on_all(plane: np.ndarray) -> np.ndarray:
    return np.stack([plane] * 3, axis=-1)


@pytest.mark.parametrize(
    ("make", "expected", "notes"),
    [
        (lambda rgb: rgb[..., 1], lambda rgb: on_all(rgb[..., 1]), "grey converted to RGB"),
        (
            lambda rgb: rgb[..., 0] > 100,
            lambda rgb: on_all((rgb[..., 0] > 100) * np.uint8(255)),
            "black and white converted to RGB",
        ),
        # Dropped, not blended.
        (lambda rgb: np.dstack([rgb, rgb[..., 1]]), lambda rgb: rgb, "alpha dropped"),
        (
            lambda rgb: rgb[..., :2],
            lambda rgb: on_all(rgb[..., 0]),
            "alpha dropped, grey converted to RGB",
        ),
    ],
    ids=["grey", "one bit", "alpha", "grey with alpha"],
)
def test_other_colours_become_rgb(tmp_path, rgb, make, expected, notes):
    Image.fromarray(np.ascontiguousarray(make(rgb))).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, expected(rgb))
    assert ", ".join(image.notes) == notes


def test_a_palette_becomes_rgb(tmp_path, rgb):
    indexed = Image.fromarray(rgb).quantize(17)
    indexed.save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    colours = np.array(indexed.getpalette()).reshape(-1, 3)
    np.testing.assert_array_equal(image.rgb, colours[np.asarray(indexed)])
    assert image.notes == ("palette converted to RGB",)


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_a_transparent_colour_is_alpha_too(tmp_path, rgb, mode):
    picture = Image.fromarray(rgb) if mode == "RGB" else Image.fromarray(rgb).quantize(8)
    transparent = tuple(map(int, rgb[0, 0])) if mode == "RGB" else 3
    picture.save(tmp_path / "a.png", transparency=transparent)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, np.asarray(picture.convert("RGB")))
    assert "alpha dropped" in image.notes


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_16_bit_grey_is_scaled(tmp_path, suffix):
    deep = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)
    cv2.imwrite(str(tmp_path / f"a.{suffix}"), deep)
    image = read_image(tmp_path / f"a.{suffix}")
    expected = np.round(deep / 257).astype(np.uint8)
    np.testing.assert_array_equal(image.rgb, np.stack([expected] * 3, axis=-1))
    assert image.notes == ("16-bit scaled to 8-bit", "grey converted to RGB")


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colour_is_scaled(tmp_path, suffix, channels):
    values = np.random.default_rng(1).integers(0, 65536, (40, 60, channels)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / f"a.{suffix}"), values)
    image = read_image(tmp_path / f"a.{suffix}")
    expected = np.round(values[..., 2::-1] / 257)
    np.testing.assert_array_equal(image.rgb, expected)
    assert image.notes[0] == "16-bit scaled to 8-bit"
    assert ("alpha dropped" in image.notes) == (channels == 4)


def test_16_bit_grey_with_alpha_is_scaled(tmp_path):
    grey = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)
    both = np.stack([grey, np.full_like(grey, 30_000)], axis=-1).astype(">u2")
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in both))
    image = read_image(save_png(tmp_path / "a.png", (60, 40, 16, 4), rows))
    np.testing.assert_array_equal(image.rgb[..., 0], np.round(grey / 257))
    assert image.notes[0] == "16-bit scaled to 8-bit"
    assert "alpha dropped" in image.notes


def test_cmyk_is_converted(tmp_path, rgb):
    Image.fromarray(rgb).convert("CMYK").save(tmp_path / "a.jpg", quality=100, subsampling=0)
    image = read_image(tmp_path / "a.jpg")
    assert image.notes == ("CMYK converted to RGB",)
    assert np.abs(image.rgb.astype(int) - rgb).mean() < 2


def test_of_several_frames_the_first_is_taken(tmp_path, rgb):
    frames = [Image.fromarray(np.roll(rgb, shift, axis=1)).quantize(32) for shift in (0, 9, 20)]
    for suffix in ("gif", "tif"):
        file = tmp_path / f"a.{suffix}"
        frames[0].save(file, save_all=True, append_images=frames[1:])
        image = read_image(file)
        np.testing.assert_array_equal(image.rgb, np.asarray(frames[0].convert("RGB")))
        assert image.notes[0] == "first of 3 frames taken"


# What a viewer must do to the stored pixels, as the Exif standard names it.
TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
def test_exif_orientation_is_applied(tmp_path, rgb, orientation, suffix):
    picture = Image.fromarray(rgb)
    exif = picture.getexif()
    exif[0x0112] = orientation
    options = {"lossless": True} if suffix == "webp" else {}
    picture.save(tmp_path / f"a.{suffix}", exif=exif, **options)
    picture.save(tmp_path / f"plain.{suffix}", **options)
    stored = np.asarray(Image.open(tmp_path / f"plain.{suffix}").convert("RGB"))
    image = read_image(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(image.rgb, TURNS[orientation](stored))
    assert image.rgb.flags.c_contiguous
    expected = () if orientation == 1 else (f"EXIF orientation {orientation} applied",)
    assert image.notes == expected
    with Image.open(tmp_path / f"a.{suffix}") as opened:
        np.testing.assert_array_equal(image.rgb, np.asarray(ImageOps.exif_transpose(opened)))


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_means_nothing_changes_nothing(tmp_path, rgb, orientation):
    picture = Image.fromarray(rgb)
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "a.png", exif=exif)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, rgb)
    assert image.notes == ()


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3)], ids=["grey", "colour"])
def test_a_16_bit_tiff_is_turned_once(tmp_path, orientation, shape):
    deep = np.random.default_rng(2).integers(0, 65536, shape).astype(np.uint16)
    file = tmp_path / "a.tif"
    cv2.imwrite(str(file), deep)
    assert read_image(file).notes[0] == "16-bit scaled to 8-bit"
    data = file.read_bytes()
    start = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[start : start + 2])[0]
    tags = [data[start + 2 + 12 * i : start + 14 + 12 * i] for i in range(entries)]
    tags = [tag for tag in tags if struct.unpack("<H", tag[:2])[0] != 0x0112]
    tags = sorted([*tags, struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)],
                  key=lambda tag: struct.unpack("<H", tag[:2])[0])  # fmt: skip
    body = struct.pack("<H", len(tags)) + b"".join(tags) + bytes(4)
    file.write_bytes(data[:4] + struct.pack("<I", len(data)) + data[8:] + body)
    image = read_image(file)
    colour = np.stack([deep] * 3, axis=-1) if deep.ndim == 2 else deep[..., ::-1]
    np.testing.assert_array_equal(image.rgb, TURNS[orientation](np.round(colour / 257)))
    assert (f"EXIF orientation {orientation} applied" in image.notes) == (orientation > 1)


def test_damaged_exif_does_not_make_whole_pixels_unreadable(tmp_path, rgb):
    Image.fromarray(rgb).save(tmp_path / "plain.jpg")
    Image.fromarray(rgb).save(tmp_path / "a.jpg", exif=b"Exif\0\0no table here at all")
    image = read_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(image.rgb, np.asarray(Image.open(tmp_path / "plain.jpg")))
    assert image.notes == ("damaged: EXIF is broken, so that the orientation is not known",)


def test_a_grey_16_bit_image_is_turned_as_well(tmp_path):
    deep = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)
    picture = Image.fromarray(deep)
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.png", exif=exif)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb[..., 0], np.rot90(np.round(deep / 257), -1))
    assert image.notes[-1] == "EXIF orientation 6 applied"


def test_set14_is_read_without_notes_but_for_the_grey_one(data_dir):
    for file in (data_dir / "set14").glob("*.bmp"):
        expected = ("grey converted to RGB",) if file.stem == "bridge" else ()
        assert read_image(file).notes == expected


@pytest.mark.parametrize(
    "pixels", [np.zeros((5, 5, 3)), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8)]
)
def test_arrays_of_another_kind_are_refused(pixels):
    with pytest.raises(ReadError, match=r"array: .* of shape .*uint8 of shape \(H, W, 3\)"):
        from_array(pixels)


def test_colours_that_nobody_knows_are_refused():
    raster = Raster(np.zeros((4, 4, 5), np.uint8))
    with pytest.raises(ReadError, match="5 colours a pixel are not read"):
        finish(raster, "as_stored")


def test_the_pixels_do_not_wait_for_the_checksum(tmp_path, rgb, monkeypatch):
    path = save(rgb, tmp_path / "a.bmp")
    expected, may_go_on = hashlib.sha256(path.read_bytes()).hexdigest(), threading.Event()

    def slow(data):
        may_go_on.wait(10)
        return hashlib.new("sha256", data)

    monkeypatch.setattr(reading, "hashlib", SimpleNamespace(sha256=slow))
    image = read_image(path)
    assert np.array_equal(image.rgb, rgb)
    assert not image.checksum.done()
    may_go_on.set()
    assert image.sha256 == image.content == expected


def test_without_a_further_thread_the_checksum_is_computed_first(tmp_path, rgb, monkeypatch):
    def none_left(thread):
        raise RuntimeError("can't start new thread")

    path = save(rgb, tmp_path / "a.bmp")
    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert read_image(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_a_decoder_raises_is_told_in_words():
    assert decoder_error(MemoryError()).cause == "not enough memory to read it"
    unknown = decoder_error(UnidentifiedImageError("cannot identify <_io.BytesIO at 0x7f0>"))
    assert "its header cannot be read" in unknown.cause
    assert "0x7f0" not in str(unknown)
    unsupported = decoder_error(OSError("Unsupported BMP compression (7)"))
    assert unsupported.cause == "unsupported BMP compression (7), which is not read; save it as PNG"
    assert "ZeroDivisionError" in decoder_error(ZeroDivisionError()).cause


@pytest.mark.parametrize(("value", "orientation"), [(b"\x06", 6), (b"\0\x03", 3), (b"\x09", 1),
                                                     (8, 8), (0, 1), ("6", 1)])  # fmt: skip
def test_an_orientation_of_any_type_is_one_or_none(value, orientation):
    assert valid_orientation(value) == orientation


def test_what_is_read_in_a_process_apart_is_told_as_samples_and_facts(rgb):
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", lossless=True)
    facts, (samples, profile) = read_apart(file.getvalue(), format="WEBP")
    np.testing.assert_array_equal(samples, rgb)
    assert (len(profile), facts["bits"]) == (0, 8)
    with pytest.raises(ReadError, match="its header cannot be read"):
        read_apart(b"RIFF\0\0\0\0WEBPnothing", format="WEBP")


def test_a_pnm_that_is_cut_is_told_in_this_process_too():
    with pytest.raises(ReadError, match="truncated"):
        read_apart(b"P6 4 4 255\n" + bytes(40), format="PPM")


def test_an_array_a_path_and_an_image_are_analysed_alike(tmp_path):
    rgb = crop("coffee", 200, 100, 96, 96)
    path = save(rgb, tmp_path / "a.png")
    ways = (rgb, path, read_image(path))
    counts = {tuple(analyse(one, Recipe(crop="whole")).patches.matches) for one in ways}
    assert len(counts) == 1


def test_of_what_a_person_names_only_what_is_surely_no_image_is_told(tmp_path, rgb):
    text, other = tmp_path / "a.txt", save(rgb, tmp_path / "a.png").rename(tmp_path / "a.other")
    text.write_text("no image")
    assert str(why_no_image(text)) == f"{text}: not an image in a format that is read"
    for path in (
        other,  # it is one by its content
        text.rename(tmp_path / "text.png"),  # read, and told of then
        tmp_path / "raw.cr2",
        tmp_path / "missing.txt",
        tmp_path,
    ):
        assert why_no_image(path) is None
