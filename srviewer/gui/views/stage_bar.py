"""The line of stages along the top: what each one found, and where it all was lost."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from srviewer.gui.state.layers import VIEWS, View
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import filled, restyle
from srviewer.gui.widgets.titled_button import TitledButton
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import mean_quality


def stage_result(view: View, a: Analysis) -> tuple[str, bool]:
    """Return in a few words what the stage behind `view` found, and whether anything is left.

    All its stages have run.
    """
    if view.name == "source":
        return "{} x {} px".format(*a.image.size), True
    if view.name == "pair":
        return f"x{a.recipe.scale} {a.recipe.resizer} {a.recipe.filter}", True
    if view.name == "box":
        box = a.box.hr
        return (f"{box.width} x {box.height} px", True) if box else ("none", False)
    if view.name == "matches":
        left, of = len(a.matches), len(a.keypoints.hr)
    elif view.name == "consistent":
        left, of = int(a.consistent.kept.sum()), len(a.matches)
    else:
        left, of = int(a.patches.kept.sum()), int(a.patches.candidates.sum())
    if view.name != "pairs":
        return f"{left:,} of {of:,}", left > 0
    psnr, _ = mean_quality(a)
    return f"{left:,}" + (f", {psnr:.1f} dB" if psnr is not None else ""), left > 0


def time_text(seconds: float) -> str:
    """Return `seconds` with three figures at most and a fitting unit."""
    if seconds >= 0.9995:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 9.5 else f"{milliseconds:.1f} ms"


class StageBar(QWidget):
    """Seven buttons from source to pairs; `chosen` tells the stage that a person wants to see."""

    chosen = Signal(str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._running = ""
        self._share = 0.0
        row = filled(QHBoxLayout(self), spacing=1)
        self._buttons = QButtonGroup(self)
        for number, view in enumerate(VIEWS):
            button = TitledButton(number + 1, view.title, f"stage_{view.name}")
            self._buttons.addButton(button, number)
            row.addWidget(button)
        self._buttons.idClicked.connect(self._on_click)
        shown = (
            model.analysis_changed,
            model.current_changed,
            model.view_changed,
            model.page_changed,
        )
        for changed in shown:
            changed.connect(self._show)
        model.running_changed.connect(self._on_running)
        self._show()

    def _on_click(self, number: int) -> None:
        self.chosen.emit(VIEWS[number].name)

    def _on_running(self, stage: str, done: int, total: int) -> None:
        share = done / total if total > 1 else 0.0
        if stage != self._running or round(share * 100) != round(self._share * 100):
            self._running, self._share = stage, share
            self._show()

    def _show(self) -> None:
        a, image = self._model.analysis, self._model.image
        for button, view in zip(self._buttons.buttons(), VIEWS, strict=True):
            assert isinstance(button, TitledButton)
            button.setChecked(view is self._model.view)
            restyle(button, "aside", self._model.data_set_shown)
            if a is not None and all(map(a.has, view.stages)):
                self._show_result(button, view, a)
                continue
            text = self._waiting_words(view)
            if a is None and view.name == "source" and image is not None:
                text = "{} x {} px".format(*image.size)
            button.say(text)
            button.setToolTip(view.help)

    def _waiting_words(self, view: View) -> str:
        """Return what a stage without a result says: running, waiting, or nothing at all."""
        if not self._running:
            return ""
        if self._running in view.stages or (self._running == "read" and view.name == "source"):
            return f"running {self._share:.0%}" if self._share else "running"
        return "waiting"

    def _show_result(self, button: TitledButton, view: View, a: Analysis) -> None:
        text, some_left = stage_result(view, a)
        tooltip, time = [view.help, text], ""
        if view.stages:
            time = time_text(sum(a.seconds.get(stage, 0.0) for stage in view.stages))
            tooltip.append(f"took {time}")
        if view.name == "box" and a.box.reason:
            tooltip.append(a.box.reason)
        button.say(text, time=time, warns=not some_left)
        button.setToolTip("\n".join(tooltip))
