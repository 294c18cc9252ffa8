"""A data set that is whole is found whole; broken in one place, that place is named."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import h5py
import lmdb
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled, ExportError
from srviewer.export.options import FOLDER_FORMATS, FORMATS, Options
from srviewer.export.runner import export
from srviewer.export.verification.findings import (
    EXTRA,
    HR,
    INCOMPLETE,
    LIST,
    LR,
    MANIFEST,
    META_TEXT,
    METRICS,
    MISSING,
    SETTINGS,
    SHAPE,
    SOURCE,
    UNREADABLE,
    Finding,
)
from srviewer.export.verification.pair_checks import LUMA_ONLY, TOO_SMALL, WITH_IMAGE, WITHIN
from srviewer.export.verification.pair_metrics import PSNR, PSNR_LIMIT, SSIM
from srviewer.export.verification.verifying import VerifyState, verify
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from tests.export.helpers import RECIPE, rows_of, tree
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


def names(found: list[Finding], kind: str) -> list[str]:
    return [one.name for one in found if one.kind == kind]


@pytest.fixture(scope="session")
def whole(photos, tmp_path_factory) -> Callable[..., Path]:
    """Return a function that gives an undisturbed data set, made once."""
    made: dict[object, Path] = {}

    def give(format: str = "bmp", options: Options | None = None, recipe: Recipe = RECIPE) -> Path:
        key = (format, options, recipe)
        if key not in made:
            out = tmp_path_factory.mktemp("whole") / "out"
            state = export([photos], out, recipe, format=format, options=options, jobs=1)
            assert (state.failures, state.cancelled) == ((), False)
            made[key] = out
        return made[key]

    return give


@pytest.fixture
def copy(whole, tmp_path) -> Callable[..., Path]:
    """Return a function that gives a copy of such a data set, to be broken."""

    def give(*which, **more) -> Path:
        return Path(shutil.copytree(whole(*which, **more), tmp_path / "copy"))

    return give


# Whole data sets


@pytest.mark.parametrize("options", [None, SPLIT])
@pytest.mark.parametrize("format", FORMATS)
def test_what_an_export_writes_is_whole(whole, photos, format, options):
    out = whole(format, options)
    before = tree(out)
    count = len(rows_of(out))
    assert count > 50
    state, found = check(out)
    assert found == []
    assert (state.pairs, state.done, state.images, state.format) == (count, count, 3, format)
    if "hdf5" not in format:
        assert state.checked == {WITHIN: count, PSNR: count, SSIM: count}
    else:  # luma alone, and without a border of the labels of format srcnn-hdf5
        reached = TOO_SMALL if format == "srcnn-hdf5" else LUMA_ONLY
        assert state.checked == {reached: count, PSNR_LIMIT: count}
    state, found = check(out, images=[photos])
    assert found == []
    assert state.checked == {WITH_IMAGE: count}
    assert tree(out) == before


@pytest.mark.parametrize("format", ["bmp", "hdf5", "srcnn-hdf5", "webdataset"])
@pytest.mark.parametrize(
    "recipe",
    [
        NATIVE,
        RECIPE.replace(metrics_on="y"),
        RECIPE.replace(quantize_after=False),
        RECIPE.replace(quantize_after=False, metrics_on="y"),
        RECIPE.replace(resizer="matlab", scale=3),
        RECIPE.replace(resizer="opencv", filter="area", scale=2),
        NATIVE.replace(resizer="opencv", filter="lanczos", metrics_on="y"),
        RECIPE.replace(texture="canny", min_edge_density=0.01),
    ],
)
def test_so_it_is_under_other_recipes(whole, photos, format, recipe):
    out = whole(format, None, recipe)
    assert len(rows_of(out)) > 20
    assert findings(out) == []
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
    assert findings(whole(format, options), images=[photos]) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_set_without_pairs(tmp_path, format):
    save(crop("rocket", 0, 0, 60, 60), tmp_path / "in" / "sky.png")
    export([tmp_path / "in"], tmp_path / "out", RECIPE.replace(min_keypoints=500), format=format,
           jobs=1)  # fmt: skip
    state, found = check(tmp_path / "out")
    assert (state.pairs, found) == (0, [])


@pytest.mark.parametrize("format", ["bmp", "lmdb", "webdataset"])
def test_names_of_every_kind(tmp_path, format):
    for name in (
        "a b.png",
        "komma,.png",
        "ä\u4e2d.png",
        'quote".png',
        "new\nline.png",
        "return\r.png",
        "a.b.png",
    ):
        save(crop("motorcycle", 100, 150, 90, 80), tmp_path / "in" / name)
    save(crop("motorcycle", 300, 150, 90, 80), tmp_path / "in" / "a b.bmp")
    export([tmp_path / "in"], tmp_path / "out", RECIPE, format=format, jobs=1)
    state, found = check(tmp_path / "out", images=[tmp_path / "in"])
    assert found == []
    assert state.checked[WITH_IMAGE] == state.pairs > 0
    assert check(tmp_path / "out")[1] == []


def test_files_of_others_are_none_of_its_business(copy):
    out = copy()
    for name in ("notes.txt", "hr/thumbs.db", "hr/photo.bmp", "meta/readme.txt", "pairs.h5"):
        (out / name).write_text("mine\n")
    assert findings(out) == []


def test_with_few_pixels_that_a_patch_decides_it_says_so(whole):
    recipe = RECIPE.replace(scale=8, filter="lanczos", min_keypoints=8)
    out = whole("bmp", None, recipe)
    state, found = check(out)
    assert found == []
    assert state.checked[WITHIN] == 0
    assert state.checked[TOO_SMALL] == state.checked[PSNR] == state.pairs > 0


def test_two_processes_find_the_same(copy, photos):
    out = copy()
    rows = rows_of(out)
    (out / rows[0]["hr"]).unlink()
    change(out / rows[-1]["lr"])
    one, two = (findings(out, images=[photos], jobs=jobs) for jobs in (1, 2))
    assert sorted(one, key=str) == sorted(two, key=str)
    assert len(one) == 2


def test_cancelled(whole):
    progress = Progress()
    progress.cancel.set()
    with pytest.raises(Cancelled):
        check(whole(), progress=progress)


def test_states_tell_how_far_it_is(whole):
    states: list[VerifyState] = []
    final = verify(whole(), jobs=1, on_state=states.append)
    assert states[-1].done == states[-1].pairs == final.pairs
    assert final.rate > 0


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
def test_a_deleted_file(copy, side):
    out = copy()
    place = rows_of(out)[5][side]
    (out / place).unlink()
    (found,) = findings(out)
    assert (found.kind, found.name) == (MISSING, place)


@pytest.mark.parametrize("left", [0, 20, 700])
@pytest.mark.parametrize("format", FOLDER_FORMATS)
def test_a_truncated_file(copy, format, left):
    out = copy(format)
    place = rows_of(out)[5]["lr"]
    data = (out / place).read_bytes()
    (out / place).write_bytes(data[: min(left, len(data) * 3 // 4)])
    (found,) = findings(out)
    assert (found.kind, found.name) == (UNREADABLE, place)


@pytest.mark.parametrize("format", FOLDER_FORMATS)
def test_a_changed_pixel_of_hr(copy, photos, format):
    out = copy(format)
    row = rows_of(out)[5]
    change(out / row["hr"])
    found = findings(out)
    assert {METRICS} <= {one.kind for one in found} <= {METRICS, LR}
    assert {one.name for one in found} <= {row["hr"], row["lr"]}
    (exact,) = findings(out, images=[photos])
    assert (exact.kind, exact.name) == (HR, row["hr"])
    assert "3 of 3,267" in exact.found


def test_a_changed_pixel_of_lr_by_one_level(copy, photos):
    out = copy()
    row = rows_of(out)[5]
    change(out / row["lr"], by=1, x=0, y=32)
    assert METRICS in {one.kind for one in findings(out)}
    (exact,) = findings(out, images=[photos])
    assert (exact.kind, exact.name) == (LR, row["lr"])
    assert "by up to 1" in exact.found


def test_lr_of_another_pair(copy, photos):
    out = copy()
    one, other = rows_of(out)[3], rows_of(out)[9]
    (out / one["lr"]).rename(out / "kept")
    (out / other["lr"]).rename(out / one["lr"])
    (out / "kept").rename(out / other["lr"])
    for images in ((), (photos,)):
        assert sorted(names(findings(out, images=images), LR)) == sorted([one["lr"], other["lr"]])


@pytest.mark.parametrize("recipe", [RECIPE, NATIVE])
@pytest.mark.parametrize("filter", ["BILINEAR", "LANCZOS", "BOX"])
def test_lr_of_another_filter(copy, photos, recipe, filter):
    out = copy("png", None, recipe)
    row = rows_of(out)[5]
    image = Image.open(photos / row["image"]).convert("RGB")
    image = image.crop((0, 0, image.width // 4 * 4, image.height // 4 * 4))
    lr = image.resize((image.width // 4, image.height // 4), Image.Resampling[filter])
    x, y, patch, step = int(row["x"]), int(row["y"]), recipe.patch, 4
    if recipe == RECIPE:
        lr, step = lr.resize(image.size, Image.Resampling[filter]), 1
    box = (x // step, y // step, (x + patch) // step, (y + patch) // step)
    lr.crop(box).save(out / row["lr"])
    found = findings(out)
    assert names(found, LR) == [row["lr"]]
    assert names(findings(out, images=[photos]), LR) == [row["lr"]]


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
    assert (found.kind, found.name, found.expected) == (SHAPE, place, "33 x 33 px RGB")


def test_files_that_the_manifest_does_not_name(copy):
    out = copy()
    row = rows_of(out)[5]
    extra = row["hr"].replace("_x", "_x9")
    shutil.copy(out / row["hr"], out / extra)
    (found,) = findings(out)
    assert (found.kind, found.name) == (EXTRA, extra)
    # One too much and one too few are as many as there should be.
    (out / row["hr"]).unlink()
    found = findings(out)
    assert (names(found, MISSING), names(found, EXTRA)) == ([row["hr"]], [extra])


# The manifest


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
        found = findings(out, images=images)
        told = [one for one in found if one.kind == METRICS]
        assert [one.name for one in told] == [row["hr"]]
        assert (told[0].what, told[0].expected.split()[0]) == (column.upper(), row[column])
        assert told[0].found.split()[0] == value
        assert {one.kind for one in found} <= {METRICS, META_TEXT, MANIFEST}


@pytest.mark.parametrize("recipe", [RECIPE.replace(quantize_after=False), NATIVE])
def test_a_psnr_that_is_too_high_to_be_true(copy, recipe):
    out = copy("bmp", None, recipe)
    row = edit_row(out, 5, psnr="70.0000")
    (found,) = [one for one in findings(out) if one.kind == METRICS]
    assert (found.name, found.found) == (row["hr"], "70.0000 dB")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("x", "47", "multiple of stride, 20"),
        ("x", "6000", "in the clean image, 1"),
        ("y", "-20", "multiple of stride, 20"),
        ("width", "32", "33"),
        ("height", "34", "33"),
        ("scale", "2", "4"),
        ("keypoints", "7", "at least min_keypoints, 8"),
        ("ssim", "1.5", "from -1 to 1"),
    ],
)
def test_a_row_that_cannot_be(copy, column, value, expected):
    out = copy()
    edit_row(out, 5, **{column: value})
    found = findings(out)
    told = [one for one in found if one.kind == MANIFEST and one.what == column]
    assert len(told) == 1
    assert expected in told[0].expected
    assert told[0].found == value
    assert rows_of(out)[5]["image"] in told[0].name


@pytest.mark.parametrize("format", ["bmp", "lmdb", "hdf5", "webdataset"])
def test_a_row_that_names_another_place(copy, format):
    out = copy(format)
    other = rows_of(out)[9]
    row = edit_row(out, 5, hr=other["hr"])
    found = findings(out)
    (told,) = [one for one in found if one.kind == MANIFEST and one.what == "places of the pair"]
    assert row["hr"] in told.expected
    assert other["hr"] in told.found
    if format == "bmp":
        assert names(found, EXTRA) == [row["hr"]]


@pytest.mark.parametrize("format", ["bmp", "lmdb", "webdataset"])
def test_a_row_that_is_gone(copy, format):
    out = copy(format)
    rows = rows_of(out)
    gone = rows.pop(5)
    write_manifest(out, [list(row.values()) for row in rows])
    found = findings(out)
    extra = set(names(found, EXTRA))
    assert {gone["hr"], gone["lr"]} <= extra
    assert len(extra) == (3 if format == "webdataset" else 2)
    (text,) = [one for one in found if one.kind == META_TEXT]
    assert text.what.startswith("kept pairs: the manifest has ")


def test_rows_twice_and_out_of_order(copy):
    out = copy()
    rows = [list(row.values()) for row in rows_of(out)]
    write_manifest(out, [*rows[:6], rows[5], *rows[6:]])
    found = findings(out)
    assert [one.name for one in found if "same pair twice" in one.what] == ["manifest.csv line 8"]
    rows[3], rows[4] = rows[4], rows[3]
    write_manifest(out, rows)
    found = findings(out)
    assert [one.name for one in found if "out of order" in one.what] == ["manifest.csv line 6"]


@pytest.mark.parametrize(
    ("line", "words"),
    [("torn,li", "12 cells, found 2 cells"), ("x" + ",1" * 9 + ",high,1", "a number, found 'high'"),
     ("x" + ",1.5" * 11, "a whole number, found '1.5'")],
)  # fmt: skip
def test_lines_that_are_no_rows(copy, line, words):
    out = copy()
    with open(out / "manifest.csv", "a") as file:
        file.write(line + "\n")
    (found,) = findings(out)
    assert found.kind == MANIFEST
    assert words in str(found)


def test_other_columns(copy):
    out = copy()
    text = (out / "manifest.csv").read_text("utf-8")
    (out / "manifest.csv").write_text(text.replace("psnr,ssim", "ssim,psnr", 1), "utf-8")
    (found,) = findings(out)
    assert (found.kind, found.name) == (MANIFEST, "manifest.csv line 1")


def test_no_manifest(copy):
    out = copy()
    (out / "manifest.csv").unlink()
    (found,) = findings(out)
    assert (found.kind, found.name) == (MISSING, "manifest.csv")


def test_an_image_that_is_on_the_wrong_side_of_a_split(copy):
    out = copy("lmdb", SPLIT)
    text = (out / "export.toml").read_text("utf-8")
    (out / "export.toml").write_text(text.replace("seed = 3", "seed = 4"), "utf-8")
    found = findings(out)
    assert "places of the pair" in {one.what for one in found if one.kind == MANIFEST}


# Lists, texts and settings


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (None, "meta_info.txt"),
        (None, "meta_info/sub/meta_info.txt"),
        (SPLIT, "train.txt"),
        (SPLIT, "validation.txt"),
    ],
)
def test_lists(copy, options, name):
    out = copy("bmp", options)
    lines = (out / name).read_text("utf-8").splitlines(keepends=True)
    assert len(lines) > 3

    def told(changed: list[str]) -> list[str]:
        (out / name).write_text("".join(changed), "utf-8")
        found = findings(out)
        assert {(one.kind, one.name) for one in found} == {(LIST, name)}
        return [one.what for one in found]

    assert told([*lines[:2], *lines[3:]]) == [f"lacks the line {lines[2].strip()}"]
    assert told([*lines, "more.bmp (33,33,3)\n"]) == [
        "has a line that no pair stands behind: more.bmp (33,33,3)"
    ]
    assert told([*lines[:2], lines[3], lines[2], *lines[4:]]) == [
        "the order of the lines is not the manifest's"
    ]
    (out / name).unlink()
    (found,) = findings(out)
    assert (found.kind, found.name) == (MISSING, name)


def test_a_list_too_many(copy):
    out = copy()
    shutil.copy(out / "meta_info.txt", out / "train.txt")
    (found,) = findings(out)
    assert (found.kind, found.name) == (EXTRA, "train.txt")


def edit_text(out: Path, name: str, key: str, value: str) -> None:
    path = out / name
    lines = path.read_text("utf-8").splitlines()
    assert sum(line.startswith(f"{key}: ") for line in lines) == 1
    changed = [f"{key}: {value}" if line.startswith(f"{key}: ") else line for line in lines]
    path.write_text("\n".join(changed) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sha256", "123"),
        ("size", "182 x 174 px"),
        ("size", "small"),
        ("clean size", "180 x 164 px"),
        ("LR size", "40 x 42 px"),
        ("scale", "3"),
        ("keypoints", "many"),
        ("consistent matches", "999999"),
        ("windows in the box", "3"),
        ("kept pairs", "2"),
        ("mean PSNR", "31.0000 dB"),
        ("mean PSNR", "none"),
        ("mean SSIM", "0.500000"),
    ],
)
def test_the_text_of_an_image(copy, key, value):
    out = copy()
    edit_text(out, "meta/motor.txt", key, value)
    found = findings(out)
    assert {(one.kind, one.name) for one in found} == {(META_TEXT, "meta/motor.txt")}
    assert any(key in one.what or "clean size" in one.what for one in found)


def test_the_text_of_an_image_is_gone_or_about_another(copy):
    out = copy()
    (out / "meta" / "motor.txt").unlink()
    (found,) = findings(out)
    assert (found.kind, found.name) == (META_TEXT, "motor.png")


def test_a_text_that_tells_of_pairs_that_are_not_there(copy):
    out = copy()
    text = (out / "meta" / "motor.txt").read_text("utf-8")
    (out / "meta" / "lost.txt").write_text(text.replace("motor.png", "lost.png"), "utf-8")
    (found,) = findings(out)
    assert (found.kind, found.name) == (META_TEXT, "meta/lost.txt")


def test_fewer_pairs_than_were_chosen(copy):
    out = copy("bmp", Options(max_pairs=20))
    rows = rows_of(out)
    for side in ("hr", "lr"):
        (out / rows[-1][side]).unlink()
    write_manifest(out, [list(row.values()) for row in rows[:-1]])
    lines = (out / "meta_info.txt").read_text().splitlines(keepends=True)
    (out / "meta_info.txt").write_text("".join(lines[:-1]))
    found = [one for one in findings(out) if one.kind == MANIFEST]
    assert [(one.what, one.found) for one in found] == [("pairs in all", "19")]


def test_another_recipe(copy, photos):
    out = copy()
    text = (out / "recipe.toml").read_text("utf-8")
    (out / "recipe.toml").write_text(text.replace('"bicubic"', '"bilinear"'), "utf-8")
    count = len(rows_of(out))
    assert len(names(findings(out), LR)) > 0.9 * count
    assert len(names(findings(out, images=[photos]), LR)) == count


@pytest.mark.parametrize(
    ("name", "text"),
    [("recipe.toml", "scale = 1\n"), ("recipe.toml", "scale"), ("export.toml", 'format = "gif"\n'),
     ("export.toml", "="), ("export.toml", 'format = "bmp"\nspeed = 3\n')],
)  # fmt: skip
def test_settings_that_cannot_be(copy, name, text):
    out = copy()
    (out / name).write_text(text)
    (found,) = findings(out)
    assert (found.kind, found.name) == (SETTINGS, name)
    (out / name).unlink()
    (found,) = findings(out)
    assert (found.kind, found.name) == (SETTINGS, name)


# Containers


def png(pixels: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def put(folder: Path, key: str, value: bytes | None) -> None:
    environment = lmdb.open(str(folder), map_size=1 << 26, lock=False)
    with environment, environment.begin(write=True) as transaction:
        if value is None:
            assert transaction.delete(key.encode())
        else:
            transaction.put(key.encode(), value)


def get(folder: Path, key: str) -> np.ndarray:
    environment = lmdb.open(str(folder), readonly=True, lock=False)
    with environment, environment.begin() as transaction:
        return np.array(Image.open(io.BytesIO(transaction.get(key.encode()))))


def test_lmdb(copy, photos):
    out = copy("lmdb")
    row = rows_of(out)[5]
    key = row["hr"].removeprefix("hr.lmdb/")
    pixels = get(out / "hr.lmdb", key)
    put(out / "hr.lmdb", key, png(pixels, compress_level=9))
    assert findings(out, images=[photos]) == [], "the same pixels, packed otherwise, are no fault"
    put(out / "hr.lmdb", key, png(255 - pixels))
    assert names(findings(out), METRICS) == [row["hr"]] * 2
    assert names(findings(out, images=[photos]), HR) == [row["hr"]]
    put(out / "hr.lmdb", key, png(pixels)[:-30])
    assert names(findings(out), UNREADABLE) == [row["hr"]]
    put(out / "hr.lmdb", key, None)
    found = findings(out)
    assert names(found, MISSING) == [row["hr"]]
    assert names(found, LIST) == ["hr.lmdb/meta_info.txt"]
    put(out / "hr.lmdb", key, png(pixels))
    assert findings(out) == []
    put(out / "lr.lmdb", "more", png(pixels))
    found = findings(out)
    assert names(found, EXTRA) == ["lr.lmdb/more"]
    assert names(found, LIST) == ["lr.lmdb/meta_info.txt"]
    (out / "lr.lmdb" / "data.mdb").write_bytes(b"nothing" * 2000)
    kinds = {one.kind for one in findings(out)}
    assert UNREADABLE in kinds


@pytest.mark.parametrize("format", ["hdf5", "srcnn-hdf5"])
@pytest.mark.parametrize("channels", ["rgb", "y"])
def test_hdf5(copy, photos, format, channels):
    out = copy(format, Options(channels=channels))
    hr, lr = ("label", "data") if format == "srcnn-hdf5" else ("hr", "lr")
    step = 1 / 255 if format == "srcnn-hdf5" else 1

    def edit(name: str, index: int, change: Callable[[np.ndarray], None]) -> None:
        with h5py.File(out / "pairs.h5", "r+") as file:
            values = file[name][index]
            change(values)
            file[name][index] = values

    def move(values: np.ndarray) -> None:
        level = values.flat[40] / step
        values.flat[40] = (level + 40 if level < 128 else level - 40) * step

    edit(hr, 7, move)
    assert names(findings(out, images=[photos]), HR) == [f"pairs.h5/{hr}/7"]
    with h5py.File(out / "pairs.h5", "r+") as file:
        file[lr][9], file[lr][3] = file[lr][3], file[lr][9]
    exact = findings(out, images=[photos])
    assert names(exact, LR) == [f"pairs.h5/{lr}/3", f"pairs.h5/{lr}/9"]
    # Without the image a swapped LR is found by what is left to compare, where anything is.
    swapped = {f"pairs.h5/{name}/{index}" for name in (hr, lr) for index in (3, 9)}
    assert {one.name for one in findings(out) if one.kind in (LR, METRICS)} & swapped

    def spoil(values: np.ndarray) -> None:
        values.flat[3] = np.nan

    if (format, channels) != ("hdf5", "rgb"):  # of which every byte is a value
        edit(lr, 20, spoil)
        assert names(findings(out), SHAPE) == [f"pairs.h5/{lr}/20"]


@pytest.mark.parametrize("filter", ["bicubic", "box"])
@pytest.mark.parametrize("format", ["hdf5", "srcnn-hdf5"])
def test_luma_of_lr_in_its_own_size(copy, format, filter):
    out = copy(format, None, NATIVE.replace(filter=filter))
    name = "data" if format == "srcnn-hdf5" else "lr"
    with h5py.File(out / "pairs.h5", "r+") as file:
        values = file[name][5]
        part = values[..., 2:6, :]  # of a view
        part[...] = (251 / 255 if format == "srcnn-hdf5" else 251) - part
        file[name][5] = values
    (found,) = findings(out)
    assert (found.kind, found.name) == (LR, f"pairs.h5/{name}/5")


def test_bright_colours_whose_luma_hides_what_was_cut_off(tmp_path):
    # Channels at 255 beside others at 0: bicubic overshoots in each, and LR is cut off there.
    rgb = crop("coffee", 200, 100, 150, 140).copy()
    rgb[..., 0] = np.where(rgb[..., 0] > 128, 255, 0)
    rgb[..., 2] = np.where(rgb[..., 1] > 100, 0, 255)
    save(rgb, tmp_path / "in" / "bright.png")
    recipe = RECIPE.replace(min_keypoints=0)
    export([tmp_path / "in"], tmp_path / "out", recipe, format="hdf5", jobs=1)
    state, found = check(tmp_path / "out")
    assert found == []
    assert state.checked[LUMA_ONLY] == state.pairs > 10


@pytest.mark.parametrize("format", ["hdf5", "srcnn-hdf5"])
def test_hdf5_of_another_shape(copy, format):
    out = copy(format)
    name = "label" if format == "srcnn-hdf5" else "hr"
    count = len(rows_of(out))
    with h5py.File(out / "pairs.h5", "r+") as file:
        file[name].resize(count + 2, axis=0)
    (found,) = findings(out)
    assert (found.kind, found.name) == (SHAPE, f"pairs.h5/{name}")
    assert f"({count + 2}, " in found.found
    with h5py.File(out / "pairs.h5", "r+") as file:
        file[name].resize(count - 1, axis=0)
    found = findings(out)
    assert names(found, MISSING) == [f"pairs.h5/{name}/{count - 1}"]
    with h5py.File(out / "pairs.h5", "r+") as file:
        del file[name]
    assert f"pairs.h5/{name}" in names(findings(out), MISSING)
    (out / "pairs.h5").write_bytes((out / "pairs.h5").read_bytes()[:100])
    assert UNREADABLE in {one.kind for one in findings(out)}
    (out / "pairs.h5").unlink()
    assert "pairs.h5" in names(findings(out), MISSING)


def rewrite(shard: Path, edit: Callable[[dict[str, bytes]], list[tuple[str, bytes]]]) -> None:
    """Write a shard anew with what `edit` makes of its members."""
    with tarfile.open(shard) as opened:
        members = {member.name: opened.extractfile(member).read() for member in opened}
    with tarfile.open(shard, "w") as opened:
        for name, data in edit(members):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))


def test_webdataset(copy, photos):
    out = copy("webdataset", Options(shard_size=30))
    row = rows_of(out)[35]
    name, _, key = row["hr"].removesuffix(".hr.png").partition("/")
    assert name == "pairs-000001.tar"
    shard = out / name
    original = shard.read_bytes()

    def broken(edit, **more) -> list[Finding]:
        shard.write_bytes(original)
        rewrite(shard, edit)
        return findings(out, **more)

    assert broken(lambda members: list(members.items())) == []
    inverted = png(255 - pixels_of(shard, row["hr"]))
    replaced = broken(lambda members: list((members | {f"{key}.hr.png": inverted}).items()),
                      images=[photos])  # fmt: skip
    assert [(one.kind, one.name) for one in replaced] == [(HR, row["hr"])]
    lost = broken(lambda members: [pair for pair in members.items() if pair[0] != f"{key}.lr.png"])
    assert [(one.kind, one.name) for one in lost] == [(MISSING, row["lr"])]
    more = broken(lambda members: [*members.items(), ("more.hr.png", inverted)])
    assert [(one.kind, one.name) for one in more] == [(EXTRA, f"{name}/more.hr.png")]
    twice = broken(lambda members: [*members.items(), (f"{key}.hr.png", members[f"{key}.hr.png"])])
    assert [(one.kind, one.name, one.what) for one in twice] == [(EXTRA, row["hr"], "there twice")]

    def other_figures(members: dict[str, bytes]) -> list[tuple[str, bytes]]:
        figures = json.loads(members[f"{key}.json"]) | {"keypoints": 999}
        return list((members | {f"{key}.json": json.dumps(figures).encode()}).items())

    (found,) = broken(other_figures)
    assert (found.kind, found.name, found.what) == (MANIFEST, f"{name}/{key}.json", "keypoints")
    (found,) = broken(lambda members: list((members | {f"{key}.json": b"{"}).items()))
    assert (found.kind, found.name) == (UNREADABLE, f"{name}/{key}.json")
    shard.write_bytes(original[: len(original) // 2])
    assert {one.kind for one in findings(out)} <= {UNREADABLE, MISSING}
    shard.write_bytes(original)
    shutil.copy(shard, out / "pairs-000009.tar")
    assert "pairs-000009.tar" in names(findings(out), EXTRA)
    shard.unlink()
    assert name in names(findings(out), MISSING)


def pixels_of(shard: Path, place: str) -> np.ndarray:
    with tarfile.open(shard) as opened:
        data = opened.extractfile(place.partition("/")[2]).read()
    return np.array(Image.open(io.BytesIO(data)))


# Incomplete data sets


@pytest.mark.parametrize("format", ["bmp", "lmdb", "hdf5", "webdataset"])
def test_an_export_that_was_stopped(photos, tmp_path, format):
    progress = Progress()

    def stop(state) -> None:
        if state.done:
            progress.cancel.set()

    out = tmp_path / "out"
    state = export([photos], out, RECIPE, format=format, jobs=1, progress=progress, on_state=stop)
    assert state.cancelled
    if format == "bmp":  # its manifest holds what is done, and a journal only while it runs
        assert findings(out) == []
        (out / ".manifest.part").write_text("motor.png,,,,,,,,,,,\n")
    (found,) = findings(out)
    assert found.kind == INCOMPLETE
    assert "the same srviewer export command" in found.what
    export([photos], out, RECIPE, format=format, jobs=1)
    assert findings(out, images=[photos]) == []


# The images


def test_images_that_have_changed_or_are_gone(whole, photos, tmp_path):
    out = whole()
    there = Path(shutil.copytree(photos, tmp_path / "in"))
    (there / "sub" / "man.bmp").unlink()
    save(crop("motorcycle", 101, 150, 181, 170), there / "motor.png")
    state, found = check(out, images=[there])
    assert [(one.kind, one.name) for one in found] == [(SOURCE, "motor.png")]
    assert "SHA-256" in found[0].what
    assert state.not_found == ("sub/man.bmp",)
    rows = rows_of(out)
    assert state.checked[WITH_IMAGE] == sum(row["image"] == "sub/grass.png" for row in rows)
    assert state.checked[WITHIN] == state.pairs - state.checked[WITH_IMAGE]


def test_a_fingerprint_that_was_edited(copy, photos):
    out = copy()
    edit_text(out, "meta/motor.txt", "sha256", "0" * 64)
    assert findings(out) == []
    assert names(findings(out, images=[photos]), SOURCE) == ["motor.png"]


def test_a_size_that_was_edited(copy, photos):
    out = copy()
    edit_text(out, "meta/motor.txt", "size", "182 x 170 px")  # the clean size is the same
    assert findings(out) == []
    (found,) = findings(out, images=[photos])
    assert (found.kind, found.name, found.expected) == (META_TEXT, "meta/motor.txt",
                                                        "181 x 170 px")  # fmt: skip
