import itertools
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest
from scipy.spatial import KDTree

from srviewer.errors import Cancelled
from srviewer.pipeline import features, threads
from srviewer.pipeline.features import Features, SiftSettings, detect, is_tiled, match
from srviewer.pipeline.pairing import grey, make_pair
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from tests.photos import crop, photo


@pytest.fixture(scope="module")
def pair():
    rgb = photo("motorcycle")
    return make_pair(rgb, scale=4, resizer="pil", filter="bicubic", quantize_after=True)


def features_of(points: list[tuple[float, float]], descriptors: np.ndarray) -> Features:
    zeros = np.zeros(len(points), np.float32)
    return Features(np.array(points, np.float32), zeros, zeros, descriptors.astype(np.uint8))


def test_default_settings_are_opencvs_own(pair):
    image = grey(pair.hr)
    found, descriptors = cv2.SIFT_create().detectAndCompute(image, None)
    mine = detect(image, SiftSettings.of(vars(Recipe())))
    np.testing.assert_array_equal(mine.points, np.array([k.pt for k in found], np.float32))
    np.testing.assert_array_equal(mine.sizes, np.array([k.size for k in found], np.float32))
    np.testing.assert_array_equal(mine.angles, np.array([k.angle for k in found], np.float32))
    np.testing.assert_array_equal(mine.descriptors, descriptors)
    assert mine.descriptors.dtype == np.uint8
    assert len(mine) == len(found)


@pytest.mark.parametrize(
    "values",
    [(300, 3, 0.04, 10.0, 1.6), (0, 5, 0.04, 10.0, 1.6), (0, 3, 0.08, 10.0, 1.6),
     (0, 3, 0.04, 4.0, 1.6), (0, 3, 0.04, 10.0, 2.2)],
)  # fmt: skip
def test_every_setting_reaches_opencv(values):
    image = grey(crop("motorcycle", 100, 150, 200, 200))
    default = detect(image, SiftSettings())
    mine = detect(image, SiftSettings(*values))
    expected, descriptors = cv2.SIFT_create(*values).detectAndCompute(image, None)
    np.testing.assert_array_equal(mine.points, np.array([k.pt for k in expected], np.float32))
    np.testing.assert_array_equal(mine.descriptors, descriptors)
    assert len(mine) != len(default)


def test_settings_come_from_the_recipes_fields():
    recipe = Recipe(
        sift_nfeatures=7,
        sift_n_octave_layers=2,
        sift_contrast_threshold=0.1,
        sift_edge_threshold=5.0,
        sift_sigma=2.0,
    )
    assert SiftSettings.of(vars(recipe)) == SiftSettings(7, 2, 0.1, 5.0, 2.0)
    assert SiftSettings.of(vars(Recipe())) == SiftSettings(0, 3, 0.04, 10.0, 1.6)


@pytest.mark.parametrize("name", ["motorcycle", "astronaut", "camera"])
@pytest.mark.parametrize("scale", [2, 4])
def test_matches_of_bytes_are_those_of_floats(name, scale):
    pair = make_pair(photo(name), scale=scale, resizer="pil", filter="bicubic", quantize_after=True)
    sift = cv2.SIFT_create()
    hr, hr_floats = sift.detectAndCompute(grey(pair.hr), None)
    lr, lr_floats = sift.detectAndCompute(grey(pair.lr), None)
    assert hr_floats.dtype == np.float32
    expected = cv2.BFMatcher(cv2.NORM_L1, crossCheck=True).match(hr_floats, lr_floats)
    settings = SiftSettings()
    mine = match(detect(grey(pair.hr), settings), detect(grey(pair.lr), settings))
    assert len(mine) == len(expected) > 50
    assert mine.hr_index.tolist() == [m.queryIdx for m in expected]
    assert mine.lr_index.tolist() == [m.trainIdx for m in expected]
    assert mine.distance.tolist() == [m.distance for m in expected]
    assert list(map(tuple, mine.hr_points.tolist())) == [hr[m.queryIdx].pt for m in expected]
    assert list(map(tuple, mine.lr_points.tolist())) == [lr[m.trainIdx].pt for m in expected]


