from __future__ import annotations

import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline import reading
from srviewer.pipeline.formats import with_pillow
from srviewer.pipeline.formats.with_pillow import _told_depth
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
    assert _told_depth(bytes(data), "AVIF") == 10
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
    begun = time.perf_counter()
    _, notes = read(tmp_path, start + frame * 100_000 + b";", "a.gif")
    assert time.perf_counter() - begun < 3
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
    wanted = np.asarray(image if mode in ("L", "CMYK") else image.convert("RGB"))
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
