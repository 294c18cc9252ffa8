import threading

import cv2
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, RecipeError
from srviewer.pipeline import resizing
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import FILTERS
from srviewer.pipeline.resizing import available_libraries, has_torch, resize
from tests.photos import crop
from tests.reference import psnr

INSTALLED = [(name, kind) for name in available_libraries() for kind in FILTERS[name]]
SIZES = [(25, 17), (50, 34), (200, 140), (37, 101)]

PIL_FILTERS = {
    "nearest": Image.NEAREST,
    "bilinear": Image.BILINEAR,
    "bicubic": Image.BICUBIC,
    "lanczos": Image.LANCZOS,
    "box": Image.BOX,
}
OPENCV_FILTERS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
    "area": cv2.INTER_AREA,
}


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    return crop("coffee", 200, 100, 100, 68)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("filter", PIL_FILTERS)
def test_pil_is_pillows_resize_and_without_quantising_of_each_channel_in_mode_f(rgb, size, filter):
    expected = np.asarray(Image.fromarray(rgb).resize(size, PIL_FILTERS[filter]))
    result = resize(rgb, size, resizer="pil", filter=filter, quantize_after=True)
    np.testing.assert_array_equal(result, expected)
    result = resize(rgb, size, resizer="pil", filter=filter, quantize_after=False)
    assert result.dtype == np.float32
    for channel in range(3):
        plane = Image.fromarray(rgb[..., channel].astype(np.float32))
        assert plane.mode == "F"
        expected = np.asarray(plane.resize(size, PIL_FILTERS[filter]))
        np.testing.assert_array_equal(result[..., channel], expected)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("filter", OPENCV_FILTERS)
def test_opencv_is_cv2_resize(rgb, size, filter):
    expected = cv2.resize(rgb, size, interpolation=OPENCV_FILTERS[filter])
    result = resize(rgb, size, resizer="opencv", filter=filter, quantize_after=True)
    np.testing.assert_array_equal(result, expected)
    expected = cv2.resize(rgb.astype(np.float32), size, interpolation=OPENCV_FILTERS[filter])
    result = resize(rgb, size, resizer="opencv", filter=filter, quantize_after=False)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(("name", "filter"), INSTALLED)
def test_results_have_the_size_and_type_that_were_asked_for(rgb, name, filter):
    for quantize, kind in ((True, np.uint8), (False, np.float32)):
        result = resize(rgb, (50, 21), resizer=name, filter=filter, quantize_after=quantize)
        assert result.shape == (21, 50, 3)
        assert result.dtype == kind
        assert result.flags.c_contiguous
        assert result.flags.owndata or result.base is not rgb


@pytest.mark.parametrize(("name", "filter"), INSTALLED)
def test_a_constant_image_stays_constant(name, filter):
    flat = np.full((24, 36, 3), (3, 128, 252), np.uint8)
    for size in ((9, 6), (72, 48)):
        for quantize in (True, False):
            result = resize(flat, size, resizer=name, filter=filter, quantize_after=quantize)
            np.testing.assert_allclose(result, np.broadcast_to(flat[0, 0], result.shape), atol=1e-3)


@pytest.mark.parametrize(("name", "filter"), INSTALLED)
def test_rounding_at_the_end_stays_close_to_floats(rgb, name, filter):
    floats = resize(rgb, (25, 17), resizer=name, filter=filter, quantize_after=False)
    whole = resize(rgb, (25, 17), resizer=name, filter=filter, quantize_after=True)
    # Pillow and MATLAB round between the axes as well, so up to one and a half.
    assert np.abs(np.clip(floats, 0, 255) - whole).max() <= 1.5


def test_floats_overshoot_and_bytes_are_clipped():
    edge = np.zeros((8, 40, 3), np.uint8)
    edge[:, 20:] = 255
    for name in ("pil", "opencv", "matlab"):
        floats = resize(edge, (80, 16), resizer=name, filter="bicubic", quantize_after=False)
        assert floats.min() < -1
        assert floats.max() > 256
        whole = resize(edge, (80, 16), resizer=name, filter="bicubic", quantize_after=True)
        assert (whole.min(), whole.max()) == (0, 255)


