"""Displacements as their scatter shows them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.displacement import Centre, MatchClass


@dataclass(frozen=True, eq=False)
class Scattered:
    """What is drawn.

    Attributes
    ----------
    points : ndarray, shape (M, 2)
        dx and dy in LR px.
    classes : ndarray of uint8, shape (M,)
    shown : frozenset of MatchClass
    tolerance : float
        Of the rule ``position``, in LR px.
    centre : Centre or None
    """

    points: Floats
    classes: NDArray[np.uint8]
    shown: frozenset[MatchClass]
    tolerance: float
    centre: Centre | None

    @property
    def index(self) -> Ints:
        """The matches that are shown."""
        found: Ints = np.flatnonzero(np.isin(self.classes, [int(one) for one in self.shown]))
        return found
