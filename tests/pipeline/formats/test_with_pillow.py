import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline import reading
from srviewer.pipeline.formats import with_pillow
from srviewer.pipeline.formats.raster import BEYOND_PALETTE
from srviewer.pipeline.formats.told import told_of
from srviewer.pipeline.formats.with_pillow import decode_with_pillow
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from tests.photos import crop

RGB = crop("coffee", 200, 100, 64, 48)


def read(folder, data: bytes, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    (folder / name).write_bytes(data)
    image = read_image(folder / name)
    return image.rgb, image.notes


@pytest.mark.parametrize("most", [255, 1023, 4095, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_depth_of_a_ppm_is_told(tmp_path, most, channels):
    values = np.random.default_rng(most).integers(0, most + 1, (20, 30, channels))
    head = f"P{5 if channels == 1 else 6}\n30 20\n{most}\n".encode()
    body = values.astype(np.uint8 if most == 255 else ">u2").tobytes()
    rgb, notes = read(tmp_path, head + body, "a.ppm")
    wanted = np.floor(values * 255 / most + 0.5)
    np.testing.assert_array_equal(rgb, np.broadcast_to(wanted, (20, 30, 3)))
    depth = f"{most.bit_length()}-bit scaled to 8-bit"
    assert (depth in notes) == (most > 255)
    assert len(notes) == (most > 255) + (channels == 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_jpeg_2000_is_right_near_white_too(tmp_path, channels):
    deep = np.random.default_rng(2).integers(0, 65536, (64, 64, channels)).astype(np.uint16)
    deep[:8] = 65535
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    data = cv2.imencode(".jp2", deep[..., ::-1], lossless)[1].tobytes()
    rgb, notes = read(tmp_path, data, "a.jp2")
    np.testing.assert_array_equal(rgb, np.broadcast_to(np.round(deep / 257), (64, 64, 3)))
    assert notes[0] == "16-bit scaled to 8-bit"
    bare = data[data.find(b"\xff\x4f\xff\x51") :]
    np.testing.assert_array_equal(read(tmp_path, bare, "a.j2k")[0], rgb)


def test_the_depth_of_an_avif_is_told(tmp_path):
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "AVIF", quality=100, subsampling="4:4:4")
    data = bytearray(file.getvalue())
    plain, notes = read(tmp_path, bytes(data), "a.avif")
    assert notes == ()
    data[data.find(b"av1C") + 6] |= 0x40
    assert told_of(bytes(data), "AVIF").bits == 10
    assert np.abs(plain.astype(int) - RGB).mean() < 3


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("ending", ["webp", "avif"])
def test_orientation_and_alpha(tmp_path, ending, orientation):
    image = Image.fromarray(np.dstack([RGB, RGB[..., 1]]))
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / f"a.{ending}", exif=exif, quality=95)
    found = read_image(tmp_path / f"a.{ending}")
    assert found.size == ((64, 48) if orientation < 5 else (48, 64))
    words = [f"EXIF orientation {orientation} applied"] if orientation > 1 else []
    assert list(found.notes) == ["alpha dropped", *words]


def test_the_frames_of_a_gif_are_counted_up_to_a_thousand(tmp_path):
    frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    start = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    begun = time.process_time()
    _, notes = read(tmp_path, start + frame * 100_000 + b";", "a.gif")
    assert time.process_time() - begun < 3
    assert notes[0] == "first of more than 1,000 frames taken"
    assert read(tmp_path, start + frame * 5 + b";", "a.gif")[1][0] == "first of 5 frames taken"


def test_no_memory_is_taken_for_a_canvas_that_its_frames_cannot_fill(tmp_path):
    file = io.BytesIO()
    image = Image.fromarray(RGB)
    image.save(file, "WEBP", save_all=True, append_images=[image.rotate(90)])
    data = bytearray(file.getvalue())
    at = data.find(b"VP8X") + 12
    data[at : at + 6] = b"\x1f\x4e\0\x1f\x4e\0"  # this took 35 s and 3.3 GB
    with pytest.raises(ReadError, match=r"20000 x 20000 px in a file of [0-9,]+ bytes; allowed is"):
        read(tmp_path, bytes(data), "a.webp")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_pixels_are_copied_some_rows_at_a_time(monkeypatch, mode):
    monkeypatch.setattr(with_pillow, "_STRIP", 7 * 64)
    image = Image.fromarray(RGB).convert(mode)
    wanted = np.asarray(image.convert({"L": "L", "LA": "L", "CMYK": "CMYK"}.get(mode, "RGB")))
    raster = with_pillow._raster_of(image, 8)
    np.testing.assert_array_equal(raster.samples, wanted.reshape(raster.samples.shape))


def test_a_decoder_that_dies_is_the_failure_of_that_image_alone(tmp_path, monkeypatch):
    Image.fromarray(RGB).save(tmp_path / "a.webp", lossless=True)
    with monkeypatch.context() as patched:
        patched.setattr(reading, "_APART", "tests.pipeline.apart_functions:die_over")
        with pytest.raises(ReadError, match=r"a\.webp: its decoder died over it \(SIGSEGV\)"):
            read_image(tmp_path / "a.webp")
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp").rgb, RGB)


def test_a_decoder_apart_can_be_cancelled(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.webp", lossless=True)
    progress = Progress()
    progress.cancel.set()
    with pytest.raises(Cancelled):
        read_image(tmp_path / "a.webp", progress=progress)


# Here and not in the process apart


def saved(image: Image.Image, format: str, **how) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    ("mode", "format", "stored", "dropped"),
    [
        ("RGB", "PPM", "", False),
        ("L", "PPM", "grey", False),
        ("1", "PPM", "black and white", False),
        ("P", "GIF", "palette", False),
        ("RGBA", "TGA", "", True),
        ("LA", "TGA", "grey", True),
        ("CMYK", "TIFF", "CMYK", False),
        ("I;16", "TIFF", "grey", False),
    ],
)
def test_what_a_file_holds_is_what_pillow_reads(mode, format, stored, dropped):
    image = Image.fromarray(RGB).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    found = decode_with_pillow(saved(image, format), format)
    assert (found.stored, found.dropped) == (stored, ("alpha dropped",) if dropped else ())
    kept = {"L": "L", "LA": "L", "CMYK": "CMYK"}.get(mode, "RGB")
    wanted = np.asarray(image if mode == "I;16" else image.convert(kept))
    np.testing.assert_array_equal(found.samples, np.atleast_3d(wanted))
    assert found.bits == (16 if mode == "I;16" else 8)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.float32([[0.5, 1]]), "floating-point pixels"),
        (np.int32([[0, 70_000]]), r"grey values from 0 to 70000.*0 to 65535"),
        (np.int32([[-1, 7]]), r"grey values from -1 to 7.*0 to 65535"),
    ],
)
def test_values_without_a_range_are_refused(pixels, words):
    with pytest.raises(ReadError, match=words):
        decode_with_pillow(saved(Image.fromarray(pixels), "TIFF"), "TIFF")


