"""All that a recipe makes of a whole image set, put together once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.distributions import Distribution
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.answer import Answer, ImageChange, Step, next_step
from srviewer.survey.key import counts_key, survey_differences
from srviewer.survey.whole_set import WholeSet

_TOLERANCES = {"radial": "error_margin", "position": "position_tolerance"}  # by the test
_MOST_LEVELS = 4096  # up to which every threshold has its counts ready


@dataclass(frozen=True, eq=False)
class Overview:
    """What a recipe makes of a set; it follows a threshold at once.

    Attributes
    ----------
    whole : WholeSet
    answer : Answer
    distributions : mapping of str to Distribution
    lost, won : Step or None
        The next step of the threshold, stricter and more lenient; None at its end.
    tighter, wider : Step or None
        The same of the tolerance of the matches.
    """

    whole: WholeSet
    answer: Answer
    distributions: Mapping[str, Distribution]
    lost: Step | None
    won: Step | None
    tighter: Step | None
    wider: Step | None


def step(
    whole: WholeSet, answer: Answer, key: str, direction: int, progress: Progress = UNHEARD
) -> Step | None:
    """Return what one step of `key` up (1) or down (-1) changes, None at its end.

    `answer` is that of the `whole` set before the step.

    Raises
    ------
    SurveyError
        For a knob that the survey depends on.
    """
    recipe = next_step(answer.recipe, key, direction)
    if recipe is None:
        return None
    return between(answer, whole.under(recipe, progress), key)


def between(before: Answer, after: Answer, key: str) -> Step:
    """Return what has changed from one answer of a set to another, by the knob `key`."""
    lost = np.flatnonzero((before.kept > 0) & (after.kept == 0))
    won = np.flatnonzero((before.kept == 0) & (after.kept > 0))

    def changes(found: Ints) -> tuple[ImageChange, ...]:
        pairs = np.maximum(before.kept, after.kept)[found]  # before or after there is none
        most_first = found[np.argsort(-pairs, kind="stable")]
        return tuple(
            ImageChange(int(index), int(before.kept[index]), int(after.kept[index]))
            for index in most_first
        )

    return Step(key, after.recipe, after.totals.pairs, changes(lost), changes(won))


def look_over(whole: WholeSet, recipe: Recipe, progress: Progress = UNHEARD) -> Overview:
    """Return what `recipe` makes of a surveyed set.

    Raises
    ------
    SurveyError
        Where the recipe needs another survey.
    Cancelled
    """
    answer = whole.under(recipe, progress)
    threshold, tolerance = answer.threshold_key, _TOLERANCES[recipe.consistency]
    return Overview(
        whole,
        answer,
        whole.distributions(recipe, progress),
        lost=step(whole, answer, threshold, 1, progress),
        won=step(whole, answer, threshold, -1, progress),
        tighter=step(whole, answer, tolerance, -1, progress),
        wider=step(whole, answer, tolerance, 1, progress),
    )


def is_instant(before: Overview | None, whole: WholeSet | None, recipe: Recipe) -> bool:
    """Tell whether `look_over` takes but milliseconds after `before`."""
    if before is None or before.whole is not whole:
        return False
    if survey_differences(before.whole.recipe, recipe):
        return False
    if counts_key(before.answer.recipe) != counts_key(recipe):
        return False
    return len(before.answer.curve().thresholds) <= _MOST_LEVELS
