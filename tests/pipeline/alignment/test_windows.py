from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.report import report, window_rows
from srviewer.pipeline.alignment.verdict import judge
from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.recipe import Recipe
from tests.given import given_pair, reduced
from tests.photos import crop

RECIPE = Recipe(patch=96, stride=24)
BLOCK = np.s_[24:69, 30:75]  # of an LR of 128 x 128


@cache
def with_block(kind: str) -> tuple[Alignment, np.ndarray, np.ndarray]:
    """Return the alignment, and which windows lie wholly in the block, and wholly outside."""
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
    return align(hr, lr, RECIPE), inside, outside & textured


def share(found: Alignment, chosen: np.ndarray, *verdicts: str) -> float:
    which = [VERDICTS.index(verdict) for verdict in verdicts]
    return float(np.isin(found.windows.verdict[chosen], which).mean())


@pytest.mark.parametrize(("kind", "verdicts"), [("moved", ("moved",)), ("changed", ("changed",))])
def test_the_windows_of_a_block_are_told_from_the_others(kind, verdicts):
    found, inside, outside = with_block(kind)
    assert share(found, inside, *verdicts) > 0.9
    assert share(found, inside, "aligned") == 0
    assert share(found, outside, "aligned") > 0.92


def test_windows_know_how_far_they_moved():
    found, inside, outside = with_block("moved")
    assert np.median(found.windows.moved[inside], axis=0) == pytest.approx((1.5, 1), abs=0.05)
    assert np.median(np.hypot(*found.windows.moved[outside].T)) < 0.03


def test_a_block_over_what_is_too_flat_to_be_told_of_does_not_mar_the_others():
    hr = crop("rocket", 0, 0, 640, 424)  # most of it is a dark sky
    lr, block = reduced(hr), np.s_[21:69, 26:98]
    other = cv2.resize(crop("astronaut", 0, 0, 512, 512), (640, 424))
    lr[block] = reduced(other)[block]
    noise = np.random.default_rng(7).normal(0, 3, lr.shape)
    lr = np.clip(np.round(0.85 * lr + noise), 0, 255).astype(np.uint8)
    found = align(hr, lr, RECIPE)
    assert judge(found).verdict == "partly aligned"
    assert found.figures.shift_u95 < 0.03
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
    found = align(hr, lr, RECIPE)
    assert share(found, np.ones(len(found.windows.verdict), bool), "aligned") == 0
    known = found.windows.u95 < 0.1
    assert known.mean() > 0.7
    assert found.windows.moved[known] == pytest.approx(np.tile(truth, (known.sum(), 1)), abs=0.1)


def test_the_default_patch_is_smaller_than_what_it_is_registered_on():
    hr, lr, _ = given_pair(crop("astronaut", 60, 0, 264, 264), 4)
    found = align(hr, lr)
    assert share(found, np.ones(len(found.windows.verdict), bool), "aligned") > 0.9


def test_the_report_counts_and_lists_them():
    found, inside, _ = with_block("moved")
    counts = report(found)["windows"]
    assert list(counts) == list(VERDICTS)
    assert sum(counts.values()) == len(inside)
    rows = window_rows(found, RECIPE)
    assert len(rows) == len(inside)
    assert list(rows[0]) == ["x", "y", "verdict", "dx", "dy", "u95"]
    assert (rows[1]["x"], rows[1]["y"]) == (24, 0)
