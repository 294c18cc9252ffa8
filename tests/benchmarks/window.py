"""The window: from a gesture to the painted picture, offscreen; and how soon it is there."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider

from srviewer.gui.app import asset, make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.window import MainWindow
from srviewer.runs.inputs import GivenLR
from tests.benchmarks.measuring import Figure, percentile_95, seconds

_SIZE = (1440, 900)
_START = """
import sys, time
begun = time.perf_counter()
from srviewer.gui.app import asset, make_application
from srviewer.gui.window import MainWindow
app = make_application(offscreen=True)
window = MainWindow()
window.show()
app.processEvents()
window.grab()
print(time.perf_counter() - begun)
"""


def _drag(window: MainWindow, slider: QSlider, values: range) -> list[float]:
    """Return the seconds from each new value of `slider` to the painted window."""

    def step(value: int) -> None:
        slider.setValue(value)
        QApplication.processEvents()  # what was marked for painting is painted here

    return [seconds(lambda v=v: step(v)) for v in values]


def _threshold(window: MainWindow, name: str, values: range, stage: str) -> Figure:
    window.model.show_view(stage)
    QApplication.processEvents()
    slider = window.findChild(QSlider, f"{name}_slider")
    assert slider is not None
    slider.setValue(values[0])
    QApplication.processEvents()
    times = _drag(window, slider, values)
    analysis = window.model.analysis
    count = f"{len(analysis.windows):,} windows" if analysis else ""
    return Figure(f"{name} dragged to painted, p95", percentile_95(times) * 1e3, 16, "ms",
                  note=f"{count}, stage {stage}")  # fmt: skip


def _camera(window: MainWindow, stage: str) -> list[Figure]:
    window.model.show_view(stage)
    QApplication.processEvents()
    canvas = window.canvas
    canvas.fit()
    QApplication.processEvents()

    def pan() -> None:
        canvas.set_camera(canvas.camera.moved(3, 2))
        QApplication.processEvents()

    def zoom(factor: float) -> None:
        canvas.set_camera(canvas.camera.zoomed(factor, 40, 30))
        QApplication.processEvents()

    pans = [seconds(pan) for _ in range(60)]
    zooms = [seconds(lambda f=f: zoom(f)) for f in [1.1] * 40 + [1 / 1.1] * 40]
    return [
        Figure(f"{name} to painted, p95", percentile_95(times) * 1e3, 16, "ms",
               note=f"stage {stage}")
        for name, times in (("pan", pans), ("zoom", zooms))
    ]  # fmt: skip


def _click(window: MainWindow) -> Figure:
    """Return the time from a click on a window to its painted details."""
    window.model.show_view("patches")
    canvas = window.canvas
    canvas.fit()
    QApplication.processEvents()
    pane = canvas.panes()[0]
    places = [
        QPoint(round(pane.left + pane.width * x), round(pane.height * y))
        for x in (0.2, 0.35, 0.5, 0.65, 0.8)
        for y in (0.35, 0.45, 0.55, 0.65)
    ]

    def click(place: QPoint) -> None:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
        QApplication.processEvents()

    times = [seconds(lambda p=p: click(p)) for p in places]
    window.model.select(None)
    return Figure("click to painted details, p95", percentile_95(times) * 1e3, 100, "ms")


def _new_windows(window: MainWindow) -> list[Figure]:
    """Return the times from a new patch or stride, in scope image, to the painted picture."""
    model = window.model
    model.change("keypoint_scope", "image")
    wait_for_analysis(window)
    figures = []
    for knob, values in (("patch", range(24, 48)), ("stride", range(10, 34))):

        def change(value: int, knob: str = knob) -> None:
            model.change(knob, value)
            QApplication.processEvents()

        times = [seconds(lambda v=v: change(v)) for v in values]
        assert model.analysis is not None
        assert model.analysis.complete
        figures.append(
            Figure(f"{knob} changed to painted, p95", percentile_95(times) * 1e3, 100, "ms",
                   note="scope image")
        )  # fmt: skip
        model.undo()
    model.set_recipe(model.preset_recipe)
    wait_for_analysis(window)
    return figures


def _open_again(window: MainWindow, one: Path, other: Path) -> Figure:
    """Return the time to the painted picture of an image that is analysed already."""

    def show(path: Path) -> None:
        window.add_paths([path])  # opening would put the other out of the list
        while window.opening.busy:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        QApplication.processEvents()

    for path in (one, other):
        show(path)
        wait_for_analysis(window)
    times = [seconds(lambda p=p: show(p)) for p in (one, other) * 6]
    assert window.model.analysis is not None
    assert window.model.analysis.complete
    return Figure("an analysed image opened again, p95", percentile_95(times) * 1e3, 100, "ms")


def _open(window: MainWindow, photograph: Path) -> float:
    """Return the seconds until the photograph is painted; its stages follow later."""
    begun = time.perf_counter()
    window.open_paths([photograph])
    while window.model.image is None or window.model.image.path != photograph:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    window.canvas.repaint()
    return time.perf_counter() - begun


def _given(window: MainWindow, photograph: Path) -> list[Figure]:
    """Return the frame times of thresholds on a given pair, its windows being kept as they lie."""
    with tempfile.TemporaryDirectory() as folder, Image.open(photograph) as hr:
        lr = Path(folder, "lr.png")
        hr.convert("RGB").resize((hr.width // 4, hr.height // 4)).save(lr)
        window.open_pairs([photograph], GivenLR(lr))
        window.model.change("keep_windows", "aligned")
        wait_for_analysis(window)
        found = [
            _threshold(window, "min_keypoints", range(1, 60), "patches"),
            _threshold(window, "error_margin", range(2, 50), "patches"),
        ]
    window.model.set_recipe(window.model.preset_recipe)
    return [Figure(f"given pair: {f.name}", f.value, f.bound, f.unit, note=f.note) for f in found]


def measure(photograph: Path, larger: Path) -> list[Figure]:
    """Return frame times on both photographs, and the times to start and to open."""
    figures = [_start()]
    app = make_application(offscreen=True)
    window = MainWindow()
    window.resize(*_SIZE)
    window.show()
    window.open_paths([asset("sample.png")])
    wait_for_analysis(window)
    opened = _open(window, photograph)
    figures.append(Figure("a 2 MP picture opened to painted", opened * 1e3, 150, "ms"))
    for path in (photograph, larger):
        window.open_paths([path])
        wait_for_analysis(window)
        name = path.stem
        here = [
            _threshold(window, "min_keypoints", range(1, 60), "patches"),
            _threshold(window, "error_margin", range(2, 50), "consistent"),
            _threshold(window, "error_margin", range(2, 50), "patches"),
            *_camera(window, "consistent"),
            *_camera(window, "patches"),
        ]
        here += [_click(window), *_new_windows(window)]
        figures += [
            Figure(f"{name}: {f.name}", f.value, f.bound, f.unit, note=f.note) for f in here
        ]
    figures += _given(window, photograph)
    figures.append(_open_again(window, photograph, larger))
    window.close()
    app.processEvents()
    return figures


def _start() -> Figure:
    times = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _START],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        times.append(float(done.stdout))
    return Figure("the window is there after", sorted(times)[1], 1.5, "s", note="warm disk")
