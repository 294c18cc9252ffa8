"""A match or a window that is asked about: why it is what it is, in words, figures and pixels."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui import theme
from srviewer.gui.state.layers import Layer, Scale
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views import closeups
from srviewer.gui.views.camera import Camera
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import match_verdict, window_verdict
from tests.gui.helpers import (
    around,
    as_array,
    click,
    drag,
    drag_slider,
    find,
    known,
    near,
    open_paths,
    pixels,
    wait_for_analysis,
)
from tests.gui.painted import assert_colors_of_difference, match_ends

PILLS = 44  # screen pixels at the top and the bottom that captions and the legend may cover
MARK = QColor(255, 226, 120)


@pytest.fixture
def opened(
    window: MainWindow, photo_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> MainWindow:
    window.resize(1400, 1000)
    analysed(window, photo_path)
    return window


def ends(window: MainWindow) -> tuple[np.ndarray, np.ndarray]:
    """Return the screen points of all matches in HR's and in LR's pane, (M, 2) each."""
    return match_ends(window.canvas, known(window))


def isolated(window: MainWindow, which: np.ndarray) -> list[int]:
    """Return the matches of `which` whose ends are far from other ends, captions and edges."""
    canvas, (hr, lr) = window.canvas, ends(window)
    every = np.concatenate([hr, lr])
    found = []
    for index in np.flatnonzero(which):
        both = (hr[index], lr[index])
        distances = [np.sort(np.hypot(*(every - end).T))[1] for end in both]
        rows = [PILLS < end[1] < canvas.height() - PILLS for end in both]
        columns = [4 < end[0] < canvas.width() - 4 for end in both]
        if min(distances) > 6 and all(rows) and all(columns):
            found.append(int(index))
    return found


def click_at(qtbot: QtBot, canvas: PairCanvas, point: np.ndarray) -> None:
    at = QPoint(*(int(np.floor(value)) for value in point))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)


def click_match(qtbot: QtBot, window: MainWindow) -> int:
    """Click an end of a kept match that no other is near, and return which it is."""
    click(qtbot, window, "stage_consistent")
    index = isolated(window, known(window).consistent.kept)[0]
    click_at(qtbot, window.canvas, ends(window)[0][index])
    return index


def click_window(qtbot: QtBot, window: MainWindow, index: int, pane: int = 0) -> None:
    """Click the middle of the window `index` of the analysis."""
    windows, canvas = known(window).windows, window.canvas
    middle = np.array([(windows.x[index], windows.y[index])]) + (windows.patch - 1) / 2
    click_at(qtbot, canvas, canvas.panes()[pane].to_screen(canvas.camera, middle)[0])


def some_window(window: MainWindow, which: np.ndarray) -> int:
    """Return one of the windows `which`, in the middle of them."""
    index = np.flatnonzero(which)
    return int(index[len(index) // 2])


def facts(window: MainWindow) -> dict[str, str]:
    """Return what the inspector's labels say, by name."""
    QApplication.processEvents()
    (form,) = window.inspector.findChildren(QFormLayout)
    rows = {}
    for row in range(form.rowCount()):
        name, value = (
            form.itemAt(row, role).widget()
            for role in (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)
        )
        assert isinstance(name, QLabel)
        assert isinstance(value, QLabel)
        assert name.isVisible()
        assert value.isVisible()
        rows[name.text()] = value.text()
    return rows


def cut(image: np.ndarray, point: np.ndarray, reach: int) -> np.ndarray:
    """Return `image` at most `reach` pixels from `point`, the canvas's grey beyond its border."""
    x, y = (round(float(value)) for value in point)
    padded = np.pad(
        image, ((reach, reach), (reach, reach), (0, 0)), constant_values=theme.CANVAS.red()
    )
    return padded[y : y + 2 * reach + 1, x : x + 2 * reach + 1]


