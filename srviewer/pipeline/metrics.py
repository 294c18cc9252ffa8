"""PSNR and SSIM of every window from one map of the whole image.

A window's mean of the image's SSIM map is the SSIM of that window alone, since SSIM takes only
Gaussian windows that lie wholly inside; so thousands of windows cost one map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import AnyImage, Floats
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import Windows, window_sums
from srviewer.pipeline.threads import run_in_threads

PEAK = 255.0
RADIUS = 5  # of the 11 x 11 Gaussian window
_SIGMA = 1.5
_C1 = (0.01 * PEAK) ** 2
_C2 = (0.03 * PEAK) ** 2
_TILE_ROWS, _TILE_COLUMNS = 48, 160  # px: the dozen float64 planes of a tile stay in the cache


@dataclass(frozen=True, eq=False)
class QualityMaps:
    """Integral images of what is lost between HR and its upscaled LR.

    Attributes
    ----------
    squared_error : ndarray of float64, shape (H + 1, W + 1)
        Integral of the squared error summed over the channels.
    ssim : ndarray of float64, shape (H - 9, W - 9)
        Integral of the SSIM map, mean over the channels; the map has lost 5 px at each edge.
    channels : int
    """

    squared_error: Floats
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


def map_quality(hr: AnyImage, upscaled: AnyImage, *, metrics_on: str) -> QualityMaps:
    """Compare two images, each of shape (H, W, 3), 0..255.

    Parameters
    ----------
    hr, upscaled : ndarray
        uint8 or float32.
    metrics_on : {'rgb', 'y'}
        All channels, or luma alone.

    Notes
    -----
    SSIM is that of Wang et al. 2004 (IEEE TIP 13(4), eq. 13): Gaussian window 11 x 11,
    sigma 1.5, K1 0.01, K2 0.03, population covariances, each channel alone.
    """
    if hr.shape != upscaled.shape:
        raise ValueError(f"HR is {hr.shape}, upscaled is {upscaled.shape}: they must be the same")
    planes = _planes(hr, metrics_on), _planes(upscaled, metrics_on)
    height, width = hr.shape[:2]
    ssim_map = np.empty((height - 2 * RADIUS, width - 2 * RADIUS))
    error_map = np.empty((height, width))

    def one_band(top: int) -> None:
        bottom = min(top + _TILE_ROWS, height)
        error_map[top:bottom] = _squared_error(planes[0], planes[1], slice(top, bottom))
        for left in range(0, ssim_map.shape[1], _TILE_COLUMNS):
            part = ssim_map[top:bottom, left : left + _TILE_COLUMNS]
            if part.size:
                _ssim_tile(planes, top, left, part)

    run_in_threads(one_band, range(0, height, _TILE_ROWS))
    return QualityMaps(
        cv2.integral(error_map, sdepth=cv2.CV_64F),
        cv2.integral(ssim_map, sdepth=cv2.CV_64F),
        len(planes[0]),
    )


def _planes(image: AnyImage, metrics_on: str) -> list[AnyImage]:
    if metrics_on == "y":
        return [luma(image)]
    return [np.ascontiguousarray(image[..., channel]) for channel in range(image.shape[2])]


def _squared_error(a: list[AnyImage], b: list[AnyImage], rows: slice) -> Floats:
    total: Floats = np.zeros(a[0][rows].shape)
    for one, other in zip(a, b, strict=True):
        difference = one[rows].astype(np.float64) - other[rows]
        total += difference * difference
    return total


def _ssim_tile(
    planes: tuple[list[AnyImage], list[AnyImage]], top: int, left: int, out: Floats
) -> None:
    """Write the mean over the channels of the SSIM map into `out`, whose place is (top, left)."""
    rows = slice(top, top + out.shape[0] + 2 * RADIUS)
    columns = slice(left, left + out.shape[1] + 2 * RADIUS)
    out[:] = 0
    for one, other in zip(*planes, strict=True):
        a = one[rows, columns].astype(np.float64)
        b = other[rows, columns].astype(np.float64)
        # Only the sum of the two variances is needed, so four filters do instead of five.
        product = a * b
        squares = a * a
        squares += b * b
        mean_a, mean_b, mean_product, mean_squares = map(_blur, (a, b, product, squares))
        means_product = mean_a * mean_b
        mean_a *= mean_a
        mean_b *= mean_b
        means_squares = mean_a
        means_squares += mean_b
        covariance = mean_product
        covariance -= means_product
        variances = mean_squares
        variances -= means_squares
        # (2 m_a m_b + C1)(2 cov + C2) / ((m_a^2 + m_b^2 + C1)(var_a + var_b + C2))
        means_product *= 2
        means_product += _C1
        covariance *= 2
        covariance += _C2
        means_squares += _C1
        variances += _C2
        means_product *= covariance
        means_squares *= variances
        means_product /= means_squares
        out += means_product
    out /= len(planes[0])


_KERNEL = cv2.getGaussianKernel(2 * RADIUS + 1, _SIGMA)


def _blur(image: Floats) -> Floats:
    blurred: Floats = cv2.sepFilter2D(image, cv2.CV_64F, _KERNEL, _KERNEL)
    return blurred[RADIUS:-RADIUS, RADIUS:-RADIUS]


def window_quality(maps: QualityMaps, windows: Windows) -> Quality:
    """Return PSNR and SSIM of each window."""
    pixels = windows.patch**2 * maps.channels
    psnr = psnr_of(np.maximum(window_sums(maps.squared_error, windows), 0) / pixels)
    positions = (windows.patch - 2 * RADIUS) ** 2
    return Quality(psnr, window_sums(maps.ssim, windows, inset=RADIUS) / positions)
