"""Images that are copies of each other: with equal content, or likely of one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import ReadError, cut
from srviewer.pipeline.arrays import Image, Ints
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.inputs import Input
from srviewer.runs.marks import mark_file

MOST_BITS = 16  # of 255 in which likely copies differ: re-encoded ones up to 12, strangers from 98
_SIDE, _LOW = 64, 16
_FLAT = 8.0  # a picture without a larger coefficient has no likeness, or every flat one would
_BANDS = MOST_BITS + 1  # at least one of so many parts is the same where no more bits differ
_BITS_OF = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1)


def equal_images(contents: Mapping[str, str]) -> list[list[str]]:
    """Return the names of images with equal content, sorted, a list for each such content.

    Parameters
    ----------
    contents : mapping of str to str
        What tells the content of each, by name.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(contents):
        names[contents[name]].append(name)
    return [equal for equal in names.values() if len(equal) > 1]


def told(equal: Sequence[str]) -> str:
    """Return in words that these images have equal content."""
    return f"{len(equal):,} files have equal content: {listed(equal)}"


def listed(names: Sequence[str]) -> str:
    """Return the first of `names` in a row."""
    return ", ".join(map(cut, names[:5])) + (", ..." if len(names) > 5 else "")


def without_copies(
    images: Sequence[Input], progress: Progress = UNHEARD
) -> tuple[list[Input], list[list[str]]]:
    """Return the first by name of each content, and the names of those that are equal.

    Only files of equal size are read for it. What cannot be read stays: its own reading will say
    why.
    """
    by_size: defaultdict[int, list[Input]] = defaultdict(list)
    for image in images:
        progress.check()
        try:
            by_size[image.path.stat().st_size].append(image)
        except (OSError, ValueError):
            continue
    contents = {}
    for image in (one for same in by_size.values() if len(same) > 1 for one in same):
        try:
            contents[image.name] = mark_file(image.path, progress).sha256
        except ReadError:
            continue
    equal = equal_images(contents)
    dropped = {name for names in equal for name in names[1:]}
    return [image for image in images if image.name not in dropped], equal


def likeness(rgb: Image) -> bytes:
    """Return 255 bits of what a picture looks like, which re-encoding hardly changes.

    They say which of the lowest frequencies of its cosine transform are above their median.
    Nothing is returned for a picture of one colour.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:_LOW, :_LOW].ravel()[1:]
    if np.abs(low).max() < _FLAT:
        return b""
    return np.packbits(low > np.median(low)).tobytes()


def likely_copies(
    likenesses: Iterable[bytes], progress: Progress = UNHEARD
) -> list[tuple[int, int]]:
    """Return which two of `likenesses` differ in no more than `MOST_BITS`, by their numbers."""
    numbers, rows = [], []
    for number, bits in enumerate(likenesses):
        if len(bits) == _LOW * _LOW // 8:
            numbers.append(number)
            rows.append(np.frombuffer(bits, np.uint8))
    if not rows:
        return []
    every = np.stack(rows)
    found: set[tuple[int, int]] = set()
    for one, other in _share_a_band(every):
        progress.check()
        near = _BITS_OF[every[one] ^ every[other]].sum(axis=1) <= MOST_BITS
        found.update(zip(one[near].tolist(), other[near].tolist(), strict=True))
    return sorted({(numbers[min(pair)], numbers[max(pair)]) for pair in found})


def _share_a_band(every: NDArray[np.uint8]) -> Iterator[tuple[Ints, Ints]]:
    """Yield numbers of rows and of others, one for each, that share one of the bands with them."""
    plain = np.unpackbits(every, axis=1)[:, : _LOW * _LOW - 1]
    for band in np.array_split(plain, _BANDS, axis=1):
        key = np.packbits(band, axis=1)
        order = np.lexsort(key.T)
        group = np.cumsum((key[order][1:] != key[order][:-1]).any(axis=1))
        group = np.concatenate([[0], group])
        for apart in range(1, len(order)):
            first = np.flatnonzero(group[apart:] == group[:-apart])
            if not len(first):
                break
            yield order[first], order[first + apart]
