"""The canvas by its pixels: what is painted, not what it was told to paint."""

import subprocess
import sys
import textwrap
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import BOX, KEPT, NEUTRAL, REJECTED
from srviewer.gui.views import overlays
from srviewer.gui.views.camera import Camera, lr_in_hr
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.legend import Legend
from srviewer.gui.views.match_classes import match_points
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import Verdict
from tests.gui.helpers import around, click, drag, find, near, pixels, turn_wheel
from tests.gui.painted import PILLS, assert_shows, cell, match_ends

SIZE = (806, 420)
COLOR_OF_KEPT = np.array([KEPT.red(), KEPT.green(), KEPT.blue()])


CAMERAS = [Camera(124.3, 99.8, 4), Camera(40.1, 160.7, 7.5), Camera(200, 20, 3)]


@pytest.mark.parametrize("camera", CAMERAS)
def test_each_pane_shows_its_pixels_where_the_camera_says_and_lr_at_the_scale_of_hr(
    canvas: PairCanvas, analysis: Analysis, camera: Camera
) -> None:
    canvas.set_camera(camera)
    for pane, image, scale in zip(
        canvas.panes(), (analysis.pair.hr, analysis.pair.lr), (1, 4), strict=True
    ):
        assert_shows(canvas, image, pane, pane.left, pane.left + pane.width, scale)


def test_an_lr_pixel_is_one_flat_square(canvas: PairCanvas, analysis: Analysis) -> None:
    canvas.set_camera(Camera(101.5, 101.5, 12))  # the middle of LR pixel (25, 25)
    x, y = canvas.panes()[1].middle
    square = around(pixels(canvas), x, y, reach=22)  # of 48 screen pixels
    assert (square == analysis.pair.lr[25, 25]).all()


