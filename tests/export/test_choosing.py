"""Which pairs go into a data set, and which are for validation."""

import contextlib
import functools
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ConflictError
from srviewer.export import stores
from srviewer.export.manifest import Row
from srviewer.export.meta_info import write_lists
from srviewer.export.options import FORMATS, Options
from srviewer.export.run_file import PLACING, RUN_FILE, WITH_PAIRS, RunFile
from srviewer.export.run_rows import Pair
from srviewer.export.selecting import most_keypoints, validation_images
from srviewer.export.target import Target
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input
from srviewer.runs.marks import FileMark
from tests.export.consumers import basicsr_lmdb, basicsr_meta_info, parquet_pairs, tar_members
from tests.export.helpers import RECIPE, assert_nothing_half_written, pixels, rows_of, run, tree
from tests.photos import crop, save


def row(image: str, x: int, y: int, keypoints: int) -> Row:
    stem = image.rsplit(".", 1)[0]
    names = [f"{side}/{stem}_x{x:05d}_y{y:05d}.png" for side in ("hr", "lr")]
    figures = [str(x), str(y), "33", "33", "4", str(keypoints), "3", "20.1", "0.9"]
    return Row(image, *names, *figures)


# The functions


@pytest.mark.parametrize(
    ("most", "expected"),
    [(None, [0, 1, 2, 3, 4]), (9, [0, 1, 2, 3, 4]), (1, [1]), (2, [1, 3]), (3, [0, 1, 3])],
)
def test_most_keypoints_first_ones_first(most, expected):
    assert most_keypoints(np.array([5, 9, 5, 9, 1]), most).tolist() == expected


@pytest.fixture
def run_file(tmp_path) -> Iterator[RunFile]:
    with contextlib.closing(RunFile(tmp_path)) as found:
        yield found


def fill(run_file: RunFile, rows: list[Row]) -> None:
    run_file.clear()
    for image in dict.fromkeys(row.image for row in rows):
        pairs = [Pair(int(r.y), int(r.x), r.hr, r.lr, int(r.keypoints), 3, r.psnr, r.ssim)
                 for r in rows if r.image == image]  # fmt: skip
        mark = FileMark(1, 2, ascii(image))
        run_file.add(Input(Path(image), image, image.rsplit(".", 1)[0]), mark, pairs, "")


def chosen_rows(run_file: RunFile, rows: list[Row], most: int | None) -> list[Row]:
    fill(run_file, rows)
    run_file.drop_all_but(most)
    return [
        pair.row(known.name, RECIPE)
        for known in run_file.images(WITH_PAIRS)
        for pair in run_file.pairs(known.name, "NOT dropped")
    ]


def test_ties_are_broken_by_the_manifests_order(run_file):
    rows = [row("b.png", 0, 0, 7), row("a.png", 14, 0, 7), row("a.png", 0, 14, 7),
            row("c.png", 0, 0, 9)]  # fmt: skip
    for order in (rows, rows[::-1]):
        found = chosen_rows(run_file, order, 2)
        assert found == [row("a.png", 14, 0, 7), row("c.png", 0, 0, 9)]
        assert run_file.count_pairs("dropped") == 2
        run_file.delete_dropped()
        known = {known.name: (known.pairs, known.pairs < known.kept) for known in run_file.images()}
        assert known == {"a.png": (1, True), "b.png": (0, True), "c.png": (1, False)}
        assert chosen_rows(run_file, order, None) == sorted(rows, key=lambda one: one.place)


@pytest.mark.parametrize("most", range(1, 40, 3))
def test_the_best_among_all_images_are_chosen(run_file, most):
    numbers = np.random.default_rng(most)
    names = ["a.png", "\udce9.png", "\ue000.png", "😀.png", "B.png", "é.png", "a/b.png"]
    rows = [row(names[numbers.integers(7)], x, 0, int(numbers.integers(5))) for x in range(30)]
    ordered = sorted(rows, key=lambda one: one.place)
    best = sorted(ordered, key=lambda one: -int(one.keypoints))[:most]
    found = chosen_rows(run_file, rows, most)
    assert found == sorted(best, key=lambda one: one.place)
    assert run_file.count_pairs("NOT dropped") == min(most, 30)


