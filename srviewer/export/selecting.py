"""Which of the kept pairs go into a data set, and which images are for validation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from srviewer.export.manifest import Row


def most_keypoints(keypoints: NDArray[Any], most: int | None) -> NDArray[Any]:
    """Return the indices of the `most` highest of `keypoints`, in ascending order.

    Parameters
    ----------
    keypoints : ndarray of int, shape (N,)
    most : int, optional
        All N where it is not given. Of equal ones the first are taken.
    """
    if most is None or most >= len(keypoints):
        return np.arange(len(keypoints))
    best = np.argsort(-keypoints, kind="stable")[:most]
    return np.sort(best)


class Rows(Protocol):
    """The rows of a data set by image."""

    def __iter__(self) -> Iterator[str]: ...

    def __getitem__(self, image: str) -> Sequence[Row]: ...

    def count(self, image: str) -> int:
        """Return how many rows `image` has."""
        ...

    def first(self, image: str) -> Row | None:
        """Return its first row, None where it has none."""
        ...


@dataclass(frozen=True, eq=False)
class Chosen:
    """The rows that go into a data set, in the manifest's order; they are read as they are needed.

    Attributes
    ----------
    rows : Rows
        All that there are.
    counts : mapping of str to int
        How many of each image are chosen, for those with any, by name.
    places : mapping of str to ndarray of int, or None
        Which of an image's rows these are, in the manifest's order; None for all of them.
    """

    rows: Rows
    counts: Mapping[str, int]
    places: Mapping[str, NDArray[np.int64]] | None

    @property
    def total(self) -> int:
        """How many rows are chosen."""
        return sum(self.counts.values())

    def of(self, image: str) -> list[Row]:
        """Return the chosen rows of `image`."""
        rows = _in_order(self.rows[image])
        return rows if self.places is None else [rows[place] for place in self.places[image]]

    def left_out(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield each image of which rows are not chosen, with those rows."""
        for image in self.rows if self.places is not None else ():
            if self.counts.get(image, 0) < self.rows.count(image):
                chosen = set(self.of(image)) if image in self.counts else set()
                yield image, [row for row in self.rows[image] if row not in chosen]


def choose(rows: Rows, most: int | None) -> Chosen:
    """Choose the `most` rows with the most keypoints, of equal ones the first; all without it."""
    images = sorted(image for image in rows if rows.count(image))
    counts = {image: rows.count(image) for image in images}
    if most is None or most >= sum(counts.values()):
        return Chosen(rows, counts, None)
    keypoints = [
        np.array([int(row.keypoints) for row in _in_order(rows[image])], np.int32)
        for image in images
    ]
    best = most_keypoints(np.concatenate(keypoints), most)
    starts = np.cumsum([0, *map(len, keypoints)])
    cuts = np.searchsorted(best, starts)
    places = {
        image: best[first:last] - start
        for image, start, first, last in zip(images, starts, cuts, cuts[1:], strict=False)
        if last > first
    }
    return Chosen(rows, {image: len(mine) for image, mine in places.items()}, places)


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.place)


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
