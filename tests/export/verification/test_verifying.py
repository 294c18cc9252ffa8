"""A data set that is whole is found whole; broken in one place, that place is named once."""

import hashlib
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, ExportError, NotEnoughMemoryError
from srviewer.export.checksums import CHECKSUMS, PAIR_CHECKSUMS
from srviewer.export.findings import Check, Finding, Kind, VerifyState
from srviewer.export.manifest import EXPORT
from srviewer.export.options import FORMATS, Options
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.export.verification import checking
from srviewer.export.verification.messages import not_checked
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.progress import Progress
from tests.export.consumers import lmdb_value, png, tar_members
from tests.export.helpers import FIRST_FILE, RECIPE, as_png, put, rows_of, tree, write_shard
from tests.photos import crop, save

SPLIT = Options(validation_share=0.34, seed=3)
NATIVE = RECIPE.replace(patch=32, stride=16, lr_layout="native")


def check(out: Path, **more) -> tuple[VerifyState, list[Finding]]:
    found: list[Finding] = []
    state = verify(out, on_finding=found.append, **{"jobs": 1} | more)
    assert state.wrong.total() == len(found)
    return state, found


def findings(out: Path, **more) -> list[Finding]:
    return check(out, **more)[1]


def told(out: Path, **more) -> list[tuple[Kind, str]]:
    return [(one.kind, one.name) for one in findings(out, **more)]


def without_checksums(out: Path) -> Path:
    """Make a data set of a version that wrote none."""
    for name in (CHECKSUMS, PAIR_CHECKSUMS):
        (out / name).unlink(missing_ok=True)
    text = (out / EXPORT).read_text("utf-8")
    (out / EXPORT).write_text(text.partition("\n[made_with]")[0], "utf-8")
    return out


def test_checksums_that_are_gone_are_missed(copy):
    out = copy("lmdb")
    (out / CHECKSUMS).unlink()
    assert told(out) == [(Kind.MISSING, CHECKSUMS)]
    (out / PAIR_CHECKSUMS).unlink()
    assert told(out) == [(Kind.MISSING, CHECKSUMS)]
    assert told(without_checksums(out)) == []


# Whole data sets


@pytest.mark.parametrize("options", [None, SPLIT])
@pytest.mark.parametrize("format", FORMATS)
def test_what_an_export_writes_is_whole(copy, photos, format, options):
    out = copy(format, options)
    before = tree(out)
    count = len(rows_of(out))
    assert count > 30
    measured = {} if "hdf5" in format else {Check.MEASURED: count}  # luma, and measured in RGB
    state, found = check(out)
    assert (found, state.checksums) == ([], True)
    assert (state.pairs, state.done, state.images, state.format) == (count, count, 3, format)
    assert state.checked == {Check.READ: count, Check.HASHED: count} | measured
    state, found = check(out, images=[photos])
    assert (found, state.checked) == ([], {Check.COMPARED: count})
    assert tree(out) == before
    state, found = check(without_checksums(out))
    assert (found, state.checksums) == ([], False)
    assert state.checked == {Check.READ: count} | measured
    assert findings(out, images=[photos]) == []


@pytest.mark.parametrize("format", ["bmp", "hdf5", "srcnn-hdf5", "webdataset"])
@pytest.mark.parametrize(
    ("recipe", "measurable"),
    [
        (NATIVE, ()),
        (RECIPE.replace(metrics_on="y"), ("bmp", "hdf5", "webdataset")),
        (RECIPE.replace(quantize_after=False, metrics_on="y"), ()),
        (RECIPE.replace(resizer="matlab", scale=3), ("bmp", "webdataset")),
        (RECIPE.replace(resizer="opencv", filter="area", scale=2), ("bmp", "webdataset")),
        (NATIVE.replace(resizer="opencv", filter="lanczos", metrics_on="y"), ()),
        (RECIPE.replace(texture="canny", min_edge_density=0.01), ("bmp", "webdataset")),
    ],
)
def test_so_it_is_under_other_recipes(whole, photos, format, recipe, measurable):
    out = whole(format, None, recipe)
    state, found = check(out)
    assert (found, state.pairs > 20) == ([], True)
    assert state.checked[Check.MEASURED] == (state.pairs if format in measurable else 0)
    assert findings(out, images=[photos]) == []


