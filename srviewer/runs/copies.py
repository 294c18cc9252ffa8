"""Images that are copies of each other: with equal content, or likely of one picture."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import ReadError, cut
from srviewer.pipeline.arrays import Image, Ints
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.inputs import Input
from srviewer.runs.marks import look_at_files, mark_files

MOST_BITS = 16  # of 255 in which likely copies differ: re-encoded ones up to 12, strangers from 98
_MOST_SMALLER = 48  # the same for a picture and one reduced from it, or moved a little besides
_SIDE, _LOW = 64, 16
_FLAT = 8.0  # a picture without a larger coefficient has no likeness, or every flat one would
_BANDS = MOST_BITS + 1  # at least one of so many parts is the same where no more bits differ
_BITS_OF = np.unpackbits(np.arange(1 << 16, dtype="<u2")[:, None].view(np.uint8), axis=1).sum(
    axis=1, dtype=np.uint8
)


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


def told_likely(alike: Sequence[str]) -> str:
    """Return in words that these images are likely of one picture."""
    return f"{len(alike):,} images are likely copies: {listed(alike)}"


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
            by_size[look_at_files(image.files)[0]].append(image)
        except (OSError, ValueError):
            continue
    contents = {}
    for image in (one for same in by_size.values() if len(same) > 1 for one in same):
        try:
            contents[image.name] = mark_files(image.files, progress).sha256
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


def look_alike(one: bytes, other: bytes) -> bool:
    """Tell whether two likenesses may be of one picture, also where one of them is much smaller."""
    if not (one and other):
        return False
    apart = np.frombuffer(one, "<u2") ^ np.frombuffer(other, "<u2")
    return int(_BITS_OF[apart].sum()) <= _MOST_SMALLER


def alike_images(
    images: Iterable[tuple[str, str, bytes]], progress: Progress = UNHEARD
) -> list[list[str]]:
    """Return the names of images that look the same, a list for each such picture.

    Parameters
    ----------
    images : iterable of (str, str, bytes)
        Name, what tells the content, and likeness of each. The first of those with equal content
        stands for all.
    progress : Progress, optional
        Asked now and then whether to stop.
    """
    each: dict[str, tuple[str, bytes]] = {}
    for name, content, bits in images:
        each.setdefault(content, (name, bits))
    names, looks = [name for name, _ in each.values()], [bits for _, bits in each.values()]
    return [[names[one] for one in group] for group in likely_copies(looks, progress)]


def likely_copies(likenesses: Iterable[bytes], progress: Progress = UNHEARD) -> list[list[int]]:
    """Return which of `likenesses` look the same, by their numbers, a list for each such picture.

    Two do that differ in no more than `MOST_BITS`, and so do all that a chain of such leads to.
    """
    numbers, rows = [], []
    for number, bits in enumerate(likenesses):
        if len(bits) == _LOW * _LOW // 8:
            numbers.append(number)
            rows.append(np.frombuffer(bits, np.uint8))
    if not rows:
        return []
    every = np.stack(rows)
    group = np.arange(len(every))  # the lowest of those that each is known to look like
    for some in _share_a_band(every):
        progress.check()
        _join(every.view("<u2"), some, group)
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return [[numbers[one] for one in part] for part in parts if len(part) > 1]


def _join(every: NDArray[np.uint16], some: Ints, group: Ints) -> None:
    """Note in `group` which of the rows `some` look the same.

    Of two that are far from each other, what is near to one is far from the other too: so a
    thousand frames of a scene are compared with one of them and its neighbours, not each with each.
    """
    while len(some) > 1:
        one, some = some[0], some[1:]
        far = _bits_apart(every, some, one)
        near = some[far <= MOST_BITS]
        waiting: list[tuple[int, int]] = []
        while True:
            if len(near):
                joined = group[np.append(near, one)]
                group[np.isin(group, joined)] = joined.min()
            mine = group[some] == group[one]
            waiting += zip(some[mine].tolist(), far[mine].tolist(), strict=True)
            some, far, near = some[~mine], far[~mine], near[:0]
            while waiting and not len(near):
                other, distance = waiting.pop()
                close = some[far <= MOST_BITS + distance]
                if len(close):
                    near = close[_bits_apart(every, close, other) <= MOST_BITS]
            if not len(near):
                break


def _bits_apart(every: NDArray[np.uint16], some: Ints, one: int) -> Ints:
    apart: Ints = _BITS_OF[every[some] ^ every[one]].sum(axis=1, dtype=np.int64)
    return apart


def _share_a_band(every: NDArray[np.uint8]) -> Iterator[Ints]:
    """Yield the numbers of rows, two or more, that share one of the bands."""
    plain = np.unpackbits(every, axis=1)[:, : _LOW * _LOW - 1]
    for band in np.array_split(plain, _BANDS, axis=1):
        key = np.packbits(band, axis=1)
        order = np.lexsort(key.T)
        starts = np.flatnonzero((key[order][1:] != key[order][:-1]).any(axis=1)) + 1
        yield from (some for some in np.split(order, starts) if len(some) > 1)
