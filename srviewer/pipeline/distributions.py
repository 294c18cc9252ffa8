"""Values in bins: how many each bin holds, and how many of them are kept.

A `Distribution` is made of one image here and of a whole set in `srviewer.survey`. Values are
binned once and only counted again while a threshold moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.axis_reach import reach_of, span_of
from srviewer.pipeline.next_steps import NextStep, next_steps
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import mean_quality

BINS = 60
ROOM = 0.95  # a threshold further out than this share of the range asks for a wider one
ALL_IDENTICAL = "Every window is identical to its reduction: its PSNR is infinite."
_RATIO_REACHES = (0.3, 1.06)
_DISPLACEMENT_REACHES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1050.0)

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Members:
    """The values that were counted, where they are those of one image.

    Attributes
    ----------
    values : ndarray of float64, shape (N,)
        One a match, or one a window.
    among, kept : ndarray of bool, shape (N,)
        Those that count, and those of them that are kept.
    """

    values: Floats
    among: Mask
    kept: Mask

    def nearest(self, x: float, among: Mask, after: int = -1) -> int | None:
        """Return which value of `among` is nearest to `x`; of several the next after `after`."""
        chosen = np.flatnonzero(among & np.isfinite(self.values))
        if not len(chosen):
            return None
        distance = np.abs(self.values[chosen] - x)
        ties = chosen[distance == distance.min()]
        return int(ties[np.searchsorted(ties, after, side="right") % len(ties)])

    def neighbour(self, index: int | None, steps: int) -> int | None:
        """Return the value so many `steps` above `index` in order of size; the lowest if None."""
        chosen = np.flatnonzero(self.among & np.isfinite(self.values))
        if not len(chosen):
            return None
        order = chosen[np.argsort(self.values[chosen], kind="stable")]
        found = np.flatnonzero(order == index)
        rank = int(found[0]) + steps if len(found) else 0
        return int(order[min(max(rank, 0), len(order) - 1)])


@dataclass(frozen=True, eq=False)
class Distribution:
    """A value in bins.

    Attributes
    ----------
    name : str
        ``ratio`` or ``displacement`` (of matches); the quantity of a texture measure, ``psnr``,
        ``ssim`` (of candidates).
    edges : ndarray of float64, shape (B + 1,)
        A bin takes its lower edge, and the last one its upper edge too.
    all, kept : ndarray of int64, shape (B,)
        All matches and the consistent ones; all candidates and the kept ones.
    below, above : (int, int)
        (all, kept) outside the edges; infinite ones are above.
    share : ndarray of float64, shape (B + 1,), optional
        The share of all that a threshold at each edge would keep.
    mean, mean_of_all : float, optional
        Of the kept ones and of all, as far as they are finite.
    identical : int
        Windows that are identical to their reduction, whose PSNR is infinite.
    misaligned : int
        Candidates that `keep_windows` rejects, also those that something else rejects.
    members : Members, optional
    tail : float
        Where a long tail begins that an axis leaves out.
    steps : tuple of NextStep
        What the threshold one step up or down would keep, where that is known.
    """

    name: str
    edges: Floats
    all: Ints
    kept: Ints
    below: tuple[int, int] = (0, 0)
    above: tuple[int, int] = (0, 0)
    share: Floats | None = None
    mean: float | None = None
    mean_of_all: float | None = None
    identical: int = 0
    misaligned: int = 0
    members: Members | None = None
    tail: float = np.inf
    steps: tuple[NextStep, ...] = ()

    @property
    def range(self) -> Range:
        """The first and the last edge."""
        return float(self.edges[0]), float(self.edges[-1])

    @property
    def beyond(self) -> int:
        """How many lie outside the edges, without those that are identical."""
        return max(self.below[0] + self.above[0] - self.identical, 0)

    @property
    def totals(self) -> tuple[int, int]:
        """How many there are and how many are kept, those outside the edges too."""
        outside = np.add(self.below, self.above)
        return int(self.all.sum() + outside[0]), int(self.kept.sum() + outside[1])

    def bin_of(self, x: float) -> int:
        """Return the bin that `x` is in, the nearest where it is in none."""
        found = int(np.searchsorted(self.edges, x, side="right")) - 1
        return min(max(found, 0), len(self.all) - 1)

    @property
    def filled(self) -> list[int]:
        """The bins that hold something; -1 is what lies below, and one past the last above."""
        last = len(self.all)
        below, above = self.below[0] > 0, self.above[0] > self.identical
        inside: list[int] = np.flatnonzero(self.all).tolist()
        return [-1] * below + inside + [last] * above

    def shifted(self, by: float) -> Distribution:
        """Return it with all edges moved."""
        return replace(self, edges=self.edges + by, tail=self.tail + by)

    def joined(self, most: int) -> Distribution:
        """Join neighbours until there are `most` bins at most; the last one may reach further."""
        width = -(-len(self.all) // most)
        if width <= 1:
            return self
        bins = -(-len(self.all) // width)
        starts = np.arange(0, len(self.all), width)
        edges = self.edges[0] + (self.edges[1] - self.edges[0]) * width * np.arange(bins + 1)
        total, kept = (np.add.reduceat(each, starts) for each in (self.all, self.kept))
        return replace(self, edges=edges, all=total, kept=kept)

    def reaching(self, top: float) -> Distribution:
        """Add empty bins until the last edge is at `top` or further."""
        step = self.edges[1] - self.edges[0]
        more = max(int(np.ceil((top - self.edges[-1]) / step - 1e-9)), 0)
        edges = np.concatenate([self.edges, self.edges[-1] + step * np.arange(1, more + 1)])
        total, kept = (np.pad(each, (0, more)) for each in (self.all, self.kept))
        return replace(self, edges=edges, all=total, kept=kept)

    def cut(self, first: int, end: int) -> Distribution:
        """Leave out the bins before `first` and those from `end` on; they lie outside then."""
        counts = np.stack([self.all, self.kept])
        below = self.below + counts[:, :first].sum(axis=1)
        above = self.above + counts[:, end:].sum(axis=1)
        return replace(
            self,
            edges=self.edges[first : end + 1],
            all=self.all[first:end],
            kept=self.kept[first:end],
            below=tuple(below.tolist()),
            above=tuple(above.tolist()),
        )


@dataclass(frozen=True)
class Bins:
    """Bins of equal width, and one for what is below them and one for what is above.

    Attributes
    ----------
    name : str
        As in `Distribution`.
    low, high : float
    count : int
        At most 254, so that a number of a bin is a byte.
    """

    name: str
    low: float
    high: float
    count: int = BINS

    @property
    def edges(self) -> Floats:
        """The edges of the bins, shape (B + 1,)."""
        return np.linspace(self.low, self.high, self.count + 1)

    def sort(self, values: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Return for each value 0 below, 1 to `count` inside, and `count` + 1 above or for nan."""
        scaled = (values - self.low) * (self.count / (self.high - self.low))
        # Clipped while still floats: infinity has no whole number. fmin takes nan for above.
        numbers = np.floor(np.fmax(np.fmin(scaled, self.count), -1)).astype(np.int16) + 1
        numbers[values == self.high] = self.count
        sorted_in: NDArray[np.uint8] = numbers.astype(np.uint8)
        return sorted_in

    def counts(self, numbers: NDArray[np.uint8]) -> Ints:
        """Return how many of the `numbers` are of each bin, below first and above last."""
        counts: Ints = np.bincount(numbers, minlength=self.count + 2)
        return counts

    def distribution(self, all: Ints, kept: Ints) -> Distribution:
        """Return the distribution of `counts`."""
        below, above = ((int(all[end]), int(kept[end])) for end in (0, -1))
        return Distribution(self.name, self.edges, all[1:-1], kept[1:-1], below, above)


