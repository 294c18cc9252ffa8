"""The window is in order: one edge for all panels, one look for all buttons, nothing jumps."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.theme import DARK, LIGHT, Theme
from srviewer.gui.views.chart_header import ChartHeader
from srviewer.gui.views.condition_field import ConditionField
from srviewer.gui.widgets.building import EDGE
from srviewer.gui.widgets.labels import ElidedLabel
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find, near, open_paths, pixels, wait_for_analysis
from tests.gui.test_room import settle, survey
from tests.photos import save

SIZES = [(900, 600), (2560, 1440)]
BELOW = ("charts", "gallery", "windows", "matches", "compare", "log", "displacement", "inspector")
LEAVES = (QLabel, ElidedLabel, QComboBox, QLineEdit, QAbstractButton, ChartHeader)


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: panels and dialogs are opened in it."""
    return new_window


def leaves(part: QWidget) -> Iterator[QWidget]:
    """Yield what a person reads or presses in `part`, and no part of that or of a list."""
    for one in part.findChildren(QWidget):
        parent = one.parentWidget()
        inside = isinstance(parent, (QComboBox, QLineEdit, QAbstractSpinBox, QTabBar))
        in_list = isinstance(parent, QAbstractScrollArea) or (
            parent is not None and parent.objectName() == "qt_scrollarea_viewport"
        )
        if isinstance(one, LEAVES) and one.isVisible() and not inside and not in_list:
            yield one


def left(widget: QWidget, of: QWidget) -> int:
    """Return where what is written in `widget` begins, or its frame."""
    inset = widget.contentsMargins().left() if isinstance(widget, QLabel) else 0
    if isinstance(widget, QLabel) and widget.alignment().name and widget.width() == of.width():
        inset = max(inset, EDGE)  # a sentence in the middle of an empty panel
    return widget.mapTo(of, QPoint()).x() + inset


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_all_panels_below_the_picture_begin_at_the_same_edge(
    qtbot: QtBot, window: MainWindow, photo_path: Path, size: tuple[int, int]
) -> None:
    open_paths(qtbot, window, [photo_path])
    wait_for_analysis(qtbot, window, photo_path)
    window.resize(*size)
    for name in BELOW:
        dock = window.docks.by_name[name]
        dock.open()
        settle()
        assert min(left(one, dock) for one in leaves(dock.part)) == EDGE, name
    assert window.log.view.cursorRect().left() == EDGE, "what is written there"
    compared = window.docks.by_name["compare"].part
    buttons = compared.findChildren(QPushButton)
    assert max(one.width() for one in buttons) <= 480, "as wide as a button, not as the window"
    bar = next(one for one in window.findChildren(QTabBar) if one.objectName() == "dock_tabs")
    bar.setCurrentIndex(0)
    settle()
    text = bar.fontMetrics().horizontalAdvance(bar.tabText(0))
    assert bar.tabRect(0).width() - text - 6 == pytest.approx(EDGE, abs=2), "the first tab too"


def test_the_page_of_the_data_set_has_that_edge_too(
    qtbot: QtBot, window: MainWindow, photo_path: Path
) -> None:
    open_paths(qtbot, window, [photo_path])
    survey(window)
    page = window.data_set_view
    for size in SIZES:
        window.resize(*size)
        settle()
        for part in (page.bar, page.charts, page.cards, page.table):
            assert min(left(one, page) for one in leaves(part)) == EDGE, (size, part)


def test_every_button_is_drawn_by_the_style_sheet(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    window.verification.show()
    settle()
    looks = ("boxed", "layer", "dock", "stage", "section")
    top = [window, *(one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog))]
    for one in (button for widget in top for button in widget.findChildren(QToolButton)):
        if one.isVisible() and (one.text() or one.menu()) and not one.autoRaise():
            assert any(one.property(look) for look in looks), (one.objectName(), one.text())


def test_buttons_beside_a_field_are_as_high_as_it(window: MainWindow) -> None:
    export = window.export
    settle()
    for one, other in (
        (export.folder, export.folder.browse),
        (export.images, export.format),
        (export.button, export.copy_as),
        (window.images.search, window.images.sort_button),
    ):
        assert one.height() == other.height(), (one, other)


def test_fields_are_as_flat_as_the_buttons_beside_them(
    window: MainWindow, all_themes: Iterator[Theme]
) -> None:
    settle()
    fields = [
        *(find(window, QComboBox, name) for name in ("preset", "resizer", "export_format")),
        find(window, QSpinBox, "scale"),
        find(window, QDoubleSpinBox, "error_margin"),
        *(window.zoom, window.export.folder, window.images.search, window.export.folder.browse),
    ]
    for theme in all_themes:
        settle()
        for field in fields:
            shown = pixels(field)
            assert near(shown[4:-4, 3], QColor(theme.field), 2).all(), field.objectName()
            assert near(shown[4:-4, -3], QColor(theme.field), 2).all(), field.objectName()


