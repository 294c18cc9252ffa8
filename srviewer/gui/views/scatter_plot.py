"""What the scatter of displacements draws; it takes no gesture of its own."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics

from srviewer.gui.theme import Theme
from srviewer.gui.views.bare_plot import BarePlot
from srviewer.gui.views.displacement_marks import MARKS, class_color
from srviewer.gui.views.scattered import Scattered
from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.displacement import Centre, MatchClass

DENSE = 1500
"""Matches of a class, from which on their density is drawn instead of each of them."""
_BIN = 3  # screen pixels of the density
_ORDER = (  # the rarer are on top
    MatchClass.REJECTED,
    MatchClass.KEPT,
    MatchClass.REJECTED_INLIER,
    MatchClass.KEPT_DISPLACED,
)
_CLOSEST, _FARTHEST = 0.02, 5000.0  # LR px from the middle to the edge


class ScatterPlot(BarePlot):
    """Points in four classes, or their density; the tolerance, the centre and its region."""

    def __init__(self) -> None:
        axes = pg.AxisItem("left"), pg.AxisItem("bottom")
        super().__init__(axes, (2, 6, 8, 2), invertY=True, lockAspect=True)
        for axis, name in zip(axes, ("dy", "dx"), strict=True):
            axis.setLabel(f"{name}, LR px")
        self._box.sigRangeChanged.connect(self._draw_density)
        self._drawn: Scattered | None = None
        self._members: dict[MatchClass, Ints] = dict.fromkeys(MatchClass, np.zeros(0, np.int64))
        self._dense: tuple[MatchClass, ...] = ()
        self._colors: dict[MatchClass, QColor] = {}
        self._add_items()

    def _add_items(self) -> None:
        self._zero = [pg.InfiniteLine(angle=angle) for angle in (0, 90)]
        self._tolerance = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._density = pg.ImageItem(axisOrder="row-major")
        self._points = {one: pg.ScatterPlotItem(pxMode=True) for one in _ORDER}
        self._region = pg.PlotCurveItem(antialias=True, skipFiniteCheck=True)
        self._centre = pg.ScatterPlotItem(pxMode=True, symbol="+", size=17)
        self._mark = pg.ScatterPlotItem(pxMode=True, symbol="o", size=18, brush=None)
        below = (*self._zero, self._tolerance, self._density)
        self.add_items(*below, *self._points.values(), self._region, self._centre, self._mark)

    def restyle(self, theme: Theme, font: QFont) -> None:
        """Take the colours of `theme` and the size of `font`."""
        self.style_axes(theme, font)
        self._colors = {one: class_color(one, theme) for one in MatchClass}
        for one, item in self._points.items():
            color, mark = self._colors[one], MARKS[one]
            item.setPen(pg.mkPen(color, width=1 if mark.filled else 1.6))
            item.setBrush(pg.mkBrush(color if mark.filled else None))
            item.setSymbol(mark.symbol)
            item.setSize(mark.size)
        for line in self._zero:
            line.setPen(theme.muted, width=1)
        self._tolerance.setPen(theme.muted, width=1.5, style=Qt.PenStyle.DashLine)
        self._region.setPen(theme.accent, width=2)
        self._centre.setPen(pg.mkPen(theme.text, width=1.5))
        self._centre.setBrush(pg.mkBrush(theme.accent))
        self._mark.setPen(pg.mkPen(theme.text, width=2.5))
        metrics = QFontMetrics(font)
        line = metrics.lineSpacing()
        self.axes[0].setWidth(metrics.horizontalAdvance("-0.25") + line + 10)
        self.axes[1].setHeight(2 * line + 7)
        self._draw_density()

    def show_scattered(self, new: Scattered | None) -> None:
        """Draw `new`; what is as it was is not drawn again."""
        old, self._drawn = self._drawn, new
        self._box.setVisible(new is not None)
        if new is None:
            return
        self._show_points(old, new)
        if old is None or new.tolerance != old.tolerance:
            angle = np.linspace(0, 2 * np.pi, 73)
            self._tolerance.setData(new.tolerance * np.cos(angle), new.tolerance * np.sin(angle))
        if old is None or new.centre is not old.centre:
            self._show_centre(new.centre)

    def _show_points(self, old: Scattered | None, new: Scattered) -> None:
        moved = old is None or new.points is not old.points
        dense = []
        for one, item in self._points.items():
            index = np.flatnonzero(new.classes == one) if one in new.shown else np.zeros(0, int)
            if len(index) > DENSE:
                dense.append(one)
            points = index if len(index) <= DENSE else index[:0]
            if moved or not np.array_equal(points, self._members[one]):
                self._members[one] = points
                item.setData(*new.points[points].T)
        if dense or self._dense:
            self._dense = tuple(dense)
            self._draw_density()

    def _show_centre(self, centre: Centre | None) -> None:
        for item in (self._region, self._centre):
            item.setVisible(centre is not None)
        if centre is not None:
            self._region.setData(*centre.region().T)
            self._centre.setData(*centre.at[:, None])

    def _draw_density(self) -> None:
        new = self._drawn
        self._density.setVisible(bool(self._dense) and new is not None)
        if new is None or not self._dense:
            return
        (left, right), (top, bottom) = self.view_range
        columns = max(int(self._box.width() / _BIN), 1)
        rows = max(int(self._box.height() / _BIN), 1)
        rgba = np.zeros((rows, columns, 4), np.uint8)
        for one in self._dense:
            x, y = new.points[new.classes == one].T
            column = np.floor((x - left) / (right - left) * columns)
            row = np.floor((y - top) / (bottom - top) * rows)
            inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
            flat = (row[inside] * columns + column[inside]).astype(np.int64)
            count = np.bincount(flat, minlength=rows * columns).reshape(rows, columns)
            some, color = count > 0, self._colors[one]
            share = np.log1p(count[some]) / np.log1p(max(int(count.max()), 1))
            rgba[some, :3] = color.red(), color.green(), color.blue()
            rgba[some, 3] = (70 + 185 * share).astype(np.uint8)
        self._density.setImage(rgba, autoLevels=False, levels=None)
        self._density.setRect(QRectF(left, top, right - left, bottom - top))

    def show_mark(self, point: Floats | None) -> None:
        """Ring the selected match, at the border where it lies beyond the axes."""
        self._mark.setVisible(point is not None)
        if point is not None:
            ends = np.array(self.view_range)
            edge = 0.02 * (ends[:, 1] - ends[:, 0])
            at = np.clip(point, ends[:, 0] + edge, ends[:, 1] - edge)
            self._mark.setData(*at[:, None])

    # Where it looks

    @property
    def view_range(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ends of both axes, in LR px."""
        (left, right), (top, bottom) = self._box.viewRange()
        return (left, right), (top, bottom)

    def look_at(self, reach: float, x: float = 0.0, y: float = 0.0) -> None:
        """Show what is `reach` LR px from a point."""
        reach = min(max(reach, _CLOSEST), _FARTHEST)
        self._box.setRange(QRectF(x - reach, y - reach, 2 * reach, 2 * reach), padding=0)

    def zoom(self, factor: float, at: QPoint | None = None) -> None:
        """Come closer by `factor` to a point of this widget, or to the middle."""
        (left, right), (top, bottom) = self.view_range
        reach = min(right - left, bottom - top) / 2
        factor = reach / min(max(reach / factor, _CLOSEST), _FARTHEST)
        centre = None if at is None else tuple(self.value_at(at))
        self._box.scaleBy((1 / factor, 1 / factor), center=centre)

    def pan(self, by: QPoint) -> None:
        """Move what is shown by so many screen pixels."""
        unit = self.pixel
        self._box.translateBy(x=-by.x() * unit, y=-by.y() * unit)

    @property
    def pixel(self) -> float:
        """How many LR px a screen pixel is."""
        left, right = self.view_range[0]
        return float((right - left) / max(self._box.width(), 1))

    def value_at(self, at: QPoint) -> Floats:
        """Return dx and dy under a point of this widget, shape (2,)."""
        return np.array(self.point_at(at).toTuple())

    def beyond(self, points: Floats) -> int:
        """Return how many of `points`, shape (N, 2), lie beyond the axes."""
        ends = np.array(self.view_range)
        inside = ((points >= ends[:, 0]) & (points <= ends[:, 1])).all(axis=1)
        return int(len(points) - inside.sum())
