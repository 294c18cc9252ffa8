"""All that a recipe makes of a whole image set, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from srviewer.pipeline.distributions import Distribution
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.answer import Answer, Step
from srviewer.survey.key import counts_key, survey_differences
from srviewer.survey.whole_set import WholeSet

_MOST_EDGES = 4096  # edge pixels, up to which every threshold has its counts ready


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
    """

    whole: WholeSet
    answer: Answer
    distributions: Mapping[str, Distribution]
    lost: Step | None
    won: Step | None


def look_over(whole: WholeSet, recipe: Recipe, progress: Progress = UNHEARD) -> Overview:
    """Return what `recipe` makes of a surveyed set.

    Raises
    ------
    SurveyError
        Where the recipe needs another survey.
    Cancelled
    """
    answer = whole.under(recipe, progress)
    return Overview(
        whole,
        answer,
        answer.distributions(progress),
        answer.step(answer.threshold_key, 1, progress),
        answer.step(answer.threshold_key, -1, progress),
    )


def is_instant(before: Overview | None, whole: WholeSet | None, recipe: Recipe) -> bool:
    """Tell whether `look_over` takes but milliseconds after `before`."""
    if before is None or before.whole is not whole:
        return False
    if survey_differences(before.whole.recipe, recipe):
        return False
    if recipe.texture == "canny" and recipe.patch**2 > _MOST_EDGES:
        return False
    return counts_key(before.answer.recipe) == counts_key(recipe)
