"""Every verdict on a match or a window, which comes first, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.consistency import Consistency
from srviewer.pipeline.cropping import Box, Crop
from srviewer.pipeline.patching import Counts, Texture, Windows
from srviewer.pipeline.recipe import Recipe
from srviewer.wording import counted


class Verdict(IntEnum):
    """Why a window is kept or not; the first reason that holds, in this order, is given."""

    KEPT = 0
    OUTSIDE_BOX = 1
    FEW_KEYPOINTS = 2
    FEW_EDGES = 3
    FEW_MATCHES = 4


VERDICT_WORDS = {
    Verdict.KEPT: "kept",
    Verdict.FEW_KEYPOINTS: "few keypoints",
    Verdict.FEW_EDGES: "few edges",
    Verdict.FEW_MATCHES: "few matches",
    Verdict.OUTSIDE_BOX: "outside the box",
}
"""Every verdict in short, in the order in which lists have them."""


@dataclass(frozen=True, eq=False)
class Patches:
    """The verdict on each window.

    Attributes
    ----------
    verdict : ndarray of uint8, shape (N,)
        `Verdict` values.
    matches : ndarray of int32, shape (N,)
        Consistent matches in each window.
    candidates, kept : ndarray of bool, shape (N,)
        Windows inside the box, and those of them that become pairs.
    """

    verdict: NDArray[np.uint8]
    matches: Counts
    candidates: Mask
    kept: Mask


def judge(
    windows: Windows,
    texture: Texture,
    matches: Counts,
    box: Box | None,
    *,
    min_keypoints: int,
    min_matches: int,
    min_edge_density: float,
) -> Patches:
    """Give each window its verdict.

    Parameters
    ----------
    windows, texture
        The windows and what is in them; edges decide where they were looked for.
    matches : ndarray of int32, shape (N,)
        Consistent matches in each window.
    box : Box or None
        Of HR; without one no window is a candidate.
    min_keypoints, min_matches, min_edge_density
        As in the recipe.
    """
    candidates, edges = windows.inside(box), texture.edge_density
    fails = {
        Verdict.OUTSIDE_BOX: ~candidates,
        Verdict.FEW_KEYPOINTS: (edges is None) & (texture.keypoints < min_keypoints),
        Verdict.FEW_EDGES: np.False_ if edges is None else edges < min_edge_density,
        Verdict.FEW_MATCHES: matches < min_matches,
    }
    verdict = np.full(len(windows), Verdict.KEPT, np.uint8)
    for reason in sorted(fails, reverse=True):
        verdict[fails[reason]] = reason
    return Patches(verdict, matches, candidates, verdict == Verdict.KEPT)


class Judged(Protocol):
    """What the sentences are about: an `Analysis`, as far as they look at it."""

    @property
    def recipe(self) -> Recipe: ...  # noqa: D102
    @property
    def consistent(self) -> Consistency: ...  # noqa: D102
    @property
    def box(self) -> Crop: ...  # noqa: D102
    @property
    def texture(self) -> Texture: ...  # noqa: D102
    @property
    def patches(self) -> Patches: ...  # noqa: D102


def match_verdict(a: Judged, index: int) -> str:
    """Return the verdict on the match `index`, and what the other test says of it."""
    r, test = a.recipe, a.consistent
    ratio, kept, inlier = test.ratio[index], bool(test.kept[index]), bool(test.inlier[index])
    miss = float(np.hypot(*test.displacement[index]))
    off = f"{miss:.2f} LR px from its place; the tolerance is {r.position_tolerance:g} LR px"
    if r.consistency == "position":
        return f"{'kept' if kept else 'rejected'}: {off}"
    if not np.isfinite(ratio):
        return "rejected: its LR keypoint is the origin, where no ratio exists"
    by = f"{_distance_words(ratio, kept)} the origin; the margin is {r.error_margin:.1%}"
    if kept:
        return f"kept: {by}" if inlier else f"kept, though displaced: {off}"
    return f"rejected: {by}" + (f". Yet it is right: {off}" if inlier else "")


def _distance_words(ratio: float, kept: bool) -> str:
    """Return how far an LR keypoint is from its distance to the origin, by HR / LR."""
    by = f"{abs(ratio - 1):.1%}"
    if by == "0.0%":
        if kept:
            return "within 0.05% of the right distance from"
        by = "less than 0.05%"
    # Above 1 the LR keypoint is too near to the origin.
    return f"{by} {'too near to' if ratio > 1 else 'too far from'}"


def window_verdict(a: Judged, index: int) -> str:
    """Return the verdict on the window `index` with the figures that led to it."""
    r, density = a.recipe, a.texture.edge_density
    keypoints = counted(int(a.texture.keypoints[index]), "keypoint")
    edges = "" if density is None else f"{density[index]:.1%} edge pixels"
    verdict = Verdict(int(a.patches.verdict[index]))
    if verdict is Verdict.OUTSIDE_BOX:
        return "no candidate: outside the box" if a.box.hr else f"no candidate: {a.box.reason}"
    if verdict is Verdict.FEW_KEYPOINTS:
        return f"rejected: {keypoints}; {_at_least(r.min_keypoints)}"
    if verdict is Verdict.FEW_EDGES:
        return f"rejected: {edges}; at least {r.min_edge_density:.1%} are needed"
    if verdict is Verdict.FEW_MATCHES:
        matches = counted(int(a.patches.matches[index]), "match", "matches")
        return f"rejected: {matches}; {_at_least(r.min_matches)}"
    return f"kept: {edges or keypoints}"


def _at_least(count: int) -> str:
    return f"at least {count} {'is' if count == 1 else 'are'} needed"
