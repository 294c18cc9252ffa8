"""HR under the symmetric kernels that an LR is taken to be a sum of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import FloatImage, Floats
from srviewer.pipeline.opencv import cv2

WIDTHS = (0.0, 0.3, 0.5, 0.85)
"""Standard deviations of the kernels, in LR px; 0 is HR as it is, which decimation takes."""
SMOOTH = 2
"""Which of them stands for LR in powers."""
_WHOLE = 0.15  # HR px, half of them at most, that places of whole pixels are off
_LESS = 0.75  # of what blurred HR leaves of LR


@dataclass(frozen=True, eq=False)
class Reductions:
    """HR in grey under each of the kernels.

    Attributes
    ----------
    stack : ndarray of float32, shape (H, W, K)
    ratio : float
        HR px an LR px.
    """

    stack: FloatImage
    ratio: float


def reductions(hr: FloatImage, ratio: float) -> Reductions:
    """Blur `hr`, grey of shape (H, W), by the kernels at `ratio` HR px an LR px."""
    layers = [
        cv2.GaussianBlur(hr, (0, 0), width * ratio, borderType=cv2.BORDER_REFLECT) if width else hr
        for width in WIDTHS
    ]
    return Reductions(np.dstack(layers), ratio)


def is_sampled(reduced: Reductions, places: Floats, values: NDArray[Any]) -> bool:
    """Tell whether `values` of LR are single pixels of HR, as nearest neighbour takes them.

    They lie at whole pixels then, and leave clearly less than any blurred HR does.

    Parameters
    ----------
    reduced : Reductions
        HR under each kernel.
    places : ndarray, shape (N, 2)
        Of the pixels of LR, in HR px.
    values : ndarray, shape (N,)
    """
    height, width = reduced.stack.shape[:2]
    whole = np.round(places).astype(int)
    if np.median(np.abs(places - whole)) > _WHOLE:
        return False
    x, y = np.clip(whole, 0, (width - 1, height - 1)).T
    one, *blurred = (1 - np.corrcoef(values, layer)[0, 1] ** 2 for layer in reduced.stack[y, x].T)
    return bool(one < _LESS * min(blurred))


def terms_of(layers: Floats) -> Floats:
    """Return what LR is a sum of, shape (N, F): a constant, the kernels, and powers of one."""
    smooth = layers[:, SMOOTH]
    square = smooth * smooth
    return np.column_stack([np.ones(len(layers)), layers, square, square * smooth])


def levels(layers: Floats) -> Floats:
    """Return grey levels 0..255 as -1..1, so that their powers are of one size."""
    result: Floats = layers / 127.5 - 1
    return result
