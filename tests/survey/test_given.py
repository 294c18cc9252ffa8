"""Surveys of pairs whose LR was given: they know both files, and answer as the analysis does."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.analysis import analyse_file, refresh
from srviewer.pipeline.distributions import BinCache, window_psnr, window_ssim, window_texture
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.window_alignment import KEPT, alignment_words
from srviewer.pipeline.window_filter import LYING, group_of
from srviewer.survey import runner
from srviewer.survey.bars import Asked, psnr_bars, ssim_bars, texture_bars
from srviewer.survey.listing import list_images, records_of, why_no_pairs
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
from srviewer.survey.windows import judge_windows
from tests.given import pair_with_block
from tests.photos import crop, save
from tests.survey.helpers import RECIPE

WHOLE = RECIPE.replace(crop="whole", min_keypoints=3)


@pytest.fixture
def sides(tmp_path) -> tuple[Path, Path]:
    """Return folders of HR and of LR, which a blur has made that no resizer has."""
    high, low = tmp_path / "high", tmp_path / "low"
    for name, x in (("a", 100), ("b", 260)):
        rgb = save(crop("motorcycle", x, 150, 160, 144), high / f"{name}.png")
        small = Image.open(rgb).resize((80, 72), Image.Resampling.HAMMING).resize((40, 36))
        save(np.asarray(small), low / f"{name}_lq.png")
    return high, low


def test_an_answer_is_that_of_the_analysis(sides, tmp_path) -> None:
    high, low = sides
    file = tmp_path / "s.sqlite"
    assert survey([high], file, WHOLE, lr=low, jobs=1).surveyed == 2
    whole = load(file, [high], WHOLE, lr=runner.GivenLR(low))
    answer = whole.under(WHOLE)
    for number, image in enumerate(whole.images):
        a = analyse_file(image.path, WHOLE, lr=low / f"{image.path.stem}_lq.png")
        assert image.sha256 == a.image.content
        assert answer.kept[number] == a.patches.kept.sum()
        np.testing.assert_allclose(image.content["psnr"], a.quality.psnr, rtol=1e-6)
    excluding = whole.excluding(Exclusions({whole.images[0].sha256: Excluded(whole=True)}))
    assert excluding.under(WHOLE).kept[0] == 0 < answer.kept[0]


def test_answers_follow_how_windows_lie(tmp_path) -> None:
    hr, lr = pair_with_block()
    high, low = (save(one, tmp_path / side / "a.png") for one, side in ((hr, "hr"), (lr, "lr")))
    file = tmp_path / "s.sqlite"
    recipe = Recipe(crop="whole", keypoint_scope="image", min_keypoints=2, patch=48, stride=16)
    survey([high], file, recipe, lr=low, jobs=1)
    whole = load(file, [high], recipe.replace(keep_windows="aligned"), lr=runner.GivenLR(low))
    assert not whole.pending
    a = analyse_file(high, recipe, lr=low, look_at_alignment=True)
    inside = a.patches.candidates
    for keep in ("all", "not_moved", "aligned"):
        now = recipe.replace(keep_windows=keep)
        answer, windows, expected = whole.under(now), judge_windows(whole, now), refresh(a, now)
        assert answer.kept[0] == expected.patches.kept.sum()
        np.testing.assert_array_equal(windows.verdicts, expected.patches.verdict)
        counts = np.bincount(a.alignment.verdict[inside], minlength=len(VERDICTS))
        np.testing.assert_array_equal(answer.lying[0], counts)
        assert answer.aligned[0] == counts[0] / inside.sum()
        rejected = int(counts[[one not in KEPT[keep] for one in VERDICTS]].sum())
        for bars in (texture_bars, psnr_bars, ssim_bars):
            assert bars(Asked(whole.distributions(now), answer, now)).misaligned == rejected
        for made in (window_texture, window_psnr, window_ssim):
            assert made(expected, BinCache(), None).misaligned == rejected
        for show in LYING:
            np.testing.assert_array_equal(windows.group(show), group_of(expected, show))
        number = int(np.flatnonzero(a.alignment.verdict == VERDICTS.index("moved"))[0])
        words = alignment_words(a.alignment, number)
        assert windows.words(number).endswith(f"; {words}")
        assert windows.has_alignment
    none = whole.under(now.replace(min_keypoints=1000))
    assert why_no_pairs(none, 0) == "no window has 1,000 keypoints"


def test_how_windows_lie_is_the_reason_only_where_it_is(tmp_path) -> None:
    hr, lr = pair_with_block()
    lr = np.roll(lr, 3, axis=1)  # so that no window is aligned
    high, low = (save(one, tmp_path / side / "a.png") for one, side in ((hr, "hr"), (lr, "lr")))
    file = tmp_path / "s.sqlite"
    recipe = Recipe(crop="whole", keypoint_scope="image", min_keypoints=9, patch=48, stride=16)
    survey([high], file, recipe, lr=low, jobs=1)
    whole = load(file, [high], recipe, lr=runner.GivenLR(low))
    strict = recipe.replace(keep_windows="aligned")
    every, none = whole.under(recipe), whole.under(strict)
    assert none.kept[0] == 0 < every.kept[0]
    (row,) = records_of(list_images(whole, none))
    assert (row["pair"], row["aligned"]) == (whole.images[0].of_pair, 0)
    assert row["pair"] in ("shifted", "partly aligned")
    assert whole.images[0].notes[-1] in row["note"]
    assert "LR px too far" in row["note"] or "has moved" in row["note"]
    words = f"{every.kept[0]:,} windows have 9 keypoints, but are not aligned"
    assert (why_no_pairs(every, 0), why_no_pairs(none, 0)) == ("", words)
    few = whole.under(strict.replace(min_keypoints=1000))
    assert why_no_pairs(few, 0) == "no window has 1,000 keypoints"
    gone = whole.excluding(Exclusions({whole.images[0].sha256: Excluded(whole=True)}))
    by_hand = f"excluded by hand: {every.kept[0]:,} windows that would be kept otherwise"
    assert why_no_pairs(gone.under(recipe), 0) == by_hand
    assert why_no_pairs(gone.under(strict), 0) == words


def test_made_and_given_pairs_of_one_image_are_both_known(sides, tmp_path) -> None:
    high, low = sides
    file = tmp_path / "s.sqlite"
    assert survey([high], file, RECIPE, jobs=1).surveyed == 2
    assert survey([high], file, RECIPE, lr=low, jobs=1).surveyed == 2
    assert survey([high], file, RECIPE, jobs=1).already == 2
    assert survey([high], file, RECIPE, lr=low, jobs=1).already == 2
    made, given = (load(file, [high], RECIPE, lr=lr) for lr in (None, runner.GivenLR(low)))
    assert not made.pending
    assert not given.pending
    assert (made.images[0].content["psnr"] != given.images[0].content["psnr"]).any()


def test_a_changed_lr_is_surveyed_again_and_a_copy_is_known(sides, tmp_path) -> None:
    high, low = sides
    file = tmp_path / "s.sqlite"
    survey([high], file, RECIPE, lr=low, jobs=1)
    moved = Path(shutil.copytree(low, tmp_path / "moved"))
    assert survey([high], file, RECIPE, lr=moved, jobs=1).already == 2
    save(crop("grass", 0, 0, 40, 36), low / "a_lq.png")
    assert len(load(file, [high], RECIPE, lr=runner.GivenLR(low)).pending) == 1
    state = survey([high], file, RECIPE, lr=low, jobs=1)
    assert (state.surveyed, state.already) == (1, 1)


def test_what_fails_is_told_with_the_file_and_kept(sides, tmp_path) -> None:
    high, low = sides
    file = tmp_path / "s.sqlite"
    save(crop("grass", 0, 0, 41, 36), low / "a_lq.png")
    for _ in range(2):
        (failure,) = survey([high], file, RECIPE, lr=low, jobs=1).failures
        assert failure.image == str(high / "a.png")
        assert "LR would have to be trimmed by 1 px at the right" in failure.cause
