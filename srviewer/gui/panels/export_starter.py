"""Which export runs, and what is told of the next one before it begins."""

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from srviewer.errors import ConflictError, renamed
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS, Options
from srviewer.export.plan import Plan, expected_for_validation, expected_pairs, stays
from srviewer.export.settling import read_by, settled, suited
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.export_planner import ExportPlanner
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import named
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.wording import counted, sentence


class ExportStarter(QObject):
    """Starts exports on `run`, and the last one again, whatever the panel says by then."""

    def __init__(self, run: ImagesRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._last: partial[ExportState] | None = None

    def start(self, export: partial[ExportState]) -> None:
        """Start `export`, whose arguments are all but who hears of it."""
        self._last = export
        self._run.begin(export)

    def failed_before(self, recipe: Recipe, entries: Iterable[Entry]) -> int:
        """Return how many of `entries` failed in the last export, if it was with `recipe`."""
        state = self._run.state
        if self._last is None or state is None or recipe != self._last.args[2]:
            return 0
        failed = {one.image for one in state.failures}
        return sum(str(one.path) in failed for one in entries)

    def replace(self) -> None:
        """Start the export that was refused, over the pairs that are there."""
        if self._run.busy:  # the refused try is about to end
            once = Qt.ConnectionType.SingleShotConnection
            self._run.finished.connect(self._start_replacing, once)
        else:
            self._start_replacing()

    def _start_replacing(self) -> None:
        if self._last is not None:
            self._run.begin(partial(self._last, overwrite=True))

    def outcome(self, state: ExportState) -> str:
        """Return what came of the last export, and who reads its pairs."""
        words = messages.outcome(state)
        if state.in_set and self._last is not None:
            of = self._last.keywords
            how = settled(of.get("format"), of.get("options") or Options(), self._last.args[2])
            words = f"{words}. Read by {renamed(read_by(how), LABELS)}"
        return words


def ask_to_replace(parent: QWidget, error: ConflictError) -> QPushButton:
    """Ask whether the pairs that `error` is about are to go; return the button that says so."""
    pairs = counted(error.pairs, "pair") if error.pairs else "pairs"
    asked = f"Replace the {pairs} there, or keep them and choose another folder?"
    text = f"{error.path}: {renamed(error.cause, LABELS)}"
    box = named(QMessageBox(parent, text=text, informativeText=asked), "replace_box")
    box.setWindowTitle("Replace the pairs in this folder?")
    confirm = box.addButton(f"Replace {pairs}", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep them", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.finished.connect(box.deleteLater)
    box.open()
    return confirm


class ExportTold:
    """Puts together what analysis, survey, folder and the last export know of the next one."""

    def __init__(
        self,
        model: Model,
        data_set: DataSet,
        planner: ExportPlanner,
        starter: ExportStarter,
        settings: ExportSettings,
    ) -> None:
        self._model, self._data_set = model, data_set
        self._planner, self._starter, self._settings = planner, starter, settings

    def what(
        self, plan: Plan | None, entries: Sequence[Entry], *, several: bool
    ) -> tuple[str, ...]:
        """Return what an export would do, as far as it is known."""
        options = self._settings.options
        if not entries:
            return ("Export pairs",)
        written = self._planner.known.written if plan and not plan.replaces else {}
        kept = self._data_set.kept(entries, written if stays(options) else {})
        pairs = some = None
        if kept is not None:
            pairs = expected_pairs(kept, options, self._data_set.contents(entries))
            some = sum(map(bool, kept))
        there = sum(written.get(one.path, 0) for one in entries)
        missing = None if pairs is None else pairs - there
        left = messages.what_is_left(plan, missing, self._failed(entries))
        if left:
            return left
        return messages.what_is_exported(pairs, len(entries), some, several=several)

    def _failed(self, entries: Sequence[Entry]) -> int:
        return self._starter.failed_before(self._model.recipe, entries)

    def has_given_up(self, plan: Plan | None, entries: Sequence[Entry]) -> bool:
        """Tell whether all that is left are images that failed in the last export."""
        return messages.has_given_up(plan, self._failed(entries))

    def more(self, plan: Plan | None, entries: Sequence[Entry]) -> str:
        """Return in words what failed the last time, or which pairs are for validation."""
        failed = self._failed(entries)
        if failed:
            return f"{sentence(counted(failed, 'image'))} failed the last time."
        options = self._settings.options
        # Images that are there and not in the list have a say in which are for validation.
        alone = plan is not None and len(plan.held.marks) == plan.coming.kept
        kept = self._data_set.kept(entries, {}) if alone and options.validation_share else None
        if kept is None:
            return ""
        held = expected_for_validation(kept, options, self._data_set.contents(entries))
        return f"{sentence(messages.for_validation(*held))}." if held is not None else ""

    # What the trainer needs

    def _suited(self) -> Recipe:
        return suited(self._settings.options, self._model.recipe)

    def suits(self) -> list[str]:
        """Return in words what would make the recipe one for the trainer."""
        changes = self._suited().differences(self._model.recipe)
        return [f"{KNOBS[key].label}: {KNOBS[key].said(new)}" for key, (new, _) in changes.items()]

    def suit(self) -> None:
        """Make it one: a step of undo."""
        changes = ", ".join(self.suits())
        self._model.set_recipe(self._suited())
        self._model.noted.emit(f"{changes}; Ctrl+Z takes it back")
