import math

import pytest

from srviewer.errors import RecipeError
from srviewer.pipeline.recipe import (
    FILTERS,
    KNOBS,
    PRESETS,
    Recipe,
    adapted,
    keypoints_by_area,
    nearest_multiples,
    preset,
)
from srviewer.pipeline.textures import TEXTURES

DEFAULTS = {
    "scale": 4, "resizer": "pil", "filter": "bicubic", "quantize_after": True,
    "colour": "srgb", "straighten": "off", "straighten_filter": "bicubic",
    "keep_windows": "all",
    "sift_nfeatures": 0, "sift_n_octave_layers": 3, "sift_contrast_threshold": 0.04,
    "sift_edge_threshold": 10.0, "sift_sigma": 1.6,
    "consistency": "radial", "error_margin": 0.05, "position_tolerance": 1.0, "crop": "corners",
    "patch": 33, "stride": 14, "min_keypoints": 10, "min_matches": 0, "texture": "sift",
    "keypoint_scope": "patch", "canny_low": 100.0, "canny_high": 200.0, "min_edge_density": 0.05,
    "lr_layout": "upscaled", "metrics_on": "rgb",
}  # fmt: skip
NUMBERS = [name for name, knob in KNOBS.items() if knob.kind in (int, float)]
CHOICES = [name for name, knob in KNOBS.items() if knob.kind is str]
FLOATS = [name for name, knob in KNOBS.items() if knob.kind is float]


def complaint(**values) -> str:
    with pytest.raises(RecipeError) as caught:
        Recipe(**values)
    return str(caught.value)


def test_defaults_are_the_descriptions():
    recipe = Recipe()
    assert {name: getattr(recipe, name) for name in KNOBS} == DEFAULTS
    assert {name: knob.default for name, knob in KNOBS.items()} == DEFAULTS
    assert all(type(KNOBS[name].default) is type(value) for name, value in DEFAULTS.items())


def test_choices_are_the_descriptions():
    assert KNOBS["consistency"].choices == ("radial", "position")
    assert KNOBS["crop"].choices == ("corners", "bounding", "whole")
    assert KNOBS["texture"].choices == tuple(TEXTURES) == ("sift", "canny")
    assert KNOBS["keypoint_scope"].choices == ("patch", "image")
    assert KNOBS["lr_layout"].choices == ("upscaled", "native")
    assert KNOBS["metrics_on"].choices == ("rgb", "y")
    assert KNOBS["colour"].choices == ("srgb", "as_stored")
    assert KNOBS["resizer"].choices == ("pil", "opencv", "matlab", "torch")
    assert KNOBS["scale"].low == 2


def test_presets_are_the_descriptions():
    changes = {name: Recipe().differences(recipe) for name, recipe in PRESETS.items()}
    assert changes == {
        "article": {},
        "v2": {"crop": ("corners", "whole")},
        "v1": {"crop": ("corners", "whole"), "min_keypoints": (10, 0)},
        "recommended": {
            "consistency": ("radial", "position"),
            "crop": ("corners", "bounding"),
            "keypoint_scope": ("patch", "image"),
        },
        "modern": {
            "crop": ("corners", "whole"),
            "patch": (33, 256),
            "stride": (14, 128),
            "min_keypoints": (10, 100),
            "keypoint_scope": ("patch", "image"),
            "lr_layout": ("upscaled", "native"),
        },
    }
    for name, recipe in PRESETS.items():
        assert preset(name) is recipe


@pytest.mark.parametrize(
    ("keypoints", "patch", "before", "scaled"),
    [
        (10, 256, 33, 602),
        (602, 33, 256, 10),
        (0, 64, 33, 0),
        (1, 33, 256, 1),
        (60_000, 66, 33, 10**5),
    ],
)
def test_a_threshold_of_keypoints_goes_by_area(keypoints, patch, before, scaled):
    assert keypoints_by_area(Recipe(min_keypoints=keypoints, patch=patch), before) == scaled


def test_an_unknown_preset_names_all_there_are():
    with pytest.raises(RecipeError, match="preset = 'v3': allowed is one of article, v2, v1"):
        preset("v3")


