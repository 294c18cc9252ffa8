"""What is dropped and pasted: added, opened in the place of the list, or refused in words."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from srviewer.export.runner import export
from srviewer.gui.theme import current_theme
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import to_toml
from tests.gui.helpers import TIMEOUT, find, near, open_paths, pixels
from tests.gui.test_actions import press
from tests.gui.test_window import banner_text

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
ANY = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


def of_paths(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: MainWindow, data: QMimeData, held: Qt.KeyboardModifier = NONE) -> None:
    at = window.rect().center()
    QApplication.sendEvent(window, QDragEnterEvent(at, ANY, data, LEFT, NONE))
    QApplication.sendEvent(window, QDragMoveEvent(at, ANY, data, LEFT, held))


def drop(window: MainWindow, data: QMimeData, held: Qt.KeyboardModifier = NONE) -> QDropEvent:
    drag(window, data, held)
    event = QDropEvent(window.rect().center(), ANY, data, LEFT, held)
    if held == SHIFT:
        event.setDropAction(Qt.DropAction.MoveAction)  # as desktops propose it
    QApplication.sendEvent(window, event)
    return event


def names(window: MainWindow) -> list[str]:
    return [entry.path.name for entry in window.model.entries]


def wait_for(qtbot: QtBot, window: MainWindow, *wanted: str) -> None:
    qtbot.waitUntil(lambda: names(window) == list(wanted), timeout=TIMEOUT)


def paste(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, QKeySequence(QKeySequence.StandardKey.Paste))


def test_a_drop_adds_and_one_with_shift_replaces_and_never_moves_a_file(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path
) -> None:
    drop(window, of_paths(photo_path))
    wait_for(qtbot, window, photo_path.name)
    drop(window, of_paths(other_path))
    wait_for(qtbot, window, photo_path.name, other_path.name)
    event = drop(window, of_paths(other_path), SHIFT)
    wait_for(qtbot, window, other_path.name)
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction


def test_the_window_lights_up_while_something_is_over_it(
    window: MainWindow, photo_path: Path, tmp_path: Path
) -> None:
    accent = QColor(current_theme().accent)
    hint = window.incoming.hint
    assert not near(pixels(window)[2, 40:-40], accent, 8).any()
    drag(window, of_paths(photo_path))
    assert "add" in hint.text
    assert "Shift" in hint.text
    for edge in (pixels(window)[2, 40:-40], pixels(window)[-3, 40:-40]):
        assert near(edge, accent, 8).all()
    drag(window, of_paths(photo_path), SHIFT)
    assert "in the place of the list" in hint.text
    assert "add" not in hint.text
    drag(window, of_paths(tmp_path / "mine.toml"))
    assert "recipe" in hint.text
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()
    drop(window, of_paths(photo_path))
    assert not hint.isVisible()


def test_a_dropped_recipe_is_taken_as_a_recipe(
    qtbot: QtBot, window: MainWindow, photo_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.TOML"
    path.write_text(to_toml(Recipe(min_keypoints=19)))
    drop(window, of_paths(path, photo_path))
    assert window.model.recipe == Recipe(min_keypoints=19)
    wait_for(qtbot, window, photo_path.name)
    path.write_text("min_keypoints = 'many'")
    drop(window, of_paths(path))
    assert "min_keypoints" in banner_text(window)
    assert window.model.recipe == Recipe(min_keypoints=19)
    drop(window, of_paths(path, tmp_path / "b.toml"))
    assert "2 recipes" in banner_text(window)


def test_what_is_not_on_this_machine_is_refused_in_words(window: MainWindow) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.png")])
    drop(window, data)
    assert "https://example.org/a.png" in banner_text(window)
    assert names(window) == []


def test_what_is_beside_files_and_not_on_this_machine_is_told(
    qtbot: QtBot, window: MainWindow, photo_path: Path
) -> None:
    data = of_paths(photo_path)
    data.setUrls([*data.urls(), QUrl("https://example.org/a.png")])
    drop(window, data)
    wait_for(qtbot, window, photo_path.name)
    said = "not on this machine is 1 part of what was dropped: 'https://example.org/a.png'"
    qtbot.waitUntil(lambda: said in banner_text(window), timeout=TIMEOUT)


def test_a_dropped_text_is_taken_where_it_names_files_and_nothing_else_is(
    qtbot: QtBot, window: MainWindow, photo_path: Path
) -> None:
    data = QMimeData()
    data.setText("hello")
    at = window.rect().center()
    event = QDragEnterEvent(at, ANY, data, LEFT, NONE)
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
    assert not window.incoming.hint.isVisible()
    data.setText(f"{photo_path}\n")
    drop(window, data)
    wait_for(qtbot, window, photo_path.name)


def test_a_line_of_pasted_text_that_names_no_file_is_told_beside_those_that_do(
    qtbot: QtBot, window: MainWindow, photo_path: Path
) -> None:
    QGuiApplication.clipboard().setText(f"{photo_path}\n\n'nowhere.png'\n")
    paste(qtbot, window)
    wait_for(qtbot, window, photo_path.name)
    said = "in the clipboard and no file or folder: 'nowhere.png'"
    qtbot.waitUntil(lambda: said in banner_text(window), timeout=TIMEOUT)


def test_a_dropped_data_set_is_verified_and_its_patches_are_no_photographs(
    qtbot: QtBot, new_window: MainWindow, photo_path: Path, tmp_path: Path
) -> None:
    window = new_window  # whose dialog ends with it
    out = tmp_path / "set"
    export([photo_path], out, Recipe(), format="png", jobs=1)
    drag(window, of_paths(out))
    assert window.incoming.hint.text == "Drop to verify this data set"
    drop(window, of_paths(out))
    dialog = find(window, QWidget, "verify_dialog")
    assert dialog.isVisible()
    assert find(dialog, QLineEdit, "verify_folder").text() == str(out)
    assert names(window) == []
    dialog.close()


def test_a_copied_image_is_pasted_as_a_png_of_its_own_that_goes_with_the_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    image = QImage(rgb.data, 60, 40, 180, QImage.Format.Format_RGB888).copy()
    QGuiApplication.clipboard().setImage(image)
    paste(qtbot, window)
    qtbot.waitUntil(lambda: len(window.model.entries) == 1, timeout=TIMEOUT)
    path = window.model.entries[0].path
    assert path.name.startswith("pasted-")
    with Image.open(path) as written:
        assert (np.asarray(written.convert("RGB")) == rgb).all()
    paste(qtbot, window)
    qtbot.waitUntil(lambda: len(window.model.entries) == 2, timeout=TIMEOUT)
    assert len(set(names(window))) == 2
    window.incoming.end()
    assert not path.parent.exists()


@pytest.mark.parametrize("kind", ["files", "text", "address"])
def test_copied_files_and_paths_are_added(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path, kind: str
) -> None:
    open_paths(qtbot, window, [photo_path])
    data = QMimeData()
    if kind == "files":
        data.setUrls([QUrl.fromLocalFile(str(other_path))])
    else:
        line = str(other_path) if kind == "text" else other_path.as_uri()
        data.setText(f"\n  {line}\nnothing here\n")
    QGuiApplication.clipboard().setMimeData(data)
    paste(qtbot, window)
    wait_for(qtbot, window, photo_path.name, other_path.name)


def test_text_that_can_be_no_name_names_nothing(qtbot: QtBot, window: MainWindow) -> None:
    data = QMimeData()
    data.setText("~nobody\0\n/a\0\nfile:///\0\n~\0/a\n" + "~" * 5000)
    QGuiApplication.clipboard().setMimeData(data)
    paste(qtbot, window)
    assert "the clipboard holds the text" in banner_text(window)
    assert names(window) == []


def test_other_text_and_an_empty_clipboard_are_refused_in_words(
    qtbot: QtBot, window: MainWindow
) -> None:
    QGuiApplication.clipboard().setText("hello")
    paste(qtbot, window)
    assert "'hello'" in banner_text(window)
    QGuiApplication.clipboard().clear()
    paste(qtbot, window)
    assert "nothing that can be opened" in banner_text(window)
    assert names(window) == []


def test_in_a_field_the_key_pastes_text(qtbot: QtBot, window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("abc")
    field = window.export.folder
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.clear()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "abc"
    assert banner_text(window) == ""
