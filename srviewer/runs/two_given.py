"""Whether two files or two folders that a person hands over together are HR and LR."""

import os
from collections.abc import Callable
from pathlib import Path

from srviewer.errors import Cancelled, SrviewerError
from srviewer.pipeline.arrays import Size
from srviewer.pipeline.given_pairs import fits, nearest_scale
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.runs.copies import likeness, look_alike
from srviewer.runs.pairing import Pairing, have_one_name, pair_images
from srviewer.runs.rooted import Rooted


def as_pairs(
    one: Path,
    other: Path,
    progress: Progress = UNHEARD,
    on_doubt: Callable[[], None] = lambda: None,
) -> Pairing | None:
    """Return the pairs that `one` and `other` are, the smaller being LR; None where they are none.

    Two files are a pair where one is larger and they have one name, or sizes that fit and the same
    picture. Two folders are where images of both have one name, and the first of these are a pair
    by their sizes. `on_doubt` is called of two files whose sizes fit and nothing else does: they
    may be a pair for all that.

    Raises
    ------
    Cancelled
    """
    if os.path.isdir(one) and os.path.isdir(other):
        for high, low in ((one, other), (other, one)):
            pairing = pair_images([high], low, progress=progress)
            if _first_is_larger(pairing, progress):
                return pairing
        return None
    mine, yours = _read(one, progress), _read(other, progress)
    if mine is None or yours is None:
        return None
    large, small = (mine, yours) if mine.size > yours.size else (yours, mine)
    if not _is_larger(large.size, small.size):
        return None
    may_be = fits(large.size, small.size, nearest_scale(large.size, small.size))
    alike = may_be and look_alike(likeness(large.rgb), likeness(small.rgb))
    if alike or have_one_name(large.path, small.path):
        return Pairing((Rooted(large.path, None, small.path),))
    if may_be:
        on_doubt()
    return None


def _first_is_larger(pairing: Pairing, progress: Progress) -> bool:
    """Tell whether HR is larger in the first pair that can be read."""
    for pair in pairing.pairs:
        high, low = _read(pair.path, progress), _read(pair.lr or pair.path, progress)
        if high is not None and low is not None:
            return _is_larger(high.size, low.size)
    return False


def _read(path: Path, progress: Progress) -> SourceImage | None:
    """Return an image, None where it cannot be read."""
    try:
        return read_image(path, progress=progress)
    except Cancelled:
        raise
    except SrviewerError:
        return None


def _is_larger(high: Size, low: Size) -> bool:
    """Tell whether one is so much larger that the other may be its LR."""
    return all(large >= 1.5 * small for large, small in zip(high, low, strict=True))