@pytest.mark.parametrize(("share", "count", "expected"), [
    (0, 10, 0), (0.1, 10, 1), (0.25, 10, 3), (0.01, 10, 1), (0.99, 10, 9), (0.5, 1, 0), (0.5, 2, 1)
])  # fmt: skip
def test_the_share_of_images_for_validation(share, count, expected):
    images = [f"{n}.png" for n in range(count)]
    found = validation_images(images, share, 0)
    assert len(found) == expected
    assert found == validation_images(images[::-1] * 2, share, 0)
    assert found <= set(images)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_images_with_equal_content_are_on_one_side(share):
    contents = {f"{n}.png": str(n % 7 if n < 14 else n) for n in range(30)}
    for seed in range(20):
        found = validation_images(contents, share, seed, contents)
        sides = {(content, name in found) for name, content in contents.items()}
        assert len(sides) == len(set(contents.values()))
        assert abs(len(found) - 30 * share) <= 1
    alone = dict.fromkeys(contents, "the same")
    assert validation_images(alone, share, 0, alone) == frozenset()
    two = contents | dict.fromkeys(list(contents)[1:], "the same")
    assert len(validation_images(two, share, 0, two)) in (1, 29)


def test_the_smallest_group_of_copies_is_held_back_where_each_is_too_large():
    contents = dict(zip("abcde", "xyxyx", strict=True))
    assert validation_images(contents, 0.1, 0, contents) == {"b", "d"}


def test_without_copies_content_changes_no_side():
    images = [f"{n}.png" for n in range(40)]
    plain = validation_images(images, 0.2, 3)
    assert plain == validation_images(images, 0.2, 3, {name: name * 2 for name in images})


def test_the_seed_decides_which_images_those_are():
    images = [f"{n}.png" for n in range(40)]
    assert len({validation_images(images, 0.2, seed) for seed in range(5)}) == 5


def test_one_image_more_moves_at_most_one_other():
    for count in range(5, 30):
        images = [f"{n}.png" for n in range(count)]
        before = validation_images(images, 0.3, 1)
        after = validation_images([*images, "new.png"], 0.3, 1)
        assert len((before ^ after) - {"new.png"}) <= 1


# BasicSR's lists


def test_one_list_where_there_are_no_subfolders(tmp_path, run_file):
    def lists(rows: list[Row], options: Options) -> dict[str, str]:
        fill(run_file, rows)
        written = write_lists(Target(tmp_path, Recipe(), "png", options), run_file)
        assert sorted(written) == sorted(path.name for path in tmp_path.glob("*.txt"))
        return {name: (tmp_path / name).read_text() for name in written}

    rows = [row("a.png", 0, 0, 7), row("b.png", 14, 0, 7)]
    split = lists(rows, Options(layout="earlier", validation_share=0.5, seed=0))
    assert split["validation.txt"] + split["train.txt"] == split["meta_info.txt"]
    assert validation_images({"a.png", "b.png"}, 0.5, 0) == {"a.png"}
    assert split["validation.txt"].startswith("a_")
    assert lists(rows, Options()) == {
        "meta_info.txt": "a_x00000_y00000.png (33,33,3)\nb_x00014_y00000.png (33,33,3)\n"
    }
    assert lists(rows, Options(lists="pairs"))["meta_info.txt"].splitlines()[1] == (
        "hr/b_x00014_y00000.png, lr/b_x00014_y00000.png"
    )
    assert lists([], Options()) == {"meta_info.txt": ""}


def test_lists_as_basicsr_reads_them(photos, quiet):
    rows = rows_of(quiet)
    names = [line.split(" ")[0] for line in (quiet / "meta_info.txt").read_text().splitlines()]
    assert names == [row["hr"].removeprefix("hr/") for row in rows]
    folders = {"": "meta_info/meta_info.txt", "sub": "meta_info/sub/meta_info.txt"}
    for folder, place in folders.items():
        pairs = basicsr_meta_info(quiet / "hr" / folder, quiet / "lr" / folder, quiet / place)
        mine = [row for row in rows if row["image"].startswith("sub/") == bool(folder)]
        assert len(pairs) == len(mine) > 3
        for (hr, lr), one in zip(pairs, mine, strict=True):
            np.testing.assert_array_equal(hr, pixels(quiet / one["hr"]))
            np.testing.assert_array_equal(lr, pixels(quiet / one["lr"]))


# Exports


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("format", ["bmp", "hdf5"])
def test_at_most_so_many_an_image(photos, quiet, out, format, jobs):
    run(photos, out, format, options=Options(max_per_image=4), jobs=jobs)
    counts = Counter(row["image"] for row in rows_of(out))
    assert set(counts.values()) == {4}
    whole = rows_of(quiet)
    for image in counts:
        mine = [int(row["keypoints"]) for row in whole if row["image"] == image]
        found = [int(row["keypoints"]) for row in rows_of(out) if row["image"] == image]
        assert sorted(found) == sorted(mine)[-4:]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("format", FORMATS)
def test_at_most_so_many_in_all(photos, quiet, out, format, jobs):
    state = run(photos, out, format, options=Options(max_pairs=11), jobs=jobs)
    assert state.in_set == len(rows_of(out)) == 11
    best = sorted(rows_of(quiet), key=lambda one: -int(one["keypoints"]))[:11]
    expected = {(one["image"], one["x"], one["y"]) for one in best}
    assert {(one["image"], one["x"], one["y"]) for one in rows_of(out)} == expected
    if format in ("bmp", "png", "tiff", "webp"):
        assert_nothing_half_written(out)
    before = tree(out)
    again = run(photos, out, format, options=Options(max_pairs=11))
    assert (again.already, again.in_set) == (3, 11)
    assert tree(out) == before