def test_the_libraries_differ_in_what_the_description_says():
    stripes = np.zeros((32, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    small = {
        name: resize(stripes, (16, 8), resizer=name, filter="bicubic", quantize_after=True)
        for name in ("pil", "opencv", "matlab")
    }
    # Antialiasing blurs stripes of one pixel to grey; cv2's bicubic looks at four pixels only.
    assert np.abs(small["pil"][:, 3:-3].astype(int) - 127.5).max() < 3
    assert np.abs(small["matlab"][:, 3:-3].astype(int) - 127.5).max() < 3
    image = crop("grass", 0, 0, 128, 128)
    pil, matlab, opencv = (
        resize(image, (32, 32), resizer=name, filter="bicubic", quantize_after=True).astype(int)
        for name in ("pil", "matlab", "opencv")
    )
    assert np.abs(pil - matlab)[4:-4, 4:-4].max() <= 1
    assert np.abs(pil - opencv).mean() > 10


@pytest.mark.parametrize(("size", "expected"), [((100, 100), 21.00), ((250, 240), 27.67)])
def test_how_far_pil_and_opencv_are_apart(data_dir, size, expected):
    baboon = read_image(data_dir / "set14" / "baboon.bmp").rgb
    pil, opencv = (
        resize(baboon, size, resizer=name, filter="bicubic", quantize_after=True)
        for name in ("pil", "opencv")
    )
    assert psnr(pil, opencv) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("name", "filter"), [("pil", "area"), ("opencv", "box"), ("matlab", "area"), ("pil", "cubic")]
)
def test_a_filter_that_the_library_lacks_is_refused_with_what_it_has(rgb, name, filter):
    with pytest.raises(RecipeError) as caught:
        resize(rgb, (10, 10), resizer=name, filter=filter, quantize_after=True)
    assert filter in str(caught.value)
    for has in FILTERS[name]:
        assert has in str(caught.value)


def test_torch_where_it_is_not_installed(rgb, monkeypatch):
    monkeypatch.setattr(resizing.importlib.util, "find_spec", lambda name: None)
    assert not has_torch()
    assert available_libraries() == ("pil", "opencv", "matlab")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(RecipeError, match=r"torch is not installed; pip install"):
        resize(rgb, (10, 10), resizer="torch", filter="bicubic", quantize_after=True)


@pytest.mark.parametrize("filter", FILTERS["torch"])
def test_torch_is_interpolate(rgb, filter):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    assert available_libraries() == ("pil", "opencv", "matlab", "torch")
    mode = filter.removesuffix("_antialias")
    options = {"antialias": True} if filter.endswith("_antialias") else {}
    planes = torch.tensor(rgb.transpose(2, 0, 1)[None].astype(np.float32))
    for size in SIZES:
        expected = torch.nn.functional.interpolate(planes, size[::-1], mode=mode, **options)[0]
        floats = resize(rgb, size, resizer="torch", filter=filter, quantize_after=False)
        np.testing.assert_allclose(floats, expected.numpy().transpose(1, 2, 0), atol=1e-4)


@pytest.mark.parametrize(("resizer", "asked"), [("pil", 4), ("opencv", 1), ("matlab", 20)])
def test_what_takes_long_is_stopped_on_its_way(resizer, asked):
    looks = []
    cancel = threading.Event()
    progress = Progress(cancel=cancel)
    cancel.is_set = lambda: looks.append(1) or len(looks) > asked - 1
    how = {"resizer": resizer, "filter": "bicubic", "quantize_after": False}
    rgb = np.zeros((40, 40, 3), np.uint8)
    with pytest.raises(Cancelled):
        resize(rgb, (10, 10), progress=progress, **how)
    assert len(looks) == asked
