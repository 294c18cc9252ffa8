"""A data set made again: the same bytes, or the files that are not the same."""

import hashlib
import shutil
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, ExportError
from srviewer.export.container_store import PACKING
from srviewer.export.options import FORMATS, Options
from srviewer.export.runner import export
from srviewer.export.verification.reproducing import Cause, Reproduced, reproduce
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe_file import to_toml
from tests.export.consumers import lmdb_value, png, tar_members
from tests.export.helpers import FIRST_FILE, RECIPE, as_png, put, rows_of, tree, write_shard
from tests.photos import crop, save

SPLIT = Options(validation_share=0.34, seed=3)


def again(out: Path, images: Path | list[Path], **more) -> Reproduced:
    images = [images] if isinstance(images, Path) else images
    before = tree(out)
    done = reproduce(out, images, **{"jobs": 1} | more)
    assert tree(out) == before
    if "keep" not in more:
        assert list(out.parent.glob(f".{out.name}*")) == [], "nothing is left beside it"
    return done


def names(done: Reproduced) -> list[str]:
    return [one.name for one in done.differences]


# The same


@pytest.mark.parametrize("options", [None, SPLIT, Options(max_pairs=20)])
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_bytes(whole, photos, format, options):
    out = whole(format, options)
    done = again(out, photos)
    assert done.same
    assert (done.differences, done.causes, list(done.export.failures)) == ((), (), [])
    assert (done.export.images, done.pairs) == (3, len(rows_of(out)))
    files = tree(out)
    files.pop("README.md", None)  # a person's to fill in
    assert done.files == len(files)
    assert done.bytes == sum(map(len, files.values()))


def test_two_processes_make_the_same_bytes(whole, photos):
    assert again(whole(), photos, jobs=2).same


def test_images_that_the_data_set_does_not_know_are_left_out(whole, photos, tmp_path):
    folder = Path(shutil.copytree(photos, tmp_path / "in"))
    save(crop("coffee", 200, 100, 120, 120), folder / "coffee.png")
    done = again(whole(), folder)
    assert done.same
    assert done.export.images == 3


def test_a_data_set_within_its_images_folder(photos, tmp_path):
    folder = Path(shutil.copytree(photos, tmp_path / "in"))
    export([folder], folder / "out", RECIPE, jobs=1)
    assert again(folder / "out", folder).same


def test_images_given_one_by_one(photos, tmp_path):
    given = [photos / "motor.png", photos / "sub" / "man.bmp"]
    export(given, tmp_path / "out", RECIPE, jobs=1)
    assert again(tmp_path / "out", given).same
    done = again(tmp_path / "out", photos)
    assert done.causes == (("man.bmp", "not among the images that were given"),)
    assert not done.same


@pytest.mark.parametrize("format", ["bmp", "hdf5"])
def test_other_versions_of_libraries_are_told_and_are_no_difference(copy, photos, format):
    out = copy(format)
    record, sums = ((out / name).read_bytes() for name in ("export.toml", "checksums.sha256"))
    other = record.replace(b'OpenCV = "', b'OpenCV = "1.')
    digests = [hashlib.sha256(data).hexdigest().encode() for data in (record, other)]
    (out / "export.toml").write_bytes(other)
    (out / "checksums.sha256").write_bytes(sums.replace(*digests))
    done = again(out, photos)
    assert (done.differences, done.same) == ((), True)
    assert done.versions == (f"OpenCV 1.{cv2.__version__} there, {cv2.__version__} here",)
    # What else differs is found all the same, and checksums that are not those of the files.
    (out / "checksums.sha256").write_bytes(sums.replace(digests[0], digests[1])[:-9] + b".bmp\n")
    assert names(again(out, photos)) == ["checksums.sha256"]
    (out / "export.toml").write_bytes(record.partition(b"\n[made_with]")[0])  # as they once were
    assert f"numpy of unknown version there, {np.__version__} here" in again(out, photos).versions


def test_names_of_every_kind(tmp_path):
    for name in ("komma,.png", "new\nline.png", "return\r.png", "\u4e2d/a.b.png"):
        save(crop("motorcycle", 100, 150, 90, 80), tmp_path / "in" / name)
    export([tmp_path / "in"], tmp_path / "out", RECIPE, jobs=1)
    done = again(tmp_path / "out", tmp_path / "in")
    assert (done.same, done.export.images, done.causes) == (True, 4, ())


def test_what_is_made_can_be_kept(whole, photos, tmp_path):
    done = again(whole(), photos, keep=tmp_path / "kept")
    assert done.kept == tmp_path / "kept"
    assert tree(tmp_path / "kept") == tree(whole())
    with pytest.raises(ExportError, match="kept: not an empty folder"):
        again(whole(), photos, keep=tmp_path / "kept")


# Not the same


def test_files_that_differ_are_named(copy, photos):
    out = copy()
    rows = rows_of(out)
    deleted, changed, packed = rows[3]["hr"], rows[4]["lr"], rows[5]["hr"]
    (out / deleted).unlink()
    Image.fromarray(255 - np.array(Image.open(out / changed))).save(out / changed)
    data = (out / packed).read_bytes()
    (out / packed).write_bytes(data + b"more")
    (out / "hr" / "more_x00000_y00000.bmp").write_bytes(data)
    text = (out / "manifest.csv").read_text("utf-8")
    (out / "manifest.csv").write_text(text.replace(",33,33,", ",33,34,", 1), "utf-8")
    (out / "notes.txt").write_text("mine")
    done = again(out, photos)
    words = {one.name: (one.what, one.only_bytes) for one in done.differences}
    assert words.keys() == {deleted, changed, packed, "hr/more_x00000_y00000.bmp", "manifest.csv"}
    assert words[deleted] == ("made again, but not there", False)
    assert words[changed] == ("other values", False)
    assert words["hr/more_x00000_y00000.bmp"] == ("there, but not made again", False)
    place = text.index(",33,33,") + len(",33,3")
    assert words["manifest.csv"][0].startswith(f"other from byte {place:,} on; ")
    assert words[packed][0].startswith(f"other from byte {len(data):,} on, with the same values")
    assert words[packed][1]


