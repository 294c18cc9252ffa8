"""A new resizer or filter leaves HR as it is, so HR is not searched again."""

import numpy as np
import pytest

from srviewer.pipeline import features, patching, textures
from srviewer.pipeline.analysis import analyse, refresh
from srviewer.pipeline.recipe import Recipe
from tests.analyses import assert_same, fresh, motorcycle
from tests.photos import as_source, crop

WIDTH = 250
LR_ALONE = {"filter": "bilinear", "resizer": "opencv", "quantize_after": False}
HR_TOO = {"scale": 3, "sift_contrast_threshold": 0.05, "sift_nfeatures": 200}
OTHER_WINDOWS = {"patch": 40, "stride": 9}
RECIPES = [
    Recipe(),
    Recipe(keypoint_scope="image"),
    Recipe(texture="canny"),
    Recipe(texture="canny", keypoint_scope="image"),
]


@pytest.fixture(scope="module")
def image():
    return motorcycle()


@pytest.fixture
def searched(monkeypatch) -> list[str]:
    """What is searched from now on: HR, LR, windows."""
    found: list[str] = []
    detect, count = features.detect, textures.count_alone

    def spy_detect(grey: np.ndarray, *rest: object) -> features.Features:
        found.append("HR" if grey.shape[1] > WIDTH - 4 else "LR")
        return detect(grey, *rest)

    def spy_count(*arguments: object) -> patching.Counts:
        found.append("windows")
        return count(*arguments)

    monkeypatch.setattr(features, "detect", spy_detect)
    monkeypatch.setattr(textures, "count_alone", spy_count)
    return found


@pytest.mark.parametrize("before", RECIPES)
@pytest.mark.parametrize("name", LR_ALONE)
@pytest.mark.parametrize("at_once", [False, True])
def test_another_lr_leaves_hr_alone(image, searched, before, name, at_once):
    previous = fresh(before)
    recipe = before.replace(**{name: LR_ALONE[name]})
    searched.clear()
    if at_once:  # as the window does: first what is instant, then the rest
        previous = refresh(previous, recipe)
    changed = analyse(image, recipe, previous=previous)
    assert searched == ["LR"]
    assert_same(changed, fresh(recipe))


@pytest.mark.parametrize("name", HR_TOO)
def test_another_hr_or_search_is_searched_anew(image, searched, name):
    previous = fresh(Recipe())
    recipe = Recipe(**{name: HR_TOO[name]})
    searched.clear()
    changed = analyse(image, recipe, previous=previous)
    assert searched == ["HR", "LR", "windows"]
    assert_same(changed, fresh(recipe))


@pytest.mark.parametrize("name", OTHER_WINDOWS)
def test_other_windows_are_counted_anew(image, searched, name):
    previous = fresh(Recipe())
    recipe = Recipe(filter="bilinear", **{name: OTHER_WINDOWS[name]})
    searched.clear()
    changed = analyse(image, recipe, previous=previous)
    assert searched == ["LR", "windows"]
    assert_same(changed, fresh(recipe))


def test_windows_of_another_box_are_counted_anew(image, searched):
    previous = fresh(Recipe(), every_window=False)
    recipe = Recipe(filter="bilinear")
    for every_window in (False, True):
        searched.clear()
        changed = analyse(image, recipe, previous=previous, every_window=every_window)
        assert searched == ["LR", "windows"]
        assert_same(changed, fresh(recipe, every_window=every_window))


def test_a_walk_of_changes_ends_where_a_fresh_run_does(image):
    recipe, current = Recipe(), fresh(Recipe())
    walk = [
        {"filter": "bilinear"}, {"scale": 3}, {"filter": "bicubic"}, {"texture": "canny"},
        {"resizer": "opencv"}, {"scale": 4}, {"canny_low": 50.0}, {"resizer": "pil"},
        {"texture": "sift"}, {"sift_sigma": 1.8}, {"filter": "lanczos"}, {"patch": 40},
        {"filter": "box"}, {"sift_sigma": 1.6}, {"keypoint_scope": "image"}, {"filter": "bicubic"},
    ]  # fmt: skip
    for number, change in enumerate(walk):
        recipe = recipe.replace(**change)
        current = refresh(current, recipe)
        if number % 3:  # now and then the next change comes before the work is done
            current = analyse(image, recipe, previous=current)
            assert_same(current, fresh(recipe))


def test_another_image_takes_nothing_over(image, searched):
    other = as_source(crop("motorcycle", 101, 150, WIDTH, 254))
    previous = fresh(Recipe())
    recipe = Recipe(filter="bilinear")
    searched.clear()
    changed = analyse(other, recipe, previous=refresh(previous, recipe))
    assert searched == ["HR", "LR", "windows"]
    assert_same(changed, analyse(other, recipe))


def test_another_resizer_leaves_a_given_pair_alone(image, searched):
    width, height = (side // 4 for side in image.size)
    given = image.with_lr(as_source(image.rgb[: 4 * height : 4, : 4 * width : 4]))
    previous = analyse(given, Recipe())
    searched.clear()
    changed = analyse(given, Recipe(filter="bilinear"), previous=previous)
    assert searched == []
    assert_same(changed, analyse(given, Recipe(filter="bilinear")))
