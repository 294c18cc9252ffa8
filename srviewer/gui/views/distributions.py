"""What the charts show: values in bins, which of them are kept, and the threshold that cuts them.

Pure functions of an analysis; `charts` draws what they return. Values are binned once and only
counted again while a threshold moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.recipe import KNOBS, Value
from srviewer.pipeline.summary import mean_quality

BINS = 60
_ROOM = 0.95  # a threshold further out than this share of the range asks for a wider one
_RATIO_REACHES = (0.3, 1.06)
_DISPLACEMENT_REACHES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1050.0)

Range = tuple[float, float]


@dataclass(frozen=True)
class Threshold:
    """A knob, and where it stands in a chart: at ``origin + side * value`` for each side.

    Attributes
    ----------
    key : str
        The recipe's field.
    value : float
        What the recipe has.
    origin : float
    sides : tuple of int
        (1,) for a line, (-1, 1) for a band.
    digits : int
        Decimals that a drag rounds to.
    """

    key: str
    value: float
    origin: float
    sides: tuple[int, ...]
    digits: int

    @property
    def places(self) -> tuple[float, ...]:
        """Where it stands, one x for each side."""
        return tuple(map(self.place, self.sides))

    def place(self, side: int) -> float:
        """Return where the given side stands."""
        return self.origin + side * self.value

    def grabbed(self, x: float, reach: float) -> int | None:
        """Return the side that stands within `reach` of `x`, the nearest of them, or None."""
        # With a margin of 0 both edges stand at 1: the side of the pointer decides.
        distances = [
            (abs(place - x), side * (self.origin - x), side)
            for place, side in zip(self.places, self.sides, strict=True)
        ]
        distance, _, side = min(distances)
        return side if distance <= reach else None

    def value_at(self, x: float, side: int) -> Value:
        """Return the value that puts the given side at `x`, rounded and within the allowed."""
        return self._allowed(side * (x - self.origin))

    def stepped(self, steps: int) -> Value:
        """Return the value so many steps of the knob further."""
        return self._allowed(self.value + steps * KNOBS[self.key].step)

    def _allowed(self, value: float) -> Value:
        knob = KNOBS[self.key]
        inside = min(max(round(value, self.digits), knob.low), knob.high)
        return int(inside) if knob.kind is int else float(inside)


@dataclass(frozen=True, eq=False)
class Bins:
    """Values sorted into bins of equal width.

    Attributes
    ----------
    values : ndarray of float64, shape (N,)
    edges : ndarray of float64, shape (B + 1,)
    place : ndarray of int, shape (N,)
        The bin of each value; B where it lies beyond the edges, or is not finite.
    """

    values: Floats
    edges: Floats
    place: Ints

    @property
    def range(self) -> Range:
        """The first and the last edge."""
        return float(self.edges[0]), float(self.edges[-1])

    def count(self, chosen: Mask) -> Ints:
        """Return how many of the `chosen` values each bin holds, and last those beyond."""
        counts: Ints = np.bincount(self.place[chosen], minlength=len(self.edges))
        return counts

    def bin_of(self, x: float) -> int:
        """Return the bin that `x` is in, the nearest where it is in none."""
        found = int(np.searchsorted(self.edges, x, side="right")) - 1
        return min(max(found, 0), len(self.edges) - 2)


def sort_into_bins(values: Floats, low: float, high: float, bins: int = BINS) -> Bins:
    """Sort `values`, shape (N,), into `bins` bins from `low` to `high`, both included."""
    edges = np.linspace(low, high, bins + 1)
    place = np.full(len(values), bins)
    inside = (values >= low) & (values <= high)  # neither nan nor infinite
    scaled = (values[inside] - low) * (bins / (high - low))
    place[inside] = np.minimum(scaled.astype(np.int64), bins - 1)
    return Bins(values, edges, place)


class BinCache:
    """Keeps the last bins for as long as their source and their range stay the same."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._bins: Bins | None = None

    def get(
        self, source: object, name: str, values: Callable[[], Floats], fit: Range, bins: int = BINS
    ) -> Bins:
        """Return `values` in bins.

        Parameters
        ----------
        source : object
            The result that the values are taken from; another object means other values.
        name : str
            Which of its values.
        values : callable
            Computes them, shape (N,); asked only where they are not known.
        fit : (float, float)
            The range.
        bins : int
        """
        key = (source, name, fit, bins)
        # Results are compared by identity: their dataclasses have no equality of values.
        if self._bins is None or key != self._key:
            self._key, self._bins = key, sort_into_bins(values(), *fit, bins)
        return self._bins


