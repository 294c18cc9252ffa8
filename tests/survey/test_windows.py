"""All windows of a set as one list, against an analysis of each image."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from srviewer.errors import ReadError
from srviewer.pipeline.analysis import Analysis, analyse_file
from srviewer.pipeline.conditions import parse_conditions
from srviewer.pipeline.exclusions import Excluded, Exclusions, Window
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.verdicts import verdict_words
from srviewer.pipeline.window_filter import Show, group_of
from srviewer.survey import patches
from srviewer.survey.patches import PatchReader
from srviewer.survey.whole_set import WholeSet
from srviewer.survey.windows import (
    PSNR,
    SSIM,
    TEXTURE,
    ListOrder,
    SetWindows,
    count_words,
    judge_windows,
    set_columns,
    why_empty,
)
from tests.survey.helpers import RECIPE

WITH_MATCHES = RECIPE.replace(crop="whole", min_matches=1)
CANNY = RECIPE.replace(crop="bounding", texture="canny", min_edge_density=0.1)
RECIPES = [RECIPE, WITH_MATCHES, CANNY]


@pytest.fixture(scope="module")
def partly(whole: WholeSet) -> WholeSet:
    """Return the set with an image excluded, and windows of another, some rejected anyway."""
    places = frozenset(Window(16 * n, 32, 33, 4) for n in range(12))
    by_name = {image.name: image.sha256 for image in whole.images}
    mine = {by_name["half.png"]: Excluded(True), by_name["motor.png"]: Excluded(False, places)}
    return whole.excluding(Exclusions(mine))


@cache
def analysis(path, recipe: Recipe, exclusions: Exclusions) -> Analysis:
    return analyse_file(path, recipe, exclusions=exclusions)


def analyses(whole: WholeSet, recipe: Recipe) -> list[Analysis]:
    return [analysis(image.path, recipe, whole.exclusions) for image in whole.images]


@pytest.mark.parametrize("recipe", RECIPES, ids=["sift", "matches", "canny"])
def test_each_verdict_is_the_pipelines(partly, recipe) -> None:
    windows, found = judge_windows(partly, recipe), analyses(partly, recipe)
    expected = np.concatenate([a.patches.verdict for a in found])
    np.testing.assert_array_equal(windows.verdicts, expected)
    for show in Show:
        mask = np.concatenate([group_of(a, show) for a in found])
        np.testing.assert_array_equal(windows.group(show), mask)
    kept = int(windows.group(Show.KEPT).sum())
    assert kept == partly.under(recipe).totals.pairs
    assert count_words(windows, kept)[0] == f"{kept:,} of {windows.candidates:,}"
    alone = SimpleNamespace(images=windows.images[:1], candidates=1)
    assert count_words(alone, 1)[1].endswith("the boxes of the surveyed image")


def test_each_window_has_its_place_and_its_numbers(partly) -> None:
    for recipe in (RECIPE, CANNY):
        windows, found = judge_windows(partly, recipe), analyses(partly, recipe)
        for number in range(0, len(windows), 37):
            image, window = windows.place(number)
            a = found[image]
            assert windows.corner(number) == (a.windows.x[window], a.windows.y[window])
            words = verdict_words(measure_of(recipe))[a.patches.verdict[window]]
            assert windows.words(number) == words, "of a made pair nothing else is told"
            assert windows.value(TEXTURE, number) == pytest.approx(a.texture.deciding[window])
            assert windows.value(PSNR, number) == pytest.approx(a.quality.psnr[window], rel=1e-6)
            assert windows.value(SSIM, number) == pytest.approx(a.quality.ssim[window], abs=1e-6)


@pytest.mark.parametrize("by", [None, TEXTURE, PSNR, SSIM])
@pytest.mark.parametrize("descending", [False, True])
def test_they_are_listed_in_order(whole, by, descending) -> None:
    windows, order = judge_windows(whole, RECIPE), ListOrder()
    for show in (Show.IN_BOX, Show.REJECTED, Show.KEPT):
        rows = order.list(windows, show, by, descending=descending)
        assert sorted(rows) == np.flatnonzero(windows.group(show)).tolist()
        values = np.array([windows.value(by, n) if by else n for n in rows.tolist()])
        assert (np.diff(-values if descending else values) >= 0).all()


def test_the_order_is_found_once_for_all_thresholds(whole, monkeypatch) -> None:
    order = ListOrder()
    calls: list[object] = []
    original = SetWindows.values
    monkeypatch.setattr(
        SetWindows, "values", lambda *given: calls.append(given) or original(*given)
    )
    for least in (3, 9, 12):
        windows = judge_windows(whole, RECIPE.replace(min_keypoints=least))
        rows = order.list(windows, Show.KEPT, PSNR, descending=False)
        assert len(rows) == whole.under(windows.recipe).totals.pairs
    assert len(calls) == 1
    order.list(windows, Show.KEPT, SSIM, descending=False)
    assert len(calls) == 2


def test_what_is_chosen_of_several_images_is_excluded_as_those_windows(whole) -> None:
    windows = judge_windows(whole, RECIPE)
    kept = np.flatnonzero(windows.group(Show.KEPT))
    chosen = kept[:: max(len(kept) // 7, 1)]
    places = windows.places(chosen)
    assert len(places) > 1
    assert sum(map(len, places.values())) == len(chosen)
    assert not windows.are_excluded(chosen)
    assert windows.count_rejected(chosen) == 0
    mine = Exclusions({sha256: Excluded(False, some) for sha256, some in places.items()})
    after = judge_windows(whole.excluding(mine), RECIPE)
    assert np.flatnonzero(after.group(Show.EXCLUDED)).tolist() == chosen.tolist()
    assert after.are_excluded(chosen)
    assert not after.are_excluded(kept)
    assert not after.are_excluded(chosen[:0])
    rejected = np.flatnonzero(after.group(Show.REJECTED))[:3]
    assert after.count_rejected(np.append(chosen, rejected)) == 3
    places = windows.places(rejected[:2])
    both = Exclusions(
        {
            key: Excluded(False, mine.of(key).windows | places.get(key, frozenset()))
            for key in {*places, *mine.by_content}
        }
    )
    after = judge_windows(whole.excluding(both), RECIPE)
    assert after.count_rejected(np.append(chosen, rejected)) == 1, "two are excluded already"


def test_numbers_are_carried_over_to_a_set_of_other_images(whole) -> None:
    some = WholeSet(RECIPE, whole.images[2:])
    before, after = judge_windows(whole, RECIPE), judge_windows(some, RECIPE)
    first = int(before.starts[2])
    numbers = np.array([0, first + 5, first - 1, len(before) - 1])
    assert after.renumbered(before, numbers).tolist() == [5, len(after) - 1]
    assert after.renumbered(after, numbers) is numbers


def test_why_none_is_listed(whole) -> None:
    assert "inside the box" in why_empty(judge_windows(WholeSet(RECIPE, ()), RECIPE), Show.KEPT)
    windows: SetWindows = judge_windows(whole, RECIPE)
    assert why_empty(windows, Show.EXCLUDED) == "no window of the set is excluded by hand"
    assert why_empty(windows, Show.CHANGED) == "no window of the set has other content"
    assert why_empty(windows, Show.UNSURE) == "it is known of every window how it lies"
    assert not windows.has_alignment
    assert why_empty(windows, Show.KEPT, conditions=True) == "no window meets the conditions"
    none = judge_windows(whole, RECIPE.replace(min_keypoints=1000))
    assert why_empty(none, Show.KEPT, conditions=True) == "no window of the set is kept"


@pytest.mark.parametrize("by", [None, SSIM])
def test_those_are_listed_that_meet_all_conditions(whole, by) -> None:
    windows = judge_windows(whole, CANNY)
    conditions = parse_conditions("edges >= 20 %, psnr < 25", set_columns(measure_of(CANNY)))
    rows = ListOrder().list(windows, Show.IN_BOX, by, descending=False, conditions=conditions)
    edges, psnr = (
        np.concatenate([image.content[name] for image in whole.images])
        for name in ("canny patch", "psnr")
    )
    meet = windows.inside & (edges / 33**2 >= 0.2) & (psnr < 25)
    assert 0 < len(rows) < windows.candidates
    assert sorted(rows) == np.flatnonzero(meet).tolist()


# Pixels


@pytest.mark.parametrize("changes", [{}, {"resizer": "opencv"}, {"quantize_after": False}])
def test_a_patch_has_the_pixels_of_the_pair(whole, changes) -> None:
    recipe, reader = RECIPE.replace(**changes), PatchReader()
    for image in whole.images[-2:]:
        a = analyse_file(image.path, recipe)
        some = [0, len(a.windows) // 2, len(a.windows) - 1]
        found = reader.read(image, sorted(set(some)), recipe)
        assert list(found) == sorted(set(some))
        for window, patch in found.items():
            here = a.windows.pixels(window)
            np.testing.assert_array_equal(patch.hr, a.pair.hr[here])
            np.testing.assert_array_equal(patch.upscaled, a.pair.upscaled[here])
            assert patch.hr.base is None, "it does not hold the image"
            x, y = a.windows.x[window] // 4, a.windows.y[window] // 4
            np.testing.assert_array_equal(patch.lr, a.pair.lr[y : y + 9, x : x + 9])


def test_an_image_that_is_another_by_now_is_told(copies) -> None:
    from srviewer.survey.default_file import default_file
    from srviewer.survey.runner import survey
    from srviewer.survey.whole_set import load

    for path in copies.rglob("*"):
        if path.is_file() and path.name != "tiny.png":
            path.unlink()
    survey([copies], default_file([copies]), RECIPE, jobs=1)
    (image,) = load(default_file([copies]), [copies], RECIPE).images
    PatchReader().read(image, [0], RECIPE)
    image.path.write_bytes(image.path.read_bytes() + b" ")
    with pytest.raises(ReadError, match="changed since it was surveyed"):
        PatchReader().read(image, [0], RECIPE)
    image.path.unlink()
    with pytest.raises(ReadError, match=r"tiny\.png"):
        PatchReader().read(image, [0], RECIPE)


def test_the_images_that_were_looked_at_last_are_held(whole, monkeypatch) -> None:
    read: list[str] = []
    real = patches.read_source

    def read_source(path, *more, **how):
        read.append(path.name[0])
        return real(path, *more, **how)

    monkeypatch.setattr(patches, "read_source", read_source)
    some = {image.path.name[0]: image for image in whole.images[:3]}
    assert list(some) == ["f", "h", "m"]

    def look_at(names: str) -> str:
        reader = PatchReader()
        for name in names:
            found = reader.read(some[name], [0], RECIPE)
            assert found[0].nbytes == 3 * (2 * 33**2 + 9**2)
        found, read[:] = "".join(read), []
        return found

    pixels = sum(image.clean_size[0] * image.clean_size[1] for image in some.values())
    monkeypatch.setattr(patches, "_KEPT_PIXELS", pixels - 1)  # two of the three
    assert look_at("fhfmfh") == "fhmh", "the one that was looked at longest ago had to go"
    monkeypatch.setattr(patches, "_KEPT_PIXELS", 0)
    assert look_at("ffhf") == "fhf"
