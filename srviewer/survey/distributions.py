"""Values of the whole set in bins, and how many of each bin are kept.

Each value's bin is found once. Windows are then counted by level and bin together, so that what
a threshold keeps of each bin is a sum over the levels from it on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.geometry import Geometry, Masks
from srviewer.survey.images import ImageSurvey
from srviewer.survey.record import Counts
from srviewer.survey.suffix_sums import SuffixSums

_TABLE = 4096  # levels up to it are counted in a table of level and bin
_BLOCK = 1 << 18  # windows that are counted in one go
_RATIO_REACHES = (0.3, 1.06)
_DISPLACEMENT_REACHES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1050.0)
_ROOM = 0.95  # a threshold further out than this share of the range asks for a wider one
_MATCH_BINS = 120
_MOST_LEVEL_BINS = 128


@dataclass(frozen=True, eq=False)
class Distribution:
    """A value over the whole set in bins.

    Attributes
    ----------
    name : str
        ``ratio`` or ``displacement`` (of matches); ``keypoints`` or ``edge_density``, ``psnr``,
        ``ssim`` (of candidates).
    unit : str
    edges : ndarray of float64, shape (B + 1,)
        A bin takes its lower edge, and the last one its upper edge too.
    all, kept : ndarray of int64, shape (B,)
        All matches and the consistent ones; all candidates and the kept ones.
    below, above : (int, int)
        (all, kept) outside the edges; infinite ones are above.
    """

    name: str
    unit: str
    edges: Floats
    all: Ints
    kept: Ints
    below: tuple[int, int] = (0, 0)
    above: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class _Scale:
    """Bins of equal width, and one for what is below them and one for what is above.

    Attributes
    ----------
    name, unit : str
    low, high : float
    bins : int
    """

    name: str
    unit: str
    low: float
    high: float
    bins: int

    @property
    def edges(self) -> Floats:
        return np.linspace(self.low, self.high, self.bins + 1)

    def place(self, values: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Return 0 for values below, 1 to `bins` inside, and `bins` + 1 above."""
        scaled = (values - self.low) * (self.bins / (self.high - self.low))
        # Clipped while still floats: infinity has no whole number.
        places = np.floor(np.clip(scaled, -1, self.bins)).astype(np.int16) + 1
        places[values == self.high] = self.bins
        found: NDArray[np.uint8] = places.astype(np.uint8)
        return found

    def distribution(self, all: Ints, kept: Ints) -> Distribution:
        """Return the distribution of counts by place."""
        return Distribution(
            self.name,
            self.unit,
            self.edges,
            all[1:-1],
            kept[1:-1],
            (int(all[0]), int(kept[0])),
            (int(all[-1]), int(kept[-1])),
        )


WINDOW_SCALES = (_Scale("psnr", "dB", 5, 65, 120), _Scale("ssim", "", 0, 1, 100))


def match_scale(recipe: Recipe) -> _Scale:
    """Return the bins of what the recipe tests in matches."""
    if recipe.consistency == "radial":
        reach = _reach(_RATIO_REACHES, recipe.error_margin)
        return _Scale("ratio", "", 1 - reach, 1 + reach, _MATCH_BINS)
    reach = _reach(_DISPLACEMENT_REACHES, recipe.position_tolerance)
    return _Scale("displacement", "LR px", 0, reach, _MATCH_BINS)


def _reach(reaches: tuple[float, ...], threshold: float) -> float:
    return next((reach for reach in reaches if threshold <= reach * _ROOM), reaches[-1])


def match_places(measured: Sequence[Floats], recipe: Recipe) -> NDArray[np.uint8]:
    """Return the place in `match_scale` of all matches of all images, one after the other."""
    scale = match_scale(recipe)
    radial = recipe.consistency == "radial"
    values = (mine if radial else np.hypot(mine[:, 0], mine[:, 1]) for mine in measured)
    return np.concatenate([np.empty(0, np.uint8), *map(scale.place, values)])


def match_distribution(places: NDArray[np.uint8], kept: Masks, recipe: Recipe) -> Distribution:
    """Return the distribution of what the recipe tests in matches."""
    scale = match_scale(recipe)
    mask = np.concatenate([np.empty(0, bool), *kept])
    counts = (np.bincount(chosen, minlength=scale.bins + 2) for chosen in (places, places[mask]))
    return scale.distribution(*counts)


def window_places(image: ImageSurvey) -> tuple[NDArray[np.uint8], ...]:
    """Return the place of every window of an image in each of `WINDOW_SCALES`, shape (N,)."""
    values = (image.content.psnr, image.content.ssim)
    return tuple(scale.place(mine) for scale, mine in zip(WINDOW_SCALES, values, strict=True))


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
    return levels if len(levels) <= _TABLE else np.array([0, max(threshold, 1)])


def count_windows(
    held: Sequence[ImageSurvey],
    places: Sequence[tuple[NDArray[np.uint8], ...]],
    levels: Sequence[Counts],
    geometry: Geometry,
    passing: Sequence[Mask] | None,
    ranks: Ints,
    progress: Progress,
) -> WindowCounts:
    """Count the candidates of all images by level and place.

    Parameters
    ----------
    held, levels, geometry, passing, progress
        As in `sum_suffixes`.
    places : sequence of `window_places`
    ranks : ndarray of int64, shape (L,)
        As in `WindowCounts`.
    """
    sizes = [scale.bins + 2 for scale in WINDOW_SCALES]
    tables = [np.zeros(size * (len(ranks) + 1), np.int64) for size in sizes]
    top = max((int(mine.max()) for mine in levels), default=0)
    rank_of = np.searchsorted(ranks, np.arange(top + 1), side="right")
    waiting: list[tuple[NDArray[np.int64], ...]] = []

    def count() -> None:
        rank, *placed = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        for table, size, place in zip(tables, sizes, placed, strict=True):
            table += np.bincount(rank * size + place, minlength=len(table))
        waiting.clear()

    for number, image in enumerate(held):
        progress.check()
        r0, r1, c0, c1 = geometry.spans[number]
        inside = np.s_[r0:r1, c0:c1]
        rank = rank_of[image.on_grid(levels[number])[inside].ravel()]
        if passing is not None:
            rank *= image.on_grid(passing[number])[inside].ravel()
        placed = (image.on_grid(mine)[inside].ravel() for mine in places[number])
        waiting.append((rank, *placed))
        if sum(len(parts[0]) for parts in waiting) >= _BLOCK:
            count()
    if waiting:
        count()
    shaped = (table.reshape(-1, size) for table, size in zip(tables, sizes, strict=True))
    return WindowCounts(ranks, tuple(shaped))


def level_distribution(
    all: SuffixSums, passing: SuffixSums, threshold: int, *, texture: str, patch: int
) -> Distribution:
    """Return that of keypoints or of edge density.

    Parameters
    ----------
    all, passing : SuffixSums
        Of all candidates, and of those that no other threshold rejects.
    threshold : int
        Levels below it are rejected.
    texture, patch
        As in the recipe.
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
    if texture == "sift":
        return Distribution("keypoints", "keypoints", edges.astype(np.float64), all_of, kept_of)
    return Distribution("edge_density", "", edges / patch**2, all_of, kept_of)
