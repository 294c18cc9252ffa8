"""What the window's tests share: finding its widgets, waiting for it, looking at its pixels."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from srviewer.gui.state.entry import Entry
from srviewer.gui.state.layers import VIEWS
from srviewer.gui.state.model import Model
from srviewer.gui.views import strips
from srviewer.gui.views.chart_plot import ChartPlot
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.patches import patch_of

W = TypeVar("W", bound=QWidget)
TIMEOUT = 200_000  # ms; bounds a failure, a pass takes far less


def find(window: QWidget, kind: type[W], name: str) -> W:
    """Return the widget of that kind and object name, which must be there once."""
    found = window.findChildren(kind, name)
    assert len(found) == 1, f"{len(found)} widgets {kind.__name__} {name!r}"
    return found[0]


def point_of(plot: ChartPlot, x: float, height: float) -> QPoint:
    """Return where a value and a height are in a plot."""
    (left, top), (right, bottom) = (plot.value_at(QPoint(at, at)) for at in (0, 100))
    across, down = (x - left) / (right - left), (height - top) / (bottom - top)
    return QPoint(round(100 * across), round(100 * down))


def pictures_of(a: Analysis, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return HR, LR and their difference of a window, as a gallery of windows shows them."""
    native = a.recipe.lr_layout == "native"
    return strips.pictures_of(patch_of(a.pair, a.windows.pixels(window)), native=native)


def strip_of(a: Analysis, window: int, side: int) -> np.ndarray:
    """Return those three beside each other, each `side` pixels high and wide."""
    native = a.recipe.lr_layout == "native"
    return strips.strip_of(patch_of(a.pair, a.windows.pixels(window)), side, native=native)


def wait_for_analysis(qtbot: QtBot, window: MainWindow, path: Path | None = None) -> None:
    """Wait until the window knows all of its current image, which must be `path` if given."""
    model = window.model

    def is_complete() -> bool:
        current, analysis = model.current, model.analysis
        if window.opening.busy:
            return False
        right = current is not None and (path is None or current.path == path)
        assert not (right and current.error), current.error  # else one would wait in vain
        return right and analysis is not None and analysis.complete

    qtbot.waitUntil(is_complete, timeout=TIMEOUT)
    assert model.analysis is not None
    assert model.analysis.recipe == model.recipe
    QApplication.processEvents()


def know(model: Model, a: Analysis | None, recipe: Recipe | None = None) -> None:
    """Let `model` show an image of which `a` is known."""
    model.set_recipe(recipe or (a.recipe if a else Recipe()))
    model.entries = [Entry(Path("photo.png"), a.image if a else None, a)]
    model.current = model.entries[0]
    model.current_changed.emit()
    model.analysis_changed.emit()


def show_list(qtbot: QtBot, widget: W, model: Model, a: Analysis | None) -> W:
    """Show a list of windows as small as a tab, with what is known of an image."""
    qtbot.addWidget(widget)
    widget.resize(820, 260)
    widget.show()
    qtbot.waitExposed(widget)
    if a is not None:
        know(model, a)
    QApplication.processEvents()
    return widget


def points_asked_for(model: Model) -> list[tuple[float, float]]:
    """Return a list that gets every point that the canvas is asked to go to."""
    points: list[tuple[float, float]] = []
    model.go_requested.connect(lambda x, y: points.append((x, y)))
    return points


def copied_rows() -> list[dict[str, str]]:
    """Return the CSV in the clipboard, by column."""
    return list(csv.DictReader(io.StringIO(QApplication.clipboard().text())))


def known(window: MainWindow) -> Analysis:
    """Return all that the window knows of its image."""
    assert window.model.analysis is not None
    return window.model.analysis


def click(qtbot: QtBot, window: QWidget, name: str) -> None:
    """Click the tool button `name` with the mouse."""
    qtbot.mouseClick(find(window, QToolButton, name), Qt.MouseButton.LeftButton)


def stage_counts(window: MainWindow) -> dict[str, str]:
    """Return what the stage buttons say, by the stage's name."""
    buttons = {one.objectName(): one for one in window.findChildren(QToolButton)}
    return {view.name: buttons[f"stage_{view.name}"].accessibleDescription() for view in VIEWS}


def pixels(widget: QWidget) -> np.ndarray:
    """Return what `widget` shows as RGB, int, shape (H, W, 3)."""
    return as_array(widget.grab().toImage())


def inside(shown: np.ndarray) -> np.ndarray:
    """Return what is within the ring of what has the keyboard, 2 pixels wide."""
    return shown[2:-2, 2:-2]


def as_array(image: QImage) -> np.ndarray:
    """Return `image` as RGB, int, shape (H, W, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3).astype(int)


def near(rgb: np.ndarray, color: QColor, tolerance: int = 24) -> np.ndarray:
    """Return where `rgb`, shape (..., 3), has about the colour, shape (...)."""
    wanted = np.array([color.red(), color.green(), color.blue()])
    return (np.abs(rgb - wanted) <= tolerance).all(axis=-1)


def around(rgb: np.ndarray, x: float, y: float, reach: int) -> np.ndarray:
    """Return the pixels of `rgb` at most `reach` from (x, y)."""
    left, top = round(x), round(y)
    rows = slice(max(top - reach, 0), top + reach + 1)
    return rgb[rows, max(left - reach, 0) : left + reach + 1]


def turn_wheel(widget: QWidget, at: QPointF, steps: int) -> None:
    """Turn the wheel over the point `at` of `widget`; positive is away from the person."""
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drag(qtbot: QtBot, widget: QWidget, start: QPoint, end: QPoint, steps: int = 8) -> None:
    """Drag with the left button from `start` to `end`, points of `widget`."""
    qtbot.mouseMove(widget, start)
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, steps + 1):
        qtbot.mouseMove(widget, start + (end - start) * step / steps)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def handle_x(slider: QSlider, value: int) -> int:
    """Return the x of the slider's handle, in the slider, where it stands for `value`."""
    from PySide6.QtWidgets import QStyle, QStyleOptionSlider

    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    option.sliderPosition = option.sliderValue = value
    control = QStyle.ComplexControl.CC_Slider
    handle = QStyle.SubControl.SC_SliderHandle
    return slider.style().subControlRect(control, option, handle, slider).center().x()


def drag_slider(
    qtbot: QtBot,
    slider: QSlider,
    value: int,
    while_dragged: Callable[[], None] = lambda: None,
) -> None:
    """Pull the slider's handle with the mouse until it stands for `value`, then let go."""
    middle = slider.rect().center().y()
    at = QPoint(handle_x(slider, slider.value()), middle)
    end = QPoint(handle_x(slider, value), middle)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
    step = 1 if end.x() >= at.x() else -1
    for x in range(at.x(), end.x() + step, step):
        qtbot.mouseMove(slider, QPoint(x, middle))
        while_dragged()
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)


def open_paths(qtbot: QtBot, window: MainWindow, paths: list[Path]) -> None:
    """Open files and folders, and wait until they are in the list."""
    window.add_paths(paths)
    qtbot.waitUntil(lambda: not window.opening.busy, timeout=TIMEOUT)
