"""PNG at a fixed level, for the containers that hold files."""

from __future__ import annotations

from srviewer.errors import ExportError
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.opencv import cv2

LEVEL = 1  # fast; BasicSR's own too


def encode_png(bgr: Image) -> bytes:
    """Return `bgr`, uint8 (H, W, 3) in OpenCV's channel order, as PNG."""
    done, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, LEVEL])
    if not done:
        raise ExportError(f"a patch of {bgr.shape[1]} x {bgr.shape[0]} px as PNG failed")
    return bytes(data)
