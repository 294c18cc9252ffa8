"""What a click on the canvas means: the match whose end is there, or else the window there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Arrangement, Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.views import picking
from srviewer.gui.views.camera import Camera
from srviewer.gui.views.canvas import PairCanvas
from srviewer.pipeline.analysis import Analysis, refresh
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import TIMEOUT
from tests.gui.painted import match_ends

SIZE = (806, 420)
ALL_MATCHES = frozenset({Layer.ALL_MATCHES})
WINDOWS = frozenset({Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS})
CAMERAS = {"whole": None, "near": Camera(120.3, 90.7, 3.1), "close": Camera(60.2, 40.4, 6)}


@pytest.fixture
def canvas(canvas: PairCanvas) -> PairCanvas:
    """Return the canvas with all of the pair in it."""
    canvas.fit()
    return canvas


def picked(qtbot: QtBot, canvas: PairCanvas, x: float, y: float) -> object:
    """Return what a click at a point of the screen asks about."""
    at = QPoint(int(np.floor(x)), int(np.floor(y)))
    with qtbot.waitSignal(canvas.picked, timeout=TIMEOUT) as told:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    return told.args[0]


def look(canvas: PairCanvas, camera: Camera | None) -> None:
    if camera is None:
        canvas.fit()
    else:
        canvas.set_camera(camera)


def seen(canvas: PairCanvas, a: Analysis) -> np.ndarray:
    """Return which matches have each end in its own pane, shape (M,)."""
    panes, inside = canvas.panes(), np.ones(len(a.matches), bool)
    for pane, side in zip((panes[0], panes[-1]), match_ends(canvas, a), strict=True):
        x, y = side.T
        inside &= (x >= pane.left) & (x <= pane.left + pane.width)
        inside &= (y >= pane.top) & (y <= pane.top + pane.height)
    return inside


def nearest_match(canvas: PairCanvas, a: Analysis, which: np.ndarray, at: np.ndarray) -> set[int]:
    """Return the drawn matches of `which` with the end nearest to `at`, none beyond 9 px."""
    found: dict[int, float] = {}
    drawn = which & seen(canvas, a)
    for side in match_ends(canvas, a):
        for index in np.flatnonzero(drawn):
            distance = float(np.hypot(*(side[index] - at)))
            found[int(index)] = min(distance, found.get(int(index), np.inf))
    best = min(found.values(), default=np.inf)
    if best > 9:
        return set()
    return {index for index, distance in found.items() if distance < best + 1e-9}


@pytest.mark.parametrize("arrangement", list(Arrangement), ids=lambda one: one.name.lower())
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_click_asks_about_the_match_with_the_nearest_end(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, camera: str, arrangement: Arrangement
) -> None:
    canvas.show_as(arrangement=arrangement)
    canvas.show_as(layers=ALL_MATCHES)
    look(canvas, CAMERAS[camera])
    everything = np.ones(len(analysis.matches), bool)
    random = np.random.default_rng(5)
    hit = 0
    for side in match_ends(canvas, analysis):
        for end in side[seen(canvas, analysis)]:
            at = np.floor(end + random.integers(-3, 4, 2))
            at_divider = arrangement is Arrangement.SWIPE and abs(at[0] - SIZE[0] / 2) <= 7
            if not ((at > 0).all() and (at < SIZE).all()) or at_divider:
                continue
            chosen = picked(qtbot, canvas, *at)
            expected = nearest_match(canvas, analysis, everything, at)
            assert isinstance(chosen, Selected)
            assert chosen.kind == "match"
            assert chosen.index in expected
            hit += 1
    assert hit > (3 if camera == "close" else 15)


@pytest.mark.parametrize("pane", [0, 1])
def test_an_end_beyond_its_own_pane_is_not_in_the_other_one(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, pane: int
) -> None:
    canvas.show_as(layers=ALL_MATCHES)
    canvas.set_camera(Camera(20 if pane else 220, 100, 4))
    this, other = canvas.panes()[pane], canvas.panes()[1 - pane]
    every = np.concatenate([side[seen(canvas, analysis)] for side in match_ends(canvas, analysis)])
    strays = [
        (x, y)
        for x, y in match_ends(canvas, analysis)[1 - pane]
        if this.contains(x, y)
        and not other.contains(x, y)
        and (not len(every) or np.hypot(*(every - (x, y)).T).min() > 11)
    ]
    assert strays
    for x, y in strays:
        assert picked(qtbot, canvas, x, y) is None


@pytest.mark.parametrize("pane", [0, 1])
def test_a_click_too_far_from_every_end_asks_nothing(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, pane: int
) -> None:
    canvas.show_as(layers=ALL_MATCHES)
    canvas.set_camera(Camera(124, 100, 6))
    every = np.concatenate([side[seen(canvas, analysis)] for side in match_ends(canvas, analysis)])
    asked = 0
    start = int(canvas.panes()[pane].left)
    for x in range(start + 10, start + 390, 23):
        for y in range(20, 400, 31):
            nearest = np.hypot(*(every - (x, y)).T).min()
            if abs(nearest - 9) > 1.5:
                asked += 1
                assert (picked(qtbot, canvas, x, y) is None) == (nearest > 9)
    assert asked > 100


LAYERS = {
    "kept": (Layer.KEPT_MATCHES, lambda a: a.consistent.kept),
    "rejected": (Layer.REJECTED_MATCHES, lambda a: ~a.consistent.kept),
}


@pytest.mark.parametrize("name", LAYERS)
def test_only_matches_that_are_shown_are_asked_about(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, name: str
) -> None:
    layer, of = LAYERS[name]
    which = of(analysis)
    canvas.show_as(layers=frozenset({layer}))
    hr, lr = match_ends(canvas, analysis)
    for index in range(len(analysis.matches)):
        for end in (hr[index], lr[index]):
            at = np.floor(end)
            expected = nearest_match(canvas, analysis, which, at)
            chosen = picked(qtbot, canvas, *at)
            if expected:
                assert isinstance(chosen, Selected)
                assert chosen.index in expected
            else:
                assert chosen is None


def test_without_layers_a_click_asks_nothing(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(layers=frozenset({Layer.KEYPOINTS, Layer.BOX}))
    for x, y in match_ends(canvas, analysis)[0]:
        assert picked(qtbot, canvas, x, y) is None


def nearest_window(a: Analysis, x: float, y: float) -> int | None:
    """Return the window whose middle is nearest in x and in y, where it lies inside the box."""
    windows, box = a.windows, a.box.hr
    assert box is not None
    middle_x = windows.x + (windows.patch - 1) / 2
    middle_y = windows.y + (windows.patch - 1) / 2
    off = np.maximum(np.abs(middle_x - x), np.abs(middle_y - y))
    index = int(np.argmin(off))
    left, top = windows.x[index], windows.y[index]
    inside = (
        box.x0 <= left
        and box.y0 <= top
        and left + windows.patch <= box.x1
        and top + windows.patch <= box.y1
    )
    return index if inside and off[index] <= windows.stride / 2 else None


@pytest.mark.parametrize(
    "layer", [Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS, Layer.HEAT, Layer.COMPARISON]
)
@pytest.mark.parametrize("pane", [0, 1])
def test_a_click_asks_about_the_window_whose_middle_is_nearest(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, layer: Layer, pane: int
) -> None:
    canvas.show_as(layers=frozenset({layer}))
    seen = {"window": 0, "nothing": 0}
    for point in np.stack(np.meshgrid(np.arange(1, 248, 17.3), np.arange(1, 200, 13.7)), -1):
        for x, y in canvas.panes()[pane].to_screen(canvas.camera, point[::2]):
            at = np.floor((x, y))
            hr = canvas.panes()[pane].to_image(canvas.camera, *at)
            expected = nearest_window(analysis, *hr)
            chosen = picked(qtbot, canvas, *at)
            assert chosen == (None if expected is None else Selected("window", expected))
            seen["nothing" if expected is None else "window"] += 1
    assert min(seen.values()) > 5


@pytest.mark.parametrize(("patch", "stride"), [(33, 14), (16, 16), (11, 30), (20, 3), (40, 7)])
def test_every_window_inside_the_box_is_found_at_its_middle(
    analysis: Analysis, patch: int, stride: int
) -> None:
    recipe = Recipe(patch=patch, stride=stride, keypoint_scope="image", crop="bounding")
    a = refresh(analysis, recipe)
    assert a.complete
    reach = min(stride / 2, patch / 2) - 0.01
    for index in range(len(a.windows)):
        middle = np.array([a.windows.x[index], a.windows.y[index]]) + (patch - 1) / 2
        for off in ((0, 0), (-reach, -reach), (reach, reach), (reach, -reach)):
            found = picking.window_at(a, WINDOWS, *(middle + off))
            assert found == (index if a.patches.candidates[index] else None)


def test_a_match_is_meant_before_the_window_under_it(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    hr, _ = match_ends(canvas, analysis)
    under = [
        index
        for index in range(len(hr))
        if nearest_window(analysis, *analysis.matches.hr_points[index]) is not None
    ]
    canvas.show_as(layers=WINDOWS)
    over_window = picked(qtbot, canvas, *hr[under[0]])
    assert isinstance(over_window, Selected)
    assert over_window.kind == "window"
    canvas.show_as(layers=WINDOWS | ALL_MATCHES)
    over_match = picked(qtbot, canvas, *hr[under[0]])
    assert isinstance(over_match, Selected)
    assert over_match.kind == "match"


def test_only_a_left_click_that_stays_in_place_asks(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis
) -> None:
    canvas.show_as(layers=WINDOWS)
    asked: list[object] = []
    canvas.picked.connect(asked.append)
    inside = int(np.flatnonzero(analysis.patches.kept)[0])
    windows = analysis.windows
    middle = np.array([(windows.x[inside] + 16, windows.y[inside] + 16)])
    x, y = canvas.panes()[0].to_screen(canvas.camera, middle)[0]
    at = QPoint(int(x), int(y))
    for button in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        qtbot.mouseClick(canvas, button, pos=at)
    assert not asked
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=at)
    qtbot.mouseMove(canvas, at + QPoint(9, 0))
    qtbot.mouseRelease(canvas, left, pos=at + QPoint(9, 0))
    assert not asked
    look(canvas, None)
    qtbot.mousePress(canvas, left, pos=at)
    qtbot.mouseRelease(canvas, left, pos=at + QPoint(1, 1))
    assert asked == [Selected("window", inside)], "a hand is not that steady"


def test_a_drag_that_comes_back_to_its_start_moves_nothing_but_is_no_click(
    qtbot: QtBot, canvas: PairCanvas
) -> None:
    canvas.show_as(layers=WINDOWS)
    asked: list[object] = []
    canvas.picked.connect(asked.append)
    at, left = QPoint(200, 200), Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=at)
    qtbot.mouseMove(canvas, at + QPoint(60, 0))
    qtbot.mouseMove(canvas, at)
    qtbot.mouseRelease(canvas, left, pos=at)
    assert not asked


@pytest.mark.parametrize("state", ["nothing", "read", "pair", "matches", "source"])
def test_a_click_before_there_is_anything_to_ask_about_is_no_error(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, state: str
) -> None:
    a = analysis
    stages = {"pair": a.pair, "keypoints": a.keypoints, "matches": a.matches}
    known = dict(list(stages.items())[: {"pair": 1, "matches": 3}.get(state, 0)])
    canvas.show_as(layers=frozenset(Layer))
    if state == "source":
        canvas.show_as(single=True)
    else:
        canvas.clear()
    if state == "read":
        canvas.show_image(a.image)
    if known:
        canvas.show_image(a.image, Analysis(a.image, a.recipe, **known))
    canvas.fit()
    x, y = match_ends(canvas, analysis)[0][0]
    chosen = picked(qtbot, canvas, x, y)
    if state == "matches":
        assert isinstance(chosen, Selected)
        assert chosen.kind == "match"
    else:
        assert chosen is None
