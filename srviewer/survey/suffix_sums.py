"""How many pairs each threshold leaves of each image, and their PSNR and SSIM.

A threshold keeps the windows whose level, a whole number, is not below it. So for each image and
each level that occurs, what the levels from there on hold together is summed up once, and a
moved threshold only looks it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.progress import Progress
from srviewer.survey.geometry import Geometry
from srviewer.survey.record import Counts, Small, SurveyedImage

_BITS = 32  # of a key are the level's; the image's number is above them
_DENSE = 1 << 16  # levels below it are counted in a table, larger ones are sorted


class Left(NamedTuple):
    """What a threshold leaves, shape (n,) each.

    Attributes
    ----------
    pairs, finite : ndarray of int64
        Kept windows, and those of them whose PSNR is finite.
    psnr, ssim : ndarray of float64
        Sums: of the finite PSNR in dB, and of SSIM.
    """

    pairs: Ints
    finite: Ints
    psnr: Floats
    ssim: Floats


@dataclass(frozen=True, eq=False)
class ImageSums:
    """The sums of an image.

    Attributes
    ----------
    span : tuple of int
        The candidates that were summed up, as in `Geometry`.
    levels, counts : ndarray of int64, shape (K,)
        The levels that occur, ascending, and the windows at each.
    sums : ndarray of float64, shape (4, K)
        Of `Left`'s fields, from the level on.
    """

    span: tuple[int, ...]
    levels: Ints
    counts: Ints
    sums: Floats


@dataclass(frozen=True, eq=False)
class SuffixSums:
    """The sums of all images.

    Attributes
    ----------
    images : tuple of ImageSums
        n, one an image.
    keys, counts : ndarray of int64, shape (K,)
        The image's number and the level, ascending, and the windows there.
    sums : ndarray of float64, shape (4, K + 1)
        The last column is 0.
    """

    images: tuple[ImageSums, ...]
    keys: Ints
    counts: Ints
    sums: Floats

    def left_by(self, threshold: int) -> Left:
        """Return what is left where windows below `threshold` are rejected."""
        begin = np.arange(len(self.images), dtype=np.int64) << _BITS
        ends = np.searchsorted(self.keys, begin + (1 << _BITS))
        # A threshold above all levels is beyond the image's last one.
        columns = np.searchsorted(self.keys, begin + min(threshold, (1 << _BITS) - 1))
        sums = self.sums[:, np.where(columns < ends, columns, len(self.keys))]
        pairs, finite = sums[:2].astype(np.int64)
        return Left(pairs, finite, sums[2], sums[3])

    @cached_property
    def by_level(self) -> tuple[Ints, Ints]:
        """The levels that occur in the set, ascending, and how many windows have each."""
        levels, index = np.unique(self.keys & ((1 << _BITS) - 1), return_inverse=True)
        counts = np.bincount(index, self.counts, len(levels))
        return levels, counts.astype(np.int64)


def sum_suffixes(
    images: Sequence[SurveyedImage],
    levels: Sequence[Counts],
    geometry: Geometry,
    passing: Sequence[Mask | None] | None,
    known: Sequence[ImageSums],
    progress: Progress,
) -> SuffixSums:
    """Sum up the candidates of each image by level.

    Parameters
    ----------
    images : sequence of SurveyedImage
    levels : sequence of ndarray, shape (N,) each
        What the threshold is held against.
    geometry : Geometry
    passing : sequence of ndarray of bool, shape (N,), or None, optional
        Windows that nothing else rejects; None for all of an image, or of all.
    known : sequence of ImageSums
        Those of another geometry, which are taken over where the candidates are the same; empty
        without any.
    progress : Progress
    """
    found = []
    spans = map(tuple, geometry.spans.tolist())
    for number, (image, span) in enumerate(progress.each(zip(images, spans, strict=True))):
        mask = None if passing is None else passing[number]
        if known and known[number].span == span and mask is None:
            found.append(known[number])
        else:
            found.append(_sums_of(image, levels[number], span, mask))
    none = ImageSums((), np.empty(0, np.int64), np.empty(0, np.int64), np.zeros((4, 0)))
    return SuffixSums(
        tuple(found),
        np.concatenate([none.levels, *(one.levels + (n << _BITS) for n, one in enumerate(found))]),
        np.concatenate([none.counts, *(one.counts for one in found)]),
        np.concatenate([*(one.sums for one in found), np.zeros((4, 1))], axis=1),
    )


def _sums_of(
    image: SurveyedImage, levels: Counts, span: tuple[int, ...], passing: Mask | None
) -> ImageSums:
    r0, r1, c0, c1 = span
    inside = np.s_[r0:r1, c0:c1]
    mask = None if passing is None else image.on_grid(passing)[inside]

    def cut(values: NDArray[Any]) -> NDArray[Any]:
        part = image.on_grid(values)[inside]
        return part.ravel() if mask is None else part[mask]

    psnr, ssim = cut(image.content["psnr"]), cut(image.content["ssim"])
    occurring, *parts = _by_level(cut(levels), psnr, ssim, image.finite)
    sums = np.stack(parts)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return ImageSums(span, occurring, parts[0], sums.astype(np.float64, copy=False))


def _by_level(levels: Counts, psnr: Small, ssim: Small, finite: bool) -> tuple[NDArray[Any], ...]:
    """Return the levels that occur and, for each: windows, finite ones, sums of PSNR and SSIM."""
    names: Ints | None = None
    index: NDArray[Any] = levels
    if levels.size and int(levels.max()) >= _DENSE:
        names, index = np.unique(levels.astype(np.int64), return_inverse=True)
    counts = np.bincount(index)
    if finite:
        of_finite, psnr_sums = counts, np.bincount(index, psnr)
    else:
        good = np.isfinite(psnr)
        of_finite = np.bincount(index[good], minlength=len(counts))
        psnr_sums = np.bincount(index[good], psnr[good], len(counts))
    ssim_sums = np.bincount(index, ssim)
    some = np.flatnonzero(counts)
    return (
        some if names is None else names,
        counts[some],
        of_finite[some],
        psnr_sums[some],
        ssim_sums[some],
    )