def assert_close_up(
    window: MainWindow, place: int, expected: np.ndarray, marks: list[tuple[float, ...]]
) -> None:
    """Fail unless the close-up `place` shows the pixels, and on them the marks and no others.

    A mark is x, y, diameter and direction of a keypoint, in pixels of the close-up.
    """
    details = window.inspector.details
    shown = pixels(details)
    area = details.areas()[place]
    assert details.rect().contains(area.toAlignedRect())
    side, left, top = area.width(), area.left(), area.top()
    zoom = side / expected.shape[1]
    rows, columns = np.mgrid[: expected.shape[0], : expected.shape[1]]
    x, y = (columns + 0.5) * zoom, (rows + 0.5) * zoom
    clear = np.ones(expected.shape[:2], bool)
    for mark_x, mark_y, size, angle in marks:
        centre = np.array([mark_x + 0.5, mark_y + 0.5]) * zoom
        radius = max(size / 2 * zoom, 2)
        distance = np.hypot(x - centre[0], y - centre[1])
        clear &= (np.abs(distance - radius) > 4) & (distance > 4)
        turn = np.deg2rad(angle)
        for part in np.linspace(0, 1, 40):
            tip = centre + part * radius * np.array([np.cos(turn), np.sin(turn)])
            clear &= np.hypot(x - tip[0], y - tip[1]) > 4
            if part in (0.0, 1.0) and (tip > 0).all() and (tip < side).all():
                spot = around(shown, left + tip[0] - 0.5, top + tip[1] - 0.5, 2)
                assert near(spot, MARK, 70).any(), "centre and direction of the keypoint"
    assert clear.mean() > 0.2
    painted = shown[(top + y).astype(int), (left + x).astype(int)]
    np.testing.assert_array_equal(painted[clear], expected.astype(int)[clear])


def closeups_of(window: MainWindow) -> tuple[closeups.CloseUp, ...]:
    selected, a = window.model.selection, known(window)
    assert selected is not None
    of = closeups.of_match if selected.kind == "match" else closeups.of_window
    return of(a, selected.index)


# A match


@pytest.mark.parametrize("pane", [0, 1], ids=["in HR", "in LR"])
@pytest.mark.parametrize("kind", ["kept", "rejected"])
def test_a_click_on_an_end_of_a_match_lets_it_stand_alone_and_tells_why(
    qtbot: QtBot, opened: MainWindow, kind: str, pane: int
) -> None:
    a, canvas = known(opened), opened.canvas
    click(qtbot, opened, "stage_consistent")
    assert not opened.inspector.asked
    kept = kind == "kept"
    index = isolated(opened, a.consistent.kept == kept)[0]
    size, before = canvas.size(), pixels(canvas)
    click_at(qtbot, canvas, ends(opened)[pane][index])
    assert opened.model.selection == Selected("match", index)
    assert canvas.size() == size, "the picture keeps its place while the inspector opens"
    shown = pixels(canvas)
    canvas.show_as(selection=None)
    assert (pixels(canvas) == before).all()
    canvas.show_as(layers=frozenset())
    drawn = (shown != pixels(canvas)).any(axis=-1)
    color = KEPT if kept else REJECTED
    start, end = (point[index] for point in ends(opened))
    for x, y in (start, end):
        for dx, dy in ((8, 0), (-8, 0), (0, 8), (0, -8)):
            assert near(around(shown, x + dx - 0.5, y + dy - 0.5, 1), color).any(), "the ring"
    line = start + (end - start) * np.linspace(0, 1, int(2 * np.hypot(*(end - start))))[:, None]
    on_line = [near(around(shown, x - 0.5, y - 0.5, 1), color).any() for x, y in line]
    assert np.mean(on_line) > (0.97 if kept else 0.4), "dashed where it is rejected"
    for x, y in line:
        around(drawn, x - 0.5, y - 0.5, 5)[:] = False
    for x, y in (start, end):
        around(drawn, x - 0.5, y - 0.5, 12)[:] = False
    drawn[:PILLS] = drawn[-PILLS:] = False
    assert not drawn.any(), "no other line is left"


