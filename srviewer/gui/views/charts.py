"""Four distributions in a row, or two: each threshold stands in the values that it cuts."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from threading import Thread

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from srviewer.export.options import LABELS
from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.gui.views.chart import AROUND, Chart
from srviewer.gui.widgets.building import EDGE, grid, stacked
from srviewer.pipeline import distributions
from srviewer.pipeline.distributions import BinCache, Made, Range
from srviewer.pipeline.window_filter import Show
from srviewer.survey import bars
from srviewer.survey.overview import Overview

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


def _made(name: str, asked: bars.Asked, held: Range | None) -> Made:
    return _OF_SET[name](asked._replace(held=held))


class ChartGrid(QWidget):
    """Charts in a row, or in two where they would be too narrow."""

    def __init__(
        self, charts: tuple[Chart, ...], lowest: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._charts, self._columns = charts, 0
        for chart in charts:
            chart.place.setMinimumSize(1, lowest)
        self._grid = grid(self, spacing=(1, 1))
        # In an area that scrolls they have the height that there is.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._arrange(len(charts))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, chart in enumerate(self._charts):
            self._grid.addWidget(chart, number // columns, number % columns)
        rows = -(-len(self._charts) // columns)
        for number in range(len(self._charts)):
            self._grid.setColumnStretch(number, int(number < columns))
            self._grid.setRowStretch(number, int(number < rows))
        least = max(chart.minimumSizeHint().height() for chart in self._charts)
        self.setMinimumHeight(rows * (least + 1))

    def minimumSizeHint(self) -> QSize:
        """Return room for two charts beside each other."""
        sizes = [chart.minimumSizeHint() for chart in self._charts]
        width = 2 * max(one.width() for one in sizes) + 1
        return QSize(width, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put them into one row or two."""
        super().resizeEvent(event)
        least = max(chart.minimumSizeHint().width() for chart in self._charts) + 1
        count = len(self._charts)
        self._arrange(count if self.width() >= count * least else -(-count // 2))


class ChartRow(QWidget):
    """Matches, texture, PSNR and SSIM; thresholds are pulled in the first two.

    Parameters
    ----------
    model : Model
        Asked for changes.
    choices : Shared of ChartChoices
        How charts draw.
    prefix : str
        Of the charts' object names.
    """

    _lowest = 62  # px of a plot

    def __init__(self, model: Model, choices: Shared[ChartChoices], prefix: str = "") -> None:
        super().__init__()
        self._model = model
        self.choices = choices
        self.matches = Chart(f"{prefix}matches", "ratio", choices, pulled=True)
        self.texture = Chart(f"{prefix}texture", "keypoints", choices, pulled=True, shared=True)
        self.psnr = Chart(f"{prefix}psnr", "psnr", choices)
        self.ssim = Chart(f"{prefix}ssim", "ssim", choices)
        self.charts = (self.matches, self.texture, self.psnr, self.ssim)
        self.by_name = dict(zip(_OF_IMAGE, self.charts, strict=True))
        self._sources: dict[str, object] = {}  # what they show is made of
        for chart in self.charts:
            chart.changed.connect(model.change)
        self.row = ChartGrid(self.charts, self._lowest, self)

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

    def __init__(self, model: Model, choices: Shared[ChartChoices]) -> None:
        super().__init__(model, choices)
        self.choices.changed.connect(self._show)
        self._caches = {name: BinCache() for name in self.by_name}
        stacked(self, self.row).setContentsMargins(EDGE - AROUND, 0, 0, 0)
        for chart in self.charts:
            chart.picked.connect(self._on_picked)
            chart.stepped.connect(model.step_selection)
        # What draws the first results is loaded while they are computed: else a frame waits for it.
        self._loading = Thread(target=import_module, args=("pyqtgraph",))
        model.running_changed.connect(self._loading.start, Qt.ConnectionType.SingleShotConnection)
        model.analysis_changed.connect(self._show)
        model.selection_changed.connect(self._show_selection)

    def _on_picked(self, selected: Selected) -> None:
        self._model.select(selected, go_there=True)

    def _show(self) -> None:
        """Show what the model's analysis knows, or why not, and only while it can be seen."""
        a = self._model.analysis if self.isVisible() else None  # none that is gone is held alive
        words = self._words()
        for name, (stages, make) in _OF_IMAGE.items():
            chart, cache = self.by_name[name], self._caches[name]
            if a is None or not all(map(a.has, stages)):
                self.renew(name, words, partial(chart.say, *words))
                continue
            # A recipe that changes nothing of these results changes nothing here.
            entire = self.choices.value.entire
            boxless = a.has("box") and a.box.hr is None  # which says why
            why = a.pair_alignment if boxless else None
            results = (entire, why, *(getattr(a, stage) for stage in stages))
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
    """The distributions of a whole set, whose windows are asked for by the bar.

    Signals
    -------
    windows_asked(conditions, show)
        These windows are to be listed, and which of them.
    """

    windows_asked = Signal(str, object)
    _lowest = 94

    def __init__(self, model: Model, choices: Shared[ChartChoices]) -> None:
        super().__init__(model, choices, "set_")
        self._found: Overview | None = None
        self._listed = ""  # conditions of the bar that is marked
        for chart in self.charts:
            chart.bar_asked.connect(partial(self._on_bar, chart))
        self.choices.changed.connect(self._show)
        stacked(self, self.row)

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`, with thresholds where the recipe in use has them."""
        self._found = found
        self._show()

    def _on_bar(self, chart: Chart, bar: int, kept: bool | None) -> None:
        found, d = self._found, chart.distribution
        if found is None or d is None:
            return
        self._listed = bars.bar_conditions(d, bar, found.answer.recipe)
        for one in self.charts:
            one.mark_bar(bar if one is chart else None)
        show = {None: Show.IN_BOX, True: Show.KEPT, False: Show.REJECTED}[kept]
        self.windows_asked.emit(self._listed, show)

    def follow_conditions(self, conditions: str) -> None:
        """Mark no bar any more once a person has typed other conditions."""
        if conditions != self._listed:
            for chart in self.charts:
                chart.mark_bar(None)

    def _show(self) -> None:
        found, recipe, entire = self._found, self._model.recipe, self.choices.value.entire
        if found is None:
            return
        asked = bars.Asked(found.distributions, found.answer, recipe, entire=entire)
        for name, chart in self.by_name.items():
            make = partial(_made, name, asked)
            self.renew(name, (found, recipe, entire), partial(chart.show_made, make, recipe))
