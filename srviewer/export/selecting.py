"""Which of the kept pairs go into a data set, and which images are for validation."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.export.options import Options
from srviewer.export.run_file import WITH_PAIRS, RunFile


def most_keypoints(keypoints: NDArray[Any], most: int | None) -> NDArray[Any]:
    """Return the indices of the `most` highest of `keypoints`, in ascending order.

    Parameters
    ----------
    keypoints : ndarray of int, shape (N,)
    most : int, optional
        All N where it is not given. Of equal ones the first are taken.
    """
    return np.sort(np.argsort(-keypoints, kind="stable")[:most])


def validation_images(
    images: Iterable[str], share: float, seed: int, contents: Mapping[str, str] | None = None
) -> frozenset[str]:
    """Return the images whose pairs are for validation: `share` of them, by the seed.

    The seed puts all images in an order of its own and the first are taken, so that one image
    more moves at most one other from one side to the other. With a share above 0, both sides
    get at least one image where there are two. Images with equal `contents`, by name, are on one
    side together; those that would be too many are passed over.
    """
    names = set(images)
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        copies[contents[name] if contents else name].append(name)
    if not share or len(copies) < 2:
        return frozenset()
    count = min(max(int(share * len(names) + 0.5), 1), len(names) - 1)

    def rank(name: str) -> bytes:
        return hashlib.sha256(f"{seed}\n{name}".encode("utf-8", "surrogateescape")).digest()

    chosen: set[str] = set()
    for group in sorted(copies.values(), key=lambda group: rank(group[0])):
        if len(chosen) + len(group) <= count:
            chosen.update(group)
    fewest: list[str] = min(copies.values(), key=len)
    return frozenset(chosen or fewest)


def missing_split(run_file: RunFile, options: Options) -> str:
    """Return in words that no pairs are for validation although a share is; empty otherwise."""
    if not options.validation_share or validation_in(run_file, options):
        return ""
    cause = "as all pairs are of one image, or of images with equal content"
    return f"no pairs are held back for validation, {cause}: give more images"


def validation_in(run_file: RunFile, options: Options) -> frozenset[str]:
    """Return the images of a run file whose pairs are for validation."""
    contents = {known.name: known.content for known in run_file.images(WITH_PAIRS)}
    return validation_images(contents, options.validation_share, options.seed, contents)
