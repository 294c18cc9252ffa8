"""Opening folders: a slow disk holds up nothing, and what is asked for can be taken back."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from srviewer.errors import Cancelled
from srviewer.gui.state import opening
from srviewer.gui.window import MainWindow
from srviewer.pipeline import reading
from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import images_in
from tests.gui.helpers import TIMEOUT, wait_for_analysis
from tests.gui.test_window import banner_text, status_text


class SlowDisk:
    """Lists a folder when it is let go on, or never; it asks whether to stop all the time."""

    def __init__(self) -> None:
        self.entered, self.go_on, self.stopped = (threading.Event() for _ in range(3))

    def images_in(self, folder: Path, *, progress: Progress, **more: Any) -> list[Path]:
        self.entered.set()
        try:
            while not self.go_on.wait(0.01):
                progress.report("list", 7, 7)
                progress.check()
        except Cancelled:
            self.stopped.set()
            raise
        return images_in(folder, progress=progress, **more)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    made = SlowDisk()
    monkeypatch.setattr(opening, "images_in", made.images_in)
    yield made
    made.go_on.set()


def open_folder(qtbot: QtBot, window: MainWindow, disk: SlowDisk, folder: Path) -> None:
    window.add_paths([folder])
    assert not disk.go_on.is_set()  # or it would have waited for the disk
    qtbot.waitUntil(disk.entered.is_set, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "looking for images, 7 found" in status_text(window), timeout=TIMEOUT)


def test_a_folder_that_takes_its_time_does_not_hold_up_the_window(
    qtbot: QtBot, opened: MainWindow, disk: SlowDisk, photos: Path
) -> None:
    open_folder(qtbot, opened, disk, photos)
    opened.model.change("min_keypoints", 4)  # all goes on meanwhile
    assert opened.model.analysis is not None
    assert opened.model.analysis.recipe.min_keypoints == 4
    disk.go_on.set()
    qtbot.waitUntil(lambda: len(opened.model.entries) == 4, timeout=TIMEOUT)
    wait_for_analysis(qtbot, opened, photos / "motor.png")
    qtbot.waitUntil(lambda: "looking" not in status_text(opened), timeout=TIMEOUT)


def test_escape_takes_it_back(
    qtbot: QtBot, window: MainWindow, disk: SlowDisk, photos: Path, photo_path: Path
) -> None:
    open_folder(qtbot, window, disk, photos)
    window.add_paths([photo_path])  # what waits for it as well
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(disk.stopped.is_set, timeout=TIMEOUT)
    assert not window.opening.busy
    assert "looking" not in status_text(window)
    window.add_paths([photo_path])
    wait_for_analysis(qtbot, window, photo_path)
    assert [entry.path for entry in window.model.entries] == [photo_path]
    assert banner_text(window) == ""


def test_what_is_opened_in_turn_is_listed_in_turn(
    qtbot: QtBot, window: MainWindow, disk: SlowDisk, photos: Path, photo_path: Path
) -> None:
    open_folder(qtbot, window, disk, photos)
    window.add_paths([photo_path])
    disk.go_on.set()
    qtbot.waitUntil(lambda: not window.opening.busy, timeout=TIMEOUT)
    assert window.model.entries[-1].path == photo_path
    assert window.model.current is window.model.entries[-1]


def test_a_window_that_is_closed_looks_no_further(
    qtbot: QtBot, new_window: MainWindow, disk: SlowDisk, photos: Path
) -> None:
    open_folder(qtbot, new_window, disk, photos)
    with qtbot.waitSignal(new_window.closed, timeout=TIMEOUT):
        new_window.close()
    assert disk.stopped.is_set()


def test_what_was_passed_over_is_in_the_log(qtbot: QtBot, opened: MainWindow, photos: Path) -> None:
    (photos / "raw.cr2").touch()
    opened.add_paths([photos])
    words = f"{photos}: passed over: 1 .cr2"
    qtbot.waitUntil(lambda: words in opened.log.text(), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not opened.opening.busy, timeout=TIMEOUT)
    wait_for_analysis(qtbot, opened)


def test_it_is_told_what_was_added_and_what_is_no_image(
    qtbot: QtBot, opened: MainWindow, photos: Path
) -> None:
    notes, before = photos / "notes.txt", len(opened.model.entries)
    notes.write_text("no image")
    opened.add_paths([opened.model.entries[0].path, photos / "motor.png", notes])
    qtbot.waitUntil(lambda: not opened.opening.busy, timeout=TIMEOUT)
    assert len(opened.model.entries) == before + 1
    assert opened.status.currentMessage() == "1 image added; 1 in the list already"
    assert banner_text(opened) == f"{notes}: not an image in a format that is read"
    wait_for_analysis(qtbot, opened)


def test_a_file_that_takes_its_time_is_told_and_escape_stops_it(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def read(path: Path, *, colour: str, progress: Progress) -> None:
        progress.report("read", 4_000, 26_000)
        try:
            while not stopped.wait(0.01):
                progress.check()
        except Cancelled:
            stopped.set()
            raise

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_image", read)
        entry = opened.model.entries[0]
        entry.image = entry.analysis = None
        opened.model.look_at(entry)
        words = "reading  4.00 MB of 26.0 MB"
        qtbot.waitUntil(lambda: words in status_text(opened), timeout=TIMEOUT)
        qtbot.keyClick(opened, Qt.Key.Key_Escape)
        assert "reading" not in opened.status.stage.text() or opened.status.stage.isHidden()
        qtbot.waitUntil(stopped.is_set, timeout=TIMEOUT)
    assert "not read, as asked" in str(entry.error)
    opened.model.look_at(entry)  # as a click in the list does
    wait_for_analysis(qtbot, opened, entry.path)
    assert entry.error is None
