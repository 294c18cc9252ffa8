import math
import threading

import cv2
import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srviewer.errors import Cancelled
from srviewer.pipeline import metrics, threads
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.metrics import box_quality, luma, map_quality, psnr_of, window_quality
from srviewer.pipeline.pairing import make_pair
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.progress import Progress
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


@pytest.mark.parametrize("size", [(400, 240), (4301, 47), (47, 4301), (64, 256), (11, 11)])
def test_maps_are_summed_up_as_opencv_does(size, monkeypatch):
    monkeypatch.setattr(metrics, "_SUMMED_AT_ONCE", 20_000)
    random = np.random.default_rng(1)
    hr, other = random.integers(0, 256, (2, size[1], size[0], 3), np.uint8)
    maps = map_quality(hr, other, metrics_on="rgb")
    wrong = ((hr.astype(np.float64) - other) ** 2).sum(axis=2)
    np.testing.assert_array_equal(maps.squared_error, cv2.integral(wrong).astype(np.int64) % 2**32)
    map_of_ssim = structural_similarity(
        hr, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255,
        channel_axis=2, full=True,
    )[1].mean(axis=2)[5:-5, 5:-5]  # fmt: skip
    assert maps.ssim.shape == (size[1] - 9, size[0] - 9)
    np.testing.assert_allclose(maps.ssim, cv2.integral(map_of_ssim), atol=1e-6)


def test_sums_that_wrap_are_right_for_windows_of_any_size():
    black, white = np.zeros((2, 700, 900, 3), np.uint8)
    white[:] = 255
    white[300:, 400:] = 254
    maps = map_quality(black, white, metrics_on="rgb")
    assert maps.squared_error.dtype == np.uint32
    assert 3 * 255**2 * 700 * 900 > 2**36
    for patch in (33, 148, 149, 296, 300, 650):
        windows = lay_windows((900, 700), patch=patch, stride=25)
        found = window_quality(maps, windows).psnr
        for number in range(0, len(windows), 13):
            pixels = windows.pixels(number)
            mean = float((white[pixels].astype(np.int64) ** 2).mean())
            assert found[number] == pytest.approx(10 * math.log10(255**2 / mean), abs=1e-12)


def test_the_work_on_a_large_image_is_told_and_can_be_stopped(keep_threads):
    threads.use_threads(1)
    image = np.zeros((200, 5000, 3), np.uint8)
    told: list[tuple[str, int, int]] = []
    map_quality(image, image, metrics_on="rgb", progress=Progress(lambda *now: told.append(now)))
    assert told == [("quality_maps", done, 8) for done in range(1, 9)]
    cancel = threading.Event()
    told.clear()

    def stop_at_once(*now) -> None:
        told.append(now)
        cancel.set()

    with pytest.raises(Cancelled):
        map_quality(image, image, metrics_on="rgb", progress=Progress(stop_at_once, cancel))
    assert len(told) == 1


def test_images_of_different_sizes_cannot_be_compared():
    with pytest.raises(ValueError, match="must be the same"):
        map_quality(np.zeros((20, 20, 3)), np.zeros((20, 21, 3)), metrics_on="rgb")


@pytest.mark.parametrize("metrics_on", ["rgb", "y"])
def test_a_box_has_scikit_images_figures_of_it_alone(metrics_on):
    pair, box = pair_of(), Box(20, 31, 149, 120)
    one, other = pair.hr, pair.upscaled
    psnr, ssim = box_quality(map_quality(one, other, metrics_on=metrics_on), box)
    if metrics_on == "y":
        one, other = y_of(one), y_of(other)
    a, b = (side[box.y0 : box.y1, box.x0 : box.x1] for side in (one, other))
    assert psnr == pytest.approx(reference.psnr(a, b), abs=1e-6)
    assert ssim == pytest.approx(reference.ssim(a, b), abs=1e-6)


def test_the_errors_of_a_high_box_are_summed_up_beyond_32_bits():
    black, white = (np.full((23_000, 12, 3), value, np.uint8) for value in (0, 255))
    psnr, ssim = box_quality(map_quality(black, white, metrics_on="rgb"), Box(0, 0, 12, 23_000))
    assert psnr == pytest.approx(0, abs=1e-9)
    c1 = (0.01 * 255) ** 2
    assert ssim == pytest.approx(c1 / (255**2 + c1), abs=1e-9)
