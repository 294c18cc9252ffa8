"""What the survey answers with exclusions by hand is what the pipeline makes of each image."""

import random

import numpy as np
import pytest

from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.distributions import BinCache, window_texture
from srviewer.pipeline.exclusions import NONE, NOTHING, Excluded, Exclusions, Window, to_text
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.summary import mean_quality
from srviewer.pipeline.textures import measure_of
from srviewer.survey.listing import why_no_pairs
from srviewer.survey.whole_set import WholeSet, load
from tests.survey.helpers import RECIPE


def some_of(whole: WholeSet, chance: random.Random) -> Exclusions:
    """Return exclusions of many windows of some images, of one image, and of others' windows."""
    found = {"e" * 64: Excluded(whole=True)}
    for image in whole.images:
        windows = image.lay_windows(RECIPE)
        places = [Window(int(x), int(y), 33, 4) for x, y in zip(windows.x, windows.y, strict=True)]
        chosen = chance.sample(places, chance.choice([0, 1, len(places) // 2]))
        others = {Window(16, 16, 48, 4), Window(16, 16, 33, 2), Window(3, 0, 33, 4)}
        found[image.sha256] = Excluded(image.name == "half.png", frozenset(chosen) | others)
    del found[whole.images[0].sha256]
    return Exclusions(found)


def random_recipe(chance: random.Random) -> Recipe:
    choices = ("texture", "keypoint_scope", "consistency", "crop")
    return RECIPE.replace(
        **{name: chance.choice(KNOBS[name].choices) for name in choices},
        min_keypoints=chance.randrange(0, 25),
        min_edge_density=chance.choice([0.0, 0.02, 0.1, 0.2]),
        min_matches=chance.choice([0, 0, 1, 3]),
        error_margin=chance.choice([0.01, 0.05, 0.1]),
        position_tolerance=chance.choice([0.3, 1.0, 5.0]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_answers_are_the_pipelines_to_the_window(whole, seed):
    chance = random.Random(seed)
    last: dict[str, Analysis] = {}
    read = {image.name: read_image(image.path) for image in whole.images}
    mine, recipe = whole, RECIPE
    for number in range(12):
        exclusions = some_of(whole, chance)
        mine = mine.excluding(exclusions)
        recipe = random_recipe(chance) if number % 3 == 0 else recipe.replace(min_keypoints=number)
        answer = mine.under(recipe)
        curve, texture = answer.curve(), mine.distributions(recipe)[measure_of(recipe).quantity]
        found = []
        for index, image in enumerate(whole.images):
            a = analyse(
                read[image.name], recipe, exclusions=exclusions, previous=last.get(image.name)
            )
            last[image.name] = a
            found.append(a)
            assert answer.kept[index] == a.patches.kept.sum()
            assert answer.excluded[index] == a.patches.excluded_alone
            assert answer.candidates[index] == a.patches.candidates.sum()
            means = answer.mean_psnr[index], answer.mean_ssim[index]
            for mean, expected in zip(means, mean_quality(a), strict=True):
                assert mean == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
        assert answer.totals.pairs == sum(int(a.patches.kept.sum()) for a in found)
        assert answer.totals.excluded == sum(a.patches.excluded_alone for a in found)
        assert texture.totals[1] == answer.totals.pairs
        assert curve.at(getattr(recipe, answer.threshold_key)) == answer.totals.pairs
        lowest = recipe.replace(**{answer.threshold_key: 0})
        kept = [analyse(a.image, lowest, exclusions=exclusions, previous=a) for a in found]
        assert curve.pairs[0] == sum(int(a.patches.kept.sum()) for a in kept)


def test_what_a_threshold_would_keep_leaves_excluded_windows_out(whole):
    image = read_image(whole.images[-1].path)
    exclusions = Exclusions({image.sha256: some_of(whole, random.Random(5)).of(image.sha256)})
    for least in (0, 4, 9):
        a = analyse(image, RECIPE.replace(min_keypoints=least), exclusions=exclusions)
        d = window_texture(a, BinCache(), None)
        if isinstance(d, str):
            continue
        share = a.patches.kept.sum() / a.patches.candidates.sum()
        assert d.share[d.bin_of(least)] == pytest.approx(share)


def test_without_exclusions_the_set_is_itself_and_they_can_be_taken_back(whole):
    before = whole.under(RECIPE)
    assert before.totals.excluded == 0
    every = Exclusions({image.sha256: Excluded(whole=True) for image in whole.images})
    none_left = whole.excluding(every).under(RECIPE)
    assert none_left.totals.pairs == 0
    assert none_left.totals.excluded == before.totals.pairs > 0
    for index, kept in enumerate(before.kept.tolist()):
        words = f"excluded by hand: {kept:,} windows that would be kept otherwise"
        assert why_no_pairs(none_left, index) == (words if kept else why_no_pairs(before, index))
    assert whole.excluding(every).excluding(NONE).under(RECIPE).totals == before.totals
    strangers = Exclusions({"e" * 64: Excluded(whole=True)})
    assert whole.excluding(strangers) is whole
    assert whole.excluding(whole.exclusions) is whole
    assert whole.under(RECIPE).totals == before.totals
    assert not NOTHING


def test_the_command_counts_them(call, image_set, quiet, whole, tmp_path):
    exclusions = some_of(whole, random.Random(7))
    file = tmp_path / "mine.txt"
    file.write_text(to_text(exclusions))
    totals = load(quiet, [image_set], RECIPE, exclusions=exclusions).under(RECIPE).totals
    flags = ["--stride", 16, "--min-keypoints", 6, "--file", quiet, "--exclude", file]
    code, text, _ = call("survey", image_set, *flags)
    assert code == 0
    assert totals.excluded > 0
    told = " ".join(text.split())
    assert f"excluded by hand │ {totals.excluded:,} " in told
    assert f"pairs │ {totals.pairs:,} " in told
