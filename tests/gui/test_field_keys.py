"""Whose a key is, over all actions and all fields that there are."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QScrollBar,
    QSpinBox,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Arrangement
from srviewer.gui.views.camera import Camera
from srviewer.gui.widgets.field_keys import FIELDS
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find, turn_wheel

KINDS = (
    *(QLineEdit, QAbstractSpinBox, QComboBox, QAbstractSlider, QCheckBox),
    *(QAbstractItemView, QTextEdit),
)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: what was typed into a text can be taken back in it."""
    return new_window


@pytest.fixture
def pages(window: MainWindow, qtbot: QtBot) -> Callable[[], list[QWidget]]:
    """Return a function that opens what is folded and returns all fields that can have the keys."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.export.choices.button.setChecked(True)

    def fields() -> list[QWidget]:
        return [
            one
            for kind in KINDS
            for one in window.findChildren(kind)
            if one.isVisible()
            and one.isEnabled()
            and one.focusPolicy() & Qt.FocusPolicy.TabFocus
            and one.focusProxy() is None
            and not isinstance(one, QScrollBar)
        ]

    return fields


def value_of(field: QWidget) -> object:
    for kind, read in (
        (QLineEdit, "text"),
        (QComboBox, "currentText"),
        (QCheckBox, "isChecked"),
        (QSpinBox, "text"),
        (QDoubleSpinBox, "text"),
        (QAbstractSlider, "value"),
    ):
        if isinstance(field, kind):
            return getattr(field, read)()
    return None


def go_to(qtbot: QtBot, field: QWidget) -> None:
    field.setFocus()
    assert QApplication.focusWidget() is field


def _note(done: list[str], text: str, *_: object) -> None:
    done.append(text)


def leaves(window: MainWindow, action: QAction, field: QWidget) -> bool:
    """Tell whether the key of `action` leaves `field`; that of its own panel closes that."""
    own = window.docks.by_name.get(action.data())
    return isinstance(field, FIELDS) and (own is None or not own.isAncestorOf(field))


def is_home(window: MainWindow) -> bool:
    """Tell whether the picture, or what stands in its place, has the keyboard."""
    home = window.data_set_view.shown_list if window.model.data_set_shown else window.pair.shown
    return QApplication.focusWidget() is (home if home.isVisible() else window)


def on_every_page(window: MainWindow) -> Iterator[None]:
    window.model.show_data_set(False)
    window.recipe.close_groups(())
    for dock in window.docks.by_name.values():
        dock.open()
        QApplication.processEvents()
        yield
    window.model.show_data_set(True)
    QApplication.processEvents()
    yield


def test_a_click_on_a_button_takes_the_number_that_is_being_typed(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    spin = find(window, QSpinBox, "stride")
    go_to(qtbot, spin)
    spin.selectAll()
    qtbot.keyClicks(spin, "21")
    assert window.model.recipe.stride != 21
    seen: list[int] = []
    button = window.export.copy_as
    button.pressed.connect(lambda: seen.append(window.model.recipe.stride))
    button.setMenu(None)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen == [21]


OF_TEXTS = {"Ctrl+Backspace", "Ctrl+V"}  # they edit a text where one is typed


def _is_typed_into(field: QWidget) -> bool:
    return isinstance(field, QComboBox) and field.isEditable()


def belongs_to_field(field: QWidget, keys: QKeySequence) -> bool:
    text = keys.toString()
    if isinstance(field, QLineEdit):
        return len(text.removeprefix("Shift+")) == 1 or text in OF_TEXTS
    if isinstance(field, QAbstractSpinBox) or _is_typed_into(field):
        return text.isdigit() or text in OF_TEXTS
    if isinstance(field, QAbstractItemView):
        return text in ("PgUp", "PgDown")
    return False


def put_back(qtbot: QtBot, field: QWidget, before: str) -> None:
    if isinstance(field, QAbstractSpinBox) or _is_typed_into(field):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    elif isinstance(field, QLineEdit):
        field.setText(before)
    elif isinstance(field, QComboBox):
        field.setCurrentText(before)


def test_the_keys_of_all_actions_work_in_all_fields_and_edit_none(
    qtbot: QtBot, window: MainWindow, pages: Callable[[], list[QWidget]]
) -> None:
    done: list[str] = []
    for action in window.menus.actions:
        action.setEnabled(True)
        action.triggered.disconnect()
        action.triggered.connect(partial(_note, done, action.text()))
    panels = window.menus.panels
    window.menus.panel_entered.disconnect()
    window.menus.panel_entered.connect(lambda name: done.append(panels[name].text()))
    texts = [action.text() for action in window.menus.actions]  # what is undone has others
    seen: set[str] = set()
    for _ in on_every_page(window):
        for field in pages():
            name = f"{type(field).__name__} {field.objectName()}"
            if name in seen:
                continue
            seen.add(name)
            for action, called in zip(window.menus.actions, texts, strict=True):
                for keys in action.shortcuts():
                    go_to(qtbot, field)
                    before = value_of(field)
                    action.setEnabled(True)  # whatever a list has chosen meanwhile
                    done.clear()
                    qtbot.keyClick(field, keys[0].key(), keys[0].keyboardModifiers())
                    what = f"{keys.toString()} in {name}"
                    if belongs_to_field(field, keys):
                        assert done == [], what
                        assert field.hasFocus(), what
                    else:
                        assert done == [called], what
                        assert value_of(field) == before, what
                        assert not leaves(window, action, field) or is_home(window), what
                    put_back(qtbot, field, str(before))
                    assert value_of(field) == before, what
    assert len(seen) > 35


# What ends a field


def test_a_wheel_over_a_field_changes_no_value(window: MainWindow) -> None:
    window.export.choices.button.setChecked(True)
    window.canvas.set_camera(Camera(40, 30, 4))
    before, over = window.model.recipe, set()
    for _ in on_every_page(window):
        QApplication.processEvents()
        for field in window.findChildren(QWidget):
            if isinstance(field, QComboBox | QAbstractSpinBox) and field.isVisible():
                value = value_of(field)
                for steps in (-1, 1, 1):
                    turn_wheel(field, QPointF(field.rect().center()), steps)
                    assert value_of(field) == value, field.accessibleName()
                over.add(field.accessibleName())
    assert window.model.recipe == before
    assert {"Preset", "Format", "Images", "Scale", "Zoom"} <= over


def test_a_wheel_over_a_field_does_not_give_it_the_keyboard(window: MainWindow) -> None:
    window.export.choices.button.setChecked(True)
    wheel = Qt.FocusPolicy.WheelFocus.value & ~Qt.FocusPolicy.StrongFocus.value
    seen = set()
    for _ in on_every_page(window):
        for field in window.findChildren(QWidget):
            if isinstance(field, KINDS) and not isinstance(field.parentWidget(), KINDS):
                assert not field.focusPolicy().value & wheel, field.objectName()
                seen.add(type(field).__mro__[-6:])
    assert len(seen) >= 3


def test_signs_choose_in_a_list_only_while_it_is_open(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    box = window.export.format
    go_to(qtbot, box)
    for key in (Qt.Key.Key_W, Qt.Key.Key_S, Qt.Key.Key_5):  # webp, srcnn-hdf5, hdf5
        qtbot.keyClick(QApplication.focusWidget(), key)
        box.setFocus()
    assert box.currentText() == "png"
    assert window.canvas.arrangement is Arrangement.SIDE_BY_SIDE
    assert window.model.view.name == "box"
    before, resizer = window.model.recipe, find(window, QComboBox, "resizer")
    for key in (Qt.Key.Key_O, Qt.Key.Key_T):  # opencv, torch: no keys of the window
        go_to(qtbot, resizer)
        qtbot.keyClick(resizer, key)
    assert window.model.recipe == before
    go_to(qtbot, box)
    box.showPopup()
    qtbot.waitUntil(box.view().isVisible)
    qtbot.keyClick(box.view(), Qt.Key.Key_W)
    qtbot.keyClick(box.view(), Qt.Key.Key_Return)
    assert box.currentText() == "webp"
    assert window.canvas.arrangement is Arrangement.SIDE_BY_SIDE
    box.setCurrentText("png")


def test_return_takes_what_was_typed_and_leaves(
    qtbot: QtBot, window: MainWindow, pages: object
) -> None:
    spin = find(window, QSpinBox, "stride")
    go_to(qtbot, spin)
    spin.selectAll()
    qtbot.keyClicks(spin, "22")
    assert window.model.recipe.stride != 22
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert window.model.recipe.stride == 22
    assert window.canvas.hasFocus()
    recipe = window.model.recipe
    for key in (Qt.Key.Key_3, Qt.Key.Key_W, Qt.Key.Key_6):
        qtbot.keyClick(QApplication.focusWidget(), key)
    assert window.model.recipe == recipe
    assert window.model.view.name == "patches"


def test_esc_gives_the_old_value_back_and_leaves(
    qtbot: QtBot, window: MainWindow, pages: object
) -> None:
    for name in ("stride", "error_margin", "export_max_pairs", "export_folder"):
        field = find(window, QWidget, name)
        before, recipe = value_of(field), window.model.recipe
        go_to(qtbot, field)
        line = field if isinstance(field, QLineEdit) else field.lineEdit()  # type: ignore[attr-defined]
        line.selectAll()
        qtbot.keyClicks(field, "2")
        assert value_of(field) != before
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        assert value_of(field) == before
        assert window.model.recipe == recipe
        assert window.canvas.hasFocus()


def test_an_action_sees_the_number_that_was_typed_last(
    qtbot: QtBot, window: MainWindow, pages: object
) -> None:
    seen: list[int] = []
    (export,) = [one for one in window.menus.actions if one.text() == "&Export pairs"]
    export.triggered.connect(lambda: seen.append(window.model.recipe.stride))
    spin = find(window, QSpinBox, "stride")
    go_to(qtbot, spin)
    spin.selectAll()
    qtbot.keyClicks(spin, "22")
    qtbot.keyClick(spin, Qt.Key.Key_E, CTRL)
    assert seen == [22]


def test_undo_in_a_text_takes_back_what_was_typed_there_first(
    qtbot: QtBot, window: MainWindow, pages: object
) -> None:
    window.model.change("min_keypoints", 17)
    spin = find(window, QSpinBox, "stride")
    before = spin.text()
    go_to(qtbot, spin)
    qtbot.keyClicks(spin, "1")
    assert spin.text() != before
    qtbot.keyClick(spin, Qt.Key.Key_Z, CTRL)
    assert spin.text() == before
    assert window.model.recipe.min_keypoints == 17
    qtbot.keyClick(spin, Qt.Key.Key_Z, CTRL)
    assert window.model.recipe.min_keypoints == 10


def test_the_key_of_an_action_that_is_switched_off_edits_nothing(
    qtbot: QtBot, window: MainWindow, pages: object
) -> None:
    folder = window.export.folder
    for action in window.menus.actions:
        action.setEnabled(False)
    before = folder.text()
    for action in window.menus.actions:
        for keys in action.shortcuts():
            if not belongs_to_field(folder, keys):
                go_to(qtbot, folder)
                qtbot.keyClick(folder, keys[0].key(), keys[0].keyboardModifiers())
                assert folder.text() == before, keys.toString()
