"""Colour maps for maps of numbers, and the bar that says which colour is which number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from srviewer.gui.theme import CANVAS
from srviewer.gui.views.camera import Pane
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.metrics import absolute_difference
from srviewer.pipeline.opencv import cv2

DIFFERENCE_MAP = cv2.COLORMAP_INFERNO
HEAT_MAP = cv2.COLORMAP_VIRIDIS
DIFFERENCE_TOP = 64.0  # grey levels; larger differences have the last colour


def colored(values: NDArray[np.floating], top: float, colormap: int) -> NDArray[np.uint8]:
    """Return `values`, shape (H, W), 0 to `top`, as RGB of shape (H, W, 3)."""
    levels = np.clip(values * (255 / max(top, 1e-9)), 0, 255).astype(np.uint8)
    bgr = cv2.applyColorMap(levels, colormap)
    return np.ascontiguousarray(bgr[..., ::-1])


# OpenCV makes a colour map anew for each call, which would cost more than all else of a patch.
_DIFFERENCE_COLORS = colored(np.arange(256.0)[None], 255, DIFFERENCE_MAP)[0]


def difference_colors(a: AnyImage, b: AnyImage) -> Image:
    """Return the absolute difference of two RGB images of one size in colours."""
    levels = absolute_difference(a, b) * (255 / DIFFERENCE_TOP)
    colors: Image = _DIFFERENCE_COLORS[np.minimum(levels, 255).astype(np.uint8)]
    return colors


def color_bar(painter: QPainter, pane: Pane, top: str, unit: str, colormap: int) -> None:
    """Draw the bar of `colormap` from 0 to the number `top` into the pane's lower right corner."""
    ramp = colored(np.linspace(0, 1, 17)[None], 1, colormap)[0]
    width, height = 150.0, 12.0
    area = QRectF(pane.left + pane.width - width - 24, pane.top + pane.height - 50, width, height)
    background = QColor(CANVAS)
    background.setAlpha(215)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(background)
    painter.drawRoundedRect(area.adjusted(-12, -10, 12, 30), 5, 5)
    gradient = QLinearGradient(area.topLeft(), area.topRight())
    for share, (red, green, blue) in zip(np.linspace(0, 1, len(ramp)), ramp, strict=True):
        gradient.setColorAt(float(share), QColor(int(red), int(green), int(blue)))
    painter.fillRect(area, gradient)
    painter.setFont(QApplication.font())
    painter.setPen(QColor(228, 230, 233))
    below = QRectF(area.left() - 8, area.bottom() + 4, width + 16, 18)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, unit)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, top)
