"""Pairs of whole images: as trainers evaluate on them, and the same however they were made."""

import shutil

import h5py
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srviewer.errors import ExportError, OptionError
from srviewer.export.options import Options, resolve
from srviewer.export.run_file import RUN_FILE
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted
from tests.export.consumers import basicsr_lmdb, yjn870_evaluation
from tests.export.helpers import RECIPE, meta_of, pixels, rows_of, run, tree
from tests.photos import save

HELD = Options(validation_share=0.34, seed=3, whole="validation")
NATIVE = RECIPE.replace(lr_layout="native", patch=32, stride=28)


def sides(out) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the rows of windows and of whole images."""
    rows = rows_of(out)
    windows = [row for row in rows if row["width"] == row["height"] == "33"]
    return windows, [row for row in rows if row not in windows]


def found_wrong(out, **more) -> list[str]:
    wrong: list[object] = []
    verify(out, jobs=1, on_finding=wrong.append, **more)
    return list(map(str, wrong))


def test_a_whole_pair_is_the_box_and_its_figures_are_those_of_its_pixels(photos, out):
    recipe = Recipe(crop="bounding", min_keypoints=1)
    run(photos, out, "png", recipe, options=Options(whole="all"))
    rows = rows_of(out)
    assert [row["image"] for row in rows] == ["motor.png", "sub/grass.png", "sub/man.bmp"]
    for row in rows:
        x0, y0, x1, y1 = map(int, meta_of(out, row["image"][:-4])["HR box"].split())
        assert [int(row[key]) for key in ("x", "y", "width", "height")] == [
            x0, y0, x1 - x0, y1 - y0
        ]  # fmt: skip
        hr, lr = (pixels(out / row[side]) for side in ("hr", "lr"))
        np.testing.assert_array_equal(hr, pixels(photos / row["image"])[y0:y1, x0:x1])
        assert float(row["psnr"]) == pytest.approx(peak_signal_noise_ratio(hr, lr), abs=1e-4)
        ssim = structural_similarity(
            hr, lr, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
            data_range=255, channel_axis=2,
        )  # fmt: skip
        assert float(row["ssim"]) == pytest.approx(ssim, abs=1e-6)
    assert found_wrong(out) == found_wrong(out, images=[photos]) == []


def test_lr_in_its_own_size_is_smaller_by_the_scale_exactly(photos, out):
    run(photos, out, "png", NATIVE, options=Options(whole="all"))
    for row, line in zip(
        rows_of(out), (out / "meta_info.txt").read_text().splitlines(), strict=True
    ):
        hr, lr = (pixels(out / row[side]).shape for side in ("hr", "lr"))
        assert hr == (4 * lr[0], 4 * lr[1], 3)
        assert line.endswith(f" ({hr[0]},{hr[1]},3)"), "BasicSR's list"
    assert found_wrong(out, images=[photos]) == []


@pytest.mark.parametrize("format", ["png", "lmdb", "hdf5", "webdataset"])
def test_validation_alone_is_whole(photos, whole, out, format):
    run(photos, out, format, options=HELD)
    windows, images = sides(out)
    assert [row["image"] for row in images] == ["sub/grass.png"]
    usual = {(row["image"], row["x"], row["y"]) for row in rows_of(whole())}
    assert {(row["image"], row["x"], row["y"]) for row in windows} == {
        place for place in usual if place[0] != "sub/grass.png"
    }
    photo = pixels(photos / "sub" / "grass.png")
    height, width = (side // 4 * 4 for side in photo.shape[:2])
    if format == "lmdb":
        found = next(iter(basicsr_lmdb(out / "validation").values()))[0]
        np.testing.assert_array_equal(found, photo[:height, :width])
        listed = (out / "validation" / "hr.lmdb" / "meta_info.txt").read_text()
        assert f" ({height},{width},3) 1" in listed
    elif format == "hdf5":
        ((hr, lr),) = yjn870_evaluation(out / "validation" / "pairs.h5")
        assert (hr.dtype, hr.shape, lr.shape) == (np.float32, (height, width), (height, width))
        with h5py.File(out / "train" / "pairs.h5") as file:
            assert file["lr"].shape == (len(windows), 33, 33)
    assert found_wrong(out) == found_wrong(out, images=[photos]) == []


@pytest.mark.parametrize("format", ["hdf5"])
def test_the_same_bytes_by_workers_and_again_and_where_the_file_of_the_run_is_lost(
    photos, out, format
):
    run(photos, out, format, options=HELD)
    quiet = tree(out)
    run(photos, out.with_name("two"), format, options=HELD, jobs=2)
    assert tree(out.with_name("two")) == quiet
    (out / RUN_FILE).unlink()
    state = run(photos, out, format, options=HELD)
    assert (state.already, state.pairs, tree(out)) == (3, 0, quiet)
    assert reproduce(out, [photos], jobs=1).differences == ()


@pytest.mark.parametrize("format", ["png", "hdf5"])
def test_an_image_that_changes_sides_is_done_again(photos, copies, out, format):
    (copies / "sub" / "grass.png").unlink()
    run(copies, out, format, options=HELD)  # another image is held out
    before = {row["image"] for row in sides(out)[1]}
    shutil.copy(photos / "sub" / "grass.png", copies / "sub")
    save(np.zeros((60, 60, 3), np.uint8), copies / "a.png")  # gives no pairs, and has no side
    state = run(copies, out, format, options=HELD)
    assert {row["image"] for row in sides(out)[1]} != before
    run(copies, out.with_name("fresh"), format, options=HELD)
    assert tree(out) == tree(out.with_name("fresh"))
    assert (state.done, state.in_set) == (4, len(rows_of(out)))


def test_an_image_that_changes_sides_is_to_be_given(photos, copies, out):
    grass = copies / "sub" / "grass.png"
    aside = shutil.move(grass, out.with_name("grass.png"))
    run(copies, out, "png", options=HELD)
    shutil.move(aside, grass)
    with pytest.raises(ExportError, match="changes between training and validation"):
        run([Rooted(grass, copies)], out, "png", options=HELD)


@pytest.mark.parametrize(
    ("format", "chosen", "words"),
    [
        ("png", {"whole": "validation"}, "a validation_share above 0"),
        ("srcnn-hdf5", {"whole": "all"}, "all of one size"),
        ("png", {"whole": "validation", "validation_share": 0.5, "max_pairs": 9}, "max_pairs"),
    ],
)
def test_what_excludes_whole_images(format, chosen, words):
    with pytest.raises(OptionError, match=words):
        resolve(format, Options(**chosen), RECIPE)
