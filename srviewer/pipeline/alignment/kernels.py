"""HR under the symmetric kernels that an LR is taken to be a sum of."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment.sampling import REACH, sample
from srviewer.pipeline.arrays import AnyImage, FloatImage, Floats, Ints
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress

WHOLE_UP_TO = 25_000_000
"""Pixels of an HR that is looked at as a whole; of a larger one only parts are blurred at once."""
WIDTHS = (0.0, 0.3, 0.5, 0.85)
"""Standard deviations of the kernels, in LR px; 0 is HR as it is, which decimation takes."""
SMOOTH = 2
"""Which of them stands for LR in powers."""
_WHOLE = 0.15  # HR px, half of them at most, that places of whole pixels are off
_LESS = 0.75  # of what blurred HR leaves of LR
_SIGMAS = 4.5  # of them OpenCV's kernels reach at most
_ROWS = 256  # of a larger HR that are blurred at once
_STRIP = 1_000_000  # px that are made grey at once


@dataclass(frozen=True, eq=False)
class Reductions:
    """HR in grey under each of the kernels, kept only where HR has no more px than `WHOLE_UP_TO`.

    Attributes
    ----------
    hr : ndarray, shape (H, W, 3) or (H, W)
        Colours, or one channel.
    ratio : float
        HR px an LR px.
    progress : Progress
        Asked at each look whether to stop.
    """

    hr: AnyImage
    ratio: float
    progress: Progress = UNHEARD

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of HR."""
        return self.hr.shape[1], self.hr.shape[0]

    def at(self, points: Floats) -> Floats:
        """Return the grey levels at `points` (x, y), shape (N, 2), by kernel, shape (N, K)."""
        self.progress.check()
        if self._is_kept:
            return sample(self._stack, points)
        last = self.hr.shape[0] - 1
        # As beyond the border of the whole: its first and last rows are those of a band, too.
        rows = np.clip(last - np.abs(last - np.abs(points[:, 1])), 0, last)
        result = np.empty((len(points), len(WIDTHS)))
        for chosen in _bands(rows, 2 * self._margin):
            self.progress.check()
            top = max(0, int(rows[chosen].min()) - REACH)
            bottom = int(rows[chosen].max()) + 1 + REACH
            inside = np.column_stack([points[chosen, 0], rows[chosen] - top])
            result[chosen] = sample(self._blurred(top, bottom), inside)
        return result

    @property
    def _is_kept(self) -> bool:
        return bool(self.hr.shape[0] * self.hr.shape[1] <= WHOLE_UP_TO)

    @cached_property
    def _stack(self) -> FloatImage:
        return self._blurred(0, self.hr.shape[0])

    @property
    def _margin(self) -> int:
        """How many rows beyond those that are wanted the widest kernel needs."""
        return int(np.ceil(_SIGMAS * max(WIDTHS) * self.ratio)) + 1

    def _blurred(self, top: int, bottom: int) -> FloatImage:
        """Return rows of HR under each kernel, shape (rows, W, K)."""
        first = max(0, top - self._margin)
        rows = float_grey(self.hr[first : bottom + self._margin])
        wanted = slice(top - first, bottom - first)
        layers = []
        for width in WIDTHS:
            self.progress.check()
            sigma, border = width * self.ratio, cv2.BORDER_REFLECT
            layer = cv2.GaussianBlur(rows, (0, 0), sigma, borderType=border) if width else rows
            layers.append(layer[wanted])
        return np.dstack(layers)


def _bands(rows: Floats, gap: int) -> list[Ints]:
    """Return the numbers of `rows` by bands of them, with no `gap` of unwanted ones in any."""
    order = np.argsort(rows, kind="stable")
    sorted_rows = rows[order]
    ends = [*(np.flatnonzero(np.diff(sorted_rows) > gap) + 1).tolist(), len(rows)]
    found, start = [], 0
    for end in ends:
        while start < end:
            past = int(np.searchsorted(sorted_rows[start:end], sorted_rows[start] + _ROWS)) + start
            found.append(order[start:past])
            start = past
    return found


def float_grey(image: AnyImage) -> FloatImage:
    """Return the grey levels of RGB, or of what is grey already, unrounded."""
    if image.ndim == 2:
        return image.astype(np.float32)
    result = np.empty(image.shape[:2], np.float32)
    step = max(1, _STRIP // image.shape[1])
    for top in range(0, len(image), step):
        rows = slice(top, top + step)
        cv2.cvtColor(image[rows].astype(np.float32), cv2.COLOR_RGB2GRAY, dst=result[rows])
    return result


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
    whole = np.round(places)
    if np.median(np.abs(places - whole)) > _WHOLE:
        return False
    width, height = reduced.size
    layers = reduced.at(np.clip(whole, 0, (width - 1, height - 1)))
    one, *blurred = (1 - np.corrcoef(values, layer)[0, 1] ** 2 for layer in layers.T)
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
