import math
import threading

import cv2
import numpy as np
import pytest

from srviewer.errors import Cancelled
from srviewer.pipeline import threads
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.patching import count_points, lay_windows, window_sums
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import Look, look_into
from tests.photos import crop

SHAPES = [(33, 14), (16, 16), (11, 30), (40, 1), (20, 7), (64, 64)]
SIZE = (148, 120)


@pytest.fixture(scope="module")
def grey() -> np.ndarray:
    return cv2.cvtColor(crop("motorcycle", 100, 150, *SIZE), cv2.COLOR_RGB2GRAY)


def levels(grey, windows, wanted, progress=UNHEARD, **knobs) -> np.ndarray:
    """Return what the recipe of `knobs` holds its threshold against in each window."""
    recipe, none = Recipe(**knobs), np.empty((0, 2), np.float32)
    look = Look(grey, windows, wanted, none, vars(recipe), progress)
    return look_into(look, recipe.texture, recipe.keypoint_scope).deciding


def places(windows) -> list[tuple[int, int]]:
    return list(zip(windows.x.tolist(), windows.y.tolist(), strict=True))


@pytest.mark.parametrize(("patch", "stride"), SHAPES)
@pytest.mark.parametrize("size", [SIZE, (64, 64), (65, 119), (200, 64)])
def test_windows_lie_at_multiples_of_the_stride_wholly_inside(patch, stride, size):
    windows = lay_windows(size, patch=patch, stride=stride)
    expected = [
        (x, y)
        for y in range(0, size[1], stride)
        for x in range(0, size[0], stride)
        if x + patch <= size[0] and y + patch <= size[1]
    ]
    assert places(windows) == expected
    assert len(windows) == windows.rows * windows.columns == len(expected)
    assert (windows.patch, windows.stride) == (patch, stride)


@pytest.mark.parametrize(
    "box",
    [(0, 0, 148, 120), (28, 14, 75, 61), (1, 1, 147, 119), (27, 13, 61, 47), (40, 40, 60, 60)],
)
def test_windows_inside_a_box_touch_its_edges_at_most(box):
    windows = lay_windows(SIZE, patch=33, stride=14)
    expected = [
        box[0] <= x and box[1] <= y and x + 33 <= box[2] and y + 33 <= box[3]
        for x, y in places(windows)
    ]
    assert windows.inside(Box(*box)).tolist() == expected
    assert not windows.inside(None).any()


@pytest.mark.parametrize(("patch", "stride"), SHAPES)
def test_points_are_counted_in_every_window_that_holds_their_pixel(patch, stride):
    windows = lay_windows(SIZE, patch=patch, stride=stride)
    random = np.random.default_rng(7)
    halves = random.integers(-4, 2 * max(SIZE), (300, 2)) / 2
    anywhere = random.uniform(-3, max(SIZE) + 3, (300, 2))
    edges = [(x, y) for x in (-0.5, 0, 147, 147.49, 147.5) for y in (-0.51, 0, 119.4, 119.5)]
    starts = [(x + dx, y) for x, y in places(windows)[:20] for dx in (-0.5, -0.501, patch - 0.5)]
    points = np.concatenate([halves, anywhere, edges, starts]).astype(np.float32)
    pixels = [(math.floor(px + 0.5), math.floor(py + 0.5)) for px, py in points.astype(float)]
    columns, rows = np.array(pixels).T
    expected = [
        np.sum((x <= columns) & (columns < x + patch) & (y <= rows) & (rows < y + patch))
        for x, y in places(windows)
    ]
    counts = count_points(windows, points)
    assert counts.dtype == np.int32
    np.testing.assert_array_equal(counts, expected)


def test_no_points_are_counted_as_zero():
    windows = lay_windows(SIZE, patch=33, stride=14)
    counts = count_points(windows, np.empty((0, 2), np.float32))
    assert counts.tolist() == [0] * len(windows)


