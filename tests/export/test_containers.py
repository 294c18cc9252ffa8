"""Containers hold what the folders hold, read back by those who use them."""

import errno
import os
import random
import shutil
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import h5py
import lmdb
import numpy as np
import pytest

from srviewer.errors import ExportError, RunStopped
from srviewer.export import container_store, spool
from srviewer.export.containers import hdf5_writing, lmdb_pairs, webdataset_pairs
from srviewer.export.containers.hdf5_writing import WrittenFile
from srviewer.export.containers.lmdb_pairs import LmdbPairs
from srviewer.export.export_run import ExportState
from srviewer.export.options import FORMATS, Options
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.pipeline.progress import Progress
from srviewer.runs import folders
from srviewer.runs.folders import move
from tests.export.consumers import (
    basicsr_lmdb,
    figures,
    hugging_face,
    parquet_pairs,
    png,
    rdn_pytorch,
    tar_members,
    webdataset_package,
)
from tests.export.helpers import RECIPE, pixels, rows_of, run, tree
from tests.photos import crop, save

ALL = ("bmp", *FORMATS[4:])
SPLIT = Options(validation_share=0.34, seed=3)


@pytest.fixture(scope="session")
def expected(quiet) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the pixels of all pairs as the folders hold them, in the manifest's order."""
    return [(pixels(quiet / row["hr"]), pixels(quiet / row["lr"])) for row in rows_of(quiet)]