@pytest.mark.parametrize("format", ["bmp", "lmdb"])
def test_a_changed_image_gives_others_their_pairs_back(copies, out, format):
    options = Options(max_pairs=12)
    run(copies, out, format, options=options)
    leader = Counter(row["image"] for row in rows_of(out)).most_common(1)[0][0]
    save(crop("coffee", 0, 0, 40, 40), copies / leader)
    run(copies, out, format, options=options, overwrite=True)
    run(copies, out.with_name("fresh"), format, options=options)
    assert tree(out) == tree(out.with_name("fresh"))


@pytest.mark.parametrize("format", ["bmp", "webdataset"])
def test_images_added_later_push_others_out(photos, out, format):
    options = Options(max_pairs=12, validation_share=0.4)
    folder = out.with_name("in")
    save(crop("astronaut", 130, 200, 160, 171), folder / "sub" / "man.bmp")
    run(folder, out, format, options=options)
    shutil.copytree(photos, folder, dirs_exist_ok=True)
    run(folder, out, format, options=options)
    run(photos, out.with_name("fresh"), format, options=options)
    assert tree(out) == tree(out.with_name("fresh"))


def test_killed_while_removing_what_was_not_chosen(photos, copies, out, monkeypatch):
    options = Options(max_pairs=5)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RunFile, "delete_dropped", fail)
    with pytest.raises(KeyboardInterrupt):
        run(copies, out, options=options)
    monkeypatch.undo()
    save(crop("coffee", 0, 0, 40, 40), copies / "motor.png")  # its pairs made way for none
    run(copies, out, options=options, overwrite=True)
    run(copies, out.with_name("fresh"), options=options)
    assert tree(out) == tree(out.with_name("fresh"))


@pytest.mark.parametrize("format", [None, "tiff"])
@pytest.mark.parametrize("with_run_file", [True, False])
def test_a_set_of_earlier_versions_goes_on_as_it_is(photos, copies, out, format, with_run_file):
    """What they recorded had no layout: TIFF was LZW and a split had no folders."""
    (copies / "motor.png").unlink()
    share = Options(validation_share=0.34)
    run(copies, out, "tiff", options=replace(share, layout="earlier"))
    record = [line for line in (out / "export.toml").read_text().splitlines(keepends=True)
              if not line.startswith(("layout", "lists"))]  # fmt: skip
    (out / "export.toml").write_text("".join(record))
    if not with_run_file:
        (out / RUN_FILE).unlink()
    state = run(photos, out, format, options=share)
    assert (state.already, state.exported) == (2, 1)
    assert all(row["hr"].startswith("hr/") and row["hr"].endswith(".tiff") for row in rows_of(out))
    assert sorted(path.name for path in out.glob("*.txt")) == [
        "meta_info.txt", "train.txt", "validation.txt"
    ]  # fmt: skip
    assert not verify(out, jobs=1).wrong
    with pytest.raises(ConflictError, match="layout earlier there, folders here"):
        run(photos, out, "tiff", options=replace(share, layout="folders"))


@pytest.mark.parametrize("where", ["move", "note", "list"])
def test_killed_while_pairs_are_put_into_their_set(photos, copies, out, monkeypatch, where):
    options = Options(validation_share=0.34, seed=3, layout="flat")
    calls = iter(range(100))

    def fail(*given: object, then=None, **more: object) -> None:
        if next(calls) == 5 or then is None:
            raise KeyboardInterrupt
        then(*given, **more)

    place, name = {
        "move": (stores, "move"), "note": (RunFile, "update"), "list": (stores, "write_lists")
    }[where]  # fmt: skip
    then = stores.move if where == "move" else None
    monkeypatch.setattr(place, name, functools.partial(fail, then=then))
    with pytest.raises(KeyboardInterrupt):
        run(photos, out, options=options)
    monkeypatch.undo()
    run(copies, out, options=options)
    run(photos, out.with_name("fresh"), options=options)
    assert tree(out) == tree(out.with_name("fresh"))
    assert not verify(out, jobs=1).wrong


def test_what_a_run_file_tells_to_move_elsewhere_stays(photos, whole, out):
    options = Options(validation_share=0.34, seed=3)
    shutil.copytree(whole("bmp", options), out)
    with RunFile(out) as run_file:
        run_file.set(PLACING, json.dumps(["nowhere/motor.png", "train/none.png", "../motor.png"]))
    assert run(photos, out, options=options).already == 3
    assert tree(out) == tree(whole("bmp", options))