@pytest.mark.parametrize(
    "options",
    [
        Options(max_pairs=20),
        Options(max_per_image=5),
        Options(max_pairs=8, max_per_image=5, validation_share=0.5),
    ],
)
@pytest.mark.parametrize("format", ["bmp", "lmdb", "webdataset"])
def test_so_it_is_with_a_choice_of_pairs(whole, photos, format, options):
    assert findings(whole(format, options)) == []
    assert findings(whole(format, options), images=[photos]) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_set_without_pairs(tmp_path, format, monkeypatch):
    save(crop("rocket", 0, 0, 60, 60), tmp_path / "in" / "sky.png")
    export([tmp_path / "in"], tmp_path / "out", RECIPE.replace(min_keypoints=500), format=format,
           jobs=1)  # fmt: skip
    for images in ((), [tmp_path / "in"]):
        state, found = check(tmp_path / "out", images=images)
        assert (state.pairs, found) == (0, [])
    assert findings(without_checksums(tmp_path / "out")) == []
    monkeypatch.setattr(checking, "meta_text", None)  # as if its worker had died over the image
    place = (tmp_path / "in" / "sky.png").as_posix()
    (found,) = findings(tmp_path / "out", images=[tmp_path / "in"])
    assert (found.kind, found.name, "sky" in found.what) == (Kind.UNREADABLE, place, False)


@pytest.mark.parametrize("format", ["bmp", "lmdb", "webdataset"])
def test_names_of_every_kind(tmp_path, format):
    for name in ("a b", "komma,", "ä\u4e2d", 'quote"', "new\nline", "return\r", "a.b", "12: 3\\"):
        save(crop("motorcycle", 100, 150, 90, 80), tmp_path / "in" / f"{name}.png")
    save(crop("motorcycle", 300, 150, 90, 80), tmp_path / "in" / "a b.bmp")
    out = tmp_path / "out: 1"
    export([tmp_path / "in"], out, RECIPE, format=format, jobs=1)
    state, found = check(out, images=[tmp_path / "in"])
    assert found == []
    assert state.checked[Check.COMPARED] == state.pairs > 0
    assert findings(out) == []
    if format == "bmp":  # a name with a colon in it is told whole
        name = next(row["hr"] for row in rows_of(out) if row["image"].startswith("12: 3"))
        (out / name).write_bytes(b"BM")
        assert told(out) == [(Kind.UNREADABLE, name)]


def test_files_of_others_are_none_of_its_business(copy):
    out = copy()
    for name in ("notes.txt", "hr/thumbs.db", "hr/photo.bmp", "meta/readme.txt", "pairs.h5"):
        (out / name).write_text("mine\n")
    assert findings(out) == []


def test_two_processes_find_the_same(copy, photos):
    out = copy()
    rows = rows_of(out)
    (out / rows[0]["hr"]).unlink()
    change(out / rows[-1]["lr"])
    one, two = (findings(out, images=[photos], jobs=jobs) for jobs in (1, 2))
    assert sorted(one, key=str) == sorted(two, key=str)
    assert len(one) == 2


def test_progress_and_cancel(whole):
    states: list[VerifyState] = []
    final = verify(whole(), jobs=1, on_state=states.append)
    assert states[-1].done == states[-1].total == final.pairs
    assert final.rate > 0
    progress = Progress()
    progress.cancel.set()
    with pytest.raises(Cancelled):
        check(whole(), progress=progress)


def test_no_data_set(tmp_path):
    with pytest.raises(ExportError, match="no such folder"):
        verify(tmp_path / "nowhere")
    with pytest.raises(ExportError, match="not a data set"):
        verify(tmp_path)


# Files of pairs


def change(path: Path, y: int = 16, x: int = 16, by: int = 40) -> None:
    """Change one pixel, in the middle unless told otherwise."""
    pixels = np.array(Image.open(path))
    pixels[y, x] = np.where(pixels[y, x] < 128, pixels[y, x] + by, pixels[y, x] - by)
    Image.fromarray(pixels).save(path, **({"lossless": True} if path.suffix == ".webp" else {}))


