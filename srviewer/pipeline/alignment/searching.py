"""The shift at which two pictures are most alike, where no matches tell it."""

import numpy as np

from srviewer.pipeline.alignment.kernels import Reductions, levels, terms_of
from srviewer.pipeline.alignment.models import Frame, applied
from srviewer.pipeline.alignment.registration import solve
from srviewer.pipeline.arrays import FloatImage, Floats, Ints
from srviewer.pipeline.opencv import cv2

_EQUAL = 0.02  # difference of correlations
_REACH = 16  # LR px that are searched
_AROUND, _STEP = 1.0, 0.25  # LR px around a whole one that are tried, and how close
_PIXELS = 4_000  # that are compared at each
_FEWEST = 100  # pixels
_LESS = 0.9  # of what the start leaves


def searched(small: FloatImage, lr: FloatImage, frame: Frame) -> Floats:
    """Return the shift, in whole LR px, at which `lr` is most like `small`, HR of its size.

    Of equally good ones, as a pattern that repeats has them, the nearest is taken.
    """
    nearest, _ = correlated(small, lr)
    return frame.changed(frame.nominal, "shift", nearest / frame.unit)


def at_best_phase(reduced: Reductions, lr: FloatImage, frame: Frame, warp: Floats) -> Floats:
    """Return the shift around `warp` that leaves least of LR: the start, but for a clear gain.

    An LR that was not antialiased is like HR within a pixel of HR only: from further away least
    squares end elsewhere, and are sure of it.
    """
    height, width = lr.shape
    skip = max(1, int(np.sqrt(width * height / _PIXELS)))
    ys, xs = (axis.ravel() for axis in np.mgrid[0:height:skip, 0:width:skip])
    places, values = np.column_stack([xs, ys]).astype(np.float64), lr[ys, xs].astype(np.float64)
    low, high = 0, np.array(reduced.size) - 1
    along = np.arange(-_AROUND, _AROUND + _STEP / 2, _STEP)
    tried = [frame.changed(warp, "shift", np.array([x, y]) / frame.unit)
             for x in along for y in along]  # fmt: skip
    # The same pixels for all: those that have a place in HR under each.
    inside = np.logical_and.reduce(
        [((at >= low) & (at <= high)).all(axis=1) for at in (applied(one, places) for one in tried)]
    )
    if inside.sum() < _FEWEST:
        return warp
    places, values, ones = places[inside], values[inside], np.ones(int(inside.sum()))

    def left(one: Floats) -> float:
        terms = terms_of(levels(reduced.at(applied(one, places))))
        return float(np.var(values - terms @ solve(terms, values, ones)))

    every = [left(one) for one in tried]
    best = int(np.argmin(every))
    return tried[best] if every[best] < _LESS * left(warp) else warp


def correlated(small: FloatImage, lr: FloatImage) -> tuple[Ints, float]:
    """Return the shift (x, y) at which they are most alike, in LR px, and the correlation there."""
    reach = min(_REACH, min(lr.shape) // 4)
    inner = lr[reach : lr.shape[0] - reach, reach : lr.shape[1] - reach]
    alike = np.abs(cv2.matchTemplate(small, inner, cv2.TM_CCOEFF_NORMED))
    lags = np.argwhere(alike >= alike.max() - _EQUAL)[:, ::-1] - reach
    return lags[np.argmin(np.hypot(*lags.T))], float(alike.max())