@pytest.mark.parametrize("format", FORMATS)
def test_train_and_validation(photos, out, format):
    state = run(photos, out, format, options=Options(validation_share=0.34, seed=3))
    rows = rows_of(out)
    held = validation_images({row["image"] for row in rows}, 0.34, 3)
    assert len(held) == 1
    expected = Counter("validation" if row["image"] in held else "train" for row in rows)
    assert state.in_set == sum(expected.values())
    found: dict[str, int] = {}
    for side in expected:
        folder = out / side
        if format == "lmdb":
            found[side] = len(basicsr_lmdb(folder))
        elif format == "webdataset":
            found[side] = len(tar_members(folder / "pairs-000000.tar")) // 3
        elif format == "parquet":
            found[side] = len(parquet_pairs(folder / "pairs-000000.parquet"))
        elif format in ("hdf5", "srcnn-hdf5"):
            with h5py.File(folder / "pairs.h5") as file:
                found[side] = len(next(iter(file.values())))
        else:
            lines = (out / f"{side}.txt").read_text().splitlines()
            found[side] = len(lines)
            folder = out / side / "hr"
            assert all((folder / line.split(" ")[0]).is_file() for line in lines)
    assert found == expected
    for one in rows:
        side = "validation/" if one["image"] in held else "train/"
        assert one["hr"].startswith(side)
        assert one["lr"].startswith(side)


def test_likely_copies_are_told_and_stay(tmp_path, call):
    save(crop("astronaut", 130, 200, 120, 130), tmp_path / "in" / "c.png")
    for name, quality in (("a.jpg", 60), ("b.jpg", 95)):
        picture = Image.fromarray(crop("motorcycle", 100, 150, 120, 130))
        picture.save(tmp_path / "in" / name, quality=quality)
    shutil.copy(tmp_path / "in" / "b.jpg", tmp_path / "in" / "d.jpg")
    words = (tmp_path / "in", "--out", tmp_path / "out", "--crop", "whole", "--jobs", 1)
    told = "note: a.jpg: 2 images are likely copies: a.jpg, b.jpg"
    for _ in range(2):  # what was done before is known too
        code, _, err = call("export", *words, "--stride", 30)
        assert code == 0
        assert err.splitlines().count(told) == 1
        assert err.splitlines().count("note: b.jpg: 2 files have equal content: b.jpg, d.jpg") == 1
    assert {row["image"] for row in rows_of(tmp_path / "out")} >= {"a.jpg", "b.jpg", "d.jpg"}


@pytest.mark.parametrize("format", ["png", "webdataset"])
def test_equal_images_are_told_and_on_one_side_or_dropped(tmp_path, format, call):
    folder = tmp_path / "in"
    save(crop("motorcycle", 100, 150, 120, 130), folder / "b.png")
    save(crop("astronaut", 130, 200, 120, 130), folder / "c.png")
    for name in ("a.png", "d.png", "sub/e.bmp"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(folder / "b.png", folder / name)
    words = ("--format", format, "--crop", "whole", "--min-keypoints", 4, "--stride", 20)
    words = (*words, "--jobs", 1, "--validation-share", 0.3)
    told = "4 files have equal content: a.png, b.png, d.png, sub/e.bmp"
    code, _, err = call("export", folder, "--out", tmp_path / "keep", *words)
    assert code == 0
    assert err.splitlines().count(f"note: a.png: {told}") == 1
    assert "duplicates" not in (tmp_path / "keep" / "export.toml").read_text()
    held = {"png": "validation.txt", "webdataset": "validation"}[format]
    if format == "png":
        names = (tmp_path / "keep" / held).read_text()
        assert names.count("c_x") == len(names.splitlines()) > 0
    else:
        rows = rows_of(tmp_path / "keep")
        assert {row["image"] for row in rows if row["hr"].startswith(held)} == {"c.png"}
    dropping = (tmp_path / "drop", *words, "--duplicates", "drop")
    code, _, err = call("export", folder, "--out", *dropping)
    assert code == 0
    assert err.splitlines().count(f"note: a.png: {told}; the others are dropped") == 1
    assert {row["image"] for row in rows_of(tmp_path / "drop")} == {"a.png", "c.png"}
    assert 'duplicates = "drop"' in (tmp_path / "drop" / "export.toml").read_text()
    before = tree(tmp_path / "drop")
    assert call("export", folder, "--out", *dropping)[0] == 0
    assert tree(tmp_path / "drop") == before
    assert call("verify", tmp_path / "drop", "--images", folder, "--jobs", 1)[0] == 0
    assert call("reproduce", tmp_path / "drop", folder, "--jobs", 1)[0] == 0
    code, _, err = call("export", folder, "--out", tmp_path / "drop", *words)
    assert (code, "duplicates drop there" in err) == (1, True)