@pytest.mark.parametrize("most", [255, 1023, 65535])
def test_the_depth_of_a_ppm_is_known_to_its_decoder_alone(most):
    body = np.arange(0, 60, dtype=np.uint8 if most == 255 else ">u2").tobytes()
    found = decode_with_pillow(f"P5\n10 6\n{most}\n".encode() + body, "PPM")
    assert found.bits == most.bit_length()


@pytest.mark.parametrize(("bits", "depth"), [(0x00, 8), (0x40, 10), (0x60, 12)])
@pytest.mark.parametrize("transfer", [13, 16, 18])
def test_what_an_avif_tells_of_itself(bits, depth, transfer):
    start = b"....colrnclx" + bytes((0, 1, 0, transfer, 0, 1)) + b"....av1C\x81\0" + bytes([bits])
    if transfer != 13:
        with pytest.raises(ReadError, match="HDR"):
            told_of(start, "AVIF")
    else:
        assert told_of(start, "AVIF").bits == depth
        assert told_of(start, "WEBP").bits == 8
        assert told_of(b"", "AVIF").bits == 8


def deep_jpeg_2000(channels: int) -> tuple[np.ndarray, bytes]:
    deep = np.random.default_rng(2).integers(0, 65536, (32, 40, channels)).astype(np.uint16)
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    return deep, cv2.imencode(".jp2", deep[..., ::-1], lossless)[1].tobytes()