def match_bins(recipe: Recipe, count: int = BINS) -> Bins:
    """Return bins for what the recipe tests in matches, with room for its threshold."""
    if recipe.consistency == "radial":
        reach = _reach(_RATIO_REACHES, recipe.error_margin)
        return Bins("ratio", 1 - reach, 1 + reach, count)
    reach = _reach(_DISPLACEMENT_REACHES, recipe.position_tolerance)
    return Bins("displacement", 0, reach, count)


def _reach(reaches: tuple[float, ...], threshold: float) -> float:
    return next((reach for reach in reaches if threshold <= reach * ROOM), reaches[-1])


class BinCache:
    """Keeps the last bins for as long as their source and their range stay the same.

    Attributes
    ----------
    numbers : ndarray of uint8, shape (N,)
        The bin of each value, as `Bins.sort` has it.
    """

    def __init__(self) -> None:
        self._key: tuple[object, Bins] | None = None
        self._values: Floats = np.empty(0)
        self._span: tuple[tuple[object, bool], Range] = ((None, False), (0.0, 0.0))
        self.numbers: NDArray[np.uint8] = np.empty(0, np.uint8)

    def span(self, source: object, entire: bool, find: Callable[[], Range]) -> Range:
        """Return what `find` finds in the values of a source, once for each and `entire`."""
        if self._span[0] != (source, entire):  # results are compared by identity
            self._span = ((source, entire), find())
        return self._span[1]

    def count(
        self, source: object, bins: Bins, values: Callable[[], Floats], among: Mask, kept: Mask
    ) -> Distribution:
        """Return the distribution of values.

        Parameters
        ----------
        source : object
            The result that the values are taken from; another object means other values.
        bins : Bins
        values : callable
            Computes them, shape (N,); asked only where they are not known.
        among, kept : ndarray of bool, shape (N,)
            Those that count, and those of them that are kept.
        """
        key = (source, bins)
        # Results are compared by identity: their dataclasses have no equality of values.
        if self._key is None or key != self._key:
            self._values = values()
            self._key, self.numbers = key, bins.sort(self._values)
        counts = (bins.counts(self.numbers[chosen]) for chosen in (among, kept))
        return replace(bins.distribution(*counts), members=Members(self._values, among, kept))


