"""What is closed or removed is let go: windows, and the images and analyses that were looked at."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.state.layers import VIEWS
from srviewer.gui.state.selection import Selected
from srviewer.gui.window import MainWindow
from srviewer.pipeline import analysis
from tests import analyses
from tests.gui.conftest import close, process_deletions
from tests.gui.helpers import known, wait_for_analysis


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no stage give the tests what it has found for the same before."""
    monkeypatch.setattr(analysis, "_run", analyses._run)


def look_at_all(window: MainWindow) -> None:
    """Have each part of the window show what it shows of the current image, then hide it."""
    kept = int(np.flatnonzero(known(window).patches.kept)[0])
    for selected in (Selected("window", kept), Selected("match", 0)):
        window.model.select(selected)
        for view in VIEWS:
            window.choose_view(view.name)
            window.grab()
    for dock in window.docks.by_name.values():
        dock.open()
        dock.raise_()
        QApplication.processEvents()
        window.grab()
    window.model.show_data_set(True)
    QApplication.processEvents()
    window.model.show_data_set(False)
    QApplication.processEvents()


def test_a_removed_image_is_held_by_nothing(
    qtbot: QtBot, nothing_is_remembered: None, opened: MainWindow
) -> None:
    look_at_all(opened)
    found = known(opened)
    before = {
        "analysis": weakref.ref(found),
        "pair": weakref.ref(found.pair),
        "image": weakref.ref(found.image),
        "HR": weakref.ref(found.pair.hr),
        "LR": weakref.ref(found.pair.lr),
        "keypoints": weakref.ref(found.keypoints),
    }
    opened.model.change("stride", 20)
    wait_for_analysis(qtbot, opened)
    before["next analysis"] = weakref.ref(known(opened))
    del found
    opened.model.remove(*opened.model.entries)
    QApplication.processEvents()
    gc.collect()
    assert [name for name, one in before.items() if one() is not None] == []


def test_closed_windows_are_gone_and_leave_no_more_each_time(
    qtbot: QtBot, photo_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> None:
    seen: list[tuple[int, int]] = []
    for _ in range(4):
        window = MainWindow()
        window.show()
        qtbot.waitExposed(window)
        assert window.data_set_view
        analysed(window, photo_path)
        look_at_all(window)
        there = weakref.ref(window), weakref.ref(window.model), weakref.ref(known(window))
        close(qtbot, window)
        window.deleteLater()
        del window
        process_deletions()
        assert [one() for one in there] == [None] * 3
        seen.append((len(QApplication.allWidgets()), len(gc.get_objects())))
    widgets, objects = zip(*seen, strict=True)
    assert len(set(widgets[1:])) == 1
    assert objects[-1] - objects[1] < 500, "of 100,000 that a window has"