def luma(rgb: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(rgb.astype(np.float64), 2, 0)
    return 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255


# What is written


@pytest.mark.parametrize("format", FORMATS[4:])
def test_the_rows_are_those_of_the_folders_but_for_the_places(whole, quiet, format):
    def without_places(out: Path) -> list[dict[str, str]]:
        return [{k: v for k, v in row.items() if k not in ("hr", "lr")} for row in rows_of(out)]

    assert without_places(whole(format)) == without_places(quiet)
    for name in ("recipe.toml", "meta/motor.txt", "meta/sub/man.txt"):
        assert (whole(format) / name).read_bytes() == (quiet / name).read_bytes()
    left = [name for name in tree(whole(format)) if name.startswith(".")]
    assert left == []


def test_lmdb_as_basicsr_reads_it(whole, quiet, expected):
    found = basicsr_lmdb(whole("lmdb"))
    rows = rows_of(whole("lmdb"))
    assert len(found) == len(rows) == len(expected)
    for row, (hr, lr) in zip(rows, expected, strict=True):
        key = row["hr"].removeprefix("hr.lmdb/")
        assert row["lr"] == f"lr.lmdb/{key}"
        np.testing.assert_array_equal(found[key][0], hr)
        np.testing.assert_array_equal(found[key][1], lr)
    assert sorted(path.name for path in (whole("lmdb") / "hr.lmdb").iterdir()) == [
        "data.mdb", "meta_info.txt"
    ]  # fmt: skip
    first = (whole("lmdb") / "hr.lmdb" / "meta_info.txt").read_text().splitlines()[0]
    assert first.split(" ", 1)[1] == "(33,33,3) 1"


def test_hdf5_as_pytorch_reads_it(whole, expected):
    with h5py.File(whole("hdf5") / "pairs.h5") as file:
        assert sorted(file) == ["hr", "lr"]
        assert file["hr"].dtype == file["lr"].dtype == np.float32
        assert file["hr"].shape == file["lr"].shape == (len(expected), 33, 33)
        assert file["hr"].chunks
        for index, (hr, lr) in enumerate(expected):
            np.testing.assert_allclose(file["hr"][index], luma(hr), rtol=0, atol=1e-4)
            np.testing.assert_allclose(file["lr"][index], luma(lr), rtol=0, atol=1e-4)
    row = rows_of(whole("hdf5"))[7]
    assert (row["hr"], row["lr"]) == ("pairs.h5/hr/7", "pairs.h5/lr/7")


def test_hdf5_in_rgb_holds_the_very_pixels(photos, out, expected):
    run(photos, out, "hdf5", options=Options(channels="rgb"))
    found = rdn_pytorch(out / "pairs.h5")
    assert len(found) == len(expected)
    for mine, (hr, lr) in zip(found, expected, strict=True):
        assert mine[0].dtype == mine[1].dtype == np.uint8
        np.testing.assert_array_equal(mine[0], hr)
        np.testing.assert_array_equal(mine[1], lr)


@pytest.mark.parametrize("border", [0, 6])
@pytest.mark.parametrize("channels", ["rgb", "y"])
def test_srcnn_hdf5_as_caffe_reads_it(photos, out, expected, channels, border):
    options = Options(channels=channels, label_border=border)
    run(photos, out, "srcnn-hdf5", options=options)
    with h5py.File(out / "pairs.h5") as file:
        assert sorted(file) == ["data", "label"]
        data, label = file["data"][:], file["label"][:]
    size, count = 33 - 2 * border, len(expected)
    planes = 3 if channels == "rgb" else 1
    assert (data.dtype, label.dtype) == (np.float32, np.float32)
    assert data.shape == (count, planes, 33, 33)
    assert label.shape == (count, planes, size, size)
    assert 0 <= data.min() < data.max() <= 1
    inner = slice(border, 33 - border)
    places = [int(row["hr"].rpartition("/")[2]) for row in rows_of(out)]
    assert sorted(places) == list(range(count)) != places, "Caffe takes the rows as they lie"
    for index, (hr, lr) in zip(places, expected, strict=True):
        for found, rgb in ((label[index], hr[inner, inner]), (data[index], lr)):
            exact = np.moveaxis(rgb, 2, 0) if planes == 3 else luma(rgb)[None]
            values = np.rint(found.astype(float) * 255)  # a half may go either way
            assert np.abs(values - exact).max() <= (0 if planes == 3 else 0.5 + 1e-9)
            np.testing.assert_array_equal(found, (values / 255).astype(np.float32))


def test_rows_of_srcnn_come_by_the_seed_and_for_tensorflow_with_channels_last(photos, whole, out):
    run(photos, out, "srcnn-hdf5", options=Options(axes="nhwc", seed=1))
    places = [[row["hr"] for row in rows_of(one)] for one in (out, whole("srcnn-hdf5"))]
    assert places[0] != places[1]
    assert sorted(places[0]) == sorted(places[1])
    with (
        h5py.File(out / "pairs.h5") as last,
        h5py.File(whole("srcnn-hdf5") / "pairs.h5") as first,
    ):
        assert last["data"].shape[1:] == (33, 33, 1)
        for one, other in zip(*places, strict=True):
            mine, theirs = (int(place.rpartition("/")[2]) for place in (one, other))
            np.testing.assert_array_equal(last["label"][mine, ..., 0], first["label"][theirs, 0])
    assert (out / "pairs.txt").read_text() == "pairs.h5\n", "Caffe's list, seen from the data set"


def test_the_labels_of_srcnn_are_what_its_convolutions_reach(whole):
    with h5py.File(whole("srcnn-hdf5") / "pairs.h5") as file:
        assert file["label"].shape[1:] == (1, 21, 21)
        assert file["data"].shape[1:] == (1, 33, 33)


@pytest.mark.parametrize("reader", ["webdataset", "datasets"])
def test_webdataset_as_its_readers_read_it(photos, out, expected, reader):
    run(photos, out, "webdataset", options=Options(shard_size=10))
    shards = sorted(out.glob("pairs-*.tar"))
    rows = rows_of(out)
    assert len(shards) == -(-len(rows) // 10) > 2
    assert [shard.name for shard in shards] == [f"pairs-{n:06d}.tar" for n in range(len(shards))]
    if reader == "webdataset":
        found = webdataset_package(shards)
    else:
        found = hugging_face(out / "pairs-*.tar", out.with_name("cache"))
    assert len(found) == len(rows)
    for index, (row, (hr, lr)) in enumerate(zip(rows, expected, strict=True)):
        shard, key = row["hr"].removesuffix(".hr.png").split("/", 1)
        assert shard == shards[index // 10].name
        assert list(found)[index] == key
        np.testing.assert_array_equal(found[key][0], hr)
        np.testing.assert_array_equal(found[key][1], lr)
        told = found[key][2]
        assert told.keys() == {
            "image", "x", "y", "scale", "keypoints", "matches", "psnr", "ssim"
        }  # fmt: skip
        assert {name: float(row[name]) for name in told if name != "image"} == {
            name: value for name, value in told.items() if name != "image"
        }
        assert told["image"] == row["image"]


def test_shards_are_of_nobody_and_of_no_time(whole, expected):
    (shard,) = whole("webdataset").glob("pairs-*.tar")
    members = tar_members(shard)
    assert len(members) == 3 * len(expected)
    for member, _ in members:
        assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (
            0, 0, 0, "", ""
        )  # fmt: skip
        # A name has dots only where key and kind part, else datasets cannot part them.
        assert member.name.split(".", 1)[1] in ("hr.png", "lr.png", "json")
    np.testing.assert_array_equal(png(members[0][1]), expected[0][0])
    assert figures(members[2][1])["image"] == "motor.png"


def test_an_infinite_psnr_is_still_json(tmp_path, out):
    save(np.full((40, 40, 3), 90, np.uint8), tmp_path / "in" / "flat.png")
    export([tmp_path / "in"], out, RECIPE.replace(min_keypoints=0), format="webdataset", jobs=1)
    members = tar_members(out / "pairs-000000.tar")
    assert rows_of(out)[0]["psnr"] == "inf"
    assert figures(members[2][1])["psnr"] is None


@pytest.mark.parametrize("format", FORMATS[4:])
def test_lr_in_its_own_size(photos, out, format):
    recipe = RECIPE.replace(lr_layout="native", patch=32, stride=28)
    export([photos], out, recipe, format=format, jobs=1)
    if format == "lmdb":
        shapes = {tuple(one.shape for one in pair) for pair in basicsr_lmdb(out).values()}
        assert shapes == {((32, 32, 3), (8, 8, 3))}
        assert " (8,8,3) 1" in (out / "lr.lmdb" / "meta_info.txt").read_text().splitlines()[0]
    elif format == "webdataset":
        members = tar_members(out / "pairs-000000.tar")
        assert png(members[1][1]).shape == (8, 8, 3)
    elif format == "parquet":
        assert parquet_pairs(out / "pairs-000000.parquet")[0][1].shape == (8, 8, 3)
    else:
        with h5py.File(out / "pairs.h5") as file:
            assert {dataset.shape[-1] for dataset in file.values()} == {32, 8}


@pytest.mark.parametrize("format", FORMATS[4:])
def test_names_that_no_key_may_have(tmp_path, out, format):
    names = ["a.b.png", "a b.png", "写真.png", "__meta__/x.png", "b/__x.png", "a%2Eb.png"]
    names += [f"{'я' * 110}.png"]
    for name in names:
        save(crop("grass", 0, 0, 60, 60), tmp_path / "in" / name)
    state = run(tmp_path / "in", out, format)
    assert state.failures == ()
    rows = rows_of(out)
    assert {row["image"] for row in rows} == set(names)
    if format == "lmdb":
        assert len(basicsr_lmdb(out)) == len(rows)
    if format == "webdataset":
        shard = out / "pairs-000000.tar"
        assert len(webdataset_package([shard])) == len(rows)
        # What datasets pass over, without an error.
        assert not any("/__" in f"/{member.name}" for member, _ in tar_members(shard))
    before = tree(out)
    assert run(tmp_path / "in", out, format).already == len(names)
    assert tree(out) == before


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_set_without_pairs_can_be_read_and_keeps_its_format(tmp_path, out, format):
    save(crop("rocket", 0, 0, 60, 60), tmp_path / "in" / "sky.png")
    recipe = RECIPE.replace(min_keypoints=500)
    state = export([tmp_path / "in"], out, recipe, format=format, jobs=1)
    assert (state.pairs, state.in_set, state.failures) == (0, 0, ())
    if format == "lmdb":
        assert basicsr_lmdb(out) == {}
    elif format == "webdataset":
        assert tar_members(out / "pairs-000000.tar") == []
    elif format == "parquet":
        assert parquet_pairs(out / "pairs-000000.parquet") == []
    else:
        with h5py.File(out / "pairs.h5") as file:
            assert {len(dataset) for dataset in file.values()} == {0}
    with pytest.raises(ExportError, match=f"holds pairs in format {format}, not bmp"):
        export([tmp_path / "in"], out, recipe, format="bmp", jobs=1)


# The same bytes, whatever happens on the way


@pytest.mark.parametrize("format", ALL)
def test_two_processes_write_the_same_bytes(photos, whole, out, format):
    run(photos, out, format, jobs=2)
    assert tree(out) == tree(whole(format))


@pytest.mark.parametrize("format", ALL)
def test_a_second_run_does_nothing(photos, whole, out, format):
    shutil.copytree(whole(format), out)
    files = [path for path in out.rglob("*") if path.suffix in (".mdb", ".h5", ".tar", ".bmp")]
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}
    state = run(photos, out, format)
    assert (state.already, state.pairs) == (3, 0)
    assert state.in_set == len(rows_of(out))
    assert before == {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}
    assert tree(out) == tree(whole(format))


@pytest.mark.parametrize("options", [Options(), SPLIT])
@pytest.mark.parametrize("format", ALL)
def test_images_can_be_added_later(photos, whole, out, format, options):
    # Begun with one image of the folder, as a person does who copies them there one by one.
    folder = out.with_name("in")
    save(crop("astronaut", 130, 200, 160, 171), folder / "sub" / "man.bmp")
    run(folder, out, format, options=options)
    shutil.copytree(photos, folder, dirs_exist_ok=True)
    state = run(folder, out, format, options=options)
    assert state.already == 1
    assert tree(out) == tree(whole(format, options))


@pytest.mark.parametrize("format", ALL)
def test_a_source_that_has_changed_is_done_again(copies, whole, out, format):
    run(copies, out, format)
    save(crop("motorcycle", 300, 100, 90, 100), copies / "motor.png")
    state = run(copies, out, format, overwrite=True)
    assert state.already == 2
    run(copies, out.with_name("fresh"), format)
    assert tree(out) == tree(out.with_name("fresh")) != tree(whole(format))
    (copies / "motor.png").write_text("no picture any more")
    state = run(copies, out, format, overwrite=True)
    assert len(state.failures) == 1
    assert {row["image"] for row in rows_of(out)} == {"sub/grass.png", "sub/man.bmp"}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("format", FORMATS[4:])
def test_cancelled_then_continued(photos, whole, out, format, jobs):
    progress = Progress()

    def stop(state: ExportState) -> None:
        if state.done:
            progress.cancel.set()

    state = run(photos, out, format, jobs=jobs, progress=progress, on_state=stop)
    assert state.cancelled
    assert not (out / "manifest.csv").exists(), "a container that is not there has no manifest"
    again = run(photos, out, format, jobs=jobs)
    assert again.already == state.done
    assert tree(out) == tree(whole(format))


@pytest.mark.parametrize("format", FORMATS[4:])
def test_cancelled_while_it_packs_then_continued(photos, whole, out, format, monkeypatch):
    monkeypatch.setattr(container_store, "_CHECK_EVERY", 5)
    progress = Progress()

    def report(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("pack", 10):
            progress.cancel.set()

    progress = Progress(report, progress.cancel)
    state = run(photos, out, format, progress=progress)
    assert state.cancelled
    assert (state.done, state.in_set) == (3, None)
    assert not list(out.glob(".srviewer-pack*"))
    assert run(photos, out, format).already == 3
    assert tree(out) == tree(whole(format))


@pytest.mark.parametrize("step", range(6))
@pytest.mark.parametrize("format", FORMATS[4:])
def test_killed_while_the_container_is_put_in_place(copies, whole, out, format, step, monkeypatch):
    # The second run replaces a container of other, and of more, files.
    options = Options(shard_size=7) if format == "webdataset" else Options()
    save(crop("coffee", 200, 100, 200, 160), copies / "coffee.png")
    run(copies, out, format, options=options)
    (copies / "coffee.png").write_text("no picture")
    run(copies, out.with_name("fresh"), format, options=options)
    calls = [0]

    def move_a_few(*arguments):
        calls[0] += 1
        if calls[0] > step:
            raise KeyboardInterrupt
        move(*arguments)

    monkeypatch.setattr(container_store, "move", move_a_few)
    try:
        run(copies, out, format, options=options, overwrite=True)
    except KeyboardInterrupt:
        assert step < 5
    monkeypatch.undo()
    run(copies, out, format, options=options, overwrite=True)
    assert tree(out) == tree(out.with_name("fresh"))


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_container_that_was_deleted_is_made_again(photos, whole, out, format):
    shutil.copytree(whole(format), out)
    for path in list(out.rglob("*")):
        if path.suffix in (".mdb", ".h5", ".tar", ".parquet"):
            path.unlink()
    assert run(photos, out, format).already == 0
    assert tree(out) == tree(whole(format))


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_disk_that_is_full_while_it_packs(photos, whole, out, format, monkeypatch):
    def fail(out, image):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out / spool.SPOOL))

    monkeypatch.setattr(container_store, "read_spool", fail)
    with pytest.raises(RunStopped, match="No space left on device; make room"):
        run(photos, out, format)
    monkeypatch.undo()
    assert run(photos, out, format).already == 3
    assert tree(out) == tree(whole(format))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_hdf5_on_a_full_disk_is_told_and_leaves_no_handle_that_ends_the_process(
    photos, whole, out, monkeypatch
):
    monkeypatch.setattr(hdf5_writing, "new_file", lambda *_, **__: os.open("/dev/full", os.O_RDWR))
    with pytest.raises(RunStopped, match=r"pairs\.h5: No space left on device; make room"):
        run(photos, out, "hdf5")
    assert h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE) == 0
    monkeypatch.undo()
    assert run(photos, out, "hdf5").already == 3
    assert tree(out) == tree(whole("hdf5"))


