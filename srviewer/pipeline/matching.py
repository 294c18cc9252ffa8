"""Which descriptors of two images choose each other, found in slices.

`cv2.BFMatcher` with ``crossCheck`` finds the same, but takes at most 262,143 descriptors of the
second image, cannot be stopped, and looks both ways at all of them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Counted, Progress

Descriptors = NDArray[np.uint8]  # (N, 128)

# A slice to search stays in the core's cache (512 kB): 1.7 times as fast as one of 8 MB. To look
# at one slice for as many queries takes a tenth of a second.
QUERIES, SEARCHED = 4096, 4096


class Mutual(NamedTuple):
    """Descriptors that choose each other.

    Attributes
    ----------
    first, second : ndarray of int, shape (M,)
        Their numbers; those of the first image ascend.
    distance : ndarray of int32, shape (M,)
        L1.
    """

    first: Ints
    second: Ints
    distance: NDArray[np.int32]


def choose_each_other(
    first: Descriptors, second: Descriptors, progress: Progress = UNHEARD
) -> Mutual:
    """Return the pairs whose parts are each the nearest (L1) of the other.

    Of several at the same distance the lowest number is the nearest, as it is for OpenCV.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (N, 128) and (M, 128)
    progress : Progress, optional
        Told of ``matches`` slice by slice, asked before each whether to stop.
    """
    if not len(first) or not len(second):
        return Mutual(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int32))
    # At most so many: of `first` only those that were chosen are asked back.
    most = _slices(second, first) + _slices(second[: len(first)], second)
    told = Counted(progress, "matches", most)
    chosen, distance = _nearest(second, first, progress, told)
    asked = np.unique(chosen)
    back, _ = _nearest(first[asked], second, progress, told)
    mutual = chosen[back] == asked
    found = back[mutual]
    return Mutual(asked[mutual], found, distance[found])


def _nearest(
    queries: Descriptors, searched: Descriptors, progress: Progress, told: Counted
) -> tuple[Ints, NDArray[np.int32]]:
    """Return the number of the nearest of `searched` to each of `queries`, and its distance."""
    number = np.zeros(len(queries), np.int64)
    least = np.full(len(queries), np.iinfo(np.int32).max, np.int32)
    for first in range(0, len(queries), QUERIES):
        part = slice(first, first + QUERIES)
        for start in range(0, len(searched), SEARCHED):
            progress.check()
            distances, numbers = cv2.batchDistance(
                queries[part],
                searched[start : start + SEARCHED],
                cv2.CV_32S,
                normType=cv2.NORM_L1,
                K=1,
            )
            # Of equal ones the earlier stays, which has the lower number.
            nearer = distances[:, 0] < least[part]
            least[part][nearer] = distances[nearer, 0]
            number[part][nearer] = numbers[nearer, 0] + start
            told.add()
    return number, least


def _slices(queries: Descriptors, searched: Descriptors) -> int:
    return -(-len(queries) // QUERIES) * -(-len(searched) // SEARCHED)
