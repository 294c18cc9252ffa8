"""The shift at which two pictures are most alike, where no matches tell it."""

import numpy as np

from srviewer.pipeline.alignment.models import Frame
from srviewer.pipeline.arrays import FloatImage, Floats, Ints
from srviewer.pipeline.opencv import cv2

_EQUAL = 0.02  # difference of correlations
_REACH = 16  # LR px that are searched


def searched(small: FloatImage, lr: FloatImage, frame: Frame) -> Floats:
    """Return the shift, in whole LR px, at which `lr` is most like `small`, HR of its size.

    Of equally good ones, as a pattern that repeats has them, the nearest is taken.
    """
    nearest, _ = correlated(small, lr)
    return frame.changed(frame.nominal, "shift", nearest / frame.unit)


def correlated(small: FloatImage, lr: FloatImage) -> tuple[Ints, float]:
    """Return the shift (x, y) at which they are most alike, in LR px, and the correlation there."""
    reach = min(_REACH, min(lr.shape) // 4)
    inner = lr[reach : lr.shape[0] - reach, reach : lr.shape[1] - reach]
    alike = np.abs(cv2.matchTemplate(small, inner, cv2.TM_CCOEFF_NORMED))
    lags = np.argwhere(alike >= alike.max() - _EQUAL)[:, ::-1] - reach
    return lags[np.argmin(np.hypot(*lags.T))], float(alike.max())