def test_a_disk_that_is_full_half_way(photos, whole, out, monkeypatch):
    replace = os.replace

    def fail(source, target):
        if Path(target) == out / spool.spool_name("sub/grass.png"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))
        replace(source, target)

    monkeypatch.setattr(folders.os, "replace", fail)
    state = run(photos, out, "hdf5")
    assert "No space left on device" in state.failures[0].cause
    assert state.in_set is None
    monkeypatch.undo()
    assert run(photos, out, "hdf5").already == 1
    assert tree(out) == tree(whole("hdf5"))


# Another format


@pytest.mark.parametrize("format", FORMATS[4:])
def test_overwriting_by_another_format_removes_the_container_and_nothing_else(
    photos, quiet, whole, out, format
):
    shutil.copytree(whole(format), out)
    (out / "mine.tar").write_bytes(b"mine")
    before = tree(out)
    with pytest.raises(ExportError, match=f"in format {format}, not bmp; .* or --overwrite"):
        run(photos, out, "bmp")
    assert tree(out) == before
    run(photos, out, "bmp", overwrite=True)
    assert tree(out) == tree(quiet) | {"mine.tar": b"mine"}
    run(photos, out, format, overwrite=True)
    assert tree(out) == tree(whole(format)) | {"mine.tar": b"mine"}


