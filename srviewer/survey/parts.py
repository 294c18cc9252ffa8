"""What the verdicts on a set's windows are made of."""

from collections.abc import Mapping
from typing import NamedTuple

from srviewer.pipeline.arrays import Ints, Mask
from srviewer.survey.record import Counts


class Parts(NamedTuple):
    """What the verdicts on a set's windows are made of.

    Attributes
    ----------
    spans : ndarray of int64, shape (n, 4)
        The candidates, as in `Geometry`.
    levels : list of ndarray, shape (N,) each
        What the threshold of the texture is held against, in whole numbers.
    passing : tuple of ndarray of bool or None
        Windows of each image that have the matches that are needed; None for all.
    excluded : mapping of int to ndarray of bool
        Those that a person excluded, by the number of the image.
    """

    spans: Ints
    levels: list[Counts]
    passing: tuple[Mask | None, ...]
    excluded: Mapping[int, Mask]
