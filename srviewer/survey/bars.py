"""The distributions of a whole set as charts draw them: only the range that holds something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from srviewer.pipeline.distributions import ALL_IDENTICAL, ROOM, Distribution, Made, Range
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.thresholds import threshold_in
from srviewer.survey.answer import Answer

_MOST_BARS = 64
_BEING_COMPUTED = "being computed"

Distributions = Mapping[str, Distribution]


def match_bars(found: Distributions, answer: Answer, recipe: Recipe, held: Range | None) -> Made:
    """Return the ratios of all matches, or with the test ``position`` their displacements.

    Parameters
    ----------
    found : mapping of str to Distribution
        What is counted.
    answer : Answer
        What it was counted for.
    recipe : Recipe
        Where the threshold stands: it may have been pulled further than what is counted yet.
    held : (float, float) or None
        The range to keep while a threshold is dragged.

    Returns
    -------
    Distribution or str
        The reason in words where there is nothing to show.
    """
    d = found.get("displacement" if recipe.consistency == "position" else "ratio")
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return "No image of the set has a match."
    return d.joined(_MOST_BARS)


def texture_bars(found: Distributions, answer: Answer, recipe: Recipe, held: Range | None) -> Made:
    """Return the texture of all candidate windows, as the recipe measures it.

    The arguments and what is returned are those of `match_bars`.
    """
    measure = measure_of(recipe)
    d = found.get(measure.quantity)
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return _no_candidates(answer)
    threshold = threshold_in(measure.quantity, recipe)
    d = d.shifted(threshold.origin).joined(_MOST_BARS)  # bars of whole numbers stand on them
    if held:
        d = d.reaching(held[1])
        end = int(np.searchsorted(d.edges, held[1] + 1e-9, side="right")) - 1
        d = d.cut(0, max(end, 1))
    else:
        wanted = threshold.line(1) / ROOM
        beyond = threshold.value != 0 and wanted >= d.edges[-1]
        d = d.reaching(max(wanted if beyond else 0.0, 0.1 if measure.share else 10.5))
    pairs = answer.curve().at(d.edges - threshold.origin - 1e-12)
    return replace(d, share=pairs / d.totals[0])


def psnr_bars(found: Distributions, answer: Answer, recipe: Recipe, held: Range | None) -> Made:
    """Return the PSNR of all candidate windows."""
    totals = answer.totals
    return _quality_bars(found.get("psnr"), answer, totals.mean_psnr, totals.infinite)


def ssim_bars(found: Distributions, answer: Answer, recipe: Recipe, held: Range | None) -> Made:
    """Return the SSIM of all candidate windows."""
    return _quality_bars(found.get("ssim"), answer, answer.totals.mean_ssim, 0)


def _quality_bars(d: Distribution | None, answer: Answer, mean: float | None, same: int) -> Made:
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return _no_candidates(answer)
    filled = np.flatnonzero(d.all)
    if not len(filled):
        return ALL_IDENTICAL
    bars = d.cut(int(filled[0]), int(filled[-1]) + 1).joined(_MOST_BARS)
    return replace(bars, mean=mean, identical=same)


def _no_candidates(answer: Answer) -> str:
    if any(box[0] >= 0 for box in answer.boxes):
        return "No window lies wholly inside the box of its image."
    return "No image of the set has a box."
