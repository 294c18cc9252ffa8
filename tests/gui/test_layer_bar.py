"""The bar of layers: all of it can be reached at any width, and no name is cut."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Layer
from srviewer.gui.state.model import Model
from srviewer.gui.views.layer_bar import LayerBar
from srviewer.gui.widgets.building import stacked
from tests.gui.helpers import find

WIDTHS = (230, 400, 480, 700, 820, 1400)


@pytest.fixture
def bar(qtbot: QtBot, model: Model) -> Iterator[LayerBar]:
    one, holder = LayerBar(model), QWidget()
    stacked(holder, one)  # as in the window: on its own Qt would keep it as wide as it was
    qtbot.addWidget(holder)
    holder.show()
    qtbot.waitExposed(holder)
    yield one
    holder.close()


def resize(bar: LayerBar, width: int) -> None:
    bar.window().resize(width, bar.sizeHint().height())
    for _ in range(4):
        QApplication.processEvents()
    assert bar.width() == width


def shown(bar: LayerBar) -> list[QToolButton]:
    return [one for one in bar.findChildren(QToolButton) if one.isVisible()]


def reached(bar: LayerBar) -> list[Layer]:
    """Return the layers that a button or a menu of the bar has."""
    names = {f"layer_{layer.name.lower()}": layer for layer in Layer}
    found = [names[one.objectName()] for one in shown(bar) if one.objectName() in names]
    words = {layer.words: layer for layer in Layer}
    for button in shown(bar):
        actions = button.menu().actions() if button.menu() else []
        found += [words[one.text()] for one in actions if one.isCheckable()]
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_each_layer_is_reached_once_and_nothing_is_cut(bar: LayerBar, width: int) -> None:
    resize(bar, width)
    assert sorted(one.name for one in reached(bar)) == sorted(one.name for one in Layer)
    for one in (*shown(bar), find(bar, QComboBox, "arrangement")):
        assert one.width() >= one.sizeHint().width()
        assert bar.rect().contains(one.geometry())


def test_two_buttons_of_one_name_stand_under_their_groups(bar: LayerBar) -> None:
    for width in WIDTHS:
        resize(bar, width)
        names = [one.text() for one in shown(bar) if not one.menu()]
        titles = {one.text() for one in bar.findChildren(QLabel) if one.isVisible()}
        if names.count("Kept") == 2:
            assert titles == {"Matches", "Windows"}
        elif "Kept" in names:
            assert titles == {"Windows"}
            assert find(bar, QToolButton, "layers_matches").isVisible()


def test_a_menu_shows_and_sets_the_layers(bar: LayerBar, model: Model) -> None:
    resize(bar, WIDTHS[0])
    button = find(bar, QToolButton, "layers_layers")
    actions = {one.text(): one for one in button.menu().actions()}
    model.show_view("box")
    drawn = {layer.words for layer in model.layers}
    assert {text for text, one in actions.items() if one.isChecked()} == drawn
    assert isinstance(button, QAbstractButton)
    assert button.isChecked()
    actions[Layer.KEYPOINTS.words].trigger()
    assert Layer.KEYPOINTS in model.layers
    model.show_layers(frozenset())
    assert not button.isChecked()
    assert not any(one.isChecked() for one in actions.values())
