import io

import numpy as np
import pytest
from PIL import Image

from srviewer.export.containers.pictures import encode_picture
from srviewer.export.options import FORMATS
from tests.photos import crop

PILLOW_NAMES = {"bmp": "BMP", "png": "PNG", "tif": "TIFF", "tiff": "TIFF", "webp": "WEBP"}
SUFFIXES = tuple(PILLOW_NAMES)


def test_the_formats_are_the_descriptions():
    assert FORMATS == (
        "png", "bmp", "tiff", "webp", "lmdb", "hdf5", "srcnn-hdf5", "webdataset", "parquet"
    )  # fmt: skip


@pytest.mark.parametrize("format", SUFFIXES)
@pytest.mark.parametrize("size", [(33, 33), (8, 8), (1, 1), (11, 64)])
def test_pillow_reads_back_the_very_pixels(format, size):
    rgb = crop("motorcycle", 100, 150, *size)
    data = encode_picture(np.ascontiguousarray(rgb[..., ::-1]), format)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.format == PILLOW_NAMES[format]
        assert opened.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(opened), rgb)
        packed = {"tif": "tiff_adobe_deflate", "tiff": "tiff_lzw"}.get(format)
        assert opened.info.get("compression") == (packed or opened.info.get("compression"))


@pytest.mark.parametrize("format", SUFFIXES)
def test_noise_is_kept_to_the_last_bit(format):
    noise = np.random.default_rng(10).integers(0, 256, (33, 33, 3)).astype(np.uint8)
    with Image.open(io.BytesIO(encode_picture(noise, format))) as opened:
        np.testing.assert_array_equal(np.asarray(opened), noise[..., ::-1])


@pytest.mark.parametrize("format", SUFFIXES)
def test_the_same_pixels_give_the_same_bytes(format):
    bgr = crop("coffee", 200, 100, 33, 33)
    assert encode_picture(bgr, format) == encode_picture(bgr.copy(), format)


@pytest.mark.parametrize("format", SUFFIXES)
def test_a_part_of_a_larger_image_is_written_alone(format):
    image = crop("coffee", 200, 100, 90, 80)
    part = image[7:40, 11:44]
    assert not part.flags.c_contiguous
    assert encode_picture(part, format) == encode_picture(part.copy(), format)
