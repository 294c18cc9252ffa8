"""What a pulled threshold and another image cost: what is shown is made once, all else not."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.panels import images_panel
from srviewer.gui.state import export_settings
from srviewer.gui.views import gallery, painting, picture_table, pictures
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.pictures import Picture, to_qimage
from srviewer.gui.widgets import controls
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis
from tests.gui.helpers import open_paths, pixels, wait_for_analysis

Analysed = Callable[[MainWindow, Path], None]
LISTS = {  # where each panel chooses what it lists
    "windows": (picture_table.window_filter, "choose"),
    "matches": (picture_table.match_filter, "choose"),
    "gallery": (gallery, "choose"),
}


def counted(patch: pytest.MonkeyPatch, owner: ModuleType, name: str) -> list[None]:
    """Return a list that grows with each call of a function of `owner`."""
    calls: list[None] = []
    called = getattr(owner, name)

    def count(*args: object, **kwargs: object) -> object:
        calls.append(None)
        return called(*args, **kwargs)

    patch.setattr(owner, name, count)
    return calls


@pytest.mark.parametrize("panel", LISTS)
def test_a_list_is_made_once_for_each_recipe_and_each_image(
    window: MainWindow,
    photo_path: Path,
    other_path: Path,
    panel: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    model = window.model
    for entry in model.entries[::-1]:
        model.look_at(entry)
        wait_for_analysis(qtbot, window, entry.path)
    model.show_data_set(False)
    window.docks.by_name[panel].open()
    QApplication.processEvents()
    calls = counted(monkeypatch, *LISTS[panel])
    for done in (
        lambda: model.look_at(model.entries[1]),
        lambda: model.change("min_keypoints", 9),
        model.undo,
    ):
        calls.clear()
        done()
        QApplication.processEvents()
        assert len(calls) == 1


def test_what_is_hidden_costs_nothing_while_a_threshold_is_pulled(
    window: MainWindow, photo_path: Path, analysed: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(window, photo_path)
    window.turn_panel("windows")
    window.turn_panel("charts")
    model = window.model
    model.change("min_keypoints", 9)
    asked = [counted(monkeypatch, one, "why_no_result") for one in (picture_table, gallery)]
    spies = [QSignalSpy(one.listed.modelReset) for one in (window.table, window.match_table)]
    for least in range(10, 14):
        model.change("min_keypoints", least)
        QApplication.processEvents()
    assert not any(asked)
    assert [spy.count() for spy in spies] == [0, 0]
    window.turn_panel("windows")
    assert window.table.listed.source is model.analysis, "it catches up"


def test_what_another_image_does_not_change_is_not_told_anew(
    window: MainWindow,
    photo_path: Path,
    other_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    knobs = counted(monkeypatch, controls, "QSignalBlocker")  # around each value that is shown
    compared = QSignalSpy(window.comparison.changed)
    window.model.look_at(window.model.entries[1])
    wait_for_analysis(qtbot, window, other_path)
    assert not knobs
    assert not compared.count()


def test_the_list_tells_once_of_other_images(
    window: MainWindow, photo_path: Path, other_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = counted(monkeypatch, images_panel.messages, "of_the_list")
    window.model.add_images([photo_path, other_path])
    assert len(told) == 1


class Painted(QObject):
    """Counts how often widgets are painted, by their class and name."""

    def __init__(self) -> None:
        super().__init__()
        self.times: Counter[tuple[str, str]] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            self.times[type(watched).__name__, watched.objectName()] += 1
        return False


@pytest.fixture
def painted(qapp: QApplication) -> Iterator[Painted]:
    """Return what counts each painting of a widget."""
    counts = Painted()
    qapp.installEventFilter(counts)
    yield counts
    qapp.removeEventFilter(counts)


def test_of_the_numbers_of_a_recipe_only_the_changed_one_is_painted(
    window: MainWindow, photo_path: Path, analysed: Analysed, painted: Painted
) -> None:
    analysed(window, photo_path)
    QApplication.processEvents()
    painted.times.clear()
    window.model.change("min_keypoints", 9)
    QApplication.processEvents()
    assert [name for kind, name in painted.times if kind in {"Spin", "DoubleSpin"}] == [
        "min_keypoints"
    ]


def test_a_chart_that_comes_back_is_painted_once(
    window: MainWindow, photo_path: Path, analysed: Analysed, painted: Painted
) -> None:
    analysed(window, photo_path)
    window.activateWindow()
    window.turn_panel("inspector")
    QApplication.processEvents()
    painted.times.clear()
    window.turn_panel("charts")
    QApplication.processEvents()
    charts = {name: times for (kind, name), times in painted.times.items() if kind == "Chart"}
    assert charts == {f"chart_{name}": 1 for name in ("matches", "texture", "psnr", "ssim")}


def test_another_patch_asks_for_no_package_and_leaves_the_options_of_an_export(
    window: MainWindow, photo_path: Path, analysed: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(window, photo_path)
    packages = counted(monkeypatch, export_settings, "install_line")
    options = counted(monkeypatch, export_settings, "refused")  # asked for each option's tooltip
    window.model.change("patch", 30)
    assert not packages
    assert not options


def test_a_picture_that_is_dragged_is_painted_straight_onto_the_window(
    window: MainWindow, photo_path: Path, analysed: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(window, photo_path)
    canvas = window.canvas
    canvas.repaint()
    kept = counted(monkeypatch, painting, "backdrop")
    for step in range(4):
        canvas.set_camera(canvas.camera.moved(3, step).zoomed(1.1))
        at_once = pixels(canvas)
        assert len(kept) == step
        assert np.array_equal(pixels(canvas), at_once), "as it is painted from then on"
        assert len(kept) == step + 1


def test_of_a_picture_that_is_drawn_small_no_large_one_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[int, ...]] = []

    def note(image: np.ndarray) -> QImage:
        made.append(image.shape)
        return to_qimage(image)

    monkeypatch.setattr(pictures, "to_qimage", note)
    picture = Picture(np.full((640, 800, 3), 200, np.uint8), (800, 640))
    painter = QPainter(onto := QPixmap(200, 160))
    for zoom in (0.25, 0.25, 1.0):
        picture.paint(painter, Camera(399.5, 319.5, zoom), Pane(0, 0, 200, 160), 1)
    painter.end()
    assert made == [(160, 200, 3), (640, 800, 3)]
    assert onto.toImage().pixelColor(100, 80).red() == 200


def test_what_coming_closer_draws_is_made_before_and_beside_the_frames(
    analysis: Analysis, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[tuple[int, ...], bool]] = []

    def note(image: np.ndarray) -> QImage:
        found = to_qimage(image)
        made.append((image.shape, threading.current_thread() is threading.main_thread()))
        return found

    monkeypatch.setattr(pictures, "to_qimage", note)
    canvas = PairCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(240, 110)  # too small for all pixels
    canvas.show_as(single=False)
    canvas.show_image(analysis.image, analysis)
    large = analysis.pair.hr.shape
    qtbot.waitUntil(lambda: 0 in canvas._pictures.hr._levels)
    canvas.actual_size()
    pixels(canvas)
    assert [in_first for shape, in_first in made if shape == large] == [False]


def test_no_very_large_version_of_a_picture_is_made_before_it_is_drawn(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_MOST_PREPARED", 100 * 80)
    picture = Picture(np.zeros((320, 400, 3), np.uint8), (400, 320))
    picture.prepare(0.125)
    qtbot.waitUntil(lambda: 2 in picture._levels)
    assert sorted(picture._levels) == [2, 3]


def test_a_version_that_there_is_no_room_for_is_left_to_the_frame_that_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(image: np.ndarray) -> QImage:
        raise MemoryError

    picture = Picture(np.zeros((320, 400, 3), np.uint8), (400, 320))
    picture._level(0.25)
    monkeypatch.setattr(pictures, "to_qimage", fail)
    picture._prepare([0, 1])
    assert sorted(picture._levels) == [2]
    with pytest.raises(MemoryError):
        picture._level(1)
