"""Where matches lie against where they should, and what both consistency rules make of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline import consistency
from srviewer.pipeline.arrays import Floats, Mask
from srviewer.pipeline.features import Matches
from srviewer.pipeline.recipe import Recipe

CLASSES = ("kept and right", "kept but displaced", "rejected", "rejected though right")
"""The four classes of matches, by their numbers."""
RULES = ("radial", "position")


@dataclass(frozen=True, eq=False)
class Displacement:
    """The displacement of every match, and its class under each rule.

    Attributes
    ----------
    displacement : ndarray, shape (M, 2)
        How far the LR keypoint is to the right of, and below, where HR's must be found, in LR px.
    centre : ndarray, shape (2,)
        Its robust centre over the matches near most others; nan without any match.
    right : ndarray of bool, shape (M,)
        Within `position_tolerance` of where it must be.
    classes : dict of str to ndarray of int, shape (M,)
        For each of `RULES`, which of `CLASSES` a match is of.
    """

    displacement: Floats
    centre: Floats
    right: Mask
    classes: dict[str, NDArray[np.intp]]

    def counts(self, rule: str) -> dict[str, int]:
        """Return how many matches are of each class under `rule`."""
        found = np.bincount(self.classes[rule], minlength=len(CLASSES))
        return dict(zip(CLASSES, found.tolist(), strict=True))


def displacement_of(matches: Matches, recipe: Recipe) -> Displacement:
    """Return the displacement of `matches` under the scale and the tolerances of `recipe`."""
    ratio, displacement = consistency.measure(matches, recipe.scale)
    right = consistency.within_tolerance(displacement, recipe.position_tolerance)
    kept = {"radial": consistency.within_margin(ratio, recipe.error_margin), "position": right}
    classes = {rule: _class(kept[rule], right) for rule in RULES}
    return Displacement(displacement, _centre(displacement), right, classes)


def _class(kept: Mask, right: Mask) -> NDArray[np.intp]:
    return np.where(kept, np.where(right, 0, 1), np.where(right, 3, 2))


_NEAR = 2.0  # LR px


def _centre(displacement: Floats) -> Floats:
    """Return the median of the displacements around the cell of 1 LR px that has most."""
    if not len(displacement):
        return np.full(2, np.nan)
    cells, counts = np.unique(np.round(displacement), axis=0, return_counts=True)
    near = np.hypot(*(displacement - cells[np.argmax(counts)]).T) <= _NEAR
    result: Floats = np.median(displacement[near], axis=0)
    return result
