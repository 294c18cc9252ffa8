"""What Hugging Face's datasets load, by their own package: pairs, not labels or texts."""

import shutil

import numpy as np
import pytest

from srviewer.errors import OptionError
from srviewer.export.options import Options, resolve
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from tests.export.consumers import hugging_face_folder
from tests.export.helpers import RECIPE, pixels, recipe_for, rows_of, run, tree
from tests.photos import save

CARD = Options(card=True, max_per_image=5)
SPLIT = Options(card=True, max_per_image=5, validation_share=0.34, seed=3, whole="validation")


# It leaves the lists open until they are collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("format", "options"),
    [("png", CARD), ("tiff", SPLIT), ("parquet", SPLIT), ("parquet", Options(max_per_image=5))],
)
def test_datasets_find_the_pairs_of_a_data_set_by_themselves(
    photos, out, tmp_path, format, options
):
    run(photos, out, format, options=options)
    run(photos, tmp_path / "png", "png", options=options)  # the pixels, to compare with
    rows = rows_of(tmp_path / "png")
    found = hugging_face_folder(out, tmp_path / "cache")
    loaded = [row for split in ("train", "validation") for row in found.get(split, ())]
    assert len(loaded) == len(rows)
    by_place = {(row["image"], row["x"], row["y"]): row for row in loaded}
    for row in rows:
        mine = by_place[row["image"], int(row["x"]), int(row["y"])]
        for side in ("hr", "lr"):
            np.testing.assert_array_equal(mine[side], pixels(tmp_path / "png" / row[side]))
        for name in ("width", "height", "scale", "keypoints", "matches", "psnr", "ssim"):
            assert mine[name] == float(row[name])
    if options.validation_share and format == "parquet":
        assert [row["image"] for row in found["validation"]] == ["sub/grass.png"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["webdataset", "imagefolder"])
def test_a_folder_alone_is_enough_although_an_image_is_called_as_a_split(tiny, out, tmp_path, kind):
    profile = "webdataset" if kind == "webdataset" else "huggingface"
    run(tiny, out, None, recipe_for(profile), options=Options(profile=profile))
    found = hugging_face_folder(out, tmp_path / "cache", kind)
    assert {name: len(rows) for name, rows in found.items()} == {"train": len(rows_of(out))}


def test_a_list_of_pictures_that_a_kill_left_half_written_goes(tiny, out):
    options, recipe = Options(profile="huggingface"), recipe_for("huggingface")
    run(tiny, out, None, recipe, options=options)
    before = tree(out)
    (out / "train" / f".{0:032x}.part").touch()
    run(tiny, out, None, recipe, options=options)
    assert tree(out) == before


@pytest.mark.parametrize("format", ["png", "parquet"])
def test_they_are_made_again_and_checked_as_all_files(photos, out, format):
    run(photos, out, format, options=CARD)
    wrong: list[object] = []
    verify(out, jobs=1, on_finding=wrong.append)
    assert wrong == []
    assert reproduce(out, [photos], jobs=1).differences == ()
    if format == "png":
        with open(out / "metadata.csv", "a") as file:
            file.write("more\n")
        verify(out, jobs=1, on_finding=wrong.append)
        assert "metadata.csv" in str(wrong[0])


def test_a_list_of_pictures_goes_with_the_last_of_its_pictures(copies, out):
    (copies / "sub" / "man.bmp").unlink()
    options = Options(card=True, validation_share=0.5)
    run(copies, out, "png", options=options)
    lists = {"train/metadata.csv", "validation/metadata.csv"}
    assert lists < tree(out).keys()
    save(np.full((90, 90, 3), 99, np.uint8), copies / "motor.png")  # gives no pair any more
    run(copies, out, "png", options=options, overwrite=True)
    run(copies, out.with_name("fresh"), "png", options=options)
    assert tree(out) == tree(out.with_name("fresh"))
    assert lists & tree(out).keys() == {"train/metadata.csv"}


def test_a_card_that_a_person_filled_in_stays(photos, copies, out):
    shutil.rmtree(copies / "sub")
    run(copies, out, "png", options=CARD)
    card = out / "README.md"
    assert "train: 5 pairs of 1 image; HR 33 px, LR 33 px" in card.read_text()
    run(photos, out, "png", options=CARD)
    assert "train: 15 pairs of 3 images" in card.read_text(), "its own is kept true"
    filled = card.read_text().replace("# license: to be filled in", "license: mit")
    card.write_text(filled)
    state = run(photos, out, "png", RECIPE.replace(stride=40), options=CARD, overwrite=True)
    assert card.read_text() == filled
    assert [note for note in state.notes if "README.md was written by hand" in note[1]]
    card.unlink()
    run(photos, out, "png", RECIPE.replace(stride=40), options=CARD)
    assert card.is_file()
    run(photos, out, "png", overwrite=True)
    assert not [name for name in tree(out) if name in ("README.md", "metadata.csv")]


def test_a_format_that_datasets_do_not_load_has_no_card():
    with pytest.raises(OptionError, match=r"Hugging Face's datasets load only: png, .*, parquet"):
        resolve("lmdb", Options(card=True), RECIPE)