@pytest.mark.parametrize("kind", [QComboBox, QSpinBox])
def test_fields_have_arrows_that_are_seen(
    window: MainWindow, all_themes: Iterator[Theme], kind: type[QComboBox | QSpinBox]
) -> None:
    field = find(window, kind, "resizer" if kind is QComboBox else "scale")
    for theme in all_themes:
        settle()
        right = pixels(field)[2:-2, -18:-2]
        middle = len(right) // 2
        for part in (right,) if kind is QComboBox else (right[:middle], right[middle:]):
            assert (~near(part, QColor(theme.field), 60)).sum() >= 6


def test_every_bar_writes_percent_as_the_rest_of_the_window(window: MainWindow) -> None:
    assert window.data_set_view  # made when it is first asked for
    window.verification.show()
    bars = [bar for one in QApplication.topLevelWidgets() for bar in one.findChildren(QProgressBar)]
    assert len(bars) >= 3
    for bar in bars:
        assert not bar.isTextVisible() or bar.format() == "%p %", bar.objectName()


@pytest.mark.parametrize("opened", [False, True])
def test_what_is_chosen_stands_on_one_line_with_its_button(
    window: MainWindow, opened: bool
) -> None:
    choices = window.export.choices
    choices.button.setChecked(opened)
    settle()
    button, chosen = choices.button, choices.chosen
    middle = button.mapTo(choices, QPoint()).y() + button.height() / 2
    line = chosen.mapTo(choices, QPoint()).y() + chosen.fontMetrics().height() / 2
    assert middle == pytest.approx(line, abs=1)


def test_what_is_found_is_listed_below_the_fields_of_the_dialog(window: MainWindow) -> None:
    window.verification.show()
    settle()
    dialog = next(
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, QDialog) and one.isVisible()
    )
    table = find(dialog, QComboBox, "verify_show")
    images, copy = (
        find(dialog, QComboBox, "verify_images"),
        find(dialog, QPushButton, "verify_copy"),
    )
    label = next(one for one in dialog.findChildren(QLabel) if one.text() == "Images")
    assert table.mapTo(dialog, QPoint()).x() == label.mapTo(dialog, QPoint()).x()
    right = [one.mapTo(dialog, QPoint(one.width(), 0)).x() for one in (images, copy)]
    assert right[0] == right[1]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_example_of_conditions_is_never_cut(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    for name in ("windows", "matches"):
        window.docks.by_name[name].open()
        settle()
        field = next(one for one in window.findChildren(ConditionField) if one.isVisible())
        text = field.placeholderText()
        assert text.split()[-1] in ("12", "20", "1.02", "2000"), text
        assert field.fontMetrics().horizontalAdvance(text) <= field.width() - 8


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_handle_of_a_scroll_bar_is_seen(theme: Theme) -> None:
    for ground in (theme.panel, theme.field, theme.window):
        lights = sorted(_luminance(QColor(one)) for one in (theme.handle, ground))
        assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 2.4, ground


def _luminance(color: QColor) -> float:
    """Return the relative luminance of WCAG 2."""
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    )
    return float(sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))


def test_a_divider_below_the_picture_stays_where_it_is(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path
) -> None:
    window.resize(2560, 1440)
    settle()
    docks = window.docks

    def share() -> float:
        settle()
        both = [docks.by_name[name].width() for name in ("charts", "inspector")]
        return both[1] / sum(both)

    first = share()
    assert first == pytest.approx(0.4, abs=0.01)
    open_paths(qtbot, window, [photo_path, other_path])
    assert share() == pytest.approx(first, abs=0.01), "the list of images has come"
    for turn in (
        lambda: window.model.show_data_set(True),
        lambda: window.model.show_data_set(False),
        docks.turn_all,
        docks.turn_all,
    ):
        turn()
        settle()
    assert share() == pytest.approx(first, abs=0.01)
    charts, inspector = docks.by_name["charts"], docks.by_name["inspector"]
    window.resizeDocks([charts, inspector], [1000, 1000], Qt.Orientation.Horizontal)
    assert share() == pytest.approx(0.5, abs=0.01)
    window.model.show_data_set(True)
    settle()
    window.model.show_data_set(False)
    assert share() == pytest.approx(0.5, abs=0.01), "where a person has put it"


def test_the_list_of_images_is_as_wide_for_the_last_as_for_the_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.resize(900, 600)
    noise = np.random.default_rng(1)
    for number in range(12):
        pixels = noise.integers(0, 255, (48, 48, 3)).astype(np.uint8)
        save(pixels, tmp_path / f"{number:02d}.png")
    open_paths(qtbot, window, [tmp_path])
    model, dock = window.model, window.docks.by_name["images"]
    widths = set()
    for entry in (model.entries[0], model.entries[-1]):
        model.look_at(entry)
        settle()
        widths.add(dock.width())
    assert window.images.position.text() == "12 of 12"
    assert len(widths) == 1, widths
