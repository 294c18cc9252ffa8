"""Distributions that are pulled: each threshold stands in the histogram of what it cuts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.model import Model
from srviewer.gui.selection import Selected
from srviewer.gui.theme import DARK, KEPT, REJECTED, Theme, current_theme
from srviewer.gui.views import distributions
from srviewer.gui.views.distributions import BinCache, Distribution, Maker
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats, Ints

_GRAB = 8  # screen pixels beside a threshold where it is taken hold of
_CLICK = 4  # screen pixels that a click may move
_NARROWEST = 176  # px of a chart
_NAMED_FROM = 260  # px from which the axis of counts has room for a name
_BEING_COMPUTED = "being computed"


def bar_colors(theme: Theme) -> tuple[QColor, QColor]:
    """Return the colours of kept and of rejected bars, which differ in brightness too."""
    if theme is DARK:
        return KEPT, REJECTED.darker(165)
    return KEPT.darker(190), REJECTED.lighter(118)


class _Plot(pg.PlotWidget):
    """Bars, a threshold and a curve; it takes no gesture of its own.

    All heights are shares of the highest, so its range never moves and its axes are rarely drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._top = 0
        self._root = False
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.disableAutoRange()
        item.layout.setContentsMargins(2, 7, 4, 2)
        item.vb.setDefaultPadding(0)
        item.vb.setBorder(None)
        item.setYRange(0, 1)
        item.showAxis("right", False)
        item.getAxis("right").setTicks([[(0, "0"), (0.5, "50"), (1, "100 %")]])
        self._add_items()

    def _add_items(self) -> None:
        bars = {"stepMode": "center", "fillLevel": 0, "pen": None, "skipFiniteCheck": True}
        self._band = pg.LinearRegionItem(movable=False)
        self._all = pg.PlotCurveItem(**bars)
        self._kept = pg.PlotCurveItem(**bars)
        self._share = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._line = pg.InfiniteLine(angle=90)
        self._mark = pg.InfiniteLine(angle=90)
        items = (self._band, self._all, self._kept, self._share, self._line, self._mark)
        for height, item in enumerate(items):
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)
        for edge in self._band.lines:
            # The edges are seen above the bars, their band below.
            edge.setParentItem(None)
            edge.setParentItem(self._line.parentItem())
            edge.setZValue(len(items))

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of `theme` and the size of `font`."""
        kept, rejected = bar_colors(theme)
        self._rejected, self._grey = rejected, QColor(theme.muted).darker(150)
        if theme is not DARK:
            self._grey = QColor(theme.line).darker(112)
        accent = QColor(theme.accent)
        band = QColor(accent)
        band.setAlpha(46)
        self.setBackground(theme.panel)
        self._kept.setBrush(kept)
        self._share.setPen(theme.text, width=1)
        for line in (*self._band.lines, self._line):
            line.setPen(theme.text, width=2)
        self._band.setBrush(band)
        self._mark.setPen(theme.text, width=1, style=Qt.PenStyle.DashLine)
        for name in ("left", "bottom", "right"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=4, hideOverlappingLabels=False)
            axis.label.setFont(font)
        self._top = 0

    def show_distribution(self, d: Distribution, total: Ints, kept: Ints) -> None:
        """Draw `d`, whose bins hold `total` values, of which `kept` are kept."""
        self._root = d.root
        self._show_axes(d, distributions.top_above(int(total.max()), root=d.root))
        self._all.setBrush(self._rejected if d.threshold else self._grey)
        self._all.setData(d.bins.edges, self.heights(total))
        self._kept.setData(d.bins.edges, self.heights(kept))
        places = d.threshold.places if d.threshold else ()
        for item in (self._band, *self._band.lines):
            item.setVisible(len(places) == 2)
        self._line.setVisible(len(places) == 1)
        if len(places) == 2:
            self._band.setRegion(places)
        elif places:
            self._line.setValue(places[0])
        self._share.setVisible(d.share is not None)
        if d.share is not None:
            self._share.setData(d.bins.edges, d.share)

    def _show_axes(self, d: Distribution, top: int) -> None:
        item = self.getPlotItem()
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        item.setXRange(*d.bins.range, padding=0)
        bottom.setScale(d.zoom)
        if bottom.labelText != d.axis:
            bottom.setLabel(d.axis)
        item.showAxis("right", d.share is not None)
        if top != self._top:
            self._top = top
            middle = top // 4 if d.root else top // 2
            left.setTicks([[(0, "0"), (0.5, f"{middle:,}"), (1, f"{top:,}")]])
        name = {"match": "matches", "window": "windows"}[d.kind] + (" (root)" if d.root else "")
        wanted = name if self.width() >= _NAMED_FROM else ""
        if left.labelText != wanted:
            left.setLabel(wanted)
            left.showLabel(bool(wanted))

    def show_mark(self, x: float | None) -> None:
        """Mark where the selected match or window is."""
        self._mark.setVisible(x is not None)
        if x is not None:
            self._mark.setValue(x)

    def heights(self, counts: Ints) -> Floats:
        """Return how high bars of so many values stand, 0..1."""
        share = counts / self._top
        return np.sqrt(share) if self._root else share

    def value_at(self, at: QPoint) -> tuple[float, float]:
        """Return the value and the height under a point of this widget."""
        point = self.getPlotItem().vb.mapSceneToView(self.mapToScene(at))
        return point.x(), point.y()

    def pixels_to_value(self, pixels: float) -> float:
        """Return how much of the axis so many screen pixels are."""
        low, high = self.getPlotItem().vb.viewRange()[0]
        return pixels * (high - low) / max(self.getPlotItem().vb.width(), 1)

    def place_of(self, x: float, height: float) -> QPoint:
        """Return where a value and a height are in this widget."""
        return self.mapFromScene(self.getPlotItem().vb.mapViewToScene(pg.Point(x, height)))

    # Gestures belong to the chart around it.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Leave it to the chart."""
        event.ignore()

    mouseMoveEvent = mouseReleaseEvent = mouseDoubleClickEvent = mousePressEvent

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to what scrolls."""
        event.ignore()


class _Header(QWidget):
    """The title of a chart in two lines: what it is and its figure, then the details."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = self.value = self.detail = ""

    def sizeHint(self) -> QSize:
        """Return the height of two lines."""
        return QSize(_NARROWEST, 2 * self.fontMetrics().lineSpacing())

    minimumSizeHint = sizeHint

    def show_text(self, heading: str, value: str = "", detail: str = "") -> None:
        """Show these words; what has no room is cut with dots."""
        self.heading, self.value, self.detail = heading, value, detail
        self.setAccessibleName(heading)
        self.setAccessibleDescription(f"{value} {detail}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the two lines."""
        theme, painter = current_theme(), QPainter(self)
        line = self.rect()
        line.setHeight(self.fontMetrics().lineSpacing())
        self._write(painter, line.translated(0, line.height()), theme.muted, self.detail)
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, self.value)
        used = painter.fontMetrics().horizontalAdvance(self.value + "  ") if self.value else 0
        self._write(painter, line.adjusted(0, 0, -used, 0), theme.text, self.heading)
        painter.end()

    def _write(self, painter: QPainter, area: QRect, color: str, text: str) -> None:
        painter.setPen(QColor(color))
        elide = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(text, elide, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft, text)


