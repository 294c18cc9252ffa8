"""How displacements are marked: a colour and a shape for each class, and the cells of the field."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from srviewer.gui.theme import DARK, KEPT, REJECTED, Theme
from srviewer.gui.views.line_path import line_path
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.displacement import MatchClass


@dataclass(frozen=True)
class ClassMark:
    """How the matches of a class are marked.

    Attributes
    ----------
    on_dark, on_light : QColor
        On the picture and in the dark theme, and in the light one.
    symbol : str
        The shape as pyqtgraph names it: disc, triangle, diamond, cross.
    size : int
        Screen pixels.
    filled : bool
    """

    on_dark: QColor
    on_light: QColor
    symbol: str
    size: int
    filled: bool = False


# Blue, yellow, near white and orange (after Okabe and Ito) differ in brightness too; filled shapes
# are kept, open ones rejected.
MARKS = {
    MatchClass.KEPT: ClassMark(KEPT, KEPT.darker(165), "o", 6, filled=True),
    MatchClass.KEPT_DISPLACED: ClassMark(
        QColor(240, 228, 66), QColor(148, 126, 0), "t1", 9, filled=True
    ),
    MatchClass.REJECTED_INLIER: ClassMark(QColor(222, 226, 232), QColor(70, 76, 86), "d", 9),
    MatchClass.REJECTED: ClassMark(REJECTED, REJECTED.darker(112), "x", 8),
}
_ICON = 14  # screen pixels of an icon


def class_color(one: MatchClass, theme: Theme = DARK) -> QColor:
    """Return the colour of a class, on the picture or on a panel of `theme`."""
    return QColor(MARKS[one].on_dark if theme is DARK else MARKS[one].on_light)


def paint_class(painter: QPainter, area: QRectF, one: MatchClass, color: QColor) -> None:
    """Draw the shape of a class into the middle of `area`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.6))
    painter.setBrush(color if MARKS[one].filled else Qt.BrushStyle.NoBrush)
    middle, half = area.center(), MARKS[one].size / 2
    if one is MatchClass.KEPT:
        painter.drawEllipse(middle, half, half)
    elif one is MatchClass.REJECTED:
        aside = QPointF(half, half)
        across = QPointF(half, -half)
        painter.drawLine(middle - aside, middle + aside)
        painter.drawLine(middle - across, middle + across)
    elif one is MatchClass.KEPT_DISPLACED:
        painter.drawPolygon(_polygon(middle, half, ((-1, 1), (1, 1), (0, -1))))
    else:
        painter.drawPolygon(_polygon(middle, half, ((-0.8, 0), (0, -1), (0.8, 0), (0, 1))))
    painter.restore()


def _polygon(middle: QPointF, half: float, corners: Iterable[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([middle + QPointF(half * x, half * y) for x, y in corners])


def class_icon(one: MatchClass, theme: Theme, ratio: float) -> QIcon:
    """Return the shape of a class as an icon, for `ratio` device pixels a pixel."""
    pixmap = QPixmap(QSize(_ICON, _ICON) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_class(painter, QRectF(0, 0, _ICON, _ICON), one, class_color(one, theme))
    painter.end()
    return QIcon(pixmap)


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


# In a legend


def unknown_swatch(painter: QPainter, area: QRectF) -> None:
    """Hatch a square."""
    painter.setPen(QPen(EDGE, 1))
    painter.setBrush(QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
    painter.drawRect(area)


def zero_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw a ring."""
    known_cell(painter, area, QPointF(), 5.0, zero=True)


def moved_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw an arrow."""
    start = np.array([(area.left(), area.center().y())])
    lines = arrow_lines(start, np.array([(area.width(), 0.0)]))
    painter.setPen(QPen(_MOVED, 2))
    painter.drawPath(line_path(lines))
