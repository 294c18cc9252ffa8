"""Folders that were opened keep their subfolders in the data set, as on the command line."""

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.jobs.runner import stop_runners
from srviewer.gui.state.entry import Entry, with_images
from srviewer.gui.state.model import Model
from srviewer.gui.window import MainWindow
from srviewer.runs.inputs import Rooted
from tests.gui.helpers import find, open_paths, wait_for_analysis
from tests.gui.test_export_panel import choose, export, summary, tree
from tests.photos import crop, save


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder with images of one name in subfolders, and two that differ in the ending."""
    folder = tmp_path / "photos"
    save(crop("motorcycle", 200, 100, 250, 200), folder / "engine.png")
    save(crop("astronaut", 100, 0, 200, 200), folder / "portraits" / "engine.png")
    save(crop("motorcycle", 60, 60, 300, 260), folder / "portraits" / "engine.tiff")
    save(crop("chelsea", 60, 40, 240, 200), folder / "animals" / "deep" / "cat.png")
    return folder


def open_and_choose_all(qtbot: QtBot, window: MainWindow, *paths: Path) -> None:
    open_paths(qtbot, window, paths)
    wait_for_analysis(qtbot, window)
    choose(find(window, QComboBox, "export_images"), qtbot, "all")


def images_of(out: Path) -> set[str]:
    with open(out / "manifest.csv", encoding="utf-8", newline="") as file:
        return {row["image"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_opened_folder_gives_the_bytes_of_the_command_line(
    qtbot: QtBot, window: MainWindow, photos: Path, tmp_path: Path, jobs: int
) -> None:
    open_and_choose_all(qtbot, window, photos)
    window.export_settings.use("jobs", jobs)
    export(qtbot, window, tmp_path / "window")
    flags = ["--out", str(tmp_path / "cli"), "--jobs", str(3 - jobs)]
    assert main(["export", str(photos), *flags]) == 0
    mine = tree(tmp_path / "window")
    assert any(name.startswith("hr/animals/deep/cat_x") for name in mine)
    assert any(name.startswith("hr/portraits/engine_tiff_x") for name in mine)
    assert mine == tree(tmp_path / "cli")
    export(qtbot, window, tmp_path / "cli")
    assert "4 images done already" in summary(window), "one goes on with what the other did"


def test_two_folders_with_images_of_one_name(
    qtbot: QtBot, window: MainWindow, photos: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    save(crop("rocket", 100, 80, 200, 200), other / "engine.png")
    extra = save(crop("coffee", 20, 20, 200, 150), tmp_path / "cup.png")
    open_and_choose_all(qtbot, window, other, extra, photos)
    export(qtbot, window, tmp_path / "window")
    given = [str(path) for path in (photos, extra, other)]
    assert main(["export", "--jobs", "1", *given, "--out", str(tmp_path / "cli")]) == 0
    assert tree(tmp_path / "window") == tree(tmp_path / "cli")
    done = {path for path in tree(tmp_path / "window") if path.startswith("meta/")}
    assert {"meta/photos/engine.txt", "meta/other/engine.txt", "meta/cup.txt"} < done


def test_images_that_were_taken_off_the_list_are_not_exported(
    qtbot: QtBot, window: MainWindow, photos: Path, tmp_path: Path
) -> None:
    open_and_choose_all(qtbot, window, photos)
    gone = next(entry for entry in window.model.entries if entry.path.suffix == ".tiff")
    window.model.remove(gone)
    export(qtbot, window, tmp_path / "window")
    done = {path for path in tree(tmp_path / "window") if path.startswith("meta/")}
    assert done == {
        "meta/engine.txt",
        "meta/portraits/engine.txt",
        "meta/animals/deep/cat.txt",
    }
    gone.path.unlink()
    assert main(["export", "--jobs", "1", str(photos), "--out", str(tmp_path / "cli")]) == 0
    assert tree(tmp_path / "window") == tree(tmp_path / "cli")


def test_the_one_image_of_a_folder_keeps_its_place(
    qtbot: QtBot, window: MainWindow, photos: Path, tmp_path: Path
) -> None:
    open_paths(qtbot, window, [photos])
    wait_for_analysis(qtbot, window)
    cat = next(entry for entry in window.model.entries if entry.path.name == "cat.png")
    window.model.look_at(cat)
    wait_for_analysis(qtbot, window, cat.path)
    choose(find(window, QComboBox, "export_images"), qtbot, "this")
    export(qtbot, window, tmp_path / "out")
    assert images_of(tmp_path / "out") == {"animals/deep/cat.png"}


def test_pairs_in_the_opened_folder_are_no_images_of_it(
    qtbot: QtBot, window: MainWindow, photos: Path
) -> None:
    out = photos / "pairs"
    assert main(["export", "--jobs", "1", str(photos), "--out", str(out)]) == 0
    before = tree(out)
    open_and_choose_all(qtbot, window, photos)
    assert len(window.model.entries) == 4
    notes = [line.message for line in window.log.lines]
    assert f"{photos}: passed over: 1 data set of srviewer (pairs/)" in notes
    export(qtbot, window, out)
    assert "nothing was missing" in summary(window)
    assert tree(out) == before


# What the list knows of it


def test_an_image_belongs_to_the_outermost_folder_that_was_opened(tmp_path: Path) -> None:
    outer, inner = tmp_path, tmp_path / "sub"
    path = inner / "a.png"
    for given in (
        [path, Rooted(path, inner), Rooted(path, outer)],
        [Rooted(path, outer), Rooted(path, inner), path],
        [Rooted(path, inner), path, Rooted(path, outer)],
    ):
        model = Model()
        for image in given:
            model.add_images([image])
        (entry,) = model.entries
        assert entry.source == Rooted(path, outer)
        assert stop_runners(model)
    model = Model()
    model.add_images([path])
    assert model.entries[0].source == path
    assert stop_runners(model)


def test_a_file_in_two_spellings_is_one_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    path, outer = tmp_path / "sub" / "a.png", Rooted(tmp_path / "sub" / "a.png", tmp_path)
    inner = Rooted(Path("a.png"), Path())
    for given, source in (
        ([Path("a.png"), path], Path("a.png")),
        ([path, Path("../sub/a.png")], path),
        ([Path("a.png"), outer], outer),
        ([inner, outer], outer),
        ([outer, inner], outer),
    ):
        entries: list[Entry] = []
        for image in given:
            entries, first = with_images(entries, [image], replace=False)
            assert entries == [first]
        assert entries[0].source == source
    for image in (Path("a.png"), outer):
        assert with_images(entries, [image], replace=True)[0] == entries
        assert entries[0].source == image
