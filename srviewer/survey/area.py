"""How much of an image its kept windows cover together."""

from __future__ import annotations

import numpy as np

from srviewer.pipeline.arrays import Ints, Mask


def covered_pixels(kept: Mask, *, patch: int, stride: int) -> int:
    """Return how many pixels the kept windows cover, each pixel counted once.

    Parameters
    ----------
    kept : ndarray of bool, shape (rows, columns)
        Windows of a grid whose first one lies at the origin.
    patch, stride : int
        Their side and their distance, in pixels.
    """
    if not kept.any():
        return 0
    # The windows' sides cut the image into cells that are covered wholly or not at all.
    (y, y0, y1), (x, x0, x1) = (_cuts(count, patch, stride) for count in kept.shape)
    steps = np.zeros((len(y), len(x)), np.int32)
    for sign, rows, columns in ((1, y0, x0), (-1, y0, x1), (-1, y1, x0), (1, y1, x1)):
        steps[np.ix_(rows, columns)] += sign * kept
    covered = steps.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    return int(np.diff(y) @ covered @ np.diff(x))


def _cuts(count: int, patch: int, stride: int) -> tuple[Ints, Ints, Ints]:
    """Return where the sides of a row of windows lie, and the places of each window's two."""
    starts = np.arange(count, dtype=np.int64) * stride
    cuts = np.union1d(starts, starts + patch)
    return cuts, np.searchsorted(cuts, starts), np.searchsorted(cuts, starts + patch)
