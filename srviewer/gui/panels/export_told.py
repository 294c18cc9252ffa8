"""What is told of the next export before it begins, and of the last one."""

from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from srviewer.errors import ConflictError, renamed
from srviewer.export import messages
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS, Options
from srviewer.export.plan import Plan, expected_for_validation, expected_pairs, stays
from srviewer.export.settling import read_by, settled, suited
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.exporting import Exporting
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import named
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.wording import counted, sentence


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

    def __init__(self, model: Model, data_set: DataSet, exporting: Exporting) -> None:
        self._model, self._data_set = model, data_set
        self._settings, self._exporting = exporting.settings, exporting

    def what(self, plan: Plan | None) -> tuple[str, ...]:
        """Return what an export would do, as far as it is known."""
        entries, options = self._settings.entries(), self._settings.options
        if not entries:
            return ("Export pairs",)
        written = self._exporting.planner.known.written if plan and not plan.replaces else {}
        kept = self._data_set.kept(entries, written if stays(options) else {})
        pairs = some = None
        if kept is not None:
            pairs = expected_pairs(kept, options, self._data_set.contents(entries))
            some = sum(map(bool, kept))
        there = sum(written.get(one.path, 0) for one in entries)
        missing = None if pairs is None else pairs - there
        left = messages.what_is_left(plan, missing, self._exporting.failed_before())
        several = self._settings.takes_all
        return left or messages.what_is_exported(pairs, len(entries), some, several=several)

    def has_given_up(self, plan: Plan | None) -> bool:
        """Tell whether all that is left are images that failed in the last export."""
        return messages.has_given_up(plan, self._exporting.failed_before())

    def more(self, plan: Plan | None) -> str:
        """Return in words what failed the last time, or which pairs are for validation."""
        failed = self._exporting.failed_before()
        if failed:
            return f"{sentence(counted(failed, 'image'))} failed the last time."
        entries, options = self._settings.entries(), self._settings.options
        # Images that are there and not in the list have a say in which are for validation.
        alone = plan is not None and len(plan.held.marks) == plan.coming.kept
        kept = self._data_set.kept(entries, {}) if alone and options.validation_share else None
        if kept is None:
            return ""
        held = expected_for_validation(kept, options, self._data_set.contents(entries))
        return f"{sentence(messages.for_validation(*held))}." if held is not None else ""

    def outcome(self, state: ExportState) -> str:
        """Return what came of the last export, and who reads its pairs."""
        words, last = messages.outcome(state), self._exporting.last
        if state.in_set and last is not None:
            options = last.keywords.get("options") or Options()
            how = settled(last.keywords.get("format"), options, last.args[2])
            words = f"{words}. Read by {renamed(read_by(how), LABELS)}"
        return words if self._exporting.is_of_what_is_chosen else f"{state.out}: {words}"

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
