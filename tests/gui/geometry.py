"""Says where the window's parts are: ``python -m tests.gui.geometry OUT FIRST SECOND FOLDER``.

It goes the way that `test_xvfb` goes with the mouse, on the same display, but from inside: so the
test knows where to click in a program that it only sees from outside.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QSlider, QToolButton, QWidget

from srviewer.gui.app import make_application
from srviewer.gui.state.interrupted import Interrupted
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.chart import Chart
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find, handle_x, point_of

PATIENCE = 200.0  # seconds


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        QApplication.processEvents()
        time.sleep(0.01)
    QApplication.processEvents()


def middle(window: QWidget, widget: QWidget) -> list[int]:
    at = widget.mapTo(window, widget.rect().center())
    return [at.x(), at.y()]


def measure(out: Path, first: Path, second: Path, folder: Path) -> dict[str, object]:
    """Return the places to click, x and y in the window; for ``cancel`` all that it takes."""
    window = MainWindow()
    window.show()

    def is_analysed() -> bool:
        analysis = window.model.analysis
        return not window.opening.busy and analysis is not None and analysis.complete

    for paths in ([first], [second]):
        window.open_paths(paths)
        wait_until(is_analysed)
    slider = find(window, QSlider, "min_keypoints_slider")
    places: dict[str, object] = {"export": middle(window, find(window, QPushButton, "export"))}
    for value in (10, 4):
        at = QPoint(handle_x(slider, value), slider.rect().center().y())
        places[f"slider_{value}"] = [slider.mapTo(window, at).x(), slider.mapTo(window, at).y()]

    find(window, QLineEdit, "export_folder").setText(str(out))
    export = find(window, QPushButton, "export")
    export.click()
    wait_until(export.isEnabled)
    places["folder"] = middle(window, find(window, QLineEdit, "export_folder"))
    places |= measure_inspecting(window)
    window.open_paths([folder])
    wait_until(is_analysed)
    places["export_again"] = middle(window, export)
    export.click()
    cancel = find(window, QPushButton, "cancel_export")
    seen: list[list[int]] = []  # the row moves when the line below it grows

    def watch() -> bool:
        if (at := middle(window, cancel)) not in seen:
            seen.append(at)
        state = window.exporting.run.state
        return state is not None and state.done >= 8

    wait_until(watch)
    cancel.click()
    wait_until(lambda: not cancel.isEnabled())
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    window.close()
    wait_until(lambda: bool(closed))
    return places | {"cancel": seen[::-1], "offer": measure_offer(first, out)}


def measure_inspecting(window: MainWindow) -> dict[str, object]:
    """Return where a window is that can be asked about, what shuts the inspector, and a bar."""
    analysis, canvas = window.model.analysis, window.canvas
    assert analysis is not None
    kept = Selected("window", int(np.flatnonzero(analysis.patches.kept)[0]))
    ((x, y),) = canvas.panes()[0].to_screen(canvas.camera, np.array([kept.point_in(analysis)]))
    at = canvas.mapTo(window, QPoint(round(x), round(y)))
    window.model.select(kept)
    window.docks.show_inspector()  # as a click in the picture does
    for _ in range(4):
        QApplication.processEvents()
    buttons = window.inspector.findChildren(QToolButton)
    (close,) = [one for one in buttons if one.accessibleName() == "Close"]
    shut = middle(window, close)
    window.model.select(None)
    window.docks.by_name["charts"].open()
    for _ in range(4):
        QApplication.processEvents()
    chart = find(window, Chart, "chart_texture")
    bar = chart.plot.mapTo(window, point_of(chart.plot, 20, 0.9))
    return {"window": [at.x(), at.y()], "shut": shut, "bar": [bar.x(), bar.y()]}


def measure_offer(sample: Path, out: Path) -> list[int]:
    """Return where a new window has the button of its offer to go on with an export."""
    window = MainWindow()
    window.show()
    window.open_sample(sample)
    one = Interrupted("export", (sample,) * 242, window.model.recipe, out)
    window.settings.interrupted = one
    window.leaving.offer()
    wait_until(lambda: window.model.analysis is not None and window.model.analysis.complete)
    at = middle(window, find(window, QPushButton, "offer_button"))
    window.leaving.at_once()
    wait_until(lambda: not window.isVisible())
    return at


if __name__ == "__main__":
    make_application()
    print(json.dumps(measure(*map(Path, sys.argv[1:]))))
