"""The opacity of each layer: pulled by hand, seen in the pixels, remembered."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import FADING, Layer
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from tests.given import analysed_block
from tests.gui.helpers import drag_slider, find, pixels


def drawn(canvas: PairCanvas, layer: Layer, opacity: float) -> np.ndarray:
    canvas.show_as(layers=frozenset({layer}))
    canvas.show_as(opacities={layer: opacity})
    return pixels(canvas)[34:-60]  # without captions and legend


@pytest.mark.parametrize("layer", [one for one in FADING if one is not Layer.COMPARISON])
def test_half_opaque_is_half_way_from_the_picture_to_the_layer(
    canvas: PairCanvas, layer: Layer
) -> None:
    if layer is Layer.ALIGNMENT:  # known of given pairs alone
        given = analysed_block()
        canvas.show_image(given.image, given)
    without = pixels(canvas)[34:-60]
    whole, half, none = (drawn(canvas, layer, opacity) for opacity in (1, 0.5, 0))
    changed = (whole != without).any(axis=2)
    assert changed.sum() > 50
    if layer is not Layer.HEAT:  # whose bar stays
        assert (none == without).all()
    wanted = (whole + without) / 2
    assert np.median(np.abs(half - wanted)[changed]) <= 2
    assert (np.abs(half - wanted)[changed] <= 24).mean() > 0.9


def test_the_slider_of_a_layer_is_in_the_menu_on_its_button(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.resize(1600, 900)
    button = find(opened, QToolButton, "layer_kept_windows")
    at = QPoint(4, 4)
    before = pixels(opened.canvas)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, button.mapToGlobal(at))
    QApplication.sendEvent(button, event)
    menu = find(opened, QMenu, "opacity_menu")
    slider = find(menu, QSlider, "opacity_kept_windows")
    assert [one.objectName() for one in menu.findChildren(QSlider)] == [slider.objectName()]
    drag_slider(qtbot, slider, 6)
    assert opened.model.opacities.value == {Layer.KEPT_WINDOWS: 0.3}
    menu.close()
    assert (pixels(opened.canvas) != before).any()


def test_all_are_in_a_dialog_that_also_sets_them_back(qtbot: QtBot, opened: MainWindow) -> None:
    opened.pair.ask_opacities()
    dialog = find(opened, QDialog, "opacity_dialog")
    sliders = dialog.findChildren(QSlider)
    assert len(sliders) == len(FADING)
    assert all(slider.accessibleName() for slider in sliders)
    for slider in sliders:
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert opened.model.opacities.value == dict.fromkeys(FADING, 0.95)
    qtbot.mouseClick(find(dialog, QPushButton, "all_opaque"), Qt.MouseButton.LeftButton)
    assert opened.model.opacities.value == {}
    assert {slider.value() for slider in sliders} == {20}
    dialog.close()


def test_they_are_remembered(again: Callable[[], MainWindow]) -> None:
    window = again()
    window.model.opacities.use({Layer.HEAT: 0.4})
    window = again()
    assert window.model.opacities.value == {Layer.HEAT: 0.4}
    assert not window.settings.dropped()


def test_a_vector_file_has_its_lines_as_lines(
    canvas: PairCanvas, analysis: Analysis, tmp_path: Path
) -> None:
    from srviewer.gui.views.picture_file import save_view

    canvas.show_as(layers=frozenset({Layer.KEPT_MATCHES}))
    sizes, pictures = [], []
    for opacity in (1.0, 0.5):
        canvas.show_as(opacities={Layer.KEPT_MATCHES: opacity})
        save_view(canvas, analysis.recipe, tmp_path / "view.svg")
        text = (tmp_path / "view.svg").read_text()
        pictures.append(text.count("<image"))
        sizes.append(text.count("<path"))
    assert pictures[0] == pictures[1]
    assert sizes[0] == sizes[1] > 0
    assert 'opacity="0.5' in text