@pytest.mark.parametrize(("patch", "stride"), [(33, 14), (24, 40)])
@pytest.mark.parametrize("count", [1, 2])
def test_keypoints_of_each_window_alone(grey, keep_threads, patch, stride, count):
    threads.use_threads(count)
    windows = lay_windows(SIZE, patch=patch, stride=stride)
    wanted = np.arange(len(windows)) % 3 != 1
    counts = levels(grey, windows, wanted)
    for number, (x, y) in enumerate(places(windows)):
        window = grey[y : y + patch, x : x + patch].copy()
        expected = len(cv2.SIFT_create().detect(window, None)) if wanted[number] else -1
        assert counts[number] == expected
    assert counts.max() > 5


def test_settings_reach_each_window(grey):
    windows = lay_windows(SIZE, patch=33, stride=14)
    wanted = np.ones(len(windows), bool)
    counts = levels(grey, windows, wanted, sift_contrast_threshold=0.1)
    sift = cv2.SIFT_create(contrastThreshold=0.1)
    expected = [len(sift.detect(grey[y : y + 33, x : x + 33].copy())) for x, y in places(windows)]
    assert counts.tolist() == expected


def test_counting_reports_every_window(grey):
    reports = []
    windows = lay_windows(SIZE, patch=33, stride=14)
    wanted = windows.inside(Box(0, 0, 100, 100))
    progress = Progress(lambda *what: reports.append(what))
    levels(grey, windows, wanted, progress=progress)
    total = int(wanted.sum())
    assert {(stage, whole) for stage, _, whole in reports} == {("texture", total)}
    assert max(done for _, done, _ in reports) == total


def test_a_single_row_of_many_windows_is_counted_in_parts(grey, keep_threads):
    threads.use_threads(1)
    windows = lay_windows((SIZE[0], 11), patch=11, stride=1)
    assert (windows.rows, len(windows) > 32) == (1, True)
    cancel = threading.Event()
    told = []

    def stop(stage: str, done: int, total: int) -> None:
        told.append((done, total))
        cancel.set()

    with pytest.raises(Cancelled):
        levels(grey, windows, np.ones(len(windows), bool), progress=Progress(stop, cancel))
    assert told == [(32, len(windows))]


def test_counting_in_no_window_is_no_error(grey):
    windows = lay_windows(SIZE, patch=33, stride=14)
    counts = levels(grey, windows, np.zeros(len(windows), bool))
    assert (counts == -1).all()


@pytest.mark.parametrize(("patch", "stride"), [(33, 14), (11, 30)])
@pytest.mark.parametrize("limits", [(100, 200), (30, 60)])
@pytest.mark.parametrize("scope", ["patch", "image"])
def test_edges_of_each_window(grey, patch, stride, limits, scope):
    windows = lay_windows(SIZE, patch=patch, stride=stride)
    wanted = np.arange(len(windows)) % 2 == 0
    canny = {"texture": "canny", "canny_low": limits[0], "canny_high": limits[1]}
    density = levels(grey, windows, wanted, patch=patch, keypoint_scope=scope, **canny)
    whole = cv2.Canny(grey, *limits)
    for number, (x, y) in enumerate(places(windows)):
        pixels = np.s_[y : y + patch, x : x + patch]
        edges = whole[pixels] if scope == "image" else cv2.Canny(grey[pixels].copy(), *limits)
        counted = scope == "image" or wanted[number]
        assert density[number] == pytest.approx(
            (edges > 0).mean() if counted else np.nan, nan_ok=True
        )
    assert np.nanmax(density) > 0.05


@pytest.mark.parametrize(("patch", "stride"), SHAPES)
@pytest.mark.parametrize("inset", [0, 5])
def test_sums_over_windows(patch, stride, inset):
    image = np.random.default_rng(9).random((SIZE[1], SIZE[0]))
    windows = lay_windows(SIZE, patch=patch, stride=stride)
    inner = image[inset : SIZE[1] - inset, inset : SIZE[0] - inset]
    sums = window_sums(cv2.integral(inner, sdepth=cv2.CV_64F), windows, inset)
    expected = [
        image[y + inset : y + patch - inset, x + inset : x + patch - inset].sum()
        for x, y in places(windows)
    ]
    np.testing.assert_allclose(sums, expected, rtol=1e-9)
