"""The part of a pair that tells by itself whether LR is the reduction of HR.

A resize looks beyond the pixel that it makes. What it makes of a patch alone is what it makes of
the whole image only where all that it looks at lies within the patch, or where the patch ends at
the image's own edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor

import numpy as np

from srviewer.pipeline.arrays import AnyImage, Image, Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize

_EPSILON = 1e-9  # limits are multiples of 1 / (2 scale), as floats nearly so
_PROBE = 1 << 15  # px
NOWHERE = 1 << 40  # px: the length of an image whose far edge is not known


@dataclass(frozen=True)
class _Kernel:
    """How far a resize looks: a source pixel at `radius` or farther has no weight.

    Attributes
    ----------
    down : float
        Reducing, in HR px; in LR px where it is `widened`, as antialiasing does.
    widened : bool
    up : float
        Enlarging, in LR px.
    """

    down: float
    widened: bool
    up: float


# A filter that takes one pixel, or the mean of a cell, looks no farther than the cell.
_CELL = _Kernel(0.5, True, 0.5)
_ANTIALIASED = {
    "nearest": _CELL,
    "box": _CELL,
    "bilinear": _Kernel(1, True, 1),
    "bicubic": _Kernel(2, True, 2),
    "lanczos": _Kernel(3, True, 3),
}
_KERNELS = {
    "pil": _ANTIALIASED,
    "matlab": _ANTIALIASED,
    "opencv": {
        "nearest": _CELL,
        "bilinear": _Kernel(1, False, 1),
        "bicubic": _Kernel(2, False, 2),
        "lanczos": _Kernel(4, False, 4),
        "area": _Kernel(0.5, True, 1.5),  # enlarges as bilinear does, with other weights
    },
    "torch": {
        "nearest": _CELL,
        "bilinear": _Kernel(1, False, 1),
        "bicubic": _Kernel(2, False, 2),
        "area": _CELL,
        "bilinear_antialias": _Kernel(1, True, 1),
        "bicubic_antialias": _Kernel(2, True, 2),
    },
}


@dataclass(frozen=True)
class Span:
    """Pixels along one axis.

    Attributes
    ----------
    start, stop : int
        HR px of the image, the end not included.
    length : int
        Of the whole clean image.
    """

    start: int
    stop: int
    length: int


def known_lr(span: Span, recipe: Recipe) -> tuple[int, int]:
    """Return the LR pixels, the end not included, that the HR pixels of `span` decide alone."""
    kernel, scale = _KERNELS[recipe.resizer][recipe.filter], recipe.scale
    reach = kernel.down * (scale if kernel.widened else 1)
    # LR pixel i lies at (i + 1/2) scale - 1/2 in HR and takes what is nearer than `reach`.
    first = ceil((span.start + reach - 0.5) / scale - 0.5 - _EPSILON) if span.start else 0
    last = floor((span.stop - reach + 0.5) / scale - 0.5 + _EPSILON)
    return first, span.length // scale if span.stop == span.length else last + 1


def known_upscaled(
    span: Span, recipe: Recipe, lr: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Return the pixels of the enlarged LR that the HR pixels of `span` decide alone.

    Where they are known, the LR pixels `lr` of the same `span` decide instead.
    """
    first_lr, stop_lr = lr or known_lr(span, recipe)
    reach, scale = _KERNELS[recipe.resizer][recipe.filter].up, recipe.scale
    # Pixel u lies at (u + 1/2) / scale - 1/2 in LR.
    first = ceil(scale * (first_lr + reach - 0.5) - 0.5 - _EPSILON) if span.start else 0
    last = floor(scale * (stop_lr - reach + 0.5) - 0.5 + _EPSILON)
    stop = span.stop if span.stop == span.length else last + 1
    return max(first, span.start), min(stop, span.stop)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of LR, or of the enlarged LR.

    Attributes
    ----------
    pixels : ndarray, shape (h, w, C)
        May be empty.
    x, y : int
        Its top left pixel in the whole LR, or in the whole enlarged LR.
    """

    pixels: AnyImage
    x: int
    y: int


def reduced(hr: AnyImage, x: Span, y: Span, recipe: Recipe) -> Part:
    """Return what becomes of a patch of HR alone, where that is what becomes of the image there.

    Parameters
    ----------
    hr : ndarray, shape (H, W, C)
        uint8, or float in 0..255, of which nothing is rounded.
    x, y : Span
        Its place.
    recipe : Recipe
        Its layout says whether LR is enlarged again.
    """
    scale, native = recipe.scale, recipe.lr_layout == "native"
    known = known_lr if native else known_upscaled
    (left, right), (top, bottom) = known(x, recipe), known(y, recipe)
    if right <= left or bottom <= top:
        return Part(np.empty((0, 0, hr.shape[2]), hr.dtype), left, top)
    # Whole cells, so that the resize meets the same phase as in the image.
    x0, y0 = x.start // scale, y.start // scale
    x1, y1 = -(-x.stop // scale), -(-y.stop // scale)
    around = (
        (y.start - y0 * scale, y1 * scale - y.stop),
        (x.start - x0 * scale, x1 * scale - x.stop),
        (0, 0),
    )
    padded = np.ascontiguousarray(np.pad(hr, around, mode="edge"))
    result = _resize(padded, (x1 - x0, y1 - y0), recipe)
    if not native:
        result = _resize(result, (padded.shape[1], padded.shape[0]), recipe)
        x0, y0 = x0 * scale, y0 * scale
    return Part(result[top - y0 : bottom - y0, left - x0 : right - x0], left, top)


def enlarged(lr: AnyImage, x: Span, y: Span, recipe: Recipe) -> Part:
    """Return what becomes of a patch of LR alone when it is enlarged, as `reduced` does of HR.

    Parameters
    ----------
    lr : ndarray, shape (h, w, 3)
    x, y : Span
        Its place in HR, in whole cells.
    recipe : Recipe
    """
    scale = recipe.scale
    (left, right), (top, bottom) = (
        known_upscaled(span, recipe, (span.start // scale, span.stop // scale)) for span in (x, y)
    )
    result = _resize(lr, (lr.shape[1] * scale, lr.shape[0] * scale), recipe)
    rows, columns = slice(top - y.start, bottom - y.start), slice(left - x.start, right - x.start)
    if right <= left or bottom <= top:
        rows = columns = slice(0, 0)
    return Part(result[rows, columns], left, top)


def _resize(image: AnyImage, size: tuple[int, int], recipe: Recipe) -> AnyImage:
    quantize = recipe.quantize_after and image.dtype == np.uint8
    result: AnyImage = resize(
        image, size, resizer=recipe.resizer, filter=recipe.filter, quantize_after=quantize
    )
    return result[..., None] if result.ndim == 2 else result  # OpenCV drops a single channel


@cache
def is_regular(resizer: str, filter: str, scale: int) -> bool:
    """Tell whether the filter takes the same pixel of every cell.

    At some scales a filter that takes the nearest pixel meets ties, which the rounding of floats
    breaks now one way, now the other: then a patch says nothing about its image.
    """
    if filter != "nearest":
        return True
    count = _PROBE // scale
    index = np.arange(count * scale)
    ramp: Image = np.stack([index >> 8, index & 255, index * 0], axis=-1).astype(np.uint8)[None]

    def taken(source: Image, length: int) -> Ints:
        row: Ints = resize(
            source, (length, 1), resizer=resizer, filter=filter, quantize_after=True
        )[0].astype(np.int64)
        return row[:, 0] * 256 + row[:, 1]

    down, up = taken(ramp, count), taken(np.ascontiguousarray(ramp[:, :count]), count * scale)
    same_place = np.ptp(down - np.arange(count) * scale) == 0
    return bool(same_place) and np.array_equal(up, index // scale)
