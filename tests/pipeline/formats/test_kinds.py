import io
import shutil

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats import kinds
from srviewer.pipeline.formats.kinds import kind_of
from srviewer.pipeline.reading import read_image
from tests.photos import crop

RGB = crop("coffee", 200, 100, 64, 48)
READ = {
    "PNG": "png", "JPEG": "jpg", "BMP": "bmp", "TIFF": "tif", "GIF": "gif", "WEBP": "webp",
    "AVIF": "avif", "JPEG2000": "jp2", "PPM": "ppm", "QOI": "qoi",
}  # fmt: skip
NOT_READ = {"PCX": "pcx", "ICO": "ico", "DDS": "dds", "SGI": "sgi", "EPS": "eps", "PDF": "pdf"}


def written(format: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, format)
    return file.getvalue()


@pytest.mark.parametrize("format", READ)
def test_the_content_decides_whatever_the_name(tmp_path, format):
    data = written(format)
    images = []
    for name in (f"a.{READ[format]}", "a.png", "a.jpg", "a.tif", "a.xyz", "a"):
        (tmp_path / name).write_bytes(data)
        images.append(read_image(tmp_path / name).rgb)
    assert all((image == images[0]).all() for image in images)
    assert kind_of(data[:64], ".png") == format


@pytest.mark.parametrize("format", NOT_READ)
def test_what_is_not_meant_reaches_no_decoder(tmp_path, monkeypatch, format):
    data = written(format)
    monkeypatch.setattr(Image, "open", None)
    for name in (f"a.{NOT_READ[format]}", "a.png", "a.jpg"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReadError, match=r"not read|a format that is read"):
            read_image(tmp_path / name)


@pytest.mark.parametrize(
    ("start", "suffix", "words"),
    [
        (b"%!PS-Adobe-3.0\n", ".png", "a PostScript file, which is not read; save it as PNG"),
        (b"8BPS\0\1", ".png", "a Photoshop file"),
        (b"II*\0\x10\0\0\0CR\2\0", ".tif", "a camera's raw file, which is not read; develop it"),
        (b"II*\0\x08\0\0\0", ".nef", "a camera's raw file"),
        (
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            ".jpg",
            "a HEIC picture, which needs a package more: pip",
        ),
        (b"\xff\x0a", ".png", "a JPEG XL image"),
        (b"\0\0\0\x1cftypisom\0\0\0\0", ".png", "not an image in a format that is read"),
        (b"<svg xmlns=", ".png", "not an image in a format that is read"),
        (b"\0\0\2\0\0\0\0\0", ".png", "not an image in a format that is read"),
        (b"P", ".png", "not an image in a format that is read"),
        (b"", ".png", "not an image in a format that is read"),
    ],
)
def test_what_is_not_read_is_named(monkeypatch, start, suffix, words):
    monkeypatch.setattr(kinds, "has_extra", lambda extra: False)
    with pytest.raises(ReadError) as caught:
        kind_of(start, suffix)
    assert caught.value.sentence.startswith(words)


@pytest.mark.parametrize("suffix", [".tga", ".dib"])
def test_what_begins_with_anything_is_known_by_its_name(tmp_path, suffix):
    kind = {".tga": "TGA", ".dib": "DIB"}[suffix]
    (tmp_path / f"a{suffix}").write_bytes(written(kind))
    np.testing.assert_array_equal(read_image(tmp_path / f"a{suffix}").rgb, RGB)
    shutil.copy(tmp_path / f"a{suffix}", tmp_path / "a.png")
    with pytest.raises(ReadError):
        read_image(tmp_path / "a.png")