@pytest.mark.parametrize(
    ("format", "one", "other", "words"),
    [
        ("hdf5", {}, {"channels": "rgb"}, "channels y there, rgb here"),
        ("webdataset", {"shard_size": 7}, {}, "shard_size 7 there, 1000 here"),
        ("srcnn-hdf5", {}, {"label_border": 0}, "label_border 6 there, 0 here"),
        ("bmp", {}, {"max_pairs": 5}, "max_pairs none there, 5 here"),
        ("bmp", {"max_per_image": 5}, {}, "max_per_image 5 there, none here"),
        ("lmdb", {"validation_share": 0.5}, {"validation_share": 0.5, "seed": 1},
         "seed 0 there, 1 here"),
    ],
)  # fmt: skip
def test_another_choice_is_refused_unless_overwriting(photos, out, format, one, other, words):
    run(photos, out, format, options=Options(**one))
    before = tree(out)
    with pytest.raises(ExportError) as caught:
        run(photos, out, format, options=Options(**other))
    assert words in str(caught.value)
    assert "overwrite" in str(caught.value)
    assert tree(out) == before
    run(photos, out, format, options=Options(**other), overwrite=True)
    run(photos, out.with_name("fresh"), format, options=Options(**other))
    assert tree(out) == tree(out.with_name("fresh"))


