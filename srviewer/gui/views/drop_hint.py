"""What lies over the window while something is dragged over it: where it may go, and what for."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import named

_FRAME, _PAD, _SHADE = 4, 16, 40  # px, px, and the alpha of the accent over the window


class DropHint(QWidget):
    """Lights up all of its parent and says in words what a drop does; no event stops at it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        named(self, "drop_hint", "What a drop does")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.hide()

    def light(self, text: str) -> None:
        """Show what a drop does."""
        self.text = text
        self.setAccessibleDescription(text)
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a frame, a shade, and the words in the middle."""
        theme, painter = current_theme(), QPainter(self)
        accent = QColor(theme.accent)
        shade = QColor(accent)
        shade.setAlpha(_SHADE)
        painter.fillRect(self.rect(), shade)
        half = _FRAME // 2
        painter.setPen(QPen(accent, _FRAME))
        painter.drawRect(self.rect().adjusted(half, half, -half, -half))
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        painter.setFont(font)
        middle, wraps = Qt.AlignmentFlag.AlignCenter, Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(4 * _PAD, 4 * _PAD, -4 * _PAD, -4 * _PAD)
        box = painter.boundingRect(room, middle | wraps, self.text)
        box = QRect(box).adjusted(-_PAD, -_PAD, _PAD, _PAD)
        painter.setPen(QPen(accent, 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(theme.text))
        painter.drawText(box, middle | wraps, self.text)
        painter.end()
