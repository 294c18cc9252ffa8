"""The distributions of the current image: each threshold stands in the values that it cuts."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.model import Model
from srviewer.gui.selection import Selected
from srviewer.gui.views import distributions
from srviewer.gui.views.distributions import BinCache, Distribution, Maker
from srviewer.gui.views.drawing import Drawing
from srviewer.gui.views.pulled_chart import PulledChart
from srviewer.pipeline.analysis import Analysis

_LOWEST = 120  # px


class Chart(PulledChart):
    """A distribution of an analysis, which a person pulls and clicks at.

    Signals
    -------
    picked(selected)
        A match or a window was asked about.
    """

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
        self.distribution: Distribution | None = None
        self._kind = kind
        self._stages, self._make = stages, make
        self._cache = BinCache()
        self._analysis: Analysis | None = None
        self._results: tuple[object, ...] = ()  # what is drawn comes from
        self._selected: int | None = None
        super().__init__(name, headings, pulled=pulled, shared=shared)

    # Showing

    def say(self, words: str, more: str = "") -> None:
        """Show `words` instead of any results, with `more` in the tooltip."""
        self._results, self._analysis = (), None
        self._say(words, more)

    def _say(self, words: str, more: str = "") -> None:
        self.distribution = None
        self.show_words(words, more)

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
        made = self._make(a, self._cache, self.held)
        if isinstance(made, str):
            self._say(made)
            return
        self.distribution = made
        self.show_drawing(made)

    def let_go(self) -> None:
        """Show the range that fits, which was held while the threshold was pulled."""
        if self._analysis is not None:
            self._make_distribution(self._analysis)

    def show_selected(self, selected: Selected | None) -> None:
        """Mark the selected match or window, if this chart counts them."""
        mine = selected is not None and selected.kind == self._kind
        self._selected = selected.index if selected is not None and mine else None
        self.draw_mark()

    def draw_mark(self) -> None:
        """Mark where the selected match or window is."""
        d, index = self.distribution, self._selected
        place = None
        if d is not None and index is not None and index < len(d.bins.values):
            value, (low, high) = float(d.bins.values[index]), d.bins.range
            place = value if low <= value <= high else None
        self.plot.show_mark(place)

    def more_help(self, d: Drawing) -> list[str]:
        """Return what a click does."""
        what = "match" if d.kind == "match" else "window"
        return [f"Click a bar to go to the {what} nearest to that value; Up and Down go on."]

    # Gestures

    def pick(self, at: QPoint) -> None:
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

    def step(self, steps: int) -> bool:
        """Ask for the next value."""
        if self.distribution is not None:
            self._ask(distributions.neighbour(self.distribution, self._selected, steps))
        return True

    def _ask(self, index: int | None) -> None:
        if index is not None and self.distribution is not None:
            self.picked.emit(Selected(self._kind, index))


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
        error = str(model.current.error or "") if model.current else ""
        now = (model.current, model.analysis, error)
        if not self.isVisible() or now == self._shown:
            return
        self._shown = now
        for chart in self.charts:
            if model.analysis is not None:
                chart.show_analysis(model.analysis)
            elif model.current is None:
                chart.say("no image yet")
            elif error:
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
