"""From the recipe to matches, boxes and candidates of every image, by the pipeline's functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.consistency import measure, within_margin, within_tolerance
from srviewer.pipeline.cropping import Box, area_used
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import STAGE_NAMES, STAGES
from srviewer.survey.record import Counts, SurveyedImage

Masks = tuple[Mask, ...]


@dataclass(frozen=True, eq=False)
class Geometry:
    """What the boxes make of a set; arrays have a row an image.

    Attributes
    ----------
    boxes : ndarray of int64, shape (n, 4)
        x0, y0, x1, y1 of HR; -1 without a box.
    reasons : tuple of str or None
        Why there is no box.
    areas_used : ndarray of float64, shape (n,)
        The share of each clean image that its box covers, 0 without one.
    spans : ndarray of int64, shape (n, 4)
        The candidates, which are a rectangle of the grid: first and past row, first and past
        column.
    candidates : ndarray of int64, shape (n,)
    """

    boxes: Ints
    reasons: tuple[str | None, ...]
    areas_used: Floats
    spans: Ints
    candidates: Ints


def measured_matches(
    images: Sequence[SurveyedImage], recipe: Recipe, progress: Progress
) -> tuple[Floats, ...]:
    """Return what the recipe's test looks at in the matches of each image.

    The ratio, shape (M,), or with consistency position the displacement, shape (M, 2).
    """
    radial = recipe.consistency == "radial"
    measured = (measure(image.match_points, recipe.scale) for image in progress.each(images))
    return tuple(ratio if radial else displacement for ratio, displacement in measured)


def consistent_matches(measured: Sequence[Floats], recipe: Recipe) -> Masks:
    """Return which matches of each image pass the recipe's test, by `measured_matches`."""
    if recipe.consistency == "radial":
        return tuple(within_margin(ratio, recipe.error_margin) for ratio in measured)
    tolerance = recipe.position_tolerance
    return tuple(within_tolerance(displacement, tolerance) for displacement in measured)


def find_geometry(
    images: Sequence[SurveyedImage], kept: Masks, recipe: Recipe, progress: Progress
) -> Geometry:
    """Find the box of each image, and which windows are inside."""
    boxes = np.full((len(images), 4), -1, np.int64)
    areas = np.zeros(len(images))
    spans = np.zeros((len(images), 4), np.int64)
    reasons = []
    stage = STAGES[STAGE_NAMES.index("box")]
    knobs = {name: getattr(recipe, name) for name in stage.read(None)}
    for number, (image, mask) in enumerate(progress.each(zip(images, kept, strict=True))):
        found = {"pair": SimpleNamespace(size=image.clean_size), "matches": image.match_points}
        crop = stage.run(None, **found, consistent=SimpleNamespace(kept=mask), **knobs)
        reasons.append(crop.reason)
        areas[number] = area_used(crop.hr, image.clean_size)
        if crop.hr is not None:
            boxes[number] = crop.hr
            grid = image.rows, image.columns
            spans[number] = span_inside(crop.hr, *grid, recipe.patch, recipe.stride)
    sides = spans[:, 1::2] - spans[:, ::2]
    return Geometry(boxes, tuple(reasons), areas, spans, sides[:, 0] * sides[:, 1])


def count_lying(images: Sequence[SurveyedImage], found: Geometry) -> Ints:
    """Return of how many candidates each of `VERDICTS` is, shape (n, 4); 0 of made pairs."""
    counts = np.zeros((len(images), len(VERDICTS)), np.int64)
    for number, (image, (r0, r1, c0, c1)) in enumerate(zip(images, found.spans, strict=True)):
        if "alignment" in image.content:
            inside = image.on_grid(image.content["alignment"])[r0:r1, c0:c1]
            counts[number] = np.bincount(inside.ravel(), minlength=len(VERDICTS))
    return counts


def span_inside(
    box: Box, rows: int, columns: int, patch: int, stride: int
) -> tuple[int, int, int, int]:
    """Return first and past row, first and past column of the windows wholly inside `box`."""

    def along(low: int, high: int, count: int) -> tuple[int, int]:
        first = max(-(-low // stride), 0)
        past = min((high - patch) // stride + 1, count)
        return (first, past) if first < past else (0, 0)

    return *along(box.y0, box.y1, rows), *along(box.x0, box.x1, columns)


class Evidence(NamedTuple):
    """What the verdicts on a set's windows follow from.

    Attributes
    ----------
    spans : ndarray of int64, shape (n, 4)
        The candidates, as in `Geometry`.
    levels : list of ndarray, shape (N,) each
        What the threshold of the texture is held against, in whole numbers.
    passing : tuple of ndarray of bool or None
        Windows of each image that have the matches that are needed; None for all.
    excluded : mapping of int to ndarray of bool
        Those that a person excluded, by the number of the image.
    """

    spans: Ints
    levels: list[Counts]
    passing: tuple[Mask | None, ...]
    excluded: Mapping[int, Mask]