def test_the_inspector_tells_verdict_and_figures_of_a_match(
    qtbot: QtBot, opened: MainWindow
) -> None:
    a = known(opened)
    click(qtbot, opened, "stage_consistent")
    for kept in (True, False):
        index = isolated(opened, a.consistent.kept == kept)[-1]
        click_at(qtbot, opened.canvas, ends(opened)[0][index])
        inspector = opened.inspector
        assert inspector.isVisible()
        assert inspector.title.text() == f"Match {index} of {len(a.matches)}"
        assert inspector.verdict.isVisible()
        assert inspector.verdict.text() == match_verdict(a, index)
        assert inspector.verdict.text().startswith("kept" if kept else "rejected")
        shown = facts(opened)
        dx, dy = a.consistent.displacement[index]
        assert shown["distance ratio"] == f"{a.consistent.ratio[index]:.4f}"
        assert shown["displacement"] == f"{dx:+.2f}, {dy:+.2f} LR px"
        hr, lr = a.matches.hr_index[index], a.matches.lr_index[index]
        apart = np.abs(
            a.keypoints.hr.descriptors[hr].astype(float) - a.keypoints.lr.descriptors[lr]
        ).sum()
        assert shown["descriptors differ"] == f"{apart:,.0f} (L1)"
        for name, features, which in (("HR", a.keypoints.hr, hr), ("LR", a.keypoints.lr, lr)):
            x, y = features.points[which]
            assert shown[f"{name} keypoint"] == f"x {x:.1f}  y {y:.1f} px"
            size, angle = features.sizes[which], features.angles[which]
            assert shown[f"{name} scale, angle"] == f"{size:.1f} px, {angle:.0f}\N{DEGREE SIGN}"
        qtbot.keyClick(opened.canvas, Qt.Key.Key_Escape)


def test_both_ends_of_a_match_are_shown_enlarged_with_scale_and_angle(
    qtbot: QtBot, opened: MainWindow
) -> None:
    a = known(opened)
    click(qtbot, opened, "stage_consistent")
    for index in isolated(opened, a.consistent.kept)[:3]:
        click_at(qtbot, opened.canvas, ends(opened)[0][index])
        for place, (features, which, image, reach) in enumerate(
            (
                (a.keypoints.hr, a.matches.hr_index[index], a.pair.hr, 24),
                (a.keypoints.lr, a.matches.lr_index[index], a.pair.lr, 6),
            )
        ):
            point = features.points[which]
            x, y = point - [round(float(value)) for value in point] + reach
            mark = (x, y, features.sizes[which], features.angles[which])
            assert_close_up(opened, place, cut(image, point, reach), [mark])
        qtbot.keyClick(opened.canvas, Qt.Key.Key_Escape)


def test_esc_shows_all_matches_and_arrow_keys_pan_again(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, "stage_matches")
    canvas, before = opened.canvas, pixels(opened.canvas)
    index = isolated(opened, np.ones(len(known(opened).matches), bool))[0]
    click_at(qtbot, canvas, ends(opened)[0][index])
    assert (pixels(canvas) != before).any()
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert opened.model.selection is None
    assert not opened.inspector.asked
    assert (pixels(canvas) == before).all()
    look = canvas.camera
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.camera.x > look.x
    assert opened.model.selection is None


STEPS = ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1), (Qt.Key.Key_Left, -1), (Qt.Key.Key_Up, -1))


def test_arrow_keys_step_from_match_to_match_round_and_round(
    qtbot: QtBot, opened: MainWindow
) -> None:
    count = len(known(opened).matches)
    index = click_match(qtbot, opened)
    for key, step in STEPS:
        for _ in range(count):
            index = (index + step) % count
            qtbot.keyClick(opened.canvas, key)
            assert opened.model.selection == Selected("match", index), key
        assert opened.inspector.title.text() == f"Match {index} of {count}"