Made = Distribution | str
"""A distribution, or in words why there is none."""


def match_distances(
    a: Analysis, cache: BinCache, held: Range | None, *, entire: bool = False
) -> Made:
    """Return the ratios of the matches, or with the test ``position`` their displacements.

    Parameters
    ----------
    a : Analysis
        Its stage ``consistent`` has run.
    cache : BinCache
    held : (float, float) or None
        The range to keep while a threshold is dragged.
    entire : bool
        Reach to the furthest value, where otherwise long tails are left out.

    Returns
    -------
    Distribution or str
        The reason in words where there is nothing to show.
    """
    if not len(a.matches):
        return "No keypoint of HR has a match in LR."
    test, bins = a.consistent, match_bins(a.recipe)

    def values() -> Floats:
        return test.ratio if bins.name == "ratio" else np.hypot(*test.displacement.T)

    if entire:
        low, high = cache.span(test, entire, lambda: _whole_range(values()))
        bins = replace(bins, low=min(bins.low, low), high=max(bins.high, high))
    bins = _held(bins, held)

    return cache.count(a.matches, bins, values, np.ones(len(a.matches), bool), test.kept)


def window_texture(
    a: Analysis, cache: BinCache, held: Range | None, *, entire: bool = False
) -> Made:
    """Return the texture of the candidate windows, as the recipe measures it.

    The arguments and what is returned are those of `match_distances`; ``patches`` has run.
    """
    if reason := _no_candidates(a):
        return reason
    r, texture, patches = a.recipe, a.texture, a.patches
    measure, values = texture.measure, texture.deciding.astype(float)
    # Windows outside the box, which count nothing, are no reason for a longer axis.
    source, among = (texture, a.box), patches.candidates
    tail, most = cache.span(source, False, lambda: _reach_and_top(values[among]))
    line = getattr(r, measure.threshold) / ROOM
    if measure.share:
        reach = most if entire else tail
        top = max(reach_with(line, reach, 0.1, entire=entire), 0.1)
        bins = _held(Bins(measure.quantity, 0.0, min(np.ceil(top * 20 - 1e-9) / 20, 1.0)), held)
    else:
        top = reach_with(line, most if entire else tail, 10, entire=entire)
        bins = _whole_numbers(measure.quantity, int(top), held)
    d = cache.count(texture, bins, lambda: values, patches.candidates, patches.kept)
    passing = patches.by_thresholds & (patches.matches >= r.min_matches)
    share = at_least(bins.counts(cache.numbers[passing])) / d.totals[0]
    steps = next_steps(a)[measure.threshold]
    return replace(d, share=share, steps=steps, misaligned=patches.candidates_misaligned)


