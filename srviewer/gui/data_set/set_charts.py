"""The distributions of a whole set, with the same thresholds to pull as those of one image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from srviewer.gui.data_set import set_distributions as distributions
from srviewer.gui.data_set.findings import Findings
from srviewer.gui.data_set.set_distributions import SetDistribution
from srviewer.gui.model import Model
from srviewer.gui.views.drawing import KEYPOINTS, RATIO, Range, range_of
from srviewer.gui.views.pulled_chart import PulledChart
from srviewer.pipeline.recipe import Recipe

Make = Callable[[Findings, Recipe, Range | None], SetDistribution | str]


class SetChart(PulledChart):
    """A distribution over all images of a set.

    Parameters
    ----------
    name : str
    headings : tuple of str
    make : callable
        Makes what is drawn.
    pulled, shared : bool
        As in `PulledChart`.
    """

    def __init__(
        self,
        name: str,
        headings: tuple[str, ...],
        make: Make,
        *,
        pulled: bool = False,
        shared: bool = False,
    ) -> None:
        self._make = make
        self._shown: tuple[Findings, Recipe] | None = None
        self.distribution: SetDistribution | None = None
        super().__init__(f"set_{name}", headings, pulled=pulled, shared=shared)
        self.draw_mark()

    def draw_mark(self) -> None:
        """Mark nothing: a set has no window that is asked about."""
        self.plot.show_mark(None)

    def say(self, words: str) -> None:
        """Show `words` instead of a distribution."""
        self._shown, self.distribution = None, None
        self.show_words(words)

    def show_findings(self, found: Findings, recipe: Recipe) -> None:
        """Show what is `found`, with the threshold where `recipe` has it."""
        if self._shown is not None and self._shown[0] is found and self._shown[1] == recipe:
            return
        self._shown = (found, recipe)
        self._draw_again()

    def let_go(self) -> None:
        """Show the range that fits, which was held while the threshold was pulled."""
        self._draw_again()

    def _draw_again(self) -> None:
        if self._shown is None:
            return
        made = self._make(*self._shown, self.held)
        if isinstance(made, str):
            self.distribution = None
            self.show_words(made)
            return
        held, before = self.held, self.distribution
        if held is not None and before is not None and range_of(made) != held:
            made = replace(before, value=made.value, details=made.details, threshold=made.threshold)
        self.distribution = made
        self.show_drawing(made)


class SetCharts(QWidget):
    """Four distributions in a row; thresholds are pulled in two of them."""

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.matches = SetChart("matches", RATIO, distributions.of_matches, pulled=True)
        self.texture = SetChart(
            "texture", KEYPOINTS, distributions.of_texture, pulled=True, shared=True
        )
        self.psnr = SetChart("psnr", ("PSNR",), distributions.of_psnr)
        self.ssim = SetChart("ssim", ("SSIM",), distributions.of_ssim)
        self.charts = (self.matches, self.texture, self.psnr, self.ssim)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for chart in self.charts:
            chart.changed.connect(model.change)
            row.addWidget(chart, 1)
        self.setMinimumHeight(120)

    def show_findings(self, found: Findings) -> None:
        """Show what is `found`, with thresholds where the recipe in use has them."""
        for chart in self.charts:
            chart.show_findings(found, self._model.recipe)

    def say(self, words: str) -> None:
        """Show `words` instead of distributions."""
        for chart in self.charts:
            chart.say(words)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            for chart in self.charts:
                chart.restyle()
