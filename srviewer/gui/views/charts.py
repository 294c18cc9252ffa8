"""Four distributions in a row: each threshold stands in the values that it cuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.chart import Chart
from srviewer.gui.widgets.building import stacked
from srviewer.pipeline import distributions
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.distributions import BinCache, Made, Range
from srviewer.pipeline.recipe import Recipe
from srviewer.survey import bars
from srviewer.survey.overview import Overview

_LOWEST = 120  # px
_OF_IMAGE: dict[str, tuple[tuple[str, ...], Callable[[Analysis, BinCache, Range | None], Made]]]
_OF_IMAGE = {  # the stages that it waits for, and what makes it
    "matches": (("consistent",), distributions.match_distances),
    "texture": (("patches",), distributions.window_texture),
    "psnr": (("patches", "quality"), distributions.window_psnr),
    "ssim": (("patches", "quality"), distributions.window_ssim),
}
_OF_SET = {
    "matches": bars.match_bars,
    "texture": bars.texture_bars,
    "psnr": bars.psnr_bars,
    "ssim": bars.ssim_bars,
}


class ChartRow(QWidget):
    """Matches, texture, PSNR and SSIM; thresholds are pulled in the first two.

    Parameters
    ----------
    model : Model
        Asked for changes.
    prefix : str
        Of the charts' object names.
    """

    def __init__(self, model: Model, prefix: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.matches = Chart(f"{prefix}matches", "ratio", pulled=True)
        self.texture = Chart(f"{prefix}texture", "keypoints", pulled=True, shared=True)
        self.psnr, self.ssim = Chart(f"{prefix}psnr", "psnr"), Chart(f"{prefix}ssim", "ssim")
        self.charts = (self.matches, self.texture, self.psnr, self.ssim)
        self.by_name = dict(zip(_OF_IMAGE, self.charts, strict=True))
        for chart in self.charts:
            chart.changed.connect(model.change)
        self.setMinimumHeight(_LOWEST)

    def fill_row(self, holder: QWidget) -> None:
        """Put the charts beside each other into `holder`."""
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for chart in self.charts:
            row.addWidget(chart, 1)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            for chart in self.charts:
                chart.restyle()


class Charts(ChartRow):
    """The distributions of the current image.

    They show the model's analysis and ask the model for changes. While they are not visible they
    do nothing.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(model, parent=parent)
        self._caches = {name: BinCache() for name in self.by_name}
        self._results: dict[str, tuple[object, ...]] = {}  # that are drawn
        self._shown: tuple[object, ...] = ()
        self._lay_out()
        for chart in self.charts:
            chart.picked.connect(self._on_picked)
        for signal in (model.analysis_changed, model.current_changed, model.recipe_changed):
            signal.connect(self._show)
        model.selection_changed.connect(self._show_selection)

    def _lay_out(self) -> None:
        """Let a narrow window scroll along the charts."""
        holder = QWidget()
        self.fill_row(holder)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder)
        stacked(self, area)

    def _on_picked(self, selected: Selected) -> None:
        self._model.select(selected, go_there=True)

    def _show(self) -> None:
        """Show the model's analysis, once for each, and only while it can be seen."""
        model = self._model
        error = str(model.current.error or "") if model.current else ""
        now = (model.current, model.analysis, error)
        if not self.isVisible() or now == self._shown:
            return
        self._shown = now
        for name, chart in self.by_name.items():
            if model.analysis is not None:
                self._show_analysis(name, chart, model.analysis)
                continue
            self._results.pop(name, None)
            if model.current is None:
                chart.say("no image yet")
            elif error:
                chart.say("no analysis of this image", error)
            else:
                chart.say("being computed")

    def _show_analysis(self, name: str, chart: Chart, a: Analysis) -> None:
        """Show what `a` knows; where it does not know it yet, say so."""
        (stages, make), cache = _OF_IMAGE[name], self._caches[name]
        if not all(map(a.has, stages)):
            self._results.pop(name, None)
            chart.say("being computed")
            return
        # A recipe that changes nothing of these results changes nothing here.
        results = tuple(getattr(a, stage) for stage in stages)
        if results != self._results.get(name):
            self._results[name] = results
            chart.show_made(partial(make, a, cache), a.recipe)

    def _show_selection(self) -> None:
        if self.isVisible():
            for chart in self.charts:
                chart.show_selected(self._model.selection)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed meanwhile."""
        super().showEvent(event)
        self._show()
        self._show_selection()


class SetCharts(ChartRow):
    """The distributions of a whole set; a set has no window that is picked."""

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(model, "set_", parent)
        self.fill_row(self)
        self._shown: tuple[Overview, Recipe] | None = None

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`, with thresholds where the recipe in use has them."""
        recipe = self._model.recipe
        if self._shown is not None and self._shown[0] is found and self._shown[1] == recipe:
            return
        self._shown = (found, recipe)
        for name, chart in self.by_name.items():
            make = partial(_OF_SET[name], found.distributions, found.answer, recipe)
            chart.show_made(make, recipe)
