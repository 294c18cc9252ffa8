"""Surveys of pairs whose LR was given: they know both files, and answer as the analysis does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline.analysis import analyse_file
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.survey import runner
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
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
