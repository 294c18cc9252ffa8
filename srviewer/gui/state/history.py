"""The recipe in use and what is excluded by hand, and those before: what undo takes back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.recipe import PRESETS, Recipe

_ONE_GESTURE = 0.8  # seconds between changes of one knob that undo takes as one


@dataclass(frozen=True)
class Step:
    """A recipe, the name of the preset that it started from, and what is excluded by hand."""

    preset: str
    recipe: Recipe
    exclusions: Exclusions = NONE


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

    def take(self, step: Step, key: str) -> None:
        """Use `step`; quick changes of one `key` are one step of undo."""
        now = time.monotonic()
        if not key or key != self._gesture or now >= self._until:
            self._begun_at = self._at
        self._gesture, self._until = key, now + _ONE_GESTURE
        del self._steps[self._begun_at + 1 :]
        if step != self._steps[self._begun_at]:  # a gesture may lead back to where it began
            self._steps.append(step)
        self._at = len(self._steps) - 1

    def move(self, by: int) -> None:
        """Take the last change back (-1), or make the one again that was taken back (1)."""
        self._at += by
        self._gesture = ""