def test_stepping_brings_the_match_into_view(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, "stage_consistent")
    a, canvas = known(opened), opened.canvas
    opened.model.select(Selected("match", 0))
    canvas.set_camera(Camera(2, 2, 12))
    far = int(np.argmax(np.hypot(*a.matches.hr_points.T)))
    opened.model.select(Selected("match", (far - 1) % len(a.matches)))
    canvas.set_camera(Camera(2, 2, 12))
    assert not canvas.panes()[0].visible(canvas.camera, a.matches.hr_points[far : far + 1])[0]
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert opened.model.selection == Selected("match", far)
    assert canvas.camera.zoom == 12, "as close as before"
    x, y = ends(opened)[0][far]
    shown = pixels(canvas)
    color = KEPT if a.consistent.kept[far] else REJECTED
    ring = [around(shown, x + dx - 0.5, y - 0.5, 1) for dx in (-8, 8)]
    assert all(near(spot, color).any() for spot in ring)


def test_a_step_within_view_does_not_move_the_picture(qtbot: QtBot, opened: MainWindow) -> None:
    click(qtbot, opened, "stage_consistent")
    canvas = opened.canvas
    canvas.set_camera(Camera(124, 100, 2))
    hr = known(opened).matches.hr_points
    seen = canvas.panes()[0].visible(canvas.camera, hr)
    index = int(np.flatnonzero(seen[:-1] & seen[1:])[0])
    opened.model.select(Selected("match", index))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert opened.model.selection == Selected("match", index + 1)
    assert canvas.camera == Camera(124, 100, 2)


def test_the_buttons_of_the_inspector_step_and_close(qtbot: QtBot, opened: MainWindow) -> None:
    index = click_match(qtbot, opened)
    buttons = {one.accessibleName(): one for one in opened.inspector.findChildren(QToolButton)}
    qtbot.mouseClick(buttons["Next"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Next"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Previous"], Qt.MouseButton.LeftButton)
    count = len(known(opened).matches)
    assert opened.model.selection == Selected("match", (index + 1) % count)
    qtbot.mouseClick(buttons["Close"], Qt.MouseButton.LeftButton)
    assert opened.model.selection is None
    assert not opened.inspector.asked


# A window


def keypoints_words(a: Analysis, index: int) -> str:
    """Return how many keypoints OpenCV finds in a window alone, and at how many places if fewer."""
    x, y, side = int(a.windows.x[index]), int(a.windows.y[index]), a.windows.patch
    grey = np.ascontiguousarray(a.keypoints.hr_grey[y : y + side, x : x + side])
    found = cv2.SIFT_create().detect(grey, None)
    places = len({one.pt for one in found})
    return f"{len(found)}" + (f", at {places} place{'s' * (places > 1)}" * (places < len(found)))


def test_a_click_on_a_window_tells_why_it_is_kept_or_not(qtbot: QtBot, opened: MainWindow) -> None:
    a, inspector = known(opened), opened.inspector
    for pane, kind in product((0, 1), ("kept", "rejected")):
        index = some_window(opened, a.patches.candidates & (a.patches.kept == (kind == "kept")))
        click_window(qtbot, opened, index, pane)
        assert opened.model.selection == Selected("window", index)
        assert inspector.isVisible()
        assert inspector.title.text() == f"Window at x {a.windows.x[index]}, y {a.windows.y[index]}"
        assert inspector.verdict.text() == window_verdict(a, index)
        assert inspector.verdict.text().startswith(
            f"{kind}: {a.texture.keypoints[index]} keypoints"
        )
        assert facts(opened) == {
            "place": f"x {a.windows.x[index]}  y {a.windows.y[index]},  33 x 33 px",
            "keypoints": keypoints_words(a, index),
            "matches": str(a.patches.matches[index]),
            "PSNR": f"{a.quality.psnr[index]:.2f} dB",
            "SSIM": f"{a.quality.ssim[index]:.4f}",
        }


def test_the_edge_of_the_window_asked_about_is_drawn_in_both_panes(
    qtbot: QtBot, opened: MainWindow
) -> None:
    a, canvas = known(opened), opened.canvas
    for kept, color in ((True, KEPT), (False, REJECTED)):
        index = some_window(opened, a.patches.candidates & (a.patches.kept == kept))
        click_window(qtbot, opened, index)
        qtbot.mouseMove(canvas, QPoint(3, canvas.height() - 3))
        shown = pixels(canvas)
        corner = np.array([(a.windows.x[index], a.windows.y[index])]) - 0.5
        for pane in canvas.panes():
            (left, top), (right, bottom) = pane.to_screen(
                canvas.camera, np.concatenate([corner, corner + 33])
            )
            for share in (0.1, 0.3, 0.5, 0.7, 0.9):
                x, y = left + share * (right - left), top + share * (bottom - top)
                for at in ((x, top), (x, bottom), (left, y), (right, y)):
                    spot = around(shown, at[0] - 0.5, at[1] - 0.5, 1)
                    assert near(spot, color).any()


