"""What the survey answers is what the pipeline makes of each image, count for count."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import SurveyError
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.summary import mean_quality
from srviewer.pipeline.textures import TEXTURES
from srviewer.survey import overview
from srviewer.survey.answer import Curve, next_step, threshold_level
from srviewer.survey.key import MATTERS, box_key, counts_key
from srviewer.survey.overview import is_instant, look_over, step
from srviewer.survey.whole_set import WholeSet
from tests.survey.helpers import RECIPE

# What takes the pipeline longest changes least often.
CHOICES = itertools.product(
    *(KNOBS[name].choices for name in ("texture", "keypoint_scope", "consistency", "crop"))
)
RECIPES = [
    RECIPE.replace(consistency=test, crop=crop, texture=texture, keypoint_scope=scope)
    for texture, scope, test, crop in CHOICES
]
MOVED = (
    {},
    {"min_keypoints": 0, "min_edge_density": 0.0},
    {"min_keypoints": 3, "min_edge_density": 55 / 33**2},
    {"min_keypoints": 100_000, "min_edge_density": 1.0},
    {"min_matches": 1},
    {"min_matches": 3, "min_keypoints": 2, "min_edge_density": 0.1},
    {"error_margin": 0.01, "position_tolerance": 0.3},
    {"error_margin": 0.1, "position_tolerance": 2.0},
    {"error_margin": 0.4, "position_tolerance": 40.0},
    {"error_margin": 0.0, "position_tolerance": 0.0},
)


@cache
def _image(path: Path):
    return read_image(path)


_last: dict[Path, Analysis] = {}


def analysed(path: Path, recipe: Recipe) -> Analysis:
    """Return the pipeline's analysis; stages that are the same as for the last one are kept."""
    _last[path] = analyse(_image(path), recipe, previous=_last.get(path))
    return _last[path]


def describe(recipe: Recipe) -> str:
    return "-".join((recipe.consistency, recipe.crop, recipe.texture, recipe.keypoint_scope))


@pytest.mark.parametrize("recipe", RECIPES, ids=describe)
def test_the_answer_is_the_pipelines(whole, recipe):
    for moves in MOVED:
        moved = recipe.replace(**moves)
        answer = whole.under(moved)
        found = [analysed(image.path, moved) for image in answer.images]
        for index, a in enumerate(found):
            assert answer.matches[index] == len(a.matches)
            assert answer.consistent[index] == a.consistent.kept.sum()
            assert tuple(answer.boxes[index]) == (a.box.hr or (-1,) * 4)
            assert answer.reasons[index] == a.box.reason
            assert answer.candidates[index] == a.patches.candidates.sum()
            assert answer.kept[index] == a.patches.kept.sum()
            psnr, ssim = mean_quality(a)
            means = answer.mean_psnr[index], answer.mean_ssim[index]
            for mean, expected in zip(means, (psnr, ssim), strict=True):
                assert mean == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
            assert answer.areas_used[index] == pytest.approx(share_of_box(a))
        assert_totals(answer.totals, found)


def share_of_box(a: Analysis) -> float:
    """Return the share of the image that its box covers, painted pixel by pixel."""
    width, height = a.pair.size
    painted = np.zeros((height, width), bool)
    if a.box.hr is not None:
        x0, y0, x1, y1 = a.box.hr
        painted[y0:y1, x0:x1] = True
    return float(painted.mean())


def assert_totals(totals, found: list[Analysis]) -> None:
    psnr = np.concatenate([a.quality.psnr[a.patches.kept] for a in found])
    ssim = np.concatenate([a.quality.ssim[a.patches.kept] for a in found])
    assert (totals.images, totals.failed, totals.pending) == (len(found), 0, 0)
    assert totals.windows == sum(len(a.windows) for a in found)
    assert totals.candidates == sum(int(a.patches.candidates.sum()) for a in found)
    assert totals.pairs == len(psnr)
    assert totals.infinite == np.isinf(psnr).sum()
    finite = psnr[np.isfinite(psnr)]
    assert totals.mean_psnr == (pytest.approx(finite.mean()) if len(finite) else None)
    assert totals.mean_ssim == (pytest.approx(ssim.mean()) if len(ssim) else None)


