"""What one chart draws: bars, the threshold in them, a curve."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent

from srviewer.gui.state.chart_choices import CountScale
from srviewer.gui.theme import DARK, KEPT, REJECTED, Theme
from srviewer.gui.views.bare_plot import BarePlot
from srviewer.gui.views.chart_model import ChartModel
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.distributions import Range

_NAMED_FROM = 260  # px from which the axis of counts has room for a name
_ROOMY_FROM = 190  # px from which figures are written out, and the share kept has an axis
_APART = 6  # px between two figures at an axis


def bar_colors(theme: Theme) -> tuple[QColor, QColor, QColor]:
    """Return the colours of kept, of rejected and of all windows, which differ in brightness."""
    if theme is DARK:
        return KEPT, REJECTED.darker(165), QColor(theme.muted).darker(150)
    return KEPT.darker(165), REJECTED.lighter(118), QColor(theme.line).darker(112)


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of the values; its figures never lie over each other."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """Return the steps between figures, where those of pyqtgraph are not too close."""
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        spacing, start = levels[0]
        metrics = QFontMetrics(self.style["tickFont"] or self.font())
        per_pixel = (high - low) / max(size, 1)
        while spacing < high - low:
            texts = self.tickStrings([low, high], 1, spacing)
            if spacing / per_pixel >= max(map(metrics.horizontalAdvance, texts)) + _APART:
                break
            spacing *= 2 if round(np.log10(spacing) % 1, 2) != round(np.log10(2), 2) else 2.5
        return levels if spacing == levels[0][0] else [(spacing, start)]


class ChartPlot(BarePlot):
    """Bars, a threshold and a curve.

    All heights are shares of the highest, so its range never moves and its axes are rarely drawn.

    Attributes
    ----------
    axes : tuple of AxisItem
        Of counts, of values and of shares, the last where there is one.

    Signals
    -------
    resized()
        It has another size, which may be later than what it stands in.

    Parameters
    ----------
    pulled : bool
        Whether a threshold cuts the values: what it rejects is coloured.
    shared : bool
        Whether there is a curve of the share kept, with an axis of its own.
    """

    resized = Signal()

    def __init__(self, *, pulled: bool, shared: bool) -> None:
        self._left, self._bottom = pg.AxisItem("left"), ValueAxis("bottom")
        right = [pg.AxisItem("right")] if shared else []
        super().__init__((self._left, self._bottom, *right), (2, 7, 4, 2))
        self._box.setYRange(0, 1)
        for axis in self.axes:
            axis.setZValue(0.5)
        for axis in right:
            axis.setTicks([[(0, "0"), (0.5, "50"), (1, "100 %")]])
        self._pulled = pulled
        self._top = 1
        self._is_held, self._edge_width = False, 0
        self._scale = CountScale.ROOT
        self._ticks: tuple[object, ...] = ()
        self._range: Range | None = None
        self._names: dict[str, tuple[str, bool]] = {}
        self._axes_shown: tuple[object, ...] = ()  # what the names of the axes depend on
        self.setMinimumWidth(1)
        self._add_items()

    def _add_items(self) -> None:
        flat = {"x": [0, 1], "y": [0], "stepMode": "center", "fillLevel": 0, "pen": None}
        self._band = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
        self._all = pg.PlotCurveItem(**flat)
        self._kept = pg.PlotCurveItem(**flat)
        self._share = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._mark = pg.InfiniteLine(angle=90)
        # The band is seen below the bars, its edges above them.
        self._edges = [pg.InfiniteLine(angle=90) for _ in range(2)]
        bars = (self._all, self._kept, self._share)
        self.add_items(self._band, *bars, self._mark, *self._edges)

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of `theme` and the size of `font`."""
        kept, rejected, grey = bar_colors(theme)
        band = QColor(theme.accent)
        band.setAlpha(50)
        self._band.setBrush(band)
        self._all.setBrush(rejected if self._pulled else grey)
        self._kept.setBrush(kept)
        self._share.setPen(theme.text, width=1)
        self._mark.setPen(theme.text, width=1, style=Qt.PenStyle.DashLine)
        self._edge_color = theme.text
        self._edge_width = 0
        self.show_held(False)
        self.style_axes(theme, font)
        self._font = font
        self._names.clear()
        self._axes_shown = ()

    def show_model(self, model: ChartModel, scale: CountScale = CountScale.ROOT) -> None:
        """Draw `model` with the heights of `scale`."""
        d = model.distribution
        self._scale = scale
        self._show_axes(model, top_above(int(d.all.max())))
        _redraw(self._all, d.edges, self.heights(d.all))
        _redraw(self._kept, d.edges, self.heights(d.kept))
        low, high = self.inner_range
        self._show_threshold(model.threshold.shown(low, high) if model.threshold else ())
        self._share.setVisible(d.share is not None and self._is_roomy)
        if d.share is not None:
            _redraw(self._share, d.edges, d.share)

    def _show_threshold(self, lines: tuple[float, ...]) -> None:
        self._band.setVisible(len(lines) == 2)
        if len(lines) == 2:
            self._band.setRegion(lines)
        for number, edge in enumerate(self._edges):
            edge.setVisible(number < len(lines))
            if number < len(lines):
                edge.setValue(lines[number])
        if self._is_held:
            self._show_width()

    def _show_axes(self, model: ChartModel, top: int) -> None:
        kind, beyond = model.kind, model.distribution.beyond
        if self._range != model.distribution.range:
            self._range = model.distribution.range
            self._box.setXRange(*self._range)
            self._box.prepareForPaint()  # else what is in it is painted, moved, and painted again
        if self._bottom.scale != kind.zoom:
            self._bottom.setScale(kind.zoom)
        self._top, mark = top, self._scale.mark
        now = kind, beyond, top, self._scale, self.width(), self._width_beside
        if now == self._axes_shown:  # of a pulled threshold the bars alone are others
            return
        self._axes_shown = now
        named, roomy = self.width() >= _NAMED_FROM, self._is_roomy
        if (top, self._scale, roomy) != self._ticks:
            self._ticks = top, self._scale, roomy
            self._left.setTicks([self._scale.ticks(top, short=not roomy)])
        for axis in self.axes[2:]:
            axis.setVisible(roomy)
        counted = "matches" if kind.counted == "match" else "windows"
        # What the scale is stands there always: heights are read wrong without it.
        left, right = f"{counted}, {mark}" if named else mark, "share kept" if named else ""
        self._name(self._left, left)
        for axis in self.axes[2:]:
            self._name(axis, right)
        axis_names = [one for one in (kind.axis, kind.short_axis) if one]
        if beyond:  # the header leaves it out where there is little room
            axis_names = [*(f"{one}, {beyond:,} beyond" for one in axis_names), *axis_names]
        room = int(self.width() - self._width_beside) - 8
        self._name(self._bottom, fitting(QFontMetrics(self._font), room, *axis_names))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Tell of it: what axes are called and the figures at them go by the room."""
        super().resizeEvent(event)
        if event is not None:
            self.resized.emit()

    @property
    def _width_beside(self) -> float:
        """The width that the axes take beside the bars."""
        beside = (axis for axis in self.axes if axis is not self._bottom)
        # Not the width that they have: a layout may not have followed yet.
        return float(sum(axis.maximumWidth() for axis in beside if axis.isVisible()))

    @property
    def _is_roomy(self) -> bool:
        return bool(self.width() >= _ROOMY_FROM)

    def _name(self, axis: pg.AxisItem, name: str) -> None:
        """Name `axis`; its size is set, so that bars stay in place beside longer figures."""
        side, roomy = axis.orientation, self._is_roomy
        if self._names.get(side) == (name, roomy):
            return
        self._names[side] = name, roomy
        figures = axis.picture
        axis.setLabel(name)
        axis.showLabel(bool(name))
        axis.resizeEvent()  # a longer name would begin where the one before did, and be cut
        metrics = QFontMetrics(self._font)
        line = metrics.lineSpacing() if name else 0
        if side == "bottom":
            axis.setHeight(metrics.lineSpacing() + line + 7)
        else:
            widest = "20,000" if roomy else "1.5k"
            there = axis.isVisible() or side == "left"
            axis.setWidth(
                metrics.horizontalAdvance(widest) + (8 if roomy else 6) + line if there else 0
            )
        axis.picture = figures  # which are drawn anew with another size, not with another name

    def show_held(self, held: bool) -> None:
        """Show whether keys move the threshold."""
        self._is_held = held
        self._show_width()

    def _show_width(self) -> None:
        """Have edges that are held thicker, as far as what is between them stays in sight."""
        width = 5 if self._is_held else 2
        if self._is_held and self._band.isVisible():
            apart = abs(self._edges[1].value() - self._edges[0].value()) / self.width_of(1)
            width = max(3, min(width, int(apart / 4)))
        if width != self._edge_width:
            self._edge_width = width
            for edge in self._edges:
                edge.setPen(self._edge_color, width=width)

    def show_mark(self, x: float | None) -> None:
        """Mark where the selected match or window is."""
        self._mark.setVisible(x is not None)
        if x is not None:
            self._mark.setValue(x)

    def heights(self, counts: Ints) -> Floats:
        """Return how high bars of so many values stand, 0..1."""
        return self._scale.heights(counts, self._top)

    @property
    def inner_range(self) -> Range:
        """The range of the axis, so far within that a line at its border is seen whole."""
        low, high = self._box.viewRange()[0]
        edge = self.width_of(1.5)
        return low + edge, high - edge

    def value_at(self, at: QPoint) -> tuple[float, float]:
        """Return the value and the height under a point of this widget."""
        point = self.point_at(at)
        return point.x(), point.y()

    def width_of(self, pixels: float) -> float:
        """Return how much of the axis so many screen pixels are."""
        low, high = self._box.viewRange()[0]
        per_pixel: float = (high - low) / max(self._box.width(), 1)
        return pixels * per_pixel


def top_above(count: int) -> int:
    """Return a round number above `count`, a quarter of which is a whole number too."""
    wanted = max(count * 1.06, 4)
    tens = 10 ** int(np.floor(np.log10(wanted)))
    tops = (int(n * tens) for n in (1, 2, 3, 4, 6, 8, 10, 20))
    return next(top for top in tops if top >= wanted and top % 4 == 0)


def _redraw(curve: pg.PlotCurveItem, x: Floats, y: Floats) -> None:
    """Give `curve` new points where they are new: equal ones would be painted again."""
    old_x, old_y = curve.getData()
    if not (np.array_equal(old_x, x) and np.array_equal(old_y, y)):
        curve.setData(x, y)
