"""The panels round the picture: where they are, what brings them, and where the focus goes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QSpinBox,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.state.selection import Selected
from srviewer.gui.state.settings import Settings
from srviewer.gui.widgets.field_keys import FIELDS
from srviewer.gui.widgets.held_space import HeldSpace
from srviewer.gui.window import MainWindow
from tests.gui.conftest import close, process_deletions
from tests.gui.helpers import find, known, open_paths, wait_for_analysis

Area = Qt.DockWidgetArea
BELOW = ("charts", "gallery", "windows", "matches", "compare", "log", "inspector", "displacement")


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def seen(window: MainWindow) -> set[str]:
    """Return the names of the panels that a person sees."""
    settle()
    docks = window.docks.by_name.items()
    shown = {name for name, dock in docks if dock.is_seen}
    # What says that it is seen has its content on the screen, and no other has.
    for name, dock in docks:
        part = dock.part
        inside = window.rect().intersects(dock.geometry()) or dock.isFloating()
        assert (name in shown) == (part.isVisible() and inside), name
    return shown


def press(qtbot: QtBot, window: MainWindow, number: int) -> None:
    """Press Alt with the number of a panel."""
    key = Qt.Key(Qt.Key.Key_0 + number)
    qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
    settle()


def click_window(qtbot: QtBot, window: MainWindow, index: int | None = None) -> int:
    """Click a window in the picture."""
    a, canvas = known(window), window.canvas
    candidates = np.flatnonzero(a.patches.candidates)
    index = int(candidates[len(candidates) // 2]) if index is None else index
    middle = np.array([(a.windows.x[index], a.windows.y[index])]) + (a.windows.patch - 1) / 2
    x, y = canvas.panes()[0].to_screen(canvas.camera, middle)[0]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(x), int(y)))
    assert window.model.selection == Selected("window", index)
    settle()
    return index


@pytest.fixture
def two(qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path) -> MainWindow:
    """Return the window with two images, at 1280 x 800."""
    window.resize(1280, 800)
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    settle()
    return window


# Where they are


def test_the_list_of_images_has_its_part_of_the_width_until_a_person_moves_it(
    two: MainWindow,
) -> None:
    docks = two.docks
    images, narrow = docks.by_name["images"], docks.by_name["images"].width()
    two.resize(2400, 800)
    settle()
    assert images.width() == 300 > narrow
    docks.show_images(False)
    two.resize(2000, 800)
    docks.show_images(True)
    settle()
    assert images.width() == 250, "which it was not there to hear of"
    two.resizeDocks([images], [290], Qt.Orientation.Horizontal)
    settle()
    two.resize(2400, 800)
    settle()
    assert images.width() == 290


def test_what_is_below_the_picture_has_its_part_of_the_height_until_a_person_moves_it(
    two: MainWindow,
) -> None:
    docks, gallery = two.docks, two.docks.by_name["gallery"]
    gallery.open()
    assert gallery.height() < 240
    two.resize(2560, 1440)
    settle()
    assert 360 < gallery.height() < 404, "two rows whole"
    two.resize(1280, 560)
    settle()
    assert gallery.is_seen, "behind which the inspector goes"
    assert gallery.height() < 240
    two.model.show_data_set(True)
    two.resize(2560, 1440)
    two.model.show_data_set(False)
    settle()
    assert 360 < gallery.height() < 404, "which it was not there to hear of"
    for size in ((1280, 800), (2560, 1440)):
        two.hide()
        two.resize(*size)
        two.show()
        settle()
    assert 360 < gallery.height() < 404, "nor the window seen"
    two.resizeDocks([gallery], [300], Qt.Orientation.Vertical)
    settle()
    by_hand = gallery.height()
    assert by_hand < 320
    two.resize(1900, 1000)
    settle()
    docks.turn_all()
    docks.turn_all()
    settle()
    assert gallery.height() == by_hand
    state = docks.state()
    two.hide()
    docks.arrange()
    docks.restore(state)
    two.show()
    settle()
    assert gallery.height() == by_hand, "at the next start too"


def test_the_panels_lie_round_the_picture(two: MainWindow) -> None:
    docks = two.docks.by_name
    assert seen(two) == {"charts", "images", "recipe", "export"}
    assert all(two.dockWidgetArea(docks[name]) is Area.BottomDockWidgetArea for name in BELOW)
    picture, charts = two.centralWidget().geometry(), docks["charts"].geometry()
    recipe, export = docks["recipe"].geometry(), docks["export"].geometry()
    assert docks["images"].geometry().right() < charts.left() < charts.right() < recipe.left()
    assert picture.bottom() < charts.top()
    assert docks["images"].geometry().bottom() > charts.bottom() - 5, "the columns reach down"
    assert recipe.bottom() < export.top()
    assert export.height() == docks["export"].sizeHint().height(), "as high as it needs to be"


def test_a_single_image_has_the_room_of_the_list(
    window: MainWindow, photo_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> None:
    analysed(window, photo_path)
    assert "images" not in seen(window)
    before = window.centralWidget().width()
    window.model.add_images([photo_path.with_name("other.png")])
    assert "images" in seen(window)
    assert window.centralWidget().width() < before


def test_a_wide_window_has_the_inspector_beside_the_distributions(two: MainWindow) -> None:
    two.resize(1900, 900)
    assert {"charts", "inspector"} <= seen(two)
    charts, inspector = (two.docks.by_name[name].geometry() for name in ("charts", "inspector"))
    assert charts.right() < inspector.left()
    two.resize(1280, 800)
    assert "inspector" not in seen(two)
    two.docks.by_name["inspector"].setFloating(True)
    two.resize(1900, 900)
    settle()
    assert two.docks.by_name["inspector"].isFloating(), "where a person has put it"


def test_the_layout_can_be_reset(two: MainWindow) -> None:
    before = {name: dock.geometry() for name, dock in two.docks.by_name.items()}
    two.docks.by_name["recipe"].setFloating(True)
    two.docks.by_name["images"].close()
    two.addDockWidget(Area.LeftDockWidgetArea, two.docks.by_name["charts"])
    settle()
    two.reset_layout()
    assert seen(two) == {"charts", "images", "recipe", "export"}
    for name in ("charts", "images", "recipe", "export"):
        now = two.docks.by_name[name].geometry()
        assert abs(now.x() - before[name].x()) <= 8
        assert abs(now.width() - before[name].width()) <= 16


def test_a_panel_that_is_closed_by_its_key_leaves_the_one_that_was_before_it(
    qtbot: QtBot, two: MainWindow
) -> None:
    for number, name in ((2, "gallery"), (5, "compare"), (7, "inspector")):
        press(qtbot, two, number)
        assert seen(two) & set(BELOW) == {name}
        if name != "inspector":  # which has nothing yet that takes the keyboard
            assert two.docks.by_name[name].has_keyboard
        press(qtbot, two, number)
        assert two.canvas.hasFocus()
        assert seen(two) & set(BELOW) == {"charts"}, f"not what happens to stand beside {name}"
        assert not two.docks.by_name[name].opened


def test_what_is_in_a_panel_behind_others_is_hidden(qtbot: QtBot, two: MainWindow) -> None:
    for key, name in zip("234567-", BELOW[1:], strict=True):
        qtbot.keyClick(two, Qt.Key(ord(key)), Qt.KeyboardModifier.AltModifier)
        assert seen(two) & set(BELOW) == {name}


def test_a_panel_with_a_tab_has_no_second_title(two: MainWindow) -> None:
    settle()
    assert two.docks.by_name["charts"].titleBarWidget().height() == 0
    assert two.docks.by_name["recipe"].titleBarWidget().height() > 10
    two.docks.by_name["charts"].setFloating(True)
    settle()
    assert two.docks.by_name["charts"].titleBarWidget().height() > 10


# The data set


def test_the_data_set_takes_the_room_and_gives_it_back(qtbot: QtBot, two: MainWindow) -> None:
    press(qtbot, two, 3)
    two.resizeDocks([two.docks.by_name["windows"]], [310], Qt.Orientation.Vertical)
    settle()
    before = two.docks.by_name["windows"].geometry()
    two.model.show_data_set(True)
    assert seen(two) == {"recipe", "export"}
    two.model.show_data_set(False)
    assert seen(two) == {"windows", "images", "recipe", "export"}
    now = two.docks.by_name["windows"].geometry()
    assert abs(now.height() - before.height()) <= 2
    assert abs(now.width() - before.width()) <= 2


def test_a_panel_closed_before_the_data_set_stays_closed(qtbot: QtBot, two: MainWindow) -> None:
    two.docks.by_name["images"].close()
    two.model.show_data_set(True)
    two.model.show_data_set(False)
    assert "images" not in seen(two)


def test_the_key_of_a_panel_of_the_picture_brings_the_picture(
    qtbot: QtBot, two: MainWindow
) -> None:
    two.model.show_data_set(True)
    press(qtbot, two, 2)
    assert two.canvas.isVisible()
    assert "gallery" in seen(two)


# What brings the inspector


def test_a_click_on_a_window_brings_the_inspector_and_a_bar_does_not(
    qtbot: QtBot, two: MainWindow
) -> None:
    index = click_window(qtbot, two)
    assert "inspector" in seen(two)
    assert {"recipe"} <= seen(two), "with the thresholds"
    press(qtbot, two, 1)
    other = int(np.flatnonzero(known(two).patches.candidates)[0])
    assert other != index
    two.docks.by_name["charts"].part.charts[1].picked.emit(  # type: ignore[attr-defined]
        Selected("window", other)
    )
    assert two.model.selection == Selected("window", other)
    assert "charts" in seen(two), "the chart that was clicked stays"


def test_an_inspector_that_was_moved_is_only_updated(qtbot: QtBot, two: MainWindow) -> None:
    docks = two.docks.by_name
    two.tabifyDockWidget(docks["recipe"], docks["inspector"])
    docks["recipe"].raise_()
    settle()
    index = click_window(qtbot, two)
    assert "recipe" in seen(two), "it does not cover the recipe"
    docks["inspector"].raise_()
    settle()
    a = known(two)
    assert two.inspector.title.text() == f"Window at x {a.windows.x[index]}, y {a.windows.y[index]}"


def test_a_closed_inspector_stays_closed(qtbot: QtBot, two: MainWindow) -> None:
    two.docks.by_name["inspector"].close()
    click_window(qtbot, two)
    assert "inspector" not in seen(two)


def test_four_patches_stand_in_a_row_beside_the_figures(qtbot: QtBot, two: MainWindow) -> None:
    click_window(qtbot, two)
    details = two.inspector.details
    areas = details.areas()
    assert len(areas) == 4
    assert len({area.top() for area in areas}) == 1
    assert areas[0].width() > 90
    assert not two.inspector.verticalScrollBar().isVisible(), "nothing has to be scrolled"
    two.resize(2560, 1440)
    settle()
    assert len({area.top() for area in details.areas()}) == 1, "not three of them, and one below"
    place = two.inspector._values["place"]
    assert place.mapTo(two, place.rect().topRight()).x() < details.mapTo(two, QPoint()).x()


# The focus


@pytest.mark.parametrize("how", ["close", "tab", "float and close", "data set and back"])
def test_the_focus_goes_to_the_picture_with_the_panel_that_had_it(
    qtbot: QtBot, two: MainWindow, how: str
) -> None:
    two.activateWindow()
    name = "log" if how in ("tab", "data set and back") else "recipe"
    dock = two.docks.by_name[name]
    dock.open()
    settle()
    field = two.log.view if name == "log" else find(two, QSpinBox, "stride")
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    before = two.model.recipe, two.export.folder.text()
    if how == "tab":
        two.docks.by_name["charts"].raise_()
    elif how == "data set and back":
        two.model.show_data_set(True)
        two.model.show_data_set(False)
    else:
        if how == "float and close":
            dock.setFloating(True)
            settle()
        dock.close()
    settle()
    assert two.focusWidget() is two.canvas
    qtbot.keyClick(two.focusWidget(), Qt.Key.Key_6)
    assert (two.model.recipe, two.export.folder.text()) == before


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_PageDown])
def test_the_focus_goes_to_the_picture_when_nothing_is_asked_about_any_more(
    qtbot: QtBot, two: MainWindow, key: Qt.Key
) -> None:
    two.activateWindow()
    click_window(qtbot, two)
    buttons = {one.accessibleName(): one for one in two.inspector.findChildren(QToolButton)}
    close = buttons["Close"]
    close.setFocus()
    qtbot.waitUntil(close.hasFocus)
    qtbot.keyClick(close, key)
    settle()
    assert two.model.selection is None
    assert two.focusWidget() is two.canvas


# Keys, and what they cost


def test_a_key_leads_into_a_panel_closes_it_from_within_and_opens_it_again(
    qtbot: QtBot, two: MainWindow
) -> None:
    recipe, action = two.docks.by_name["recipe"], two.menus.panels["recipe"]
    for there in (True, False, True):
        press(qtbot, two, 9)
        assert ("recipe" in seen(two)) == action.isChecked() == there
        assert recipe.has_keyboard == there
        assert two.canvas.hasFocus() != there
    press(qtbot, two, 0)
    focused = QApplication.focusWidget()
    assert two.export.isAncestorOf(focused)
    assert not isinstance(focused, QLineEdit), "the next key may be a stage's"
    action.trigger()
    assert "recipe" not in seen(two), "a menu closes what it marks as open"


@pytest.mark.parametrize("number", range(1, 11))
def test_the_next_key_after_that_of_a_panel_edits_no_value(
    qtbot: QtBot, two: MainWindow, number: int
) -> None:
    press(qtbot, two, number % 10)
    focused = QApplication.focusWidget()
    assert not isinstance(focused, FIELDS), focused
    boxes = [one for one in two.findChildren(QComboBox) if one.objectName() != "zoom"]
    before = [one.currentText() for one in boxes]
    layers = two.model.layers
    qtbot.keyClick(focused, Qt.Key.Key_K)
    assert two.model.layers != layers
    qtbot.keyClick(focused, Qt.Key.Key_1)
    assert two.model.view.name == "source"
    assert [one.currentText() for one in boxes] == before


@pytest.mark.qt_log_ignore("Ambiguous shortcut", extend=True)
def test_a_key_that_led_nowhere_says_nothing_about_the_next_click_in_a_menu(
    qtbot: QtBot, two: MainWindow
) -> None:
    recipe, action = two.docks.by_name["recipe"], two.menus.panels["recipe"]
    action.setEnabled(False)
    press(qtbot, two, 9)
    action.setEnabled(True)
    other = QShortcut("Alt+9", two)  # whose the key is cannot be told
    press(qtbot, two, 9)
    other.setEnabled(False)
    assert recipe.is_seen
    assert two.canvas.hasFocus()
    menu = two.createPopupMenu()
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(two.mapToGlobal(QPoint(0, 0)))
    at = menu.actionGeometry(action).center()
    qtbot.mouseMove(menu, at)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=at)
    assert "recipe" not in seen(two), "a menu closes what it marks as open"


def test_a_panel_that_was_closed_outside_is_closed_by_its_key_once_it_is_back(
    qtbot: QtBot, two: MainWindow
) -> None:
    dock = two.docks.by_name["recipe"]
    dock.setFloating(True)
    settle()
    dock.close()
    settle()
    two.reset_layout()
    two.activateWindow()
    qtbot.waitUntil(two.isActiveWindow)
    assert "recipe" in seen(two)
    two.menus.panels["recipe"].trigger()
    assert "recipe" not in seen(two)


def test_the_buttons_of_a_title_float_and_close(qtbot: QtBot, two: MainWindow) -> None:
    dock = two.docks.by_name["images"]
    apart, close = dock.titleBarWidget().findChildren(QToolButton)
    for floats in (True, False):
        qtbot.mouseClick(apart, Qt.MouseButton.LeftButton)
        settle()
        assert dock.isFloating() is floats
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert "images" not in seen(two)


@pytest.mark.parametrize(("name", "takes_its_place"), [("recipe", "export"), ("export", "recipe")])
def test_a_panel_that_floats_hides_none_of_those_that_take_its_place(
    qtbot: QtBot, two: MainWindow, name: str, takes_its_place: str
) -> None:
    dock, other = two.docks.by_name[name], two.docks.by_name[takes_its_place]
    apart = dock.titleBarWidget().findChildren(QToolButton)[0]
    qtbot.mouseClick(apart, Qt.MouseButton.LeftButton)
    settle()
    there = QRect(other.mapToGlobal(QPoint()), other.size())
    assert not there.intersects(dock.frameGeometry())
    assert two.frameGeometry().contains(dock.frameGeometry().topLeft())


def test_a_floating_panel_goes_with_the_window(two: MainWindow) -> None:
    docks = two.docks.by_name
    for name in ("recipe", "images"):
        docks[name].setFloating(True)
    docks["images"].close()
    settle()
    two.hide()
    settle()
    assert not docks["recipe"].isVisible()
    two.show()
    settle()
    assert docks["recipe"].isVisible()
    assert not docks["images"].isVisible(), "it was closed"


def test_a_floating_panel_comes_after_its_window_and_lies_before_it(
    qtbot: QtBot,
) -> None:
    first = MainWindow(Settings())
    first.show()
    first.docks.by_name["recipe"].setFloating(True)
    settle()
    close(qtbot, first)

    second = MainWindow(Settings())
    recipe, shown = second.docks.by_name["recipe"], []
    for one in (second, recipe):
        one.winId()
        handle = one.windowHandle()
        assert handle is not None
        handle.visibleChanged.connect(lambda now, one=one: now and shown.append(one))
    second.show()
    settle()
    appeared = ["window" if one is second else "panel" for one in shown]
    close(qtbot, second)
    shown.clear()
    for window in (first, second):
        window.deleteLater()
    process_deletions()
    assert appeared == ["window", "panel"]


def test_a_floating_panel_leaves_space_and_shortcuts_to_the_window(
    qtbot: QtBot, two: MainWindow
) -> None:
    dock = two.docks.by_name["images"]
    dock.setFloating(True)
    settle()
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow)
    flipped: list[bool] = []
    two._space.changed.connect(flipped.append)
    images = two.images.list
    images.setFocus()
    qtbot.waitUntil(images.hasFocus)
    qtbot.keyPress(images, Qt.Key.Key_Space)
    qtbot.keyRelease(images, Qt.Key.Key_Space)
    assert flipped == [True, False]
    press(qtbot, two, 2)
    assert "gallery" in seen(two)


def test_nothing_looks_at_the_events_of_the_picture(
    qtbot: QtBot, two: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[QObject] = []
    original = HeldSpace.eventFilter

    def look(self: HeldSpace, one: QObject, event: QEvent) -> bool:
        watched.append(one)
        return original(self, one, event)

    monkeypatch.setattr(HeldSpace, "eventFilter", look)
    canvas = two.canvas
    for x in range(100, 140):
        qtbot.mouseMove(canvas, QPoint(x, 100))
        canvas.repaint()
    point = QPoint(10, 10)
    QApplication.sendEvent(two.recipe, QHelpEvent(QEvent.Type.ToolTip, point, point))
    lists = two.findChildren(QAbstractItemView)
    assert set(watched) <= {two, *two.docks.by_name.values(), *lists}


@pytest.mark.parametrize("way", ["escape", "close", "dock", "later"])
@pytest.mark.parametrize("before", ["charts", "gallery"])
def test_what_the_inspector_covers_is_back_when_it_is_shut(
    qtbot: QtBot, two: MainWindow, before: str, way: str
) -> None:
    two.docks.by_name[before].open()
    settle()
    click_window(qtbot, two)
    assert "inspector" in seen(two)
    if way == "later":
        two.model.show_data_set(True)
        settle()
        two.model.show_data_set(False)
        settle()
    if way in ("escape", "later"):
        qtbot.keyClick(two.canvas, Qt.Key.Key_Escape)
    elif way == "close":
        buttons = two.inspector.findChildren(QToolButton)
        (close,) = [one for one in buttons if one.accessibleName() == "Close"]
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    else:
        two.docks.by_name["inspector"].close()
    settle()
    assert before in seen(two)
    assert "inspector" not in seen(two)


def test_an_inspector_that_a_person_has_opened_stays(qtbot: QtBot, two: MainWindow) -> None:
    click_window(qtbot, two)
    two.docks.by_name["gallery"].open()  # and the inspector again, by hand
    settle()
    two.docks.by_name["inspector"].open()
    settle()
    qtbot.keyClick(two.canvas, Qt.Key.Key_Escape)
    settle()
    assert "inspector" in seen(two)


def test_a_key_hides_all_panels_and_brings_back_those_that_were_there(
    qtbot: QtBot, opened: MainWindow
) -> None:
    docks = opened.docks
    docks.by_name["log"].close()
    docks.turn("gallery")
    seen = {name for name, dock in docks.by_name.items() if dock.is_seen}
    assert "gallery" in seen
    qtbot.keyClick(opened.canvas, Qt.Key.Key_F9)
    assert not any(dock.isVisible() for dock in docks.by_name.values())
    assert opened.canvas.hasFocus()
    opened.model.show_data_set(True)
    opened.model.show_data_set(False)
    assert not any(dock.isVisible() for dock in docks.by_name.values())
    qtbot.keyClick(opened.canvas, Qt.Key.Key_F9)
    assert {name for name, dock in docks.by_name.items() if dock.is_seen} == seen
    qtbot.keyClick(opened.canvas, Qt.Key.Key_F9)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert docks.by_name["charts"].is_seen, "a panel that is asked for brings the others, too"
    assert docks.by_name["recipe"].is_seen


def test_the_next_start_does_not_begin_with_an_empty_inspector(
    qtbot: QtBot, two: MainWindow
) -> None:
    click_window(qtbot, two)
    assert "inspector" in seen(two)
    left = two.docks.state()
    two.docks.arrange()
    two.docks.by_name["gallery"].raise_()
    two.docks.restore(left)
    assert {"charts"} == seen(two) & set(BELOW)


def test_a_panel_that_was_behind_another_is_whole_as_a_window_of_its_own(
    new_window: MainWindow,
) -> None:
    window, docks = new_window, new_window.docks.by_name
    docks["inspector"].open()
    assert "charts" not in seen(window)
    docks["charts"].setFloating(True)
    assert {"charts", "inspector"} <= seen(window)
