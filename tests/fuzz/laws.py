"""What holds for every recipe and every image: laws, and other people's functions as oracles.

Each law is a function of Hypothesis: `tests.fuzz.test_laws` tries a few examples, always the same,
``make soak`` many, always others.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import hypothesis.configuration
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from skimage.color import rgb2ycbcr

from srviewer.errors import ImageTooSmallError, RecipeError
from srviewer.export.runner import export
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.analysis import Analysis, analyse, refresh
from srviewer.pipeline.pairing import clean_size
from srviewer.pipeline.recipe import FILTERS, KNOBS, Recipe, adapted
from srviewer.pipeline.recipe_file import from_toml, to_toml
from srviewer.pipeline.resizing import available_libraries
from srviewer.pipeline.summary import mean_quality
from srviewer.pipeline.textures import NOT_COUNTED
from srviewer.pipeline.verdicts import Verdict
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
from tests import reference
from tests.photos import as_source, crop, save

# What it keeps besides failures, which are kept nowhere, does not belong into the tree either.
hypothesis.configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir(), "srviewer-hypothesis"))
_ALWAYS = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}
EXAMPLES = {"tests": 20, "soak": 1000}
# To make an example small takes minutes.
_FIRST = (Phase.explicit, Phase.generate)
settings.register_profile("tests", derandomize=True, phases=_FIRST, **_ALWAYS)
settings.register_profile("soak", **_ALWAYS)
LAWS: dict[Callable[..., None], tuple[st.SearchStrategy[Any], ...]] = {}
"""What is drawn for each."""


def law(*drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a function be a law for what is `drawn`."""

    def keep(function: Callable[..., None]) -> Callable[..., None]:
        LAWS[function] = drawn
        return function

    return keep


def hold(function: Callable[..., None], profile: str) -> int:
    """Hold a law against examples, ``tests`` or ``soak``; return how many."""
    is_slow = function is survey_export_and_verification_say_what_the_pipeline_says
    examples = EXAMPLES[profile] // (10 if is_slow else 1)
    how = settings(settings.get_profile(profile), max_examples=examples)
    how(given(*LAWS[function])(function))()
    return examples


# Recipes


def _number(name: str) -> st.SearchStrategy[Any]:
    knob = KNOBS[name]
    if knob.kind is int:
        return st.integers(int(knob.low), int(knob.high))
    return st.floats(knob.low, knob.high)


