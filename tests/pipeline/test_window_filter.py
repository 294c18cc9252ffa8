"""Which windows a list shows: conditions, and why there are none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from srviewer.pipeline.analysis import Analysis, analyse, refresh
from srviewer.pipeline.conditions import ConditionError, parse_conditions
from srviewer.pipeline.cropping import NO_CORNERS, Box, Crop
from srviewer.pipeline.exclusions import Excluded, Window
from srviewer.pipeline.window_columns import ONLY_WITH, columns_of
from srviewer.pipeline.window_filter import LYING, Show, choose, count_words, why_empty
from tests.analyses import analysed_photo
from tests.given import BLOCK_RECIPE, analysed_block

SOME = analysed_photo()
CANNY = analysed_photo(texture="canny", keypoint_scope="image")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("keypoints >= 12", lambda a: a.texture.keypoints >= 12),
        ("psnr < 20", lambda a: a.quality.psnr < 20),
        ("PSNR<20 dB", lambda a: a.quality.psnr < 20),
        ("x > 100", lambda a: a.windows.x > 100),
        ("matches = 0", lambda a: a.patches.matches == 0),
        ("matches != 0", lambda a: a.patches.matches != 0),
        ("ssim <= .5", lambda a: a.quality.ssim <= 0.5),
        ("ssim = 0.5", lambda a: np.round(a.quality.ssim, 3) == 0.5),
        (
            "keypoints >= 5 and psnr < 25, y>28",
            lambda a: (a.texture.keypoints >= 5) & (a.quality.psnr < 25) & (a.windows.y > 28),
        ),
        ("", lambda a: np.ones(len(a.windows), bool)),
        ("x > 100, ", lambda a: a.windows.x > 100),
        ("x > 100 and", lambda a: a.windows.x > 100),
    ],
)
def test_conditions_mean_what_they_say(
    text: str, expected: Callable[[Analysis], np.ndarray]
) -> None:
    conditions = parse_conditions(text, columns_of(SOME.recipe)[:-1])
    wanted = np.flatnonzero(expected(SOME) & SOME.patches.candidates)
    np.testing.assert_array_equal(choose(SOME, Show.IN_BOX, conditions), wanted)


def test_edges_are_compared_in_percent() -> None:
    density = CANNY.texture.values["canny"]
    assert density is not None
    conditions = parse_conditions("edges >= 5 %", columns_of(CANNY.recipe)[:-1])
    wanted = np.flatnonzero((density * 100 >= 5) & CANNY.patches.candidates)
    assert 0 < len(wanted) < CANNY.patches.candidates.sum()
    np.testing.assert_array_equal(choose(CANNY, Show.IN_BOX, conditions), wanted)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keypoints", "a name (x, y, keypoints, matches, psnr, ssim)"),
        ("keypoints about 3", "'keypoints about 3'"),
        ("keypoints >= twelve", "a number"),
        ("keypoints => 3", "< <= > >= = !="),
        (", x > 3", "is no condition"),
        ("x > 3, , y > 3", "is no condition"),
        ("sharpness > 3", "'sharpness' is not known"),
        ("edges > 3", "edges with Texture by canny"),
        ("psnr < 20 px", "psnr is given in dB"),
        ("keypoints > 3 px", "without unit"),
        ("x > 3 or y > 3", "'x > 3 or y > 3'"),
        ("__import__('os')", "is no condition"),
        ("x > 1e3", "is no condition"),
    ],
)
def test_what_is_no_condition_says_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_conditions(text, columns_of(SOME.recipe)[:-1], ONLY_WITH)
    assert says in str(caught.value)


def test_why_none_is_kept_names_what_is_missing() -> None:
    few = analyse(SOME.image, CANNY.recipe.replace(min_edge_density=1.0), previous=CANNY)
    assert "% edge pixels, at least 100.0 % are needed" in why_empty(few, Show.KEPT)
    lonely = analyse(SOME.image, SOME.recipe.replace(min_matches=1000), previous=SOME)
    assert "matches, at least 1000 are needed" in why_empty(lonely, Show.KEPT)
    texture = replace(SOME.texture, values={"sift": np.zeros(len(SOME.windows), np.int32)})
    bare = replace(SOME, recipe=SOME.recipe.replace(min_keypoints=1), texture=texture)
    assert "the highest has 0 keypoints, at least 1 is needed" in why_empty(bare, Show.KEPT)
    all_kept = analyse(SOME.image, SOME.recipe.replace(min_keypoints=0), previous=SOME)
    assert why_empty(all_kept, Show.REJECTED) == "no window is rejected"


def test_why_none_is_listed() -> None:
    impossible = parse_conditions("x < 0", columns_of(SOME.recipe)[:-1])
    assert why_empty(SOME, Show.KEPT, impossible) == "no window meets the conditions"
    every, none = (
        replace(SOME.patches, candidates=np.full(len(SOME.windows), inside))
        for inside in (True, False)
    )
    assert why_empty(replace(SOME, patches=every), Show.OUTSIDE) == "no window lies outside the box"
    boxless = replace(SOME, patches=none, box=Crop(None, None, "2 matches", NO_CORNERS))
    assert why_empty(boxless, Show.IN_BOX) == "no box: 2 matches"
    narrow = replace(SOME, patches=none, box=replace(SOME.box, hr=Box(4, 8, 40, 48)))
    assert why_empty(narrow, Show.IN_BOX) == "no window lies inside the box of 36 x 40 px"


@pytest.mark.parametrize("show", LYING)
def test_why_none_lies_so_says_what_is_not_known(show: Show) -> None:
    assert "how windows lie is" in why_empty(SOME, show)
    known = analysed_block()
    later = refresh(known, BLOCK_RECIPE.replace(stride=15, keep_windows="all"))
    assert why_empty(later, show) == "how the windows lie is being found out"
    words = {
        Show.UNSURE: "it is known of every window in the box how it lies",
        Show.CHANGED: "no window in the box has other content",
    }
    assert why_empty(known, show) == words.get(show, f"no window in the box is {show.value}")


def test_where_all_that_would_be_kept_is_excluded_the_reason_says_so() -> None:
    a = refresh(SOME, SOME.recipe, Excluded(whole=True))
    count = int(SOME.patches.kept.sum())
    words = f"no window is kept; {count:,} would be, and are excluded by hand"
    assert why_empty(a, Show.KEPT) == words
    assert why_empty(SOME, Show.EXCLUDED) == "no window is excluded by hand"


@pytest.mark.parametrize("show", [one for one in Show if one not in LYING])
def test_each_group_is_listed_of_those_it_belongs_to(show: Show) -> None:
    x, y = SOME.windows.x, SOME.windows.y
    assert SOME.box.hr is not None
    x0, y0, x1, y1 = SOME.box.hr
    inside = (x >= x0) & (y >= y0) & (x + 33 <= x1) & (y + 33 <= y1)
    kept = inside & (SOME.texture.keypoints >= SOME.recipe.min_keypoints)
    excluded = np.zeros(len(x), bool)
    excluded[np.flatnonzero(kept)[::3]] = True
    places = zip(x[excluded].tolist(), y[excluded].tolist(), strict=True)
    by_hand = Excluded(windows=frozenset(Window(*place, 33, 4) for place in places))
    some = refresh(SOME, SOME.recipe, by_hand)
    groups = {
        Show.IN_BOX: inside,
        Show.KEPT: kept & ~excluded,
        Show.REJECTED: inside & ~kept,
        Show.EXCLUDED: excluded,
        Show.OUTSIDE: ~inside,
    }
    chosen = choose(some, show)
    np.testing.assert_array_equal(chosen, np.flatnonzero(groups[show]))
    backwards = np.arange(len(x))[::-1]
    np.testing.assert_array_equal(choose(some, show, order=backwards), chosen[::-1])
    total = len(x) if show is Show.OUTSIDE else int(inside.sum())
    assert count_words(some, show, len(chosen))[0] == f"{len(chosen):,} of {total:,}"
