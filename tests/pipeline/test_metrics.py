from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srviewer.pipeline import threads
from srviewer.pipeline.metrics import luma, map_quality, psnr_of, window_quality
from srviewer.pipeline.pairing import make_pair
from srviewer.pipeline.patching import lay_windows
from tests import reference
from tests.photos import crop


def pair_of(size=(176, 132), *, quantize_after=True):
    rgb = crop("motorcycle", 100, 150, *size)
    return make_pair(rgb, scale=4, resizer="pil", filter="bicubic", quantize_after=quantize_after)


def quality_of(hr, upscaled, *, metrics_on="rgb", patch=33, stride=14):
    windows = lay_windows((hr.shape[1], hr.shape[0]), patch=patch, stride=stride)
    return windows, window_quality(map_quality(hr, upscaled, metrics_on=metrics_on), windows)


def y_of(image: np.ndarray) -> np.ndarray:
    return rgb2ycbcr(image.astype(np.float64) / 255)[..., 0]


@pytest.mark.parametrize(("patch", "stride"), [(33, 14), (11, 37), (48, 9), (132, 44)])
@pytest.mark.parametrize("metrics_on", ["rgb", "y"])
def test_every_window_has_scikit_images_figures(patch, stride, metrics_on):
    pair = pair_of()
    one, other = pair.hr, pair.upscaled
    windows, quality = quality_of(one, other, metrics_on=metrics_on, patch=patch, stride=stride)
    if metrics_on == "y":
        one, other = y_of(one), y_of(other)
    assert len(windows) > 1
    for number, (x, y) in enumerate(zip(windows.x, windows.y, strict=True)):
        a, b = one[y : y + patch, x : x + patch], other[y : y + patch, x : x + patch]
        assert quality.psnr[number] == pytest.approx(reference.psnr(a, b), abs=1e-6)
        assert quality.ssim[number] == pytest.approx(reference.ssim(a, b), abs=1e-6)


@pytest.mark.parametrize("metrics_on", ["rgb", "y"])
def test_floats_are_compared_unrounded(metrics_on):
    pair = pair_of(quantize_after=False)
    assert pair.upscaled.dtype == np.float32
    windows, quality = quality_of(pair.hr, pair.upscaled, metrics_on=metrics_on)
    one, other = pair.hr.astype(np.float64), pair.upscaled.astype(np.float64)
    if metrics_on == "y":
        one, other = y_of(one), y_of(other)
    for number, (x, y) in enumerate(zip(windows.x, windows.y, strict=True)):
        a, b = one[y : y + 33, x : x + 33], other[y : y + 33, x : x + 33]
        assert quality.psnr[number] == pytest.approx(reference.psnr(a, b), abs=1e-6)
        assert quality.ssim[number] == pytest.approx(reference.ssim(a, b), abs=1e-6)
    rounded = quality_of(pair.hr, np.clip(np.round(pair.upscaled), 0, 255).astype(np.uint8))[1]
    assert np.abs(rounded.psnr - quality.psnr).max() > 1e-4


def test_an_image_of_one_window_has_the_figures_of_the_image():
    pair = pair_of((64, 64))
    _, quality = quality_of(pair.hr, pair.upscaled, patch=64)
    expected = structural_similarity(
        pair.hr,
        pair.upscaled,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=2,
    )
    assert quality.ssim.tolist() == pytest.approx([expected], abs=1e-6)
    expected = peak_signal_noise_ratio(pair.hr, pair.upscaled, data_range=255)
    assert quality.psnr.tolist() == pytest.approx([expected], abs=1e-6)


@pytest.mark.parametrize("metrics_on", ["rgb", "y"])
def test_identical_images_have_infinite_psnr_and_ssim_one(metrics_on):
    rgb = crop("motorcycle", 100, 150, 90, 90)
    _, quality = quality_of(rgb, rgb, metrics_on=metrics_on)
    assert np.isposinf(quality.psnr).all()
    np.testing.assert_allclose(quality.ssim, 1, atol=1e-12)


def test_only_identical_windows_are_infinite():
    rgb = crop("motorcycle", 100, 150, 99, 99)
    other = rgb.copy()
    other[40, 70, 1] ^= 1
    windows, quality = quality_of(rgb, other, patch=33, stride=33)
    hit = (windows.x == 66) & (windows.y == 33)
    assert np.isinf(quality.psnr).tolist() == (~hit).tolist()
    # One step of one channel in one pixel.
    expected = 10 * math.log10(255**2 / (1 / (33 * 33 * 3)))
    assert quality.psnr[hit].tolist() == pytest.approx([expected])


def test_flat_images_that_differ_by_one_step():
    a, b = np.full((40, 40, 3), 100, np.uint8), np.full((40, 40, 3), 101, np.uint8)
    _, quality = quality_of(a, b, patch=40)
    assert quality.psnr[0] == pytest.approx(20 * math.log10(255))
    c1 = (0.01 * 255) ** 2
    expected = (2 * 100 * 101 + c1) / (100**2 + 101**2 + c1)
    assert quality.ssim[0] == pytest.approx(expected, abs=1e-9)


def test_psnr_has_the_decimal_logarithm():
    assert psnr_of(np.array([65.025])).tolist() == pytest.approx([30.0])
    assert psnr_of(np.array([0.0])).tolist() == [math.inf]


def test_luma_is_that_of_matlabs_rgb2ycbcr():
    rgb = crop("coffee", 200, 100, 60, 40)
    np.testing.assert_allclose(luma(rgb), y_of(rgb), atol=1e-9)
    extremes = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    np.testing.assert_allclose(luma(extremes), [[16, 235]], atol=1e-3)


def test_figures_do_not_depend_on_the_number_of_threads(keep_threads):
    pair = pair_of((400, 240))
    results = []
    for count in (1, 2, 3):
        threads.use_threads(count)
        results.append(quality_of(pair.hr, pair.upscaled)[1])
    for other in results[1:]:
        np.testing.assert_array_equal(results[0].psnr, other.psnr)
        np.testing.assert_array_equal(results[0].ssim, other.ssim)


def test_figures_do_not_depend_on_where_in_the_image_a_window_lies():
    pair = pair_of((400, 240))
    windows, whole = quality_of(pair.hr, pair.upscaled, stride=31)
    for number in range(0, len(windows), 7):
        y, x = windows.y[number], windows.x[number]
        part = slice(y, y + 33), slice(x, x + 33)
        alone = quality_of(pair.hr[part], pair.upscaled[part])[1]
        assert alone.psnr[0] == pytest.approx(whole.psnr[number], abs=1e-9)
        assert alone.ssim[0] == pytest.approx(whole.ssim[number], abs=1e-9)


def test_images_of_different_sizes_cannot_be_compared():
    with pytest.raises(ValueError, match="must be the same"):
        map_quality(np.zeros((20, 20, 3)), np.zeros((20, 21, 3)), metrics_on="rgb")
