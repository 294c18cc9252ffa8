"""Colour maps for maps of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.metrics import absolute_difference
from srviewer.pipeline.opencv import cv2

DIFFERENCE_MAP = cv2.COLORMAP_INFERNO
HEAT_MAP = cv2.COLORMAP_VIRIDIS
DIFFERENCE_TOP = 64.0  # grey levels; larger differences have the last colour


def colored(values: NDArray[np.floating], top: float, colormap: int) -> Image:
    """Return `values`, shape (H, W), 0 to `top`, as RGB of shape (H, W, 3)."""
    levels = np.clip(values * (255 / max(top, 1e-9)), 0, 255).astype(np.uint8)
    colors: Image = _COLORS[colormap][levels]
    return colors


# OpenCV makes a colour map anew for each call, which would cost more than all else of a patch.
_COLORS = {
    one: cv2.applyColorMap(np.arange(256, dtype=np.uint8)[None], one)[0, :, ::-1].copy()
    for one in (DIFFERENCE_MAP, HEAT_MAP)
}


def difference_colors(a: AnyImage, b: AnyImage) -> Image:
    """Return the absolute difference of two RGB images of one size in colours."""
    return colored(absolute_difference(a, b), DIFFERENCE_TOP, DIFFERENCE_MAP)