def test_farther_away_the_picture_is_averaged_not_picked(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.set_camera(Camera(127.5, 103.5, 1 / 8))
    x, y = canvas.panes()[0].middle
    left, top = int(x - 10), int(y - 8)
    shown = pixels(canvas)[top : top + 16, left : left + 20]
    part = analysis.pair.hr[40:168, 48:208].astype(float)
    means = part.reshape(16, 8, 20, 8, 3).mean(axis=(1, 3))
    assert np.abs(shown - means).mean() < 4
    picked = part[4::8, 4::8]
    assert np.abs(shown - means).mean() < np.abs(shown - picked).mean() / 2


def test_fit_shows_all_of_both_images_amid_the_background(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.set_camera(Camera(10, 10, 9))
    canvas.fit()
    shown = pixels(canvas)
    width, height = analysis.pair.size
    for pane in canvas.panes():
        corners = np.array([(-0.5, -0.5), (width - 0.5, height - 0.5)])
        (left, top), (right, bottom) = pane.to_screen(canvas.camera, corners)
        assert pane.left < left < right < pane.left + pane.width
        assert pane.top < top < bottom < pane.top + pane.height
        background = shown[PILLS + 20, int(pane.left) + 2]
        middle = round((top + bottom) / 2)
        assert (shown[middle, round(left) - 2] == background).all()
        assert (shown[middle, round(right) + 2] == background).all()
        assert (shown[middle, round(left) + 2 : round(right) - 2] != background).any(axis=-1).all()


# Match lines


def line_ends(canvas: PairCanvas, a: Analysis, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the screen points of the matches `which` that both panes show."""
    hr, lr = a.matches.hr_points, lr_in_hr(a.matches.lr_points, a.pair.scale)
    left, right = canvas.panes()
    seen = which & left.visible(canvas.camera, hr) & right.visible(canvas.camera, lr)
    starts, ends = match_ends(canvas, a)
    return starts[seen], ends[seen]


def share_painted(mask: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Return how much of the line from `start` to `end` lies on the mask, captions left out."""
    points = start + (end - start) * np.linspace(0, 1, 60)[:, None]
    height, width = mask.shape
    gap = np.abs(points[:, 0] - width / 2) < 6
    clear = (points[:, 1] > PILLS) & (points[:, 1] < height - PILLS) & ~gap
    found = [around(mask, x - 0.5, y - 0.5, 1).any() for x, y in points[clear]]
    return float(np.mean(found)) if found else 1.0


def zoomed_in(canvas: PairCanvas) -> None:
    canvas.set_camera(Camera(120, 100, 2.5))


def dragged(canvas: PairCanvas) -> None:
    canvas.set_camera(canvas.camera.moved(37, -21))


def wheeled(canvas: PairCanvas) -> None:
    turn_wheel(canvas, QPointF(150, 260), 2)


def resized(canvas: PairCanvas) -> None:
    canvas.resize(701, 533)


def both(canvas: PairCanvas) -> None:
    wheeled(canvas)
    canvas.resize(933, 377)
    dragged(canvas)


@pytest.mark.parametrize("gesture", [zoomed_in, dragged, wheeled, resized, both])
def test_match_lines_stay_on_their_points(
    canvas: PairCanvas, analysis: Analysis, gesture: Callable[[PairCanvas], None]
) -> None:
    gesture(canvas)
    plain = near(pixels(canvas), KEPT)
    canvas.show_as(layers=frozenset({Layer.KEPT_MATCHES}))
    lines = near(pixels(canvas), KEPT) & ~plain
    starts, ends = line_ends(canvas, analysis, analysis.consistent.kept)
    assert len(starts) > 5
    for start, end in zip(starts, ends, strict=True):
        assert share_painted(lines, start, end) > 0.97
    height = canvas.height()
    for x, y in (*starts, *ends):
        if PILLS < y < height - PILLS:
            assert around(lines, x - 0.5, y - 0.5, 3).sum() > 8, "the mark at the line's end"
    # And nowhere else: a line that was not expected would leave a trail of pixels.
    for start, end in zip(starts, ends, strict=True):
        steps = int(np.hypot(*(end - start)) * 2)
        for x, y in start + (end - start) * np.linspace(0, 1, steps)[:, None]:
            around(lines, x - 0.5, y - 0.5, 2)[:] = False
        for x, y in (start, end):
            around(lines, x - 0.5, y - 0.5, 4)[:] = False
    lines[:PILLS] = lines[-PILLS:] = False
    assert lines.sum() == 0


def test_rejected_matches_have_a_colour_and_crosses_of_their_own(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    zoomed_in(canvas)
    plain = near(pixels(canvas), REJECTED)
    canvas.show_as(layers=frozenset({Layer.REJECTED_MATCHES}))
    shown = pixels(canvas)
    lines = near(shown, REJECTED) & ~plain
    assert not (near(shown, KEPT)[PILLS:-PILLS]).any()
    starts, ends = line_ends(canvas, analysis, ~analysis.consistent.kept)
    assert len(starts) > 2
    for start, end in zip(starts, ends, strict=True):
        assert share_painted(lines, start, end) > 0.4, "dashed"
        for x, y in (start, end):
            if PILLS < y < canvas.height() - PILLS:
                for dx, dy in ((-3, -3), (3, 3), (-3, 3), (3, -3)):
                    assert around(lines, x + dx - 0.5, y + dy - 0.5, 1).any(), "the cross"


def test_an_end_that_is_not_in_view_is_not_marked_in_the_other_pane(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    hr, lr = analysis.matches.hr_points, lr_in_hr(analysis.matches.lr_points, analysis.pair.scale)
    one = int(np.argmax(hr[:, 0] - lr[:, 0]))
    assert hr[one, 0] - lr[one, 0] > 60, "its LR end lies far to the left"
    canvas.set_camera(Camera(*hr[one], 6))
    before = pixels(canvas)
    canvas.show_as(selection=Selected("match", one))
    other = (pixels(canvas) != before).any(axis=2)
    at = match_ends(canvas, analysis)[0][one]
    assert around(other, *at, 10).any()
    other[PILLS:-PILLS, int(at[0]) - 12 : int(at[0]) + 12] = False
    assert not other[PILLS:-PILLS].any(), "and nothing else"


def test_all_matches_are_those_before_the_filter(canvas: PairCanvas, analysis: Analysis) -> None:
    canvas.set_camera(Camera(120, 100, 1.5))
    plain = near(pixels(canvas), NEUTRAL, 4)
    canvas.show_as(layers=frozenset({Layer.ALL_MATCHES}))
    lines = near(pixels(canvas), NEUTRAL, 4) | plain
    everything = np.ones(len(analysis.matches), bool)
    starts, ends = line_ends(canvas, analysis, everything)
    assert len(starts) > analysis.consistent.kept.sum()
    for start, end in zip(starts, ends, strict=True):
        assert share_painted(lines, start, end) > 0.97


def test_too_many_lines_thin_out_and_the_legend_tells(
    canvas: PairCanvas, analysis: Analysis, painted_texts: list[str]
) -> None:
    count = len(analysis.matches)
    everything = np.ones(count, bool)
    canvas.resize(806, 160 + 2 * PILLS)
    canvas.fit()
    canvas.show_as(layers=frozenset({Layer.ALL_MATCHES}))
    pixels(canvas)
    assert f"{count} matches" in painted_texts, "all of them fit"
    del painted_texts[:]
    canvas.resize(806, 160)
    canvas.fit()
    canvas.show_as(layers=frozenset())
    plain = near(pixels(canvas), NEUTRAL, 4)
    del painted_texts[:]
    canvas.show_as(layers=frozenset({Layer.ALL_MATCHES}))
    lines = near(pixels(canvas), NEUTRAL, 4) & ~plain
    legends = [text for text in painted_texts if text.endswith(f" of {count} matches")]
    assert len(legends) == 1
    drawn = int(legends[0].split()[0])
    assert 0 < drawn < count
    starts, ends = line_ends(canvas, analysis, everything)
    assert len(starts) == count
    painted = [share_painted(lines, *both) > 0.9 for both in zip(starts, ends, strict=True)]
    assert drawn * 0.7 <= sum(painted) < count
    canvas.show_as(layers=frozenset({Layer.ALL_MATCHES, Layer.EVERY_LINE}))
    lines = near(pixels(canvas), NEUTRAL, 4) & ~plain
    assert painted_texts[-1] == f"{count} matches"
    assert all(share_painted(lines, *both) > 0.9 for both in zip(starts, ends, strict=True))


def test_what_is_kept_is_named_first_of_matches_as_of_windows(
    canvas: PairCanvas, analysis: Analysis, painted_texts: list[str]
) -> None:
    for kind, layers in (
        ("matches", {Layer.REJECTED_MATCHES, Layer.KEPT_MATCHES}),
        ("windows", {Layer.REJECTED_WINDOWS, Layer.KEPT_WINDOWS}),
    ):
        painted_texts.clear()
        canvas.show_as(layers=frozenset(layers))
        canvas.grab()
        named = [text.split()[-2] for text in painted_texts if text.endswith(kind)]
        assert named == ["kept", "rejected"]


def test_the_same_lines_stay_when_they_are_thinned_and_panned(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.resize(1600, 160)
    canvas.show_as(layers=frozenset({Layer.ALL_MATCHES}))
    # LR's ends, moved back: a line that is drawn before and after is at the same place.
    canvas.set_camera(Camera(124, 100, 0.6))
    before = pixels(canvas)[PILLS:-PILLS]
    canvas.set_camera(canvas.camera.moved(20, 0))
    after = pixels(canvas)[PILLS:-PILLS]
    half = canvas.width() // 2 - 30
    np.testing.assert_array_equal(before[:, 2 : half - 20], after[:, 22:half])


# The box and the windows


def test_the_box_is_drawn_on_both_panes_and_what_is_outside_is_darker(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.set_camera(Camera(130, 100, 1.5))
    plain = pixels(canvas)
    canvas.show_as(layers=frozenset({Layer.BOX}))
    shown = pixels(canvas)
    box = analysis.box.hr
    assert box is not None
    for pane in canvas.panes():
        corners = np.array([(box.x0, box.y0), (box.x1, box.y1)]) - 0.5
        (left, top), (right, bottom) = pane.to_screen(canvas.camera, corners)
        # Points on the sides that the rings at the corner matches do not cover.
        across, down = np.linspace(left, right, 9)[1:-1], np.linspace(top, bottom, 9)[1:-1]
        sides = [(x, y) for y in (top, bottom) for x in across]
        sides += [(x, y) for x in (left, right) for y in down]
        on_edge = [near(around(shown, x - 0.5, y - 0.5, 1), BOX, 8).any() for x, y in sides]
        assert np.mean(on_edge) > 0.85
        inner = np.s_[int(top) + 14 : int(bottom) - 14, int(left) + 14 : int(right) - 14]
        same = (shown[inner] == plain[inner]).all(axis=-1)
        assert same.mean() > 0.97, "inside it the picture is as it was, but for a ring"
        strip = np.s_[int(top) + 20 : int(bottom) - 20, int(left) - 22 : int(left) - 8]
        assert shown[strip].mean() < 0.7 * plain[strip].mean()


def without_corner_marks(canvas: PairCanvas, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Return the canvas's pixels as they are but for the rings at the corners' matches."""
    monkeypatch.setattr(overlays, "corner_marks", lambda *_: None)
    return pixels(canvas)


def corners_on_screen(canvas: PairCanvas, a: Analysis) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for pane, points in zip(canvas.panes(), match_points(a), strict=True):
        found += map(tuple, pane.to_screen(canvas.camera, points[a.box.corners]).tolist())
    return found


def test_the_match_that_a_corner_has_is_seen_in_its_ring(
    canvas: PairCanvas, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.fit()
    canvas.show_as(layers=frozenset({Layer.BOX}))
    shown = pixels(canvas)
    plain = without_corner_marks(canvas, monkeypatch)
    corners = corners_on_screen(canvas, analysis)
    assert len(corners) == 8
    for x, y in corners:
        ring = around(shown, x, y, 9) != around(plain, x, y, 9)
        assert ring.any()
        inner = [around(one, x - 0.5, y - 0.5, 2) for one in (shown, plain)]
        np.testing.assert_array_equal(*inner)


def test_words_that_lie_over_a_corner_can_be_read(
    canvas: PairCanvas, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[QRectF] = []
    paint = Legend.paint

    def note(self: Legend, painter: QPainter, at: QPointF) -> None:
        places.append(QRectF(at, self.size))
        paint(self, painter, at)

    monkeypatch.setattr(Legend, "paint", note)
    canvas.resize(350, 160)  # no place is free there
    canvas.fit()
    windows = {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}
    canvas.show_as(layers=frozenset({Layer.BOX, *windows}))
    shown = pixels(canvas)
    words = places[-1]
    plain = without_corner_marks(canvas, monkeypatch)
    assert any(words.contains(x, y) for x, y in corners_on_screen(canvas, analysis))
    left, top, width, height = words.adjusted(2, 2, -2, -2).toRect().getRect()
    covered = np.s_[top : top + height, left : left + width]
    assert np.abs(shown[covered].astype(int) - plain[covered]).max() < 60, "it shines through"


CASES = {
    frozenset({Layer.KEPT_WINDOWS}): {"kept"},
    frozenset({Layer.REJECTED_WINDOWS}): {"rejected"},
    frozenset({Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}): {"kept", "rejected"},
    frozenset(): set(),
}


@pytest.mark.parametrize("layers", CASES, ids=lambda layers: "+".join(sorted(map(str, layers))))
def test_each_window_is_marked_in_its_own_cell(
    canvas: PairCanvas, analysis: Analysis, layers: frozenset[Layer]
) -> None:
    a = analysis
    canvas.set_camera(Camera(130, 100, 2))
    plain = pixels(canvas)
    canvas.show_as(layers=layers)
    shown = pixels(canvas)
    seen = {"kept": 0, "rejected": 0, "outside": 0}
    for pane in canvas.panes():
        for window in range(len(a.windows)):
            place = cell(canvas, a, pane, window)
            if place is None:
                continue
            verdict = Verdict(int(a.patches.verdict[window]))
            names = {Verdict.KEPT: "kept", Verdict.OUTSIDE_BOX: "outside"}
            name = names.get(verdict, "rejected")
            seen[name] += 1
            before, after = plain[place], shown[place]
            if name not in CASES[layers]:
                np.testing.assert_array_equal(after, before, err_msg=f"{window} {name}")
            elif name == "kept":
                blended = before + (COLOR_OF_KEPT - before) * 80 / 255
                assert np.abs(after - blended).max() <= 3
            else:
                assert near(after, REJECTED, 40).sum() > 10, "a diagonal"
                kept = before + (COLOR_OF_KEPT - before) * 80 / 255
                assert np.median(np.abs(after - kept)) > 10, "nothing of the kept's blue"
    assert all(count > 5 for count in seen.values())


def test_windows_seen_from_far_away_keep_their_colours(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.set_camera(Camera(130, 100, 0.3))  # a cell takes 4 screen pixels
    plain = pixels(canvas)
    canvas.show_as(layers=frozenset({Layer.KEPT_WINDOWS}))
    changed = (pixels(canvas) != plain).any(axis=-1)
    changed[:PILLS] = changed[-PILLS:] = False
    area = int(analysis.patches.kept.sum()) * (14 * 0.3) ** 2
    assert changed.sum() == pytest.approx(2 * area, rel=0.35)


# Gestures


def test_the_wheel_zooms_at_the_pointer(canvas: PairCanvas) -> None:
    canvas.set_camera(Camera(124, 100, 4))
    for at, steps in ((QPointF(120.5, 150.5), 3), (QPointF(600.5, 250.5), -2)):
        pane = canvas.panes()[at.x() > SIZE[0] / 2]
        zoom = canvas.camera.zoom
        point = pane.to_image(canvas.camera, at.x(), at.y())
        turn_wheel(canvas, at, steps)
        assert pane.to_image(canvas.camera, at.x(), at.y()) == pytest.approx(point)
        assert canvas.camera.zoom == pytest.approx(zoom * 1.25**steps)


def test_the_pixel_under_the_pointer_stays_there_while_zooming(
    canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.set_camera(Camera(124, 100, 6))
    at = QPointF(90.5, 130.5)
    column, row = np.rint(canvas.panes()[0].to_image(canvas.camera, at.x(), at.y())).astype(int)
    for _ in range(4):
        turn_wheel(canvas, at, 1)
        shown = pixels(canvas)[int(at.y()), int(at.x())]
        assert (shown == analysis.pair.hr[row, column]).all()


def test_dragging_moves_the_painted_picture_with_the_pointer(
    qtbot: QtBot, canvas: PairCanvas
) -> None:
    canvas.set_camera(Camera(124, 100, 4))
    before = pixels(canvas)
    drag(qtbot, canvas, QPoint(200, 220), QPoint(260, 180))
    canvas.repaint()
    after = pixels(canvas)
    for left in (0, 406):
        was = before[PILLS + 40 : -PILLS, left + 2 : left + 338]
        now = after[PILLS : -PILLS - 40, left + 62 : left + 398]
        assert (was == now).all(axis=-1).mean() > 0.99
    qtbot.mouseMove(canvas, QPoint(300, 100))
    assert (pixels(canvas) == after).all(), "let go, the pointer drags no more"


def test_a_double_click_goes_to_the_point(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.fit()
    at = QPoint(460, 150)
    x, y = canvas.panes()[1].to_image(canvas.camera, at.x(), at.y())
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx((x, y))
    assert canvas.camera.zoom >= 8
    middle_x, middle_y = canvas.panes()[0].middle
    column, row = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
    patch = around(pixels(canvas), middle_x, middle_y, 1).reshape(-1, 3)
    assert (patch == analysis.pair.hr[row, column]).all(axis=1).any()


def test_arrow_keys_pan(qtbot: QtBot, canvas: PairCanvas) -> None:
    canvas.set_camera(Camera(124, 100, 4))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.camera.x > 124
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.camera.x == pytest.approx(124)
    assert canvas.camera.y < 100


@pytest.mark.parametrize("fitted", [False, True])
def test_resizing_keeps_where_a_person_looks_or_fits_again(
    canvas: PairCanvas, fitted: bool
) -> None:
    canvas.set_camera(Camera(61.25, 40.5, 5.5))
    if fitted:
        canvas.fit()
    before = canvas.camera
    for step in range(12):
        canvas.resize(500 + 71 * (step % 5), 300 + 47 * (step % 4))
        pixels(canvas)
        assert (canvas.camera == before) is not fitted
    canvas.resize(*SIZE)
    assert canvas.camera == before
    canvas.resize(SIZE[0] // 2, SIZE[1] // 2)
    assert (canvas.camera.zoom < before.zoom) is fitted


def test_new_results_do_not_move_the_camera(canvas: PairCanvas, analysis: Analysis) -> None:
    look = Camera(61.25, 40.5, 5.5)
    canvas.set_camera(look)
    canvas.show_image(analysis.image, analyse(analysis.image, Recipe(scale=2), previous=analysis))
    assert canvas.camera == look


# In the window


# Where there is no second recipe there is nothing to draw of a comparison, and of a pair that was
# made nothing but a word on how windows lie.
@pytest.mark.parametrize(
    "layer", sorted(set(Layer) - {Layer.COMPARISON, Layer.ALIGNMENT, Layer.EVERY_LINE}, key=str)
)
def test_a_click_on_a_layer_button_draws_it_and_another_takes_it_off(
    qtbot: QtBot, opened: MainWindow, layer: Layer
) -> None:
    click(qtbot, opened, "stage_pair")
    name = f"layer_{layer.name.lower()}"
    button = find(opened, QToolButton, name)
    assert not button.isChecked()
    canvas = opened.canvas
    plain = pixels(canvas)
    click(qtbot, opened, name)
    assert button.isChecked()
    drawn = (pixels(canvas) != plain).any(axis=-1)
    assert drawn[PILLS:-PILLS].sum() > 50
    click(qtbot, opened, name)
    assert not button.isChecked()
    assert (pixels(canvas) == plain).all()


def test_the_source_is_shown_alone_and_what_is_trimmed_is_dark(
    qtbot: QtBot, opened: MainWindow
) -> None:
    click(qtbot, opened, "stage_source")
    canvas = opened.canvas
    assert len(canvas.panes()) == 1
    shown = pixels(canvas)
    (pane,) = canvas.panes()
    camera = canvas.camera
    image = opened.model.image
    assert image is not None
    assert image.size == (250, 200), "trimmed to 248 x 200 by the scale of 4"
    rows = np.arange(30, 180, 10)

    def at(column: int) -> np.ndarray:
        points = np.stack([np.full(len(rows), column), rows], axis=1)
        x, y = np.floor(pane.to_screen(camera, points)).astype(int).T
        return shown[y, x]

    np.testing.assert_allclose(at(100), image.rgb[rows, 100], atol=1)
    assert at(249).mean() < 0.5 * image.rgb[rows, 249].mean()


@pytest.mark.parametrize(
    ("key", "zoom"), [(Qt.Key.Key_1, "actual"), (Qt.Key.Key_0, "fit")], ids=["1:1", "fit"]
)
def test_keys_for_fit_and_actual_size(
    qtbot: QtBot, opened: MainWindow, key: Qt.Key, zoom: str
) -> None:
    canvas = opened.canvas
    fitted = canvas.camera
    canvas.set_camera(Camera(30, 40, 7))
    qtbot.keyClick(opened, key, Qt.KeyboardModifier.ControlModifier)
    if zoom == "fit":
        assert canvas.camera == fitted
    else:
        assert canvas.camera == Camera(30, 40, 1 / canvas.devicePixelRatioF())


def test_keys_zoom_in_and_out(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.canvas
    before = canvas.camera
    qtbot.keyClick(opened, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.zoom > before.zoom
    qtbot.keyClick(opened, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.zoom == pytest.approx(before.zoom)


CYCLES = """
    import sys
    import numpy as np
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    view = pg.GraphicsLayoutWidget()
    box = view.addViewBox()
    view.show()
    pixels = np.zeros((32, 32, 3), np.uint8)
    singletons = (None, True, False)
    before = [sys.getrefcount(one) for one in singletons]
    for _ in range(500):
        item = pg.ImageItem(pixels, axisOrder="row-major", levels=None, autoLevels=False)
        box.addItem(item)
        app.processEvents()
        box.removeItem(item)
        item = None
    lost = [was - sys.getrefcount(one) for was, one in zip(before, singletons)]
    view.close()
    print("lost at most", max(lost))
    sys.exit(max(lost) > 250)
"""


def test_an_image_item_can_be_added_and_removed_500_times(environment: dict[str, str]) -> None:
    """Some versions of PySide6 drop a reference to None, True or False each time, then abort."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CYCLES)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
