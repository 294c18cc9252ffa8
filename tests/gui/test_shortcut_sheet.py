"""The sheet of keys as a person reads and filters it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel, QLineEdit, QMainWindow, QScrollArea
from pytestqt.qtbot import QtBot

from srviewer.gui.views.shortcut_sheet import Extra, ShortcutSheet
from tests.gui.helpers import find

EXTRA: list[Extra] = [
    ("Canvas", "wheel", "zoom at the pointer"),
    ("Canvas", "double-click", "1:1 at this point"),
    ("Charts", "drag", "pull the threshold"),
    ("File", "drop", "open <b>files</b> and folders"),
]
MENUS: dict[str, list[tuple[str, list[str]]]] = {
    "&File": [("&Open images...", ["Ctrl+O"]), ("Save && close", ["Ctrl+S"])],
    "&View": [
        ("&Next image", ["PgDown"]),
        ("Zoom &in", ["Ctrl++", "Ctrl+="]),
        ("No key here", []),
    ],
}


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    one = QMainWindow()
    qtbot.addWidget(one)
    for title, entries in MENUS.items():
        menu = one.menuBar().addMenu(title)
        for text, keys in entries:
            action = QAction(text, one)
            action.setShortcuts([QKeySequence(key) for key in keys])
            menu.addAction(action)
    loose = QAction("Remove from the list", one)
    loose.setShortcut("Del")
    one.addAction(loose)
    one.show()
    return one


Make = Callable[..., ShortcutSheet]


@pytest.fixture
def make(qtbot: QtBot, window: QMainWindow) -> Make:
    def one(extra: list[Extra] = EXTRA) -> ShortcutSheet:
        actions = [one for one in window.findChildren(QAction) if one.text()]
        sheet = ShortcutSheet(actions, extra, window)
        sheet.show()
        qtbot.waitExposed(sheet)
        return sheet

    return one


def shown(sheet: ShortcutSheet) -> list[tuple[str, str, str]]:
    """Return group, keys and meaning of each row that is shown."""
    label, field = QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole
    found = []
    for form in sheet.findChildren(QFormLayout):
        title = form.itemAt(0, QFormLayout.ItemRole.SpanningRole).widget().text()
        for row in filter(form.isRowVisible, range(1, form.rowCount())):
            keys = form.itemAt(row, label).widget().findChildren(QLabel)
            what = form.itemAt(row, field).widget().text()
            found.append((title, " or ".join(key.text() for key in keys), what))
    return found


def test_every_key_is_on_it_under_its_menu(make: Make) -> None:
    rows = shown(make())
    for row in (
        ("File", "Ctrl+O", "Open images"),
        ("File", "Ctrl+S", "Save & close"),
        ("File", "drop", "open <b>files</b> and folders"),
        ("View", "PgDown", "Next image"),
        ("View", "Ctrl++ or Ctrl+=", "Zoom in"),
        ("Canvas", "wheel", "zoom at the pointer"),
        ("Canvas", "double-click", "1:1 at this point"),
        ("Charts", "drag", "pull the threshold"),
        ("Other", "Del", "Remove from the list"),
    ):
        assert row in rows
    assert "No key here" not in {what for _, _, what in rows}
    assert list(dict.fromkeys(group for group, _, _ in rows))[-1] == "Other"


def test_all_of_it_is_visible_as_text(make: Make) -> None:
    sheet = make()
    labels = [one for one in sheet.findChildren(QLabel) if one.isVisible()]
    texts = {label.text() for label in labels}
    assert {"File", "View", "Canvas", "Ctrl+O", "Ctrl+=", "Save & close"} <= texts
    assert "open <b>files</b> and folders" in texts
    port = find_port(sheet)
    places = []
    for label in labels:
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert label.width() >= label.sizeHint().width(), label.text()
        place = QRect(label.mapTo(sheet, QPoint()), label.size())
        assert place.left() >= port.left()
        assert place.right() <= port.right()
        places.append(place)
    for number, place in enumerate(places):
        assert not any(place.intersects(other) for other in places[:number])


def find_port(sheet: ShortcutSheet) -> QRect:
    viewport = sheet.findChildren(QScrollArea)[0].viewport()
    return QRect(viewport.mapTo(sheet, QPoint()), viewport.size())


def columns(sheet: ShortcutSheet, titles: list[str]) -> int:
    headings = [one for one in sheet.findChildren(QLabel) if one.text() in titles]
    return len({one.mapTo(sheet, QPoint()).x() for one in headings})


def test_it_has_as_many_columns_as_there_is_room_for_and_fits_the_screen(make: Make) -> None:
    titles = ["File", "View", "Canvas", "Charts", "Other"]
    assert columns(make(), titles) == 2
    more = [("Canvas", f"key {number}", "something") for number in range(12)]
    more += [("Charts", f"key {number}", "something") for number in range(12)]
    more += [("Charts", "Drop", "add files and folders to the list, take a recipe or a session")]
    sheet = make([*EXTRA, *more])
    assert sheet.width() <= sheet.screen().availableSize().width()
    area = sheet.findChildren(QScrollArea)[0]
    everything = shown(sheet)
    for width, number in ((1400, 3), (860, 2), (sheet.minimumWidth(), 1), (1400, 3)):
        sheet.resize(width, 600)
        QApplication.processEvents()
        assert columns(sheet, titles) == number, width
        assert area.horizontalScrollBar().maximum() == 0
        assert sorted(shown(sheet)) == sorted(everything)


def test_typing_filters_by_key_meaning_and_menu(qtbot: QtBot, make: Make) -> None:
    sheet = make()
    field = find(sheet, QLineEdit, "shortcut_filter")
    nothing = find(sheet, QLabel, "shortcut_nothing")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    everything = shown(sheet)
    qtbot.keyClicks(field, "ZOOM")
    assert {what for _, _, what in shown(sheet)} == {"Zoom in", "zoom at the pointer"}
    qtbot.keyClicks(field, " pointer")
    assert shown(sheet) == [("Canvas", "wheel", "zoom at the pointer")]
    field.clear()
    qtbot.keyClicks(field, "ctrl+o")
    assert shown(sheet) == [("File", "Ctrl+O", "Open images")]
    assert "View" not in {one.text() for one in sheet.findChildren(QLabel) if one.isVisible()}
    assert not nothing.isVisible()
    qtbot.keyClicks(field, "<i>")
    assert shown(sheet) == []
    assert nothing.isVisible()
    assert "ctrl+o<i>" in nothing.text()
    field.clear()
    assert shown(sheet) == everything
    assert not nothing.isVisible()


def test_esc_closes_it_and_the_window_stays_usable(qtbot: QtBot, make: Make) -> None:
    sheet = make()
    assert not sheet.isModal()
    qtbot.keyClick(find(sheet, QLineEdit, "shortcut_filter"), Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_an_empty_sheet_is_no_error(qtbot: QtBot) -> None:
    sheet = ShortcutSheet([], [])
    qtbot.addWidget(sheet)
    sheet.show()
    assert shown(sheet) == []


def test_the_words_of_a_column_begin_at_one_place(make: Make) -> None:
    sheet = make([*EXTRA, ("Charts", "Shift+Left, Shift+Right", "move the threshold")])
    for width in (1400, sheet.minimumWidth()):
        sheet.resize(width, 600)
        QApplication.processEvents()
        forms = sheet.findChildren(QFormLayout)
        begin: dict[int, set[int]] = {}
        for form in forms:
            words = form.itemAt(1, QFormLayout.ItemRole.FieldRole).widget()
            left = form.parentWidget().mapTo(sheet, QPoint()).x()
            begin.setdefault(left, set()).add(words.mapTo(sheet, QPoint()).x())
        assert {len(one) for one in begin.values()} == {1}, begin
