"""The file formats of a pair: all of them lossless."""

from __future__ import annotations

from srviewer.errors import ExportError
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.opencv import cv2

FORMATS = ("bmp", "png", "tiff", "webp")

_OPTIONS: dict[str, list[int]] = {
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # above 100 means lossless
}


def encode(bgr: Image, format: str) -> bytes:
    """Return `bgr`, uint8 of shape (H, W, 3) in OpenCV's channel order, as a file's bytes."""
    done, data = cv2.imencode(f".{format}", bgr, _OPTIONS.get(format, []))
    if not done:
        raise ExportError(f"a patch of {bgr.shape[1]} x {bgr.shape[0]} px as {format} failed")
    return bytes(data)
