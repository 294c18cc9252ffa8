"""Why a match or a window is kept or rejected: the words, and the figures in them."""

import re
from typing import Any

import numpy as np
import pytest

from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.consistency import check_consistency
from srviewer.pipeline.cropping import Box, Crop
from srviewer.pipeline.features import Matches
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import match_verdict, window_verdict
from srviewer.pipeline.textures import Texture
from srviewer.pipeline.verdicts import Verdict, judge
from tests.photos import as_source, crop

Point = tuple[float, float]
NOTHING = as_source(np.zeros((64, 64, 3), np.uint8))


def of_match(hr: Point, lr: Point, recipe: Recipe) -> str:
    """Return the verdict on a match between two points under `recipe`."""
    one = np.zeros(1, np.int32)
    points = [np.array([point], np.float32) for point in (hr, lr)]
    matches = Matches(one, one, np.zeros(1, np.float32), *points)
    consistent = check_consistency(
        matches,
        scale=recipe.scale,
        consistency=recipe.consistency,
        error_margin=recipe.error_margin,
        position_tolerance=recipe.position_tolerance,
    )
    return match_verdict(Analysis(NOTHING, recipe, consistent=consistent), 0)


NEAR = "too near to the origin; the margin is 5 %"
FAR = "too far from the origin; the margin is 5 %"
OFF = "off; the margin is 5 %"
YET = "Yet it is right:"
PLACE = "LR px from its place; the tolerance is"
NO_RATIO = "rejected: its LR keypoint is the origin, where no ratio exists"
LESS = "rejected: 0.02 % too near to the origin; the margin is 0 %"
EXACT = "kept: its distance from the origin is 0.0 % off; the margin is 5 %"
EIGHTH = "rejected: 20.0 % too far from the origin; the margin is 12.5 %"
QUARTER = "kept, though displaced: 25.19 LR px from its place; the tolerance is 1 LR px"
POSITION = {"consistency": "position"}
WIDE, HALF = (POSITION | {"position_tolerance": most} for most in (5.0, 2.5))
# Under scale 4 the place of HR (x, y) is (x / 4 - 0.1875, y / 4 - 0.1875) in LR; under scale 2,
# where (x + 0.5) / 2 - 0.5 + 0.25 / 2 = x / 2 - 0.125, it is (x / 2 - 0.125, y / 2 - 0.125).
MATCHES = [
    ((400, 0), (98, 0), {}, f"kept, though displaced: 1.82 {PLACE} 1 LR px"),
    ((400, 0), (99.5, 0), {}, f"kept: its distance from the origin is 0.5 % {OFF}"),
    ((400, 0), (100.5, 0), {}, f"kept: its distance from the origin is 0.5 % {OFF}"),
    ((400, 0), (99.98, 0), {}, EXACT),
    ((400, 0), (0, 100), {}, f"kept, though displaced: 141.42 {PLACE} 1 LR px"),
    ((400, 0), (125, 0), {}, f"rejected: 20.0 % {FAR}"),
    ((400, 0), (80, 0), {}, f"rejected: 25.0 % {NEAR}"),
    (
        (8, 8),
        (1.8125, 1.8125),
        {},
        f"rejected: 10.3 % {NEAR}. Yet it is right: 0.00 {PLACE} 1 LR px",
    ),
    ((8, 8), (0, 0), {}, NO_RATIO),
    ((400, 0), (125, 0), {"error_margin": 0.125}, EIGHTH),
    ((400, 0), (125, 0), {"error_margin": 0.25}, QUARTER),
    ((400, 0), (99.98, 0), {"error_margin": 0, "position_tolerance": 0}, LESS),
    ((400, 0), (99.8125, -0.1875), POSITION, f"kept: 0.00 {PLACE} 1 LR px"),
    ((400, 0), (102.8125, 3.8125), WIDE, f"kept: 5.00 {PLACE} 5 LR px"),
    ((400, 0), (102.8125, 3.8125), HALF, f"rejected: 5.00 {PLACE} 2.5 LR px"),
    ((400, 0), (95.2353, 0), {}, f"rejected: 5.003 % {NEAR}"),  # does not read as the margin
    ((400, 0), (99.8125, 0.8165), POSITION, f"rejected: 1.004 {PLACE} 1 LR px"),
    ((400, 0), (0, 100), POSITION, f"rejected: 141.42 {PLACE} 1 LR px"),
    ((0.75, 0.75), (0, 0), POSITION, f"kept: 0.00 {PLACE} 1 LR px"),  # the origin, like any other
    ((200, 0), (99.875, -0.125), POSITION | {"scale": 2}, f"kept: 0.00 {PLACE} 1 LR px"),
]


@pytest.mark.parametrize(("hr", "lr", "changes", "words"), MATCHES)
def test_a_match_tells_what_its_test_measures_and_what_the_other_says(
    hr: Point, lr: Point, changes: dict[str, Any], words: str
) -> None:
    assert of_match(hr, lr, Recipe(**changes)) == words


