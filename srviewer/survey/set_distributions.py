"""Values of the whole set in bins, and how many of each bin are kept.

Each value's bin is found once. Windows are then counted by level and bin together, so that what
a threshold keeps of each bin is a sum over the levels from it on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.axis_reach import reach_of
from srviewer.pipeline.distributions import Bins, Distribution, match_bins
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.survey.geometry import Geometry, Masks
from srviewer.survey.record import Counts, SurveyedImage
from srviewer.survey.suffix_sums import SuffixSums

_TABLE = 4096  # levels up to it are counted in a table of level and bin
_BLOCK = 1 << 18  # windows that are counted in one go
_MATCH_BINS = 120
_MOST_LEVEL_BINS = 4096  # fine ones: charts join those that they show

WINDOW_SCALES = (Bins("psnr", 5, 65, 120), Bins("ssim", 0, 1, 100))


def match_scale(recipe: Recipe) -> Bins:
    """Return the bins of what the recipe tests in matches."""
    return match_bins(recipe, _MATCH_BINS)


def sort_matches(measured: Sequence[Floats], recipe: Recipe) -> NDArray[np.uint8]:
    """Return the place in `match_scale` of all matches of all images, one after the other."""
    scale = match_scale(recipe)
    radial = recipe.consistency == "radial"
    values = (mine if radial else np.hypot(mine[:, 0], mine[:, 1]) for mine in measured)
    return np.concatenate([np.empty(0, np.uint8), *map(scale.sort, values)])


def match_distribution(places: NDArray[np.uint8], kept: Masks, recipe: Recipe) -> Distribution:
    """Return the distribution of what the recipe tests in matches."""
    scale = match_scale(recipe)
    mask = np.concatenate([np.empty(0, bool), *kept])
    return scale.distribution(*map(scale.counts, (places, places[mask])))


def sort_windows(image: SurveyedImage) -> tuple[NDArray[np.uint8], ...]:
    """Return the place of every window of an image in each of `WINDOW_SCALES`, shape (N,)."""
    return tuple(scale.sort(image.content[scale.name]) for scale in WINDOW_SCALES)


@dataclass(frozen=True, eq=False)
class WindowCounts:
    """Candidates by level and place, from which any threshold's distributions are summed.

    Attributes
    ----------
    ranks : ndarray of int64, shape (L,)
        The lowest level of each rank, ascending.
    tables : tuple of ndarray of int64, shape (L + 1, B + 2) each
        Counts by rank and place, for each of `WINDOW_SCALES`; the first row is of those that
        another threshold rejects.
    """

    ranks: Ints
    tables: tuple[Ints, ...]

    def distributions(self, threshold: int) -> list[Distribution]:
        """Return those of PSNR and SSIM where levels below `threshold`, a rank's, are rejected."""
        first = 1 + int(np.searchsorted(self.ranks, threshold))
        return [
            scale.distribution(table.sum(axis=0), table[first:].sum(axis=0))
            for scale, table in zip(WINDOW_SCALES, self.tables, strict=True)
        ]


def ranks_for(levels: Ints, threshold: int) -> Ints:
    """Return the ranks to count by: every level that occurs, or two where those are too many."""
    return levels if len(levels) <= _TABLE else np.array([0, threshold])


def count_windows(
    held: Sequence[SurveyedImage],
    places: Sequence[tuple[NDArray[np.uint8], ...]],
    levels: Sequence[Counts],
    geometry: Geometry,
    passing: Sequence[Mask | None] | None,
    ranks: Ints,
    progress: Progress,
) -> WindowCounts:
    """Count the candidates of all images by level and place.

    Parameters
    ----------
    held, levels, geometry, passing, progress
        As in `sum_suffixes`.
    places : sequence of `sort_windows`
    ranks : ndarray of int64, shape (L,)
        As in `WindowCounts`.
    """
    sizes = [scale.count + 2 for scale in WINDOW_SCALES]
    tables = [np.zeros(size * (len(ranks) + 1), np.int64) for size in sizes]
    top = max((int(mine.max()) for mine in levels), default=0)
    rank_of = np.searchsorted(ranks, np.arange(top + 1), side="right")
    waiting: list[tuple[NDArray[np.int64], ...]] = []

    def count() -> None:
        rank, *placed = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        for table, size, place in zip(tables, sizes, placed, strict=True):
            table += np.bincount(rank * size + place, minlength=len(table))
        waiting.clear()

    for number, image in enumerate(progress.each(held)):
        r0, r1, c0, c1 = geometry.spans[number]
        inside = np.s_[r0:r1, c0:c1]
        rank = rank_of[image.on_grid(levels[number])[inside].ravel()]
        mask = None if passing is None else passing[number]
        if mask is not None:
            rank *= image.on_grid(mask)[inside].ravel()
        placed = (image.on_grid(mine)[inside].ravel() for mine in places[number])
        waiting.append((rank, *placed))
        if sum(len(parts[0]) for parts in waiting) >= _BLOCK:
            count()
    if waiting:
        count()
    shaped = (table.reshape(-1, size) for table, size in zip(tables, sizes, strict=True))
    return WindowCounts(ranks, tuple(shaped))


def level_distribution(
    all: SuffixSums, passing: SuffixSums, threshold: int, recipe: Recipe
) -> Distribution:
    """Return that of the recipe's texture measure.

    Parameters
    ----------
    all, passing : SuffixSums
        Of all candidates, and of those that no other threshold rejects.
    threshold : int
        Levels below it are rejected.
    recipe : Recipe
    """
    levels, counts = all.by_level
    top = int(levels[-1]) + 1 if len(levels) else 1
    step = -(-top // _MOST_LEVEL_BINS)
    edges = np.arange(0, top + step, step)
    kept_levels, kept_counts = passing.by_level
    kept_counts = kept_counts * (kept_levels >= threshold)
    all_of, kept_of = (
        np.bincount(mine // step, many, len(edges) - 1).astype(np.int64)
        for mine, many in ((levels, counts), (kept_levels, kept_counts))
    )
    measure = measure_of(recipe)
    pixels = recipe.patch**2 if measure.share else 1
    tail = reach_of(levels, counts) if len(levels) else 0.0
    d = Distribution(measure.quantity, edges / pixels, all_of, kept_of)
    return replace(d, tail=tail / pixels)
