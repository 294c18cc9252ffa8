"""What the table and the gallery of windows share."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPalette, QPen, QPixmap

from srviewer.gui.model import Model
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.patching import Verdict

MARK = 11  # screen pixels
_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)




def wanted_here(event: QKeyEvent) -> bool:
    """Tell whether a list of windows uses this key itself, whatever the window's menus say."""
    return event.key() in _MOVES or event.matches(QKeySequence.StandardKey.Copy)


def why_no_result(model: Model) -> str:
    """Return in words why there is no complete analysis to list windows of."""
    if model.current is None:
        return "no image"
    return model.current.error or "being computed ..."


def paint_mark(painter: QPainter, area: QRectF, verdict: Verdict, color: QColor) -> None:
    """Draw the shape of `verdict`: a full square for kept, a cross for rejected, else a dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = area.adjusted(1.5, 1.5, -1.5, -1.5)
    painter.setPen(QPen(color, 2))
    if verdict is Verdict.KEPT:
        painter.fillRect(inner, color)
    elif verdict is Verdict.OUTSIDE_BOX:
        painter.drawLine(inner.left(), inner.center().y(), inner.right(), inner.center().y())
    else:
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


def mark_color(verdict: Verdict, palette: QPalette) -> QColor:
    """Return the colour of the mark of `verdict` that is seen on the palette's background."""
    if verdict is Verdict.OUTSIDE_BOX:
        return palette.color(QPalette.ColorRole.PlaceholderText)
    color = KEPT if verdict is Verdict.KEPT else REJECTED
    light = palette.color(QPalette.ColorRole.Base).lightness() > 128
    return color.darker(140) if light else color


def _mark_pixmap(verdict: Verdict, color: QColor, ratio: float) -> QPixmap:
    side = round(_MARK * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_mark(painter, QRectF(0, 0, _MARK, _MARK), verdict, color)
    painter.end()
    return pixmap
