"""How pairs in a folder were written, told from whatever is left of its texts."""

import pytest

from srviewer.errors import ExportError
from srviewer.export.options import EARLIER, USUAL_FORMAT, Options, export_toml
from srviewer.export.settings_there import how_there, images_there, target_there, versions_there
from srviewer.export.settling import How
from srviewer.export.target import Target
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.versions import VERSIONS

RECIPE = Recipe(patch=48, stride=24)
MANIFEST = (
    "image,hr,lr,x,y,width,height,scale,keypoints,matches,psnr,ssim\n"
    "a.png,hr/a_x00000_y00000.bmp,lr/a_x00000_y00000.bmp,0,0,48,48,4,12,3,30.0000,0.900000\n"
)
OPTIONS = Options(max_per_image=5, shard_size=7)


@pytest.fixture
def texts(out):
    """Return what writes texts by their names into the folder."""
    out.mkdir()

    def write(**named: str) -> None:
        for name, text in named.items():
            (out / name.replace("_", ".")).write_text(text)

    return write


def test_recipe_and_record_say_it_and_what_is_asked_for_says_nothing(out, texts):
    texts(
        recipe_toml=to_toml(RECIPE), export_toml=export_toml("webdataset", OPTIONS, dict(VERSIONS))
    )
    here = Target(out, Recipe(), "png")
    for asked in (None, here):
        there = target_there(out, None, asked)
        assert there == Target(out, RECIPE, "webdataset", OPTIONS)
    assert how_there(out) == How("webdataset", OPTIONS)
    assert versions_there(out, None) == VERSIONS


def test_without_its_recipe_a_record_is_held_against_what_is_asked_for(out, texts):
    texts(export_toml=export_toml("webdataset", OPTIONS, dict(VERSIONS)))
    with pytest.raises(ExportError, match=r"recipe\.toml: not there, so that it cannot be told"):
        target_there(out, None)
    assert how_there(out) is None
    assert target_there(out, None, Target(out, RECIPE, "png")).recipe == RECIPE


def test_rows_without_a_record_are_of_a_version_that_had_folders_only(out, texts):
    texts(recipe_toml=to_toml(RECIPE), manifest_csv=MANIFEST)
    assert target_there(out, None) == Target(out, RECIPE, "bmp", EARLIER)
    assert how_there(out) == How("bmp", EARLIER)
    assert versions_there(out, None) == {}


def test_a_recipe_alone_is_one_of_no_pairs_yet(out, texts):
    texts(recipe_toml=to_toml(RECIPE))
    assert target_there(out, None) == Target(out, RECIPE, USUAL_FORMAT)
    here = Target(out, Recipe(), "lmdb", OPTIONS)
    assert target_there(out, None, here) == Target(out, RECIPE, "lmdb", OPTIONS)
    assert list(images_there(out, None)) == []


def test_where_nothing_is_there_is_nothing_to_tell(out, texts):
    assert target_there(out, None, Target(out, RECIPE, "png")) is None
    assert how_there(out) is None
    assert versions_there(out, None) == VERSIONS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("export_toml", 'format = "zip"'),
        ("recipe_toml", "patch = 3"),
        ("manifest_csv", MANIFEST.replace("48,48", "47,48")),
    ],
)
def test_a_text_that_is_wrong_is_told_where_it_is_needed_and_else_passed_over(
    out, texts, name, text
):
    texts(**{"recipe_toml": to_toml(RECIPE), name: text})
    with pytest.raises(ExportError, match=name.replace("_", r"\.")):
        target_there(out, None)
    assert how_there(out) is None
