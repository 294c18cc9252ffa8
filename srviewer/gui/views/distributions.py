"""What the charts show: values in bins, which of them are kept, and the threshold that cuts them.

Pure functions of an analysis; `charts` draws what they return. Values are binned once and only
counted again while a threshold moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from srviewer.gui.views.drawing import (
    DISPLACEMENT,
    EDGES,
    KEYPOINTS,
    RATIO,
    Range,
    Threshold,
    match_threshold,
    share_of,
    texture_threshold,
    threshold_text,
)
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.summary import mean_quality

BINS = 60
_ROOM = 0.95  # a threshold further out than this share of the range asks for a wider one
_RATIO_REACHES = (0.3, 1.06)
_DISPLACEMENT_REACHES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1050.0)


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

    @property
    def edges(self) -> Floats:
        """The edges of the bins, shape (B + 1,)."""
        return self.bins.edges

    @property
    def counts(self) -> tuple[Ints, Ints]:
        """How many values each bin holds, and how many of them are kept, shape (B,) each."""
        return self.bins.count(self.among)[:-1], self.bins.count(self.kept)[:-1]


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
        threshold = match_threshold(r)
        fit = held or (0.0, _reach(_DISPLACEMENT_REACHES, r.position_tolerance))
        bins = cache.get(a.matches, "place", lambda: np.hypot(*test.displacement.T), fit)
        headings = DISPLACEMENT
        axis = "displacement, LR px"
    else:
        threshold = match_threshold(r)
        reach = _reach(_RATIO_REACHES, r.error_margin)
        fit = held or (1 - reach, 1 + reach)
        bins = cache.get(a.matches, "ratio", lambda: test.ratio, fit)
        headings = RATIO
        axis = "distance ratio HR / LR"
    everything = np.ones(len(a.matches), bool)
    beyond = int(bins.count(everything)[-1])
    details = tuple(
        share_text(test.kept, everything, what) + (f"; {beyond:,} beyond" if beyond else "")
        for what in ("matches", "")
    )
    return Distribution(
        headings,
        threshold_text(threshold),
        details,
        axis,
        "match",
        bins,
        everything,
        test.kept,
        threshold,
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
        threshold = texture_threshold(r)
        most = max(float(np.nanmax(density)), r.min_edge_density / _ROOM, 0.1)
        fit, count = held or (0.0, min(np.ceil(most * 20) / 20, 1.0)), BINS
        bins = cache.get(texture, "edges", lambda: density, fit, count)
        headings, axis, zoom = EDGES, "edge pixels, %", 100.0
    else:
        threshold = texture_threshold(r)
        fit, count = _whole_numbers(int(texture.keypoints.max()), r.min_keypoints, held)
        bins = cache.get(texture, "points", lambda: texture.keypoints.astype(float), fit, count)
        headings, axis, zoom = KEYPOINTS, "keypoints", 1.0
    share = share_at_least(bins, patches.candidates & (patches.matches >= r.min_matches))
    return Distribution(
        headings,
        threshold_text(threshold),
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
    return share_of(int(kept.sum()), int(among.sum()), what)


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
