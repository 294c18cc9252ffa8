import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from srviewer.errors import ConflictError, ExportError, InUseError, ReadError, RunStopped
from srviewer.export import data_set, rendering, runner
from srviewer.export import image as image_module
from srviewer.export.checksums import read_checksums
from srviewer.export.export_run import ExportState
from srviewer.export.manifest import COLUMNS
from srviewer.export.options import FORMATS, Options, export_toml, resolve
from srviewer.export.run_file import RUN_FILE, RunFile
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.runs.marks import mark_files
from srviewer.runs.versions import VERSIONS
from srviewer.runs.workers import ThisProcess
from tests.export.helpers import RECIPE, assert_nothing_half_written, meta_of, rows_of, run, tree
from tests.photos import crop, save

# What is written


def test_a_data_set_has_the_described_files(quiet):
    names = list(tree(quiet))
    assert {name.split("/")[0] for name in names} == {
        "checksums.sha256", "export.toml", "hr", "lr", "manifest.csv", "meta", "meta_info",
        "meta_info.txt", "recipe.toml",
    }  # fmt: skip
    assert [name for name in names if name.startswith("meta/")] == [
        "meta/motor.txt", "meta/sub/grass.txt", "meta/sub/man.txt"
    ]  # fmt: skip
    assert_nothing_half_written(quiet)


