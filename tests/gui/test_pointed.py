"""What is told of the pixel under the pointer: the values of what is drawn there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import Arrangement
from srviewer.gui.views.camera import Camera
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.frame import Pointed
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from tests.gui.helpers import known, turn_wheel

X, Y = 101, 62  # an HR pixel
WAYS = [*Arrangement, "flipped"]


@pytest.fixture
def told(canvas: PairCanvas) -> list[Pointed | None]:
    found: list[Pointed | None] = []
    canvas.pointed.connect(found.append)
    return found


def values(a: Analysis, x: int, y: int) -> dict[str, str]:
    """Return what each picture has at an HR pixel."""
    scale = a.pair.scale
    hr, lr, up = a.pair.hr[y, x], a.pair.lr[y // scale, x // scale], a.pair.upscaled[y, x]
    levels = np.abs(hr.astype(float) - up.astype(float)).mean()
    rgb = {"HR": hr, "LR": lr, "LR enlarged": np.clip(np.round(up), 0, 255).astype(int)}
    return {name: " ".join(map(str, one)) for name, one in rgb.items()} | {
        "difference": f"{levels:.1f} grey levels"
    }


def point_at(qtbot: QtBot, canvas: PairCanvas, x: int, y: int) -> QPointF:
    """Move the mouse over an HR pixel in the first pane."""
    at = canvas.panes()[0].to_screen(canvas.camera, np.array([(x, y)], float))[0]
    qtbot.mouseMove(canvas, QPoint(1, 1))  # no event comes where it is already
    qtbot.mouseMove(canvas, QPoint(*np.round(at).astype(int).tolist()))
    QApplication.processEvents()
    return QPointF(*at)


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_the_values_are_those_that_are_drawn(
    qtbot: QtBot,
    canvas: PairCanvas,
    analysis: Analysis,
    told: list[Pointed | None],
    how: Arrangement | str,
) -> None:
    expected = {
        Arrangement.SIDE_BY_SIDE: ["HR", "LR"],
        Arrangement.STACKED: ["HR", "LR"],
        Arrangement.SWIPE: ["HR"],
        Arrangement.DIFFERENCE: ["difference"],
        "flipped": ["LR enlarged", "LR"],
    }[how]
    if isinstance(how, Arrangement):
        canvas.show_as(arrangement=how)
    canvas.set_camera(Camera(X + 3, Y, 16))
    point_at(qtbot, canvas, X, Y)
    if how == "flipped":  # under a pointer that stands still
        assert told[-1] is not None
        assert [name for name, _ in told[-1].values] == ["HR", "LR"]
        canvas.set_flipped(True)
    here = values(analysis, X, Y)
    assert told[-1] is not None
    assert (told[-1].x, told[-1].y) == (X, Y)
    assert told[-1].values == tuple((name, here[name]) for name in expected)


def test_beyond_the_divider_of_the_swipe_it_is_lr_enlarged(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, told: list[Pointed | None]
) -> None:
    canvas.show_as(arrangement=Arrangement.SWIPE)
    canvas.set_camera(Camera(X - 3, Y, 16))
    point_at(qtbot, canvas, X, Y)
    assert told[-1] is not None
    assert told[-1].values == (("LR enlarged", values(analysis, X, Y)["LR enlarged"]),)


def test_they_follow_keys_and_zoom_under_a_pointer_that_stands_still(
    qtbot: QtBot, canvas: PairCanvas, analysis: Analysis, told: list[Pointed | None]
) -> None:
    canvas.set_camera(Camera(X, Y, 16))
    at = point_at(qtbot, canvas, X + 4, Y)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)  # 16 screen pixels: one HR pixel
    assert told[-1] is not None
    assert (told[-1].x, told[-1].y) == (X + 5, Y)
    assert dict(told[-1].values)["HR"] == values(analysis, X + 5, Y)["HR"]
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    canvas.zoom_out()
    assert told[-1].x == X + 5  # 64 px from the middle at 12.8 px a pixel
    canvas.fit()
    x, y = canvas.panes()[0].to_image(canvas.camera, round(at.x()), round(at.y()))
    assert (told[-1].x, told[-1].y) == (int(np.floor(x + 0.5)), int(np.floor(y + 0.5)))
    turn_wheel(canvas, at, 1)
    assert (told[-1].x, told[-1].y) == (int(np.floor(x + 0.5)), int(np.floor(y + 0.5)))
    canvas.show_as(arrangement=Arrangement.DIFFERENCE)
    assert told[-1] is not None
    assert [name for name, _ in told[-1].values] == ["difference"]


def test_the_line_below_says_them(qtbot: QtBot, opened: MainWindow) -> None:
    canvas, a = opened.canvas, known(opened)
    opened.pair.arrange(Arrangement.SWIPE)
    canvas.set_camera(Camera(X - 3, Y, 16))
    point_at(qtbot, canvas, X, Y)
    text = opened.status.pointer.toolTip() or opened.status.pointer.text()
    assert text.startswith(f"x {X}  y {Y} px   LR enlarged  {values(a, X, Y)['LR enlarged']}")
    opened.pair.arrange(Arrangement.DIFFERENCE)
    text = opened.status.pointer.toolTip() or opened.status.pointer.text()
    assert f"difference  {values(a, X, Y)['difference']}" in text


def test_of_a_whole_set_the_line_says_nothing_of_the_image(
    qtbot: QtBot, opened: MainWindow
) -> None:
    status, canvas = opened.status, opened.canvas
    point_at(qtbot, canvas, X, Y)
    assert status.area.text().endswith(" of the image")
    assert status.pointer.text()
    assert opened.zoom.isVisible()
    opened.model.show_data_set(True)
    for one in (status.area, status.pointer, status.notes):
        assert not one.text()
    assert not opened.zoom.isVisible()
    opened.model.show_data_set(False)
    assert status.area.text().endswith(" of the image")
    assert opened.zoom.isVisible()