@pytest.mark.parametrize("channels", [1, 3])
def test_deep_jpeg_2000_is_decoded_by_opencv(channels):
    deep, data = deep_jpeg_2000(channels)
    found = decode_with_pillow(data, "JPEG2000")
    np.testing.assert_array_equal(found.samples, deep)
    assert (found.bits, found.stored) == (16, "grey" if channels == 1 else "")
    at = data.find(b"\xff\x4f\xff\x51") + 42
    for told, words in ((0x8F, "signed samples"), (0x1F, "32-bit samples")):
        with pytest.raises(ReadError, match=words):
            decode_with_pillow(data[:at] + bytes([told]) + data[at + 1 :], "JPEG2000")


def test_deep_jpeg_2000_that_opencv_does_not_decode_is_damaged(monkeypatch):
    _, data = deep_jpeg_2000(1)
    for result in (None, np.zeros((32, 40), np.uint8)):
        monkeypatch.setattr(cv2, "imdecode", lambda *_, result=result: result)
        with pytest.raises(ReadError, match="its compressed data cannot be decoded"):
            decode_with_pillow(data, "JPEG2000")


def test_profiles_that_pillow_does_not_tell_are_found():
    profile = b"profile of colours"
    head = bytearray(146)
    head[14:18], head[70:74] = (124).to_bytes(4, "little"), b"DEBM"
    head[126:134] = (132).to_bytes(4, "little") + len(profile).to_bytes(4, "little")
    assert told_of(bytes(head) + profile, "BMP").profile == profile
    assert told_of(bytes(head[:70]) + bytes(76) + profile, "BMP").profile == b""
    box = (8 + 3 + len(profile)).to_bytes(4, "big") + b"colr\2\0\0" + profile
    assert told_of(b"jP  " + box + b"more", "JPEG2000").profile == profile
    assert told_of(b"no box", "JPEG2000").profile == b""


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"P5\n4 2\n100\n" + bytes([100] * 7 + [101]), "samples above its maximum of 100"),
        (b"P5\n2 2\n300\n" + b"\1\0" * 3 + b"\2\0", "samples above its maximum of 300"),
        (b"P6\r\n2 1\r\n255\r\n" + b"abcdef", "1 byte left over"),
        (b"P4\n9 2\n" + b"abcdef", "2 bytes left over"),
        (b"P5\n2 2\n255\nabcd\n", ""),
        (b"P5\n2 2\n255\nabcdP5\n2 2\n255\nabcd", ""),
        (b"P5\n2 2\n100\nabcd", ""),
        (b"P2\n2 2\n255\n1 2 3 4\n", ""),
    ],
)
def test_what_a_pnm_does_not_fit_is_told(data, note):
    damage = decode_with_pillow(data, "PPM").damage
    assert [note in words for words in damage] == [True] * bool(note)


@pytest.mark.parametrize("most", [b"100", b"300"])
def test_a_pnm_of_a_maximum_of_its_own_that_is_cut_is_damaged(most):
    size = 8 if most == b"100" else 16
    assert decode_with_pillow(b"P5\n4 2\n" + most + b"\n" + bytes(size), "PPM").damage == ()
    with pytest.raises(ReadError, match="damaged: truncated"):
        decode_with_pillow(b"P5\n4 2\n" + most + b"\n" + bytes(size - 1), "PPM")


def test_colours_that_a_palette_does_not_have_and_what_lies_beside_a_frame_are_told():
    image = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4), "P")
    image.putpalette([n % 256 for n in range(7, 7 + 16 * 3)])
    data = bytearray(saved(image, "GIF"))
    assert decode_with_pillow(bytes(data), "GIF").damage == ()
    data[6:8] = (9).to_bytes(2, "little")  # a wider canvas
    assert decode_with_pillow(bytes(data), "GIF").dropped == ("alpha dropped",)
    image.putpalette([n % 256 for n in range(7, 7 + 10 * 3)])
    data = bytearray(saved(image, "TGA"))
    assert decode_with_pillow(bytes(data), "TGA").damage == (BEYOND_PALETTE,)