@dataclass(frozen=True, eq=False)
class Distribution:
    """All that a chart shows.

    Attributes
    ----------
    headings : tuple of str
        What it is; shorter ones follow for where there is less room.
    value : str
        The figure that counts most.
    details : tuple of str
        The other figures, in full and shorter.
    axis : str
        What the values are, with their unit.
    kind : {'match', 'window'}
        What is counted.
    bins : Bins
    among, kept : ndarray of bool, shape (N,)
        The values that count, and those of them that are kept.
    threshold : Threshold or None
    share : ndarray of float64, shape (B + 1,), or None
        The share that would be kept with the threshold at each edge.
    zoom : float
        What the axis multiplies its numbers with, 100 for percent.
    """

    headings: tuple[str, ...]
    value: str
    details: tuple[str, ...]
    axis: str
    kind: Literal["match", "window"]
    bins: Bins
    among: Mask
    kept: Mask
    threshold: Threshold | None = None
    share: Floats | None = None
    zoom: float = 1.0


Maker = Callable[[Analysis, BinCache, Range | None], "Distribution | str"]


def match_distances(a: Analysis, cache: BinCache, held: Range | None) -> Distribution | str:
    """Return the ratios of the matches, or with the test ``position`` their displacements.

    Parameters
    ----------
    a : Analysis
        Its stage ``consistent`` has run.
    cache : BinCache
    held : (float, float) or None
        The range to keep while a threshold is dragged.

    Returns
    -------
    Distribution or str
        The reason in words where there is nothing to show.
    """
    if not len(a.matches):
        return "No keypoint of HR has a match in LR."
    r, test = a.recipe, a.consistent
    if r.consistency == "position":
        threshold = Threshold("position_tolerance", r.position_tolerance, 0.0, (1,), 2)
        fit = held or (0.0, _reach(_DISPLACEMENT_REACHES, r.position_tolerance))
        bins = cache.get(a.matches, "place", lambda: np.hypot(*test.displacement.T), fit)
        headings = ("Displacement of the matches", "Displacement")
        axis = "displacement, LR px"
        value = f"\N{LESS-THAN OR EQUAL TO} {r.position_tolerance:g} LR px"
    else:
        threshold = Threshold("error_margin", r.error_margin, 1.0, (-1, 1), 3)
        reach = _reach(_RATIO_REACHES, r.error_margin)
        fit = held or (1 - reach, 1 + reach)
        bins = cache.get(a.matches, "ratio", lambda: test.ratio, fit)
        headings = ("Distance ratio of the matches", "Distance ratio")
        axis = "distance ratio HR / LR"
        value = f"\N{PLUS-MINUS SIGN} {100 * r.error_margin:.1f} %"
    everything = np.ones(len(a.matches), bool)
    beyond = int(bins.count(everything)[-1])
    details = tuple(
        share_text(test.kept, everything, what) + (f"; {beyond:,} beyond" if beyond else "")
        for what in ("matches", "")
    )
    return Distribution(
        headings, value, details, axis, "match", bins, everything, test.kept, threshold
    )


def window_texture(a: Analysis, cache: BinCache, held: Range | None) -> Distribution | str:
    """Return the keypoints of the candidate windows, or with texture ``canny`` their edges.

    The arguments and what is returned are those of `match_distances`; ``patches`` has run.
    """
    if reason := _no_candidates(a):
        return reason
    r, texture, patches = a.recipe, a.texture, a.patches
    density = texture.edge_density
    if r.texture == "canny" and density is not None:
        threshold = Threshold("min_edge_density", r.min_edge_density, 0.0, (1,), 3)
        most = max(float(np.nanmax(density)), r.min_edge_density / _ROOM, 0.1)
        fit, count = held or (0.0, min(np.ceil(most * 20) / 20, 1.0)), BINS
        bins = cache.get(texture, "edges", lambda: density, fit, count)
        headings: tuple[str, ...] = ("Edge density",)
        axis, zoom = "edge pixels, %", 100.0
        value = f"\N{GREATER-THAN OR EQUAL TO} {100 * r.min_edge_density:.1f} %"
    else:
        # Bars stand on whole numbers, so the line that keeps N and more is at N - 0.5.
        threshold = Threshold("min_keypoints", r.min_keypoints, -0.5, (1,), 0)
        fit, count = _whole_numbers(int(texture.keypoints.max()), r.min_keypoints, held)
        bins = cache.get(texture, "points", lambda: texture.keypoints.astype(float), fit, count)
        headings, axis, zoom = ("Keypoints a window", "Keypoints"), "keypoints", 1.0
        value = f"\N{GREATER-THAN OR EQUAL TO} {r.min_keypoints}"
    share = share_at_least(bins, patches.candidates & (patches.matches >= r.min_matches))
    return Distribution(
        headings,
        value,
        tuple(share_text(patches.kept, patches.candidates, what) for what in ("windows", "")),
        axis,
        "window",
        bins,
        patches.candidates,
        patches.kept,
        threshold,
        share / patches.candidates.sum(),
        zoom,
    )