@pytest.mark.parametrize(("format", "package", "extra"), [
    ("lmdb", "lmdb", "lmdb"), ("hdf5", "h5py", "hdf5"), ("srcnn-hdf5", "h5py", "hdf5")
])  # fmt: skip
def test_a_missing_package_is_told_before_any_work(
    photos, out, monkeypatch, format, package, extra
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ExportError, match=rf"pip install 'srviewer\[{extra}\]'"):
        run(photos, out, format)
    assert not out.exists()


@pytest.mark.parametrize("name", ["a", "sub/a_x00000_y00014.hr.png", "n" * 100, "n" * 101])
@pytest.mark.parametrize("size", [0, 1, 512, 4000])
def test_headers_are_those_of_tarfile(name, size):
    member = tarfile.TarInfo(name)
    member.size = size
    assert webdataset_pairs._header(name, size) == member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("stays", ["hr.lmdb", "lr.lmdb"])
def test_a_folder_whose_file_went_with_an_earlier_choice_goes_after_a_fault_too(
    photos, out, monkeypatch, stays
):
    run(photos / "motor.png", out, "lmdb", options=SPLIT)
    assert (out / stays / "data.mdb").is_file()
    rmdir = os.rmdir

    def fail(path, **more):
        if Path(path).name == stays:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        rmdir(path, **more)

    every = [photos / "motor.png", photos / "sub" / "grass.png", photos / "sub" / "man.bmp"]
    with monkeypatch.context() as broken:
        broken.setattr(os, "rmdir", fail)
        with pytest.raises((OSError, ExportError)):
            run(every, out, "lmdb", options=SPLIT)
    assert (out / stays).is_dir()
    run(every, out, "lmdb", options=SPLIT)
    assert not (out / stays).exists()
    assert sorted(path.parent.name for path in out.rglob(f"{stays}/data.mdb")) == [stays, stays]


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_set_that_came_without_its_checksums_is_read_for_them(photos, whole, out, format):
    shutil.copytree(whole(format), out)
    for name in (RUN_FILE, "checksums.sha256", "checksums-pairs.csv"):
        (out / name).unlink()
    assert run(photos, out, format).already == 3
    assert tree(out) == tree(whole(format))


