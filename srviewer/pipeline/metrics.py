"""PSNR and SSIM of every window from one map of the whole image.

A window's mean of the image's SSIM map is the SSIM of that window alone, since SSIM takes only
Gaussian windows that lie wholly inside; so thousands of windows cost one map.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import AnyImage, FloatImage, Floats
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import Windows, box_sum, window_sums
from srviewer.pipeline.progress import UNHEARD, Counted, Progress
from srviewer.pipeline.threads import run_in_threads

PEAK = 255.0
RADIUS = 5  # of the 11 x 11 Gaussian window
_SIGMA = 1.5
_C1 = (0.01 * PEAK) ** 2
_C2 = (0.03 * PEAK) ** 2
_TILE_ROWS, _TILE_COLUMNS = 64, 256  # px: large enough for few calls, small for the caches
_COLUMNS_AT_ONCE = 16 * _TILE_COLUMNS  # of a thread
_SUMMED_AT_ONCE = 1_000_000  # px


@dataclass(frozen=True, eq=False)
class QualityMaps:
    """Integral images of what is lost between HR and its upscaled LR.

    Attributes
    ----------
    squared_error : ndarray of uint32 or float64, shape (H + 1, W + 1)
        Integral of the squared error summed over the channels: of RGB in 8 bits, which are whole
        numbers, as uint32 that wraps; as float64 otherwise.
    ssim : ndarray of float64, shape (H - 9, W - 9)
        Integral of the SSIM map, mean over the channels; the map has lost 5 px at each edge.
    channels : int
    """

    squared_error: NDArray[Any]
    ssim: Floats
    channels: int


@dataclass(frozen=True, eq=False)
class Quality:
    """PSNR and SSIM of each window.

    Attributes
    ----------
    psnr : ndarray of float64, shape (N,)
        dB; inf where HR and its upscaled LR are identical.
    ssim : ndarray of float64, shape (N,)
        -1..1.
    """

    psnr: Floats
    ssim: Floats


def luma(image: AnyImage) -> Floats:
    """Return the BT.601 luma, shape (H, W), 16..235, of an RGB image, shape (H, W, 3), 0..255.

    The formula of MATLAB's ``rgb2ycbcr`` for images of doubles: not rounded, as scikit-image and
    BasicSR have it.
    """
    weights = np.array([65.481, 128.553, 24.966]) / 255
    result: Floats = image.astype(np.float64) @ weights + 16
    return result


def psnr_of(mean_squared_error: Floats) -> Floats:
    """Return 10 log10(255^2 / MSE) in dB, inf where the error is 0."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(PEAK**2 / mean_squared_error)


def absolute_difference(hr: AnyImage, upscaled: AnyImage) -> FloatImage:
    """Return the absolute difference of two images, shape (H, W), mean over the channels."""
    return _mean(cv2.absdiff(hr.astype(np.float32), upscaled.astype(np.float32)))


def signed_difference(hr: AnyImage, upscaled: AnyImage) -> FloatImage:
    """Return the first of two images minus the second, shape (H, W), mean over the channels."""
    return _mean(hr.astype(np.float32) - upscaled.astype(np.float32))


def _mean(difference: FloatImage) -> FloatImage:
    mean: FloatImage = cv2.transform(difference, np.full((1, 3), 1 / 3, np.float32))
    return mean.reshape(difference.shape[:2])


def map_quality(
    hr: AnyImage, upscaled: AnyImage, *, metrics_on: str, progress: Progress = UNHEARD
) -> QualityMaps:
    """Compare two images, each of shape (H, W, 3), 0..255.

    Parameters
    ----------
    hr, upscaled : ndarray
        uint8 or float32.
    metrics_on : {'rgb', 'y'}
        All channels, or luma alone.
    progress : Progress, optional
        Told of the work part by part, asked before each whether to stop.

    Notes
    -----
    SSIM is that of Wang et al. 2004 (IEEE TIP 13(4), eq. 13): Gaussian window 11 x 11,
    sigma 1.5, K1 0.01, K2 0.03, population covariances, each channel alone.
    """
    if hr.shape != upscaled.shape:
        raise ValueError(f"HR is {hr.shape}, upscaled is {upscaled.shape}: they must be the same")
    height, width = hr.shape[:2]
    whole = metrics_on == "rgb" and hr.dtype == upscaled.dtype == np.uint8
    # Filled first with the maps themselves, and summed up in place: a map beside its integral
    # would take as much again.
    error = np.zeros((height + 1, width + 1), np.uint32 if whole else np.float64)
    ssim = np.zeros((height - 2 * RADIUS + 1, width - 2 * RADIUS + 1))
    parts = [
        (top, left)
        for top in range(0, height, _TILE_ROWS)
        for left in range(0, width, _COLUMNS_AT_ONCE)
    ]
    told = Counted(progress, "quality_maps", len(parts))

    def one_part(at: tuple[int, int]) -> None:
        progress.check()
        top, first = at
        scratch = np.empty((8, (_TILE_ROWS + 2 * RADIUS) * (_TILE_COLUMNS + 2 * RADIUS) * 3))
        for left in range(first, min(first + _COLUMNS_AT_ONCE, width), _TILE_COLUMNS):
            rows, columns = (
                slice(start, start + size + 2 * RADIUS)
                for start, size in ((top, _TILE_ROWS), (left, _TILE_COLUMNS))
            )
            a, b = hr[rows, columns], upscaled[rows, columns]
            if metrics_on == "y":
                a, b = luma(a)[..., None], luma(b)[..., None]
            own = slice(_TILE_ROWS), slice(_TILE_COLUMNS)
            error[1:, 1:][rows, columns][own] = _squared_error(a[own], b[own])
            out = ssim[1:, 1:][rows, columns][own]
            if out.size:
                _ssim_tile(a, b, out, scratch)
        told.add()

    run_in_threads(one_part, parts)
    for integral in (error, ssim):
        _sum_up(integral)
    return QualityMaps(error, ssim, 1 if metrics_on == "y" else hr.shape[2])


