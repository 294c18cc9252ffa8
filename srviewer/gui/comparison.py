"""The same image under another recipe (B), beside the current one (A)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from srviewer.errors import SrviewerError
from srviewer.gui.model import Model
from srviewer.gui.workers import AnalysisRequest, AnalysisService
from srviewer.pipeline.analysis import Analysis, refresh
from srviewer.pipeline.pairing import require_room
from srviewer.pipeline.recipe import PRESETS, Recipe


def _other_scope(recipe: Recipe) -> Recipe:
    other = "image" if recipe.keypoint_scope == "patch" else "patch"
    return recipe.replace(keypoint_scope=other)


def _other_texture(recipe: Recipe) -> Recipe:
    return recipe.replace(texture="canny" if recipe.texture == "sift" else "sift")


def _other_test(recipe: Recipe) -> Recipe:
    return recipe.replace(consistency="position" if recipe.consistency == "radial" else "radial")


def _always(fixed: Recipe) -> Callable[[Recipe], Recipe]:
    return lambda recipe: fixed


CHOICES: dict[str, Callable[[Recipe], Recipe]] = {
    **{f"preset {name}": _always(fixed) for name, fixed in PRESETS.items()},
    "the other keypoint scope": _other_scope,
    "the other texture measure": _other_texture,
    "the other consistency test": _other_test,
}


class Comparison(QObject):
    """Keeps the analysis under recipe B while somebody looks at it.

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
        self.choice = next(iter(CHOICES))
        self.analysis: Analysis | None = None
        self.problem = ""
        self._service = AnalysisService(self)
        self._service.stage_done.connect(self._on_stage_done)
        self._service.failed.connect(self._on_failed)
        self._service.finished.connect(self._on_finished)
        model.analysis_changed.connect(self._follow)
        model.current_changed.connect(self._forget)

    @property
    def recipe(self) -> Recipe:
        """Recipe B."""
        return CHOICES[self.choice](self._model.recipe)

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
            self._service.cancel()
            self.analysis = None  # it is not kept up, and holds an image

    def stop(self, wait: int = 1000) -> bool:
        """Ask the thread to end, and tell whether it has within `wait` ms."""
        return self._service.stop(wait)

    def _forget(self) -> None:
        self._service.cancel()
        self.analysis = None
        self.problem = ""
        self.changed.emit()

    def _follow(self) -> None:
        """Bring B to its recipe; it starts from what A knows already."""
        a = self._model.analysis
        if not self._wanted_by:
            return
        if a is None or not a.complete:
            self.changed.emit()
            return
        recipe = self.recipe
        self.problem = ""
        try:
            require_room(*a.image.size, scale=recipe.scale, patch=recipe.patch)
            start = self.analysis if self.analysis is not None else a
            if start.image is not a.image:
                start = a
            self.analysis = refresh(start, recipe)
        except SrviewerError as error:
            self.analysis, self.problem = None, str(error)
        if self.analysis is not None and not self.analysis.complete:
            self._request(recipe)
        self.changed.emit()

    def _request(self, recipe: Recipe) -> None:
        """Let what is missing of B be done, unless what runs is on the way there."""
        b, service = self.analysis, self._service
        assert b is not None
        if not (service.leads_to(b.image, recipe) or service.is_useful_for(b.image, recipe)):
            service.start(AnalysisRequest(b.image.path, recipe, b.image, b))

    @Slot(object, object)
    def _on_stage_done(self, request: AnalysisRequest, analysis: Analysis) -> None:
        if request is not self._service.current:
            return
        recipe = self.recipe
        self.analysis = analysis if analysis.recipe == recipe else refresh(analysis, recipe)
        if self.analysis.complete:
            self.changed.emit()
        elif not self._service.leads_to(analysis.image, recipe):
            path = analysis.image.path
            self._service.start(AnalysisRequest(path, recipe, analysis.image, self.analysis))

    @Slot(object, str)
    def _on_failed(self, request: AnalysisRequest, message: str) -> None:
        if request is self._service.current:
            self.analysis, self.problem = None, message
            self.changed.emit()

    @Slot(object)
    def _on_finished(self, request: AnalysisRequest) -> None:
        if request is self._service.current:
            self._service.current = None
            if not self.problem:  # what failed once fails again
                self._follow()