def test_the_set_holds_every_case(whole):
    """What the comparison above is to cover does occur."""
    answer = whole.under(RECIPE.replace(crop="corners"))
    by_name = dict(zip([image.name for image in answer.images], answer.reasons, strict=True))
    assert by_name["flat.png"].startswith("0 consistent matches")
    assert by_name["tiny.png"] is not None
    assert by_name["motor.png"] is None
    disagree = whole.under(RECIPE.replace(crop="corners", error_margin=0.1)).reasons
    assert any(reason and "disagree" in reason for reason in (*answer.reasons, *disagree))
    everything = whole.under(RECIPE.replace(crop="whole", min_keypoints=0))
    assert everything.totals.infinite > 0
    assert 0 < answer.totals.pairs < answer.totals.candidates < everything.totals.pairs


def test_a_recipe_that_needs_another_survey_is_refused_with_both_values(whole):
    with pytest.raises(SurveyError, match=r"patch = 33, not 48.*survey again"):
        whole.under(RECIPE.replace(patch=48))
    with pytest.raises(SurveyError, match="metrics_on = 'rgb', not 'y'"):
        whole.under(RECIPE.replace(metrics_on="y"))


def test_a_survey_depends_on_every_knob_that_does_not_only_decide():
    """The list by hand: what counts in the table of stages, but for what is kept for every value.

    lr_layout counts for nothing: the sizes of both layouts are kept.
    """
    deciding = {
        "consistency", "error_margin", "position_tolerance", "crop", "min_keypoints",
        "min_matches", "keep_windows", "texture", "keypoint_scope", "min_edge_density",
        "lr_layout",
    }  # fmt: skip
    assert set(MATTERS) == set(vars(Recipe())) - deciding
    assert list(MATTERS) == [name for name in vars(Recipe()) if name in MATTERS]


@pytest.mark.parametrize(
    ("changes", "knob", "boxes", "counts"),
    [
        ({}, {"error_margin": 0.1}, True, True),
        ({}, {"position_tolerance": 2.0}, False, False),
        ({"consistency": "position"}, {"error_margin": 0.1}, True, True),
        ({"consistency": "position", "crop": "bounding"}, {"error_margin": 0.1}, False, False),
        ({"consistency": "position"}, {"position_tolerance": 2.0}, True, True),
        ({"crop": "whole"}, {"error_margin": 0.1}, False, False),
        ({"crop": "whole", "min_matches": 1}, {"error_margin": 0.1}, False, True),
        ({}, {"min_matches": 1}, False, True),
        ({}, {"keypoint_scope": "image"}, False, True),
        ({}, {"min_keypoints": 3, "min_edge_density": 0.1}, False, False),
    ],
)
def test_parts_of_an_answer_are_kept_by_what_they_depend_on(changes, knob, boxes, counts):
    before = RECIPE.replace(**changes)
    after = before.replace(**knob)
    assert (box_key(before) != box_key(after)) == boxes
    assert (counts_key(before) != counts_key(after)) == counts


# Thresholds


