"""How far an axis has to reach: long tails are left out of it, so that the rest is seen."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.number]

_NEARLY_ALL, _MOST = 0.995, 0.95
_LONG = 1.25  # a tail is long that takes a fifth of the axis
_ROOM = 3.0  # most of the values have a third of the axis


def reach_of(distances: Numbers, counts: Numbers | None = None) -> float:
    """Return how far from 0 an axis reaches that shows `distances`.

    To the largest; to the 99.5th percentile where what is beyond would take a fifth of the axis;
    and never further than three times the 95th percentile, where that is not 0.

    Parameters
    ----------
    distances : ndarray, shape (N,)
        Ascending, from 0; not empty.
    counts : ndarray of int, shape (N,), optional
        How many there are of each; by default one.
    """
    up_to = np.cumsum(counts) if counts is not None else np.arange(1, len(distances) + 1)

    def percentile(share: float) -> float:
        # The lower of two neighbours: a single one far out is not to count in part.
        rank = int(share * (int(up_to[-1]) - 1))
        return float(distances[np.searchsorted(up_to, rank, side="right")])

    top, nearly_all, most = float(distances[-1]), percentile(_NEARLY_ALL), percentile(_MOST)
    reach = nearly_all if top > _LONG * nearly_all else top
    return min(reach, _ROOM * most) if most > 0 else reach


def span_of(values: Numbers, counts: Numbers | None = None) -> tuple[float, float]:
    """Return from where to where an axis reaches that shows `values`, ascending and not empty.

    `reach_of` on both sides of their median.
    """
    up_to = np.cumsum(counts) if counts is not None else np.arange(1, len(values) + 1)
    middle = float(values[np.searchsorted(up_to, int(up_to[-1]) // 2, side="right")])
    above = reach_of(np.clip(values - middle, 0, None), counts)
    below = reach_of(
        np.clip(middle - values, 0, None)[::-1], None if counts is None else counts[::-1]
    )
    return middle - below, middle + above