class Chart(QFrame):
    """A distribution that a person pulls and clicks at.

    Signals
    -------
    changed(key, value)
        A threshold was moved to a value.
    picked(kind, index)
        A match or a window was asked about.
    """

    changed = Signal(str, object)
    picked = Signal(str, int)

    def __init__(self, name: str, heading: str, stages: tuple[str, ...], make: Maker) -> None:
        super().__init__()
        self.setObjectName(f"chart_{name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(_NARROWEST)
        self._heading, self._stages, self._make = heading, stages, make
        self._cache = BinCache()
        self._side: int | None = None  # of the threshold that is dragged
        self._offset = 0.0
        self._pressed: QPoint | None = None
        self._selected: int | None = None
        self.distribution: Distribution | None = None
        self.header, self.plot, self.words = _Header(), _Plot(), QLabel()
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.words)
        self._pages.addWidget(self.plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 8, 3)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._pages, 1)
        self.restyle()
        self.say("")

    # Showing

    def restyle(self) -> None:
        """Take the colours of the current theme."""
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * 0.8, 6.5))
        self.header.setFont(self._scaled(0.92))
        self.plot.restyle(current_theme(), font)
        self._draw()
        self.update()

    def _scaled(self, factor: float) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * factor, 6.5))
        return font

    def say(self, words: str, more: str = "") -> None:
        """Show `words` instead of a distribution, with `more` in the tooltip."""
        self.distribution = None
        self._side = None
        self.header.show_text(self._heading)
        self.words.setText(words)
        self.setToolTip(more)
        self._pages.setCurrentWidget(self.words)

    def show_analysis(self, a: Analysis) -> None:
        """Show what `a` knows; where it does not know it yet, say so."""
        if not all(map(a.has, self._stages)):
            self.say(_BEING_COMPUTED)
            return
        held = None
        if self._side is not None and self.distribution is not None:
            held = self.distribution.bins.range
        made = self._make(a, self._cache, held)
        if isinstance(made, str):
            self.say(made)
            return
        self.distribution = made
        self._pages.setCurrentWidget(self.plot)
        self._draw()

    def _draw(self) -> None:
        d = self.distribution
        if d is None:
            return
        self._total, self._kept = d.bins.count(d.among)[:-1], d.bins.count(d.kept)[:-1]
        self.header.show_text(d.heading, d.value, d.detail)
        self.plot.show_distribution(d, self._total, self._kept)
        self.setToolTip(_help(d))
        self._draw_mark()

    def show_selected(self, selected: Selected | None) -> None:
        """Mark the selected match or window, if this chart counts them."""
        kind = "match" if self._stages == ("consistent",) else "window"
        mine = selected is not None and selected.kind == kind
        self._selected = selected.index if selected is not None and mine else None
        self._draw_mark()

    def _draw_mark(self) -> None:
        d, index = self.distribution, self._selected
        if d is None or index is None or index >= len(d.bins.values):
            self.plot.show_mark(None)
            return
        value, (low, high) = float(d.bins.values[index]), d.bins.range
        self.plot.show_mark(value if low <= value <= high else None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the chart, framed where it has the keys."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the axis of counts where there is room."""
        super().resizeEvent(event)
        self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame, or hide it."""
        self.update()

    focusOutEvent = focusInEvent

    # Gestures

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a threshold near the pointer."""
        d, at = self.distribution, self._in_plot(event)
        if d is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = at
        x, _ = self.plot.value_at(at)
        self._side = self._side_at(at)
        if self._side is not None and d.threshold is not None:
            self._offset = d.threshold.origin + self._side * d.threshold.value - x

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the threshold, or show that it can be."""
        d, at = self.distribution, self._in_plot(event)
        if self._side is not None and d is not None and d.threshold is not None:
            low, high = d.bins.range
            rim = (high - low) * 0.01  # so that it stays within reach
            x = self.plot.value_at(at)[0] + self._offset
            x = min(max(x, low + rim if low else low), high - rim)
            self.changed.emit(d.threshold.key, d.threshold.value_at(x, self._side))
        elif event.buttons() == Qt.MouseButton.NoButton:
            over = self._side_at(at) is not None
            shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
            self.plot.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the threshold; a click asks for what is nearest."""
        d, at, pressed, side = self.distribution, self._in_plot(event), self._pressed, self._side
        self._pressed = self._side = None
        if d is None or pressed is None:
            return
        if side is not None:
            self.changed.emit(d.threshold.key, d.threshold.value) if d.threshold else None
        elif (at - pressed).manhattanLength() <= _CLICK:
            self._pick(at)
