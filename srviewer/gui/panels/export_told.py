"""What is told of an export before it begins: how many pairs, which for validation, what fails."""

from collections.abc import Sequence

from srviewer.export.plan import Plan, expected_for_validation, expected_pairs, stays
from srviewer.export.settling import suited
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_starter import ExportStarter
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.export_planner import ExportPlanner
from srviewer.gui.state.model import Model
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.wording import counted, sentence


class ExportTold:
    """Puts together what analysis, survey, folder and the last export know of the next one."""

    def __init__(
        self,
        model: Model,
        data_set: DataSet,
        planner: ExportPlanner,
        starter: ExportStarter,
        choices: ExportChoices,
    ) -> None:
        self._model, self._data_set = model, data_set
        self._planner, self._starter, self._choices = planner, starter, choices

    def what(
        self, plan: Plan | None, entries: Sequence[Entry], *, several: bool
    ) -> tuple[str, ...]:
        """Return what an export would do, as far as it is known."""
        options = self._choices.options
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
        # Images that are there and not in the list have a say in which are for validation.
        alone = plan is not None and len(plan.held.marks) == plan.coming.kept
        kept = self._data_set.kept(entries, {}) if alone else None
        if kept is None:
            return ""
        contents = self._data_set.contents(entries)
        held = expected_for_validation(kept, self._choices.options, contents)
        return f"{sentence(messages.for_validation(*held))}." if held is not None else ""

    # What the trainer needs

    def _suited(self) -> Recipe:
        return suited(self._choices.options, self._model.recipe)

    def suits(self) -> list[str]:
        """Return in words what would make the recipe one for the trainer."""
        changes = self._suited().differences(self._model.recipe)
        return [f"{KNOBS[key].label}: {KNOBS[key].said(new)}" for key, (new, _) in changes.items()]

    def suit(self) -> None:
        """Make it one: a step of undo."""
        changes = ", ".join(self.suits())
        self._model.set_recipe(self._suited())
        self._model.noted.emit(f"{changes}; Ctrl+Z takes it back")
