"""The last stage: the pairs of the image in the place of the picture."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views import strips
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.gallery_kind import PAIRS
from srviewer.gui.views.match_classes import match_points
from srviewer.gui.views.pictures import DIFFERENCE_MAP, DIFFERENCE_TOP, colored
from srviewer.gui.views.strips import GAP
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.metrics import absolute_difference
from srviewer.survey.patches import Patch
from tests.analyses import analysed_photo
from tests.gui.helpers import around, as_array, known, near, pixels, show_list, strip_of

LEFT = Qt.MouseButton.LeftButton
NATIVE = analysed_photo(patch=32, stride=16, lr_layout="native", keypoint_scope="image")


@pytest.fixture
def at_pairs(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    qtbot.keyClick(opened, Qt.Key.Key_7)
    QApplication.processEvents()
    return opened


def by_loss(a: Analysis) -> list[int]:
    """Return the kept windows, with the largest mean squared difference first."""
    hr, up, side = a.pair.hr.astype(float), a.pair.upscaled.astype(float), a.windows.patch

    def loss(window: int) -> float:
        x, y = int(a.windows.x[window]), int(a.windows.y[window])
        here = slice(y, y + side), slice(x, x + side)
        return float(((hr[here] - up[here]) ** 2).mean())

    return sorted(np.flatnonzero(a.patches.kept).tolist(), key=loss, reverse=True)


def click_pair(qtbot: QtBot, window: MainWindow, number: int) -> int:
    gallery = window.pair.pairs.gallery
    at = gallery.grid.rect(number).center()
    qtbot.mouseClick(gallery.viewport(), LEFT, pos=at)
    return int(gallery.windows[number])


def test_stage_7_has_the_pairs_in_the_middle_and_the_largest_difference_first(
    at_pairs: MainWindow,
) -> None:
    a, gallery = known(at_pairs), at_pairs.pair.pairs.gallery
    assert gallery.isVisible()
    assert not at_pairs.canvas.isVisible()
    assert gallery.windows.tolist() == by_loss(a)
    cell = gallery.grid.rect(0)
    strip = strip_of(a, int(gallery.windows[0]), PAIRS.sides[1])
    painted = pixels(gallery.viewport())[cell.top() + 5 :, cell.left() + 5 :]
    np.testing.assert_array_equal(painted[: strip.shape[0], : strip.shape[1]], strip)
    at_pairs.choose_view("patches")
    assert at_pairs.canvas.isVisible()
    assert not gallery.isVisible()


def test_lr_is_enlarged_and_the_difference_is_that_of_what_is_shown(
    qtbot: QtBot, model: Model
) -> None:
    view = show_list(qtbot, GalleryView(model, Excluding(model), PAIRS), model, NATIVE)
    window, side = int(view.gallery.windows[0]), PAIRS.sides[1]
    cell = view.gallery.grid.rect(0)
    painted = pixels(view.gallery.viewport())[cell.top() + 5 :, cell.left() + 5 :][:side]
    patch = NATIVE.windows.patch
    x, y = int(NATIVE.windows.x[window]), int(NATIVE.windows.y[window])
    here = slice(y, y + patch), slice(x, x + patch)
    hr, up = NATIVE.pair.hr[here], NATIVE.pair.upscaled[here]
    patches = (
        hr,
        np.clip(np.round(up), 0, 255),
        colored(absolute_difference(hr, up), DIFFERENCE_TOP, DIFFERENCE_MAP),
    )
    for number, one in enumerate(patches):  # enlarged by no whole number: the corners tell
        left = number * (side + GAP)
        np.testing.assert_array_equal(painted[0, left], one[0, 0])
        np.testing.assert_array_equal(painted[-1, left + side - 1], one[-1, -1])


def test_a_click_asks_the_inspector_and_keys_step(qtbot: QtBot, at_pairs: MainWindow) -> None:
    first = click_pair(qtbot, at_pairs, 0)
    gallery = at_pairs.pair.pairs.gallery
    assert at_pairs.model.selection == Selected("window", first)
    assert at_pairs.docks.by_name["inspector"].is_seen
    assert QApplication.focusWidget() is gallery
    qtbot.keyClick(gallery, Qt.Key.Key_Right)
    assert at_pairs.model.selection == Selected("window", int(gallery.windows[1]))
    qtbot.keyClick(gallery, Qt.Key.Key_Escape)
    assert at_pairs.model.selection is None


def test_the_keyboard_goes_where_the_stage_is(qtbot: QtBot, opened: MainWindow) -> None:
    opened.canvas.setFocus()
    for key, owner in ((7, opened.pair.pairs.gallery), (6, opened.canvas)):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key(Qt.Key.Key_0 + key))
        QApplication.processEvents()
        assert QApplication.focusWidget() is owner


def test_a_threshold_chooses_the_pairs_and_another_order_sorts_them(
    qtbot: QtBot, at_pairs: MainWindow
) -> None:
    view, before = at_pairs.pair.pairs, known(at_pairs)
    most = int(before.texture.keypoints[before.patches.kept].max())
    at_pairs.model.change("min_keypoints", most)
    qtbot.waitUntil(lambda: known(at_pairs).recipe.min_keypoints == most)
    a = known(at_pairs)
    assert view.gallery.windows.tolist() == by_loss(a)
    assert len(view.gallery.windows) < before.patches.kept.sum()
    at_pairs.model.undo()
    qtbot.waitUntil(lambda: known(at_pairs).recipe == before.recipe)
    view.sort_box.setCurrentText("By SSIM")
    assert (np.diff(before.quality.ssim[view.gallery.windows]) >= 0).all()


def test_what_draws_over_the_picture_is_of_no_use_there(at_pairs: MainWindow) -> None:
    layers = at_pairs.menus.layers.values()
    assert not any(action.isEnabled() for action in layers)
    at_pairs.choose_view("patches")
    assert all(action.isEnabled() for action in layers)


def test_the_view_is_copied_as_it_is_seen(at_pairs: MainWindow) -> None:
    gallery = at_pairs.pair.pairs.gallery
    at_pairs.dialogs.copy_view()
    copied = as_array(QApplication.clipboard().image())
    seen = pixels(gallery.viewport())
    np.testing.assert_array_equal(copied[: seen.shape[0], : seen.shape[1]], seen)


def test_only_what_is_seen_is_made_of_many_thousands(
    qtbot: QtBot, model: Model, many: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Patch] = []
    original = strips.strip_of

    def counting(patch: Patch, *args: int, **kwargs: bool) -> np.ndarray:
        made.append(patch)
        return original(patch, *args, **kwargs)

    monkeypatch.setattr("srviewer.gui.views.strips.strip_of", counting)
    view = show_list(qtbot, GalleryView(model, Excluding(model), PAIRS), model, many)
    assert len(view.gallery.windows) > 10_000
    pixels(view.gallery.viewport())
    view.gallery.verticalScrollBar().setValue(view.gallery.verticalScrollBar().maximum() // 2)
    pixels(view.gallery.viewport())
    assert 0 < len(made) <= 40


def test_a_snapshot_of_the_stage_shows_them(photo_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "pairs.png"
    assert main(["snapshot", str(photo_path), str(out), "--stage", "pairs"]) == 0
    shot, a, side = as_array(QImage(str(out))), analysed_photo(), PAIRS.sides[1]
    hr = strip_of(a, by_loss(a)[0], side)[:, :side]
    corners = np.argwhere((shot[:-side, :-side] == hr[0, 0]).all(axis=-1)).tolist()
    assert any(np.array_equal(shot[y : y + side, x : x + side], hr) for y, x in corners)


def test_a_match_asked_about_among_the_pairs_is_shown_on_the_picture(
    qtbot: QtBot, at_pairs: MainWindow
) -> None:
    a, canvas = known(at_pairs), at_pairs.canvas
    at_pairs.docks.by_name["matches"].open()
    QApplication.processEvents()
    table = at_pairs.match_table.view
    row = table.visualRect(table.model().index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=row)
    selected = at_pairs.model.selection
    assert selected is not None
    assert selected.kind == "match"
    assert canvas.isVisible()
    color = KEPT if a.consistent.kept[selected.index] else REJECTED
    hr, lr = (points[[selected.index]] for points in match_points(a))
    panes = canvas.panes()
    middle = (panes[0].to_screen(canvas.camera, hr) + panes[-1].to_screen(canvas.camera, lr)) / 2
    assert near(around(pixels(canvas), *middle[0], 6), color).any()
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert not canvas.isVisible(), "the pairs again"


def test_a_rejected_window_asked_about_among_the_pairs_is_shown_on_the_picture(
    at_pairs: MainWindow,
) -> None:
    a = known(at_pairs)
    rejected, kept = np.flatnonzero(a.patches.candidates & ~a.patches.kept)[0], by_loss(a)[0]
    at_pairs.model.select(Selected("window", int(rejected)), go_there=True)
    assert at_pairs.canvas.isVisible()
    at_pairs.model.select(Selected("window", kept), go_there=True)
    assert not at_pairs.canvas.isVisible()
