"""What every plot stands in: its ground, words where there is nothing to draw, its frame."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
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

from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.widgets.building import keep_room

CLICK = 4  # screen pixels that a click may move
_SMALLEST = 6.5  # points of a font that can be read
_CELLS = {"left": (0, 0), "bottom": (1, 1), "right": (0, 2)}  # round the box


class BarePlot(pg.GraphicsView):  # type: ignore[misc]
    """A box of values with axes; it takes no gesture, as these belong to the frame around it.

    Parameters
    ----------
    axes : sequence of AxisItem
    margins : (int, int, int, int)
    **box
        Of the ViewBox.
    """

    def __init__(
        self, axes: Sequence[pg.AxisItem], margins: tuple[int, int, int, int], **box: bool
    ) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.axes = tuple(axes)
        # A PlotItem would bring seven menus with it that are never shown and outlive it.
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0, **box)
        self._box.disableAutoRange()
        layout = self.centralLayout
        layout.setSpacing(0)
        layout.setContentsMargins(*margins)
        layout.addItem(self._box, 0, 1)
        for axis in axes:
            axis.linkToView(self._box)
            axis.enableAutoSIPrefix(False)  # 0.8 stays 0.8, not 800 thousandths
            layout.addItem(axis, *_CELLS[axis.orientation])

    def add_items(self, *items: pg.GraphicsObject) -> None:
        """Draw `items`, each above those before it."""
        for height, item in enumerate(items):
            item.setZValue(height)
            self._box.addItem(item, ignoreBounds=True)

    def style_axes(self, theme: Theme, font: QFont) -> None:
        """Give ground and axes the colours of `theme` and the size of `font`."""
        self.setBackground(theme.panel)
        for axis in self.axes:
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=4)
            axis.label.setFont(font)

    def point_at(self, at: QPoint) -> QPointF:
        """Return the values under a point of this widget."""
        point: QPointF = self._box.mapSceneToView(self.mapToScene(at))
        return point


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
        keep_room(plot)

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