def of_window(
    recipe: Recipe,
    *,
    keypoints: int = 12,
    edges: float | None = None,
    matches: int = 3,
    box: Box | None,
    reason: str = "",
) -> str:
    """Return the verdict on the first of the windows of a 64 x 64 image."""
    windows = lay_windows((64, 64), patch=recipe.patch, stride=recipe.stride)
    every = np.ones(len(windows), np.int32)
    values = {"sift": every * keypoints, "canny": every * (edges or 0)}
    texture = Texture(recipe.texture, values)
    patches = judge(
        windows,
        texture,
        every * matches,
        box,
        every < 1,
        min_matches=recipe.min_matches,
        min_keypoints=recipe.min_keypoints,
        min_edge_density=recipe.min_edge_density,
    )
    found = Crop(box, None, reason, np.empty(0, int))
    return window_verdict(
        Analysis(NOTHING, recipe, box=found, windows=windows, texture=texture, patches=patches), 0
    )


WHOLE, ELSEWHERE = Box(0, 0, 64, 64), Box(20, 20, 64, 64)
CANNY = {"texture": "canny", "min_edge_density": 0.1}
FEW, ONE = "; at least {} are needed", "; at least 1 is needed"
OUTSIDE = "no candidate: outside the box"
WINDOWS = {
    "kept": ({}, {}, "kept: 12 keypoints"),
    "just enough": ({"keypoints": 10}, {}, "kept: 10 keypoints"),
    "few keypoints": ({"keypoints": 9}, {}, "rejected: 9 keypoints; at least 10 are needed"),
    "few matches": ({"matches": 3}, {"min_matches": 4}, "rejected: 3 matches" + FEW.format(4)),
    "just enough matches": ({"matches": 4}, {"min_matches": 4}, "kept: 12 keypoints"),
    "just enough edges": ({"edges": 0.1}, CANNY, "kept: 10.0 % edge pixels"),
    "one keypoint": ({"keypoints": 1}, {}, "rejected: 1 keypoint; at least 10 are needed"),
    "one is kept": ({"keypoints": 1}, {"min_keypoints": 1}, "kept: 1 keypoint"),
    "one is wanted": ({"keypoints": 0}, {"min_keypoints": 1}, "rejected: 0 keypoints" + ONE),
    "one match": ({"matches": 1}, {"min_matches": 2}, "rejected: 1 match; at least 2 are needed"),
    "few of both": (
        {"keypoints": 0, "matches": 0},
        {"min_matches": 4},
        "rejected: 0 keypoints" + FEW.format(10),
    ),
    "edges": ({"edges": 0.125}, CANNY, "kept: 12.5 % edge pixels"),
    "edges without keypoints": (
        {"edges": 0.125, "keypoints": 0},
        CANNY,
        "kept: 12.5 % edge pixels",
    ),
    "few edges": ({"edges": 0.02}, CANNY, "rejected: 2.0 % edge pixels; at least 10 % are needed"),
    "outside": ({"box": ELSEWHERE}, {}, OUTSIDE),
    "outside, and few keypoints": ({"box": ELSEWHERE, "keypoints": 0}, {}, OUTSIDE),
    "no box": ({"box": None, "reason": "2 matches"}, {}, "no candidate: 2 matches"),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_a_window_tells_the_first_reason_with_its_figure(case: str) -> None:
    given, changes, words = WINDOWS[case]
    assert of_window(Recipe(**changes), **{"box": WHOLE, **given}) == words


RECIPES = {
    "article": Recipe(),
    "position": Recipe(consistency="position", crop="bounding", keypoint_scope="image"),
    "matches": Recipe(crop="whole", min_keypoints=3, min_matches=2),
    "canny": Recipe(texture="canny", crop="whole", min_edge_density=0.12),
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_words_agree_with_the_pipeline_on_every_match_and_window_of_a_photograph(
    name: str,
) -> None:
    a = analyse(as_source(crop("motorcycle", 200, 100, 250, 200)), RECIPES[name])
    for index, kept in enumerate(a.consistent.kept):
        words = match_verdict(a, index)
        assert words.startswith("kept" if kept else "rejected"), words
        if place := re.search(r"([\d.]+) LR px from", words):
            miss = np.hypot(*a.consistent.displacement[index])
            assert place.group(1) == f"{miss:.2f}"
        elif by := re.search(r"([\d.]+) % too (near|far)", words):
            ratio = a.consistent.ratio[index]
            assert by.group(1) == f"{100 * abs(ratio - 1):.1f}"
            assert by.group(2) == ("near" if ratio > 1 else "far")
    starts = {Verdict.KEPT: "kept", Verdict.OUTSIDE_BOX: "no candidate"}
    figures = {
        Verdict.LITTLE_TEXTURE: lambda index: (
            f" {100 * a.texture.values['canny'][index]:.1f} % edge"
            if name == "canny"
            else f" {a.texture.keypoints[index]} keypoint"
        ),
        Verdict.FEW_MATCHES: lambda index: f" {a.patches.matches[index]} match",
    }
    seen = set()
    for index, number in enumerate(a.patches.verdict):
        verdict, words = Verdict(int(number)), window_verdict(a, index)
        seen.add(verdict)
        assert words.startswith(starts.get(verdict, "rejected")), words
        assert figures.get(verdict, lambda index: "")(index) in words, words
    assert Verdict.KEPT in seen
    assert len(seen) > 1