@pytest.mark.parametrize("texture", TEXTURES)
def test_the_curve_gives_the_pairs_of_every_threshold(whole, texture):
    recipe = RECIPE.replace(texture=texture, crop="bounding")
    curve = whole.under(recipe).curve()
    assert curve.thresholds[0] == 0
    assert np.all(np.diff(curve.thresholds) > 0)
    assert np.all(np.diff(curve.pairs) <= 0)
    chosen = [*curve.thresholds[:: max(1, len(curve.thresholds) // 20)], curve.thresholds[-1]]
    for threshold in (*chosen, 0.013, 0.9999):
        threshold = KNOBS[curve.key].kind(threshold)
        moved = recipe.replace(**{curve.key: threshold})
        assert curve.at(threshold) == whole.under(moved).totals.pairs
    if not TEXTURES[texture].share:
        assert curve.pairs[-1] == 0
        np.testing.assert_array_equal(np.diff(curve.thresholds), 1)
    assert curve.at(1e9) == 0


@pytest.mark.parametrize("texture", TEXTURES)
def test_the_suggestion_is_the_highest_threshold_that_gives_enough(whole, texture):
    answer = whole.under(RECIPE.replace(texture=texture, crop="bounding"))
    curve = answer.curve()
    for wanted in (1, 2, 10, int(curve.pairs[len(curve.pairs) // 3]), int(curve.pairs[0])):
        found = answer.curve().suggest(wanted)
        assert found.enough
        assert (found.wanted, found.most) == (wanted, curve.pairs[0])
        recipe = answer.recipe.replace(**{found.key: found.value})
        assert whole.under(recipe).totals.pairs == found.pairs >= wanted
        higher = [threshold for threshold in curve.thresholds if threshold > found.value]
        higher = higher[1:] if TEXTURES[texture].share else higher
        assert all(curve.at(threshold) < wanted for threshold in higher)
    too_many = answer.curve().suggest(10**9)
    assert (too_many.value, too_many.pairs, too_many.enough) == (0, too_many.most, False)


def test_a_suggested_density_has_few_decimals(whole):
    answer = whole.under(RECIPE.replace(texture="canny", crop="whole"))
    value = answer.curve().suggest(answer.curve().pairs[0] // 2).value
    assert len(f"{value:g}") <= len("0.1234")
    assert value == float(f"{value:g}")


def test_a_suggested_density_lies_above_the_last_that_gives_more():
    for above, most in ((0.25, 0.2502), (0.1, 0.11), (0.0994, 0.1)):
        curve = Curve("min_edge_density", np.array([0, above, most]), np.array([9, 5, 3]))
        found = curve.suggest(3)
        assert above < found.value <= most
        assert (curve.at(found.value), found.pairs, found.enough) == (3, 3, True)


def test_the_smallest_density_that_is_kept_is_the_pipelines():
    for edges in (0, 1, 54, 55, 363, 1088, 1089):
        density = edges / 33**2
        assert threshold_level(RECIPE.replace(texture="canny", min_edge_density=density)) == edges
        if edges < 1089:
            above = float(np.nextafter(density, 1))
            moved = RECIPE.replace(texture="canny", min_edge_density=above)
            assert threshold_level(moved) == edges + 1


@pytest.mark.parametrize(
    ("key", "texture"),
    [
        ("min_keypoints", "sift"),
        ("min_edge_density", "canny"),
        ("error_margin", "sift"),
        ("position_tolerance", "sift"),
        ("min_matches", "sift"),
    ],
)
def test_a_step_tells_which_images_lose_all_and_which_come_back(whole, key, texture):
    recipe = RECIPE.replace(
        texture=texture, consistency="position" if key == "position_tolerance" else "radial"
    )
    for start in _starts(key):
        answer = whole.under(recipe.replace(**{key: start}))
        for direction in (-1, 1):
            found = step(whole, answer, key, direction)
            moved = next_step(answer.recipe, key, direction)
            if moved is None:
                assert found is None
                continue
            after = whole.under(moved)
            assert found.recipe == moved
            assert found.pairs == after.totals.pairs
            pairs = list(zip(answer.kept, after.kept, strict=True))
            lost = {n: (b, a) for n, (b, a) in enumerate(pairs) if b and not a}
            won = {n: (b, a) for n, (b, a) in enumerate(pairs) if a and not b}
            assert {c.index: (c.before, c.after) for c in found.lost} == lost
            assert {c.index: (c.before, c.after) for c in found.won} == won
            assert sorted(found.lost, key=lambda change: -change.before) == list(found.lost)


def _starts(key: str) -> list[float]:
    if key == "min_matches":
        return [0, 1, 2, 5]
    if key == "min_keypoints":
        return list(range(40))
    return [0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.995, 1.0]


def test_steps_are_named_by_what_they_do(whole):
    answer = whole.under(RECIPE)
    assert step(whole, answer, "error_margin", -1).recipe.error_margin == 0.045
    assert step(whole, answer, "error_margin", 1).recipe.error_margin == 0.055
    moved = [look_over(whole, RECIPE.replace(min_keypoints=n)) for n in range(40)]
    assert [one.lost.recipe.min_keypoints for one in moved] == [*range(1, 41)]
    assert [one.won and one.won.recipe.min_keypoints for one in moved] == [None, *range(39)]
    for by, found in ((-1, moved[10].tighter), (1, moved[10].wider)):
        assert vars(found) == vars(step(whole, moved[10].answer, "error_margin", by))
    # Some images do fall to nothing on the way.
    assert sum(len(one.lost.lost) for one in moved) >= 3


@pytest.mark.parametrize(
    ("changes", "instant"),
    [
        ({}, True),
        ({"min_keypoints": 30}, True),
        ({"min_matches": 1}, False),
        ({"error_margin": 0.1}, False),
        ({"patch": 48}, False),
    ],
    ids=str,
)
def test_what_follows_at_once_is_what_has_its_counts_ready(whole, changes, instant, monkeypatch):
    before, after = look_over(whole, RECIPE), RECIPE.replace(**changes)
    assert is_instant(before, whole, after) == instant
    assert not is_instant(None, whole, after)
    assert not is_instant(before, WholeSet(RECIPE, whole.images), after)
    monkeypatch.setattr(overview, "_MOST_LEVELS", 3)
    assert not is_instant(before, whole, after)


# Distributions


@pytest.mark.parametrize("recipe", RECIPES[::2], ids=describe)
def test_distributions_are_those_of_the_pipelines_values(whole, recipe):
    for moves in MOVED[:1] + MOVED[4:9:2]:
        moved = recipe.replace(**moves)
        answer = whole.under(moved)
        found = [analysed(image.path, moved) for image in answer.images]
        given = whole.distributions(moved)
        radial = moved.consistency == "radial"
        windows = {
            found[0].texture.measure.quantity: [a.texture.deciding for a in found],
            "psnr": [a.quality.psnr for a in found],
            "ssim": [a.quality.ssim for a in found],
        }
        name = "ratio" if radial else "displacement"
        miss = [np.hypot(*a.consistent.displacement.T) for a in found]
        ratio = [a.consistent.ratio for a in found]
        tested = np.concatenate(ratio if radial else miss)
        kept = np.concatenate([a.consistent.kept for a in found])
        assert list(given) == [name, *windows]
        assert_distribution(given[name], tested, kept)
        candidates = np.concatenate([a.patches.candidates for a in found])
        kept = np.concatenate([a.patches.kept for a in found])[candidates]
        for name, values in windows.items():
            assert_distribution(given[name], np.concatenate(values)[candidates], kept)


def assert_distribution(distribution, values, kept) -> None:
    """Compare with NumPy's histogram, where a value on an edge may fall on either side of it."""
    edges = distribution.edges
    for counts, chosen, beyond in (
        (distribution.all, values, 0),
        (distribution.kept, values[kept], 1),
    ):
        below, above = distribution.below[beyond], distribution.above[beyond]
        assert counts.sum() + below + above == len(chosen)
        near = 1e-6 * max(1.0, abs(edges[-1]))
        cumulated = below + np.cumsum(counts)
        for edge, count in zip(edges[1:], cumulated, strict=True):
            assert (chosen < edge - near).sum() <= count <= (chosen <= edge + near).sum()
        assert (chosen < edges[0] - near).sum() <= below <= (chosen <= edges[0] + near).sum()
