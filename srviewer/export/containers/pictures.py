"""Patches as picture files in memory, of any format; containers have PNG at a fixed level."""

import io
import re
from collections.abc import Sequence

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ExportError
from srviewer.export.containers.base import Container, StoredError, other_shape
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.opencv import cv2

LEVEL = 1  # of PNG in containers: fast; BasicSR's own too
_OPTIONS = {
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # above 100 means lossless
    # Deflate, which all read; files that end with tiff are LZW, as earlier versions wrote them.
    "tif": [cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_ADOBE_DEFLATE],
}


def encode_picture(bgr: Image, suffix: str, options: Sequence[int] | None = None) -> bytes:
    """Return `bgr`, uint8 (H, W, 3) in OpenCV's channel order, as the bytes of a file."""
    done, data = cv2.imencode(f".{suffix}", bgr, options or _OPTIONS.get(suffix, []))
    if not done:
        raise ExportError(f"a patch of {bgr.shape[1]} x {bgr.shape[0]} px as {suffix} failed")
    return bytes(data)


def decode_picture(data: bytes, wanted: tuple[int, int]) -> Image:
    """Return the pixels of a patch, RGB, uint8 (H, W, 3), from the bytes of its file.

    `wanted` is its width and height.

    Raises
    ------
    StoredError
        Where they cannot be read, `ShapeError` where they are of another size or kind.
    """
    try:
        with PillowImage.open(io.BytesIO(data)) as opened:
            opened.load()
            pixels, size, mode = np.asarray(opened), opened.size, opened.mode
    except Exception as error:  # decoders meet damaged files with errors of every kind
        cause = str(error) or type(error).__name__
        raise StoredError(re.sub(r" <_io\.BytesIO.*>", "", cause)) from error
    if (*size, mode) != (*wanted, "RGB"):
        found = f"{size[0]} x {size[1]} px {mode}"
        raise other_shape(found, "{} x {} px RGB".format(*wanted))
    return pixels


class PngPairs(Container):
    """A container whose payloads are PNG."""

    by_pixels = True

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return a patch as PNG."""
        return encode_picture(bgr, "png", [cv2.IMWRITE_PNG_COMPRESSION, LEVEL])

    def decode(self, data: bytes, side: str, size: tuple[int, int]) -> Image:
        """Return the pixels of a PNG."""
        return decode_picture(data, size)
