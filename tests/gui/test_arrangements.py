"""HR and LR beside each other, swiped, flipped, subtracted; pixels far enlarged get a grid."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Arrangement, Layer, Scale
from srviewer.gui.views import legend
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.pictures import DIFFERENCE_MAP, colored, difference_colors
from srviewer.gui.widgets.held_space import HeldSpace
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import click, drag, find, inside, known, near, pixels, wait_for_analysis
from tests.gui.painted import (
    PILLS,
    assert_difference,
    assert_shows,
    inferno,
    match_ends,
    shown_and_expected,
)
from tests.photos import crop, save

SIZE = (806, 420)
TEXT = QColor(228, 230, 233)
LOOK = Camera(124.3, 99.8, 4)
SIDE, STACKED, SWIPE, DIFFERENCE = Arrangement


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: where the pointer was stays its canvas's own."""
    return new_window


@pytest.fixture
def canvas(canvas: PairCanvas) -> PairCanvas:
    """Return the pair's canvas without overlays, close enough to see pixels; Space flips it."""
    canvas.set_camera(LOOK)
    HeldSpace(canvas).changed.connect(canvas.set_flipped)
    canvas.activateWindow()
    return canvas


@pytest.fixture
def opened(opened: MainWindow) -> MainWindow:
    opened.model.show_view("pair")
    return opened


def shows(canvas: PairCanvas, image: np.ndarray) -> bool:
    """Tell whether the first pane shows `image`."""
    pane = canvas.panes()[0]
    shown, expected = shown_and_expected(canvas, image, pane, pane.left, pane.left + pane.width)
    same = (shown == expected).all(axis=1).mean()
    assert same > 0.99 or same < 0.5
    return bool(same > 0.99)


# Keys and the choice


KEYS = {"s": SIDE, "v": STACKED, "w": SWIPE, "d": DIFFERENCE}


def test_keys_and_the_choice_lead_to_the_same_pictures(qtbot: QtBot, opened: MainWindow) -> None:
    canvas, combo = opened.canvas, find(opened, QComboBox, "arrangement")
    assert combo.currentText() == SIDE.value
    by_key = {}
    for key in ("w", "d", "v", "s"):
        qtbot.keyClick(opened, key)
        assert combo.currentText() == KEYS[key].value
        assert len(canvas.panes()) == (2 if key in "sv" else 1)
        by_key[KEYS[key].value] = pixels(canvas).tobytes()
    assert len(set(by_key.values())) == 4
    for _ in range(3):
        qtbot.keyClick(combo, Qt.Key.Key_Down)
        assert pixels(canvas).tobytes() == by_key[combo.currentText()]
    assert combo.currentText() == DIFFERENCE.value
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    assert combo.currentText() == SIDE.value
    assert pixels(canvas).tobytes() == by_key[SIDE.value]


def test_an_arrangement_stays_from_stage_to_stage_but_the_source_is_shown_as_it_is(
    qtbot: QtBot, opened: MainWindow
) -> None:
    canvas = opened.canvas
    click(qtbot, opened, "stage_source")
    source = pixels(canvas)
    click(qtbot, opened, "stage_pair")
    qtbot.keyClick(opened, "d")
    difference = pixels(canvas)
    click(qtbot, opened, "stage_source")
    assert (pixels(canvas) == source).all()
    click(qtbot, opened, "stage_pair")
    assert (pixels(canvas) == difference).all()


def test_another_arrangement_keeps_where_a_person_looks(qtbot: QtBot, opened: MainWindow) -> None:
    look = Camera(61.25, 40.5, 5.5)
    opened.canvas.set_camera(look)
    for key in "wdvs":
        qtbot.keyClick(opened, key)
        assert opened.canvas.camera == look