def test_another_recipe_is_seen_in_every_lr(copy, photos):
    out = copy()
    (out / "recipe.toml").write_text(to_toml(RECIPE.replace(filter="bilinear")), "utf-8")
    done = again(out, photos)
    assert "recipe.toml" not in names(done)
    assert "manifest.csv" in names(done)
    assert sum(name.startswith("lr/") for name in names(done)) > 30


@pytest.mark.parametrize("format", ["bmp", "lmdb"])
def test_a_changed_and_a_missing_image_are_told_first(whole, photos, tmp_path, format):
    folder = Path(shutil.copytree(photos, tmp_path / "in"))
    save(crop("motorcycle", 101, 150, 181, 170), folder / "motor.png")
    (folder / "sub" / "man.bmp").unlink()
    told: list[Cause] = []
    done = again(whole(format), folder, on_cause=told.append)
    assert tuple(told) == done.causes
    assert sorted(map(str, told)) == [
        f"{folder / 'motor.png'}: has changed since {whole(format)} was made of it",
        "sub/man.bmp: not among the images that were given",
    ]
    assert {"meta/motor.txt", "meta/sub/man.txt", "manifest.csv"} <= set(names(done))
    assert "meta/sub/grass.txt" not in names(done)


def test_an_image_that_cannot_be_read(whole, photos, tmp_path):
    folder = Path(shutil.copytree(photos, tmp_path / "in"))
    (folder / "motor.png").write_text("no picture")
    done = again(whole(), folder)
    assert [failure.image for failure in done.export.failures] == [str(folder / "motor.png")]
    assert "meta/motor.txt" in names(done)


def repacked(pixels: np.ndarray, *, invert: bool) -> bytes:
    return as_png(255 - pixels if invert else pixels, compress_level=9)


@pytest.mark.parametrize("invert", [False, True])
def test_pixels_in_lmdb_that_were_packed_otherwise(copy, photos, invert):
    out = copy("lmdb")
    place = rows_of(out)[5]["hr"]
    key = place.removeprefix("hr.lmdb/")
    put(out / "hr.lmdb", key, repacked(lmdb_value(out / "hr.lmdb", key), invert=invert))
    (found,) = again(out, photos).differences
    assert found.name == "hr.lmdb/data.mdb"
    assert found.only_bytes != invert
    if invert:
        assert found.what == f"{key}: other values"
    else:
        assert "with the same values" in found.what


@pytest.mark.parametrize("invert", [False, True])
def test_pixels_in_a_shard_that_were_packed_otherwise(copy, photos, invert):
    out = copy("webdataset")
    name, _, member = rows_of(out)[5]["lr"].partition("/")
    members = {info.name: data for info, data in tar_members(out / name)}
    members[member] = repacked(png(members[member]), invert=invert)
    write_shard(out / name, members.items())
    (found,) = again(out, photos).differences
    assert (found.name, found.only_bytes) == (name, not invert)
    if invert:
        assert found.what == f"{member}: other values"


def test_values_in_hdf5(copy, photos):
    out = copy("hdf5")
    with h5py.File(out / "pairs.h5", "r+") as file:
        values = file["lr"][7]
        file["lr"][7] = 250 - values
    (found,) = again(out, photos).differences
    assert (found.name, found.what) == ("pairs.h5", "lr/7: other values")
    with h5py.File(out / "pairs.h5", "r+") as file:
        file["lr"][7] = values
        file.attrs["comment"] = "more bytes"
    (found,) = again(out, photos).differences
    assert found.only_bytes


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_container_that_is_gone_or_no_container(copy, photos, format):
    out = copy(format)
    path = out / FIRST_FILE.get(format, "pairs.h5")
    name = path.relative_to(out).as_posix()
    path.write_bytes(b"nothing of the kind" * 1000)
    (found,) = again(out, photos).differences
    assert found.name == name
    path.unlink()
    (found,) = again(out, photos).differences
    assert (found.name, found.what) == (name, "made again, but not there")


# Refused, stopped


def test_what_cannot_be_made_again(copy, photos, tmp_path):
    with pytest.raises(ExportError, match="not a data set"):
        reproduce(tmp_path, [photos])
    out = copy()
    save(crop("coffee", 0, 0, 60, 60), tmp_path / "other" / "coffee.png")
    with pytest.raises(ExportError, match="none of its images"):
        reproduce(out, [tmp_path / "other"])
    (out / PACKING).mkdir()
    with pytest.raises(ExportError, match="not finished"):
        reproduce(out, [photos])
    (out / PACKING).rmdir()
    (out / "export.toml").unlink()
    with pytest.raises(ExportError, match=r"export\.toml"):
        reproduce(out, [photos])


@pytest.mark.parametrize("stage", ["keypoints", "compare_files"])
def test_cancelled(copy, photos, stage):
    out = copy()
    before = tree(out)
    progress = Progress()

    def report(now: str, done: int, total: int) -> None:
        if now == stage:
            progress.cancel.set()

    with pytest.raises(Cancelled):
        reproduce(out, [photos], jobs=1, progress=Progress(report, progress.cancel))
    assert tree(out) == before
    assert [path.name for path in out.parent.iterdir()] == ["copy"]
