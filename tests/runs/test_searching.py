"""The search of a folder: what it finds, follows, and says that it passed over."""

import os
import stat
from pathlib import Path

import pytest

from srviewer.export.runner import export
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.suffixes import EXTRAS, SUFFIXES
from srviewer.runs import searching
from srviewer.runs.inputs import collect, images_in
from srviewer.survey.runner import survey
from tests.photos import crop, save

links = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def search(folder: Path, **more) -> tuple[list[str], list[str]]:
    """Return the names that are found, and what is said."""
    notes: list[str] = []
    found = images_in(folder, on_note=notes.append, **more)
    return [path.relative_to(folder).as_posix() for path in found], notes


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_that_is_read_counts(tmp_path, suffix):
    touch(tmp_path, f"a{suffix}", f"B{suffix.upper()}")
    assert search(tmp_path) == ([f"B{suffix.upper()}", f"a{suffix}"], [])


def test_what_is_passed_over_is_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "SUFFIXES", SUFFIXES - EXTRAS.keys())
    touch(tmp_path, "a.png", "1.heic", "2.HEIC", "sub/3.heic", "b.CR2", "sub/c.cr2", "d.txt")
    touch(tmp_path, ".hidden.heic", "sub/.git/e.nef")
    found, notes = search(tmp_path)
    assert found == ["a.png"]
    assert notes == ["passed over: 2 .cr2, 3 .heic (pip install 'srviewer[heif]')"]


@links
def test_linked_folders_are_followed_and_loops_are_not(tmp_path):
    touch(tmp_path / "elsewhere", "a.png", "deep/b.png")
    folder = tmp_path / "in"
    touch(folder, "c.png", "sub/d.png")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "sub" / "again").symlink_to(tmp_path / "elsewhere" / "deep")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "above").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder / "self")
    (tmp_path / "elsewhere" / "back").symlink_to(folder)
    found, notes = search(folder)
    assert found == ["c.png", "link/a.png", "link/deep/b.png", "sub/d.png"]
    assert notes == ["passed over: 4 linked folders"]  # again, up, above, back


@links
def test_a_web_of_links_is_searched_once(tmp_path):
    folders = [tmp_path / "out" / str(number) for number in range(30)]
    for folder in folders:
        touch(folder, "a.png")
    for folder in folders:
        for other in folders:
            (folder / f"to{other.name}").symlink_to(other)
    touch(tmp_path / "in", "b.png")
    (tmp_path / "in" / "first").symlink_to(folders[0])
    found, _ = search(tmp_path / "in")
    assert len(found) == 31


@links
def test_what_is_no_plain_file_is_no_image(tmp_path):
    touch(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "good.png").symlink_to(tmp_path / "a.png")
    found, notes = search(tmp_path)
    assert found == ["a.png", "good.png"]
    assert notes == ["passed over: 2 .png (no plain file)"]


def test_a_folder_that_may_not_be_read_is_told(tmp_path):
    touch(tmp_path, "a.png", "shut/b.png")
    (tmp_path / "shut").chmod(0)
    try:
        if os.access(tmp_path / "shut", os.R_OK):
            pytest.skip("this user may read everything")
        assert search(tmp_path) == (["a.png"], ["passed over: 1 folder (Permission denied)"])
        (tmp_path / "shut").chmod(stat.S_IRUSR)
        assert search(tmp_path)[0] == ["a.png"]
    finally:
        (tmp_path / "shut").chmod(0o700)


