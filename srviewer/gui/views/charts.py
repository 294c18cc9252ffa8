"""Four distributions in a row: each threshold stands in the values that it cuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from srviewer.export.options import LABELS
from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.chart import Chart
from srviewer.gui.widgets.building import row, stacked
from srviewer.pipeline import distributions
from srviewer.pipeline.distributions import BinCache, Made
from srviewer.survey import bars
from srviewer.survey.overview import Overview

_LOWEST = 120  # px
_OF_IMAGE: dict[str, tuple[tuple[str, ...], Callable[..., Made]]]
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
    choices : ChartChoices, optional
        How charts draw.
    prefix : str
        Of the charts' object names.
    """

    def __init__(
        self,
        model: Model,
        choices: ChartChoices | None = None,
        prefix: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.choices = one = choices or ChartChoices(self)
        self.matches = Chart(f"{prefix}matches", "ratio", one, pulled=True)
        self.texture = Chart(f"{prefix}texture", "keypoints", one, pulled=True, shared=True)
        self.psnr = Chart(f"{prefix}psnr", "psnr", one)
        self.ssim = Chart(f"{prefix}ssim", "ssim", one)
        self.charts = (self.matches, self.texture, self.psnr, self.ssim)
        self.by_name = dict(zip(_OF_IMAGE, self.charts, strict=True))
        self._sources: dict[str, object] = {}  # what they show is made of
        for chart in self.charts:
            chart.changed.connect(model.change)
        self.setMinimumHeight(_LOWEST)
        self.row = row(*self.charts, grows=self.charts)

    def renew(self, name: str, source: object, show: Callable[[], None]) -> None:
        """Let a chart `show` what is made of `source`, if it does not show that already."""
        if self._sources.get(name) != source:
            self._sources[name] = source
            show()

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

    def __init__(
        self, model: Model, choices: ChartChoices | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, choices, parent=parent)
        self.choices.changed.connect(self._show)
        self._caches = {name: BinCache() for name in self.by_name}
        self._lay_out()
        for chart in self.charts:
            chart.picked.connect(self._on_picked)
            chart.stepped.connect(model.step_selection)
        for signal in (model.analysis_changed, model.current_changed, model.recipe_changed):
            signal.connect(self._show)
        model.selection_changed.connect(self._show_selection)

    def _lay_out(self) -> None:
        """Let a narrow window scroll along the charts."""
        area = QScrollArea(widgetResizable=True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.row)
        stacked(self, area)

    def _on_picked(self, selected: Selected) -> None:
        self._model.select(selected, go_there=True)

    def _show(self) -> None:
        """Show what the model's analysis knows, or why not, and only while it can be seen."""
        if not self.isVisible():
            return
        a, words = self._model.analysis, self._words()
        for name, (stages, make) in _OF_IMAGE.items():
            chart, cache = self.by_name[name], self._caches[name]
            if a is None or not all(map(a.has, stages)):
                self.renew(name, words, partial(chart.say, *words))
                continue
            # A recipe that changes nothing of these results changes nothing here.
            entire = self.choices.entire
            results = (entire, *(getattr(a, stage) for stage in stages))
            made = partial(make, a, cache, entire=entire)
            show = partial(chart.show_made, made, a.recipe)
            self.renew(name, results, show)

    def _words(self) -> tuple[str, str]:
        """Return what a chart without a result says, and more of it for the tooltip."""
        current = self._model.current
        if current is None:
            return "no image yet", ""
        if current.error and self._model.analysis is None:
            return "no analysis of this image", current.error.told(LABELS)
        return "being computed", ""

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

    def __init__(
        self, model: Model, choices: ChartChoices | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, choices, "set_", parent)
        self._found: Overview | None = None
        self.choices.changed.connect(self._show)
        stacked(self, self.row)

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`, with thresholds where the recipe in use has them."""
        self._found = found
        self._show()

    def _show(self) -> None:
        found, recipe, entire = self._found, self._model.recipe, self.choices.entire
        if found is None:
            return
        for name, chart in self.by_name.items():
            make = partial(_OF_SET[name], found.distributions, found.answer, recipe, entire=entire)
            self.renew(name, (found, recipe, entire), partial(chart.show_made, make, recipe))
