"""The cache that answers are made of, on grids and numbers that small photographs do not reach."""

import threading
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import Cancelled
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.survey import set_distributions
from srviewer.survey.cache import Cache
from srviewer.survey.geometry import span_inside
from srviewer.survey.record import LEVELS, POINTS, SurveyedImage, narrow
from srviewer.survey.whole_set import WholeSet

WIDE = Recipe(patch=300, stride=100, crop="whole", texture="canny", keypoint_scope="image")


def composed(number: int, edges: np.ndarray, psnr: np.ndarray) -> SurveyedImage:
    """Return an image without matches whose windows have the given edge pixels and PSNR."""
    rows, columns = edges.shape
    size = (WIDE.stride * (columns - 1) + WIDE.patch, WIDE.stride * (rows - 1) + WIDE.patch)
    none, counts = np.empty((0, 2), np.float32), narrow(edges.ravel())
    small = narrow(np.zeros(edges.size, int))
    content = {
        **dict.fromkeys(POINTS, none),
        **dict.fromkeys(LEVELS, small),
        "canny image": counts,
        "psnr": psnr.ravel().astype(np.float32),
        "ssim": np.full(edges.size, 0.5, np.float32),
    }
    name = f"{number}.png"
    counted = (0, 0, 0, rows, columns, (), 0.0, {})
    return SurveyedImage(size, size, *counted, name, Path(name), name, content)


@pytest.fixture(scope="module")
def wide() -> tuple[WholeSet, np.ndarray, np.ndarray]:
    """Return a set with more levels than fit a table, its edges and PSNR, shape (3, 60, 70)."""
    random = np.random.default_rng(8)
    edges = random.integers(0, WIDE.patch**2 + 1, (3, 60, 70))
    edges[0] //= 4  # fits 16 bits, unlike those of the others
    psnr = random.uniform(10, 40, edges.shape)
    psnr[1, :3] = np.inf
    surveys = [composed(number, *both) for number, both in enumerate(zip(edges, psnr, strict=True))]
    return WholeSet(WIDE, surveys), edges, psnr


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.77777, 1.0])
def test_more_levels_than_fit_a_table(wide, share):
    whole, edges, psnr = wide
    answer = whole.under(WIDE.replace(min_edge_density=share))
    kept = edges / WIDE.patch**2 >= share
    np.testing.assert_array_equal(answer.kept, kept.sum(axis=(1, 2)))
    for index in range(3):
        mine = psnr[index][kept[index] & np.isfinite(psnr[index])]
        expected = mine.mean() if len(mine) else np.nan
        assert answer.mean_psnr[index] == pytest.approx(expected, nan_ok=True)
    assert answer.curve().at(share) == kept.sum()
    found = whole.distributions(answer.recipe)
    assert found["edges"].kept.sum() == kept.sum()
    expected, _ = np.histogram(psnr[kept & np.isfinite(psnr)], found["psnr"].edges)
    np.testing.assert_array_equal(found["psnr"].kept, expected)
    assert found["psnr"].above == (np.isinf(psnr).sum(), np.isinf(psnr[kept]).sum())


def test_one_image_is_answered_for_as_among_many(wide):
    whole, _, _ = wide
    together = whole.under(WIDE)
    for index in range(3):
        alone = WholeSet(WIDE, whole.images[index : index + 1]).under(WIDE)
        assert (alone.kept[0], alone.mean_psnr[0]) == (
            together.kept[index],
            together.mean_psnr[index],
        )


def test_an_answer_can_be_cancelled_and_asked_for_again(wide):
    whole = WholeSet(WIDE, wide[0].images)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        whole.under(WIDE, Progress(cancel=cancel))
    assert whole.under(WIDE).totals.pairs == wide[0].under(WIDE).totals.pairs


def test_threads_that_ask_at_once_get_the_same(wide):
    whole = WholeSet(WIDE, wide[0].images)
    shares = [number / 40 for number in range(40)]
    expected = [wide[0].under(WIDE.replace(min_edge_density=s)).totals.pairs for s in shares]
    found: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        found[number] = [
            whole.under(WIDE.replace(min_edge_density=share)).totals.pairs for share in shares
        ]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 4


def test_windows_are_counted_alike_whatever_is_counted_in_one_go(wide, monkeypatch):
    recipe = WIDE.replace(min_edge_density=0.3)
    expected = wide[0].distributions(recipe)
    monkeypatch.setattr(set_distributions, "_BLOCK", 5000)  # more than an image, less than two
    found = WholeSet(WIDE, wide[0].images).distributions(recipe)
    for name in ("psnr", "ssim"):
        np.testing.assert_array_equal(found[name].all, expected[name].all)
        np.testing.assert_array_equal(found[name].kept, expected[name].kept)
    assert found["ssim"].totals == (3 * 60 * 70, wide[0].under(recipe).totals.pairs)


# Boxes


def test_the_candidates_are_the_windows_inside_the_box():
    random = np.random.default_rng(3)
    for _ in range(300):
        patch, stride = int(random.integers(11, 40)), int(random.integers(1, 50))
        size = tuple(int(side) for side in random.integers(patch, 200, 2))
        windows = lay_windows(size, patch=patch, stride=stride)
        x0, y0 = (int(random.integers(-60, side)) for side in size)  # or of a damaged survey
        x1, y1 = (
            int(random.integers(low, side + 1)) for low, side in zip((x0, y0), size, strict=True)
        )
        box = Box(x0, y0, x1, y1)
        r0, r1, c0, c1 = span_inside(box, windows.rows, windows.columns, patch, stride)
        mask = np.zeros((windows.rows, windows.columns), bool)
        mask[r0:r1, c0:c1] = True
        np.testing.assert_array_equal(mask.ravel(), windows.inside(box))


# What is kept


def test_the_last_parts_of_a_kind_are_kept():
    cache, found = Cache(), []

    def get(kind: str, key: int) -> int:
        return cache.get(kind, (key,), lambda: found.append((kind, key)) or key)

    for key in (1, 2, 1, 2):
        assert get("a", key) == key
    assert found == [("a", 1), ("a", 2)]
    for key in range(100):
        get("b", key)
    get("a", 1)
    get("b", 99)
    assert found.count(("a", 1)) == found.count(("b", 99)) == 1
    get("b", 0)
    assert found.count(("b", 0)) == 2


def test_what_was_asked_for_longest_ago_goes_first():
    cache, found = Cache(), []

    def get(key: int) -> int:
        return cache.get("a", key, lambda: found.append(key) or key)

    for key in (*range(6), 0, 6, 0, 1):
        get(key)
    assert found == [*range(7), 1], "six are kept"


def test_nothing_is_kept_of_what_failed():
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", (), lambda: 1 // 0)
    assert cache.get("a", (), lambda: 5) == 5
