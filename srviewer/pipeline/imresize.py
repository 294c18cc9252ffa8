"""MATLAB's ``imresize``: antialiased, symmetric borders, rounding half away from zero."""

from collections.abc import Callable

import numpy as np

from srviewer.pipeline.arrays import AnyImage, Floats, Ints, to_uint8
from srviewer.pipeline.progress import UNHEARD, Progress


def imresize(
    image: AnyImage, size: tuple[int, int], filter: str, progress: Progress = UNHEARD
) -> AnyImage:
    """Resize as MATLAB R2015b's ``imresize(image, [height width], filter)`` does.

    Parameters
    ----------
    image : ndarray, shape (H, W, C)
        uint8 is rounded to uint8 after each axis, as MATLAB does; float64 stays float64.
    size : (int, int)
        Width and height of the result in pixels.
    filter : str
        nearest, bilinear, bicubic (a = -0.5), lanczos (three lobes) or box.
    progress : Progress, optional
        Asked tap by tap whether to stop.

    Returns
    -------
    ndarray, shape (height, width, C)
        Of the dtype of `image`.

    Notes
    -----
    The axis with the smaller scale comes first. Where an axis shrinks, every filter but nearest is
    widened by 1 / scale (antialiasing); indices beyond the border are mirrored with the edge
    pixel repeated.
    """
    targets = {0: size[1], 1: size[0]}
    scales = {axis: target / image.shape[axis] for axis, target in targets.items()}
    result = image
    for axis in sorted(scales, key=lambda axis: (scales[axis], axis)):
        result = _resize_axis(result, axis, targets[axis], scales[axis], filter, progress)
        if image.dtype == np.uint8:
            result = to_uint8(result)
    return result


def _resize_axis(
    image: AnyImage, axis: int, target: int, scale: float, filter: str, progress: Progress
) -> AnyImage:
    weights, indices = _contributions(image.shape[axis], target, scale, filter)
    moved = np.moveaxis(image, axis, 0)
    result = np.zeros((target, *moved.shape[1:]))
    for tap in progress.each(range(weights.shape[1])):
        result += weights[:, tap, None, None] * moved[indices[:, tap]]
    return np.moveaxis(result, 0, axis)


def _contributions(length: int, target: int, scale: float, filter: str) -> tuple[Floats, Ints]:
    """Return weights and source indices, each (target, taps), of every result pixel."""
    kernel, width = _KERNELS[filter]
    squeeze = scale if scale < 1 and filter != "nearest" else 1.0
    width = width / squeeze
    centres = np.arange(1, target + 1) / scale + 0.5 * (1 - 1 / scale)
    left = np.floor(centres - width / 2)
    taps = int(np.ceil(width)) + 2
    positions = left[:, None] + np.arange(taps)
    weights = squeeze * kernel(squeeze * (centres[:, None] - positions))
    weights /= weights.sum(axis=1, keepdims=True)
    mirror = np.concatenate([np.arange(length), np.arange(length)[::-1]])
    indices = mirror[(positions.astype(np.int64) - 1) % (2 * length)]
    used = np.any(weights != 0, axis=0)
    return weights[:, used], indices[:, used]


def _box(x: Floats) -> Floats:
    return ((x >= -0.5) & (x < 0.5)).astype(np.float64)


def _triangle(x: Floats) -> Floats:
    peak: Floats = 1 - np.abs(x)
    return np.maximum(peak, 0)


def _cubic(x: Floats) -> Floats:
    """Return Keys' cubic convolution kernel with a = -0.5 (Keys 1981)."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def _lanczos3(x: Floats) -> Floats:
    """Return sinc(x) sinc(x / 3) within three lobes."""
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


_KERNELS: dict[str, tuple[Callable[[Floats], Floats], float]] = {
    "nearest": (_box, 1.0),
    "bilinear": (_triangle, 2.0),
    "bicubic": (_cubic, 4.0),
    "lanczos": (_lanczos3, 6.0),
    "box": (_box, 1.0),
}
