"""The menus: all of it has words and a key of its own, and every key does what it says."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QColor, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QSpinBox,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from srviewer import __version__
from srviewer.export.session import to_text as to_session
from srviewer.gui import theme
from srviewer.gui.actions import GESTURES
from srviewer.gui.state.layers import TOPS, TWO_PANES, VIEWS, Arrangement, Layer, Scale
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.camera import Camera
from srviewer.gui.views.numbers_page import NumbersPage
from srviewer.gui.views.shortcut_sheet import ShortcutSheet
from srviewer.gui.window import MainWindow
from srviewer.pipeline.exclusions import Excluded, Exclusions, to_text
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import to_toml
from srviewer.wording import sentence
from tests.gui.helpers import TIMEOUT, click, find, near, open_paths, pixels, wait_for_analysis


@pytest.fixture(scope="module")
def lasting_window(lasting_window: MainWindow) -> MainWindow:
    """Return it with the dialogs that stay in it: they are not what a test leaves behind."""
    for one in (lasting_window.verification, lasting_window.reproduction):
        one.show()
    for name in CHECKS:
        find(lasting_window, QLineEdit, f"{name}_folder").clear()
        find(lasting_window, QDialog, f"{name}_dialog").reject()
    return lasting_window


@pytest.fixture
def opened(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path
) -> Iterator[MainWindow]:
    """Return the window with two images, the first of which is looked at."""
    window.resize(1200, 900)
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    yield window
    theme.choose_theme("system")


def plain(action: QAction) -> str:
    """Return what the action says, without the mark of the underlined letter.

    Undo and Redo also say what they would do.
    """
    text = re.sub(r"&(.)", r"\1", action.text())
    return text[:4] if text.startswith(("Undo", "Redo")) else text


def press(qtbot: QtBot, window: MainWindow, keys: QKeySequence) -> None:
    """Press the keys with the picture in front."""
    assert keys.count() == 1
    window.activateWindow()  # a dialog may have been in front
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.canvas, keys[0].key(), keys[0].keyboardModifiers())
    QApplication.processEvents()


# What there is


def entries(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        if action.menu() is not None:
            yield from entries(action.menu())
        elif not action.isSeparator():
            yield action


def all_entries(window: MainWindow) -> list[QAction]:
    """Return the entries of all menus, but for the files opened last."""
    found: list[QAction] = []
    for action in window.menuBar().actions():
        menu = action.menu()
        assert menu is not None
        assert plain(action)
        found += entries(menu)
    return found


def test_every_action_has_a_text_and_is_in_a_menu(window: MainWindow) -> None:
    found = all_entries(window)
    assert len(found) > 40
    assert found == window.menus.actions, "and the sheet of keys is made from them"
    texts = [plain(action) for action in found]
    assert all(text.strip() for text in texts)
    assert len(set(texts)) == len(texts)


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    owners = defaultdict(list)
    for action in window.findChildren(QAction):
        for keys in action.shortcuts():
            owners[keys.toString()].append(action.text())
    assert len(owners) > 30
    assert {keys: texts for keys, texts in owners.items() if len(texts) > 1} == {}


def test_no_action_takes_a_key_that_is_a_gesture(window: MainWindow) -> None:
    taken = {keys.toString() for one in window.menus.actions for keys in one.shortcuts()}
    gestures = {"Space", "Esc", "Tab", "Left", "Right", "Up", "Down"}
    assert all(any(key in words for _, words, _ in GESTURES) for key in ("Space", "Esc", "Arrow"))
    assert not taken & gestures
    assert not taken & {f"Shift+{key}" for key in gestures}


def test_underlined_letters_differ_within_a_menu(window: MainWindow) -> None:
    bar = window.menuBar().actions()  # older versions of PySide6 let a menu go with its action
    for actions in (bar, *(action.menu().actions() for action in bar)):
        letters = [
            found.group(1).lower()
            for one in actions
            if (found := re.search(r"&(\w)", one.text().replace("&&", "")))
        ]
        assert len(set(letters)) == len(letters), letters


# What each does

Effect = Callable[[MainWindow, QtBot, pytest.MonkeyPatch, Path], Iterator[None]]
"""Prepares, yields while the key is pressed, then looks at what has come of it."""

EFFECTS: dict[str, Effect] = {}
CHECKS = ("verify", "reproduce")


def effect(*texts: str) -> Callable[[Effect], Effect]:
    def register(one: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(texts, one))
        return one

    return register


def stage_effect(name: str) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        window.model.show_view("pair" if name != "pair" else "box")
        before = pixels(window.canvas)
        yield
        assert window.model.view.name == name
        assert find(window, QToolButton, f"stage_{name}").isChecked()
        assert (pixels(window.canvas) != before).any()

    return check


EFFECTS.update({view.title: stage_effect(view.name) for view in VIEWS})


def arrangement_effect(arrangement: Arrangement) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        side, swipe = Arrangement.SIDE_BY_SIDE, Arrangement.SWIPE
        window.pair.arrange(side if arrangement is not side else swipe)
        before = pixels(window.canvas)
        yield
        assert window.canvas.arrangement is arrangement
        assert len(window.canvas.panes()) == (2 if arrangement in TWO_PANES else 1)
        assert (pixels(window.canvas) != before).any()

    return check


EFFECTS.update({one.value: arrangement_effect(one) for one in Arrangement})


def layer_effect(layer: Layer) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        shown = layer in window.model.layers
        button = find(window, QToolButton, f"layer_{layer.name.lower()}")
        assert layer.keys in button.toolTip()
        yield
        assert (layer in window.model.layers) is not shown
        assert button.isChecked() is window.menus.layers[layer].isChecked() is not shown
        click(qtbot, window, button.objectName())
        assert window.menus.layers[layer].isChecked() is shown

    return check


EFFECTS.update({sentence(one.drawn): layer_effect(one) for one in Layer})


@effect("Fit")
def fits(window: MainWindow, *_: object) -> Iterator[None]:
    window.canvas.fit()
    fitted = window.canvas.camera
    window.canvas.set_camera(Camera(30, 40, 7))
    yield
    assert window.canvas.camera == fitted


@effect("Actual size, 1:1")
def is_actual_size(window: MainWindow, *_: object) -> Iterator[None]:
    window.canvas.set_camera(Camera(30, 40, 7))
    yield
    assert window.canvas.camera == Camera(30, 40, 1)


@effect("Zoom in")
def zooms_in(window: MainWindow, *_: object) -> Iterator[None]:
    window.canvas.set_camera(Camera(30, 40, 4))
    yield
    assert window.canvas.camera == Camera(30, 40, 5)


@effect("Zoom out")
def zooms_out(window: MainWindow, *_: object) -> Iterator[None]:
    window.canvas.set_camera(Camera(30, 40, 5))
    yield
    assert window.canvas.camera == Camera(30, 40, 4)


@effect("Undo")
def undoes(window: MainWindow, *_: object) -> Iterator[None]:
    before = window.model.recipe
    window.model.change("min_keypoints", 17)
    assert window.menus.undo.isEnabled()
    yield
    assert window.model.recipe == before
    assert find(window, QSpinBox, "min_keypoints").value() == before.min_keypoints


@effect("Redo")
def redoes(window: MainWindow, *_: object) -> Iterator[None]:
    window.model.change("min_keypoints", 23)
    window.model.undo()
    assert window.menus.redo.isEnabled()
    yield
    assert window.model.recipe.min_keypoints == 23
    assert not window.menus.redo.isEnabled()
    window.model.undo()


@effect("Reset to the preset")
def resets(window: MainWindow, *_: object) -> Iterator[None]:
    window.model.use_preset("v2")
    window.model.change("min_keypoints", 3)
    yield
    assert window.model.recipe == PRESETS["v2"]
    window.model.use_preset("article")


def preset_effect(name: str) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        window.model.set_recipe(Recipe(min_keypoints=31))
        yield
        assert window.model.recipe == PRESETS[name]
        assert window.model.preset == name
        window.model.use_preset("article")

    return check


EFFECTS.update({f"Preset {name}": preset_effect(name) for name in PRESETS})


@effect("Next image", "Previous image")
def steps_to_another_image(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    before = window.model.current
    yield
    others = [one for one in window.model.entries if one is not before]
    assert window.model.current is others[0]
    wait_for_analysis(qtbot, window, others[0].path)
    assert others[0].path.name in window.windowTitle()


@effect("Remove image from the list")
def removes_the_image(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    entries, current = list(window.model.entries), window.model.current
    yield
    assert window.model.entries == [one for one in entries if one is not current]
    assert window.model.current is window.model.entries[0]
    assert current is not None
    assert current.path.exists()
    open_paths(qtbot, window, [current.path])
    wait_for_analysis(qtbot, window, current.path)


def panel_effect(name: str) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        dock = window.docks.by_name[name]
        was_seen = dock.is_seen
        if was_seen:
            dock.take_keyboard()  # its key closes it from within
        yield
        assert dock.is_seen != was_seen
        assert dock.isVisible() != was_seen
        assert window.menus.panels[name].isChecked() != was_seen
        window.turn_panel(name)
        QApplication.processEvents()

    return check


PANELS = {
    "Distributions": "charts",
    "Gallery": "gallery",
    "All windows": "windows",
    "All matches": "matches",
    "Compare A/B": "compare",
    "Log": "log",
    "Inspector": "inspector",
    "Images": "images",
    "Recipe": "recipe",
    "Export": "export",
    "Displacement": "displacement",
}
EFFECTS.update({title: panel_effect(name) for title, name in PANELS.items()})


@effect("Reset the layout")
def opens_all_panels_where_they_were(window: MainWindow, *_: object) -> Iterator[None]:
    window.docks.by_name["recipe"].close()
    yield
    assert all(one.isVisible() for one in window.docks.by_name.values())
    assert window.docks.by_name["charts"].is_seen
    QApplication.processEvents()


@effect("Data set")
def shows_the_data_set_and_the_picture_again(window: MainWindow, *_: object) -> Iterator[None]:
    window.model.show_data_set(False)
    yield
    assert window.data_set_view.isVisible()
    assert not window.canvas.isVisible()
    window.model.toggle_data_set()
    assert window.pair.shown.isVisible()
    window.choose_view("patches")  # where there is something to draw over
    assert window.canvas.isVisible()
    QApplication.processEvents()


@effect("Windows of the data set")
def shows_the_windows_of_all_images(window: MainWindow, *_: object) -> Iterator[None]:
    window.model.show_data_set(False)
    yield
    grid = window.data_set_view.gallery.gallery
    assert grid.isVisible()
    assert grid.hasFocus() or not window.isActiveWindow()
    window.data_set_view.lists.setCurrentIndex(0)
    window.choose_view("patches")
    assert window.canvas.isVisible()
    QApplication.processEvents()


@effect("Survey all images")
def surveys(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    run = window.data_set.survey
    with qtbot.waitSignal(run.done, timeout=TIMEOUT) as done:
        yield
        assert run.busy
    assert done.args is not None
    assert done.args[0].done == len(window.model.entries)
    qtbot.waitUntil(lambda: not run.busy, timeout=TIMEOUT)


@effect("Keys and gestures")
def shows_the_sheet(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    (sheet,) = [one for one in window.findChildren(ShortcutSheet) if one.isVisible()]
    sheet.reject()


@effect("About the numbers")
def shows_the_numbers(window: MainWindow, *_: object) -> Iterator[None]:
    window.model.show_view("box")
    yield
    (page,) = [one for one in window.findChildren(NumbersPage) if one.isVisible()]
    assert VIEWS[page.stages.currentRow()].name == "box"
    page.reject()


@effect("About srviewer")
def shows_about(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    (box,) = [one for one in window.findChildren(QMessageBox) if one.isVisible()]
    assert f"srviewer {__version__}" in box.text()
    box.reject()


@effect("Remove all images")
def removes_all(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    paths = [one.path for one in window.model.entries]
    yield
    assert window.model.entries == []
    assert window.model.current is None
    open_paths(qtbot, window, paths)
    wait_for_analysis(qtbot, window, paths[0])


@effect("Paste images or paths")
def pastes(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    path = window.model.entries[-1].path
    window.model.remove(window.model.entries[-1])
    QGuiApplication.clipboard().setText(str(path))
    yield
    wait_for_analysis(qtbot, window, path)


@effect("Find an image")
def finds_an_image(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    yield
    field = find(window, QLineEdit, "images_search")
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.canvas.hasFocus()


@effect("Copy the path of the image")
def copies_the_path(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    assert window.model.current is not None
    assert QGuiApplication.clipboard().text() == str(window.model.current.path)


@effect("Show the image in the file manager")
def shows_the_file(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    shown: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()) or True
    )
    yield
    assert window.model.current is not None
    assert shown == [str(window.model.current.path.parent)]


@effect("Open images...", "Open folder...", "Add images...", "Add folder...")
def opens(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    other = window.model.entries[-1].path
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(other)], ""))
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / other.name).write_bytes(other.read_bytes())
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(folder))
    yield
    wait_for_analysis(qtbot, window)
    current = window.model.current
    assert current is not None
    assert current.path.name == other.name


@effect("Open pair...", "Open pairs of two folders...")
def opens_pairs(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    before = [entry.path for entry in window.model.entries]
    hr, lr = tmp_path / "hr" / "one.png", tmp_path / "lr" / "one.png"
    for path in (hr, lr):
        path.parent.mkdir(exist_ok=True)
        with Image.open(window.model.entries[-1].path) as opened:
            times = 4 if path is hr else 1
            opened.resize((40 * times, 36 * times)).save(path)
    files, folders = iter((hr, lr)), iter((hr.parent, lr.parent))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(next(files))], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(next(folders)))
    yield
    wait_for_analysis(qtbot, window)
    assert [(entry.path, entry.lr) for entry in window.model.entries] == [(hr, lr)]
    window.open_paths(before)  # given and made pairs are not exported into one data set
    wait_for_analysis(qtbot, window, before[0])


@effect("Which resizer made the LR?")
def names_the_resizer(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    dialog = find(window, QDialog, "resizer_dialog")
    assert "made by the recipe" in find(dialog, QLabel, "resizer_status").text()
    dialog.reject()


@effect("Resizers compared")
def compares_resizers(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    dialog = find(window, QDialog, "resizers_dialog")
    assert "comparing" in find(dialog, QLabel, "resizers_status").text()
    dialog.reject()


@effect("Open recipe...")
def opens_a_recipe(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    path = tmp_path / "mine.toml"
    path.write_text(to_toml(Recipe(min_keypoints=19)))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(path), ""))
    yield
    assert window.model.recipe == Recipe(min_keypoints=19)


@effect("Open exclusions...")
def opens_exclusions(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    path, wanted = tmp_path / "mine.txt", Exclusions({"a" * 64: Excluded(whole=True)})
    path.write_text(to_text(wanted))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(path), ""))
    yield
    assert window.model.exclusions == wanted
    window.model.undo()


@effect("Exclude the window", "Exclude the image")
def excludes(window: MainWindow, *_: object) -> Iterator[None]:
    analysis = window.model.analysis
    assert analysis is not None
    window.model.select(Selected("window", int(np.flatnonzero(analysis.patches.kept)[0])))
    yield
    assert window.model.analysis is not None
    assert 0 < window.model.analysis.patches.excluded_alone <= analysis.patches.kept.sum()
    window.model.undo()
    window.model.select(None)


@effect("Save recipe...", "Save session...", "Save exclusions...", "Save view as a picture...")
def saves(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    for before in tmp_path.glob("saved.*"):
        before.unlink()
    name = str(tmp_path / "saved")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (name, ""))
    yield
    (path,) = tmp_path.glob("saved.*")
    assert path.stat().st_size > 0
    told = window.statusBar().currentMessage()  # a long folder is cut in its middle
    assert told.startswith("saved: ")
    assert told.endswith(path.name)


@effect("Command line", "Python lines", "Recipe as TOML")
def copies_the_export(window: MainWindow, qtbot: QtBot, *_: object) -> Iterator[None]:
    QGuiApplication.clipboard().setText("before")
    yield
    qtbot.waitUntil(lambda: not window.copying.busy, timeout=TIMEOUT)
    text = QGuiApplication.clipboard().text()
    assert "srviewer" in text
    assert str(window.export_settings.out) in text


@effect("Open session...")
def opens_a_session(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    path = tmp_path / "saved.srviewer"
    now = window.sessions.now()
    path.write_text(to_session(replace(now, recipe=now.recipe.replace(stride=21)), tmp_path))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(path), ""))
    yield
    qtbot.waitUntil(lambda: not window.sessions.busy, timeout=TIMEOUT)
    assert window.model.recipe.stride == 21
    window.model.undo()
    wait_for_analysis(qtbot, window)


@effect("Opacity of layers...")
def asks_for_opacities(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    (dialog,) = window.findChildren(QDialog, "opacity_dialog")
    assert dialog.isVisible()
    dialog.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def scale_effect(top: int | None) -> Effect:
    def check(window: MainWindow, *_: object) -> Iterator[None]:
        window.pair.scale.use(Scale(9, signed=False) if top else Scale())
        before = window.pair.scale.value
        yield
        assert window.pair.scale.value == (Scale(top) if top else replace(before, signed=True))
        assert window.canvas.arrangement is Arrangement.DIFFERENCE
        window.pair.scale.use(Scale())

    return check


EFFECTS.update({f"{top} grey levels": scale_effect(top) for top in TOPS})
EFFECTS["Signed: HR minus LR enlarged"] = scale_effect(None)


@effect("Hide all panels")
def hides_the_panels(window: MainWindow, *_: object) -> Iterator[None]:
    docks = window.docks.by_name.values()
    assert any(dock.isVisible() for dock in docks)
    yield
    assert not any(dock.isVisible() for dock in docks)
    assert window.menus.no_panels.isChecked()
    window.docks.turn_all()


@effect("Full screen")
def fills_the_screen(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    assert window.isFullScreen()
    assert window.menus.full_screen.isChecked()
    window.turn_full_screen()
    assert not window.isFullScreen()


@effect("Keep as a preset...")
def keeps_a_preset(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *_: object
) -> Iterator[None]:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("mine", True))
    yield
    assert window.presets.names == ["mine"]
    window.presets.delete("mine")


@effect("Rename a preset...", "Delete a preset...")
def changes_a_preset(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *_: object
) -> Iterator[None]:
    window.presets.keep("old")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("new", True))
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_, **__: ("old", True))
    yield
    assert "old" not in window.presets.names
    for name in window.presets.names:
        window.presets.delete(name)


@effect("Copy view as a picture", "Copy selected match or window")
def copies(window: MainWindow, *_: object) -> Iterator[None]:
    analysis = window.model.analysis
    assert analysis is not None
    window.model.select(Selected("window", int(np.flatnonzero(analysis.patches.kept)[0])))
    QGuiApplication.clipboard().setText("before")
    yield
    assert not QGuiApplication.clipboard().image().isNull()
    window.model.select(None)


@effect("Export pairs")
def exports(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    out = tmp_path / "pairs"
    window.export.folder.setText(str(out))
    with qtbot.waitSignal(window.exporting.run.finished, timeout=TIMEOUT):
        yield
    assert out.is_dir()
    assert any(out.rglob("*"))


def check_effect(name: str) -> Effect:
    def check(
        window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        window.export.folder.setText(str(tmp_path / "pairs"))
        yield
        dialog = find(window, QDialog, f"{name}_dialog")
        assert dialog.isVisible()
        folder = find(dialog, QLineEdit, f"{name}_folder")
        assert folder.text() == str(tmp_path / "pairs")
        folder.clear()  # what it has asked stays in it
        dialog.reject()

    return check


EFFECTS.update({f"{one.capitalize()} a data set...": check_effect(one) for one in CHECKS})


@effect("Dark", "Light", "As the system")
def changes_the_theme(window: MainWindow, *_: object) -> Iterator[None]:
    yield
    chosen = [name for name, action in window.menus.themes.items() if action.isChecked()]
    assert len(chosen) == 1
    assert window.settings.theme == chosen[0]


def test_what_each_action_does_is_tested(window: MainWindow) -> None:
    assert {plain(action) for action in window.menus.actions} == {*EFFECTS, "Quit"}


def test_quit_closes_the_window(qtbot: QtBot, new_window: MainWindow) -> None:
    (quits,) = [one for one in new_window.menus.actions if plain(one) == "Quit"]
    with qtbot.waitSignal(new_window.closed, timeout=TIMEOUT):
        press(qtbot, new_window, quits.shortcut())


MENUS = ("File", "Edit", "View", "Recipe", "Help")


@pytest.mark.parametrize("way", ["key", "menu"])
@pytest.mark.parametrize("menu", MENUS)
def test_each_action_does_what_it_says(
    qtbot: QtBot,
    opened: MainWindow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    menu: str,
    way: str,
) -> None:
    (found,) = [one for one in opened.menuBar().actions() if plain(one) == menu]
    done = 0
    for action in entries(found.menu()):
        if plain(action) == "Quit":
            continue
        ways = [opened] if way == "menu" else action.shortcuts()
        for one in ways:
            running = EFFECTS[plain(action)](opened, qtbot, monkeypatch, tmp_path)
            next(running)
            assert action.isEnabled(), action.text()
            if isinstance(one, QKeySequence):
                press(qtbot, opened, one)
            else:
                action.trigger()
            assert next(running, "over") == "over"
            done += 1
    assert done > 1


def test_the_page_about_the_numbers_opens_at_the_stage_that_is_shown(
    qtbot: QtBot, window: MainWindow
) -> None:
    for view in VIEWS:
        window.model.show_view(view.name)
        press(qtbot, window, QKeySequence("F1"))
        (page,) = window.findChildren(NumbersPage)
        assert VIEWS[page.stages.currentRow()] is view
        qtbot.keyClick(page, Qt.Key.Key_Escape)
        assert not page.isVisible()


def test_letters_and_digits_typed_into_a_field_are_text(qtbot: QtBot, opened: MainWindow) -> None:
    view = opened.model.view
    folder = opened.export.folder
    assert isinstance(folder, QLineEdit)
    folder.clear()
    opened.activateWindow()
    folder.setFocus()
    qtbot.keyClicks(folder, "swd/1?")
    assert folder.text() == "swd/1?"
    spin = find(opened, QSpinBox, "stride")
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, "22")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert opened.model.recipe.stride == 22
    wait_for_analysis(qtbot, opened)
    assert opened.model.view is view
    assert len(opened.canvas.panes()) == 2
    assert not [one for one in opened.findChildren(ShortcutSheet) if one.isVisible()]


# The theme


def test_the_theme_is_switched_at_once_and_the_picture_stays(
    qtbot: QtBot, opened: MainWindow
) -> None:
    themes = opened.menus.themes
    shown, pictures = {}, {}
    for name in ("dark", "light", "dark"):
        themes[name].trigger()
        QApplication.processEvents()
        now = pixels(opened)
        if name in shown:
            assert (now == shown[name]).mean() > 0.999
        shown[name], pictures[name] = now, pixels(opened.canvas)
        of = theme.DARK if name == "dark" else theme.LIGHT
        other = theme.LIGHT if name == "dark" else theme.DARK
        # The canvas is dark in both, so only what is around it is counted.
        share = {one.panel: near(now, QColor(one.panel), 2).mean() for one in (of, other)}
        assert share[of.panel] > 0.1
        assert share[other.panel] < 0.01
        assert near(now, QColor(of.text), 60).any()
        assert opened.settings.theme == name
    assert (pictures["dark"] == pictures["light"]).all(), "pictures are judged on one grey"
    assert (shown["dark"] != shown["light"]).any(axis=-1).mean() > 0.3


def test_only_one_theme_is_marked(opened: MainWindow) -> None:
    themes = opened.menus.themes
    for name, action in themes.items():
        action.trigger()
        assert [one for one, other in themes.items() if other.isChecked()] == [name]
