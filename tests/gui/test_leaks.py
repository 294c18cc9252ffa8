"""The fixture that watches the other tests sees what it is meant to see."""

import threading

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from tests.gui.conftest import (
    leftovers,
    process_deletions,
    python_threads,
    running_qthreads,
    top_level_widgets,
)
from tests.gui.helpers import TIMEOUT


def test_a_thread_of_qt_is_seen_until_it_ends(qapp: QApplication) -> None:
    before = (python_threads(), running_qthreads(), top_level_widgets())
    thread = QThread()
    thread.setObjectName("forgotten")
    assert leftovers(before) == []
    thread.start()
    try:
        assert leftovers(before) == ["QThread 'forgotten'"]
    finally:
        thread.quit()
        thread.wait()
    assert leftovers(before) == []


def test_a_thread_of_python_is_seen_until_it_ends(qapp: QApplication) -> None:
    before = (python_threads(), running_qthreads(), top_level_widgets())
    release = threading.Event()
    thread = threading.Thread(target=release.wait, name="forgotten")
    thread.start()
    try:
        assert leftovers(before) == ["thread 'forgotten'"]
    finally:
        release.set()
        thread.join()
    assert leftovers(before) == []


def test_a_widget_is_seen_until_it_is_deleted(qapp: QApplication) -> None:
    before = (python_threads(), running_qthreads(), top_level_widgets())
    widget = QWidget()
    widget.setWindowTitle("forgotten")
    assert leftovers(before) == ["top-level widget QWidget '' 'forgotten'"]
    widget.deleteLater()
    process_deletions()
    assert leftovers(before) == []


def test_an_exception_in_a_slot_is_seen(qtbot: QtBot) -> None:
    def fail() -> None:
        raise ValueError("in a slot")

    with capture_exceptions() as errors:
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: bool(errors), timeout=TIMEOUT)
    assert "in a slot" in str(errors[0][1])
