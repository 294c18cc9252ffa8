"""Every verdict on a window, and which comes first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.patching import Counts, Texture, Windows


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
