"""Windows of a surveyed set that a person excluded by hand: its file knows nothing of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.exclusions import Exclusions
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.answer import threshold_level
from srviewer.survey.geometry import Geometry
from srviewer.survey.record import Counts, SurveyedImage

Passing = tuple[Mask | None, ...] | None
"""The windows of each image that nothing but the texture's threshold rejects; None for all."""


def excluded_masks(
    images: Sequence[SurveyedImage], exclusions: Exclusions, recipe: Recipe
) -> dict[int, Mask]:
    """Return which windows are excluded, by the number of the image, where any may be."""
    by_number = ((number, exclusions.of(one.sha256)) for number, one in enumerate(images))
    return {
        number: excluded.mask(images[number].lay_windows(recipe), recipe.scale)
        for number, excluded in by_number
        if excluded
    }


def left_out(passing: Passing, excluded: Mapping[int, Mask], count: int) -> Passing:
    """Return which windows of `count` images pass and are not excluded."""
    if not excluded:
        return passing
    masks = list(passing or [None] * count)
    for number, mask in excluded.items():
        before = masks[number]
        masks[number] = ~mask if before is None else before & ~mask
    return tuple(masks)


def counts_of(
    images: Sequence[SurveyedImage],
    rejected: Mapping[int, Mask],
    passing: Passing,
    levels: Sequence[Counts],
    geometry: Geometry,
    recipe: Recipe,
) -> Ints:
    """Return how many of the `rejected` windows of each image would pass otherwise, shape (n,)."""
    counts = np.zeros(len(images), np.int64)
    least = threshold_level(recipe)
    for number, mask in rejected.items():
        otherwise = passing[number] if passing else None
        would = mask & (levels[number] >= least)
        if otherwise is not None:
            would &= otherwise
        r0, r1, c0, c1 = geometry.spans[number]
        counts[number] = np.count_nonzero(images[number].on_grid(would)[r0:r1, c0:c1])
    return counts