def test_a_container_that_is_damaged_is_named_and_its_pairs_made_anew(photos, copies, out):
    shutil.rmtree(copies / "sub")
    run(copies, out, "webdataset")
    shard = out / "pairs-000000.tar"
    shard.write_bytes(shard.read_bytes()[:700])
    with pytest.raises(ExportError, match="remove this file, and its pairs are made anew") as told:
        run(photos, out, "webdataset")
    assert told.value.path == shard
    assert not list(out.glob(".srviewer-pack*"))
    shard.unlink()
    run(photos, out, "webdataset")
    run(photos, out.with_name("fresh"), "webdataset")
    assert tree(out) == tree(out.with_name("fresh"))


def test_what_a_library_says_that_cannot_write_is_told_and_the_pairs_wait(
    photos, whole, out, monkeypatch
):
    def refuse(*_: object) -> None:
        raise lmdb.DiskError("mdb_put: No space left on device")

    monkeypatch.setattr(LmdbPairs, "write", refuse)
    with pytest.raises(ExportError, match=r"mdb_put: No space.*pairs wait.*export again to pack"):
        run(photos, out, "lmdb")
    monkeypatch.undo()
    assert run(photos, out, "lmdb").already == 3
    assert tree(out) == tree(whole("lmdb"))


def test_lmdb_has_all_values_on_the_disk_before_anything_tells_of_them(photos, out, monkeypatch):
    said: list[str] = []

    class Watched:
        def __init__(self, opened):
            self.opened = opened

        def __enter__(self):
            return self

        def __exit__(self, *exc_info):
            self.opened.close()

        def __getattr__(self, name):
            if name in ("begin", "sync"):
                said.append(name)
            return getattr(self.opened, name)

    opened, write_text = lmdb_pairs._open, lmdb_pairs.write_text
    monkeypatch.setattr(lmdb_pairs, "_open", lambda path, **how: Watched(opened(path, **how)))
    monkeypatch.setattr(
        lmdb_pairs, "write_text", lambda *given: said.append("list") or write_text(*given)
    )
    run(photos, out, "lmdb")
    assert said == ["begin", "begin", "sync", "sync", "list", "list"]


