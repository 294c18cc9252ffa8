"""Which of the kept pairs go into a data set, and which images are for validation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def most_keypoints(keypoints: NDArray[Any], most: int | None) -> NDArray[Any]:
    """Return the indices of the `most` highest of `keypoints`, in ascending order.

    Parameters
    ----------
    keypoints : ndarray of int, shape (N,)
    most : int, optional
        All N where it is not given. Of equal ones the first are taken.
    """
    return np.sort(np.argsort(-keypoints, kind="stable")[:most])


def validation_images(images: Iterable[str], share: float, seed: int) -> frozenset[str]:
    """Return the images whose pairs are for validation: `share` of them, by the seed.

    The seed puts all images in an order of its own and the first are taken, so that one image
    more moves at most one other from one side to the other. With a share above 0, both sides
    get at least one image where there are two.
    """
    names = set(images)
    if not share or len(names) < 2:
        return frozenset()
    count = min(max(int(share * len(names) + 0.5), 1), len(names) - 1)

    def rank(name: str) -> bytes:
        return hashlib.sha256(f"{seed}\n{name}".encode("utf-8", "surrogateescape")).digest()

    return frozenset(sorted(names, key=rank)[:count])
