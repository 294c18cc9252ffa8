"""The four classes of matches by their displacement: a colour and a shape each."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from srviewer.gui.theme import DARK, KEPT, REJECTED, Theme
from srviewer.pipeline.displacement import MatchClass

# Blue, yellow, near white and orange (after Okabe and Ito) differ in brightness too; filled shapes
# are kept, open ones rejected.
_ON_DARK = {
    MatchClass.KEPT: KEPT,
    MatchClass.KEPT_DISPLACED: QColor(240, 228, 66),
    MatchClass.REJECTED_INLIER: QColor(222, 226, 232),
    MatchClass.REJECTED: REJECTED,
}
_ON_LIGHT = {
    MatchClass.KEPT: KEPT.darker(165),
    MatchClass.KEPT_DISPLACED: QColor(148, 126, 0),
    MatchClass.REJECTED_INLIER: QColor(70, 76, 86),
    MatchClass.REJECTED: REJECTED.darker(112),
}
SYMBOLS = {
    MatchClass.KEPT: "o",
    MatchClass.KEPT_DISPLACED: "t1",
    MatchClass.REJECTED_INLIER: "d",
    MatchClass.REJECTED: "x",
}
"""The shapes as pyqtgraph names them: disc, triangle, diamond, cross."""
SIZES = {
    MatchClass.KEPT: 6,
    MatchClass.KEPT_DISPLACED: 9,
    MatchClass.REJECTED_INLIER: 9,
    MatchClass.REJECTED: 8,
}
"""Their sizes in screen pixels."""
_ICON = 14  # screen pixels of an icon


def class_color(one: MatchClass, theme: Theme = DARK) -> QColor:
    """Return the colour of a class, on the picture or on a panel of `theme`."""
    return QColor((_ON_DARK if theme is DARK else _ON_LIGHT)[one])


def is_filled(one: MatchClass) -> bool:
    """Tell whether the shape of a class is filled."""
    return one in (MatchClass.KEPT, MatchClass.KEPT_DISPLACED)


def paint_class(painter: QPainter, area: QRectF, one: MatchClass, color: QColor) -> None:
    """Draw the shape of a class into the middle of `area`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.6))
    painter.setBrush(color if is_filled(one) else Qt.BrushStyle.NoBrush)
    middle, half = area.center(), SIZES[one] / 2
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
