"""The distributions of a set as charts draw them, against the values that the survey keeps."""

from dataclasses import replace

import numpy as np
import pytest

from srviewer.pipeline.conditions import parse_conditions
from srviewer.pipeline.distributions import ALL_IDENTICAL
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.window_filter import Show
from srviewer.survey.bars import (
    Asked,
    bar_conditions,
    match_bars,
    psnr_bars,
    ssim_bars,
    texture_bars,
)
from srviewer.survey.listing import why_no_pairs
from srviewer.survey.record import SurveyedImage
from srviewer.survey.whole_set import WholeSet
from srviewer.survey.windows import ListOrder, judge_windows, set_columns
from tests.survey.helpers import RECIPE

WHOLE = RECIPE.replace(crop="whole")  # where every window is a candidate
CANNY = WHOLE.replace(texture="canny", min_edge_density=0.1)
BARS = (match_bars, texture_bars, psnr_bars, ssim_bars)


def made(whole: WholeSet, bars, recipe: Recipe, held=None):
    return bars(Asked(whole.distributions(recipe), whole.under(recipe), recipe, held))


def made_entire(whole: WholeSet, bars, recipe: Recipe):
    asked = Asked(whole.distributions(recipe), whole.under(recipe), recipe, entire=True)
    return bars(asked)


def with_outliers(whole: WholeSet) -> WholeSet:
    """Return an image of the set with three windows of thousands of keypoints."""
    levels = image_of(whole, "motor.png").content["sift patch"].astype(np.uint32)
    levels[[1, 5, 9]] = 3000, 2500, 2900
    psnr = image_of(whole, "motor.png").content["psnr"].copy()
    psnr[[7, 8]] = 64.0, 5.5
    return WholeSet(RECIPE, [image_of(whole, "motor.png", **{"sift patch": levels, "psnr": psnr})])


def test_windows_far_out_do_not_squeeze_the_others(whole) -> None:
    some = WholeSet(RECIPE, [*with_outliers(whole).images, *whole.images])
    levels = np.concatenate([image.content["sift patch"] for image in some.images])
    assert (levels >= 2500).sum() == 3 < 0.005 * len(levels)
    usual = np.sort(levels)[-4]
    d = made(some, texture_bars, WHOLE)
    assert d.edges[-1] < 2 * usual
    assert (d.edges[1] - d.edges[0]) == 1, "each count has its bar"
    assert (d.above[0], d.beyond) == (3 + (levels[levels < 2500] > d.edges[-1]).sum(),) * 2
    assert d.totals == (len(levels), (levels >= RECIPE.min_keypoints).sum())
    entire = made_entire(some, texture_bars, WHOLE)
    assert (entire.edges[-1], entire.beyond) == (pytest.approx(3000, abs=60), 0)
    quality = made(some, psnr_bars, WHOLE)
    assert quality.edges[-1] < made_entire(some, psnr_bars, WHOLE).edges[-1]
    assert quality.beyond
    few = made(some, psnr_bars, WHOLE.replace(min_keypoints=2800))
    np.testing.assert_array_equal(few.edges, quality.edges, "whatever the threshold keeps")


def image_of(whole: WholeSet, name: str, **content: np.ndarray) -> SurveyedImage:
    """Return an image of the set, with other `content` where that is given."""
    (found,) = (image for image in whole.images if image.name == name)
    matches = len(content.get("hr_points", range(found.matches)))
    return replace(found, matches=matches, content={**found.content, **content})


@pytest.fixture(scope="module")
def narrow(whole) -> WholeSet:
    """Return an image whose box, (52, 52, 88, 88), has room for a window where none lies."""
    points = np.array([(49, 49), (90, 49), (49, 90), (90, 90)], np.float32)
    moved = {"hr_points": points, "lr_points": (points + 0.5) / 4 - 0.5}
    return WholeSet(RECIPE, [image_of(whole, "motor.png", **moved)])


@pytest.mark.parametrize("bars", BARS)
def test_what_is_not_counted_yet_is_being_computed(whole, bars) -> None:
    assert bars(Asked({}, whole.under(RECIPE), RECIPE)) == "being computed"


def test_why_there_are_no_bars(whole, narrow) -> None:
    flat = WholeSet(RECIPE, [image_of(whole, "flat.png")])
    assert made(flat, match_bars, RECIPE) == "No image of the set has a match."
    boxed = RECIPE.replace(crop="bounding")
    assert narrow.under(boxed).boxes.tolist() == [[52, 52, 88, 88]]
    for bars in BARS[1:]:
        assert made(flat, bars, RECIPE) == "No image of the set has a box."
        assert made(narrow, bars, boxed) == "No window lies wholly inside the box of its image."
    assert why_no_pairs(narrow.under(boxed), 0) == "no window lies wholly inside the box"
    same = image_of(whole, "motor.png")
    same = image_of(whole, "motor.png", psnr=np.full(same.windows, np.inf, np.float32))
    assert made(WholeSet(RECIPE, [same]), psnr_bars, WHOLE) == ALL_IDENTICAL