def _sum_up(integral: NDArray[Any]) -> None:
    """Make `integral`, a map below and right of a row and a column of zeros, what it is called.

    Each row is summed up, then added to the one above it: so ``cv2.integral`` does it, and the
    rounding is the same.
    """
    step = max(1, _SUMMED_AT_ONCE // integral.shape[1])
    for top in range(0, len(integral) - 1, step):
        rows = integral[top : top + step + 1]
        np.cumsum(rows[1:], axis=1, dtype=rows.dtype, out=rows[1:])
        np.cumsum(rows, axis=0, dtype=rows.dtype, out=rows)


def _squared_error(hr: AnyImage, upscaled: AnyImage) -> Floats:
    difference = hr.astype(np.float64) - upscaled
    difference *= difference
    return _sum_of_channels(difference)


def _sum_of_channels(image: Floats) -> Floats:
    total: Floats = image[..., 0].copy()
    for channel in range(1, image.shape[2]):
        total += image[..., channel]
    return total


def _ssim_tile(hr: AnyImage, upscaled: AnyImage, out: Floats, scratch: Floats) -> None:
    """Write the mean over the channels of the SSIM map of two tiles into `out`.

    The tiles, of shape (H, W, C), reach 5 px beyond `out`, of shape (H - 10, W - 10), on each
    side. All is computed in place in the eight rows of `scratch`: fresh arrays for every step
    would cost more in page faults than the arithmetic does.
    """
    # OpenCV takes a single channel only without an axis of its own.
    shape = hr.shape if hr.shape[2] > 1 else hr.shape[:2]
    a, b, product, squares, *blurred = (row[: hr.size].reshape(shape) for row in scratch)
    a[:], b[:] = hr.reshape(shape), upscaled.reshape(shape)
    np.multiply(a, b, out=product)
    # Only the sum of the two variances is needed, so four filters do instead of five.
    np.multiply(a, a, out=squares)
    squares += np.multiply(b, b, out=blurred[0])
    for source, target in zip((a, b, product, squares), blurred, strict=True):
        cv2.sepFilter2D(source, cv2.CV_64F, _KERNEL, _KERNEL, dst=target)
    mean_a, mean_b, covariance, variances = blurred
    numerator = np.multiply(mean_a, mean_b, out=product)
    mean_a *= mean_a
    mean_b *= mean_b
    denominator = np.add(mean_a, mean_b, out=squares)
    covariance -= numerator
    variances -= denominator
    # (2 m_a m_b + C1)(2 cov + C2) / ((m_a^2 + m_b^2 + C1)(var_a + var_b + C2)), where the two
    # factors 2 are taken out of the numerator and multiplied in at the end.
    numerator += _C1 / 2
    covariance += _C2 / 2
    denominator += _C1
    variances += _C2
    numerator *= covariance
    denominator *= variances
    numerator /= denominator
    inner = numerator.reshape(hr.shape)[RADIUS:-RADIUS, RADIUS:-RADIUS]
    np.multiply(_sum_of_channels(inner), 4 / hr.shape[2], out=out)


_KERNEL = cv2.getGaussianKernel(2 * RADIUS + 1, _SIGMA)


def window_quality(maps: QualityMaps, windows: Windows) -> Quality:
    """Return PSNR and SSIM of each window."""
    pixels = windows.patch**2 * maps.channels
    psnr = psnr_of(np.maximum(window_sums(maps.squared_error, windows), 0) / pixels)
    positions = (windows.patch - 2 * RADIUS) ** 2
    return Quality(psnr, window_sums(maps.ssim, windows, inset=RADIUS) / positions)


def box_quality(maps: QualityMaps, box: Box) -> tuple[float, float]:
    """Return PSNR and SSIM of what is inside `box`, by itself."""
    error = max(box_sum(maps.squared_error, box), 0) / (box.width * box.height * maps.channels)
    # The map has lost what the Gaussian window cannot reach: its box is smaller, not elsewhere.
    inner = box._replace(x1=box.x1 - 2 * RADIUS, y1=box.y1 - 2 * RADIUS)
    ssim = box_sum(maps.ssim, inner) / (inner.width * inner.height)
    return float(psnr_of(np.array([error]))[0]), ssim