def test_matches_choose_each_other():
    random = np.random.default_rng(6)
    hr = random.integers(0, 256, (60, 128))
    lr = random.integers(0, 256, (40, 128))
    lr[:20] = np.clip(hr[10:30] + random.integers(-9, 10, (20, 128)), 0, 255)
    distances = np.abs(hr[:, None] - lr[None]).sum(axis=2)
    expected = [
        (h, low)
        for h in range(60)
        for low in range(40)
        if distances[h].argmin() == low and distances[:, low].argmin() == h
    ]
    mine = match(
        features_of([(i, 0) for i in range(60)], hr), features_of([(0, i) for i in range(40)], lr)
    )
    assert list(zip(mine.hr_index.tolist(), mine.lr_index.tolist(), strict=True)) == expected
    np.testing.assert_array_equal(mine.distance, [distances[h, low] for h, low in expected])
    np.testing.assert_array_equal(mine.hr_points[:, 0], mine.hr_index)
    np.testing.assert_array_equal(mine.lr_points[:, 1], mine.lr_index)


def test_a_flat_image_has_no_keypoints():
    found = detect(np.full((80, 80), 90, np.uint8), SiftSettings())
    assert len(found) == 0
    assert found.points.shape == (0, 2)
    assert found.descriptors.shape == (0, 128)


def test_without_keypoints_there_are_no_matches(pair):
    some = detect(grey(pair.lr), SiftSettings())
    none = detect(np.zeros((50, 50), np.uint8), SiftSettings())
    for hr, lr in ((some, none), (none, some), (none, none)):
        found = match(hr, lr)
        assert len(found) == 0
        assert found.hr_points.shape == found.lr_points.shape == (0, 2)
        assert found.distance.shape == (0,)


# Tiles


TILE = 640  # px, so that an image of three is small; less the overlap a multiple of 128


