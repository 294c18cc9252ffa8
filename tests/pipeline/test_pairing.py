import cv2
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ImageTooSmallError
from srviewer.pipeline.pairing import clean_size, grey, make_pair, require_room
from tests.photos import crop
from tests.reference import article_sizes

BICUBIC = {"resizer": "pil", "filter": "bicubic", "quantize_after": True}


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_clean_size_is_where_the_articles_loop_ends(scale):
    ended = 0
    for width in range(scale, 1500):
        expected = article_sizes(width, 1 / scale)
        if expected is None:
            continue
        ended += 1
        assert clean_size(width, width, scale) == (expected, expected), width
    # With 1/3 the quotient is not exact in binary for every size; the loop may run past some.
    assert ended > 1000


@pytest.mark.parametrize("scale", [2, 3, 4, 5, 8, 64])
def test_clean_size_is_the_largest_multiple(scale):
    for width in range(scale, 400, 7):
        for height in range(scale, 400, 11):
            w, h = clean_size(width, height, scale)
            assert (w % scale, h % scale) == (0, 0)
            assert width - scale < w <= width
            assert height - scale < h <= height


def test_a_pair_is_trimmed_at_the_right_and_bottom():
    rgb = crop("chelsea", 100, 50, 103, 71)
    pair = make_pair(rgb, scale=4, **BICUBIC)
    np.testing.assert_array_equal(pair.hr, rgb[:68, :100])
    assert pair.lr.shape == (17, 25, 3)
    assert pair.upscaled.shape == pair.hr.shape
    assert pair.size == (100, 68)
    assert pair.scale == 4


def test_a_pair_is_reduced_and_enlarged_with_the_same_resizer():
    rgb = crop("chelsea", 100, 50, 100, 68)
    pair = make_pair(rgb, scale=4, **BICUBIC)
    lr = Image.fromarray(rgb).resize((25, 17), Image.BICUBIC)
    np.testing.assert_array_equal(pair.lr, np.asarray(lr))
    np.testing.assert_array_equal(pair.upscaled, np.asarray(lr.resize((100, 68), Image.BICUBIC)))


def test_without_quantising_float_goes_through_both_resizes():
    rgb = crop("chelsea", 100, 50, 100, 68)
    pair = make_pair(rgb, scale=4, resizer="opencv", filter="bicubic", quantize_after=False)
    lr = cv2.resize(rgb.astype(np.float32), (25, 17), interpolation=cv2.INTER_CUBIC)
    assert pair.lr.dtype == pair.upscaled.dtype == np.float32
    assert pair.hr.dtype == np.uint8
    np.testing.assert_array_equal(pair.lr, lr)
    expected = cv2.resize(lr, (100, 68), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_array_equal(pair.upscaled, expected)
    assert (pair.lr != np.round(pair.lr)).any()


def test_the_pair_does_not_change_the_image():
    rgb = crop("chelsea", 100, 50, 103, 71)
    before = rgb.copy()
    make_pair(rgb, scale=2, **BICUBIC)
    np.testing.assert_array_equal(rgb, before)


def test_grey_is_opencvs():
    rgb = crop("coffee", 100, 50, 103, 71)
    np.testing.assert_array_equal(grey(rgb), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def test_grey_of_float_is_that_of_the_rounded_image():
    values = np.array([[[254.5, -7.0, 300.0], [0.49, 0.5, 1.5]]], np.float32)
    rounded = np.array([[[255, 0, 255], [0, 1, 2]]], np.uint8)
    np.testing.assert_array_equal(grey(values), cv2.cvtColor(rounded, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize(
    ("size", "trimmed"),
    [((1, 1), "0 x 0"), ((20, 600), "20 x 600"), ((600, 20), "600 x 20"), ((35, 35), "32 x 32")],
)
def test_an_image_without_room_for_a_patch(size, trimmed):
    with pytest.raises(ImageTooSmallError) as caught:
        require_room(*size, scale=4, patch=33)
    message = str(caught.value)
    for words in (f"{size[0]} x {size[1]} px", f"{trimmed} px", "33 x 33 px"):
        assert words in message


def test_an_image_with_room_for_just_one_patch():
    assert require_room(36, 36, scale=4, patch=36) is None
    assert require_room(37, 39, scale=4, patch=36) is None
