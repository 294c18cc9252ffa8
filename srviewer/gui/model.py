"""The only mutable state of the window: the images, the recipe and its history, the analysis.

The views ask the model for changes and listen to its signals; they never write to each other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from srviewer.errors import RecipeError, SrviewerError
from srviewer.gui.selection import Selected
from srviewer.gui.views.layers import VIEW_BY_NAME, WINDOW_LAYERS, Layer, View
from srviewer.gui.workers import AnalysisRequest, AnalysisService
from srviewer.pipeline.analysis import Analysis, refresh
from srviewer.pipeline.pairing import require_room
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import PRESETS, Recipe, Value, adapted
from srviewer.runs.inputs import Rooted

__all__ = ["Entry", "Model", "Selected"]

_ONE_GESTURE = 0.8  # seconds between changes of one knob that undo takes as one
_KEPT_READY = 4  # analyses of the images looked at last


@dataclass(frozen=True)
class Step:
    """A recipe in the history, and the preset that it started from."""

    preset: str
    recipe: Recipe


@dataclass(frozen=True)
class _Gesture:
    """Changes of one knob that undo takes as one: where in the history they began, until when."""

    key: str
    begun_at: int
    until: float


_NO_GESTURE = _Gesture("", 0, 0.0)


@dataclass(eq=False)
class Entry:
    """An image in the list, and what is known of it.

    `root` is the folder that was opened, which its pairs keep their place in; None where the file
    itself was opened.
    """

    path: Path
    image: SourceImage | None = None
    analysis: Analysis | None = None
    error: str | None = None
    root: Path | None = None

    @property
    def source(self) -> Path | Rooted:
        """What an export takes of it."""
        return self.path if self.root is None else Rooted(self.path, self.root)


class Model(QObject):
    """What the window shows.

    Signals
    -------
    images_changed
        The list has other images.
    current_changed
        Another image is looked at.
    analysis_changed
        More is known of the image, or less after a change of recipe.
    recipe_changed
    view_changed
        Another stage or other layers are shown.
    selection_changed
        A match or a window is asked about, or none any more.
    go_requested(x, y)
        The canvas is to show this HR point.
    running_changed(stage, done, total)
        The stage that runs; an empty name where none does.
    failed(message)
        Something went wrong, in words for the person.
    noted(message)
        Something that a person may want to know.
    """

    images_changed = Signal()
    current_changed = Signal()
    analysis_changed = Signal()
    recipe_changed = Signal()
    view_changed = Signal()
    running_changed = Signal(str, int, int)
    failed = Signal(str)
    noted = Signal(str)
    selection_changed = Signal()
    go_requested = Signal(float, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.current: Entry | None = None
        self.view: View = VIEW_BY_NAME["patches"]
        self.layers: frozenset[Layer] = self.view.layers
        self.selection: Selected | None = None
        self._history = [Step("article", PRESETS["article"])]
        self._place = 0
        self._gesture = _NO_GESTURE
        self._recent: list[Entry] = []
        self._reader = AnalysisService(self)
        self._reader.image_read.connect(self._on_image_read)
        self._reader.failed.connect(self._on_read_failed)
        self._service = AnalysisService(self)
        self._service.stage_done.connect(self._on_stage_done)
        self._service.progressed.connect(self._on_progressed)
        self._service.failed.connect(self._on_failed)
        self._service.finished.connect(self._on_finished)

    # Images

    def add_images(self, images: Iterable[Path | Rooted]) -> None:
        """Add images to the list and look at the first of them.

        One that is there already is exported from the outermost of the folders it came with.
        """
        known = {entry.path: entry for entry in self.entries}
        first: Entry | None = None
        for image in images:
            path, root = (image.path, image.root) if isinstance(image, Rooted) else (image, None)
            entry = known.get(path)
            if entry is None:
                entry = known[path] = Entry(path, root=root)
                self.entries.append(entry)
            elif root is not None and (entry.root is None or root < entry.root):
                entry.root = root  # as the command line does with both
            first = first or entry
        if first is not None:
            self.images_changed.emit()
            self.look_at(first)

    def look_at(self, entry: Entry) -> None:
        """Show another image of the list."""
        self._reader.cancel()
        self._service.cancel()
        self.current = entry
        entry.error = None
        self.select(None)
        self._keep_ready(entry)
        self.current_changed.emit()
        self._follow_recipe()

    def remove(self, entry: Entry) -> None:
        """Take `entry` off the list; where it was looked at, its neighbour is looked at instead."""
        if entry not in self.entries:
            return
        row = self.entries.index(entry)
        del self.entries[row]
        self._recent = [other for other in self._recent if other is not entry]
        self.images_changed.emit()
        if entry is not self.current:
            return
        if self.entries:
            self.look_at(self.entries[min(row, len(self.entries) - 1)])
        else:
            self._look_at_nothing()

    def _look_at_nothing(self) -> None:
        self._reader.cancel()
        self._service.cancel()
        self.current = None
        self.select(None)
        self.current_changed.emit()
        self.analysis_changed.emit()
        self.running_changed.emit("", 0, 0)

    def step_image(self, step: int) -> None:
        """Show the image `step` places further in the list."""
        if self.current in self.entries:
            place = (self.entries.index(self.current) + step) % len(self.entries)
            self.look_at(self.entries[place])

    def _keep_ready(self, entry: Entry) -> None:
        self._recent = [entry, *(other for other in self._recent if other is not entry)]
        for old in self._recent[_KEPT_READY:]:
            old.image = old.analysis = None
        del self._recent[_KEPT_READY:]

    @property
    def analysis(self) -> Analysis | None:
        """What is known of the current image."""
        return self.current.analysis if self.current else None

    @property
    def image(self) -> SourceImage | None:
        """The current image, None until it is read."""
        return self.current.image if self.current else None

    # The recipe

    @property
    def recipe(self) -> Recipe:
        """The recipe that all the window shows."""
        return self._history[self._place].recipe

    @property
    def preset(self) -> str:
        """The name of the preset that the recipe started from."""
        return self._history[self._place].preset

    @property
    def preset_recipe(self) -> Recipe:
        """The recipe of that preset."""
        return PRESETS[self.preset]

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a change that was taken back."""
        return self._place < len(self._history) - 1

    def change(self, key: str, value: Value) -> None:
        """Set one knob; a value that is not allowed is told and changes nothing."""
        try:
            recipe = adapted(self.recipe, key, value)
        except RecipeError as error:
            self.failed.emit(str(error))
            return
        moved = recipe.differences(self.recipe)
        moved.pop(key, None)
        self.set_recipe(recipe, key)
        if moved:
            along = ", ".join(f"{name} from {old} to {new}" for name, (new, old) in moved.items())
            self.noted.emit(f"{key} = {value} moved {along}")

    def start_from(self, preset: str, recipe: Recipe) -> None:
        """Begin with `recipe`, as it was left: there is nothing to undo yet."""
        self._history = [Step(preset, recipe)]
        self._place = 0
        self._gesture = _NO_GESTURE
        self._recipe_is_new()

    def use_preset(self, name: str) -> None:
        """Start from the preset `name`."""
        self._take(Step(name, PRESETS[name]), "")

    def set_recipe(self, recipe: Recipe, key: str = "") -> None:
        """Use `recipe`; quick changes of one `key` are one step of undo."""
        self._take(Step(self.preset, recipe), key)

    def _take(self, step: Step, key: str) -> None:
        if step == self._history[self._place]:
            return
        now = time.monotonic()
        goes_on = bool(key) and key == self._gesture.key and now < self._gesture.until
        begun_at = self._gesture.begun_at if goes_on else self._place
        self._gesture = _Gesture(key, begun_at, now + _ONE_GESTURE)
        del self._history[begun_at + 1 :]
        if step != self._history[begun_at]:  # a gesture may lead back to where it began
            self._history.append(step)
        self._place = len(self._history) - 1
        self._recipe_is_new()

    def undo(self) -> None:
        """Take back the last change of the recipe."""
        if self.can_undo:
            self._place -= 1
            self._gesture = _NO_GESTURE
            self._recipe_is_new()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self.can_redo:
            self._place += 1
            self._gesture = _NO_GESTURE
            self._recipe_is_new()

    def _recipe_is_new(self) -> None:
        before = self.analysis
        self._follow_recipe()
        self._drop_stale_selection(before)
        self.recipe_changed.emit()

    # What is shown of it

    def show_view(self, name: str) -> None:
        """Show the stage `name` with its layers."""
        self.view = VIEW_BY_NAME[name]
        self.layers = self.view.layers
        self.view_changed.emit()

    def show_layers(self, layers: frozenset[Layer]) -> None:
        """Draw these layers."""
        self.layers = layers
        self.view_changed.emit()

    def show_layer(self, layer: Layer, shown: bool) -> None:
        """Draw `layer` or not."""
        layers = self.layers | {layer} if shown else self.layers - {layer}
        maps = {Layer.HEAT, Layer.COMPARISON}  # they take the place of the windows' marks
        if shown and layer in maps:
            layers -= maps - {layer}
        elif layer is Layer.COMPARISON and not layers & WINDOW_LAYERS:
            layers |= self.view.layers
        self.layers = layers
        self.view_changed.emit()

    # The selection

    def select(self, selected: Selected | None, *, go_there: bool = False) -> None:
        """Ask about a match or a window; `go_there` lets the canvas show it."""
        if selected is not None and not self._exists(selected):
            return
        if selected != self.selection:
            self.selection = selected
            self.selection_changed.emit()
        if selected is not None and go_there:
            self.go_requested.emit(*self._place_of(selected))

    def step_selection(self, step: int) -> None:
        """Ask about the match `step` further, or about the candidate window."""
        analysis, selected = self.analysis, self.selection
        if analysis is None or selected is None or not self._exists(selected):
            return
        if selected.kind == "match":
            index = (selected.index + step) % len(analysis.matches)
        else:
            candidates = np.flatnonzero(analysis.patches.candidates)
            if not len(candidates):
                return
            place = int(np.searchsorted(candidates, selected.index))
            index = int(candidates[(place + step) % len(candidates)])
        self.select(Selected(selected.kind, index), go_there=True)

    def _drop_stale_selection(self, before: Analysis | None) -> None:
        """Ask about nothing where the same number means another match or window now."""
        selected, now = self.selection, self.analysis
        if selected is None:
            return
        stage = "matches" if selected.kind == "match" else "windows"
        if not before or not now or getattr(before, stage) is not getattr(now, stage):
            self.select(None)

    def _exists(self, selected: Selected) -> bool:
        analysis = self.analysis
        if analysis is None:
            return False
        if selected.kind == "match":
            return analysis.has("consistent") and selected.index < len(analysis.matches)
        return analysis.has("patches") and selected.index < len(analysis.windows)

    def _place_of(self, selected: Selected) -> tuple[float, float]:
        analysis = self.analysis
        assert analysis is not None
        if selected.kind == "match":
            x, y = analysis.matches.hr_points[selected.index]
            return float(x), float(y)
        half = (analysis.windows.patch - 1) / 2
        windows, index = analysis.windows, selected.index
        return float(windows.x[index] + half), float(windows.y[index] + half)

    # Analysing

    def _follow_recipe(self) -> None:
        """Bring the current image's analysis to the recipe: at once, or in the worker's thread."""
        entry = self.current
        if entry is None or (entry.error is not None and entry.image is None):
            return
        if entry.image is not None:
            try:
                recipe = self.recipe
                require_room(*entry.image.size, scale=recipe.scale, patch=recipe.patch)
                start = entry.analysis or Analysis(entry.image, recipe)
                entry.analysis = refresh(start, recipe)
                entry.error = None
            except SrviewerError as error:
                self._service.cancel()
                self._fail(entry, str(error))
                return
        self.analysis_changed.emit()
        if entry.analysis is None or not entry.analysis.complete:
            self._request(entry)
        else:
            self._service.cancel()
            self.running_changed.emit("", 0, 0)

    def _request(self, entry: Entry) -> None:
        """Let what is missing be done, unless what runs is on the way there."""
        if entry.image is None:
            if self._reader.current is None:
                self._reader.start(AnalysisRequest(entry.path, self.recipe))
                self.running_changed.emit("read", 0, 1)
            return
        service, image = self._service, entry.image
        if service.leads_to(image, self.recipe) or service.is_useful_for(image, self.recipe):
            return
        self._analyse(entry)

    def _analyse(self, entry: Entry) -> None:
        self._service.start(AnalysisRequest(entry.path, self.recipe, entry.image, entry.analysis))

    def _fail(self, entry: Entry, message: str) -> None:
        if not message.startswith(str(entry.path)):
            message = f"{entry.path}: {message}"
        entry.error = message
        entry.analysis = None
        self.analysis_changed.emit()
        self.running_changed.emit("", 0, 0)
        self.failed.emit(message)

    def _entry_of(self, request: AnalysisRequest) -> Entry | None:
        """Return the current entry where `request` is what runs for it; stale ones give None."""
        if request is not self._service.current or self.current is None:
            return None
        return self.current if self.current.path == request.path else None

    @Slot(object, object)
    def _on_image_read(self, request: AnalysisRequest, image: SourceImage) -> None:
        if request is self._reader.current and self.current is not None:
            self._reader.current = None
            self.current.image = image
            self._follow_recipe()

    @Slot(object, str)
    def _on_read_failed(self, request: AnalysisRequest, message: str) -> None:
        if request is self._reader.current and self.current is not None:
            self._reader.current = None
            self._fail(self.current, message)

    @Slot(object, object)
    def _on_stage_done(self, request: AnalysisRequest, analysis: Analysis) -> None:
        entry = self._entry_of(request)
        if entry is None:
            return
        same = analysis.recipe == self.recipe
        entry.analysis = analysis if same else refresh(analysis, self.recipe)
        if entry.analysis.complete:
            self.running_changed.emit("", 0, 0)
        self.analysis_changed.emit()
        if not self._service.leads_to(analysis.image, self.recipe):
            self._analyse(entry)  # the stage that ended was of use, the rest would not be

    @Slot(object, str, int, int)
    def _on_progressed(self, request: AnalysisRequest, stage: str, done: int, total: int) -> None:
        if self._entry_of(request) is not None:
            self.running_changed.emit(stage, done, total)

    @Slot(object, str)
    def _on_failed(self, request: AnalysisRequest, message: str) -> None:
        entry = self._entry_of(request)
        if entry is not None:
            self._fail(entry, message)

    @Slot(object)
    def _on_finished(self, request: AnalysisRequest) -> None:
        if request is not self._service.current:
            return
        self._service.current = None
        self.running_changed.emit("", 0, 0)
        entry = self.current
        unfinished = entry is not None and entry.analysis and not entry.analysis.complete
        if entry is not None and entry.error is None and unfinished:
            self._request(entry)

    def stop(self, wait: int = 1000) -> bool:
        """Ask the threads to end, and tell whether they have within `wait` ms."""
        stopped = [service.stop(wait) for service in (self._service, self._reader)]
        return all(stopped)
