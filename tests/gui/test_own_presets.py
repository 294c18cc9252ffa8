"""A person's own presets: kept, offered everywhere, renamed, deleted, and read with care."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from srviewer.gui.state.own_presets import OwnPresets
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from tests.gui.helpers import find
from tests.gui.test_actions import press
from tests.gui.test_export_panel import choose
from tests.gui.test_window import banner_text

Again = Callable[[], MainWindow]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of the names that the person types, one after the other."""
    names: list[str] = []
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (names.pop(0), True))
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "presets"


def offered(window: MainWindow) -> list[str]:
    combo = find(window, QComboBox, "preset")
    return [combo.itemText(row) for row in range(combo.count())]


def keep(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, QKeySequence("Ctrl+Alt+K"))


def test_a_kept_recipe_is_a_file_and_is_there_the_next_time(
    qtbot: QtBot, again: Again, typed: list[str], folder: Path
) -> None:
    window = again()
    window.model.change("min_keypoints", 4)
    typed.append(" few & small ")
    keep(qtbot, window)
    recipe = Recipe(min_keypoints=4)
    assert load_recipe(folder / "few & small.toml") == recipe
    assert offered(window) == [*PRESETS, "few & small"]
    assert (window.model.preset, window.model.preset_recipe) == ("few & small", recipe)
    window.model.change("stride", 20)
    window = again()
    assert (window.model.preset, window.model.recipe.stride) == ("few & small", 20)
    assert window.model.preset_recipe == recipe
    choose(find(window, QComboBox, "preset"), qtbot, "v2")
    choose(find(window, QComboBox, "preset"), qtbot, "few")
    assert window.model.recipe == recipe


def test_a_long_name_makes_no_panel_wider(qtbot: QtBot, again: Again, typed: list[str]) -> None:
    window = again()
    panels = window.recipe, window.compare
    before = [panel.minimumSizeHint().width() for panel in panels]
    typed.append("for the second network, as of Monday, with more of the windows")
    keep(qtbot, window)
    window.docks.by_name["compare"].open()
    QApplication.processEvents()
    assert [panel.minimumSizeHint().width() for panel in panels] == before
    box = find(window, QComboBox, "preset")
    assert box.currentText() in box.toolTip()


def test_the_menu_and_the_comparison_offer_it(
    qtbot: QtBot, window: MainWindow, typed: list[str]
) -> None:
    window.model.change("min_keypoints", 4)
    typed.append("mine & yours")
    keep(qtbot, window)
    window.model.use_preset("v1")
    window.menus.own_presets.aboutToShow.emit()
    (action,) = window.menus.own_presets.actions()
    assert action.text() == "mine && yours"
    action.trigger()
    assert window.model.recipe == Recipe(min_keypoints=4)
    assert "preset mine & yours" in window.comparison.choices
    window.comparison.choose("preset mine & yours")
    assert window.comparison.recipe == Recipe(min_keypoints=4)


def test_renamed_and_deleted_what_is_in_use_stays(
    qtbot: QtBot, again: Again, typed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = again()
    window.model.change("min_keypoints", 4)
    typed += ["old", "new"]
    keep(qtbot, window)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *a, **__: (a[3][a[4]], True))
    window.preset_dialogs.rename()
    assert [path.name for path in folder.iterdir()] == ["new.toml"]
    assert window.model.preset == "new"
    assert offered(window) == [*PRESETS, "new"]
    window.preset_dialogs.delete()
    assert list(folder.iterdir()) == []
    assert window.model.recipe == window.model.preset_recipe == Recipe(min_keypoints=4)
    assert window.comparison.recipe == PRESETS["article"]
    window.model.use_preset("v1")
    press(qtbot, window, QKeySequence(QKeySequence.StandardKey.Undo))
    assert window.model.preset == "new"
    window = again()
    assert window.model.preset == "article"
    assert window.model.recipe == Recipe(min_keypoints=4)


def test_an_existing_one_is_replaced_only_if_the_person_says_so(
    qtbot: QtBot, again: Again, typed: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = again()
    typed += ["mine", "mine", "mine"]
    keep(qtbot, window)
    window.model.change("stride", 20)
    buttons = QMessageBox.StandardButton
    for answer, stride in ((buttons.No, 14), (buttons.Yes, 20)):
        monkeypatch.setattr(QMessageBox, "question", lambda *_, one=answer: one)
        keep(qtbot, window)
        assert load_recipe(folder / "mine.toml").stride == stride


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".hidden", "a/b", "../up", "line\nbreak", "x" * 61, "V2", "article", "\ud800"],
)
def test_a_name_that_cannot_be_is_told(
    qtbot: QtBot, again: Again, typed: list[str], folder: Path, name: str
) -> None:
    window = again()
    typed.append(name)
    keep(qtbot, window)
    assert "name of a preset" in banner_text(window)
    assert not folder.exists()


@pytest.fixture
def strange(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "good.toml").write_text(to_toml(Recipe(scale=2)))
    (folder / "bad.toml").write_text("scale = 1")
    (folder / "v1.toml").write_text(to_toml(Recipe(scale=3)))
    (folder / "deep.toml").write_text("a = " + "[" * 10_000)
    (folder / "a folder.toml").mkdir()
    (folder / "endless.toml").symlink_to("/dev/zero")
    (folder / "other.txt").write_text("")
    return folder


def test_files_that_are_none_are_told_and_passed_over(again: Again, strange: Path) -> None:
    window = again()
    assert window.presets.names == ["good"]
    assert window.model.presets["v1"] == PRESETS["v1"]
    assert len(window.presets.problems) == 5
    assert all(str(strange) in problem for problem in window.presets.problems)


def test_a_folder_that_cannot_be_written_is_told(
    qtbot: QtBot, again: Again, typed: list[str], folder: Path
) -> None:
    window = again()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file")
    typed.append("mine")
    keep(qtbot, window)
    assert f"preset mine: {folder}: " in banner_text(window)
    assert isinstance(window.presets, OwnPresets)
    assert window.presets.names == []


def test_recipes_of_files_are_offered_again(
    qtbot: QtBot, again: Again, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = again()
    window.model.change("stride", 20)
    file = tmp_path / "a & b.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(file), ""))
    press(qtbot, window, QKeySequence(QKeySequence.StandardKey.Save))
    window = again()
    window.model.reset_recipe()
    window.menus.recent_recipes.aboutToShow.emit()
    (action,) = window.menus.recent_recipes.actions()
    assert action.text() == str(file).replace("&", "&&")
    action.trigger()
    assert window.model.recipe.stride == 20
