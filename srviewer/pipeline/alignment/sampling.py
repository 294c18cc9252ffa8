"""Values of images between their pixels, exactly where they are asked for."""

import numpy as np

from srviewer.pipeline.arrays import FloatImage, Floats
from srviewer.pipeline.opencv import cv2

REACH = 2
"""Pixels around a place that have a part in its value."""
_ROW = 4096  # points; OpenCV has no rows beyond 32,767


def sample(stack: FloatImage, points: Floats) -> Floats:
    """Return the values of `stack` at `points` by cubic convolution.

    OpenCV's (a = -0.75) finds a ramp up to 0.048 px beside its place. The fraction t of a place is
    moved so that ramps are exact: t' with t'^3 - 1.5 t'^2 + 1.5 t' = t, which is solved in closed
    form.

    Parameters
    ----------
    stack : ndarray of float32, shape (H, W, K)
        Up to four images of one size.
    points : ndarray, shape (N, 2)
        x and y.

    Returns
    -------
    ndarray of float64, shape (N, K)
    """
    count, layers = len(points), stack.shape[2]
    whole = np.floor(points)
    moved = whole + 0.5 + np.sinh(np.arcsinh(4 * (points - whole) - 2) / 3)
    padded = np.zeros((-(-count // _ROW) * _ROW, 2), np.float32)
    padded[:count] = moved
    x, y = (np.ascontiguousarray(axis.reshape(-1, min(_ROW, len(padded)))) for axis in padded.T)
    values = cv2.remap(stack, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    result: Floats = values.reshape(-1, layers)[:count].astype(np.float64)
    return result