def window_psnr(a: Analysis, cache: BinCache, held: Range | None) -> Distribution | str:
    """Return the PSNR of the candidate windows; ``patches`` and ``quality`` have run."""
    if reason := _no_candidates(a):
        return reason
    psnr, candidates = a.quality.psnr, a.patches.candidates
    mean = mean_quality(a)[0]
    finite = psnr[np.isfinite(psnr)]
    if not len(finite):
        return "Every window is identical to its reduction: its PSNR is infinite."
    fit = held or (float(np.floor(finite.min())), float(np.floor(finite.max())) + 1)
    bins = cache.get(a.quality, "psnr", lambda: psnr, fit)
    identical = int(np.isinf(psnr[candidates]).sum())
    of_all = _mean(psnr[candidates & np.isfinite(psnr)])
    more = f"; {identical:,} identical" if identical else ""
    details = _means_texts(a, "" if of_all is None else f"{of_all:.2f} dB", more)
    value = "" if mean is None else f"{mean:.2f} dB"
    return Distribution(
        ("PSNR",), value, details, "PSNR, dB", "window", bins, candidates, a.patches.kept
    )


def window_ssim(a: Analysis, cache: BinCache, held: Range | None) -> Distribution | str:
    """Return the SSIM of the candidate windows; ``patches`` and ``quality`` have run."""
    if reason := _no_candidates(a):
        return reason
    ssim, candidates = a.quality.ssim, a.patches.candidates
    mean = mean_quality(a)[1]
    fit = held or (min(float(np.floor(ssim.min() * 10)) / 10, 0.9), 1.0)
    bins = cache.get(a.quality, "ssim", lambda: np.minimum(ssim, 1.0), fit)
    details = _means_texts(a, f"{ssim[candidates].mean():.3f}")
    value = "" if mean is None else f"{mean:.3f}"
    return Distribution(
        ("SSIM",), value, details, "SSIM", "window", bins, candidates, a.patches.kept
    )


def share_at_least(bins: Bins, chosen: Mask) -> Floats:
    """Return how many of the `chosen` values lie at or above each edge, shape (B + 1,)."""
    counts = bins.count(chosen)[:-1]
    above = np.concatenate([[0], np.cumsum(counts[::-1])])[::-1].astype(float)
    return above + np.count_nonzero(bins.values[chosen] > bins.edges[-1])


def share_text(kept: Mask, among: Mask, what: str) -> str:
    """Return "130 of 506 windows, 26 %", or without `what` "130 of 506, 26 %"."""
    some, total = int(kept.sum()), int(among.sum())
    percent = 100 * some / total
    # A few of thousands are neither none nor all.
    rounded = round(percent) if some in (0, total) else min(max(round(percent), 1), 99)
    sign = "< " if 0 < percent < 0.5 else "> " if 99.5 < percent < 100 else ""
    return f"{some:,} of {total:,} {what}".rstrip() + f", {sign}{rounded} %"


def top_above(count: int) -> int:
    """Return a round number above `count`, a quarter of which is a whole number too."""
    wanted = max(count * 1.06, 4)
    tens = 10 ** int(np.floor(np.log10(wanted)))
    tops = (int(n * tens) for n in (1, 2, 3, 4, 6, 8, 10, 20))
    return next(top for top in tops if top >= wanted and top % 4 == 0)


def nearest(d: Distribution, x: float, among: Mask, after: int = -1) -> int | None:
    """Return which value of `among` is nearest to `x`; of several the next one after `after`."""
    chosen = np.flatnonzero(among & np.isfinite(d.bins.values))
    if not len(chosen):
        return None
    distance = np.abs(d.bins.values[chosen] - x)
    ties = chosen[distance == distance.min()]
    return int(ties[np.searchsorted(ties, after, side="right") % len(ties)])


def neighbour(d: Distribution, index: int | None, step: int) -> int | None:
    """Return the value `step` places above `index` in order of size; from the lowest if None."""
    chosen = np.flatnonzero(d.among & np.isfinite(d.bins.values))
    if not len(chosen):
        return None
    order = chosen[np.argsort(d.bins.values[chosen], kind="stable")]
    at = np.flatnonzero(order == index)
    place = int(at[0]) + step if len(at) else 0
    return int(order[min(max(place, 0), len(order) - 1)])


def _no_candidates(a: Analysis) -> str:
    if a.patches.candidates.any():
        return ""
    if a.box.reason:
        return f"No windows: {a.box.reason}"
    return "No window lies wholly inside the box."


def _reach(reaches: tuple[float, ...], value: float) -> float:
    return next((reach for reach in reaches if value <= reach * _ROOM), reaches[-1])


def _whole_numbers(most: int, threshold: int, held: Range | None) -> tuple[Range, int]:
    """Return a range from -0.5 on and how many bins, each as wide as a whole number."""
    low, high = held or (-0.5, max(most, int(threshold / _ROOM), 10) + 1.5)
    width = int(np.ceil((high - low) / BINS))
    bins = int(np.ceil((high - low) / width))
    return (low, low + bins * width), bins


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _means_texts(a: Analysis, of_all: str, more: str = "") -> tuple[str, ...]:
    kept = int(a.patches.kept.sum())
    start = f"mean of {kept:,} kept" if kept else "none kept"
    ends = (f"; all {of_all}" if of_all else "", "")
    return tuple(start + end + more for end in ends)