@pytest.mark.parametrize("name", KNOBS)
def test_every_knob_has_words_for_people(name):
    knob = KNOBS[name]
    for words in (knob.label, knob.help, knob.group, knob.allowed):
        assert words.strip()
    assert knob.label not in [other.label for other in KNOBS.values() if other is not knob]


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_has_a_range_that_holds_its_default_and_slider(name):
    knob = KNOBS[name]
    assert knob.low <= knob.default <= knob.usual <= knob.high
    assert 0 < knob.step < knob.usual


@pytest.mark.parametrize("name", NUMBERS)
def test_the_ends_of_a_range_are_allowed_and_beyond_is_not(name):
    knob = KNOBS[name]
    both = {"canny_low": 0.0, "canny_high": 10_000.0} if name.startswith("canny") else {}
    for end, step in ((knob.low, -1), (knob.high, 1)):
        value = knob.kind(end)
        assert getattr(Recipe(**both | {name: value}), name) == value
        beyond = value + knob.kind(step)
        message = complaint(**both | {name: beyond})
        assert message == f"{name} = {beyond!r}: allowed is {knob.allowed}"


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["none", "", "RADIAL", 3, None, True])
def test_another_word_names_those_that_are_allowed(name, value):
    message = complaint(**{name: value})
    assert message.startswith(f"{name} = {value!r}: allowed is one of ")
    for choice in KNOBS[name].choices:
        assert choice in message


WRONG = {
    int: [True, False, 4.0, 4.5, "4", None, math.nan, [4]],
    float: [True, "0.1", None, math.nan, math.inf, -math.inf],
    bool: [1, 0, "true", None, 1.0],
}


@pytest.mark.parametrize("name", [*NUMBERS, "quantize_after"])
def test_a_value_of_another_type_is_refused_with_what_is_allowed(name):
    for value in WRONG[KNOBS[name].kind]:
        message = complaint(**{name: value})
        assert message == f"{name} = {value!r}: allowed is {KNOBS[name].allowed}"


@pytest.mark.parametrize("name", FLOATS)
def test_a_whole_number_does_for_a_number_and_becomes_one(name):
    both = {"canny_low": 0.0, "canny_high": 10_000.0} if name.startswith("canny") else {}
    value = getattr(Recipe(**both | {name: 1}), name)
    assert value == 1.0
    assert type(value) is float


def test_recipes_that_say_the_same_are_equal():
    assert Recipe(sift_edge_threshold=10) == Recipe()
    assert hash(Recipe(sift_edge_threshold=10)) == hash(Recipe())
    assert Recipe(stride=15) != Recipe()


def test_a_recipe_cannot_be_changed():
    with pytest.raises(AttributeError):
        Recipe().scale = 3


def test_replace_checks_as_a_new_recipe_does():
    assert Recipe().replace(scale=3, crop="whole") == Recipe(scale=3, crop="whole")
    with pytest.raises(RecipeError, match="scale = 1: allowed is a whole number from 2 to 64"):
        Recipe().replace(scale=1)


def test_an_unknown_key_is_named_with_the_nearest_known():
    with pytest.raises(RecipeError) as caught:
        Recipe().replace(min_keypoint=3)
    assert "'min_keypoint'; did you mean 'min_keypoints'?" in str(caught.value)
    for name in KNOBS:
        assert name in str(caught.value)
    with pytest.raises(RecipeError, match="unknown recipe key 'zzz'") as caught:
        Recipe().replace(zzz=3)
    assert "did you mean" not in str(caught.value)


def test_differences_tell_both_values():
    other = Recipe(scale=2, crop="whole")
    assert Recipe().differences(other) == {"scale": (4, 2), "crop": ("corners", "whole")}
    assert other.differences(other) == {}


@pytest.mark.parametrize("resizer", FILTERS)
def test_every_library_has_the_filters_of_the_table_and_no_others(resizer):
    assert {"nearest", "bilinear", "bicubic"} <= set(FILTERS[resizer])
    for name in KNOBS["filter"].choices:
        if name in FILTERS[resizer]:
            assert Recipe(resizer=resizer, filter=name).filter == name
        else:
            message = complaint(resizer=resizer, filter=name)
            assert message == (
                f"filter = {name!r}: resizer {resizer!r} has {', '.join(FILTERS[resizer])}"
            )


