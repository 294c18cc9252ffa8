"""The keyboard never comes to a field by itself: it goes to the picture."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import DARK, Theme
from srviewer.gui.views.chart import Chart
from srviewer.gui.widgets.field_keys import FIELDS
from srviewer.gui.widgets.focus import belongs
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import as_array, find, known, near, open_paths, pixels
from tests.photos import crop, save

Do = Callable[[MainWindow, QtBot], None]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ready(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    """Return the window with a photograph and a window of it that is asked about."""
    opened.recipe.setEnabled(True)  # one of the tests switches it off
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    opened.canvas.setFocus()
    kept = int(np.flatnonzero(known(opened).patches.kept)[0])
    opened.model.select(Selected("window", kept))
    QApplication.processEvents()
    return opened


def close_button(window: MainWindow) -> QToolButton:
    (button,) = [
        one for one in window.inspector.findChildren(QToolButton) if one.accessibleName() == "Close"
    ]
    return button


def shut_by_its_button(window: MainWindow, qtbot: QtBot) -> None:
    close_button(window).setFocus()
    qtbot.mouseClick(close_button(window), LEFT)


def shut_by_a_key(window: MainWindow, qtbot: QtBot) -> None:
    close_button(window).setFocus()
    qtbot.keyClick(close_button(window), Qt.Key.Key_Space)


def another_image_while_in_it(window: MainWindow, qtbot: QtBot) -> None:
    close_button(window).setFocus()
    qtbot.keyClick(close_button(window), Qt.Key.Key_PageDown)


def switched_off(window: MainWindow, qtbot: QtBot) -> None:
    find(window, QSpinBox, "stride").setFocus()
    find(window, QSpinBox, "stride").setEnabled(False)


def switched_off_from_above(window: MainWindow, qtbot: QtBot) -> None:
    find(window, QSpinBox, "stride").setFocus()
    window.recipe.setEnabled(False)


def of_no_use_any_more(window: MainWindow, qtbot: QtBot) -> None:
    find(window, QSpinBox, "min_keypoints").setFocus()
    window.model.change("texture", "canny")


def reset_that_goes_with_its_press(window: MainWindow, qtbot: QtBot) -> None:
    window.model.change("stride", 20)
    reset = find(window, QToolButton, "reset_stride")
    reset.setFocus()
    qtbot.keyClick(reset, Qt.Key.Key_Space)
    assert window.model.recipe == Recipe()


def let_go(window: MainWindow, qtbot: QtBot) -> None:
    window.export.folder.setFocus()
    window.export.folder.clearFocus()


def gone(window: MainWindow, qtbot: QtBot) -> None:
    extra = QLineEdit("text", window)
    extra.show()
    extra.setFocus()
    extra.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(QLineEdit, "") or True)
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete


def turned_page(window: MainWindow, qtbot: QtBot) -> None:
    window.turn_panel("gallery")
    find(window, QComboBox, "gallery_show").setFocus()
    window.turn_panel("windows")
    assert find(window, QLineEdit, "table_filter").isVisible()


def folded_choices(window: MainWindow, qtbot: QtBot) -> None:
    window.export.choices.button.setChecked(True)
    find(window, QSpinBox, "export_max_pairs").setFocus()
    window.export.choices.button.setChecked(False)


def button_that_was_clicked(window: MainWindow, qtbot: QtBot) -> None:
    window.model.change("stride", 20)
    qtbot.mouseClick(find(window, QPushButton, "reset_all"), LEFT)
    window.turn_panel("log")
    qtbot.mouseClick(find(window, QPushButton, "log_copy"), LEFT)


def choice_from_a_list(window: MainWindow, qtbot: QtBot) -> None:
    combo = find(window, QComboBox, "crop")
    combo.setFocus()
    combo.showPopup()
    view = combo.view()
    qtbot.waitUntil(view.isVisible)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view.isVisible())


def gone_behind_a_dialog(window: MainWindow, qtbot: QtBot) -> None:
    window.model.change("stride", 20)
    find(window, QToolButton, "reset_stride").setFocus()
    dialog = QDialog(window)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    window.model.undo()
    dialog.close()
    dialog.deleteLater()


def emptied_table(window: MainWindow, qtbot: QtBot) -> None:
    window.turn_panel("windows")
    window.table.view.setFocus()
    assert window.table.view.hasFocus()
    window.model.remove(*window.model.entries)


def removed_row(window: MainWindow, qtbot: QtBot) -> None:
    folder = window.model.entries[0].path.parent
    window.add_paths([save(crop("coffee", 150, 80, 170, 130), folder / "cup.png")])
    qtbot.waitUntil(lambda: len(window.model.entries) == 2)
    window.find_image()
    qtbot.keyClick(window.images.search, Qt.Key.Key_Tab)
    window.model.remove(window.model.entries[1])  # the list goes, as there is one image


WAYS = (
    *(shut_by_its_button, shut_by_a_key, another_image_while_in_it, switched_off),
    *(switched_off_from_above, of_no_use_any_more, reset_that_goes_with_its_press, let_go, gone),
    *(turned_page, folded_choices, button_that_was_clicked, choice_from_a_list),
    *(gone_behind_a_dialog, emptied_table, removed_row),
)


@pytest.mark.parametrize("do", WAYS, ids=lambda do: do.__name__)
def test_the_picture_has_the_keyboard_when(qtbot: QtBot, ready: MainWindow, do: Do) -> None:
    folder = ready.export.folder.text()
    do(ready, qtbot)
    QApplication.processEvents()
    ready.activateWindow()  # a list that pops up may be a window
    qtbot.waitUntil(ready.isActiveWindow)
    assert QApplication.focusWidget() is ready.canvas
    assert not [one for one in ready.findChildren(QLineEdit) if one.hasSelectedText()]
    recipe = ready.model.recipe
    for key in (Qt.Key.Key_6, Qt.Key.Key_S, Qt.Key.Key_1, Qt.Key.Key_6):
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert ready.export.folder.text() == folder
    assert ready.model.recipe == recipe
    assert ready.model.view.name == "patches"


@pytest.mark.parametrize(
    "name", ["charts", "gallery", "windows", "matches", "log", "images", "displacement"]
)
def test_the_key_of_a_panel_leads_to_its_main_part(
    qtbot: QtBot, ready: MainWindow, other_path: Path, name: str
) -> None:
    if name == "images":
        open_paths(qtbot, ready, [other_path])  # of a single image there is no list
    mains = {
        "charts": find(ready, Chart, "chart_matches"),
        "gallery": ready.gallery.gallery,
        "windows": ready.table.view,
        "matches": ready.match_table.view,
        "log": ready.log.view,
        "images": ready.images.list,
        "displacement": find(ready, QWidget, "displacement_scatter"),
    }
    ready.canvas.setFocus()
    keys = ready.menus.panels[name].shortcut()[0]
    qtbot.keyClick(ready.canvas, keys.key(), keys.keyboardModifiers())
    qtbot.waitUntil(mains[name].hasFocus)


def stops(window: MainWindow) -> list[QWidget]:
    """Return all that can have the keyboard now, but for the lines within fields."""
    found = [one for one in window.findChildren(QWidget) if belongs(one, window)]
    found = [one for one in found if one.focusPolicy() != Qt.FocusPolicy.NoFocus]
    return [
        one
        for one in found
        if one.isVisible() and one.isEnabled() and not isinstance(one.parentWidget(), FIELDS)
    ]


def is_field(widget: QWidget | None) -> TypeGuard[QWidget]:
    return isinstance(widget, FIELDS)


def show_all(window: MainWindow) -> None:
    window.export.choices.button.setChecked(True)
    window.recipe.close_groups(())
    for dock in window.docks.by_name.values():
        dock.open()


def floating(window: MainWindow) -> None:
    show_all(window)
    for dock in window.docks.by_name.values():
        dock.setFloating(True)


def data_set(window: MainWindow) -> None:
    window.model.show_data_set(True)


@pytest.mark.parametrize("arrange", [show_all, floating, data_set], ids=lambda do: do.__name__)
@pytest.mark.parametrize("goes", ["hidden", "switched off"])
def test_no_field_gets_the_keyboard_of_what_goes(
    qtbot: QtBot, ready: MainWindow, arrange: Callable[[MainWindow], None], goes: str
) -> None:
    arrange(ready)
    QApplication.processEvents()
    turn = QWidget.setVisible if goes == "hidden" else QWidget.setEnabled
    went, wrong = 0, []
    for one in stops(ready):
        one.activateWindow()
        qtbot.waitUntil(one.isActiveWindow)
        one.setFocus()
        had = QApplication.focusWidget()
        if had is None or not (one is had or one.isAncestorOf(had)):
            continue  # it hands the keyboard on
        turn(one, False)
        QApplication.processEvents()
        now = QApplication.focusWidget()
        turn(one, True)
        QApplication.processEvents()
        went += 1
        after = QApplication.focusWidget()
        wrong += [f"{one.objectName()} to {it.objectName()}" for it in (now, after) if is_field(it)]
    assert not wrong
    assert went > 15


def test_a_panel_that_floats_gives_the_keyboard_back(qtbot: QtBot, ready: MainWindow) -> None:
    ready.model.change("stride", 20)
    ready.docks.by_name["recipe"].setFloating(True)
    reset, spin = find(ready, QToolButton, "reset_stride"), find(ready, QSpinBox, "stride")
    for widget, key in ((reset, Qt.Key.Key_Space), (spin, Qt.Key.Key_Return)):
        widget.activateWindow()
        qtbot.waitUntil(widget.isActiveWindow)
        widget.setFocus()
        qtbot.keyClick(widget, key)
        assert QApplication.focusWidget() is None, "until the window is in front again"
        qtbot.waitUntil(ready.canvas.hasFocus)
    assert ready.model.recipe == Recipe()


def test_a_person_gets_into_fields(qtbot: QtBot, ready: MainWindow) -> None:
    folder, spin = ready.export.folder, find(ready, QSpinBox, "stride")
    qtbot.mouseClick(folder, LEFT, pos=QPoint(20, 10))
    assert folder.hasFocus()
    qtbot.keyClick(folder, Qt.Key.Key_Tab)
    after = QApplication.focusWidget()
    assert after not in (folder, ready.canvas)
    qtbot.keyClick(after, Qt.Key.Key_Backtab)
    assert folder.hasFocus()
    qtbot.mouseClick(spin.lineEdit(), LEFT)
    assert spin.hasFocus()


def test_it_comes_back_to_a_field_that_another_window_took_it_from(
    qtbot: QtBot, ready: MainWindow
) -> None:
    spin = find(ready, QSpinBox, "stride")
    spin.setFocus()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    ready.activateWindow()
    qtbot.waitUntil(ready.isActiveWindow)
    assert spin.hasFocus()


def test_what_has_the_keyboard_has_a_ring(
    qtbot: QtBot, ready: MainWindow, all_themes: Iterator[Theme]
) -> None:
    ready.resize(1800, 900)  # so that no toggle is in a menu
    QApplication.processEvents()
    layers = [one for one in ready.findChildren(QToolButton) if one.property("layer")]
    toggles = [one for one in layers if one.isVisible()]
    stages = [one for one in ready.findChildren(QToolButton) if one.property("stage")]
    assert (len(toggles), len(stages)) == (len(Layer), 8)
    for _ in all_themes:
        for widget in (*toggles, *stages, ready.canvas):
            other = toggles[0] if widget is ready.canvas else ready.canvas
            other.setFocus()
            without = pixels(widget)
            widget.setFocus()
            ring = (pixels(widget) != without).any(axis=-1)
            for edge in (ring[1], ring[:, 1], ring[:, -2]):  # below is the line of the stage
                assert edge.mean() > 0.6, widget.objectName()
            assert not ring[6:-6, 6:-6].any()


def test_the_ring_is_not_in_a_picture_that_is_saved(ready: MainWindow, tmp_path: Path) -> None:
    painted = QImage(ready.canvas.size(), QImage.Format.Format_RGB32)
    ready.canvas.setFocus()
    painter = QPainter(painted)
    ready.canvas.render_to(painter)
    painter.end()
    assert not near(as_array(painted)[1], QColor(DARK.accent), 2).any()


@pytest.mark.parametrize("place", ["inspector", "toggle", "canvas"])
def test_arrows_step_wherever_they_have_no_other_use(
    qtbot: QtBot, ready: MainWindow, place: str
) -> None:
    places: dict[str, QWidget] = {
        "inspector": close_button(ready),
        "toggle": find(ready, QToolButton, "layer_box"),
        "canvas": ready.canvas,
    }
    places[place].setFocus()
    first = ready.model.selection
    qtbot.keyClick(places[place], Qt.Key.Key_Right)
    assert ready.model.selection is not None
    assert ready.model.selection != first
    qtbot.keyClick(places[place], Qt.Key.Key_Left)
    assert ready.model.selection == first
    assert places[place].hasFocus()


def test_arrows_lead_from_toggle_to_toggle_and_into_no_field(
    qtbot: QtBot, ready: MainWindow
) -> None:
    ready.resize(1800, 900)  # so that no toggle is in a menu
    QApplication.processEvents()
    ready.model.select(None)
    find(ready, QToolButton, "layer_heat").setFocus()
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert QApplication.focusWidget() is find(ready, QToolButton, "layer_alignment")


def test_on_the_page_of_the_data_set_it_has_the_page(
    qtbot: QtBot, ready: MainWindow, other_path: Path
) -> None:
    ready.export.folder.setFocus()
    qtbot.keyClick(ready.export.folder, Qt.Key.Key_Return)
    assert ready.canvas.hasFocus()
    qtbot.keyClick(ready.canvas, Qt.Key.Key_8)
    # The list comes a moment later than its page.
    qtbot.waitUntil(ready.data_set_view.table.view.hasFocus)
    ready.export.folder.setFocus()
    qtbot.keyClick(ready.export.folder, Qt.Key.Key_Escape)
    assert ready.data_set_view.table.view.hasFocus()
    qtbot.keyClick(ready.data_set_view.table.view, Qt.Key.Key_6)
    assert ready.canvas.hasFocus()
