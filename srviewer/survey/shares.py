"""How evenly the pairs of a set come from its images, and what would even them out."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import Floats, Ints

UNEVEN = 2
"""An image carries the set above so many times an equal share of the pairs; it is told of where
they are spread no better than over one in so many of the images with pairs."""


@dataclass(frozen=True)
class Uneven:
    """A set whose pairs come from a few of its images.

    Attributes
    ----------
    images : tuple of int
        Those that give more than twice an equal share, most pairs first.
    share : float
        Of all pairs, what these give together.
    most : int
        The largest number of pairs an image under which none gives more than that.
    pairs : int
        Those that are left then.
    """

    images: tuple[int, ...]
    share: float
    most: int
    pairs: int


def shares_of(kept: Ints) -> Floats:
    """Return the share of all pairs that each image gives, shape (n,); 0 without any pair."""
    total = int(kept.sum())
    shares: Floats = kept / total if total else np.zeros(len(kept))
    return shares


def unevenness(kept: Ints) -> Uneven | None:
    """Return by which images a set is carried, None where its pairs are spread well enough.

    With the shares s of the n images with pairs, 1 / sum(s^2) is how many equal images would be
    spread alike (the inverse Simpson index). It is told of where that is less than half of n.
    Then some image gives more than 2 / n, and with a limit under which none does it is at least
    half of n, as sum(s^2) <= max(s).

    Parameters
    ----------
    kept : ndarray of int64, shape (n,)
        Pairs of each image.
    """
    count, total = int((kept > 0).sum()), int(kept.sum())
    squares = sum(pairs * pairs for pairs in kept.tolist())
    if UNEVEN * total * total >= count * squares:
        return None
    low, high = 1, int(kept.max())  # one that is even enough, and one that is not
    while high - low > 1:
        middle = (low + high) // 2
        even = count * middle <= UNEVEN * int(np.minimum(kept, middle).sum())
        low, high = (middle, high) if even else (low, middle)
    most_first = np.argsort(-kept, kind="stable")
    carrying = most_first[count * kept[most_first] > UNEVEN * total]
    return Uneven(
        tuple(carrying.tolist()),
        float(kept[carrying].sum() / total),
        low,
        int(np.minimum(kept, low).sum()),
    )
