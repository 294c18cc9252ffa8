"""Layers of lines that are drawn on a sheet, which is then laid over the picture."""

from collections.abc import Callable

from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.layers import Layer
from srviewer.gui.views.frame import Frame


def faded(painter: QPainter, frame: Frame, layer: Layer, draw: Callable[[QPainter], None]) -> None:
    """Draw a layer of lines as opaque as it is to be.

    Lines of half transparent colour take ten times as long as opaque ones, and add up where they
    cross. So they are drawn opaque on a sheet of their own, which is then laid over the picture.
    """
    opacity = frame.opacity_of(layer)
    if opacity == 1 or not is_raster(painter):
        painter.setOpacity(opacity)  # a vector file has its lines as lines
        draw(painter)
    elif opacity > 0:
        painter.setOpacity(opacity)
        lay(painter, sheet_of(frame, draw))
    painter.setOpacity(1)


def is_raster(painter: QPainter) -> bool:
    """Tell whether what is painted becomes pixels, and not lines of a vector file."""
    return isinstance(painter.device(), QPixmap | QImage | QWidget)


def sheet_of(frame: Frame, draw: Callable[[QPainter], None]) -> QImage:
    """Return what `draw` draws, on a clear sheet as large as the canvas."""
    sheet = QImage(frame.size * frame.ratio, QImage.Format.Format_ARGB32_Premultiplied)
    sheet.setDevicePixelRatio(frame.ratio)
    sheet.fill(0)
    painter = QPainter(sheet)
    draw(painter)
    painter.end()
    return sheet


def lay(painter: QPainter, sheet: QImage) -> None:
    """Draw `sheet` over all of the canvas."""
    painter.drawImage(0, 0, sheet)