@links
def test_an_output_that_is_linked_is_no_input(tmp_path):
    touch(tmp_path / "in", "a.png")
    touch(tmp_path / "out", "hr/a.png", "hr/b.heic")
    (tmp_path / "in" / "pairs").symlink_to(tmp_path / "out")
    assert search(tmp_path / "in", leave_out=tmp_path / "out") == (["a.png"], [])


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_names_that_no_file_can_have_are_told(tmp_path, name):
    save(crop("grass", 0, 0, 100, 100), tmp_path / "a.png")
    inputs, failures = collect([tmp_path / name, tmp_path / "a.png"])
    assert [image.path.name for image in inputs] == ["a.png"]
    assert [failure.cause for failure in failures] == ["a name that no file has"]
    state = survey([tmp_path / name, tmp_path / "a.png"], tmp_path / "s", Recipe(stride=30), jobs=1)
    assert (state.surveyed, len(state.failures)) == (1, 1)
    state = export([tmp_path / name, tmp_path / "a.png"], tmp_path / "o", Recipe(), jobs=1)
    assert (state.exported, len(state.failures)) == (1, 1)


@pytest.mark.parametrize("name", ["x" * 5000, "\udcff", "loop"])
def test_names_that_no_file_has_are_taken_for_files(tmp_path, name):
    if name == "loop" and os.name != "nt":
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
    inputs, failures = collect([tmp_path / name])
    assert [image.path.name for image in inputs] == [name]
    assert not failures


def test_the_command_line_tells_it(call, tmp_path):
    save(crop("grass", 0, 0, 100, 100), tmp_path / "in" / "a.png")
    touch(tmp_path, "in/b.cr2")
    words = "passed over: 1 .cr2"
    small = ("--crop", "whole", "--min-keypoints", 2, "--stride", 30, "--jobs", 1)
    for command, more in {
        "inspect": (),
        "export": ("--out", tmp_path / "out", "--jobs", 1, *small),
        "survey": ("--file", tmp_path / "s.sqlite", "--jobs", 1, *small),
    }.items():
        code, _, err = call(command, tmp_path / "in", *more)
        assert code == 0
        assert err.splitlines().count(f"note: {tmp_path / 'in'}: {words}") == 1


def test_a_folder_that_is_gone_is_told(tmp_path):
    notes = []
    assert images_in(tmp_path / "none", on_note=notes.append) == []
    assert notes == ["passed over: 1 folder (No such file or directory)"]


def data_set(folder: Path, *marks: str) -> None:
    touch(folder, "hr/patch.png", "lr/deep/patch.png", *marks)


def test_data_sets_are_passed_over_and_told(tmp_path):
    touch(tmp_path, "a.png", "sub/b.png", "c.cr2")
    data_set(tmp_path / "pairs", ".srviewer-export.sqlite")
    assert search(tmp_path) == (
        ["a.png", "sub/b.png"],
        ["passed over: 1 data set of srviewer (pairs/), 1 .cr2"],
    )
    data_set(tmp_path / "sub" / "copied", "recipe.toml", "export.toml")
    data_set(tmp_path / "old", "recipe.toml", "manifest.csv")
    data_set(tmp_path / "zebra", ".srviewer-export.sqlite")
    found, (note,) = search(tmp_path)
    assert found == ["a.png", "sub/b.png"]
    assert note.startswith("passed over: 4 data sets of srviewer (old/, pairs/, sub/copied/, ...)")


def test_a_data_set_that_is_named_is_searched(tmp_path):
    data_set(tmp_path, ".srviewer-export.sqlite")
    assert search(tmp_path) == (["hr/patch.png", "lr/deep/patch.png"], [])
    assert search(tmp_path / "hr") == (["patch.png"], [])


def test_a_recipe_beside_photographs_makes_no_data_set_of_them(tmp_path):
    touch(tmp_path, "in/a.png", "in/recipe.toml", "in2/b.png", "in2/manifest.csv")
    assert search(tmp_path) == (["in/a.png", "in2/b.png"], [])


@links
def test_links_into_a_data_set_are_passed_over(tmp_path):
    data_set(tmp_path / "pairs", ".srviewer-export.sqlite")
    touch(tmp_path / "in", "a.png")
    (tmp_path / "in" / "best").symlink_to(tmp_path / "pairs" / "lr" / "deep")
    found, notes = search(tmp_path / "in")
    assert found == ["a.png"]
    assert notes == ["passed over: 1 data set of srviewer (best/)"]
