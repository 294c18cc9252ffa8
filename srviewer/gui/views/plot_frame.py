"""What every plot stands in: its ground, words where there is nothing to draw, its frame."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame

from srviewer.gui.theme import current_theme

CLICK = 4  # screen pixels that a click may move
_SMALLEST = 6.5  # points of a font that can be read


class PlotFrame(QFrame):
    """A plot that takes gestures and keys.

    Attributes
    ----------
    plot : GraphicsView
        It keeps its room while it is hidden.
    words : str
        What is said instead of it.
    """

    def __init__(self, name: str, plot: pg.GraphicsView) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.words = ""
        self.plot = plot
        policy = plot.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        plot.setSizePolicy(policy)

    def sized_font(self, size: float) -> QFont:
        """Return the widget's font, `size` times as large."""
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * size, _SMALLEST))
        return font

    def in_plot(self, event: QMouseEvent | QWheelEvent) -> QPoint:
        """Return where in the plot the pointer is."""
        at: QPoint = self.plot.mapFrom(self, event.position().toPoint())
        return at

    @property
    def words_area(self) -> QRect:
        """Where words are written."""
        return self.rect().adjusted(12, 6, -12, -6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, framed where it has the keys, and the words."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self.words:
            self.paint_words(painter)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def paint_words(self, painter: QPainter) -> None:
        """Write the words."""
        painter.setPen(QColor(current_theme().muted))
        centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.words_area, centred, self.words)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that it has the keys."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it has them no more."""
        super().focusOutEvent(event)
        self.update()