def test_canny_thresholds_must_not_cross():
    message = complaint(canny_low=201.0)
    assert message == "canny_low = 201: allowed is at most canny_high, 200"
    assert Recipe(canny_low=200.0).canny_low == 200


@pytest.mark.parametrize(
    ("values", "key", "nearest"),
    [
        ({}, "patch = 33", "32 or 36"),
        ({"patch": 35}, "patch = 35", "36 or 32"),
        ({"patch": 36}, "stride = 14", "12 or 16"),
        ({"patch": 32, "stride": 15}, "stride = 15", "16 or 12"),
        ({"patch": 11, "stride": 4}, "patch = 11", "the nearest: 12"),
        ({"patch": 12, "stride": 1}, "stride = 1", "the nearest: 4"),
        ({"scale": 3, "patch": 33}, "stride = 14", "15 or 12"),
    ],
)
def test_the_native_layout_asks_for_multiples_and_offers_the_nearest(values, key, nearest):
    message = complaint(lr_layout="native", **values)
    assert message.startswith(f"{key}: with lr_layout = 'native' allowed is a multiple of scale")
    assert message.endswith(nearest)


def test_the_native_layout_takes_multiples():
    assert Recipe(lr_layout="native", patch=36, stride=16).lr_layout == "native"
    assert Recipe(lr_layout="native", scale=3, stride=15).patch == 33


@pytest.mark.parametrize("scale", [2, 3, 4, 7, 64])
def test_the_nearest_multiples_are_allowed_and_nearest(scale):
    for key in ("patch", "stride"):
        for value in range(int(KNOBS[key].low), 200):
            found = nearest_multiples(key, value, scale)
            allowed = [n for n in range(scale, 400, scale) if n >= KNOBS[key].low]
            best = min(abs(n - value) for n in allowed)
            assert abs(found[0] - value) == best
            assert all(n in allowed for n in found)


def test_what_the_nearest_multiples_offer_is_accepted_at_the_end_of_the_range():
    high = int(KNOBS["stride"].high)
    for scale in (3, 7, 64):
        for value in (high, high - 1):
            for near in nearest_multiples("stride", value, scale):
                assert Recipe(scale=scale, stride=near).stride == near


# A control moves one knob; what would exclude its value moves along.


@pytest.mark.parametrize(
    ("start", "key", "value", "moved"),
    [
        ({}, "stride", 20, {}),
        ({"filter": "box"}, "resizer", "opencv", {"filter": "bicubic"}),
        ({"filter": "lanczos"}, "resizer", "matlab", {}),
        ({}, "lr_layout", "native", {"patch": 32, "stride": 12}),
        ({"lr_layout": "native", "patch": 32, "stride": 16}, "scale", 3, {"patch": 33,
                                                                          "stride": 15}),
        ({"lr_layout": "native", "patch": 32, "stride": 16}, "patch", 47, {"patch": 48}),
        ({}, "canny_low", 300.0, {"canny_high": 300.0}),
        ({}, "canny_high", 50.0, {"canny_low": 50.0}),
    ],
)  # fmt: skip
def test_a_changed_knob_takes_along_what_would_exclude_it(start, key, value, moved):
    recipe = Recipe(**start)
    assert adapted(recipe, key, value) == recipe.replace(**{key: value} | moved)


def test_a_value_that_is_not_allowed_is_refused_all_the_same():
    with pytest.raises(RecipeError, match="scale = 1: allowed is"):
        adapted(Recipe(), "scale", 1)
    with pytest.raises(RecipeError, match="unknown recipe key"):
        adapted(Recipe(), "sale", 2)


def test_each_value_is_said_as_people_say_it():
    for knob in KNOBS.values():
        said = [knob.said(choice) for choice in knob.choices]
        assert len(set(said)) == len(said)
        assert not any("_" in words for words in said), knob.name
        assert list(knob.choice_names or knob.choices) == list(knob.choices)
    assert KNOBS["keep_windows"].named("not_moved") == "Keep windows not moved"


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        ("error_margin", 0.05, "5 %"),
        ("patch", 33, "33 px"),
        ("quantize_after", True, "on"),
        ("quantize_after", False, "off"),
    ],
)
def test_a_value_is_said_with_its_unit(knob, value, words):
    assert KNOBS[knob].said(value) == words