def window_psnr(a: Analysis, cache: BinCache, held: Range | None, *, entire: bool = False) -> Made:
    """Return the PSNR of the candidate windows; ``patches`` and ``quality`` have run."""
    if reason := _no_candidates(a):
        return reason
    psnr, candidates = a.quality.psnr, a.patches.candidates
    among = psnr[candidates & np.isfinite(psnr)]
    if not len(among):
        return ALL_IDENTICAL
    span = _whole_range if entire else _span
    low, high = cache.span((a.quality, a.box), entire, lambda: span(among))
    bins = Bins("psnr", float(np.floor(low)), float(np.floor(high)) + 1)
    d = cache.count(a.quality, _held(bins, held), lambda: psnr, candidates, a.patches.kept)
    return replace(
        d,
        mean=mean_quality(a)[0],
        mean_of_all=float(among.mean()),
        identical=int(np.isinf(psnr[candidates]).sum()),
        misaligned=a.patches.candidates_misaligned,
    )


def window_ssim(a: Analysis, cache: BinCache, held: Range | None, *, entire: bool = False) -> Made:
    """Return the SSIM of the candidate windows; ``patches`` and ``quality`` have run."""
    if reason := _no_candidates(a):
        return reason
    ssim, candidates = a.quality.ssim, a.patches.candidates
    span = _whole_range if entire else _span
    low, _ = cache.span((a.quality, a.box), entire, lambda: span(ssim[candidates]))
    bins = _held(Bins("ssim", min(float(np.floor(low * 10)) / 10, 0.9), 1.0), held)
    d = cache.count(a.quality, bins, lambda: np.minimum(ssim, 1.0), candidates, a.patches.kept)
    of_all, misaligned = float(ssim[candidates].mean()), a.patches.candidates_misaligned
    return replace(d, mean=mean_quality(a)[1], mean_of_all=of_all, misaligned=misaligned)


def reach_with(line: float, reach: float, least: float, *, entire: bool) -> float:
    """Return how far an axis goes that shows values up to `reach`, and a threshold at `line`.

    At least to `least`. A threshold has no more of the axis than the values, unless the `entire`
    range is asked for: one that is further out stands at the border.
    """
    reach = max(reach, least)
    return max(reach, line if entire else min(line, 2 * reach))


def _reach_and_top(values: Floats) -> Range:
    """Return where the tail of values from 0 begins, and the largest; nan and below are none."""
    found = np.sort(values[values >= 0])
    return (reach_of(found), float(found[-1])) if len(found) else (0.0, 0.0)


def _span(values: Floats) -> Range:
    return span_of(np.sort(values))


def _whole_range(values: Floats) -> Range:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def at_least(counts: Ints) -> Floats:
    """Return how many values lie at or above each edge, shape (B + 1,), from `Bins.counts`."""
    above: Floats = np.cumsum(counts[::-1])[::-1][1:].astype(float)
    return above


def _held(bins: Bins, held: Range | None) -> Bins:
    return bins if held is None else replace(bins, low=held[0], high=held[1])


def _no_candidates(a: Analysis) -> str:
    if a.patches.candidates.any():
        return ""
    if a.box.reason:
        return f"No windows: {a.why_no_box}"
    return "No window lies wholly inside the box."


def _whole_numbers(name: str, most: int, held: Range | None) -> Bins:
    """Return bins from -0.5 on, each as wide as a whole number."""
    low, high = held or (-0.5, most + 1.5)
    width = int(np.ceil((high - low) / BINS))
    count = int(np.ceil((high - low) / width))
    return Bins(name, low, low + count * width, count)
