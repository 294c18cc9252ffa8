from functools import cache

import numpy as np
import pytest

from srviewer.pipeline.alignment import windows
from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.report import report, window_rows
from srviewer.pipeline.alignment.verdict import judge
from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment, align_windows
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.recipe import Recipe
from tests.given import given_pair, harmed, reduced
from tests.photos import crop

RECIPE = Recipe(patch=96, stride=24)
BLOCK = np.s_[24:69, 30:75]  # of an LR of 128 x 128


def lying(
    hr: np.ndarray, lr: np.ndarray, recipe: Recipe = RECIPE
) -> tuple[Alignment, WindowAlignment]:
    """Return how the pair lies, and how each window of `recipe` does."""
    found, (height, width) = align(hr, lr), hr.shape[:2]
    windows = lay_windows((width, height), patch=recipe.patch, stride=recipe.stride)
    return found, align_windows(found, hr, lr, windows)


@cache
def with_block(kind: str) -> tuple[Alignment, WindowAlignment, np.ndarray, np.ndarray]:
    """Return how all lie, and which windows lie wholly in the block, and wholly outside."""
    hr = crop("astronaut", 0, 0, 512, 512)
    lr = reduced(hr)
    if kind == "moved":
        lr[BLOCK] = reduced(np.roll(hr, (4, 6), (0, 1)))[BLOCK]
    else:
        lr[BLOCK] = reduced(crop("coffee", 100, 100, 180, 180))
    noise = np.random.default_rng(3).normal(0, 3, lr.shape)
    lr = np.clip(np.round(0.85 * lr + noise), 0, 255).astype(np.uint8)
    windows = lay_windows((512, 512), patch=96, stride=24)
    x, y = windows.x / 4, windows.y / 4
    rows, columns = BLOCK
    inside = (x >= columns.start) & (x + 24 <= columns.stop)
    inside &= (y >= rows.start) & (y + 24 <= rows.stop)
    outside = (x >= columns.stop) | (x + 24 <= columns.start)
    outside |= (y >= rows.stop) | (y + 24 <= rows.start)
    textured = np.array(
        [
            lr[int(b) : int(b) + 24, int(a) : int(a) + 24].std() > 8
            for a, b in zip(x, y, strict=True)
        ]
    )
    return *lying(hr, lr), inside, outside & textured


def share(found: WindowAlignment, chosen: np.ndarray, *verdicts: str) -> float:
    which = [VERDICTS.index(verdict) for verdict in verdicts]
    return float(np.isin(found.verdict[chosen], which).mean())


@pytest.mark.parametrize(("kind", "verdicts"), [("moved", ("moved",)), ("changed", ("changed",))])
def test_the_windows_of_a_block_are_told_from_the_others(kind, verdicts):
    _, found, inside, outside = with_block(kind)
    assert share(found, inside, *verdicts) > 0.9
    assert share(found, inside, "aligned") == 0
    assert share(found, outside, "aligned") > 0.92


def test_windows_know_how_far_they_moved():
    _, found, inside, outside = with_block("moved")
    assert np.median(found.moved[inside], axis=0) == pytest.approx((1.5, 1), abs=0.05)
    assert np.median(np.hypot(*found.moved[outside].T)) < 0.03


def test_a_block_over_what_is_too_flat_to_be_told_of_does_not_mar_the_others():
    hr = crop("rocket", 0, 0, 640, 424)  # most of it is a dark sky
    lr, block = reduced(hr), np.s_[21:69, 26:98]
    other = cv2.resize(crop("astronaut", 0, 0, 512, 512), (640, 424))
    lr[block] = reduced(other)[block]
    noise = np.random.default_rng(7).normal(0, 3, lr.shape)
    lr = np.clip(np.round(0.85 * lr + noise), 0, 255).astype(np.uint8)
    whole, found = lying(hr, lr)
    assert judge(whole).verdict == "partly aligned"
    assert whole.figures.shift_u95 < 0.03
    windows = lay_windows((640, 424), patch=96, stride=24)
    x, y = windows.x / 4, windows.y / 4
    assert share(found, (x >= 26) & (x <= 98 - 24) & (y >= 21) & (y <= 69 - 24), "aligned") == 0
    # Beside it lie windows of one edge: what is around them says where along it.
    beside = (x >= 98) | (y >= 69) | (y + 24 <= 21)
    spread = np.array(
        [lr[int(b) : int(b) + 24, int(a) : int(a) + 24].std() for a, b in zip(x, y, strict=True)]
    )
    assert share(found, beside & (spread > 8), "aligned") > 0.92


def test_a_shift_of_the_whole_is_one_of_each_window():
    hr, lr, truth = given_pair(crop("astronaut", 60, 0, 264, 264), 4, (2, 0))
    _, found = lying(hr, lr)
    assert share(found, np.ones(len(found.verdict), bool), "aligned") == 0
    known = found.u95 < 0.1
    assert known.mean() > 0.7
    assert found.moved[known] == pytest.approx(np.tile(truth, (known.sum(), 1)), abs=0.1)


def test_the_default_patch_is_smaller_than_what_it_is_registered_on():
    hr, lr, _ = given_pair(crop("astronaut", 60, 0, 264, 264), 4)
    _, found = lying(hr, lr, Recipe())
    assert share(found, np.ones(len(found.verdict), bool), "aligned") > 0.9


def with_noise(lr: np.ndarray, sigma: float | np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 1, lr.shape) * sigma
    return np.clip(np.round(lr + noise), 0, 255).astype(np.uint8)


