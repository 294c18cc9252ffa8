"""What the window shows: the images, the recipe and its history, the analysis, the selection.

The views ask the model for changes and listen to its signals; they never write to each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.errors import Cancelled, RecipeError, SrviewerError
from srviewer.gui.jobs.analysis_follower import AnalysisFollower
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.entry import Entry, Ready, with_images
from srviewer.gui.state.history import RecipeHistory, Step, moved_words
from srviewer.gui.state.layers import VIEW_BY_NAME, Layer, View, with_layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.given_pairs import fits, nearest_scale
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage, read_source
from srviewer.pipeline.recipe import PRESETS, Recipe, Value, adapted, on_given
from srviewer.runs.rooted import Rooted


class Model(QObject):
    """What the window shows.

    Signals
    -------
    images_changed
        The list has other images.
    current_changed
        Another image is looked at; what is known of it is told next.
    analysis_changed
        More is known of the image, or less after a change of recipe; it is told of each image
        that is looked at, and of each recipe before `recipe_changed`, where it can be read.
    recipe_changed
        The recipe, or what is excluded by hand, is another.
    view_changed
        Another stage or other layers are shown.
    selection_changed
        A match or a window is asked about, or none any more.
    chosen_changed
        Other windows are chosen together.
    go_requested(x, y)
        The canvas is to show this HR point.
    running_changed(stage, done, total)
        The stage that runs; an empty name where none does.
    page_changed
        The data set is shown in the place of the picture, or the picture again.
    failed(error)
        A `SrviewerError` for the person.
    noted(message)
        Something that a person may want to know, of whoever has the model.
    """

    images_changed = Signal()
    current_changed = Signal()
    analysis_changed = Signal()
    recipe_changed = Signal()
    view_changed = Signal()
    running_changed = Signal(str, int, int)
    page_changed = Signal()
    failed = Signal(object)
    noted = Signal(str)
    selection_changed = Signal()
    chosen_changed = Signal()
    go_requested = Signal(float, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.listed: list[Entry] = []  # as they are sorted and searched; empty for `entries`
        self.current: Entry | None = None
        self.view: View = VIEW_BY_NAME["patches"]
        self.layers: frozenset[Layer] = self.view.layers
        # From 0 to 1; those of layers that nobody has changed, which are 1, are not among them.
        self.opacities = Shared[Mapping[Layer, float]]({}, self)
        self.selection: Selected | None = None
        self.chosen: frozenset[int] = frozenset()
        self.data_set_shown = False
        self.data_set_wanted = False  # to be shown as soon as there are several images
        self.takes_scale = True  # of a given pair that is read for the first time
        self._lying_wanted_by: set[str] = set()
        self._running = ("", 0, 0)
        self.history = RecipeHistory()
        self.presets = dict(PRESETS)  # and a person's own
        self._ready = Ready()
        self._reader = Runner("reading", Queue.REPLACE, self)
        self._reader.done.connect(self._on_read)
        self._reader.failed.connect(self._on_failed)
        self._reader.progressed.connect(self._tell_running)
        self._follower = AnalysisFollower(
            lambda: self.recipe, self.excluded_of, lambda: self.looks_at_alignment, self
        )
        self._follower.stage_done.connect(self._take_analysis)
        self._follower.progressed.connect(self._tell_running)
        self._follower.failed.connect(self._on_failed)

    # Images

    def add_images(
        self, images: Iterable[Path | Rooted], *, replace: bool = False, look_at: Path | None = None
    ) -> None:
        """Add images to the list, or `replace` it by them; look at one, or else at the first.

        One that is there already is exported from the outermost of the folders it came with; what
        is known of it stays known.
        """
        self.entries, first = with_images(self.entries, images, replace=replace, look_at=look_at)
        if first is not None:
            self._ready.only(self.entries)
            self.listed = []
            self.images_changed.emit()
            if self.data_set_wanted and len(self.entries) > 1:
                self.show_data_set(True)
            self.look_at(first)

    def look_at(self, entry: Entry | None) -> None:
        """Show another image of the list, or none."""
        self._reader.drop()
        self._follower.forget()
        self.current = entry
        self.select(None)
        if entry is not None:
            entry.error = None
            self._ready.keep(entry)
        self.current_changed.emit()
        if entry is not None:
            self._follow_recipe()
        else:
            self.analysis_changed.emit()
            self._tell_rest()

    def remove(self, *removed: Entry) -> None:
        """Take images off the list; where one was looked at, its neighbour is looked at instead."""
        gone = {id(entry) for entry in removed}
        left = [entry for entry in self.entries if id(entry) not in gone]
        if len(left) == len(self.entries):
            return
        order = self._in_order()
        neighbours = [one for one in order if id(one) not in gone or one is self.current]
        self.entries, self.listed = left, [one for one in self.listed if id(one) not in gone]
        self._ready.only(left)
        self.images_changed.emit()
        if self.current is not None and id(self.current) in gone:
            row = neighbours.index(self.current)
            beside = neighbours[row + 1 : row + 2] or neighbours[max(row - 1, 0) : row] or left[:1]
            self.look_at(beside[0] if beside else None)

    def step_image(self, step: int) -> None:
        """Show the image `step` further in the list as it is listed, round and round."""
        order = self._in_order()
        if self.current is not None and order:
            index = (order.index(self.current) + step) % len(order)
            self.look_at(order[index])

    def sources(self) -> tuple[Path | Rooted, ...]:
        """Return what a run over all images takes."""
        return tuple(entry.source for entry in self.entries)

    def _in_order(self) -> list[Entry]:
        """Return the images as they are listed, the current one among them."""
        return self.listed if self.current in self.listed else self.entries

    @property
    def analysis(self) -> Analysis | None:
        """What is known of the current image."""
        return self.current.analysis if self.current else None

    @property
    def image(self) -> SourceImage | None:
        """The current image, None until it is read."""
        return self.current.image if self.current else None

    def pairs_of(self, entry: Entry) -> int | None:
        """Return how many pairs `entry` has under the recipe in use, None where not known."""
        now = self.recipe, self.exclusions.of(entry.sha256)
        return entry.kept[2] if entry.kept is not None and entry.kept[:2] == now else None

    def tell_unreadable(self, entry: Entry, error: SrviewerError) -> None:
        """Note that `entry` cannot be read; the one that is looked at is read anyway."""
        if entry.image is None and entry is not self.current:
            entry.error = error

    # The recipe

    @property
    def recipe(self) -> Recipe:
        """The recipe that all the window shows."""
        return self.history.now.recipe

    @property
    def preset(self) -> str:
        """The name of the preset that the recipe started from."""
        return self.history.now.preset

    @property
    def preset_recipe(self) -> Recipe:
        """The recipe of that preset."""
        return self.history.now.base

    def change(self, key: str, value: Value) -> None:
        """Set one knob; a value that is not allowed is told and changes nothing."""
        try:
            recipe = adapted(self.recipe, key, value)
        except RecipeError as error:
            self.failed.emit(error)
            return
        moved = recipe.differences(self.recipe)
        moved.pop(key, None)
        self.set_recipe(recipe, key)
        if moved:
            self.noted.emit(moved_words(key, value, moved))

    def start_from(self, preset: str, recipe: Recipe, exclusions: Exclusions | None = None) -> None:
        """Begin with these, as they were left: there is nothing to undo yet."""
        exclusions = self.exclusions if exclusions is None else exclusions
        base = self.presets.get(preset, PRESETS["article"])
        self.history.start_from(Step(preset, recipe, exclusions, base))
        self._recipe_is_new()

    def start_with(self, preset: str, base: Recipe, recipe: Recipe, exclusions: Exclusions) -> None:
        """Use all of these in the place of what is in use: one step of undo."""
        self._take(Step(preset, recipe, exclusions, base), "")

    def use_preset(self, name: str) -> None:
        """Start from the preset `name`; what it leaves open of given pairs stays as it is."""
        base = self.presets[name]
        self._take(Step(name, on_given(base, self.recipe), self.exclusions, base), "")

    def set_recipe(self, recipe: Recipe, key: str = "") -> None:
        """Use `recipe`; quick changes of one `key` are one step of undo."""
        self._take(replace(self.history.now, recipe=recipe), key)

    @property
    def exclusions(self) -> Exclusions:
        """What is excluded by hand, of the images in the list and of others."""
        return self.history.now.exclusions

    def excluded_of(self, image: SourceImage) -> Excluded:
        """Return what is excluded of `image`."""
        return self.exclusions.of(image.content)

    def use_exclusions(self, exclusions: Exclusions) -> None:
        """Exclude these windows and images and no others: one step of undo."""
        self._take(replace(self.history.now, exclusions=exclusions), "")

    def reset_recipe(self) -> None:
        """Go back to the preset."""
        self.set_recipe(self.preset_recipe)

    def _take(self, step: Step, key: str) -> None:
        if step != self.history.now:
            self.history.take(step, key)
            self._recipe_is_new()

    def undo(self) -> None:
        """Take back the last change of the recipe, or of what is excluded."""
        if self.history.can_undo:
            words = self.history.undo_words
            self.history.move(-1)
            self._recipe_is_new()
            self.noted.emit(f"undone: {words}")

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self.history.can_redo:
            words = self.history.redo_words
            self.history.move(1)
            self._recipe_is_new()
            self.noted.emit(f"redone: {words}")

    def _recipe_is_new(self) -> None:
        before = self.analysis
        self._follow_recipe()
        if self.selection is not None and not self.selection.is_same_in(before, self.analysis):
            self.select(None)
        self.recipe_changed.emit()

    # What is shown of it

    def show_view(self, name: str) -> None:
        """Show the stage `name` with its layers."""
        self.view = VIEW_BY_NAME[name]
        self.show_layers(self.view.layers)

    def show_layers(self, layers: frozenset[Layer]) -> None:
        """Draw these layers."""
        self.layers = layers
        self.view_changed.emit()
        self.want_alignment("layer", Layer.ALIGNMENT in layers)

    def show_layer(self, layer: Layer, shown: bool) -> None:
        """Draw `layer` or not."""
        self.show_layers(with_layer(self.layers, layer, shown, self.view))

    @property
    def looks_at_alignment(self) -> bool:
        """Whether anybody wants to know how the windows of given pairs lie."""
        return bool(self._lying_wanted_by)

    def want_alignment(self, who: str, wanted: bool) -> None:
        """Find out how the windows of given pairs lie, as long as anybody wants it."""
        before = self.looks_at_alignment
        (self._lying_wanted_by.add if wanted else self._lying_wanted_by.discard)(who)
        given = self.image is not None and self.image.lr is not None
        if given and before != self.looks_at_alignment:
            self._follow_recipe()

    def toggle_layer(self, layer: Layer) -> None:
        """Draw `layer`, or no longer."""
        self.show_layer(layer, layer not in self.layers)

    def show_data_set(self, shown: bool) -> None:
        """Show the data set in the place of the picture, or the picture again."""
        self.data_set_wanted = False
        self.data_set_shown = shown
        self.page_changed.emit()

    def toggle_data_set(self) -> None:
        """Show the other one."""
        self.show_data_set(not self.data_set_shown)

    # The selection

    def select(self, selected: Selected | None, *, go_there: bool = False) -> None:
        """Ask about a match or a window; `go_there` lets the canvas show it."""
        analysis = self.analysis
        if selected is not None and not selected.is_in(analysis):
            return
        if selected is None or selected.kind != "window" or selected.index not in self.chosen:
            self.choose(frozenset())
        if selected != self.selection:
            self.selection = selected
            self.selection_changed.emit()
        if selected is not None and analysis is not None and go_there:
            self.go_requested.emit(*selected.point_in(analysis))

    def choose(self, windows: frozenset[int]) -> None:
        """Let these windows be chosen together, as the selected rows of a list are."""
        if windows != self.chosen:
            self.chosen = windows
            self.chosen_changed.emit()

    def step_selection(self, step: int) -> None:
        """Ask about the match `step` further, or about the candidate window."""
        analysis, selected = self.analysis, self.selection
        if analysis is not None and selected is not None and selected.is_in(analysis):
            found = selected.stepped(analysis, step)
            if found is not None:
                self.select(found, go_there=True)

    # Analysing

    def _follow_recipe(self) -> None:
        """Bring the current image's analysis to the recipe: at once, or in a thread."""
        entry = self.current
        if entry is None or (entry.error is not None and entry.image is None):
            return
        if entry.image is not None and not entry.image.is_read_as(self.recipe.colour):
            entry.image = entry.analysis = None
        if entry.image is None:
            self.analysis_changed.emit()
            if not self._reader.busy:
                self._read(entry)
            return
        entry.error = None
        start = Analysis(entry.image, self.recipe, excluded=self.excluded_of(entry.image))
        self._follower.follow(entry.analysis or start)
        self._take_analysis()

    def _take_analysis(self) -> None:
        entry, analysis = self.current, self._follower.analysis
        if entry is None or analysis is None:
            return
        entry.analysis = analysis
        if analysis.complete:
            entry.kept = analysis.recipe, analysis.excluded, int(analysis.patches.kept.sum())
        if analysis.finished:
            self._tell_rest()
        self.analysis_changed.emit()

    def _tell_running(self, stage: str, done: int, total: int) -> None:
        self._running = stage, done, total
        self.tell_what_runs()

    def _tell_rest(self) -> None:
        self._tell_running("", 0, 0)

    def tell_what_runs(self) -> None:
        """Tell anew which stage runs, after something else was told."""
        self.running_changed.emit(*self._running)

    def _on_failed(self, error: SrviewerError) -> None:
        entry = self.current
        if entry is not None:
            entry.error = error.about(entry.path)
            entry.analysis = None
            self.analysis_changed.emit()
            self._tell_rest()
            self.failed.emit(entry.error)

    def _read(self, entry: Entry) -> None:
        path, lr, colour = entry.path, entry.lr, self.recipe.colour

        def work(progress: Progress, tell: Tell) -> SourceImage:
            return read_source(path, lr, colour=colour, progress=progress)

        self._reader.start(Job(work, path=path))
        self._tell_running("read", 0, 1)

    def cancel_reading(self) -> None:
        """Read the current image no further; it is read when it is looked at again."""
        entry = self.current
        if entry is not None and self._reader.busy:
            self._reader.drop()
            entry.error = Cancelled("not read, as asked; choose it again to read it").about(
                entry.path
            )
            self.analysis_changed.emit()
            self._tell_rest()
            self.noted.emit(str(entry.error))

    def _on_read(self, image: SourceImage) -> None:
        if self.current is not None:
            is_new = self.current.size is None
            self.current.image, self.current.size = image, image.size
            self.current.sha256 = image.content
            self._ready.keep(self.current)
            if is_new and image.lr is not None and self.takes_scale:
                self._take_scale(image.size, image.lr.size)
            self._follow_recipe()

    def _take_scale(self, hr: tuple[int, int], lr: tuple[int, int]) -> None:
        """Set the scale at which a given pair fits that was read for the first time."""
        scale = nearest_scale(hr, lr)
        if hr > lr and not fits(hr, lr, self.recipe.scale):  # the nearest is to be straightened at
            self.change("scale", scale)
            self.noted.emit(f"the scale is {self.recipe.scale} now, as of this pair")
