"""Expected bytes against real exports."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srviewer.export.options import FORMATS, Options
from srviewer.export.runner import export
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.runner import survey
from srviewer.survey.sizes import expected_sizes
from srviewer.survey.whole_set import WholeSet, load
from tests.export.helpers import rows_of
from tests.survey.helpers import RECIPE

ENDINGS = {
    "tiff": ".tif",
    "lmdb": ".mdb",
    "hdf5": ".h5",
    "srcnn-hdf5": ".h5",
    "webdataset": ".tar",
    "parquet": ".parquet",
}
NATIVE = Recipe(patch=48, stride=16, lr_layout="native", crop="whole", min_keypoints=12)
MANY = RECIPE.replace(crop="whole")


def bytes_written(image_set: Path, out: Path, recipe: Recipe, format: str, **options) -> int:
    export([image_set], out, recipe, format=format, jobs=1, options=Options(**options))
    ending = ENDINGS.get(format, f".{format}")
    return sum(path.stat().st_size for path in out.rglob(f"*{ending}"))


@pytest.fixture(scope="module")
def sets(image_set, tmp_path_factory):
    file = tmp_path_factory.mktemp("sizes") / "survey.sqlite"
    for recipe in (MANY, NATIVE):
        survey([image_set], file, recipe, jobs=1)
    return {recipe: load(file, [image_set], recipe) for recipe in (MANY, NATIVE)}


@pytest.fixture(scope="module")
def answers(sets):
    return {recipe: whole.under(recipe) for recipe, whole in sets.items()}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("recipe", [MANY, NATIVE], ids=["upscaled", "native"])
def test_the_expected_bytes_are_about_those_of_an_export(
    answers, image_set, tmp_path, recipe, format
):
    expected = expected_sizes(answers[recipe])[format]
    written = bytes_written(image_set, tmp_path / "out", recipe, format)
    assert expected.pairs == answers[recipe].totals.pairs > 100
    assert expected.about == (format != "bmp")
    if format == "bmp":
        assert expected.bytes == written
    else:
        assert 0.7 * written < expected.bytes < 1.4 * written


def test_channels_and_borders_count(answers, image_set, tmp_path):
    for number, chosen in enumerate(({"channels": "rgb"}, {"channels": "rgb", "label_border": 0})):
        expected = expected_sizes(answers[MANY], Options(**chosen))["srcnn-hdf5"]
        out = tmp_path / str(number)
        written = bytes_written(image_set, out, MANY, "srcnn-hdf5", **chosen)
        assert expected.bytes == pytest.approx(written, rel=0.05)


def test_choices_count(answers):
    answer = answers[MANY]
    full = expected_sizes(answer)
    few = expected_sizes(answer, Options(max_per_image=10))
    assert few["bmp"].pairs == sum(min(10, kept) for kept in answer.kept)
    assert few["bmp"].bytes * full["bmp"].pairs == full["bmp"].bytes * few["bmp"].pairs
    assert expected_sizes(answer, Options(max_pairs=50))["png"].pairs == 50
    assert expected_sizes(answer, Options(max_pairs=10**6)) == full


def test_a_format_that_the_options_leave_nothing_of_is_left_out(answers):
    found = expected_sizes(answers[MANY], Options(label_border=16, shard_size=5))
    assert set(found) == set(FORMATS)
    assert "srcnn-hdf5" not in expected_sizes(answers[MANY], Options(label_border=17))


def test_a_format_that_was_not_measured_is_left_out(sets, answers):
    surveys = list(sets[MANY].images)
    index = int(np.argmax(answers[MANY].kept))
    measured = surveys[index].encoded
    encoded = {name: size for name, size in measured.items() if "png" not in name}
    assert len(encoded) < len(measured)
    surveys[index] = replace(surveys[index], encoded=encoded)
    found = expected_sizes(WholeSet(MANY, surveys).under(MANY))
    full = expected_sizes(answers[MANY])
    assert found == {name: size for name, size in full.items() if name != "png"}


@pytest.mark.parametrize(
    ("format", "chosen"),
    [
        ("png", {"whole": "all"}),
        ("hdf5", {"whole": "validation", "validation_share": 0.4, "max_per_image": 30}),
        ("hdf5", {"profile": "srcnn-pytorch", "validation_share": 0.4}),
    ],
)
def test_whole_images_count_by_their_area(answers, image_set, tmp_path, format, chosen):
    answer, out = answers[MANY], tmp_path / "out"
    sizes = expected_sizes(answer, Options(**chosen))
    written = bytes_written(image_set, out, MANY, format, **chosen)
    assert sizes[format].pairs == len(rows_of(out)) < answer.totals.pairs
    assert sizes[format].about
    assert 0.7 * written < sizes[format].bytes < 1.4 * written
    assert "srcnn-hdf5" not in sizes


def test_nothing_takes_nothing(sets):
    none = sets[MANY].under(MANY.replace(min_keypoints=1000))
    assert expected_sizes(none)["bmp"].bytes == 0
    assert expected_sizes(none)["png"].bytes == 0
