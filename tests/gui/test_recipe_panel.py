"""The recipe's column: all groups in sight, nothing beyond it, and nothing that jumps."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.views.chart import Chart
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import KNOBS, Recipe
from tests.gui.helpers import click, find, known

GROUPS = ("pair", "keypoints", "consistency", "box", "patches", "metrics", "given pairs")


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    window.resize(1280, 800)
    settle()
    return window


def place(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def is_whole(widget: QWidget) -> bool:
    """Tell whether all of `widget` is on the screen."""
    return widget.visibleRegion().boundingRect() == widget.rect()


def test_the_groups_stand_in_the_order_of_the_stages(window: MainWindow) -> None:
    tops = [place(window, find(window, QToolButton, f"section_{one}")).top() for one in GROUPS]
    assert tops == sorted(tops)
    assert {knob.group.lower() for knob in KNOBS.values()} == set(GROUPS)


def test_what_matters_is_in_sight_at_1280_x_800(window: MainWindow) -> None:
    for name in GROUPS[:5]:
        assert is_whole(find(window, QToolButton, f"section_{name}")), name
    for name in ("scale", "resizer", "error_margin", "min_keypoints"):
        assert is_whole(find(window, QWidget, name)), name
    for name in ("error_margin_slider", "min_keypoints_slider"):
        assert is_whole(find(window, QSlider, name)), name


@pytest.mark.parametrize("size", [(900, 600), (1280, 800)])
def test_nothing_reaches_beyond_the_column(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    settle()
    area = window.recipe.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    bar = area.verticalScrollBar()
    assert bar.isVisible()
    assert is_whole(bar)
    assert place(window, bar).right() < window.width()
    for knob in KNOBS.values():
        spin, slider = (
            find(window, QWidget, knob.name),
            window.findChild(QSlider, f"{knob.name}_slider"),
        )
        if spin.isVisible():
            assert place(window, spin).right() < place(window, bar).left()
        if slider is not None and slider.isVisible():
            assert place(window, slider).right() <= place(window, spin).right() + 1


@pytest.mark.parametrize("how", ["click", "key"])
def test_a_heading_opens_and_closes_its_group(qtbot: QtBot, window: MainWindow, how: str) -> None:
    heading, crop = find(window, QToolButton, "section_box"), find(window, QComboBox, "crop")
    assert not crop.isVisible()
    for shown in (True, False):
        if how == "click":
            click(qtbot, window, "section_box")
        else:
            heading.setFocus()
            qtbot.keyClick(heading, Qt.Key.Key_Space)
        assert crop.isVisible() is shown
        assert heading.isChecked() is shown


def test_a_count_of_changes_moves_nothing(window: MainWindow) -> None:
    preset, reset = find(window, QComboBox, "preset"), find(window, QPushButton, "reset_all")
    before = place(window, preset), place(window, reset)
    model = window.model
    changes = {"scale": 3, "patch": 36, "stride": 12, "min_keypoints": 4, "crop": "whole"}
    changes |= {"min_matches": 2, "error_margin": 0.1, "texture": "canny", "metrics_on": "y"}
    changes |= {"sift_sigma": 1.7, "sift_edge_threshold": 9.0, "sift_n_octave_layers": 4}
    for key, value in changes.items():
        model.change(key, value)
        settle()
        assert (place(window, preset), place(window, reset)) == before, key
    assert str(len(changes)) in reset.text()
    assert reset.fontMetrics().horizontalAdvance(reset.text()) < reset.width() - 8


def test_the_export_keeps_its_place_while_a_group_is_closed(
    qtbot: QtBot, window: MainWindow
) -> None:
    before = window.docks.by_name["export"].geometry()
    for name in GROUPS:
        click(qtbot, window, f"section_{name}")
        settle()
        assert window.docks.by_name["export"].geometry() == before
    assert find(window, QSpinBox, "sift_nfeatures").isVisible()


def test_below_a_threshold_stands_what_the_next_step_keeps(
    qtbot: QtBot, opened: MainWindow, painted_texts: list[str]
) -> None:
    opened.resize(1280, 800)
    settle()
    below = find(opened, QLabel, "min_keypoints_steps")
    spin = find(opened, QSpinBox, "min_keypoints")
    kept = {}
    for least in (9, 10, 11):
        opened.model.change("min_keypoints", least)
        kept[least] = int(known(opened).patches.kept.sum())
    opened.model.change("min_keypoints", 10)
    lost, won = kept[10] - kept[11], kept[9] - kept[10]
    assert min(lost, won) > 0
    assert below.text() == f"at 9: {won} more; at 11: {lost} fewer"
    assert below.text() in find(opened, Chart, "chart_texture").header.details[0]
    find(opened, Chart, "chart_texture").grab()
    assert any(f"+{won} at 9, \N{MINUS SIGN}{lost} at 11" in one for one in painted_texts)
    opened.recipe.findChildren(QScrollArea)[0].ensureWidgetVisible(below)
    assert is_whole(below)
    top = below.y()
    qtbot.mouseClick(spin, Qt.MouseButton.LeftButton, pos=QPoint(spin.width() - 5, 4))
    assert opened.model.recipe.min_keypoints == 11
    assert below.text().startswith(f"at 10: {lost} more; at 12: ")
    opened.model.show_data_set(True)
    assert not below.text(), "a set has a card for it"
    assert below.y() == top


def test_a_patch_that_is_changed_offers_the_keypoints_of_its_area_as_one_step_of_undo(
    qtbot: QtBot, window: MainWindow
) -> None:
    offer = find(window, QToolButton, "keypoints_by_area")
    patch = find(window, QSpinBox, "patch")
    assert not offer.isVisible()
    patch.setFocus()
    patch.selectAll()
    qtbot.keyClicks(patch, "66")
    qtbot.keyClick(patch, Qt.Key.Key_Return)
    window.model.change("stride", 33)
    assert (offer.isVisible(), offer.text()) == (True, "Scale keypoints by area: 10 to 40")
    assert offer.accessibleDescription() == "Keypoints, at least 40"
    click(qtbot, window, "keypoints_by_area")
    assert window.model.recipe.differences(Recipe()).keys() == {"patch", "stride", "min_keypoints"}
    assert window.model.recipe.min_keypoints == 40
    assert not offer.isVisible()
    window.model.undo()
    assert (window.model.recipe.min_keypoints, window.model.recipe.patch) == (10, 66)
    assert offer.isVisible()
    window.model.change("patch", 33)
    assert not offer.isVisible()