def own_keypoints(a: Analysis, index: int, recipe: Recipe) -> list[cv2.KeyPoint]:
    """Return what OpenCV itself detects in the window `index` of the HR image."""
    x, y, side = a.windows.x[index], a.windows.y[index], a.windows.patch
    grey = cv2.cvtColor(a.pair.hr[y : y + side, x : x + side], cv2.COLOR_RGB2GRAY)
    sift = cv2.SIFT_create(
        nfeatures=recipe.sift_nfeatures,
        nOctaveLayers=recipe.sift_n_octave_layers,
        contrastThreshold=recipe.sift_contrast_threshold,
        edgeThreshold=recipe.sift_edge_threshold,
        sigma=recipe.sift_sigma,
    )
    return list(sift.detect(np.ascontiguousarray(grey), None))


def test_a_window_is_shown_enlarged_in_hr_lr_enlarged_and_difference(
    qtbot: QtBot, opened: MainWindow
) -> None:
    a = known(opened)
    for kind in ("kept", "rejected"):
        index = some_window(opened, a.patches.candidates & (a.patches.kept == (kind == "kept")))
        click_window(qtbot, opened, index)
        x, y = int(a.windows.x[index]), int(a.windows.y[index])
        inner = np.s_[y : y + 33, x : x + 33]
        hr, upscaled = a.pair.hr[inner], a.pair.upscaled[inner]
        found = own_keypoints(a, index, a.recipe)
        assert len(found) == a.texture.keypoints[index]
        marks = [(*one.pt, one.size, one.angle) for one in found]
        titles = [one.titles[0] for one in closeups_of(opened)]
        assert titles == ["HR", "LR", "LR enlarged", "difference, 0\N{EN DASH}64+"]
        (first, *others) = closeups_of(opened)
        own = np.array(sorted(map(list, marks)), float)
        drawn = np.array(sorted(first.marks), float)
        np.testing.assert_allclose(drawn, own, atol=1e-3)
        assert not any(one.marks for one in others)
        lr = a.pair.lr[y // 4 : -(-(y + 33) // 4), x // 4 : -(-(x + 33) // 4)]
        if kind == "rejected":  # with many keypoints too little of HR is clear of their circles
            assert_close_up(opened, 0, hr, marks)
        assert_close_up(opened, 1, lr, [])
        assert_close_up(opened, 2, upscaled, [])
        difference = closeups_of(opened)[3].pixels
        assert_colors_of_difference(difference, hr, upscaled)
        assert_close_up(opened, 3, difference, [])


def test_in_scope_image_the_keypoints_of_the_image_are_drawn_in_a_window(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.model.change("keypoint_scope", "image")
    wait_for_analysis(qtbot, opened)
    a = known(opened)
    index = some_window(opened, a.patches.candidates & (a.texture.keypoints > 2))
    click_window(qtbot, opened, index)
    corner = np.array([a.windows.x[index], a.windows.y[index]])
    places = a.keypoints.hr.points - corner
    inside = ((places >= -0.5) & (places < 32.5)).all(axis=1)
    assert inside.sum() == a.texture.keypoints[index]
    drawn = sorted((x, y) for x, y, *_ in closeups_of(opened)[0].marks)
    np.testing.assert_allclose(drawn, sorted(map(tuple, places[inside].tolist())), atol=1e-4)


def test_with_canny_a_window_tells_its_share_of_edge_pixels(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.model.change("texture", "canny")
    wait_for_analysis(qtbot, opened)
    a = known(opened)
    index = some_window(opened, a.patches.candidates)
    click_window(qtbot, opened, index)
    x, y = int(a.windows.x[index]), int(a.windows.y[index])
    grey = cv2.cvtColor(a.pair.hr[y : y + 33, x : x + 33], cv2.COLOR_RGB2GRAY)
    share = (cv2.Canny(np.ascontiguousarray(grey), 100, 200) > 0).mean()
    assert facts(opened)["edge pixels"] == f"{100 * share:.1f} %"
    assert f"{100 * share:.1f} % edge pixels" in opened.inspector.verdict.text()


def test_arrow_keys_step_over_the_candidate_windows_only(qtbot: QtBot, opened: MainWindow) -> None:
    a = known(opened)
    candidates = np.flatnonzero(a.patches.candidates)
    assert 0 < len(candidates) < len(a.windows)
    click_window(qtbot, opened, int(candidates[0]))
    for index in (*candidates[1:], candidates[0]):
        qtbot.keyClick(opened.canvas, Qt.Key.Key_Right)
        assert opened.model.selection == Selected("window", int(index))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Left)
    assert opened.model.selection == Selected("window", int(candidates[-1]))


# What it is asked no more


def test_a_changed_threshold_changes_the_verdict_on_screen_at_once(
    qtbot: QtBot, opened: MainWindow
) -> None:
    a, slider = known(opened), find(opened, QSlider, "min_keypoints_slider")
    index = some_window(opened, a.patches.kept)
    click_window(qtbot, opened, index)
    count = int(a.texture.keypoints[index])
    QApplication.processEvents()  # the inspector takes room from the recipe's panel
    drag_slider(qtbot, slider, count + 5)
    assert opened.model.selection == Selected("window", index)
    least = opened.model.recipe.min_keypoints
    assert least > count
    words = f"rejected: {count} keypoints; at least {least} are needed"
    assert opened.inspector.verdict.text() == words
    assert "bright-text" in opened.inspector.verdict.styleSheet()
    match = click_match(qtbot, opened)
    assert opened.inspector.verdict.text().startswith("kept")
    assert "highlight" in opened.inspector.verdict.styleSheet()
    QApplication.processEvents()
    drag_slider(qtbot, find(opened, QSlider, "error_margin_slider"), 0)
    assert opened.model.recipe.error_margin == 0
    assert opened.model.selection == Selected("match", match)
    assert opened.inspector.verdict.text().startswith("rejected")
    assert "the margin is 0 %" in opened.inspector.verdict.text()


FOUND_ANEW = [
    ("match", "scale", 3),
    ("match", "sift_edge_threshold", 5.0),
    ("match", "filter", "lanczos"),
    ("window", "patch", 20),
    ("window", "stride", 20),
]


@pytest.mark.parametrize(("kind", "key", "value"), FOUND_ANEW)
def test_what_is_found_anew_is_asked_about_no_more(
    qtbot: QtBot, opened: MainWindow, kind: str, key: str, value: object
) -> None:
    if kind == "match":
        click_match(qtbot, opened)
    else:
        click_window(qtbot, opened, some_window(opened, known(opened).patches.kept))
    assert opened.inspector.isVisible()
    opened.model.change(key, value)
    for _ in range(2):
        assert opened.model.selection is None
        assert not opened.inspector.asked
        wait_for_analysis(qtbot, opened)


def test_another_image_ends_the_question(
    qtbot: QtBot, opened: MainWindow, photo_path: Path, other_path: Path
) -> None:
    click_window(qtbot, opened, some_window(opened, known(opened).patches.kept))
    open_paths(qtbot, opened, [other_path])
    assert opened.model.selection is None
    assert not opened.inspector.asked
    wait_for_analysis(qtbot, opened, other_path)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_PageUp)
    assert opened.model.current is not None
    assert opened.model.current.path == photo_path
    assert opened.model.selection is None
    assert not opened.inspector.asked


def test_a_click_on_no_window_ends_the_question(qtbot: QtBot, opened: MainWindow) -> None:
    a, canvas = known(opened), opened.canvas
    index = some_window(opened, a.patches.kept)
    click_window(qtbot, opened, index)
    outside = int(np.flatnonzero(~a.patches.candidates)[0])
    click_window(qtbot, opened, outside)
    assert opened.model.selection is None
    assert not opened.inspector.asked
    click_window(qtbot, opened, index)
    assert opened.inspector.isVisible()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(2, canvas.height() // 2))
    assert opened.model.selection is None
    assert not opened.inspector.asked


def test_a_drag_asks_nothing_and_keeps_what_is_asked(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.canvas
    drag(qtbot, canvas, QPoint(200, 200), QPoint(230, 215))
    assert opened.model.selection is None
    index = some_window(opened, known(opened).patches.kept)
    click_window(qtbot, opened, index)
    before = canvas.camera
    drag(qtbot, canvas, QPoint(200, 200), QPoint(230, 215))
    assert canvas.camera != before
    assert opened.model.selection == Selected("window", index)
    assert opened.inspector.isVisible()


def test_without_window_layers_a_click_on_the_picture_asks_about_no_window(
    qtbot: QtBot, opened: MainWindow
) -> None:
    index = some_window(opened, known(opened).patches.kept)
    for stage in ("stage_source", "stage_pair"):
        click(qtbot, opened, stage)
        assert Layer.KEPT_WINDOWS not in opened.model.layers
        click_window(qtbot, opened, index)
        assert opened.model.selection is None


# Copied, and in another theme


def test_the_details_are_copied_as_a_picture(qtbot: QtBot, opened: MainWindow) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("before")
    copy = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(opened, Qt.Key.Key_C, copy)
    assert clipboard.text() == "before", "nothing is asked about"
    a = known(opened)
    index = some_window(opened, a.patches.kept)
    click_window(qtbot, opened, index)
    qtbot.keyClick(opened, Qt.Key.Key_C, copy)
    copied = as_array(clipboard.image())
    assert copied.shape == (264, 4 * 264 + 3 * 8, 3)
    x, y = int(a.windows.x[index]), int(a.windows.y[index])
    centres = ((np.arange(33) + 0.5) * 8).astype(int)  # a pixel is 8 x 8, without keypoints
    inner = np.s_[y : y + 33, x : x + 33]
    for place, image in ((0, a.pair.hr), (2, a.pair.upscaled)):
        part = copied[:, place * 272 : place * 272 + 264]
        assert (part[np.ix_(centres, centres)] == image[inner]).all()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(opened, Qt.Key.Key_C, copy)
    assert (as_array(clipboard.image()) != copied).any()


def test_the_verdict_has_the_colour_of_the_theme_after_a_switch(
    qtbot: QtBot, opened: MainWindow, all_themes: Iterator[theme.Theme]
) -> None:
    a = known(opened)
    click_window(qtbot, opened, some_window(opened, a.patches.candidates & ~a.patches.kept))
    shown = [pixels(opened.inspector.verdict) for _ in all_themes]
    for index, one in enumerate((theme.LIGHT, theme.DARK)):
        assert near(shown[index], QColor(one.warning), 40).any()
        assert not near(shown[1 - index], QColor(one.warning), 12).any()


def test_the_inspector_is_found_by_its_name_and_says_what_to_click(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert find(window, type(window.inspector), "inspector") is window.inspector
    assert not window.inspector.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    assert window.inspector.isVisible()
    assert not window.inspector.asked
    hint = find(window, QLabel, "inspector_hint")
    assert hint.isVisible()
    assert "Click a window" in hint.text()


def test_the_difference_has_the_colours_of_the_picture(opened: MainWindow) -> None:
    opened.model.select(Selected("window", 0))
    before = opened.inspector.details.shown[-1]
    opened.pair.scale.use(Scale(top=8, signed=True))
    after = opened.inspector.details.shown[-1]
    assert after.titles[0] == "difference, \N{PLUS-MINUS SIGN}8"
    assert np.any(after.pixels != before.pixels)
    opened.pair.scale.use(Scale())
    assert np.array_equal(opened.inspector.details.shown[-1].pixels, before.pixels)
