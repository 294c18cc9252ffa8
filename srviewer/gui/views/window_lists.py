"""What the table and the gallery of windows share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QKeySequence, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QWidget

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
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def takes_key(event: QEvent) -> bool:
    """Tell whether a list of windows uses this key itself, whatever the window's menus say."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    copies = event.matches(QKeySequence.StandardKey.Copy)
    return copies or (event.key() in _MOVES and not event.modifiers() & _COMMANDS)


def result_of(model: Model) -> Analysis | None:
    """Return the analysis where it is complete and of the model's recipe."""
    a = model.analysis
    return a if a is not None and a.complete and a.recipe == model.recipe else None


def why_no_result(model: Model) -> str:
    """Return in words why there is no complete analysis to list windows of."""
    if model.current is None:
        return "no image"
    return str(model.current.error or "being computed ...")


def sentence(words: str) -> str:
    """Return `words` with a capital at the start, as they stand alone."""
    return words[:1].upper() + words[1:]


def paint_mark(painter: QPainter, area: QRectF, verdict: Verdict, color: QColor) -> None:
    """Draw the shape of `verdict`: a full square for kept, a cross for rejected, else a dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = area.adjusted(1.5, 1.5, -1.5, -1.5)
    painter.setPen(QPen(color, 2))
    if verdict is Verdict.KEPT:
        painter.fillRect(inner, color)
    elif verdict is Verdict.OUTSIDE_BOX:
        middle = inner.center().y()
        painter.drawLine(QPointF(inner.left(), middle), QPointF(inner.right(), middle))
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


def mark_icon(verdict: Verdict, palette: QPalette, ratio: float, size: QSize) -> QIcon:
    """Return the mark of `verdict`, at the right of `size`, for `ratio` device pixels a pixel."""
    icon = QIcon()
    chosen = palette.color(QPalette.ColorRole.HighlightedText)
    icon.addPixmap(_mark_pixmap(verdict, mark_color(verdict, palette), ratio, size))
    icon.addPixmap(_mark_pixmap(verdict, chosen, ratio, size), QIcon.Mode.Selected)
    return icon


def _mark_pixmap(verdict: Verdict, color: QColor, ratio: float, size: QSize) -> QPixmap:
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    top = (size.height() - MARK) / 2
    paint_mark(painter, QRectF(size.width() - MARK, top, MARK, MARK), verdict, color)
    painter.end()
    return pixmap


def even_heights(*controls: QWidget) -> None:
    """Make the controls of a row equally high, which styles do not."""
    height = max(control.sizeHint().height() for control in controls)
    for control in controls:
        control.setFixedHeight(height)
