import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline.imresize import imresize

FILTERS = ("nearest", "bilinear", "bicubic", "lanczos", "box")


def row(*values: float) -> np.ndarray:
    """Return an image of one row and one channel."""
    return np.array(values, np.float64)[None, :, None]


@pytest.mark.parametrize("kind", ["uint8", "double"])
def test_matlabs_own_output(data_dir, kind):
    source = np.asarray(Image.open(data_dir / "matlab" / "lena_512x512.png"))
    expected = np.asarray(Image.open(data_dir / "matlab" / f"lena_123x234_{kind}.png"))
    image = source if source.ndim == 3 else source[..., None]
    result = imresize(image if kind == "uint8" else image / 255, (234, 123), "bicubic")
    assert result.dtype == (np.uint8 if kind == "uint8" else np.float64)
    if kind == "double":  # as imwrite writes doubles
        result = np.floor(np.clip(result, 0, 1) * 255 + 0.5)
    np.testing.assert_array_equal(result.reshape(expected.shape), expected)


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("size", [(5, 7), (10, 7), (23, 31), (10, 31), (40, 9)])
def test_a_constant_image_stays_constant(filter, size):
    for value in (0, 77, 255):
        flat = np.full((17, 19, 3), value, np.uint8)
        result = imresize(flat, size, filter)
        assert result.shape == (size[1], size[0], 3)
        assert (result == value).all()
    flat = np.full((17, 19, 1), 0.3)
    np.testing.assert_allclose(imresize(flat, size, filter), 0.3, rtol=1e-12)


@pytest.mark.parametrize("filter", FILTERS)
def test_the_same_size_changes_nothing(filter):
    image = np.random.default_rng(3).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    np.testing.assert_array_equal(imresize(image, (12, 9), filter), image)


# By hand: halving four values a b c d. The centres of the results lie at 1.5 and 3.5 (from 1), and
# antialiasing doubles the kernel's width, so the taps sit 0.25, 0.75, ... from the centre.


def test_box_halves_to_means_of_two():
    np.testing.assert_allclose(imresize(row(0, 8, 20, 40), (2, 1), "box"), row(4, 30))


def test_bilinear_halves_with_a_triangle_of_four():
    # weights 1/8 3/8 3/8 1/8, the border mirrored: a a b c and b c d d
    expected = row((0 + 3 * 0 + 3 * 8 + 20) / 8, (8 + 3 * 20 + 3 * 40 + 40) / 8)
    np.testing.assert_allclose(imresize(row(0, 8, 20, 40), (2, 1), "bilinear"), expected)


def test_bicubic_halves_with_a_cubic_of_eight():
    # Keys' kernel, a = -1/2, at 1/4 3/4 5/4 7/4, halved:
    near = [(1.5 * t**3 - 2.5 * t**2 + 1) / 2 for t in (0.25, 0.75)]
    far = [(-0.5 * t**3 + 2.5 * t**2 - 4 * t + 2) / 2 for t in (1.25, 1.75)]
    weights = np.array([far[1], far[0], near[1], near[0], near[0], near[1], far[0], far[1]])
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(near + far, [0.43359375, 0.11328125, -0.03515625, -0.01171875])
    values = np.array([20.0, 8.0, 0.0, 0.0, 8.0, 20.0, 40.0, 40.0, 20.0, 8.0])  # mirrored twice
    expected = row(values[:8] @ weights, values[2:] @ weights)
    np.testing.assert_allclose(imresize(row(0, 8, 20, 40), (2, 1), "bicubic"), expected)


def test_nearest_takes_one_value():
    np.testing.assert_allclose(imresize(row(1, 2, 3, 4, 5, 6), (2, 1), "nearest"), row(2, 5))
    np.testing.assert_allclose(imresize(row(1, 2), (4, 1), "nearest"), row(1, 1, 2, 2))


def test_doubling_bilinear_is_not_antialiased():
    # centres at 0.75 1.25 1.75 2.25: the plain triangle
    np.testing.assert_allclose(imresize(row(0, 8), (4, 1), "bilinear"), row(0, 2, 6, 8))


def test_lanczos_halves_with_three_lobes():
    distances = np.arange(-2.75, 3, 0.5)
    weights = np.sin(np.pi * distances) / (np.pi * distances)
    weights *= np.sin(np.pi * distances / 3) / (np.pi * distances / 3)
    weights /= weights.sum()
    values = np.random.default_rng(5).random(24) * 255
    result = imresize(values[None, :, None], (12, 1), "lanczos")[0, :, 0]
    for index in range(3, 9):
        middle = 2 * index + 0.5
        taps = values[int(middle - 5.5) : int(middle + 5.5) + 1]
        assert result[index] == pytest.approx(taps @ weights, rel=1e-12)


def test_halves_are_rounded_away_from_zero():
    image = np.array([0, 1, 2, 3, 4, 5], np.uint8)[None, :, None]
    assert imresize(image, (3, 1), "box")[0, :, 0].tolist() == [1, 3, 5]


def test_uint8_is_rounded_between_the_axes():
    image = np.array([[0, 1], [1, 1]], np.uint8)[..., None]
    # Rows first (the scales are equal): means 0.5 and 1 become 1 and 1, then 1.
    # Without rounding in between the mean would be 0.75, which is 1 too; so take three quarters.
    assert imresize(image, (1, 1), "box")[0, 0, 0] == 1
    odd = np.array([[0, 0], [1, 0]], np.uint8)[..., None]
    # 0.5 and 0 become 1 and 0, then 0.5 becomes 1; rounded once at the end, 0.25 would be 0.
    assert imresize(odd, (1, 1), "box")[0, 0, 0] == 1


def test_the_axis_that_shrinks_more_comes_first():
    values = np.random.default_rng(8).integers(0, 256, (8, 8)).astype(np.float64)
    wide_first = np.floor(values.reshape(8, 2, 4).mean(axis=2) + 0.5)
    expected = np.floor(wide_first.reshape(4, 2, 2).mean(axis=1) + 0.5)
    result = imresize(values.astype(np.uint8)[..., None], (2, 4), "box")[..., 0]
    np.testing.assert_array_equal(result, expected)


def test_overshoot_is_kept_in_floats_and_clipped_in_uint8():
    edge = row(*[0.0] * 6, *[255.0] * 6)
    result = imresize(edge, (24, 1), "bicubic")
    assert result.min() < 0
    assert result.max() > 255
    clipped = imresize(edge.astype(np.uint8), (24, 1), "bicubic")
    assert (clipped.min(), clipped.max()) == (0, 255)
