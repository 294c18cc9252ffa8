"""How a cell of the field of displacement is drawn, on the picture and in its legend."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from srviewer.gui.views.class_marks import class_color
from srviewer.gui.views.line_path import line_path
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.displacement import MatchClass

LONGEST = 80.0
"""Screen pixels of an arrow; longer ones are cut, and end in a bar."""
HALO = QColor(0, 0, 0, 190)
EDGE = QColor(235, 238, 242, 70)
TEXT = QColor(236, 238, 241)
_HEAD = 7.0  # screen pixels
_HATCH = QColor(214, 218, 224, 120)
_SHADE = QColor(20, 21, 23, 110)
_ZERO, _MOVED = class_color(MatchClass.KEPT), class_color(MatchClass.KEPT_DISPLACED)


def arrow_lines(start: Floats, along: Floats) -> Floats:
    """Return the pairs of points of arrows: shaft and head, or a bar where it is cut."""
    length = np.hypot(*along.T)
    cut = length > LONGEST
    unit = along / np.maximum(length, 1e-9)[:, None]
    shaft = np.where(cut, LONGEST, length)[:, None] * unit
    end, across = start + shaft, np.column_stack([-unit[:, 1], unit[:, 0]])
    head = np.where(cut, 0.0, np.minimum(_HEAD, 0.6 * length))[:, None]
    wide = np.where(cut, _HEAD / 2, 0.5 * head[:, 0])[:, None]
    sides = [end - head * unit + side * wide * across for side in (1, -1)]
    ends = np.where(cut[:, None], sides[1], end)  # of a bar from side to side, or of the head
    lines = np.stack([start, end, sides[0], ends, sides[1], ends], axis=1)
    result: Floats = lines.reshape(-1, 2)
    return result


def unknown_cell(painter: QPainter, area: QRectF) -> None:
    """Hatch a cell of which nothing is known."""
    painter.fillRect(area, _SHADE)
    painter.fillRect(area, QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
    if min(area.width(), area.height()) >= 18:
        painter.setPen(TEXT)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "?")


def known_cell(
    painter: QPainter, area: QRectF, along: QPointF, radius: float, *, zero: bool
) -> None:
    """Draw the arrow `along` from a cell's middle with a ring of `radius` round its end.

    Where it may be `zero` the ring stands alone.
    """
    middle, color = area.center(), _ZERO if zero else _MOVED
    end = middle + along
    start = np.array([(middle.x(), middle.y())])
    lines = arrow_lines(start, np.array([(along.x(), along.y())]))
    path = line_path(lines)
    for shade, width in ((HALO, 4.5), (color, 2.0)):
        painter.setPen(QPen(shade, width))
        painter.drawEllipse(end, radius, radius)
        if not zero:
            painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(middle, 2.5, 2.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)


CELLS = ("moved", "zero", "unknown")
"""The marks of cells in a legend."""


def cell_swatch(painter: QPainter, mark: str, area: QRectF) -> None:
    """Draw one of `CELLS` into the legend."""
    if mark == "unknown":
        painter.setPen(QPen(EDGE, 1))
        painter.setBrush(QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
        painter.drawRect(area)
    elif mark == "zero":
        known_cell(painter, area, QPointF(), 5.0, zero=True)
    else:
        start = np.array([(area.left(), area.center().y())])
        lines = arrow_lines(start, np.array([(area.width(), 0.0)]))
        painter.setPen(QPen(_MOVED, 2))
        painter.drawPath(line_path(lines))