def test_what_may_as_well_lie_within_a_quarter_px_is_neither_moved_nor_aligned():
    hr, lr, _ = given_pair(crop("astronaut", 60, 0, 264, 264), 4, (1, 0))  # by 0.25 LR px
    _, found = lying(hr, with_noise(lr, 6), Recipe(stride=11))
    length, (aligned, moved, _, unknown) = (
        np.hypot(*found.moved.T),
        (found.verdict == number for number in range(len(VERDICTS))),
    )
    assert (length - found.u95)[moved].min(initial=1) > 0.25
    assert (length + found.u95)[aligned].max(initial=0) <= 0.25
    assert (unknown & (length > 0.25) & (found.u95 < 0.25)).sum() > 100


def test_jpegs_noise_moves_no_window_of_a_smooth_picture():
    """Its residual is alike in blocks of 8 px, and says less than as many pixels' noise would."""
    hr = crop("rocket", 0, 0, 320, 320)
    lr = harmed(reduced(hr), ("jpeg",))
    _, found = lying(hr, lr, Recipe(patch=96, stride=12))
    every = np.ones(len(found.verdict), bool)
    assert share(found, every, "moved") < 0.05  # 0.12 where each pixel counts as one of its own
    assert share(found, every, "aligned") > 0.7
    known = found.u95 <= 0.25
    assert (np.hypot(*found.moved.T) <= found.u95)[known].mean() > 0.85


def test_what_lies_around_a_window_says_nothing_of_one_that_contradicts_it():
    hr = crop("coffee", 60, 0, 264, 264)
    lr, block = reduced(hr), np.s_[26:38, 26:38]
    lr[block] = np.roll(lr, 1, 1)[block]
    sigma = np.full((66, 66, 1), 2.0)
    sigma[block] = 30  # so much that its own windows cannot say where it lies
    _, found = lying(hr, with_noise(lr, sigma), Recipe(stride=4))
    windows = lay_windows((264, 264), patch=33, stride=4)
    x, y = windows.x / 4, windows.y / 4
    inside = (x >= 26) & (y >= 26) & (x + 8.25 <= 38) & (y + 8.25 <= 38)
    assert share(found, inside, "unknown") > 0.8
    assert share(found, inside, "aligned") == 0
    assert share(found, ~inside, "aligned") > 0.7


def test_what_lies_around_decides_only_where_the_window_does_not_rule_it_out(monkeypatch):
    def registered(lr, phases, centres, side, noise, progress):
        """Find the windows 0.35 and 0.1 +- 0.2 LR px off, and all around in its place."""
        own = side < 10
        x, deviation = ((0.35, 0.1), 0.1) if own else ((0.0, 0.0), 0.01)
        spread = np.stack([np.eye(2) * deviation**2] * 2)
        return windows._Found(np.column_stack([x, (0, 0)]), spread, np.zeros(2), np.full(2, 99.0))

    monkeypatch.setattr(windows, "_registered", registered)
    blank, still = np.zeros((99, 99), np.float32), np.zeros((2, 2))
    found = windows._registered_each(blank, lambda moved: blank, still + 49, 8.25, still, 0.0)
    assert [VERDICTS[number] for number in found.verdict] == ["unknown", "aligned"]


def test_a_small_block_that_moved_otherwise_keeps_its_own_displacement():
    hr, lr, truth = given_pair(crop("astronaut", 60, 0, 264, 264), 4, (2, 0))
    lr, block = lr.copy(), np.s_[26:38, 26:38]
    lr[block] = np.roll(lr, 2, 1)[block]
    _, found = lying(hr, with_noise(lr, 8), Recipe(stride=4))
    windows = lay_windows(hr.shape[1::-1], patch=33, stride=4)
    x, y = windows.x / 4, windows.y / 4
    inside = (x >= 26) & (y >= 26) & (x + 8.25 <= 38) & (y + 8.25 <= 38)
    assert share(found, inside, "moved") == 1  # as are those around it, by less
    assert np.abs(found.moved[inside, 0] - truth[0] - 2).max() < 0.3


def test_the_report_counts_and_lists_them():
    whole, found, inside, _ = with_block("moved")
    counts = report(whole, found)["windows"]
    assert list(counts) == list(VERDICTS)
    assert sum(counts.values()) == len(inside)
    rows = window_rows(lay_windows((512, 512), patch=96, stride=24), found)
    assert len(rows) == len(inside)
    assert list(rows[0]) == ["x", "y", "verdict", "dx", "dy", "u95"]
    assert (rows[1]["x"], rows[1]["y"]) == (24, 0)


def test_the_interval_of_a_window_holds_its_displacement_and_not_only_each_of_its_parts() -> None:
    rng, count = np.random.default_rng(0), 20_000
    for ratio in (0.0, 0.3, 1.0):  # from an edge to a corner
        errors = rng.normal(size=(count, 2)) * (0.1, 0.1 * np.sqrt(ratio))
        spread = np.tile(np.diag([0.01, 0.01 * ratio]), (count, 1, 1))
        u95 = windows._Found(errors, spread, np.zeros(count), np.ones(count)).u95
        assert np.mean(np.hypot(*errors.T) <= u95) == pytest.approx(0.95, abs=0.005)


def test_of_what_is_mirrored_no_window_is_told_of():
    hr = crop("astronaut", 60, 0, 264, 264)
    whole, found = lying(hr, np.ascontiguousarray(reduced(hr)[:, ::-1]))
    assert judge(whole).verdict == "mirrored"
    assert found is None
    assert report(whole, found)["windows"] is None
    assert window_rows(lay_windows((264, 264), patch=96, stride=24), found) == []


def test_where_there_is_no_window_there_is_nothing_to_find():
    hr = crop("astronaut", 60, 0, 88, 88)
    whole, found = lying(hr, reduced(hr))
    assert whole.warp is not None
    assert sum(report(whole, found)["windows"].values()) == 0
    assert window_rows(lay_windows((88, 88), patch=96, stride=24), found) == []