def _any_value(name: str) -> st.SearchStrategy[Any]:
    knob = KNOBS[name]
    if knob.choices:
        return st.sampled_from(knob.choices)
    return st.booleans() if knob.kind is bool else _number(name)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Draw any recipe; knobs that exclude each other are moved as the window moves them."""
    recipe = Recipe()
    for name in draw(st.lists(st.sampled_from(list(KNOBS)), unique=True)):
        recipe = adapted(recipe, name, draw(_any_value(name)))
    return recipe


def _small_recipes() -> st.SearchStrategy[Recipe]:
    """Return recipes under which a small image takes milliseconds, and often gives pairs."""
    libraries = [name for name in available_libraries() if name != "torch"]  # a second to load

    @st.composite
    def draw_one(draw: st.DrawFn) -> Recipe:
        resizer = draw(st.sampled_from(libraries))
        layout = draw(st.sampled_from(["upscaled", "upscaled", "native"]))
        scale = draw(st.sampled_from([2, 2, 3, 4, 7]))
        unit = scale if layout == "native" else 1
        values = {
            "scale": st.just(scale),
            "resizer": st.just(resizer),
            "filter": st.sampled_from(FILTERS[resizer]),
            "lr_layout": st.just(layout),
            "patch": st.integers(-(-11 // unit), 36 // unit).map(lambda n: n * unit),
            "stride": st.integers(-(-7 // unit), 36 // unit).map(lambda n: n * unit),
            "crop": st.sampled_from(["whole", "whole", "bounding", "corners"]),
            "min_keypoints": st.sampled_from([0, 1, 1, 3, 10]),
            "min_matches": st.sampled_from([0, 0, 1, 2]),
            "min_edge_density": st.floats(0, 0.3),
            "error_margin": st.floats(0.01, 0.5),
            "canny_low": st.floats(0, 150),
            "canny_high": st.floats(150, 400),
            "sift_contrast_threshold": st.floats(0, 0.1),
            "sift_n_octave_layers": st.integers(1, 6),
            "sift_sigma": st.floats(0.3, 3),
            "sift_nfeatures": st.sampled_from([0, 0, 50]),
            **{name: _any_value(name) for name in ("texture", "keypoint_scope", "consistency",
                                                   "metrics_on", "quantize_after", "colour")},
        }  # fmt: skip
        return Recipe(**draw(st.fixed_dictionaries(values)))

    return draw_one()


@law(recipes())
def a_recipe_is_what_its_file_says(recipe: Recipe) -> None:
    text = to_toml(recipe)
    assert from_toml(text, "a.toml") == recipe
    assert to_toml(from_toml(text, "a.toml")) == text


def _beyond(name: str) -> st.SearchStrategy[Any]:
    """Return what the knob `name` may not be."""
    knob = KNOBS[name]
    others = st.one_of(st.none(), st.text(max_size=9), st.lists(st.integers(), max_size=2))
    if knob.choices:
        words = st.text(max_size=9).filter(lambda word: word not in knob.choices)
        return st.one_of(st.none(), words, st.integers(), st.booleans())
    if knob.kind is bool:
        return st.one_of(others, st.integers(), st.floats())
    low, high = knob.low, knob.high
    outside = st.one_of(st.integers(max_value=int(low) - 1), st.integers(min_value=int(high) + 1))
    if knob.kind is int:
        return st.one_of(others, st.booleans(), outside, st.floats())
    beyond = st.one_of(
        st.floats(max_value=low, exclude_max=True), st.floats(min_value=high, exclude_min=True)
    )
    return st.one_of(others, st.booleans(), outside, beyond, st.just(float("nan")))


@law(st.sampled_from(list(KNOBS)).flatmap(lambda name: st.tuples(st.just(name), _beyond(name))))
def what_is_out_of_range_is_refused_with_key_value_and_what_is_allowed(drawn: Any) -> None:
    name, value = drawn
    with pytest.raises(RecipeError) as caught:
        Recipe(**{name: value})
    error = caught.value
    assert (error.key, error.allowed) == (name, KNOBS[name].allowed)
    assert error.has_value
    assert error.value is value
    assert error.sentence.startswith(f"{name} = ")


# Images


@st.composite
def images(draw: st.DrawFn, least: int = 1) -> np.ndarray:
    """Draw a small image: tiny, wide, flat, noise, a ramp, tiles that repeat, a photograph."""
    sides = draw(st.sampled_from([(60, 130), (60, 130), (40, 80), (11, 40), (1, 12), (8, 300)]))
    height, width = (draw(st.integers(max(sides[0], least), max(sides[1], least)))
                     for _ in range(2))  # fmt: skip
    kind = draw(st.sampled_from(["photograph"] * 4 + ["noise", "flat", "ramp", "tiles"]))
    chance = np.random.default_rng(draw(st.integers(0, 1 << 20)))
    if kind == "photograph":
        x, y = int(chance.integers(0, 200)), int(chance.integers(0, 100))
        return crop("motorcycle", 40 + x, 60 + y, width, height)
    if kind == "flat":
        return np.full((height, width, 3), chance.integers(0, 256, 3), np.uint8)
    if kind == "ramp":
        ramp = np.add.outer(np.arange(height), 2 * np.arange(width)) % 256
        return np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
    noise = chance.integers(0, 256, (height, width, 3), np.uint8)
    if kind == "tiles":
        noise = np.tile(noise[:9, :9], (height // 9 + 1, width // 9 + 1, 1))[:height, :width]
    return np.ascontiguousarray(noise)


def _analysed(rgb: np.ndarray, recipe: Recipe) -> Analysis:
    """Return the analysis; there is none where the image has no room for a patch."""
    clean = clean_size(rgb.shape[1], rgb.shape[0], recipe.scale)
    try:
        found = analyse(as_source(rgb), recipe)
    except ImageTooSmallError:
        assert min(clean) < recipe.patch
        assume(False)
    assert found.pair.size == clean
    return found


@law(images(), _small_recipes())
def an_analysis_explains_itself(rgb: np.ndarray, recipe: Recipe) -> None:
    a = _analysed(rgb, recipe)
    width, height = a.pair.size
    windows, patches, box = a.windows, a.patches, a.box
    assert len(windows) == ((width - recipe.patch) // recipe.stride + 1) * (
        (height - recipe.patch) // recipe.stride + 1
    )
    assert a.pair.lr.shape == (height // recipe.scale, width // recipe.scale, 3)
    assert a.pair.upscaled.shape == a.pair.hr.shape
    if box.hr is None:
        assert box.reason
        assert box.lr is None
    else:
        assert box.reason is None
        assert 0 <= box.hr.x0 <= box.hr.x1 <= width
        assert 0 <= box.hr.y0 <= box.hr.y1 <= height
        assert tuple(side * recipe.scale for side in box.lr) == box.hr
    matches, kept = a.matches, a.consistent.kept
    assert len(set(matches.hr_index)) == len(set(matches.lr_index)) == len(matches) == len(kept)
    points = np.floor(matches.hr_points[kept].astype(np.float64) + 0.5)
    threshold = getattr(recipe, a.texture.measure.threshold)
    verdicts = np.bincount(patches.verdict, minlength=len(Verdict))
    assert verdicts.sum() == len(windows)
    assert verdicts[Verdict.KEPT] == patches.kept.sum()
    assert (patches.candidates >= patches.kept).all()
    for number in range(len(windows)):
        rows, columns = windows.pixels(number)
        assert 0 <= rows.start < rows.stop <= height
        assert 0 <= columns.start < columns.stop <= width
        inside = box.hr is not None and (
            box.hr.x0 <= columns.start and columns.stop <= box.hr.x1
            and box.hr.y0 <= rows.start and rows.stop <= box.hr.y1
        )  # fmt: skip
        in_it = (points >= (columns.start, rows.start)) & (points < (columns.stop, rows.stop))
        assert patches.matches[number] == in_it.all(axis=1).sum()
        wanted = Verdict.KEPT
        if not inside:
            wanted = Verdict.OUTSIDE_BOX
        elif a.texture.deciding[number] < threshold:
            wanted = Verdict.LITTLE_TEXTURE
        elif patches.matches[number] < recipe.min_matches:
            wanted = Verdict.FEW_MATCHES
        assert patches.verdict[number] == wanted
    assert (a.texture.keypoints != NOT_COUNTED).all()


@law(images(least=24), _small_recipes().map(lambda r: r.replace(keypoint_scope="image")))
def counts_in_the_image_are_those_of_loops(rgb: np.ndarray, recipe: Recipe) -> None:
    a = _analysed(rgb, recipe)
    edges = cv2.Canny(cv2.cvtColor(a.pair.hr, cv2.COLOR_RGB2GRAY), recipe.canny_low,
                      recipe.canny_high) > 0  # fmt: skip
    places = [(int(np.floor(x + 0.5)), int(np.floor(y + 0.5)))
              for x, y in a.keypoints.hr.points.astype(np.float64)]  # fmt: skip
    for number in range(len(a.windows)):
        rows, columns = a.windows.pixels(number)
        count = sum(rows.start <= y < rows.stop and columns.start <= x < columns.stop
                    for x, y in places)  # fmt: skip
        assert a.texture.keypoints[number] == count
        if recipe.texture == "canny":
            assert a.texture.deciding[number] == edges[rows, columns].sum() / recipe.patch**2


@law(images(least=24), _small_recipes(), st.data())
def metrics_are_those_of_scikit_image(rgb: np.ndarray, recipe: Recipe, data: st.DataObject) -> None:
    a = _analysed(rgb, recipe)
    number = data.draw(st.integers(0, len(a.windows) - 1))
    one, other = (image[a.windows.pixels(number)] for image in (a.pair.hr, a.pair.upscaled))
    if recipe.metrics_on == "y":
        one, other = (rgb2ycbcr(part.astype(np.float64) / 255)[..., 0] for part in (one, other))
    elif other.dtype != np.uint8:
        one, other = one.astype(np.float64), other.astype(np.float64)
    assert abs(a.quality.ssim[number] - reference.ssim(one, other)) < 1e-6
    psnr = reference.psnr(one, other)
    assert a.quality.psnr[number] == psnr or psnr > 120 or abs(a.quality.psnr[number] - psnr) < 1e-6


@law(images(least=24), _small_recipes(), st.data())
def thresholds_only_ever_take_away(rgb: np.ndarray, recipe: Recipe, data: st.DataObject) -> None:
    a = _analysed(rgb, recipe)
    for name, most in (("min_keypoints", 40), ("min_matches", 9), ("min_edge_density", 1.0)):
        strict = data.draw(st.sampled_from([getattr(recipe, name), most]))
        if strict >= getattr(recipe, name):
            after = refresh(a, recipe.replace(**{name: strict}))
            assert (a.patches.kept >= after.patches.kept).all()
            assert (a.patches.candidates == after.patches.candidates).all()
    wide = data.draw(st.floats(recipe.error_margin, 1))
    after = refresh(a, recipe.replace(error_margin=wide))
    assert (a.consistent.kept <= after.consistent.kept).all()
    wide = data.draw(st.floats(recipe.position_tolerance, 1000))
    after = refresh(a, recipe.replace(position_tolerance=wide))
    assert (a.consistent.kept <= after.consistent.kept).all()
    assert (a.consistent.inlier <= after.consistent.inlier).all()


@law(st.lists(images(), min_size=1, max_size=2), _small_recipes())
def survey_export_and_verification_say_what_the_pipeline_says(
    drawn: list[np.ndarray], recipe: Recipe
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [save(rgb, folder / "in" / f"{n}.png") for n, rgb in enumerate(drawn)]
        found = {}
        for path, rgb in zip(paths, drawn, strict=True):
            try:
                found[path.name] = analyse(as_source(rgb), recipe)
            except ImageTooSmallError:
                continue
        kept = sum(int(a.patches.kept.sum()) for a in found.values())
        _check_survey(folder, recipe, found)
        state = export([folder / "in"], folder / "out", recipe, jobs=1)
        assert (state.pairs, state.exported) == (kept, len(found))
        assert len(state.failures) == len(drawn) - len(found)
        if not state.failures:
            assert state.in_set == kept
            checked = verify(folder / "out", images=[folder / "in"], jobs=1)
            assert not checked.wrong, checked.wrong


def _check_survey(folder: Path, recipe: Recipe, found: dict[str, Analysis]) -> None:
    file = folder / "survey.sqlite"
    survey([folder / "in"], file, recipe, jobs=1)
    whole = load(file, [folder / "in"], recipe)
    assert [image.name for image in whole.images] == sorted(found)
    answer = whole.under(recipe)
    for index, image in enumerate(answer.images):
        a = found[image.name]
        assert answer.kept[index] == a.patches.kept.sum()
        assert answer.candidates[index] == a.patches.candidates.sum()
        assert answer.consistent[index] == a.consistent.kept.sum()
        assert tuple(answer.boxes[index]) == (a.box.hr or (-1,) * 4)
        means = (answer.mean_psnr[index], answer.mean_ssim[index])
        for mean, wanted in zip(means, mean_quality(a), strict=True):
            assert np.isnan(mean) if wanted is None else abs(mean - wanted) < 1e-4