def test_matches_are_shown_by_what_the_recipe_tests(whole) -> None:
    ratio = made(whole, match_bars, RECIPE)
    displacement = made(whole, match_bars, RECIPE.replace(consistency="position"))
    assert (ratio.name, displacement.name) == ("ratio", "displacement")
    answer = whole.under(RECIPE)
    assert ratio.totals == (answer.matches.sum(), answer.consistent.sum())
    assert len(ratio.all) <= 64


@pytest.mark.parametrize("recipe", [WHOLE, CANNY], ids=["sift", "canny"])
@pytest.mark.parametrize("end", [None, 0.25, 7.5], ids=str)
def test_the_bars_of_the_texture_are_the_histogram_of_its_levels(whole, recipe, end) -> None:
    held = None if end is None else (0.0, end)
    d = made(whole, texture_bars, recipe, held)
    values = np.concatenate([image.content[f"{recipe.texture} patch"] for image in whole.images])
    values = values / (33**2 if recipe.texture == "canny" else 1)
    least = recipe.min_edge_density if recipe.texture == "canny" else recipe.min_keypoints
    nudged = d.edges - 1e-9  # a value on an edge belongs to the bar above it
    inside = values < nudged[-1]
    np.testing.assert_array_equal(d.all, np.histogram(values[inside], nudged)[0])
    kept = values[inside & (values >= least)]
    assert d.kept.sum() == len(kept)
    assert d.totals == (len(values), (values >= least).sum())
    share = [(values >= edge - 1e-12).mean() for edge in d.edges]
    np.testing.assert_allclose(d.share, share)
    step = d.edges[1] - d.edges[0]
    if held:
        assert d.edges[-1] <= max(end, step) < d.edges[-1] + step + 1e-9
    else:
        assert d.edges[-1] >= values.max()


def test_there_is_room_for_a_threshold_beyond_all_and_for_little(whole) -> None:
    most = max(int(image.content["sift patch"].max()) for image in whole.images)
    near = made(whole, texture_bars, WHOLE.replace(min_keypoints=most + 2))
    assert near.edges[-1] >= (most + 1.5) / 0.95
    far = made(whole, texture_bars, WHOLE.replace(min_keypoints=1000))
    assert most < far.edges[-1] <= 2.2 * most, "what is measured has half of the axis"
    entire = made_entire(whole, texture_bars, WHOLE.replace(min_keypoints=1000))
    assert entire.edges[-1] >= 999.5 / 0.95
    flat = WholeSet(RECIPE, [image_of(whole, "flat.png")])
    assert made(flat, texture_bars, WHOLE.replace(min_keypoints=0)).edges[-1] >= 10.5
    little = made(flat, texture_bars, CANNY.replace(min_edge_density=0.0)).edges[-1]
    assert 0.1 <= little < 0.2


@pytest.mark.parametrize(("bars", "name"), [(psnr_bars, "psnr"), (ssim_bars, "ssim")])
def test_the_bars_of_the_quality_reach_from_the_first_to_the_last_that_is_filled(
    whole, bars, name
) -> None:
    d = made(whole, bars, WHOLE)
    values = np.concatenate([image.content[name] for image in whole.images])
    finite = values[np.isfinite(values)]
    np.testing.assert_array_equal(d.all, np.histogram(finite, d.edges)[0])
    assert d.all[0] > 0 < d.all[-1]
    levels = np.concatenate([image.content["sift patch"] for image in whole.images])
    kept = values[levels >= RECIPE.min_keypoints]
    assert d.mean == pytest.approx(kept[np.isfinite(kept)].mean())
    assert d.identical == np.isinf(kept).sum()
    assert d.totals == (len(values), len(kept))


@pytest.mark.parametrize("bars", BARS[1:])
@pytest.mark.parametrize("recipe", [WHOLE, CANNY], ids=["sift", "canny"])
def test_the_conditions_of_a_bar_are_met_by_just_its_windows(whole, recipe, bars) -> None:
    some = WholeSet(RECIPE, [*with_outliers(whole).images, *whole.images])
    windows, columns = judge_windows(some, recipe), set_columns(measure_of(recipe))
    for d in (made(some, bars, recipe), made_entire(some, bars, recipe)):
        for bar in d.filled:
            conditions = parse_conditions(bar_conditions(d, bar, recipe), columns)
            found = ListOrder().list(
                windows, Show.IN_BOX, None, descending=False, conditions=conditions
            )
            assert len(found) == [*d.all, d.above[0], d.below[0]][bar]
