"""A distribution whose threshold is pulled, whatever it is the distribution of."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QVBoxLayout

from srviewer.gui.theme import current_theme
from srviewer.gui.views.chart_plot import ChartHeader, ChartPlot
from srviewer.gui.views.drawing import Drawing, Range, range_of

_GRAB = 8  # screen pixels beside a threshold where it is taken hold of
_CLICK = 4  # screen pixels that a click may move
_STILL = 2  # the same, beside a threshold: what moves further pulls it
_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
}


class PulledChart(QFrame):
    """Shows a distribution and lets a person pull its threshold.

    What it is made from, and what a click means, is up to the classes that derive from it.

    Parameters
    ----------
    name : str
    headings : tuple of str
        What it shows where there is no distribution, the longest first.
    pulled, shared : bool
        As in `ChartPlot`.

    Signals
    -------
    changed(key, value)
        A threshold was moved to a value.
    """

    changed = Signal(str, object)

    def __init__(
        self, name: str, headings: tuple[str, ...], *, pulled: bool = False, shared: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName(f"chart_{name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._headings = headings
        self._side: int | None = None  # of the threshold that is dragged
        self._offset = 0.0
        self._pressed: QPoint | None = None
        self._pulled = False
        self._drawing: Drawing | None = None
        self.words = ""  # instead of the plot
        self.header = ChartHeader()
        self.plot = ChartPlot(pulled=pulled, shared=shared)
        policy = self.plot.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plot.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 8, 3)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.plot, 1)
        self.restyle()

    # For what derives

    def let_go(self) -> None:
        """Be told that the threshold was let go: its range need not be held any more."""

    def pick(self, at: QPoint) -> None:
        """Be told that the plot was clicked, at this point of it."""

    def step(self, steps: int) -> bool:
        """Go on to the next value, and tell whether that means anything here."""
        return False

    def draw_mark(self) -> None:
        """Mark what is asked about."""

    def more_help(self, d: Drawing) -> list[str]:
        """Return more lines for the tooltip."""
        return []

    @property
    def held(self) -> Range | None:
        """The range to keep while a threshold is dragged."""
        if self._side is None or self._drawing is None:
            return None
        return range_of(self._drawing)  # a range that grows would run from the pointer

    # Showing

    def restyle(self) -> None:
        """Take the colours of the current theme."""
        self.header.setFont(self._font(0.92))
        self.plot.restyle(current_theme(), self._font(0.8))
        self._draw()
        self.update()

    def _font(self, size: float) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * size, 6.5))
        return font

    def show_words(self, words: str, more: str = "") -> None:
        """Show `words` instead of a distribution, with `more` in the tooltip."""
        self._drawing, self._side = None, None
        self.header.show_text(self._headings)
        self.words = words
        self.plot.hide()
        self.setToolTip(more)
        self.update()

    def show_drawing(self, drawing: Drawing) -> None:
        """Show `drawing`."""
        self._drawing, self.words = drawing, ""
        self.plot.show()
        self._draw()

    def _draw(self) -> None:
        d = self._drawing
        if d is None:
            return
        self._total, self._kept = d.counts
        self.header.show_text(d.headings, d.value, d.details)
        self.plot.show_distribution(d, self._total, self._kept)
        self.setToolTip(self._help(d))
        self.draw_mark()

    def _help(self, d: Drawing) -> str:
        lines = []
        if d.threshold is not None:
            pulled = "either edge of the band" if len(d.threshold.sides) == 2 else "the line"
            lines.append(f"Drag {pulled}, or press Left and Right, to set {d.threshold.key}.")
        lines += self.more_help(d)
        lines.append("Heights are square roots of the counts, so that a few beside many are seen.")
        title = escape(f"{d.headings[0]} {d.value}: {d.details[0]}")
        return "<p>" + "<br>".join([title, *lines]) + "</p>"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the chart, framed where it has the keys."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self.words:
            area = self.plot.geometry().adjusted(0, 7, -1, -6)
            painter.setPen(QColor(theme.line))
            painter.drawRect(area)
            painter.setPen(QColor(theme.muted))
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(6, 2, -6, -2), centred, self.words)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the axis of counts where there is room."""
        super().resizeEvent(event)
        self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the frame."""
        self.update()

    # Gestures

    def _in_plot(self, event: QMouseEvent) -> QPoint:
        at: QPoint = self.plot.mapFrom(self, event.position().toPoint())
        return at

    def _side_at(self, at: QPoint) -> int | None:
        d = self._drawing
        if d is None or d.threshold is None:
            return None
        x, _ = self.plot.value_at(at)
        return d.threshold.grabbed(x, self.plot.width_of(_GRAB))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a threshold near the pointer."""
        d, at = self._drawing, self._in_plot(event)
        if d is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = at
        self._side = self._side_at(at)
        if self._side is not None and d.threshold is not None:
            self._offset = d.threshold.place(self._side) - self.plot.value_at(at)[0]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the threshold, or show that it can be."""
        d, at = self._drawing, self._in_plot(event)
        if d is None:
            return
        if self._side is not None and d.threshold is not None:
            self._pulled = self._pulled or _moved(at, self._pressed) > _STILL
            if not self._pulled:
                return
            low, high = range_of(d)
            x = min(max(self.plot.value_at(at)[0] + self._offset, low), high)
            self.changed.emit(d.threshold.key, d.threshold.value_at(x, self._side))
        elif event.buttons() == Qt.MouseButton.NoButton:
            over = self._side_at(at) is not None
            shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
            self.plot.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the threshold; a click asks."""
        at, pressed, pulled = self._in_plot(event), self._pressed, self._pulled
        self._pressed, self._side, self._pulled = None, None, False
        if pulled:
            self.let_go()
        elif _moved(at, pressed) <= _CLICK:
            self.pick(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the threshold by Left and Right, and go on to other values by Up and Down."""
        d, key = self._drawing, event.key()
        if d is None or key not in _STEPS:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and d.threshold is not None:
            self.changed.emit(d.threshold.key, d.threshold.stepped(_STEPS[key]))
        elif not self.step(_STEPS[key]):
            super().keyPressEvent(event)


def _moved(at: QPoint, pressed: QPoint | None) -> float:
    return (at - pressed).manhattanLength() if pressed is not None else float("inf")
