"""BMP: most lie in the file as they are, and to copy them once takes longer than to decode them."""

import io

import numpy as np
from PIL import Image as PillowImage

from srviewer.pipeline.formats.limits import require_size
from srviewer.pipeline.formats.raster import Raster, Samples, damaged
from srviewer.pipeline.formats.with_pillow import decode_with_pillow, told_profile
from srviewer.pipeline.opencv import cv2


def read_bmp(data: bytes) -> Raster:
    """Return what the BMP file of the content `data` holds.

    Raises
    ------
    ReadError
        Where it is too large or cut. What Pillow raises for damaged files passes through.
    """
    with PillowImage.open(io.BytesIO(data), formats=["BMP"]) as opened:
        require_size(*opened.size)
        plain = _plain(opened, data) if opened.mode == "RGB" else None
    if plain is None:
        return decode_with_pillow(data, "BMP")
    return Raster(plain, profile=told_profile(data, "BMP"))


def _plain(opened: PillowImage.Image, data: bytes) -> Samples | None:
    """Return 24 bits a pixel that are not compressed, None for others."""
    for codec, box, offset, args in getattr(opened, "tile", ()):
        if codec == "raw" and box == (0, 0, *opened.size) and args[0] == "BGR":
            shape, strides = (opened.height, opened.width, 3), (args[1], 3, 1)
            try:
                stored: Samples = np.ndarray(shape, np.uint8, data, offset, strides)
            except (TypeError, ValueError) as error:  # it reaches beyond the file
                raise damaged("truncated") from error
            rgb: Samples = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
            return cv2.flip(rgb, 0, rgb) if args[2] < 0 else rgb
    return None
