"""Every text has the room that it needs, or a tooltip, and no control reaches beyond its parent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.views.stage_bar import TitledButton
from srviewer.gui.widgets.labels import ElidedLabel, shortened
from srviewer.gui.window import MainWindow
from tests.gui.helpers import open_paths, wait_for_analysis
from tests.gui.test_docks import click_window

SIZES = [(900, 600), (1280, 800), (2560, 1440)]


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def visible(window: MainWindow) -> Iterator[QWidget]:
    """Yield what is on the screen, without what lies behind other panels or in popups."""
    for widget in window.findChildren(QWidget):
        place = QRect(widget.mapTo(window, QPoint()), widget.size())
        on_screen = widget.isVisible() and widget.window() is window
        if on_screen and not widget.size().isEmpty() and window.rect().intersects(place):
            yield widget


def scrolls(widget: QWidget) -> bool:
    """Tell whether `widget` stands in something that can be scrolled."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QAbstractScrollArea):
        parent = parent.parentWidget()
    return parent is not None


def cut_text(widget: QWidget) -> str:
    """Return the text of `widget` where it has too little room for it, and no tooltip."""
    if widget.toolTip() or isinstance(widget, ElidedLabel):
        return ""
    if isinstance(widget, QLabel):
        wide = widget.minimumSizeHint().width() <= widget.width() or widget.wordWrap()
        high = widget.heightForWidth(widget.width()) <= widget.height() or not widget.wordWrap()
        return "" if wide and high else widget.text()
    if isinstance(widget, TitledButton):
        return ""
    if isinstance(widget, (QPushButton, QToolButton)):
        return "" if widget.sizeHint().width() <= widget.width() + 1 else widget.text()
    return ""


def beyond(widget: QWidget) -> bool:
    """Tell whether `widget` reaches beyond its parent, where nothing scrolls."""
    parent = widget.parentWidget()
    if parent is None or scrolls(widget) or isinstance(parent, (QComboBox, QTabBar)):
        return False
    return not parent.rect().contains(widget.geometry())


def overlaps(window: MainWindow) -> list[str]:
    """Return which panels lie over each other, or over the middle."""
    docks = [one for one in window.docks.by_name.values() if one.is_seen]
    parts = {one.objectName(): one.geometry() for one in docks}
    parts["middle"] = window.centralWidget().geometry()
    return [
        f"{one} over {other}"
        for (one, place), (other, there) in combinations(parts.items(), 2)
        if place.intersects(there)
    ]


def faults(window: MainWindow) -> list[str]:
    settle()
    found = overlaps(window)
    for widget in visible(window):
        name = f"{type(widget).__name__} {widget.objectName()!r} in {widget.parentWidget()}"
        if text := cut_text(widget):
            found.append(f"{name}: {text!r} is cut")
        if beyond(widget):
            found.append(f"{name}: {widget.geometry()} beyond {widget.parentWidget().rect()}")
    return found


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_and_nothing_lies_beyond(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path, size: tuple[int, int]
) -> None:
    window.resize(*size)
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    for name in ("gallery", "windows", "matches", "compare", "log", "charts"):
        window.docks.by_name[name].open()
        assert not faults(window), name
    click_window(qtbot, window)
    assert not faults(window), "inspector"
    window.model.show_data_set(True)
    assert not faults(window), "data set"


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("12000 x 8000 px", "12000", "8000 px"),
        ("29,123 of 430,000", "29,123", ""),
        ("13,680, 21.3 dB", "13,680", ""),
        ("x4 torch_antialias bicubic", "x4", "ic"),
    ],
)
def test_a_stage_cuts_a_name_in_the_middle_and_never_a_unit(
    window: MainWindow,
    size: tuple[int, int],
    text: str,
    start: str,
    end: str,
    painted_texts: list[str],
) -> None:
    window.resize(*size)
    settle()
    button = window.findChild(TitledButton, "stage_source")
    assert isinstance(button, TitledButton)
    button.say(text)
    del painted_texts[:]
    button.grab()
    (shown,) = [one for one in painted_texts if one and one not in ("1  Source",)]
    room = button.width() - 16
    assert button.fontMetrics().horizontalAdvance(shown) <= room
    assert shown.startswith(start)
    assert shown.endswith(end)
    assert shown in shortened(text) or "\N{HORIZONTAL ELLIPSIS}" in shown[1:-1]
