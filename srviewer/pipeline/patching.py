"""Windows over the clean image, and what is counted and summed up in each."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Ints, Mask, Points
from srviewer.pipeline.cropping import Box

Counts = NDArray[np.int32]

_EXACT_SIDE = 148  # px: 148^2 squared errors of three channels are less than 2^32
_EXACT_ROWS = 16_384  # so are those of a column of so many


@dataclass(frozen=True, eq=False)
class Windows:
    """All windows of an image, row by row from the top left.

    Attributes
    ----------
    x, y : ndarray of int, shape (N,)
        Top left HR pixel.
    rows, columns : int
        N is rows x columns.
    patch, stride : int
        HR pixels.
    """

    x: Ints
    y: Ints
    rows: int
    columns: int
    patch: int
    stride: int

    def __len__(self) -> int:
        return len(self.x)

    def pixels(self, index: int) -> tuple[slice, slice]:
        """Return the rows and columns of HR that the window `index` covers."""
        x, y = int(self.x[index]), int(self.y[index])
        return slice(y, y + self.patch), slice(x, x + self.patch)

    def inside(self, box: Box | None) -> Mask:
        """Return which windows lie wholly inside `box`, shape (N,); none without a box."""
        if box is None:
            return np.zeros(len(self), bool)
        return (
            (self.x >= box.x0)
            & (self.y >= box.y0)
            & (self.x + self.patch <= box.x1)
            & (self.y + self.patch <= box.y1)
        )


def grid(size: tuple[int, int], *, patch: int, stride: int) -> tuple[int, int]:
    """Return how many columns and rows of windows an image of (width, height) `size` has."""
    columns, rows = (max((side - patch) // stride + 1, 0) for side in size)
    return columns, rows


def lay_windows(size: tuple[int, int], *, patch: int, stride: int) -> Windows:
    """Lay windows at whole multiples of `stride` over an image of (width, height) `size`."""
    columns, rows = grid(size, patch=patch, stride=stride)
    xs, ys = np.arange(columns) * stride, np.arange(rows) * stride
    return Windows(np.tile(xs, rows), np.repeat(ys, columns), rows, columns, patch, stride)


def count_points(windows: Windows, points: Points) -> Counts:
    """Count, for each window, the `points`, shape (M, 2), whose nearest pixel falls in it."""
    pixel = np.floor(points.astype(np.float64) + 0.5).astype(np.int64)
    patch, stride = windows.patch, windows.stride
    first = np.maximum(-((patch - 1 - pixel) // stride), 0)
    past = np.minimum(pixel // stride + 1, (windows.columns, windows.rows))
    some = np.all((pixel >= 0) & (first < past), axis=1)
    (x0, y0), (x1, y1) = first[some].T, past[some].T
    # Each point adds one to a rectangle of windows: mark its corners, then sum up.
    steps = np.zeros((windows.rows + 1, windows.columns + 1), np.int32)
    np.add.at(steps, (y0, x0), 1)
    np.add.at(steps, (y0, x1), -1)
    np.add.at(steps, (y1, x0), -1)
    np.add.at(steps, (y1, x1), 1)
    counts: Counts = steps.cumsum(axis=0).cumsum(axis=1)[:-1, :-1].ravel().astype(np.int32)
    return counts


def points_in(box: Box, points: Points) -> int:
    """Count the `points`, shape (M, 2), whose nearest pixel falls in `box`."""
    pixel = np.floor(points.astype(np.float64) + 0.5)
    return int(np.all((pixel >= box[:2]) & (pixel < box[2:]), axis=1).sum())


def box_sum(integral: NDArray[Any], box: Box) -> float:
    """Return the sum over `box` of the image behind an integral image, as `window_sums` has it."""
    total = 0.0
    for top in range(box.y0, box.y1, _EXACT_ROWS):
        rows = integral[[top, min(top + _EXACT_ROWS, box.y1)], box.x0 : box.x1 + 1]
        total += float(np.diff(rows[1] - rows[0]).sum(dtype=np.float64))
    return total


def window_sums(integral: NDArray[Any], windows: Windows, inset: int = 0) -> Floats:
    """Return the sum over each window of the image behind an integral image.

    Parameters
    ----------
    integral : ndarray, shape (H + 1, W + 1)
        As ``cv2.integral`` gives it, or of uint32 that wraps, of an image of whole numbers up to
        3 x 255^2.
    windows : Windows
    inset : int
        Pixels to leave out at each edge of a window, where the image behind `integral` has lost
        as many at each edge.
    """
    x, y, side = windows.x, windows.y, windows.patch - 2 * inset
    # The differences of sums that have wrapped are right while they are below 2^32 themselves.
    largest = _EXACT_SIDE if integral.dtype == np.uint32 else side
    cuts = [*range(0, side, largest), side]
    total = np.zeros(len(windows))
    for top, bottom in pairwise(cuts):
        for left, right in pairwise(cuts):
            x0, y0, x1, y1 = x + left, y + top, x + right, y + bottom
            total += integral[y1, x1] - integral[y0, x1] - integral[y1, x0] + integral[y0, x0]
    return total
