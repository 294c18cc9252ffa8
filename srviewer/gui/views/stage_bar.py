"""The line of stages along the top: what each one found, and where it all was lost."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from srviewer.gui.state.layers import VIEWS, View
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.titled_button import TitledButton
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import mean_quality


def stage_text(view: View, a: Analysis) -> str:
    """Return in a few words what the stage behind `view` found; all its stages have run."""
    if view.name == "source":
        return "{} x {} px".format(*a.image.size)
    if view.name == "pair":
        return f"x{a.recipe.scale} {a.recipe.resizer} {a.recipe.filter}"
    if view.name == "matches":
        return f"{len(a.matches):,} of {len(a.keypoints.hr):,}"
    if view.name == "consistent":
        return f"{int(a.consistent.kept.sum()):,} of {len(a.matches):,}"
    if view.name == "box":
        return f"{a.box.hr.width} x {a.box.hr.height} px" if a.box.hr else "none"
    kept = int(a.patches.kept.sum())
    if view.name == "patches":
        return f"{kept:,} of {int(a.patches.candidates.sum()):,}"
    psnr, _ = mean_quality(a)
    return f"{kept:,}" + (f", {psnr:.1f} dB" if psnr is not None else "")


def took(view: View, a: Analysis) -> float:
    """Return the seconds that the stages behind `view` took."""
    return sum(a.seconds.get(stage, 0.0) for stage in view.stages)


def time_text(seconds: float) -> str:
    """Return `seconds` with three figures at most and a fitting unit."""
    if seconds >= 0.9995:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 9.5 else f"{milliseconds:.1f} ms"


def lost_everything(view: View, a: Analysis) -> bool:
    """Tell whether nothing is left after the stage behind `view`."""
    if view.name == "matches":
        return len(a.matches) == 0
    if view.name == "consistent":
        return not a.consistent.kept.any()
    if view.name == "box":
        return a.box.hr is None
    if view.name in ("patches", "pairs"):
        return not a.patches.kept.any()
    return False


class _StageButton(TitledButton):
    def __init__(self, number: int, view: View) -> None:
        super().__init__(number, view.title, f"stage_{view.name}")
        self.view = view
        self.setAutoExclusive(True)

    def show_state(self, count: str, *, tooltip: str, time: str = "", warns: bool = False) -> None:
        self.say(count, time=time, warns=warns)
        self.setToolTip(tooltip)


class StageBar(QWidget):
    """Seven buttons from source to pairs; `chosen` tells the stage that a person wants to see."""

    chosen = Signal(str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._running = ""
        self._share = 0.0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self._buttons = [_StageButton(number, view) for number, view in enumerate(VIEWS, start=1)]
        for button in self._buttons:
            button.clicked.connect(self._on_click)
            row.addWidget(button)
        model.analysis_changed.connect(self._show)
        model.current_changed.connect(self._show)
        model.view_changed.connect(self._show)
        model.page_changed.connect(self._show)
        model.running_changed.connect(self._on_running)
        self._show()

    def counts(self) -> dict[str, str]:
        """Return what each stage says."""
        return {button.view.name: button.count for button in self._buttons}

    def _on_click(self) -> None:
        button = self.sender()
        assert isinstance(button, _StageButton)
        self.chosen.emit(button.view.name)

    def _on_running(self, stage: str, done: int, total: int) -> None:
        share = done / total if total > 1 else 0.0
        if stage != self._running or round(share * 100) != round(self._share * 100):
            self._running, self._share = stage, share
            self._show()

    def _show(self) -> None:
        analysis = self._model.analysis
        for button in self._buttons:
            view = button.view
            button.setChecked(view is self._model.view)
            button.set_aside(self._model.data_set_shown)
            if analysis is None and view.name == "source" and self._model.image is not None:
                size = "{} x {} px".format(*self._model.image.size)
                button.show_state(size, tooltip=view.help)
            elif analysis is not None and all(map(analysis.has, view.stages)):
                self._show_result(button, analysis)
            else:
                button.show_state(self._waiting_words(view), tooltip=view.help)

    def _waiting_words(self, view: View) -> str:
        """Return what a stage without a result says: running, waiting, or nothing at all."""
        if not self._running:
            return ""
        if self._running in view.stages or (self._running == "read" and view.name == "source"):
            return f"running {self._share:.0%}" if self._share else "running"
        return "waiting"

    def _show_result(self, button: _StageButton, a: Analysis) -> None:
        view = button.view
        time = time_text(took(view, a)) if view.stages else ""
        tooltip = f"{view.help}\n{stage_text(view, a)}"
        if time:
            tooltip += f"\ntook {time}"
        lost = lost_everything(view, a)
        if view.name == "box" and a.box.reason:
            tooltip += f"\n{a.box.reason}"
        button.show_state(stage_text(view, a), time=time, warns=lost, tooltip=tooltip)
