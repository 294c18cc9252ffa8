import io
import struct

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats.bmp import read_bmp
from srviewer.pipeline.reading import read_image
from tests.photos import crop

RGB = crop("coffee", 200, 100, 64, 48)


@pytest.mark.parametrize("width", [1, 61, 62, 63, 64])
def test_a_plain_bmp_lies_there_as_it_is(width):
    file = io.BytesIO()
    Image.fromarray(RGB[:, :width]).save(file, "BMP")
    data = bytearray(file.getvalue())
    np.testing.assert_array_equal(read_bmp(bytes(data)).samples, RGB[:, :width])
    with pytest.raises(ReadError, match="damaged: truncated"):
        read_bmp(bytes(data[:-9]))
    struct.pack_into("<i", data, 22, -48)  # from the top
    np.testing.assert_array_equal(read_bmp(bytes(data)).samples, RGB[::-1, :width])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_others_are_as_pillow_reads_them(tmp_path, mode):
    Image.fromarray(RGB).convert(mode).save(tmp_path / "a.bmp")
    with Image.open(tmp_path / "a.bmp") as opened:
        np.testing.assert_array_equal(
            read_image(tmp_path / "a.bmp").rgb, np.asarray(opened.convert("RGB"))
        )