def test_a_fitted_picture_fits_the_other_arrangement_too(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.canvas
    canvas.fit()
    side = canvas.camera
    qtbot.keyClick(opened, "d")
    assert canvas.camera.zoom > side.zoom, "one pane has more room than two"
    qtbot.keyClick(opened, "s")
    assert canvas.camera == side


# Swipe


def test_the_swipe_shows_hr_on_the_left_and_enlarged_lr_on_the_right(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=SWIPE)
    (pane,) = canvas.panes()
    middle = SIZE[0] / 2
    assert_shows(canvas, analysis.pair.hr, pane, 0, middle)
    assert_shows(canvas, analysis.pair.upscaled, pane, middle, SIZE[0])
    column = pixels(canvas)[PILLS:-PILLS, round(middle) - 3 : round(middle) + 3]
    bright = near(column, QColor(240, 240, 240), 2)
    assert (bright.sum(axis=1) == 2).all(), "the divider"


@pytest.mark.parametrize("end", [150, 640])
def test_the_divider_is_dragged_by_mouse(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, end: int
) -> None:
    canvas.show_as(arrangement=SWIPE)
    picked: list[object] = []
    canvas.picked.connect(picked.append)
    drag(qtbot, canvas, QPoint(SIZE[0] // 2, 200), QPoint(end, 230))
    assert canvas.camera == LOOK, "the picture stays"
    (pane,) = canvas.panes()
    assert_shows(canvas, analysis.pair.hr, pane, 0, end)
    assert_shows(canvas, analysis.pair.upscaled, pane, end, SIZE[0])
    qtbot.mouseMove(canvas, QPoint(300, 200))
    assert_shows(canvas, analysis.pair.hr, pane, 0, end)
    assert not picked
    assert near(pixels(canvas)[200, end - 4 : end + 4], QColor(240, 240, 240), 2).sum() == 2


def test_the_divider_is_dragged_while_the_button_is_down(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=SWIPE)
    (pane,) = canvas.panes()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=QPoint(SIZE[0] // 2, 200))
    for x in (300, 500, 250):
        qtbot.mouseMove(canvas, QPoint(x, 200))
        assert_shows(canvas, analysis.pair.hr, pane, 0, x)
        assert_shows(canvas, analysis.pair.upscaled, pane, x, SIZE[0])
    qtbot.mouseRelease(canvas, left, pos=QPoint(250, 200))


def test_a_divider_dragged_over_the_edge_can_be_taken_back(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=SWIPE)
    (pane,) = canvas.panes()
    drag(qtbot, canvas, QPoint(SIZE[0] // 2, 200), QPoint(-80, 200))
    assert_shows(canvas, analysis.pair.upscaled, pane, 0, SIZE[0])
    drag(qtbot, canvas, QPoint(1, 200), QPoint(SIZE[0] + 90, 200))
    assert_shows(canvas, analysis.pair.hr, pane, 0, SIZE[0])
    drag(qtbot, canvas, QPoint(SIZE[0] - 2, 200), QPoint(400, 200))
    assert_shows(canvas, analysis.pair.hr, pane, 0, 400)


def test_beside_the_divider_a_drag_moves_the_picture(qtbot: QtBot, canvas: PairCanvas) -> None:
    canvas.show_as(arrangement=SWIPE)
    drag(qtbot, canvas, QPoint(200, 200), QPoint(240, 200))
    assert canvas.camera.x == pytest.approx(LOOK.x - 10)
    assert near(pixels(canvas)[200, 399:407], QColor(240, 240, 240), 2).sum() == 2


def test_the_pointer_tells_that_the_divider_can_be_dragged(
    qtbot: QtBot, canvas: PairCanvas
) -> None:
    for arrangement, shape in (
        (SWIPE, Qt.CursorShape.SplitHCursor),
        (SIDE, Qt.CursorShape.ArrowCursor),
    ):
        canvas.show_as(arrangement=arrangement)
        qtbot.mouseMove(canvas, QPoint(100, 200))
        qtbot.mouseMove(canvas, QPoint(SIZE[0] // 2 + 2, 200))
        assert canvas.cursor().shape() is shape
        qtbot.mouseMove(canvas, QPoint(100, 200))
        assert canvas.cursor().shape() is Qt.CursorShape.ArrowCursor


# Stacked


def test_stacked_shows_hr_above_lr(canvas: PairCanvas, analysis: Analysis) -> None:
    canvas.show_as(arrangement=STACKED)
    upper, lower = canvas.panes()
    assert upper.top + upper.height < lower.top
    assert_shows(canvas, analysis.pair.hr, upper, 0, SIZE[0])
    assert_shows(canvas, analysis.pair.lr, lower, 0, SIZE[0], scale=4)
    line = inside(pixels(canvas))[int(upper.height) : int(lower.top) - 3]
    assert len(line) >= 3
    assert (line == line[0, 0]).all(), "between them"


def test_lines_go_from_pane_to_pane_where_they_are_stacked(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=STACKED)
    canvas.fit()
    before = pixels(canvas)
    canvas.show_as(layers=frozenset({Layer.KEPT_MATCHES}))
    drawn = (pixels(canvas) != before).any(axis=-1)
    start, end = (ends[analysis.consistent.kept] for ends in match_ends(canvas, analysis))
    assert end[:, 1] - start[:, 1] == pytest.approx(canvas.panes()[1].top, abs=8), "downwards"
    between = drawn[int(canvas.panes()[0].height) + 3]
    hit = [between[max(int(x) - 3, 0) : int(x) + 4].any() for x in (start[:, 0] + end[:, 0]) / 2]
    assert np.mean(hit) > 0.8


def test_a_wide_picture_is_stacked_until_a_person_chooses(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> None:
    wide = save(crop("motorcycle", 100, 100, 480, 130), tmp_path / "wide.png")
    high = save(crop("motorcycle", 200, 60, 130, 300), tmp_path / "high.png")
    combo = find(window, QComboBox, "arrangement")
    for path, chosen in ((high, SIDE), (wide, STACKED), (high, SIDE), (wide, STACKED)):
        analysed(window, path)
        assert window.canvas.arrangement is chosen
        assert combo.currentText() == chosen.value
    qtbot.keyClick(window, "s")
    for path in (high, wide):
        analysed(window, path)
        assert window.canvas.arrangement is SIDE
    window.reset_layout()
    assert window.canvas.arrangement is STACKED


# The difference map


def test_the_difference_map_has_the_colours_of_the_absolute_difference(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=DIFFERENCE)
    assert_difference(canvas, analysis, 0, SIZE[0] - 200)


def test_the_color_bar_goes_from_0_to_64_grey_levels(
    canvas: PairCanvas, painted_texts: list[str]
) -> None:
    canvas.show_as(arrangement=DIFFERENCE)
    shown = pixels(canvas)
    assert {"0", "grey levels", "64+"} <= set(painted_texts)
    left, top = SIZE[0] - 174, SIZE[1] - 50
    for share in (0.02, 0.25, 0.5, 0.75, 0.98):
        painted = shown[top + 6, left + round(150 * share)]
        assert np.abs(painted - inferno(np.array(255 * share))).max() <= 12
    below = near(shown[top + 16 : top + 34], TEXT, 60)
    for start, end in ((left - 8, left + 8), (left + 40, left + 110), (left + 130, left + 160)):
        assert below[:, start:end].any(), "its label"
    canvas.show_as(arrangement=SIDE)
    del painted_texts[:]
    pixels(canvas)
    assert not {"grey levels", "64+"} & set(painted_texts)


@pytest.mark.parametrize("heat", [False, True])
def test_no_words_lie_under_the_bar_of_the_difference(
    canvas: PairCanvas, monkeypatch: pytest.MonkeyPatch, heat: bool
) -> None:
    written: list[QRectF] = []
    ground = legend._ground

    def noted(painter: QPainter, area: QRectF, *more: Any) -> None:
        written.append(QRectF(area))
        ground(painter, area, *more)

    monkeypatch.setattr(legend, "_ground", noted)
    canvas.show_as(arrangement=DIFFERENCE)
    canvas.resize(360, 228)
    layers = frozenset({Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS})
    canvas.show_as(layers=layers | ({Layer.HEAT} if heat else set()))
    del written[:]
    canvas.grab()
    assert len(written) >= 3, "caption, legend or another bar, and the bar"
    for one, other in combinations(written, 2):
        assert not one.intersects(other), (one, other)


def test_range_and_sign_of_the_difference_are_in_its_colours(
    canvas: PairCanvas, analysis: Analysis, painted_texts: list[str]
) -> None:
    """At the top of the range a colour is the last; below zero it is blue, above orange."""
    hr, up = analysis.pair.hr.astype(float), analysis.pair.upscaled.astype(float)
    exact = (hr - up).mean(axis=2)
    for scale in (Scale(8), Scale(255), Scale(16, signed=True)):
        colors = difference_colors(analysis.pair.hr, analysis.pair.upscaled, scale).astype(int)
        if scale.signed:
            beyond, below = exact >= scale.top, exact <= -scale.top
            assert (colors[beyond] == (255, 160, 60)).all()
            assert (colors[below] == (120, 190, 255)).all()
            zero = np.abs(exact) < 0.05
            assert (colors[zero].max(axis=-1) < 24).all()
            assert min(beyond.sum(), below.sum(), zero.sum()) > 100
        else:
            beyond = np.abs(hr - up).mean(axis=2) >= scale.top
            last = colored(np.full((1, 1), 1.0), 1.0, DIFFERENCE_MAP)[0, 0]
            assert (colors[beyond] == last).all()
    canvas.show_as(arrangement=Arrangement.DIFFERENCE)
    before = pixels(canvas)
    canvas.show_as(scale=Scale(16, signed=True))
    assert (pixels(canvas) != before).any()
    assert {"+16", "\N{MINUS SIGN}16", "HR minus LR enlarged"} <= set(painted_texts)


def test_range_and_sign_are_chosen_in_the_menu_and_remembered(
    again: Callable[[], MainWindow],
) -> None:
    window = again()
    window.menus.tops[16].trigger()
    window.menus.signed.trigger()
    assert window.canvas.arrangement is Arrangement.DIFFERENCE
    window = again()
    assert window.pair.scale.value == Scale(16, signed=True)
    assert (window.menus.tops[16].isChecked(), window.menus.signed.isChecked()) == (True, True)
    assert not window.settings.dropped()


def test_the_difference_follows_the_recipe_and_the_image(
    qtbot: QtBot,
    opened: MainWindow,
    other_path: Path,
    analysed: Callable[[MainWindow, Path], None],
) -> None:
    qtbot.keyClick(opened, "d")
    canvas = opened.canvas

    def assert_it_is_the_difference() -> None:
        canvas.set_camera(Camera(90.3, 80.4, 3))
        assert_difference(canvas, known(opened), 120, canvas.width() - 200)

    assert_it_is_the_difference()
    opened.model.change("scale", 2)
    wait_for_analysis(qtbot, opened)
    assert_it_is_the_difference()
    analysed(opened, other_path)
    assert_it_is_the_difference()


def test_an_analysis_that_comes_complete_brings_its_own_difference(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(arrangement=DIFFERENCE)
    before = pixels(canvas)
    other = analyse(analysis.image, Recipe(scale=2))
    canvas.show_image(other.image, other)
    assert_difference(canvas, other, 0, SIZE[0] - 200)
    canvas.show_image(analysis.image, analysis)
    assert (pixels(canvas) == before).all()


# Flip


@pytest.mark.parametrize("arrangement", list(Arrangement))
def test_space_held_shows_enlarged_lr_in_the_place_of_hr(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, arrangement: Arrangement
) -> None:
    canvas.show_as(arrangement=arrangement)
    before = pixels(canvas)
    first, *others = canvas.panes()
    assert len(others) == (arrangement in (SIDE, STACKED))
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    assert_shows(canvas, analysis.pair.upscaled, first, first.left, min(first.width, 600))
    held = pixels(canvas)
    for lr in others:
        beside = np.s_[int(lr.top) :, int(lr.left) :]
        assert (held[beside] == before[beside]).all(), "LR stays"
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert (pixels(canvas) == before).all()


def test_a_held_space_that_repeats_does_not_flicker(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    none = Qt.KeyboardModifier.NoModifier
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        QApplication.sendEvent(canvas, QKeyEvent(kind, Qt.Key.Key_Space, none, " ", True))
        assert shows(canvas, analysis.pair.upscaled)
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert shows(canvas, analysis.pair.hr)


def test_the_flip_ends_with_the_key_wherever_the_focus_has_gone(
    qtbot: QtBot, opened: MainWindow
) -> None:
    canvas, a = opened.canvas, opened.model.analysis
    assert a is not None
    canvas.set_camera(LOOK)
    opened.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    assert shows(canvas, a.pair.upscaled)
    (field := find(opened, QSpinBox, "stride")).setFocus()
    qtbot.waitUntil(lambda: not canvas.hasFocus())
    qtbot.keyRelease(field, Qt.Key.Key_Space)
    assert shows(canvas, a.pair.hr), "the key is let go where a field would take it"


# The grid


def blended(image: np.ndarray) -> np.ndarray:
    """Return the colour of the grid's line over `image`."""
    return image + (128 - image) * 110 / 255


def grid_share(canvas: PairCanvas, pane: Pane, image: np.ndarray, scale: int) -> float:
    """Return on how many of the edges between image pixels a line of the grid is seen."""
    camera, shown = canvas.camera, pixels(canvas)
    seen: list[bool] = []
    height, width = image.shape[:2]
    for row in range(1, height - 1):
        for column in range(1, width):
            point = np.array([(column * scale - 0.5, (row + 0.5) * scale - 0.5)])
            x, y = pane.to_screen(camera, point)[0]
            inside = pane.left + 4 < x < pane.left + pane.width - 4
            if not inside or not PILLS < y < canvas.height() - PILLS:
                continue
            sides = image[row, column - 1 : column + 1].astype(float)
            if np.abs(sides - 128).max() < 20:
                continue  # the line would have the colour of the pixels
            spot = shown[int(y), int(x - 0.5) - 1 : int(x - 0.5) + 3]
            marks = [np.abs(spot - blended(side)).max(axis=1) <= 2 for side in sides]
            seen.append(bool(np.any(marks)))
    assert len(seen) > 20
    return float(np.mean(seen))


def test_far_enlarged_pixels_have_lines_between_them(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    hr, lr = canvas.panes()
    canvas.set_camera(Camera(101.5, 101.5, 16))
    assert grid_share(canvas, hr, analysis.pair.hr, 1) > 0.95
    assert grid_share(canvas, lr, analysis.pair.lr, 4) > 0.95
    assert_shows(canvas, analysis.pair.hr, hr, hr.left, hr.left + hr.width)


def test_seen_from_farther_away_there_is_no_grid(canvas: PairCanvas, analysis: Analysis) -> None:
    hr, _ = canvas.panes()
    canvas.set_camera(Camera(101.5, 101.5, 2))
    shown, image = pixels(canvas), analysis.pair.hr
    rows, columns = np.mgrid[PILLS : SIZE[1] - PILLS, 4 : int(hr.width) - 4]
    x = np.floor((columns + 0.5 - hr.middle[0]) / 2 + 101.5 + 0.5).astype(int)
    y = np.floor((rows + 0.5 - hr.middle[1]) / 2 + 101.5 + 0.5).astype(int)
    on_it = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
    same = (shown[rows[on_it], columns[on_it]] == image[y[on_it], x[on_it]]).all(axis=1)
    assert same.mean() > 0.99


def test_lr_has_its_grid_sooner_because_its_pixels_are_larger(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    hr, lr = canvas.panes()
    canvas.set_camera(Camera(101.5, 101.5, 4))
    assert grid_share(canvas, lr, analysis.pair.lr, 4) > 0.95
    assert grid_share(canvas, hr, analysis.pair.hr, 1) < 0.2
