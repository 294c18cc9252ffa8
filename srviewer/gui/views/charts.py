"""Distributions that are pulled: each threshold stands in the histogram of what it cuts."""

from __future__ import annotations

from html import escape
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
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
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.model import Model
from srviewer.gui.selection import Selected
from srviewer.gui.theme import current_theme
from srviewer.gui.views import distributions
from srviewer.gui.views.chart_plot import ChartHeader, ChartPlot
from srviewer.gui.views.distributions import BinCache, Distribution, Maker
from srviewer.pipeline.analysis import Analysis

_GRAB = 8  # screen pixels beside a threshold where it is taken hold of
_CLICK = 4  # screen pixels that a click may move
_STILL = 2  # the same, beside a threshold: what moves further pulls it
_LOWEST = 120  # px
_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
}


class Chart(QFrame):
    """A distribution that a person pulls and clicks at.

    Signals
    -------
    changed(key, value)
        A threshold was moved to a value.
    picked(selected)
        A match or a window was asked about.
    """

    changed = Signal(str, object)
    picked = Signal(object)

    def __init__(
        self,
        name: str,
        kind: Literal["match", "window"],
        headings: tuple[str, ...],
        stages: tuple[str, ...],
        make: Maker,
        *,
        pulled: bool = False,
        shared: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName(f"chart_{name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._kind, self._headings = kind, headings
        self._stages, self._make = stages, make
        self._cache = BinCache()
        self._analysis: Analysis | None = None
        self._results: tuple[object, ...] = ()  # what is drawn comes from
        self._side: int | None = None  # of the threshold that is dragged
        self._offset = 0.0
        self._pressed: QPoint | None = None
        self._pulled = False
        self._selected: int | None = None
        self.distribution: Distribution | None = None
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

    def say(self, words: str, more: str = "") -> None:
        """Show `words` instead of any results, with `more` in the tooltip."""
        self._results, self._analysis = (), None
        self._say(words, more)

    def _say(self, words: str, more: str = "") -> None:
        self.distribution, self._side = None, None
        self.header.show_text(self._headings)
        self.words = words
        self.plot.hide()
        self.setToolTip(more)
        self.update()

    def show_analysis(self, a: Analysis) -> None:
        """Show what `a` knows; where it does not know it yet, say so."""
        if not all(map(a.has, self._stages)):
            self.say("being computed")
            return
        # A recipe that changes nothing of these results changes nothing here.
        results = tuple(getattr(a, stage) for stage in self._stages)
        if results != self._results:
            self._results, self._analysis = results, a
            self._make_distribution(a)

    def _make_distribution(self, a: Analysis) -> None:
        held = None
        if self._side is not None and self.distribution is not None:
            held = self.distribution.bins.range  # a range that grows would run from the pointer
        made = self._make(a, self._cache, held)
        if isinstance(made, str):
            self._say(made)
            return
        self.distribution, self.words = made, ""
        self.plot.show()
        self._draw()

    def _draw(self) -> None:
        d = self.distribution
        if d is None:
            return
        self._total, self._kept = d.bins.count(d.among)[:-1], d.bins.count(d.kept)[:-1]
        self.header.show_text(d.headings, d.value, d.details)
        self.plot.show_distribution(d, self._total, self._kept)
        self.setToolTip(_help(d))
        self._draw_mark()

    def show_selected(self, selected: Selected | None) -> None:
        """Mark the selected match or window, if this chart counts them."""
        mine = selected is not None and selected.kind == self._kind
        self._selected = selected.index if selected is not None and mine else None
        self._draw_mark()

    def _draw_mark(self) -> None:
        d, index = self.distribution, self._selected
        place = None
        if d is not None and index is not None and index < len(d.bins.values):
            value, (low, high) = float(d.bins.values[index]), d.bins.range
            place = value if low <= value <= high else None
        self.plot.show_mark(place)

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
        d = self.distribution
        if d is None or d.threshold is None:
            return None
        x, _ = self.plot.value_at(at)
        return d.threshold.grabbed(x, self.plot.width_of(_GRAB))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a threshold near the pointer."""
        d, at = self.distribution, self._in_plot(event)
        if d is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = at
        self._side = self._side_at(at)
        if self._side is not None and d.threshold is not None:
            self._offset = d.threshold.place(self._side) - self.plot.value_at(at)[0]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the threshold, or show that it can be."""
        d, at = self.distribution, self._in_plot(event)
        if d is None:
            return
        if self._side is not None and d.threshold is not None:
            self._pulled = self._pulled or _moved(at, self._pressed) > _STILL
            if not self._pulled:
                return
            low, high = d.bins.range
            x = min(max(self.plot.value_at(at)[0] + self._offset, low), high)
            self.changed.emit(d.threshold.key, d.threshold.value_at(x, self._side))
        elif event.buttons() == Qt.MouseButton.NoButton:
            over = self._side_at(at) is not None
            shape = Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor
            self.plot.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the threshold; a click asks for what is nearest."""
        at, pressed, pulled = self._in_plot(event), self._pressed, self._pulled
        self._pressed, self._side, self._pulled = None, None, False
        if pulled and self._analysis is not None:
            self._make_distribution(self._analysis)  # its range was held meanwhile
        elif _moved(at, pressed) <= _CLICK:
            self._pick(at)

    def _pick(self, at: QPoint) -> None:
        """Ask for the nearest of the colour that was clicked, or above the bars for any."""
        d = self.distribution
        if d is None:
            return
        x, height = self.plot.value_at(at)
        bin_ = d.bins.bin_of(x)
        kept, total = self.plot.heights(self._kept[bin_]), self.plot.heights(self._total[bin_])
        among = d.among
        if height <= total:
            among = d.kept if height <= kept else d.among & ~d.kept
        after = -1 if self._selected is None else self._selected
        self._ask(distributions.nearest(d, x, among, after))

    def _ask(self, index: int | None) -> None:
        if index is not None and self.distribution is not None:
            self.picked.emit(Selected(self._kind, index))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the threshold by Left and Right, and what is asked about by Up and Down."""
        d, key = self.distribution, event.key()
        if d is None or key not in _STEPS:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and d.threshold is not None:
            self.changed.emit(d.threshold.key, d.threshold.stepped(_STEPS[key]))
        else:
            self._ask(distributions.neighbour(d, self._selected, _STEPS[key]))


class Charts(QWidget):
    """Four distributions in a row; thresholds are pulled in two of them.

    They show the model's analysis and ask the model for changes. While they are not visible they
    do nothing.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._shown: tuple[object, ...] = ()
        windows = ("patches", "quality")
        self.matches = Chart(
            "matches",
            "match",
            ("Distance ratio of the matches", "Distance ratio"),
            ("consistent",),
            distributions.match_distances,
            pulled=True,
        )
        self.texture = Chart(
            "texture",
            "window",
            ("Keypoints a window", "Keypoints"),
            ("patches",),
            distributions.window_texture,
            pulled=True,
            shared=True,
        )
        self.psnr = Chart("psnr", "window", ("PSNR",), windows, distributions.window_psnr)
        self.ssim = Chart("ssim", "window", ("SSIM",), windows, distributions.window_ssim)
        self.charts = (self.matches, self.texture, self.psnr, self.ssim)
        self._lay_out()
        for chart in self.charts:
            chart.changed.connect(model.change)
            chart.picked.connect(self._on_picked)
        for signal in (model.analysis_changed, model.current_changed, model.recipe_changed):
            signal.connect(self._show)
        model.selection_changed.connect(self._show_selection)

    def _lay_out(self) -> None:
        row_widget = QWidget()
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for chart in self.charts:
            row.addWidget(chart, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(row_widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)
        self.setMinimumHeight(_LOWEST)

    def _on_picked(self, selected: Selected) -> None:
        self._model.select(selected, go_there=True)

    def _show(self) -> None:
        """Show the model's analysis, once for each, and only while it can be seen."""
        model = self._model
        error = model.current.error if model.current else None
        now = (model.current, model.analysis, error)
        if not self.isVisible() or now == self._shown:
            return
        self._shown = now
        for chart in self.charts:
            if model.analysis is not None:
                chart.show_analysis(model.analysis)
            elif model.current is None:
                chart.say("no image yet")
            elif error is not None:
                chart.say("no analysis of this image", error)
            else:
                chart.say("being computed")

    def _show_selection(self) -> None:
        if self.isVisible():
            for chart in self.charts:
                chart.show_selected(self._model.selection)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed meanwhile."""
        super().showEvent(event)
        self._show()
        self._show_selection()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            for chart in self.charts:
                chart.restyle()


def _moved(at: QPoint, pressed: QPoint | None) -> float:
    return (at - pressed).manhattanLength() if pressed is not None else float("inf")


def _help(d: Distribution) -> str:
    what = "match" if d.kind == "match" else "window"
    lines = []
    if d.threshold is not None:
        pulled = "either edge of the band" if len(d.threshold.sides) == 2 else "the line"
        lines.append(f"Drag {pulled}, or press Left and Right, to set {d.threshold.key}.")
    lines.append(f"Click a bar to go to the {what} nearest to that value; Up and Down go on.")
    lines.append("Heights are square roots of the counts, so that a few beside many are seen.")
    title = escape(f"{d.headings[0]} {d.value}: {d.details[0]}")
    return "<p>" + "<br>".join([title, *lines]) + "</p>"
