"""The zoom in the line at the bottom: it follows the picture, and the picture what is typed."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from srviewer.gui.views.camera import CLOSEST, FARTHEST
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find, turn_wheel


def type_zoom(qtbot: QtBot, window: MainWindow, text: str, key: Qt.Key = Qt.Key.Key_Return) -> str:
    box = find(window, QComboBox, "zoom")
    box.setFocus()
    line = box.lineEdit()
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(box, text)
    qtbot.keyClick(box, key)
    return box.currentText()


def test_it_follows_wheel_keys_and_fit(qtbot: QtBot, opened: MainWindow) -> None:
    box = find(opened, QComboBox, "zoom")
    turn_wheel(opened.canvas, QPointF(30, 30), 2)
    assert box.currentText() == f"{100 * opened.canvas.camera.zoom:,.0f} %"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert box.currentText() == "100 %"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert opened.canvas.is_fitted
    assert box.currentText() == f"{100 * opened.canvas.camera.zoom:,.0f} %"


@pytest.mark.parametrize(
    ("text", "zoom", "says"),
    [
        ("150", 1.5, "150 %"),
        ("250%", 2.5, "250 %"),
        ("33,5%", 0.335, "34 %"),
        ("7.25", 0.0725, "7.2 %"),
        ("999999", CLOSEST, "6,400 %"),
        ("0.1", FARTHEST, "1.6 %"),
    ],
)
def test_what_is_typed_is_taken_and_the_field_left(
    qtbot: QtBot, opened: MainWindow, text: str, zoom: float, says: str
) -> None:
    middle = opened.canvas.camera
    assert type_zoom(qtbot, opened, text) == says
    camera = opened.canvas.camera
    assert camera.zoom == pytest.approx(zoom)
    assert (camera.x, camera.y) == (middle.x, middle.y)
    assert opened.canvas.hasFocus()


@pytest.mark.parametrize("text", ["", "%", "-3", "+", "0", "1,2,3"])
def test_what_is_no_zoom_is_told_and_changes_nothing(
    qtbot: QtBot, opened: MainWindow, text: str
) -> None:
    before, said = opened.canvas.camera, find(opened, QComboBox, "zoom").currentText()
    find(opened, QComboBox, "zoom").lineEdit().clear()
    assert type_zoom(qtbot, opened, text) == said
    assert opened.canvas.camera == before
    assert "allowed is Fit, or 1.6 to 6,400 %" in opened.statusBar().currentMessage()


def test_escape_gives_the_old_one_back_and_leaves(qtbot: QtBot, opened: MainWindow) -> None:
    before, said = opened.canvas.camera, find(opened, QComboBox, "zoom").currentText()
    assert type_zoom(qtbot, opened, "333", Qt.Key.Key_Escape) == said
    assert opened.canvas.camera == before
    assert opened.canvas.hasFocus()


def test_the_list_fits_and_chooses(qtbot: QtBot, opened: MainWindow) -> None:
    box = find(opened, QComboBox, "zoom")
    for text in ("400 %", "Fit"):
        box.setCurrentText(text)
        box.textActivated.emit(text)
    assert opened.canvas.is_fitted
    value = find(opened, QSpinBox, "min_keypoints").value()
    assert type_zoom(qtbot, opened, "100") == "100 %"
    assert find(opened, QSpinBox, "min_keypoints").value() == value