def use_small_tiles(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(features, "TILE", TILE)
    patch.setattr(features, "WHOLE_UP_TO", 100_000)


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    """A grey image of three tiles: photographs side by side."""
    parts = [photo("motorcycle")[:400, :500], photo("astronaut")[:400, :400], photo("coffee")[:400]]
    return grey(np.ascontiguousarray(np.hstack(parts)[:, :1201]))


@pytest.fixture(scope="module")
def whole(wide) -> Features:
    return detect(wide, SiftSettings())


@pytest.fixture(scope="module")
def tiled(wide) -> Features:
    """What is found in tiles, by two threads."""
    before = threads._threads
    threads.use_threads(2)
    try:
        with pytest.MonkeyPatch.context() as patch:
            use_small_tiles(patch)
            return detect(wide, SiftSettings())
    finally:
        threads.use_threads(before)


def how_many_are_in(some: Features, others: Features) -> int:
    """Count the keypoints that are the same but for the rounding of tiles' own coordinates."""
    tree = KDTree(others.points)
    found = 0
    for number, near in enumerate(tree.query_ball_point(some.points, 0.01)):
        turned = np.abs(some.angles[number] - others.angles[near]) % 360
        described = np.abs(some.descriptors[number].astype(int) - others.descriptors[near])
        found += bool(
            np.any(
                (np.minimum(turned, 360 - turned) < 0.1)
                & np.isclose(some.sizes[number], others.sizes[near], rtol=1e-3)
                & (described.max(axis=1, initial=0) <= 2)
            )
        )
    return found


@pytest.fixture
def in_tiles(monkeypatch):
    use_small_tiles(monkeypatch)


def test_tiles_find_what_the_whole_image_has(wide, whole, tiled, in_tiles):
    assert wide.shape[1] > features.TILE
    assert is_tiled(wide.size)
    assert how_many_are_in(tiled, whole) > 0.99 * len(tiled)
    assert how_many_are_in(whole, tiled) > 0.99 * len(whole)


def test_an_lr_is_tiled_sooner_beside_a_huge_hr(wide, whole, monkeypatch):
    monkeypatch.setattr(features, "WHOLE_BESIDE_HUGE", 100_000)
    monkeypatch.setattr(features, "TILE", TILE)
    beside = detect(wide, SiftSettings(), beside=features.HUGE)
    np.testing.assert_array_equal(beside.points, whole.points)
    tiled = detect(wide, SiftSettings(), beside=features.HUGE + 1)
    assert not np.array_equal(tiled.points, whole.points)
    assert how_many_are_in(tiled, whole) > 0.99 * len(tiled)


def test_what_is_whole_is_so_whatever_it_lies_beside():
    for megapixels in (1, 4, 8):
        assert not is_tiled(megapixels * 1_000_000, beside=100_000_000)
    assert is_tiled(11_108_889, beside=9999 * 9999)
    assert not is_tiled(12_000_000, beside=48_000_000)
    assert is_tiled(12_000_001)


def test_each_tile_is_told_and_the_search_can_be_stopped_between_them(
    wide, tiled, in_tiles, keep_threads
):
    threads.use_threads(1)
    cancel = threading.Event()
    told: list[tuple[str, int, int]] = []

    def stop_at_one(*now) -> None:
        told.append(now)
        cancel.set()

    with pytest.raises(Cancelled):
        detect(wide, SiftSettings(), Progress(stop_at_one, cancel))
    assert told == [("keypoints", 1, 3)]
    told.clear()
    by_one = detect(wide, SiftSettings(), Progress(lambda *now: told.append(now)))
    assert told == [("keypoints", done, 3) for done in (1, 2, 3)]
    # One thread and two find the same.
    np.testing.assert_array_equal(by_one.points, tiled.points)
    np.testing.assert_array_equal(by_one.descriptors, tiled.descriptors)


def test_tiles_keep_opencvs_order(whole, tiled):
    assert np.all(np.diff(tiled.points[:, 0]) >= 0)
    assert np.all(np.diff(whole.points[:, 0]) >= 0)


def test_tiles_keep_the_strongest_keypoints_of_the_whole_image(wide, in_tiles, monkeypatch):
    limited = SiftSettings(nfeatures=500)
    tiled = detect(wide, limited)
    assert len(tiled) == 500
    monkeypatch.setattr(features, "WHOLE_UP_TO", wide.size)
    assert not is_tiled(wide.size)
    whole = detect(wide, limited)
    assert how_many_are_in(tiled, whole) > 0.98 * 500


@pytest.mark.parametrize("length", [300, 1024, 1025, 1300, 1792, 1793, 2000, 5000])
def test_tiles_share_the_image_without_gaps(length):
    spans = features._tile_spans(length)
    assert spans[0][0] == 0
    assert spans[-1][1] == length
    assert (spans[0][2], spans[-1][3]) == (-np.inf, np.inf)
    for (_, end, _, past), (start, _, first, _) in itertools.pairwise(spans):
        assert past == first
        assert start % 128 == 0
        assert start < first < end
        assert end - past >= features.OVERLAP / 2 or end == length


def test_flat_tiles_have_no_keypoints(in_tiles):
    assert len(detect(np.full((600, 1400), 7, np.uint8), SiftSettings())) == 0


LEFT_AFTER = """
import sys
import numpy as np
from srviewer.pipeline import features
from srviewer.pipeline.allocator import tune_allocator
from tests.photos import photo

print(tune_allocator())
taken = lambda: int(open("/proc/self/statm").read().split()[1]) * 4096
grey = np.ascontiguousarray(np.tile(photo("camera")[..., 0], (2, 2)))
features.GIVE_BACK_ABOVE = int(sys.argv[1])
before = taken()
features.detect(grey, features.SiftSettings())
print(taken() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("above", "least", "most"), [(0, -1e9, 60e6), (2**40, 150e6, 400e6)])
def test_large_images_give_back_what_they_took(environment, above, least, most):
    command = [sys.executable, "-c", LEFT_AFTER, str(above)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    tuned, left = ran.stdout.split()
    if tuned == "False":
        pytest.skip("the C library is not glibc")
    assert least < int(left) < most


def test_what_a_large_image_took_is_given_back(monkeypatch):
    grey = crop("camera", 0, 0, 60, 50)[..., 0]
    given = []
    monkeypatch.setattr(features, "give_back_memory", lambda: given.append(True))
    for above, times in ((grey.size, 0), (grey.size - 1, 1)):
        monkeypatch.setattr(features, "GIVE_BACK_ABOVE", above)
        detect(grey, SiftSettings())
        assert len(given) == times