@pytest.mark.parametrize("side", ["hr", "lr"])
def test_a_deleted_file_and_a_deleted_folder(copy, side):
    out = copy()
    place = rows_of(out)[5][side]
    (out / place).unlink()
    assert told(out) == [(Kind.MISSING, place)]
    shutil.rmtree(out / side)
    assert told(out) == [(Kind.MISSING, side)]
    assert told(without_checksums(out)) == [(Kind.MISSING, side)]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("left", [0, 20, 700])
@pytest.mark.parametrize("format", FORMATS[:4])
def test_a_truncated_file(copy, format, left):
    out = copy(format)
    place = rows_of(out)[5]["lr"]
    data = (out / place).read_bytes()
    (out / place).write_bytes(data[: min(left, len(data) * 3 // 4)])
    assert told(out) == [(Kind.UNREADABLE, place)]


@pytest.mark.parametrize("format", FORMATS[:4])
@pytest.mark.parametrize(("side", "by"), [("hr", 40), ("lr", 1)])
def test_a_changed_pixel(copy, photos, format, side, by):
    out = copy(format)
    row = rows_of(out)[5]
    change(out / row[side], by=by)
    assert told(out) == [(Kind.CHECKSUM, row[side])]
    (exact,) = findings(out, images=[photos])
    assert (exact.kind, exact.name) == (Kind(side.upper()), row[side])
    assert exact.found == f"3 of 3,267 that differ, by up to {by}"
    assert set(told(without_checksums(out))) == {(Kind.METRICS, row["hr"])}


def test_lr_of_another_pair(copy, photos):
    out = copy()
    one, other = rows_of(out)[3], rows_of(out)[9]
    (out / one["lr"]).rename(out / "kept")
    (out / other["lr"]).rename(out / one["lr"])
    (out / "kept").rename(out / other["lr"])
    swapped = {one["lr"], other["lr"]}
    assert set(told(out)) == {(Kind.CHECKSUM, name) for name in swapped}
    assert set(told(out, images=[photos])) == {(Kind.LR, name) for name in swapped}
    metrics = {(Kind.METRICS, name) for name in (one["hr"], other["hr"])}
    assert set(told(without_checksums(out))) == metrics


@pytest.mark.parametrize("change", ["grey", "size", "alpha"])
def test_another_size_or_kind(copy, change):
    out = copy("png")
    place = rows_of(out)[5]["hr"]
    image = Image.open(out / place)
    changed = {
        "grey": lambda: image.convert("L"),
        "size": lambda: image.resize((34, 33)),
        "alpha": lambda: image.convert("RGBA"),
    }[change]()
    changed.save(out / place)
    (found,) = findings(out)
    assert (found.kind, found.name, found.expected) == (Kind.SHAPE, place, "33 x 33 px RGB")


def test_the_same_pixels_in_other_bytes(copy, photos):
    out = copy("png")
    place = rows_of(out)[5]["hr"]
    Image.open(out / place).save(out / place, compress_level=0)
    assert told(out, images=[photos]) == [(Kind.CHECKSUM, place)]
    state, found = check(without_checksums(out), images=[photos])
    assert (found, state.checked[Check.PACKED_OTHERWISE]) == ([], 1)
    place = rows_of(out)[5]["lr"]
    Image.open(out / place).save(out / place, compress_level=0)
    state, found = check(out, images=[photos])
    assert (found, state.checked[Check.PACKED_OTHERWISE]) == ([], 1)  # pairs, not sides


def test_files_that_nobody_names(copy):
    out = copy()
    row = rows_of(out)[5]
    extra = row["hr"].replace("_x", "_x9")
    shutil.copy(out / row["hr"], out / extra)
    shutil.copy(out / "meta_info.txt", out / "train.txt")
    shutil.copy(out / "meta" / "motor.txt", out / "meta" / "lost.txt")
    names = [extra, "meta/lost.txt", "train.txt"]
    assert sorted(told(out)) == [(Kind.EXTRA, name) for name in names]
    assert told(without_checksums(out)) == [(Kind.EXTRA, extra)]


# The manifest, lists, texts and settings


def edit_row(out: Path, index: int, **values: str) -> dict[str, str]:
    """Change cells of a row, and return the row as it was."""
    rows = rows_of(out)
    before = dict(rows[index])
    rows[index] |= values
    write_manifest(out, [list(row.values()) for row in rows])
    return before


def write_manifest(out: Path, rows: list[list[str]]) -> None:
    header = (out / "manifest.csv").read_text("utf-8").splitlines()[0]
    lines = [header, *(",".join(row) for row in rows)]
    (out / "manifest.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("format", ["bmp", "webdataset"])
@pytest.mark.parametrize(
    ("column", "value"), [("psnr", "31.2345"), ("ssim", "0.912345"), ("psnr", "inf")]
)
def test_metrics_that_are_not_those_of_the_pair(copy, photos, format, column, value):
    out = copy(format)
    row = edit_row(out, 5, **{column: value})
    for images in ((), (photos,)):
        (found,) = findings(out, images=images)
        assert (found.kind, found.name, found.what) == (Kind.METRICS, row["hr"], column.upper())
        assert (found.expected.split()[0], found.found.split()[0]) == (row[column], value)


@pytest.mark.parametrize(("column", "off"), [("psnr", 0.1), ("ssim", 0.001)])
def test_metrics_of_luma(copy, column, off):
    out = copy("hdf5", None, RECIPE.replace(metrics_on="y"))
    value = float(rows_of(out)[5][column])
    edit_row(out, 5, **{column: f"{value - off:.6f}"})
    assert told(out) == [(Kind.METRICS, "pairs.h5/hr/5")]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("x", "47", "multiple of stride, 27"),
        ("y", "-20", "multiple of stride, 27"),
        ("width", "32", "33"),
        ("height", "34", "33"),
        ("scale", "2", "4"),
        ("keypoints", "7", "at least min_keypoints, 8"),
        ("matches", "-1", "at least min_matches, 0"),
        ("ssim", "1.5", "from -1 to 1"),
    ],
)
def test_a_row_that_cannot_be(copy, column, value, expected):
    out = copy()
    edit_row(out, 5, **{column: value})
    (found,) = [one for one in findings(out) if one.what == column]
    assert (found.kind, found.found) == (Kind.MANIFEST, value)
    assert expected in found.expected
    assert rows_of(out)[5]["image"] in found.name


@pytest.mark.parametrize("format", ["bmp", "lmdb", "hdf5", "webdataset"])
def test_a_row_that_is_gone_or_names_another_pair(copy, photos, format):
    out = copy(format)
    rows = rows_of(out)
    row = edit_row(out, 5, keypoints="999")
    assert told(out) == [(Kind.CHECKSUM, "manifest.csv")]
    (exact,) = findings(out, images=[photos])
    assert (exact.kind, exact.what) == (Kind.MANIFEST, "keypoints")
    assert (exact.expected, exact.found) == (row["keypoints"], "999")
    edit_row(out, 5, hr=rows[9]["hr"])
    assert (Kind.METRICS if format != "hdf5" else Kind.CHECKSUM) in {one[0] for one in told(out)}
    gone = rows.pop(5)
    write_manifest(out, [list(row.values()) for row in rows])
    assert told(out) == [(Kind.CHECKSUM, "manifest.csv")]
    (exact,) = findings(out, images=[photos])
    assert (exact.kind, exact.what) == (Kind.MANIFEST, "there is no row of this pair")
    assert exact.name == f"{gone['image']} at x {gone['x']}, y {gone['y']}"
    # Those who have no checksums see what is left over, where one row more would not show it.
    extra = {"bmp": [gone["hr"], gone["lr"]], "lmdb": ["hr.lmdb/data.mdb", "lr.lmdb/data.mdb"],
             "hdf5": ["pairs.h5"], "webdataset": ["pairs-000000.tar"]}[format]  # fmt: skip
    there = told(without_checksums(out))
    assert [one for one in there if one[0] == Kind.EXTRA] == [(Kind.EXTRA, name) for name in extra]


def test_rows_twice_and_out_of_order(copy):
    out = copy()
    rows = [list(row.values()) for row in rows_of(out)]
    write_manifest(out, [*rows[:6], rows[5], *rows[6:]])
    (found,) = findings(out)
    assert (found.name, "same pair twice" in found.what) == ("manifest.csv line 8", True)
    rows[3], rows[4] = rows[4], rows[3]
    write_manifest(out, rows)
    (found,) = findings(out)
    assert (found.name, "out of order" in found.what) == ("manifest.csv line 6", True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("torn,li", "12 cells, found 2 cells"),
        ("torn", "12 cells, found 1 cell"),
        ("x" + ",1" * 9 + ",high,1", "a number, found 'high'"),
        ("x" + ",1.5" * 11, "a whole number, found '1.5'"),
        ("x,../secret" + ",1" * 10, "places within the data set, found ../secret"),
    ],
)
def test_lines_that_are_no_rows(copy, line, words):
    out = copy()
    with open(out / "manifest.csv", "a") as file:
        file.write(line + "\n")
    (found,) = findings(out)
    assert found.kind == Kind.MANIFEST
    assert words in str(found)


def test_other_columns_and_no_manifest(copy):
    out = copy()
    text = (out / "manifest.csv").read_text("utf-8")
    (out / "manifest.csv").write_text(text.replace("psnr,ssim", "ssim,psnr", 1), "utf-8")
    assert told(out) == [(Kind.MANIFEST, "manifest.csv line 1")]
    (out / "manifest.csv").unlink()
    assert told(out) == [(Kind.MISSING, "manifest.csv")]


@pytest.mark.parametrize(
    ("name", "options"),
    [("meta_info.txt", None), ("meta_info/sub/meta_info.txt", None), ("train.txt", SPLIT),
     ("validation.txt", SPLIT), ("meta/motor.txt", None), ("recipe.toml", None)],
)  # fmt: skip
def test_lists_texts_and_settings(copy, photos, name, options):
    out = copy("bmp", options)
    lines = (out / name).read_text("utf-8").splitlines(keepends=True)
    for changed in ([*lines[:2], *lines[3:]], [*lines, "# more\n"], lines[::-1]):
        (out / name).write_text("".join(changed), "utf-8")
        assert [one[1] for one in told(out)] == [name]
    (out / name).unlink()
    assert [one[1] for one in told(out)] == [name]


def edit_text(out: Path, key: str, value: str) -> None:
    path = out / "meta/motor.txt"
    lines = path.read_text("utf-8").splitlines()
    changed = [f"{key}: {value}" if line.startswith(f"{key}: ") else line for line in lines]
    assert changed != lines
    path.write_text("\n".join(changed) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("key", "value"), [("clean size", "180 x 164 px"), ("matches", "3"), ("mean PSNR", "31.00 dB")]
)
def test_the_text_of_an_image_is_computed_again(copy, photos, key, value):
    out = copy()
    edit_text(out, key, value)
    assert told(out) == [(Kind.CHECKSUM, "meta/motor.txt")]
    (found,) = findings(out, images=[photos])
    assert (found.kind, found.name, found.what) == (Kind.META_TEXT, "meta/motor.txt", key)
    assert found.found == f"{key}: {value}"


def test_another_recipe(copy, photos):
    out = copy()
    text = (out / "recipe.toml").read_text("utf-8")
    (out / "recipe.toml").write_text(text.replace('"bicubic"', '"bilinear"'), "utf-8")
    assert told(out) == [(Kind.CHECKSUM, "recipe.toml")]
    assert len([one for one in told(out, images=[photos]) if one[0] == Kind.LR]) > 30


@pytest.mark.parametrize(
    ("name", "text"),
    [("recipe.toml", "scale = 1\n"), ("recipe.toml", "scale"), ("export.toml", 'format = "gif"\n'),
     ("export.toml", "="), ("export.toml", 'format = "bmp"\nspeed = 3\n')],
)  # fmt: skip
def test_settings_that_cannot_be(copy, name, text):
    out = copy()
    (out / name).write_text(text)
    assert told(out) == [(Kind.SETTINGS, name)]
    (out / name).unlink()
    assert told(out) == [(Kind.SETTINGS, name)]


# Containers


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_container_that_cannot_be_opened_is_one_finding(copy, photos, format, keep):
    out = copy(format)
    name = FIRST_FILE.get(format, "pairs.h5")
    data = (out / name).read_bytes()
    if not keep:
        without_checksums(out)
    # Cut to nothing, within the head, and where only the last pages, members or chunks are gone.
    for damaged in (b"", b"nothing" * 2000, data[:100], data[: len(data) - 12_000]):
        (out / name).write_bytes(damaged)
        for images in ((), [photos]):
            state, found = check(out, images=images)
            assert [(one.kind, one.name) for one in found] == [(Kind.UNREADABLE, name)]
            assert state.checked[Check.COMPARED] + state.checked[Check.READ] < state.pairs
    (out / name).unlink()
    assert told(out) == [(Kind.MISSING, name)]
    if format == "lmdb":
        shutil.rmtree(out / "lr.lmdb")
        assert told(out) == [(Kind.MISSING, "lr.lmdb")]


def test_lmdb(copy, photos):
    out = copy("lmdb")
    row = rows_of(out)[5]
    key = row["hr"].removeprefix("hr.lmdb/")
    pixels = lmdb_value(out / "hr.lmdb", key)
    put(out / "hr.lmdb", key, as_png(255 - pixels))
    assert told(out) == [(Kind.CHECKSUM, "hr.lmdb/data.mdb")]
    without_checksums(out)
    assert set(told(out)) == {(Kind.METRICS, row["hr"])}
    assert told(out, images=[photos]) == [(Kind.HR, row["hr"])]
    put(out / "hr.lmdb", key, as_png(pixels)[:-30])
    assert told(out) == [(Kind.UNREADABLE, row["hr"])]
    put(out / "hr.lmdb", key, None)
    assert told(out) == [(Kind.MISSING, row["hr"])]
    put(out / "hr.lmdb", key, as_png(pixels, compress_level=9))
    assert findings(out, images=[photos]) == [], "the same pixels, packed otherwise, are no fault"
    put(out / "lr.lmdb", "more", as_png(pixels))
    assert told(out) == [(Kind.EXTRA, "lr.lmdb/data.mdb")]


@pytest.mark.parametrize("format", ["hdf5", "srcnn-hdf5"])
@pytest.mark.parametrize("channels", ["rgb", "y"])
def test_hdf5(copy, photos, format, channels):
    out = copy(format, Options(channels=channels))
    hr, lr = ("label", "data") if format == "srcnn-hdf5" else ("hr", "lr")
    step = 1 / 255 if format == "srcnn-hdf5" else 1
    grouped = (format, channels) == ("hdf5", "rgb")  # a data set a pair

    def set_count(name: str, count: int) -> None:
        if grouped:
            for index in range(count, len(file[name])):
                del file[name][str(index)]
            for index in range(len(file[name]), count):
                file[name][str(index)] = file[name]["0"][:]
            return
        values = np.resize(file[name][:], (count, *file[name].shape[1:]))
        del file[name]
        file[name] = values

    with h5py.File(out / "pairs.h5", "r+") as file:
        of_hr, of_lr = (
            {index: file[name][str(index)] if grouped else file[name][index] for index in (3, 7, 9)}
            for name in (hr, lr)
        )
        values, third, ninth = (np.array(one) for one in (of_hr[7], of_lr[3], of_lr[9]))
        level = values.flat[40] / step
        values.flat[40] = (level + 40 if level < 128 else level - 40) * step
        for name, index, written in ((hr, 7, values), (lr, 9, third), (lr, 3, ninth)):
            (file[name][str(index)] if grouped else file[name])[... if grouped else index] = written
    places = {f"pairs.h5/{hr}/7": Kind.HR, f"pairs.h5/{lr}/3": Kind.LR, f"pairs.h5/{lr}/9": Kind.LR}
    assert set(told(out)) == {(Kind.CHECKSUM, place) for place in places}
    exact = set(told(out, images=[photos]))
    assert exact == {(kind, place) for place, kind in places.items()}
    with h5py.File(out / "pairs.h5", "r+") as file:
        set_count(lr, len(file[lr]) - 1)
        last = f"pairs.h5/{lr}/{len(file[lr])}"
    assert (Kind.MISSING, last) in told(out)
    with h5py.File(out / "pairs.h5", "r+") as file:
        set_count(lr, len(file[lr]) + 3)
    assert (Kind.EXTRA, "pairs.h5") in told(out)


def test_shards(copy, photos):
    out = copy("webdataset")
    row = rows_of(out)[5]
    name, _, member = row["hr"].partition("/")
    key, shard = member.removesuffix(".hr.png"), out / name
    original = {member.name: data for member, data in tar_members(shard)}

    def broken(changes: dict[str, bytes | None], *more: tuple[str, bytes]) -> Path:
        write_shard(shard, [*(original | changes).items(), *more])
        return out

    inverted = as_png(255 - png(original[f"{key}.hr.png"]))
    assert told(broken({f"{key}.hr.png": inverted})) == [(Kind.CHECKSUM, row["hr"])]
    assert told(out, images=[photos]) == [(Kind.HR, row["hr"])]
    assert told(broken({f"{key}.lr.png": None})) == [(Kind.MISSING, row["lr"])]
    assert told(broken({}, ("more.hr.png", inverted))) == [(Kind.EXTRA, name)]
    assert told(broken({}, (f"{key}.hr.png", original[f"{key}.hr.png"]))) == [(Kind.EXTRA, name)]
    figures = json.loads(original[f"{key}.json"]) | {"keypoints": 999}
    assert told(broken({f"{key}.json": json.dumps(figures).encode()})) == [(Kind.CHECKSUM, name)]
    shutil.copy(shard, out / "pairs-000009.tar")
    assert (Kind.EXTRA, "pairs-000009.tar") in told(out)
    assert (Kind.EXTRA, "pairs-000009.tar") in told(without_checksums(out))


# Incomplete data sets, checksums, images


@pytest.mark.parametrize("format", ["bmp", "lmdb", "hdf5", "webdataset"])
def test_an_export_that_was_stopped(photos, tmp_path, format):
    progress = Progress()

    def stop(state) -> None:
        if state.done:
            progress.cancel.set()

    out = tmp_path / "out"
    state = export([photos], out, RECIPE, format=format, jobs=1, progress=progress, on_state=stop)
    assert state.cancelled
    if format == "bmp":  # its manifest holds what is done, and a log only while it runs
        assert findings(out) == []
        (out / f"{RUN_FILE}-wal").touch()
    (found,) = findings(out)
    assert found.kind == Kind.INCOMPLETE
    assert "the same export once more" in found.what
    export([photos], out, RECIPE, format=format, jobs=1)
    assert findings(out, images=[photos]) == []


@pytest.mark.parametrize("format", ["bmp", "webdataset"])
def test_checksums_that_are_damaged(copy, format):
    out = copy(format)
    data = (out / CHECKSUMS).read_bytes()
    place = rows_of(out)[5]["hr"] if format == "bmp" else "pairs-000000.tar"
    start = data.index(place.encode()) - 60
    other = b"1" if data[start:].startswith(b"0") else b"0"
    (out / CHECKSUMS).write_bytes(data[:start] + other + data[start + 1 :])
    assert told(out) == [(Kind.CHECKSUM, place)]
    (out / CHECKSUMS).write_bytes(data[:-9] + b"\n\n")
    (found,) = findings(out)
    assert (found.name, found.what.split()[-1]) == (CHECKSUMS, "checksum")
    (out / CHECKSUMS).write_bytes(data)
    if format == "webdataset":
        text = (out / PAIR_CHECKSUMS).read_text()
        (out / PAIR_CHECKSUMS).write_text(text.replace("0", "1"))
        assert told(out) == [(Kind.CHECKSUM, PAIR_CHECKSUMS)]


def test_a_list_of_checksums_that_is_as_it_was_written_and_none_is_told(copy):
    out = copy("webdataset")
    digests = [hashlib.sha256((out / PAIR_CHECKSUMS).read_bytes()).hexdigest()]
    (out / PAIR_CHECKSUMS).write_text("no list\n")
    digests.append(hashlib.sha256(b"no list\n").hexdigest())
    (out / CHECKSUMS).write_text((out / CHECKSUMS).read_text("utf-8").replace(*digests), "utf-8")
    (found,) = findings(out)
    assert (found.kind, found.name) == (Kind.CHECKSUM, PAIR_CHECKSUMS)
    assert found.what == "line 1 is not a checksum"


@pytest.mark.parametrize("name", ["manifest.csv", CHECKSUMS])
def test_a_folder_in_the_place_of_a_list_is_told(copy, name):
    out = copy()
    (out / name).unlink()
    (out / name).mkdir()
    found = findings(out)[0]
    assert (found.kind, found.name) == (Kind.UNREADABLE, name)
    assert "a folder in the place of a plain file" in found.what


def test_a_figure_that_is_no_number_makes_a_line_no_row(copy):
    out = copy()
    edit_row(out, 5, psnr="nan")
    found = findings(out)[0]
    assert (found.kind, found.name, found.found) == (Kind.MANIFEST, "manifest.csv line 7", "'nan'")


def test_a_folder_that_cannot_be_looked_into_is_told(tmp_path):
    with pytest.raises(ExportError, match="xxx: "):
        verify(tmp_path / ("x" * 300))


def test_what_an_older_srviewer_was_stopped_over_is_told(copy):
    out = copy()
    (out / RUN_FILE).unlink()
    assert findings(out) == []
    (out / ".packed").mkdir()
    (found,) = findings(out)
    assert (found.kind, found.name) == (Kind.INCOMPLETE, ".packed")
    assert "an older srviewer was stopped" in found.what


def test_a_pair_that_the_image_does_not_give_is_told(copy, photos):
    out = copy()
    row = edit_row(out, 5, x="2700")
    found = {one.what: one.name for one in findings(out, images=[photos])}
    assert found["the image gives no such pair"] == f"{row['image']} at x 2700, y {row['y']}"
    missed = f"{row['image']} at x {row['x']}, y {row['y']}"
    assert found["there is no row of this pair"] == missed


def test_an_image_that_no_memory_is_left_for_is_told_and_its_pairs_checked_alone(
    copy, photos, monkeypatch
):
    def refuse(path, *more, **how):
        raise NotEnoughMemoryError("it takes 9 GB", path=path)

    out = copy()
    monkeypatch.setattr(checking, "analyse_file", refuse)
    state, found = check(out, images=[photos])
    assert {(one.kind, one.name) for one in found} == {
        (Kind.SOURCE, row["image"]) for row in rows_of(out)
    }
    assert state.checked[Check.READ] == state.pairs > state.checked[Check.COMPARED] == 0


def test_images_that_have_changed_or_are_gone(copy, photos, tmp_path):
    out = copy()
    there = Path(shutil.copytree(photos, tmp_path / "in"))
    (there / "sub" / "man.bmp").unlink()
    save(crop("motorcycle", 101, 150, 181, 170), there / "motor.png")
    state, (found,) = check(out, images=[there])
    assert (found.kind, found.name, "SHA-256" in found.what) == (Kind.SOURCE, "motor.png", True)
    assert state.not_found == ("sub/man.bmp",)
    compared = sum(row["image"] == "sub/grass.png" for row in rows_of(out))
    assert state.checked[Check.COMPARED] == compared
    assert state.checked[Check.READ] == state.pairs - compared
    (there / "sub" / "grass.png").unlink()
    # One of another name in its place is not taken for it.
    save(crop("grass", 0, 0, 132, 140), there / "grass.png")
    state = check(out, images=[there])[0]
    assert "sub/grass.png" in state.not_found
    assert state.not_in_set == ("grass.png",)
    assert "1 given image that the data set does not have: grass.png" in not_checked(state)
