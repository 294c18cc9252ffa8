"""The bands in which the windows of a large pair are looked at, which bounds memory."""

from collections.abc import Callable
from functools import partial

import numpy as np

from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.kernels import WHOLE_UP_TO, Reductions, float_grey
from srviewer.pipeline.alignment.models import applied
from srviewer.pipeline.alignment.registration import modelled
from srviewer.pipeline.arrays import FloatImage, Floats, Image, Mask
from srviewer.pipeline.progress import Progress

_BAND = 12_000_000  # px of HR that are looked at at once where it is not looked at as a whole
_BEYOND, _SMEARED = 3, 5  # LR px that gradients and places between pixels, and kernels, reach

Modelled = Callable[[Floats], FloatImage]


def bands(hr: Image, lr: Image, centres: Floats, around: int) -> list[tuple[Mask, slice]]:
    """Return which windows are looked at together, and the rows of LR that they need.

    Parameters
    ----------
    hr, lr : ndarray of uint8, shape (H, W, 3)
    centres : ndarray, shape (N, 2)
        Of the windows, in LR px.
    around : int
        LR px around a centre that are looked at.
    """
    height, pixels = len(lr), hr[..., 0].size
    count = 1 if pixels <= WHOLE_UP_TO else min(height, -(-pixels // _BAND))
    beyond = around + _BEYOND
    number = np.clip(np.floor(centres[:, 1] * count / height), 0, count - 1)
    found = []
    for band in range(count):
        first, past = (height * (band + more) // count for more in (0, 1))
        chosen: Mask = number == band
        if chosen.any():
            found.append((chosen, slice(max(0, first - beyond), min(height, past + beyond))))
    return found


def in_band(
    a: Alignment, hr: Image, lr: Image, top: int, reach: int, progress: Progress
) -> tuple[FloatImage, Modelled]:
    """Return a band of LR in grey, and what makes of HR what it would be, moved as it is told.

    Parameters
    ----------
    a : Alignment
        One with a warp.
    hr : ndarray of uint8, shape (H, W, 3)
    lr : ndarray of uint8, shape (rows, W, 3)
        The rows of the band.
    top : int
        The first of them.
    reach : int
        By how many LR px it is moved at most.
    progress : Progress
    """
    assert a.warp is not None
    assert a.factors is not None
    height, width = lr.shape[:2]
    ratio = a.sizes.frame.mean_ratio
    warp = a.warp @ _moved_down(top)
    corners = np.array([(x, y) for x in (0, width - 1) for y in (0, height - 1)], float)
    places = applied(warp, corners)[:, 1]
    beyond = (reach + _BEYOND + _SMEARED) * ratio
    first = int(np.clip(places.min() - beyond, 0, len(hr) - 1))
    rows = hr[first : max(first + 1, int(places.max() + beyond))]
    reduced = Reductions(rows, ratio, progress)
    there = _moved_down(-first) @ warp
    return float_grey(lr), partial(modelled, reduced, there, a.factors, (width, height))


def _moved_down(rows: int) -> Floats:
    return np.array([[1, 0, 0], [0, 1, rows], [0, 0, 1.0]])
