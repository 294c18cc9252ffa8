"""The distributions of a whole set as charts draw them: only the range that holds something."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.axis_reach import span_of
from srviewer.pipeline.distributions import (
    ALL_IDENTICAL,
    ROOM,
    Distribution,
    Made,
    Range,
    reach_with,
)
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.thresholds import threshold_in
from srviewer.pipeline.window_alignment import KEPT
from srviewer.survey.answer import Answer

_MOST_BARS = 64
_BEING_COMPUTED = "being computed"


class Asked(NamedTuple):
    """What bars are made of; in words they say why there are none.

    Attributes
    ----------
    found : mapping of str to Distribution
        What is counted.
    answer : Answer
        What it was counted for.
    recipe : Recipe
        Where the threshold stands: it may have been pulled further than what is counted yet.
    held : (float, float) or None
        The range to keep while a threshold is dragged.
    entire : bool
        Reach to the furthest value that was counted, where otherwise long tails are left out.
    """

    found: Mapping[str, Distribution]
    answer: Answer
    recipe: Recipe
    held: Range | None = None
    entire: bool = False


def match_bars(asked: Asked) -> Made:
    """Return the ratios of all matches, or with the test ``position`` their displacements."""
    by_place = asked.recipe.consistency == "position"
    d = asked.found.get("displacement" if by_place else "ratio")
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return "No image of the set has a match."
    return d.joined(_MOST_BARS)


def texture_bars(asked: Asked) -> Made:
    """Return the texture of all candidate windows, as the recipe measures it."""
    found, answer, recipe, held, entire = asked
    measure = measure_of(recipe)
    d = found.get(measure.quantity)
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return _no_candidates(answer)
    threshold = threshold_in(measure.quantity, recipe)
    d = d.shifted(threshold.origin)  # bars of whole numbers stand on them
    reach = d.range[1] if entire else min(d.tail + d.edges[1] - d.edges[0], d.range[1])
    line = threshold.line(1) / ROOM if threshold.value else 0.0
    least = 0.1 if measure.share else 10.5
    d = _up_to(d, held[1] if held else reach_with(line, reach, least, entire=entire), held)
    pairs = answer.curve().at(d.edges - threshold.origin - 1e-12)
    return replace(d, share=pairs / d.totals[0], misaligned=_misaligned(answer))


def _up_to(d: Distribution, end: float, held: Range | None) -> Distribution:
    """Return `d` from its first edge to `end`, in as many bars as are drawn.

    The last bar reaches a little further, or where a range is `held` not quite so far.
    """
    step = d.edges[1] - d.edges[0]
    fine = (end - d.edges[0]) / step
    fine = max(int(np.floor(fine + 1e-6) if held else np.ceil(fine - 1e-6)), 1)
    width = -(-fine // _MOST_BARS)
    whole = (fine // width if held else -(-fine // width)) * width
    return d.reaching(d.edges[0] + whole * step).cut(0, whole).joined(_MOST_BARS)


def psnr_bars(asked: Asked) -> Made:
    """Return the PSNR of all candidate windows."""
    totals = asked.answer.totals
    return _quality_bars(asked, "psnr", totals.mean_psnr, totals.infinite)


def ssim_bars(asked: Asked) -> Made:
    """Return the SSIM of all candidate windows."""
    return _quality_bars(asked, "ssim", asked.answer.totals.mean_ssim, 0)


def _quality_bars(asked: Asked, name: str, mean: float | None, same: int) -> Made:
    d = asked.found.get(name)
    if d is None:
        return _BEING_COMPUTED
    if not d.totals[0]:
        return _no_candidates(asked.answer)
    filled = np.flatnonzero(d.all)
    if not len(filled):
        return ALL_IDENTICAL
    first, last = int(filled[0]), int(filled[-1])
    if not asked.entire:
        low, high = span_of(filled, d.all[filled])
        first, last = int(np.floor(low)), int(np.ceil(high))
    bars = d.cut(first, last + 1).joined(_MOST_BARS)
    return replace(bars, mean=mean, identical=same, misaligned=_misaligned(asked.answer))


def bar_conditions(d: Distribution, bar: int, recipe: Recipe) -> str:
    """Return what the windows of a bar meet, as `parse_conditions` reads it.

    Parameters
    ----------
    d : Distribution
        Of windows, as it is drawn.
    bar : int
        As in `Distribution.filled`.
    recipe : Recipe
    """
    first, last = bar < 0, bar >= len(d.all)
    low, high = d.edges[min(max(bar, 0), len(d.all) - 1) :][:2].tolist()
    if d.name in ("psnr", "ssim"):
        # The last bin of all has its upper edge too.
        above = "<" if d.above[0] or bar < len(d.all) - 1 else "<="
        ends = (f"{low:.6g}", f"{high:.6g}")
    else:
        measure, above = measure_of(recipe), "<"
        levels = recipe.patch**2 if measure.share else 1
        start, end = (int(np.ceil(edge * levels - 1e-6)) for edge in (low, high))
        if end == start + 1 and not (measure.share or first or last):
            return f"{d.name} = {start}"
        ends = (f"{start}", f"{end}")
        if measure.share:  # between two levels, which are shares of the pixels
            digits = max(int(np.ceil(np.log10(levels / 25))), 1)
            low, high = (100 * max(one - 0.5, 0) / levels for one in (start, end))
            ends = (f"{low:.{digits}f}", f"{high:.{digits}f}")
    if first:
        return f"{d.name} < {ends[0]}"
    return (
        f"{d.name} >= {ends[1]}" if last else f"{d.name} >= {ends[0]}, {d.name} {above} {ends[1]}"
    )


def _misaligned(answer: Answer) -> int:
    """Return how many candidates `keep_windows` rejects."""
    kept = KEPT[answer.recipe.keep_windows]
    return int(answer.lying[:, [one not in kept for one in VERDICTS]].sum())


def _no_candidates(answer: Answer) -> str:
    if any(box[0] >= 0 for box in answer.boxes):
        return "No window lies wholly inside the box of its image."
    so_far = "surveyed so far" if answer.totals.pending else "of the set"
    return f"No image {so_far} has a box."