def test_the_manifest_has_the_columns_and_sorted_rows(quiet):
    text = (quiet / "manifest.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == ",".join(COLUMNS)
    rows = rows_of(quiet)
    places = [(row["image"], int(row["y"]), int(row["x"])) for row in rows]
    assert places == sorted(places)
    assert {row["image"] for row in rows} == {"motor.png", "sub/grass.png", "sub/man.bmp"}
    for row in rows:
        assert row["hr"].startswith("hr/" + row["image"].rsplit(".", 1)[0] + "_x")
        assert row["lr"] == "lr/" + row["hr"].removeprefix("hr/")


def test_the_recipe_that_is_written_is_the_recipe(quiet):
    assert load_recipe(quiet / "recipe.toml") == RECIPE


def test_the_text_files_agree_with_the_manifest(quiet):
    rows = rows_of(quiet)
    for stem in ("motor", "sub/grass", "sub/man"):
        mine = [row for row in rows if row["image"].startswith(stem)]
        told = meta_of(quiet, stem)
        assert told["kept pairs"] == str(len(mine)) != "0"
        mean = sum(float(row["psnr"]) for row in mine) / len(mine)
        assert float(told["mean PSNR"].split()[0]) == pytest.approx(mean, abs=1e-4)
        mean = sum(float(row["ssim"]) for row in mine) / len(mine)
        assert float(told["mean SSIM"]) == pytest.approx(mean, abs=2e-6)


def test_the_state_tells_how_it_went(photos, out):
    states: list[ExportState] = []
    final = run(photos, out, on_state=states.append)
    assert [state.done for state in states] == [0, 1, 2, 3]
    assert (final.images, final.done, final.already) == (3, 3, 0)
    assert final.pairs == len(rows_of(out)) == states[-1].pairs
    assert [state.pairs for state in states] == sorted(state.pairs for state in states)
    assert [state.seconds_left for state in states] == [None, None, None, 0]
    assert final.rate == pytest.approx(final.pairs / final.seconds)
    assert not final.cancelled
    assert ("motor.png", "trimmed from 181 x 170 to 180 x 168 px") in final.notes


@pytest.mark.parametrize("format", ["png", "tiff", "webp"])
def test_another_format_has_the_same_rows_under_other_endings(photos, quiet, out, format):
    run(photos, out, format=format)
    suffix = ".tif" if format == "tiff" else f".{format}"
    expected = [
        {key: value.replace(".bmp", suffix) if key in ("hr", "lr") else value
         for key, value in row.items()}
        for row in rows_of(quiet)
    ]  # fmt: skip
    assert rows_of(out) == expected
    assert_nothing_half_written(out)


def test_an_unknown_format_is_refused_with_what_there_is(photos, out):
    with pytest.raises(ExportError, match="format = 'jpg': allowed is one of png, bmp, tiff, webp"):
        run(photos, out, format="jpg")
    assert not out.exists()


# The same bytes, whatever happens on the way


def test_the_order_of_the_inputs_does_not_matter(photos, quiet, out):
    run([photos / "sub", photos], out)  # a folder within a folder that is given too
    assert tree(out) == tree(quiet)
    one, other = out.parent / "one", out.parent / "other"
    files = [photos / "motor.png", photos / "sub" / "man.bmp"]
    run(files, one)
    run(files[::-1], other)
    assert tree(one) == tree(other)


@pytest.mark.parametrize("jobs", [1, 2])
def test_cancelled_after_the_first_image_then_continued(photos, quiet, out, jobs):
    progress = Progress()

    def stop(state: ExportState) -> None:
        if state.done:
            progress.cancel.set()

    state = run(photos, out, jobs=jobs, progress=progress, on_state=stop)
    assert state.cancelled or (jobs == 2 and state.done == 3)
    assert (state.in_set is None) == state.cancelled
    assert state.failures == ()
    assert 0 < state.pairs == len(rows_of(out))
    assert_nothing_half_written(out)
    again = run(photos, out, jobs=jobs)
    assert again.already == state.done
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize(("image", "pair"), [(1, 1), (1, 5), (2, 3), (3, 2)])
def test_cancelled_within_an_image_then_continued(photos, quiet, out, image, pair):
    written = []
    progress = Progress()

    def report(stage: str, done: int, total: int) -> None:
        written.append((stage, done))
        if written.count(("write", pair)) == image:
            progress.cancel.set()

    progress = Progress(report, progress.cancel)
    state = run(photos, out, progress=progress)
    assert state.cancelled
    assert state.done == image - 1
    assert state.failures == ()
    assert_nothing_half_written(out)
    assert len(list((out / "meta").rglob("*.txt"))) == image - 1
    run(photos, out)
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize("jobs", [1, 2])
def test_cancelled_before_it_begins(photos, out, jobs):
    progress = Progress()
    progress.cancel.set()
    state = run(photos, out, jobs=jobs, progress=progress)
    assert state.cancelled
    assert (state.done, state.pairs) == (0, 0)
    assert not out.exists()


def forget_run_file(out: Path) -> Path:
    """Let `out` look as if it had been copied without its run file; return `out`."""
    (out / RUN_FILE).unlink()
    return out


def test_a_part_of_a_copied_data_set_is_continued_to_the_same_bytes(photos, quiet, out):
    # Images with and without text file, rows of one image only, and pairs that are lost or torn.
    shutil.copytree(quiet, out)
    forget_run_file(out)
    rows = rows_of(out)
    lines = (out / "manifest.csv").read_text().splitlines(keepends=True)
    (out / "manifest.csv").write_text("".join(line for line in lines if "/" not in line[:9]))
    (out / "meta" / "sub" / "grass.txt").unlink()
    (out / "meta" / "sub" / "man.txt").unlink()
    for row in rows:
        if row["image"] == "sub/man.bmp" and int(row["y"]) > 40:
            (out / row["hr"]).unlink()
            (out / row["lr"]).unlink()
    (out / rows[-1]["hr"]).write_bytes(b"BM torn")
    state = run(photos, out)
    assert state.already == 1
    assert tree(out) == tree(quiet)


def touched(folder: Path) -> None:
    for path in folder.rglob("*.*"):
        os.utime(path, (1, 1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_what_looks_changed_is_read_again_and_by_the_workers(
    copies, quiet, out, monkeypatch, jobs
):
    run(copies, out)
    reports = []
    progress = Progress(lambda *what: reports.append(what))
    assert run(copies, out, progress=progress, jobs=jobs).already == 3
    assert "compare" not in [what[0] for what in reports]
    touched(copies)
    assert run(copies, out, progress=progress, jobs=jobs).already == 3
    assert [what for what in reports if what[0] == "compare"] == [
        ("compare", number, 3) for number in (1, 2, 3)
    ]
    monkeypatch.setattr(runner, "mark_files", None)  # would fail if a file were read
    assert run(copies, out).already == 3
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize("jobs", [1, 2])
def test_cancelled_while_it_compares_then_continued(copies, quiet, out, jobs, monkeypatch):
    def one_at_a_time(*arguments):  # else all may be compared before anybody can cancel
        workers = own_workers(*arguments)
        workers.most = 1
        return workers

    own_workers = runner.own_workers
    monkeypatch.setattr(runner, "own_workers", one_at_a_time)
    run(copies, out)
    touched(copies)
    progress = Progress()

    def report(stage: str, done: int, total: int) -> None:
        if stage == "compare":
            progress.cancel.set()

    progress = Progress(report, progress.cancel)
    state = run(copies, out, progress=progress, jobs=jobs)
    assert state.cancelled
    assert (state.done, state.failures) == (0, ())
    assert tree(out) == tree(quiet)
    assert run(copies, out).already == 3


def test_cancel_is_heard_within_a_file_that_is_compared(copies, out, monkeypatch):
    run(copies, out)
    touched(copies)
    compared = []
    progress = Progress(lambda stage, *counts: compared.append(stage))

    def begin(files, *given):
        progress.cancel.set()
        return mark_files(files, *given)

    monkeypatch.setattr(runner, "mark_files", begin)
    assert run(copies, out, progress=progress, jobs=1).cancelled
    assert "compare" not in compared


def test_another_image_of_the_same_name_takes_nobodys_pairs(copies, quiet, out, tmp_path):
    run(copies, out)
    other = tmp_path / "elsewhere"
    other.mkdir()
    save(crop("motorcycle", 300, 100, 90, 100), other / "motor.png")
    with pytest.raises(ExportError, match=r"other images under the same names \(motor\.png\)"):
        run([other], out)
    assert tree(out) == tree(quiet)


def test_two_exports_do_not_write_into_one_folder(photos, quiet, out):
    refused = []

    def second(state):
        if not refused:
            with pytest.raises(ExportError, match="another export is writing into this folder"):
                run(photos, out)
            refused.append(state)

    run(photos, out, on_state=second)
    assert refused
    assert tree(out) == tree(quiet)


def test_who_wrote_last_is_not_named_where_another_program_has_the_lock(photos, out):
    run(photos, out)
    with contextlib.closing(sqlite3.connect(out / RUN_FILE, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM about").fetchall()
        with pytest.raises(InUseError, match="another program is using the run file"):
            run(photos, out)


def test_what_was_finished_when_others_are_cancelled_counts(photos, out):
    progress = Progress()

    def stop(state):
        if state.done:
            progress.cancel.set()

    state = run(photos, out, jobs=2, progress=progress, on_state=stop)
    assert state.cancelled
    assert_nothing_half_written(out)


def test_a_file_that_cannot_be_compared_is_done_again(copies, quiet, out, monkeypatch):
    run(copies, out)
    os.utime(copies / "motor.png", (1, 1))

    def refuse(files, progress=None):
        raise ReadError("Input/output error", path=files[0])

    monkeypatch.setattr(runner, "mark_files", refuse)
    assert (state := run(copies, out)).exported == 1
    assert state.already == 2
    assert tree(out) == tree(quiet)


def test_a_source_that_has_become_unreadable_leaves_no_stale_pairs(copies, out):
    run(copies, out)
    (copies / "motor.png").write_text("no picture any more")
    state = run(copies, out, overwrite=True)
    assert [Path(failure.image).name for failure in state.failures] == ["motor.png"]
    assert {row["image"] for row in rows_of(out)} == {"sub/grass.png", "sub/man.bmp"}
    assert not [name for name in tree(out) if name.startswith("hr/motor")]


# Another recipe


def test_another_recipe_is_refused_with_the_keys_that_differ(photos, quiet, out):
    shutil.copytree(quiet, out)
    with pytest.raises(ExportError) as caught:
        run(photos, out, recipe=RECIPE.replace(min_keypoints=9, error_margin=0.1))
    message = str(caught.value)
    assert message.startswith(f"{out}: holds pairs of another recipe")
    assert "min_keypoints 8 there, 9 here" in message
    assert "error_margin 0.05 there, 0.1 here" in message
    assert "stride" not in message
    assert "overwrite" in message
    assert tree(out) == tree(quiet)


def test_another_format_is_refused(photos, quiet, out):
    shutil.copytree(quiet, out)
    with pytest.raises(ExportError, match="holds pairs in format bmp, not png"):
        run(photos, out, format="png")
    assert tree(out) == tree(quiet)


def test_overwriting_replaces_what_was_written_and_nothing_else(photos, quiet, out):
    shutil.copytree(quiet, out)
    foreign = {
        "hr/mine.bmp": b"mine",
        "lr/sub/mine.txt": b"mine",
        "meta/notes.txt": b"my own notes, not of sha256: anything",
        "readme.md": b"mine",
        "hr/motor_x99999_y99999.bmp": b"mine, though it looks like theirs",
    }
    for name, data in foreign.items():
        (out / name).write_bytes(data)
    recipe = RECIPE.replace(min_keypoints=15)
    run(photos, out, recipe=recipe, overwrite=True)
    fresh = out.with_name("fresh")
    run(photos, fresh, recipe=recipe)
    assert tree(out) == tree(fresh) | foreign
    assert load_recipe(out / "recipe.toml") == recipe


@pytest.mark.parametrize("place", ["hr/sub", "lr", "meta/sub/man.txt", "manifest.csv", "lr.lmdb"])
@pytest.mark.parametrize("run_file", [True, False])
def test_overwriting_is_refused_before_anything_is_removed(
    photos, quiet, out, tmp_path, place, run_file
):
    shutil.copytree(quiet, out)
    if not run_file:
        (out / RUN_FILE).unlink()
    if (out / place).exists():
        (out / place).rename(tmp_path / "moved")
    (out / place).symlink_to(tmp_path / "moved")
    before = {path: os.lstat(path).st_mtime_ns for path in out.rglob("*") if path.is_file()}
    before.pop(out / RUN_FILE, None)
    new = "lmdb" if place == "lr.lmdb" else "bmp"
    with pytest.raises(ExportError, match=r"a link in the place of a (plain file|folder)"):
        run(photos, out, new, RECIPE.replace(min_keypoints=15), overwrite=True)
    assert all(os.lstat(path).st_mtime_ns == time for path, time in before.items())
    (out / place).unlink()
    if (tmp_path / "moved").exists():
        (tmp_path / "moved").rename(out / place)
    assert run(photos, out).exported == 0  # all of it still counts
    assert tree(out) == tree(quiet)


def test_a_refused_export_puts_nothing_back(photos, quiet, out):
    shutil.copytree(quiet, out)
    (out / "recipe.toml").unlink()
    (out / "export.toml").unlink()
    before = tree(out)
    with pytest.raises(ConflictError, match="min_keypoints 8 there, 15 here"):
        run(photos, out, recipe=RECIPE.replace(min_keypoints=15))
    with pytest.raises(ConflictError, match="holds pairs in format bmp, not png"):
        run(photos, out, "png")
    assert tree(out) == before
    assert run(photos, out).exported == 0
    assert tree(out) == tree(quiet)


def test_overwriting_with_another_format_leaves_none_of_the_old(photos, quiet, out):
    shutil.copytree(quiet, out)
    run(photos, out, format="png", overwrite=True)
    assert not list(out.rglob("*.bmp"))
    assert_nothing_half_written(out)


def test_overwriting_forgets_images_that_are_not_given_any_more(photos, quiet, out):
    shutil.copytree(quiet, out)
    run(photos / "motor.png", out, recipe=RECIPE.replace(min_keypoints=9), overwrite=True)
    assert {row["image"] for row in rows_of(out)} == {"motor.png"}
    assert_nothing_half_written(out)


def test_overwriting_with_the_same_recipe_does_nothing(photos, quiet, out):
    shutil.copytree(quiet, out)
    assert run(photos, out, overwrite=True).already == 3
    assert tree(out) == tree(quiet)


def test_a_recipe_file_that_is_damaged_stops_before_anything_is_written(photos, quiet, out):
    shutil.copytree(quiet, out)
    (out / "recipe.toml").write_text("scale = ")
    before = tree(out)
    with pytest.raises(Exception, match=r"recipe\.toml: not a TOML file"):
        run(photos, out)
    assert tree(out) == before


# Names


def test_names_that_clash_are_told_apart(tmp_path, out):
    folder = tmp_path / "in"
    save(crop("grass", 0, 0, 60, 60), folder / "a.png")
    save(crop("grass", 100, 0, 60, 60), folder / "a.jpg")
    state = run(folder, out)
    assert state.failures == ()
    rows = rows_of(out)
    assert {row["image"] for row in rows} == {"a.png", "a.jpg"}
    for row in rows:
        assert row["hr"].startswith(f"hr/a_{row['image'][-3:]}_x")
    assert sorted(path.name for path in (out / "meta").iterdir()) == ["a_jpg.txt", "a_png.txt"]
    assert_nothing_half_written(out)


def test_equal_names_in_two_folders_are_told_apart(tmp_path, out):
    for folder, x in (("one", 0), ("two", 200)):
        save(crop("grass", x, 0, 60, 60), tmp_path / folder / "a.png")
    run([tmp_path / "one", tmp_path / "two"], out)
    assert {row["image"] for row in rows_of(out)} == {"one/a.png", "two/a.png"}
    assert_nothing_half_written(out)


def test_spaces_commas_and_letters_of_other_scripts(tmp_path, out):
    name = '写真, мой "файл" ñ\' #1.png'
    save(crop("grass", 0, 0, 60, 60), tmp_path / "in" / "папка" / name)
    run(tmp_path / "in", out)
    assert {row["image"] for row in rows_of(out)} == {f"папка/{name}"}
    assert_nothing_half_written(out)
    before = tree(out)
    assert run(tmp_path / "in", out).already == 1
    assert tree(out) == before


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_unicode(tmp_path, out):
    folder = tmp_path / "in"
    folder.mkdir()
    data = save(crop("grass", 0, 0, 60, 60), tmp_path / "a.png").read_bytes()
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(data)
    except OSError:
        pytest.skip("this file system takes no such name")
    state = run(folder, out, jobs=1)
    assert state.failures == ()
    assert state.pairs > 0
    assert {row["image"] for row in rows_of(out)} == {"caf\\xe9.png"}
    assert all(re.match(r"hr/caf_xe9~[0-9a-f]{8}_x", row["hr"]) for row in rows_of(out))
    before = tree(out)
    assert run(folder, out).already == 1
    assert tree(out) == before


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)])
def test_a_name_that_leaves_no_room_for_more(tmp_path, photos, out, format, executor):
    folder = tmp_path / "in"
    names = [f"{'n' * 246}.png", f"{'n' * 245}m.png", f"я{'я' * 122}.png"]
    try:
        for x, name in enumerate(names):
            save(crop("grass", 40 * x, 0, 60, 60), folder / "sub" / name)
    except OSError:
        pytest.skip("this file system takes no such name")
    shutil.copy(photos / "motor.png", folder)
    state = run(folder, out, format=format, executor=executor)
    assert state.failures == ()
    rows = rows_of(out)
    assert {row["image"] for row in rows} == {"motor.png", *(f"sub/{name}" for name in names)}
    if format in FORMATS[:4]:
        assert_nothing_half_written(out)
    before = tree(out)
    assert run(folder, out, format=format).already == 4
    # Begun again, which removes all that it had.
    save(crop("grass", 200, 0, 60, 60), folder / "sub" / names[0])
    run(folder, out, format=format, overwrite=True)
    run(folder, out.with_name("fresh"), format=format)
    assert tree(out) == tree(out.with_name("fresh")) != before


def test_an_output_inside_the_input_is_not_its_own_input(copies, quiet):
    out = copies / "out"
    for _ in range(2):
        state = run(copies, out)
        assert state.images == 3
    assert tree(out) == tree(quiet)


# What fails


@pytest.mark.parametrize("jobs", [1, 2])
def test_bad_images_among_good_ones(copies, quiet, out, jobs):
    (copies / "broken.png").write_text("no picture")
    (copies / "sub" / "empty.jpg").touch()
    save(crop("coffee", 0, 0, 20, 100), copies / "thin.png")
    state = run([copies, copies / "missing.png"], out, jobs=jobs)
    assert (state.images, state.done) == (7, 7)
    causes = {Path(failure.image).name: failure.cause for failure in state.failures}
    assert causes.keys() == {"broken.png", "empty.jpg", "thin.png", "missing.png"}
    assert causes["broken.png"] == "not an image in a format that is read"
    assert causes["empty.jpg"] == "the file is empty"
    assert "20 x 100 px" in causes["thin.png"]
    assert "33 x 33 px" in causes["thin.png"]
    assert causes["missing.png"] == "No such file or directory"
    assert tree(out) == tree(quiet)


def test_an_empty_folder_is_a_failure_with_its_cause(tmp_path, out):
    (tmp_path / "empty").mkdir()
    state = run(tmp_path / "empty", out)
    assert state.images == 0
    assert [failure.image for failure in state.failures] == [str(tmp_path / "empty")]
    assert "no images in this folder" in state.failures[0].cause


def test_an_unexpected_error_of_one_image_spares_the_others(copies, out, monkeypatch):
    whole = image_module.analyse_file

    def fail(path, *args, **options):
        if path.name == "motor.png":
            raise ZeroDivisionError("float division by zero")
        return whole(path, *args, **options)

    monkeypatch.setattr(image_module, "analyse_file", fail)
    state = run(copies, out)
    (failure,) = state.failures
    assert failure.cause == "unexpected ZeroDivisionError: float division by zero"
    assert {row["image"] for row in rows_of(out)} == {"sub/grass.png", "sub/man.bmp"}


@pytest.mark.parametrize("good", [0, 7, 40, 70])
def test_a_disk_that_is_full_half_way(photos, quiet, out, monkeypatch, good):
    calls = [0]
    sizes: list[int] = []

    def write(handle: int, data: memoryview) -> int:
        calls[0] += 1
        if calls[0] > good:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sizes.append(len(data))
        return os.write(handle, data)

    monkeypatch.setattr(image_module, "os", SimpleNamespace(**vars(os) | {"write": write}))
    assert good < 2 * len(rows_of(quiet))
    states: list[ExportState] = []
    state = run(photos, out, on_state=states.append)
    (failure,) = state.failures
    assert "No space left on device" in failure.cause
    assert "make room" in failure.cause
    assert calls[0] == good + 1  # no further image was tried
    assert not state.cancelled
    assert_nothing_half_written(out)
    finished = {row["image"] for row in rows_of(out)}
    assert len(finished) == state.done - 1
    monkeypatch.undo()
    again = run(photos, out)
    assert again.already == len(finished)
    assert again.failures == ()
    assert tree(out) == tree(quiet)


def test_those_who_work_may_go_while_what_all_images_share_is_written(photos, out, monkeypatch):
    happened = []

    class Watched(ThisProcess):
        end = lambda self: happened.append("end")  # noqa: E731
        close = lambda self: happened.append("close")  # noqa: E731

    class Written(data_set.DataSet):
        def complete(self, progress):
            happened.append("complete")
            return super().complete(progress)

    monkeypatch.setattr(runner, "DataSet", Written)
    monkeypatch.setattr(
        runner, "own_workers", lambda jobs, tasks, progress, begun: Watched(progress)
    )
    run(photos, out)
    assert happened == ["end", "complete", "close"]


def test_a_disk_that_is_full_when_an_image_is_noted(photos, quiet, out, monkeypatch):
    class Full(data_set.DataSet):
        def add(self, written):
            base = self._run_file
            room = 0 if written.image.name == "sub/grass.png" else 1000
            base.pragma(f"max_page_count = {base.pragma('page_count') + room}")
            noted = super().add(written)
            base.pragma("max_page_count = 100000")
            return noted

    monkeypatch.setattr(runner, "DataSet", Full)
    state = run(photos, out)
    (failure,) = state.failures
    assert "full; make room, then export again" in failure.cause
    assert (state.exported, state.done) == (1, 2)
    assert_nothing_half_written(out)
    monkeypatch.undo()
    assert run(photos, out).already == 1
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize("name", ["write_rows", "write_checksums"])
def test_a_manifest_that_cannot_be_written_costs_no_row(photos, quiet, out, monkeypatch, name):
    def write(path: Path, *more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(rendering, name, write)
    with pytest.raises(RunStopped, match=r"No space left on device; make room"):
        run(photos, out)
    monkeypatch.undo()
    state = run(photos, out)
    assert state.already == 3
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize("answer", [[("wal",)], ExportError("disk I/O error", path=RUN_FILE)])
def test_a_log_that_cannot_be_written_into_the_run_file_is_told(
    photos, quiet, out, monkeypatch, answer
):
    rows = RunFile.rows

    def refuse(run_file: RunFile, query: str, values: object = ()) -> object:
        if query != "PRAGMA journal_mode = DELETE":
            return rows(run_file, query, values)
        if isinstance(answer, ExportError):
            raise answer
        return answer

    monkeypatch.setattr(RunFile, "rows", refuse)
    with pytest.raises(ExportError, match=rf"{RUN_FILE}: (its log cannot|disk I/O error)"):
        run(photos, out)
    monkeypatch.undo()
    assert run(photos, out).already == 3
    assert tree(out) == tree(quiet)


def test_an_output_that_is_a_file(photos, tmp_path):
    file = tmp_path / "out"
    file.write_text("mine")
    with pytest.raises(ExportError, match=r"out.*not a folder"):
        run(photos, file)
    assert file.read_text() == "mine"


def test_an_output_below_a_file(photos, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportError, match="Not a directory"):
        run(photos, tmp_path / "file" / "out")


def test_an_output_without_permission(photos, out, monkeypatch):
    # By a stand-in, since root may write anywhere.
    def refuse(path: Path, *args, **options) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ExportError, match=r"out.*: Permission denied"):
        run(photos, out)


def test_a_read_only_output(photos, tmp_path):
    out = tmp_path / "locked"
    out.mkdir(mode=0o555)
    if os.access(out, os.W_OK):
        pytest.skip("this user may write into read-only folders")
    with pytest.raises(ExportError, match="Permission denied"):
        run(photos, out)
    assert list(out.iterdir()) == []


def test_pairs_without_permission_fail_image_by_image(photos, out, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(image_module, "new_file", refuse)
    state = run(photos, out)
    assert len(state.failures) == 3
    assert all("Permission denied" in failure.cause for failure in state.failures)
    assert rows_of(out) == []


def die_at_once(image, progress, *, target, whole):
    if image.name == "motor.png":
        os._exit(9)
    return runner.export_image(image, target, progress, whole=whole)


def die_after_three_pairs(image, progress, *, target, whole):
    def report(stage: str, done: int, total: int) -> None:
        if image.name == "motor.png" and (stage, done) == ("write", 3):
            os._exit(9)

    return runner.export_image(image, target, Progress(report), whole=whole)


# Killers are pickled by name: the workers find them in this very module.
@pytest.mark.parametrize("killer", [die_at_once, die_after_three_pairs])
def test_a_process_that_dies_spares_the_other_images(copies, quiet, out, monkeypatch, killer):
    monkeypatch.setattr(runner, "_export", killer)
    state = run(copies, out, jobs=2)
    (failure,) = state.failures
    assert Path(failure.image).name == "motor.png"
    assert "died three times" in failure.cause
    assert {row["image"] for row in rows_of(out)} == {"sub/grass.png", "sub/man.bmp"}
    assert_nothing_half_written(out)
    monkeypatch.undo()
    run(copies, out, jobs=2)
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("format", ["bmp", "lmdb"])
def test_an_output_that_vanishes(photos, out, format, jobs):
    def vanish(state: ExportState) -> None:
        while state.done == 1 and out.exists():
            shutil.rmtree(out, ignore_errors=True)  # workers write into it meanwhile

    with contextlib.suppress(RunStopped):
        state = run(photos, out, format=format, jobs=jobs, on_state=vanish)
        assert "vanished" in state.failures[0].cause
    assert not out.exists()
    fresh = out.with_name("fresh")
    for folder in (out, fresh):
        run(photos, folder, format=format, jobs=jobs)
    assert tree(out) == tree(fresh)


def test_a_data_set_without_its_run_file_is_adopted(photos, quiet, out):
    shutil.copytree(quiet, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*_x*")}
    forget_run_file(out)
    assert run(photos, out).already == 3
    assert tree(out) == tree(quiet)
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*_x*")}
    # As an older srviewer left it: without checksums.
    forget_run_file(out)
    (out / "checksums.sha256").unlink()
    assert run(photos, out).already == 3
    whole = tree(out)
    kept = [name for name in whole if name != "checksums.sha256"]
    assert [whole[name] for name in kept] == [tree(quiet)[name] for name in kept]
    told = dict(read_checksums(out))
    assert {name: told[name] for name in dict(read_checksums(quiet))} == told
    for name, digest in told.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest


def test_checksums_that_came_with_a_copy_are_kept_though_a_pair_was_damaged(photos, quiet, out):
    shutil.copytree(quiet, out)
    forget_run_file(out)
    name = rows_of(out)[3]["hr"]
    (out / name).write_bytes((out / name).read_bytes()[:-9] + bytes(9))
    run(photos, out)
    assert (out / "checksums.sha256").read_bytes() == tree(quiet)["checksums.sha256"]


def test_rows_that_are_lost_are_done_again(photos, quiet, out):
    shutil.copytree(quiet, out)
    lines = (out / "manifest.csv").read_text().splitlines(keepends=True)
    (out / "manifest.csv").write_text("".join(line for line in lines if "motor" not in line))
    assert run(photos, out).already == 3  # the run file has them
    assert tree(out) == tree(quiet)
    (out / "manifest.csv").write_text("".join(line for line in lines if "motor" not in line))
    state = run(photos, forget_run_file(out))
    assert (state.already, state.exported) == (2, 1)
    assert tree(out) == tree(quiet)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("33,33,4", "33,40,4", "height: expected 33, found 40"),
        ("hr/motor", "hr/../../motor", "expected places within the data set, found hr/"),
        (",0,0,", ",0,nil,", "y: expected a whole number, found 'nil'"),
        ("image,hr", "picture,hr", "not the columns: expected image,hr,"),
        ("\nmotor.png", "\nmotor.png,and more", "not a row: expected 12 cells, found 13 cells"),
    ],
)
def test_a_manifest_that_is_not_whole_is_not_adopted(photos, quiet, out, old, new, message):
    shutil.copytree(quiet, out)
    text = (out / "manifest.csv").read_text()
    assert old in text
    (forget_run_file(out) / "manifest.csv").write_text(text.replace(old, new, 1))
    before = tree(out)
    with pytest.raises(ExportError, match=rf"manifest\.csv: .*{message}"):
        run(photos, out)
    assert tree(out) == before


def test_a_run_file_left_where_all_else_was_removed_has_no_meaning(photos, quiet, out):
    shutil.copytree(quiet, out)
    for path in out.glob("[!.]*"):  # as ``rm -r out/*`` does
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    other = RECIPE.replace(min_keypoints=12)
    assert run(photos, out, recipe=other).already == 0
    run(photos, out.with_name("fresh"), recipe=other)
    assert tree(out) == tree(out.with_name("fresh"))


def test_pairs_that_are_lost_with_their_folder_are_done_again(photos, quiet, out):
    shutil.copytree(quiet, out)
    shutil.rmtree(out / "hr" / "sub")
    state = run(photos, out)
    assert (state.already, state.exported) == (1, 2)
    assert tree(out) == tree(quiet)


# The article's pairs


def test_the_article_preset_writes_the_pairs_that_inspect_counts(data_dir, out):
    state = run(data_dir / "set14" / "baboon.bmp", out, recipe=PRESETS["article"])
    assert state.pairs == len(rows_of(out)) == 130
    told = meta_of(out, "baboon")
    assert told["HR box"] == "92 64 440 400"
    assert told["mean PSNR"] == "20.0747 dB"
    assert float(told["mean SSIM"]) == pytest.approx(0.391041, abs=1e-6)


def test_images_without_pairs_count_as_done(tmp_path, out):
    save(crop("rocket", 0, 0, 60, 60), tmp_path / "in" / "sky.png")
    state = run(tmp_path / "in", out, recipe=Recipe())
    assert (state.done, state.pairs, state.failures) == (1, 0, ())
    assert any("no box, so no pairs" in note for _, note in state.notes)
    assert run(tmp_path / "in", out, recipe=Recipe()).already == 1
    assert_nothing_half_written(out)


# Made by another version


def set_versions(out: Path, **changes: str | None) -> None:
    """Let `out` look as if it had been made with other versions."""
    versions = {**VERSIONS, **changes}
    versions = {name: version for name, version in versions.items() if version is not None}
    with contextlib.closing(sqlite3.connect(out / RUN_FILE)) as base, base:
        base.execute("UPDATE image SET versions = ?", (json.dumps(versions),))
    (out / "export.toml").write_text(
        export_toml("bmp", resolve("bmp", Options(), RECIPE), versions)
    )


@pytest.mark.parametrize("with_run_file", [True, False])
@pytest.mark.parametrize("reading", [None, "1", "99"])
def test_pairs_of_images_that_were_read_otherwise_are_never_gone_on_with(
    photos, quiet, out, reading, with_run_file
):
    shutil.copytree(quiet, out)
    set_versions(out, reading=reading)
    if not with_run_file:
        forget_run_file(out)
    before = tree(out)
    with pytest.raises(ConflictError, match="pairs of another version, which read images other"):
        run(photos, out)
    assert tree(out) == before
    assert run(photos, out, overwrite=True).exported == 3
    assert tree(out) == tree(quiet)
    assert run(photos, out).already == 3


def test_a_run_file_says_no_more_of_versions_than_is_ever_written(photos, quiet, out):
    shutil.copytree(quiet, out)
    with contextlib.closing(sqlite3.connect(out / RUN_FILE)) as base, base:
        base.execute("UPDATE image SET versions = ?", (json.dumps({"numpy": "1" * 100_000}),))
    before = tree(out)
    with pytest.raises(ExportError, match=r"a damaged run file: more than 65\.5 kB of text"):
        run(photos, out)
    assert tree(out) == before


def test_other_libraries_are_a_note(photos, quiet, out):
    shutil.copytree(quiet, out)
    set_versions(out, Pillow="1.2.3")
    state = run(photos, out)
    assert state.already == 3
    assert [note for _, note in state.notes if "Pillow 1.2.3 there" in note]
    forget_run_file(out)
    assert "Pillow 1.2.3 there" in " ".join(note for _, note in run(photos, out).notes)
