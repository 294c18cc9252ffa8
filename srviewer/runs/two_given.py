"""Whether two files or two folders that a person hands over together are HR and LR."""

from __future__ import annotations

import os
from pathlib import Path

from srviewer.errors import Cancelled, SrviewerError
from srviewer.pipeline.given_pairs import fits, nearest_scale
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import read_image
from srviewer.runs.pairing import Pairing, have_one_name, pair_folders
from srviewer.runs.rooted import Rooted

Size = tuple[int, int]


def as_pairs(one: Path, other: Path, progress: Progress = UNHEARD) -> Pairing | None:
    """Return the pairs that `one` and `other` are, the smaller being LR; None where they are none.

    Two files are a pair where their sizes are those of one, or else their names. Two folders are
    where images of both have one name, and the first of these are a pair by their sizes.

    Raises
    ------
    Cancelled
    """
    if os.path.isdir(one) and os.path.isdir(other):
        for high, low in ((one, other), (other, one)):
            pairing = pair_folders(high, low, progress=progress)
            if _first_is_larger(pairing, progress):
                return pairing
        return None
    mine, yours = _size(one, progress), _size(other, progress)
    if mine is None or yours is None:
        return None
    high, low = (one, other) if mine > yours else (other, one)
    large, small = max(mine, yours), min(mine, yours)
    has_sizes = fits(large, small, nearest_scale(large, small))
    is_pair = _is_larger(large, small) and (has_sizes or have_one_name(high, low))
    return Pairing((Rooted(high, None, low),)) if is_pair else None


def _first_is_larger(pairing: Pairing, progress: Progress) -> bool:
    """Tell whether HR is larger in the first pair that can be read."""
    for pair in pairing.pairs:
        high, low = _size(pair.path, progress), _size(pair.lr or pair.path, progress)
        if high is not None and low is not None:
            return _is_larger(high, low)
    return False


def _size(path: Path, progress: Progress) -> Size | None:
    """Return the size of an image, None where it cannot be read."""
    try:
        return read_image(path, progress=progress).size
    except Cancelled:
        raise
    except SrviewerError:
        return None


def _is_larger(high: Size, low: Size) -> bool:
    """Tell whether one is so much larger that the other may be its LR."""
    return all(large >= 1.5 * small for large, small in zip(high, low, strict=True))
