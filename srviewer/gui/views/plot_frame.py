"""What every plot stands in: its ground, words where there is nothing to draw, its frame."""

from typing import TYPE_CHECKING

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
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import keep_room, stacked

if TYPE_CHECKING:
    from srviewer.gui.views.bare_plot import BarePlot

CLICK = 4  # screen pixels that a click may move
_SMALLEST = 6.5  # points of a font that can be read


class PlotFrame(QFrame):
    """A plot that takes gestures and keys.

    Attributes
    ----------
    place : QWidget
        Where the plot is. It keeps its room while it is hidden, and before the plot is made.
    words : str
        What is said instead of the plot.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.words = ""
        self.place = QWidget()
        self.place.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        expanding = QSizePolicy.Policy.Expanding
        self.place.setSizePolicy(expanding, expanding)
        keep_room(self.place)

    def put(self, plot: "BarePlot") -> None:
        """Put the plot into its place, whose size does not follow it."""
        ignored = QSizePolicy.Policy.Ignored
        plot.setSizePolicy(ignored, ignored)
        stacked(self.place, plot)
        plot.setGeometry(self.place.rect())
        plot.show()
        plot.settle()

    @property
    def has_plot(self) -> bool:
        """Whether there was anything to draw yet: it takes long to load what draws it."""
        return "plot" in vars(self)

    def sized_font(self, size: float) -> QFont:
        """Return the widget's font, `size` times as large."""
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * size, _SMALLEST))
        return font

    def in_plot(self, event: QMouseEvent | QWheelEvent) -> QPoint:
        """Return where in the plot the pointer is."""
        at: QPoint = self.place.mapFrom(self, event.position().toPoint())
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
