"""The same image under another recipe (B), beside the current one (A)."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS
from srviewer.gui.jobs.analysis_follower import AnalysisFollower
from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.pipeline.recipes_compared import OTHERS, of_same_image, others_now, presets

_AT_FIRST = "preset article"
_OTHERWISE = "preset recommended"  # B, while A is what B would be


class Comparison(QObject):
    """Keeps the analysis under recipe B while somebody looks at it.

    Attributes
    ----------
    choice : str
        What B is, one of `choices`.
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
        self._fixed: dict[str, Recipe] = {}  # pinned ones and files
        self.choice = _AT_FIRST
        self._is_chosen = False  # by a person
        self.problem = ""
        self._follower = AnalysisFollower(lambda: self.recipe, model.excluded_of, bool, self)
        self._follower.stage_done.connect(self._on_stage_done)
        self._follower.failed.connect(self._on_failed)
        model.analysis_changed.connect(self._follow)
        model.current_changed.connect(self._forget)

    @property
    def choices(self) -> list[str]:
        """What B can be now: `OTHERS`, a person's own presets, and what was pinned or opened."""
        return [*others_now(), *sorted(self._own_presets), *self._fixed]

    @property
    def _own_presets(self) -> dict[str, Recipe]:
        all_of_them = presets(self._model.presets)
        return {name: recipe for name, recipe in all_of_them.items() if name not in OTHERS}

    @property
    def recipe(self) -> Recipe:
        """Recipe B."""
        now = self._model.recipe
        if self.choice in OTHERS:
            return OTHERS[self.choice](now)
        kept = self._own_presets | self._fixed
        return of_same_image(kept.get(self.choice, PRESETS["article"]), now)

    def pin(self) -> None:
        """Keep the recipe in use as it is now, and compare with it from now on."""
        recipe = self._model.recipe
        there = next((name for name, one in self._fixed.items() if one == recipe), None)
        name = there or f"pinned at {datetime.now():%H:%M:%S}"
        self._fixed[name] = recipe
        self.choose(name)

    def open(self, path: Path) -> None:
        """Compare with the recipe in the file `path`.

        Raises
        ------
        RecipeError
        """
        name = f"file {path.name}"
        self._fixed[name] = load_recipe(path)
        self.choose(name)

    @property
    def analysis(self) -> Analysis | None:
        """What is known under B."""
        return self._follower.analysis

    def choose(self, choice: str) -> None:
        """Compare with another recipe."""
        self.choice, self._is_chosen = choice, True
        self._follow()

    @property
    def chosen(self) -> str | None:
        """What a person has chosen that is there after this window too, None without a choice."""
        return self.choice if self._is_chosen and self.choice not in self._fixed else None

    def restore(self, chosen: str | None) -> None:
        """Compare with what was `chosen` in the window before, where that is there."""
        if chosen in self.choices:
            self.choose(chosen)

    def want(self, who: str, wanted: bool) -> None:
        """Compute B as long as somebody wants it: the panel, or the picture."""
        before = bool(self._wanted_by)
        if wanted:
            self._wanted_by.add(who)
        else:
            self._wanted_by.discard(who)
        if self._wanted_by and not before:
            if not self._is_chosen and self.recipe == self._model.recipe:  # which tells nothing
                self.choice = _OTHERWISE if self.choice == _AT_FIRST else _AT_FIRST
            self._follow()
        elif before and not self._wanted_by:
            self._follower.forget()  # it is not kept up, and holds an image

    def _forget(self) -> None:
        is_known = self.analysis is not None or self.problem
        self._follower.forget()
        self.problem = ""
        if is_known:
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
