"""The recipe in use and what is excluded by hand, and those before: what undo takes back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe, Value, keypoints_by_area, on_given

ONE_GESTURE = 0.8
"""Seconds between changes of one knob that undo takes as one."""


@dataclass(frozen=True)
class Step:
    """What is in use at a time.

    Attributes
    ----------
    preset : str
        The name of the preset that the recipe started from.
    recipe : Recipe
    exclusions : Exclusions
        What is excluded by hand.
    base : Recipe
        That preset, which may be a person's own, and may be gone by now.
    """

    preset: str
    recipe: Recipe
    exclusions: Exclusions = NONE
    base: Recipe = PRESETS["article"]


def moved_words(key: str, value: Value, moved: Mapping[str, tuple[Value, Value]]) -> str:
    """Return in words what a `value` of `key` has `moved`: new and old values by their keys."""
    along = ", ".join(
        f"{KNOBS[name].label} from {KNOBS[name].said(old)} to {KNOBS[name].said(new)}"
        for name, (new, old) in moved.items()
    )
    return f"{KNOBS[key].named(value)} moved {along}"


def change_words(before: Step, after: Step) -> str:
    """Return in words what was changed from `before` to `after`: "keypoints 10 to 4"."""
    if before.recipe == after.recipe and before.preset == after.preset:
        more = after.exclusions.without(before.exclusions)
        less = before.exclusions.without(after.exclusions)
        if more and less:
            return "other exclusions"
        return f"exclude {more}" if more else f"include {less}"
    if (before.preset, before.base) != (after.preset, after.base):
        changed = after.recipe not in (after.base, on_given(after.base, before.recipe))
        changed = changed or before.exclusions != after.exclusions
        return "another session" if changed else f"preset {after.preset}"
    changes = before.recipe.differences(after.recipe)
    if after.recipe == after.base and len(changes) > 1:
        return f"reset to preset {after.preset}"
    (name, (old, new)), *others = changes.items()
    knob = KNOBS[name]
    label = knob.short or knob.label
    label = label if label[:2].isupper() else label[:1].lower() + label[1:]
    more_words = f" and {len(others)} more" if others else ""
    return f"{label} {knob.said(old)} to {knob.said(new)}{more_words}"


class RecipeHistory:
    """A line of steps, and the one of them that is in use."""

    def __init__(self) -> None:
        self._begun_at, self._until = 0, 0.0  # where the gesture began, and when it is over
        self.start_from(Step("article", PRESETS["article"]))

    def start_from(self, step: Step) -> None:
        """Begin with `step`: there is nothing to undo yet."""
        self._steps = [step]
        self._at = 0
        self._gesture = ""  # the knob of quick changes that undo takes as one

    @property
    def now(self) -> Step:
        """What is in use."""
        return self._steps[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a change that was taken back."""
        return self._at < len(self._steps) - 1

    @property
    def undo_words(self) -> str:
        """What undo takes back, empty where there is nothing."""
        return change_words(*self._steps[self._at - 1 : self._at + 1]) if self.can_undo else ""

    @property
    def redo_words(self) -> str:
        """What redo makes again, empty where there is nothing."""
        return change_words(*self._steps[self._at : self._at + 2]) if self.can_redo else ""

    @property
    def patch_of_threshold(self) -> int:
        """The patch for which the threshold of keypoints in use was chosen."""
        found = self.now.recipe
        for step in reversed(self._steps[: self._at]):
            if step.recipe.min_keypoints != found.min_keypoints:
                break
            found = step.recipe
        return found.patch

    @property
    def keypoints_by_area(self) -> int | None:
        """The threshold of keypoints that follows the patch, None where it is in use already."""
        recipe, patch = self.now.recipe, self.patch_of_threshold
        if recipe.texture != "sift" or recipe.patch == patch:
            return None
        found = keypoints_by_area(recipe, patch)
        return None if found == recipe.min_keypoints else found

    def rename_preset(self, old: str, new: str) -> None:
        """Call the preset `old` of all steps `new`."""
        self._steps = [
            replace(step, preset=new) if step.preset == old else step for step in self._steps
        ]

    def take(self, step: Step, key: str) -> None:
        """Use `step`; quick changes of one `key` are one step of undo."""
        now = time.monotonic()
        if not key or key != self._gesture or now >= self._until:
            self._begun_at = self._at
        self._gesture, self._until = key, now + ONE_GESTURE
        del self._steps[self._begun_at + 1 :]
        if step != self._steps[self._begun_at]:  # a gesture may lead back to where it began
            self._steps.append(step)
        self._at = len(self._steps) - 1

    def move(self, by: int) -> None:
        """Take the last change back (-1), or make the one again that was taken back (1)."""
        self._at += by
        self._gesture = ""
