"""The distributions of a whole set as charts draw them: only the range that holds something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from srviewer.gui.data_set.findings import Findings
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
from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.answer import Curve
from srviewer.survey.distributions import Distribution

_MOST_BARS = 64
_ROOM = 0.95  # a threshold further out than this share of the range asks for a wider one


@dataclass(frozen=True, eq=False)
class SetDistribution:
    """A `Drawing` of a whole set; counts are of all images together."""

    headings: tuple[str, ...]
    value: str
    details: tuple[str, ...]
    axis: str
    kind: Literal["match", "window"]
    edges: Floats
    counts: tuple[Ints, Ints]
    threshold: Threshold | None = None
    share: Floats | None = None
    zoom: float = 1.0


def of_matches(found: Findings, recipe: Recipe, held: Range | None) -> SetDistribution | str:
    """Return the ratios of all matches, or with the test ``position`` their displacements.

    Parameters
    ----------
    found : Findings
        What is counted.
    recipe : Recipe
        Where the threshold stands: it may have been pulled further than what is counted yet.
    held : (float, float) or None
        The range to keep while a threshold is dragged.

    Returns
    -------
    SetDistribution or str
        The reason in words where there is nothing to show.
    """
    name = "displacement" if recipe.consistency == "position" else "ratio"
    d = found.distributions.get(name)
    if d is None:
        return "being computed"
    total, kept = _sums(d)
    if not total:
        return "No image of the set has a match."
    beyond = d.below[0] + d.above[0]
    more = f"; {beyond:,} beyond" if beyond else ""
    threshold = match_threshold(recipe)
    edges, counts = _fewer_bars(d.edges, (d.all, d.kept), _MOST_BARS)
    return SetDistribution(
        RATIO if name == "ratio" else DISPLACEMENT,
        threshold_text(threshold),
        tuple(share_of(kept, total, what) + more for what in ("matches", "")),
        "distance ratio HR / LR" if name == "ratio" else "displacement, LR px",
        "match",
        edges,
        counts,
        threshold,
    )


def of_texture(found: Findings, recipe: Recipe, held: Range | None) -> SetDistribution | str:
    """Return the keypoints of all candidate windows, or with texture ``canny`` their edges.

    The arguments and what is returned are those of `of_matches`.
    """
    canny = recipe.texture == "canny"
    d = found.distributions.get("edge_density" if canny else "keypoints")
    if d is None:
        return "being computed"
    total, kept = _sums(d)
    if not total:
        return _no_candidates(found)
    threshold = texture_threshold(recipe)
    # Bars of whole numbers stand on them.
    edges = d.edges + threshold.origin
    if canny:
        edges, counts = _fewer_bars(edges, (d.all, d.kept), _MOST_BARS)
        least = 0.1
    else:
        edges, counts = _fewer_bars(edges, (d.all, d.kept), _MOST_BARS)
        least = 10.5
    wanted = threshold.place(1) / _ROOM
    if threshold.value == 0 or wanted < edges[-1]:
        wanted = 0.0
    top = held[1] if held else max(wanted, least)
    edges, counts = _reaching(edges, counts, top)
    if held:
        edges, counts = _cut(edges, counts, held[1])
    return SetDistribution(
        EDGES if canny else KEYPOINTS,
        threshold_text(threshold),
        tuple(share_of(kept, total, what) for what in ("windows", "")),
        "edge pixels, %" if canny else "keypoints",
        "window",
        edges,
        counts,
        threshold,
        _shares(found.answer.curve(), edges - threshold.origin, total),
        100.0 if canny else 1.0,
    )


def of_psnr(found: Findings, recipe: Recipe, held: Range | None) -> SetDistribution | str:
    """Return the PSNR of all candidate windows."""
    mean, identical = found.answer.totals.mean_psnr, found.answer.totals.infinite
    more = f"; {identical:,} identical" if identical else ""
    value = "" if mean is None else f"{mean:.2f} dB"
    return _of_quality(found, "psnr", ("PSNR",), value, "PSNR, dB", more)


def of_ssim(found: Findings, recipe: Recipe, held: Range | None) -> SetDistribution | str:
    """Return the SSIM of all candidate windows."""
    mean = found.answer.totals.mean_ssim
    value = "" if mean is None else f"{mean:.3f}"
    return _of_quality(found, "ssim", ("SSIM",), value, "SSIM", "")


def _of_quality(
    found: Findings, name: str, headings: tuple[str, ...], value: str, axis: str, more: str
) -> SetDistribution | str:
    d = found.distributions.get(name)
    if d is None:
        return "being computed"
    total, kept = _sums(d)
    if not total:
        return _no_candidates(found)
    filled = np.flatnonzero(d.all)
    if not len(filled):
        return "Every window is identical to its reduction: its PSNR is infinite."
    first, end = int(filled[0]), int(filled[-1]) + 1
    edges, total_of, chosen = d.edges[first : end + 1], d.all[first:end], d.kept[first:end]
    start = f"mean of {kept:,} kept" if kept else "none kept"
    return SetDistribution(
        headings,
        value,
        (f"{start} of {total:,}{more}", start + more),
        axis,
        "window",
        *_fewer_bars(edges, (total_of, chosen), _MOST_BARS),
    )


def _sums(d: Distribution) -> tuple[int, int]:
    outside = d.below, d.above
    total = int(d.all.sum()) + sum(side[0] for side in outside)
    return total, int(d.kept.sum()) + sum(side[1] for side in outside)


def _no_candidates(found: Findings) -> str:
    if any(box[0] >= 0 for box in found.answer.boxes):
        return "No window lies wholly inside the box of its image."
    return "No image of the set has a box."


Counts = tuple[Ints, Ints]


def _fewer_bars(edges: Floats, counts: Counts, most: int) -> tuple[Floats, Counts]:
    """Join neighbours until there are `most` bars at most; the last one may reach further."""
    width = -(-len(counts[0]) // most)
    if width <= 1:
        return edges, counts
    bars = -(-len(counts[0]) // width)
    starts = np.arange(0, len(counts[0]), width)
    step = edges[1] - edges[0]
    joined = edges[0] + step * width * np.arange(bars + 1)
    total, kept = (np.add.reduceat(each, starts) for each in counts)
    return joined, (total, kept)


def _reaching(edges: Floats, counts: Counts, top: float) -> tuple[Floats, Counts]:
    """Add empty bars until the last edge is at `top` or further."""
    step = edges[1] - edges[0]
    more = max(int(np.ceil((top - edges[-1]) / step - 1e-9)), 0)
    if not more:
        return edges, counts
    empty = np.zeros(more, np.int64)
    further = edges[-1] + step * np.arange(1, more + 1)
    total, kept = (np.concatenate([each, empty]) for each in counts)
    return np.concatenate([edges, further]), (total, kept)


def _cut(edges: Floats, counts: Counts, top: float) -> tuple[Floats, Counts]:
    """Leave out the bars beyond `top`."""
    bars = max(int(np.searchsorted(edges, top + 1e-9, side="right")) - 1, 1)
    total, kept = (each[:bars] for each in counts)
    return edges[: bars + 1], (total, kept)


def _shares(curve: Curve, thresholds: Floats, total: int) -> Floats:
    """Return the share of `total` windows that each threshold keeps."""
    places = np.searchsorted(curve.thresholds, thresholds - 1e-12)
    pairs = np.append(curve.pairs, 0)[np.minimum(places, len(curve.pairs))]
    return pairs / total
