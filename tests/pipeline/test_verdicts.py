"""Why a match or a window is kept or rejected: the words, and the figures in them."""

from __future__ import annotations

import re

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


# Under scale 4 the place of HR (x, y) is (x / 4 - 0.1875, y / 4 - 0.1875) in LR.
RADIAL = {
    "kept though too near": (
        ((400, 0), (98, 0)),
        "kept, though displaced: 1.82 LR px from its place; the tolerance is 1 LR px",
    ),
    "kept and right": (
        ((400, 0), (99.5, 0)),
        "kept: 0.5% too near to the origin; the margin is 5.0%",
    ),
    "kept and right, too far": (
        ((400, 0), (100.5, 0)),
        "kept: 0.5% too far from the origin; the margin is 5.0%",
    ),
    "kept and nearly exact": (
        ((400, 0), (99.98, 0)),
        "kept: within 0.05% of the right distance from the origin; the margin is 5.0%",
    ),
    "kept though in another direction": (
        ((400, 0), (0, 100)),
        "kept, though displaced: 141.42 LR px from its place; the tolerance is 1 LR px",
    ),
    "rejected, too far": (
        ((400, 0), (125, 0)),
        "rejected: 20.0% too far from the origin; the margin is 5.0%",
    ),
    "rejected, too near": (
        ((400, 0), (80, 0)),
        "rejected: 25.0% too near to the origin; the margin is 5.0%",
    ),
    "rejected though right": (
        ((8, 8), (1.8125, 1.8125)),
        "rejected: 10.3% too near to the origin; the margin is 5.0%. "
        "Yet it is right: 0.00 LR px from its place; the tolerance is 1 LR px",
    ),
    "the origin": (
        ((8, 8), (0, 0)),
        "rejected: its LR keypoint is the origin, where no ratio exists",
    ),
}


@pytest.mark.parametrize("case", RADIAL)
def test_the_radial_test_tells_ratio_and_margin_and_what_the_place_says(case: str) -> None:
    (hr, lr), words = RADIAL[case]
    assert of_match(hr, lr, Recipe()) == words


def test_the_margin_in_the_words_is_the_recipes() -> None:
    words = of_match((400, 0), (125, 0), Recipe(error_margin=0.125))
    assert words == "rejected: 20.0% too far from the origin; the margin is 12.5%"
    assert of_match((400, 0), (125, 0), Recipe(error_margin=0.25)).startswith("kept")
    words = of_match((400, 0), (99.98, 0), Recipe(error_margin=0, position_tolerance=0))
    assert words == "rejected: less than 0.05% too near to the origin; the margin is 0.0%"


@pytest.mark.parametrize(
    ("lr", "tolerance", "words"),
    [
        ((99.8125, -0.1875), 1.0, "kept: 0.00 LR px from its place; the tolerance is 1 LR px"),
        ((102.8125, 3.8125), 5.0, "kept: 5.00 LR px from its place; the tolerance is 5 LR px"),
        (
            (102.8125, 3.8125),
            2.5,
            "rejected: 5.00 LR px from its place; the tolerance is 2.5 LR px",
        ),
        ((0, 100), 1.0, "rejected: 141.42 LR px from its place; the tolerance is 1 LR px"),
    ],
)
def test_the_position_test_tells_displacement_and_tolerance(
    lr: Point, tolerance: float, words: str
) -> None:
    recipe = Recipe(consistency="position", position_tolerance=tolerance)
    assert of_match((400, 0), lr, recipe) == words


def test_the_position_test_takes_an_lr_keypoint_at_the_origin_like_any_other() -> None:
    words = of_match((0.75, 0.75), (0, 0), Recipe(consistency="position"))
    assert words == "kept: 0.00 LR px from its place; the tolerance is 1 LR px"


def test_another_scale_puts_keypoints_in_other_places() -> None:
    # (x + 0.5) / 2 - 0.5 + 0.25 / 2 = x / 2 - 0.125
    recipe = Recipe(scale=2, consistency="position")
    assert of_match((200, 0), (99.875, -0.125), recipe).startswith("kept: 0.00 LR px")


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
        least=getattr(recipe, texture.measure.threshold),
        min_matches=recipe.min_matches,
    )
    found = Crop(box, None, reason, np.empty(0, int))
    return window_verdict(
        Analysis(NOTHING, recipe, box=found, windows=windows, texture=texture, patches=patches), 0
    )


WHOLE, ELSEWHERE = Box(0, 0, 64, 64), Box(20, 20, 64, 64)
CANNY = Recipe(texture="canny", min_edge_density=0.1)
WINDOWS = {
    "kept": ({}, Recipe(), "kept: 12 keypoints"),
    "just enough": ({"keypoints": 10}, Recipe(), "kept: 10 keypoints"),
    "few keypoints": ({"keypoints": 9}, Recipe(), "rejected: 9 keypoints; at least 10 are needed"),
    "few matches": (
        {"matches": 3},
        Recipe(min_matches=4),
        "rejected: 3 matches; at least 4 are needed",
    ),
    "just enough matches": ({"matches": 4}, Recipe(min_matches=4), "kept: 12 keypoints"),
    "just enough edges": ({"edges": 0.1}, CANNY, "kept: 10.0% edge pixels"),
    "one keypoint": ({"keypoints": 1}, Recipe(), "rejected: 1 keypoint; at least 10 are needed"),
    "one is kept": ({"keypoints": 1}, Recipe(min_keypoints=1), "kept: 1 keypoint"),
    "one is wanted": (
        {"keypoints": 0},
        Recipe(min_keypoints=1),
        "rejected: 0 keypoints; at least 1 is needed",
    ),
    "one match": (
        {"matches": 1},
        Recipe(min_matches=2),
        "rejected: 1 match; at least 2 are needed",
    ),
    "few of both": (
        {"keypoints": 0, "matches": 0},
        Recipe(min_matches=4),
        "rejected: 0 keypoints; at least 10 are needed",
    ),
    "edges": ({"edges": 0.125}, CANNY, "kept: 12.5% edge pixels"),
    "edges without keypoints": ({"edges": 0.125, "keypoints": 0}, CANNY, "kept: 12.5% edge pixels"),
    "few edges": ({"edges": 0.02}, CANNY, "rejected: 2.0% edge pixels; at least 10.0% are needed"),
    "outside": ({"box": ELSEWHERE}, Recipe(), "no candidate: outside the box"),
    "outside, and few keypoints": (
        {"box": ELSEWHERE, "keypoints": 0},
        Recipe(),
        "no candidate: outside the box",
    ),
    "no box": (
        {"box": None, "reason": "fewer than 4 corner matches"},
        Recipe(),
        "no candidate: fewer than 4 corner matches",
    ),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_a_window_tells_the_first_reason_with_its_figure(case: str) -> None:
    given, recipe, words = WINDOWS[case]
    assert of_window(recipe, **{"box": WHOLE, **given}) == words


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
        elif by := re.search(r"([\d.]+)% too (near|far)", words):
            ratio = a.consistent.ratio[index]
            assert by.group(1) == f"{100 * abs(ratio - 1):.1f}"
            assert by.group(2) == ("near" if ratio > 1 else "far")
    starts = {Verdict.KEPT: "kept", Verdict.OUTSIDE_BOX: "no candidate"}
    figures = {
        Verdict.LITTLE_TEXTURE: lambda index: (
            f" {100 * a.texture.values['canny'][index]:.1f}% edge"
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