def test_blocks_of_hdf5_that_are_written_amid_hold_the_same(photos, whole, out, monkeypatch):
    monkeypatch.setattr(hdf5_writing, "_BLOCK", 1)
    monkeypatch.setattr(hdf5_writing, "_CHUNK", 4 * 33 * 33 * 4)
    run(photos, out, "hdf5")
    with h5py.File(out / "pairs.h5") as mine, h5py.File(whole("hdf5") / "pairs.h5") as other:
        for side in ("hr", "lr"):
            assert mine[side].chunks[0] == 4 < len(mine[side])
            np.testing.assert_array_equal(mine[side][:], other[side][:])


def test_hdf5_is_given_a_file_that_does_as_any_other(tmp_path):
    chance = random.Random(9)
    with open(tmp_path / "plain", "w+b") as plain, WrittenFile(tmp_path / "mine") as mine:
        for _ in range(2000):
            what, size = chance.choice(("seek", "write", "read", "truncate")), chance.randrange(90)
            if what == "seek":
                place = (size, chance.choice((os.SEEK_SET, os.SEEK_CUR, os.SEEK_END)))
                assert mine.seek(*place) == plain.seek(*place)
            elif what == "read":
                start = plain.tell()
                data = bytearray(b"\xff" * size)
                assert mine.readinto(data) == size
                assert data == plain.read(size).ljust(size, b"\0"), "zeros beyond"
                plain.seek(start + size)
            else:
                data = size if what == "truncate" else chance.randbytes(size)
                assert getattr(mine, what)(data) == getattr(plain, what)(data)
            assert mine.tell() == plain.tell()
        assert (mine.seek(0), plain.seek(0)) == (0, 0)
        assert mine.read(9) == plain.read(9).ljust(9, b"\0")
    assert (tmp_path / "mine").read_bytes() == (tmp_path / "plain").read_bytes()


def test_the_first_thing_that_the_system_refuses_hdf5_is_told(tmp_path):
    codes = iter((errno.ENOSPC, *[errno.EIO] * 3))

    def refuse(*_: object) -> None:
        code = next(codes)
        raise OSError(code, os.strerror(code))

    calls = dict.fromkeys(("write", "readinto", "truncate", "close"), refuse)

    def use() -> None:
        with WrittenFile(tmp_path / "pairs.h5") as file:
            file._file.close()
            file._file = SimpleNamespace(seek=lambda place: place, **calls)
            assert file.write(b"four") == 4, "HDF5 could not close what it had not written"
            assert (file.seek(0), file.read(9)) == (0, bytes(9))
            file.truncate(3)

    with pytest.raises(OSError, match="No space left on device") as told:
        use()
    assert told.value.filename == str(tmp_path / "pairs.h5")
    assert next(codes, None) is None
