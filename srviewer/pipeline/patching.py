"""Windows over the clean image, and what is counted and summed up in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Image, Ints, Mask, Points
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.features import Features, SiftSettings, detect
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.threads import run_in_threads

Counts = NDArray[np.int32]
NOT_COUNTED = -1


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


def count_keypoints_alone(
    grey: Image,
    windows: Windows,
    wanted: Mask,
    settings: SiftSettings,
    progress: Progress = UNHEARD,
) -> Counts:
    """Count the SIFT keypoints of each window looked at alone, as the article does.

    Parameters
    ----------
    grey : ndarray of uint8, shape (H, W)
    windows : Windows
    wanted : ndarray of bool, shape (N,)
        Windows to count in; the others get -1.
    settings : SiftSettings
    progress : Progress, optional
        Told of each row of windows, asked before each.
    """
    return count_alone(
        grey,
        windows,
        wanted,
        lambda patches: map(len, settings.create().detect(patches)),
        progress,
    )


def count_alone(
    grey: Image,
    windows: Windows,
    wanted: Mask,
    count: Callable[[Sequence[Image]], Iterable[int]],
    progress: Progress = UNHEARD,
) -> Counts:
    """Count something in each window looked at alone, a row of windows at a time, in threads.

    Parameters
    ----------
    grey, windows, wanted, progress
        As in `count_keypoints_alone`.
    count : callable
        Takes windows, views of `grey` of shape (patch, patch), and returns what it counts in each.
    """
    counts = np.full(len(windows), NOT_COUNTED, np.int32)
    per_row = wanted.reshape(windows.rows, windows.columns).sum(axis=1)
    rows = np.split(np.flatnonzero(wanted), np.cumsum(per_row)[:-1])
    total, done, lock = int(per_row.sum()), [0], Lock()

    def count_row(row: Ints) -> None:
        progress.check()
        counts[row] = list(count([grey[windows.pixels(index)] for index in row]))
        with lock:
            done[0] += len(row)
            progress.report("texture", done[0], total)

    run_in_threads(count_row, [row for row in rows if len(row)])
    return counts


def keypoints_alone(grey: Image, windows: Windows, index: int, settings: SiftSettings) -> Features:
    """Return the keypoints that `count_keypoints_alone` counts in the window `index`.

    Their points are in pixels of the window, whose top left pixel is (0, 0).
    """
    return detect(np.ascontiguousarray(grey[windows.pixels(index)]), settings)


def window_sums(integral: NDArray[Any], windows: Windows, inset: int = 0) -> Floats:
    """Return the sum over each window of the image behind an integral image.

    Parameters
    ----------
    integral : ndarray, shape (H + 1, W + 1)
        As ``cv2.integral`` gives it.
    windows : Windows
    inset : int
        Pixels to leave out at each edge of a window, where the image behind `integral` has lost
        as many at each edge.
    """
    side = windows.patch - 2 * inset
    x0, y0 = windows.x, windows.y
    x1, y1 = x0 + side, y0 + side
    sums: Floats = (
        integral[y1, x1].astype(np.float64) - integral[y0, x1] - integral[y1, x0] + integral[y0, x0]
    )
    return sums
