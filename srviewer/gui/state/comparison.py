"""The same image under another recipe (B), beside the current one (A)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS
from srviewer.gui.jobs.analysis_follower import AnalysisFollower
from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe

_PRESETS = {f"preset {name}": recipe for name, recipe in PRESETS.items()}
_OTHER_VALUE = {
    "the other keypoint scope": "keypoint_scope",
    "the other texture measure": "texture",
    "the other consistency test": "consistency",
}
CHOICES = (*_PRESETS, *_OTHER_VALUE)
"""What B can be."""


def other_recipe(choice: str, recipe: Recipe) -> Recipe:
    """Return recipe B of `choice` where A is `recipe`."""
    if choice in _PRESETS:
        # Both are of the image as it was read.
        return _PRESETS[choice].replace(colour=recipe.colour)
    key = _OTHER_VALUE[choice]
    values = KNOBS[key].choices
    after = values.index(getattr(recipe, key)) + 1  # of more than two, the next is the other
    return recipe.replace(**{key: values[after % len(values)]})


class Comparison(QObject):
    """Keeps the analysis under recipe B while somebody looks at it.

    Attributes
    ----------
    choice : str
        What B is, one of `CHOICES`.
    problem : str
        Why B cannot be computed, empty where it can.

    Signals
    -------
    changed
        B's recipe, or what is known under it, is another one.
    """

    changed = Signal()

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted_by: set[str] = set()
        self.choice = CHOICES[0]
        self.problem = ""
        self._follower = AnalysisFollower(lambda: self.recipe, model.excluded_of, self)
        self._follower.stage_done.connect(self._on_stage_done)
        self._follower.failed.connect(self._on_failed)
        model.analysis_changed.connect(self._follow)
        model.current_changed.connect(self._forget)

    @property
    def recipe(self) -> Recipe:
        """Recipe B."""
        return other_recipe(self.choice, self._model.recipe)

    @property
    def analysis(self) -> Analysis | None:
        """What is known under B."""
        return self._follower.analysis

    def choose(self, choice: str) -> None:
        """Compare with another recipe."""
        self.choice = choice
        self._follow()

    def want(self, who: str, wanted: bool) -> None:
        """Compute B as long as somebody wants it: the panel, or the picture."""
        before = bool(self._wanted_by)
        if wanted:
            self._wanted_by.add(who)
        else:
            self._wanted_by.discard(who)
        if self._wanted_by and not before:
            self._follow()
        elif before and not self._wanted_by:
            self._follower.forget()  # it is not kept up, and holds an image

    def _forget(self) -> None:
        self._follower.forget()
        self.problem = ""
        self.changed.emit()

    def _follow(self) -> None:
        """Bring B to its recipe; it starts from what A knows already."""
        a, b = self._model.analysis, self.analysis
        if not self._wanted_by:
            return
        if a is not None and a.complete:
            self.problem = ""
            self._follower.follow(b if b is not None and b.image is a.image else a)
        self.changed.emit()

    def _on_stage_done(self) -> None:
        if self.analysis is not None and self.analysis.complete:
            self.changed.emit()

    def _on_failed(self, error: SrviewerError) -> None:
        self.problem = error.worded(LABELS)
        self.changed.emit()
