"""An export from the window that is paused, goes on, is cancelled or fails in part."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from srviewer.gui.window import MainWindow
from tests.gui.conftest import close
from tests.gui.helpers import TIMEOUT, find, open_paths, wait_for_analysis
from tests.gui.test_export_panel import (
    assert_nothing_is_half_written,
    begin,
    begin_many_pairs,
    choose,
    export,
    many,
    out,
    press,
    runs,
    summary,
    three,
    tree,
    wait_for_end,
)
from tests.gui.test_window import banner_text

__all__ = ["many", "out", "three"]

Open = Callable[[MainWindow, Path], None]
STILL = 0.7  # seconds without a change, after which nothing more is expected to come
HANDED_OVER = 4  # images to two processes at once


def wait_until_still(qtbot: QtBot, window: MainWindow) -> int:
    """Wait until the bar stands still, and return where."""
    bar = find(window, QProgressBar, "export_progress")
    last = [bar.value(), time.monotonic()]

    def stands() -> bool:
        if bar.value() != last[0]:
            last[:] = [bar.value(), time.monotonic()]
        return time.monotonic() - last[1] > STILL

    qtbot.waitUntil(stands, timeout=TIMEOUT)
    return bar.value()


def is_paused(window: MainWindow) -> bool:
    return find(window, QPushButton, "pause_export").text() == "Resume"


def test_there_is_nothing_to_pause_before_and_after(
    qtbot: QtBot, opened: MainWindow, out: Path
) -> None:
    pause = find(opened, QPushButton, "pause_export")
    assert (pause.isEnabled(), pause.text()) == (False, "Pause")
    find(opened, QLineEdit, "export_folder").setText(str(out))
    press(qtbot, opened, "export")
    assert pause.isEnabled()
    wait_for_end(qtbot, opened)
    assert (pause.isEnabled(), pause.text()) == (False, "Pause")


def test_a_paused_export_begins_nothing_and_goes_on_to_the_same_bytes(
    qtbot: QtBot,
    window: MainWindow,
    many: list[Path],
    out: Path,
    of_command_line: dict[str, bytes],
) -> None:
    begin(qtbot, window, many, out, 2)
    bar = find(window, QProgressBar, "export_progress")
    press(qtbot, window, "pause_export")
    at_once = bar.value()
    assert is_paused(window)
    assert summary(window).startswith(f"paused: {at_once} of 16 images, ")
    assert "left" not in summary(window), "nobody knows how long a pause lasts"
    still = wait_until_still(qtbot, window)
    assert at_once <= still <= at_once + HANDED_OVER < 16
    assert summary(window).startswith(f"paused: {still} of 16 images, ")
    assert runs(window), "it can be cancelled"
    press(qtbot, window, "pause_export")
    assert not is_paused(window)
    assert not summary(window).startswith("paused")
    wait_for_end(qtbot, window)
    assert "16 images" in summary(window)
    assert tree(out) == of_command_line


def test_a_paused_export_can_be_cancelled_and_finished_later(
    qtbot: QtBot,
    window: MainWindow,
    many: list[Path],
    out: Path,
    of_command_line: dict[str, bytes],
) -> None:
    begin(qtbot, window, many, out, 2)
    press(qtbot, window, "pause_export")
    wait_until_still(qtbot, window)
    press(qtbot, window, "cancel_export")
    assert not find(window, QPushButton, "pause_export").isEnabled()
    wait_for_end(qtbot, window)
    assert summary(window).startswith("cancelled")
    assert window.log.lines[-1].kind == "note", "it is not done"
    assert 2 <= len(assert_nothing_is_half_written(out)) < 16
    assert not is_paused(window)
    export(qtbot, window, out)
    assert tree(out) == of_command_line


def test_a_window_can_be_closed_while_its_export_is_paused(
    qtbot: QtBot, new_window: MainWindow, many: list[Path], out: Path
) -> None:
    begin(qtbot, new_window, many, out, 1)
    press(qtbot, new_window, "pause_export")
    close(qtbot, new_window)
    assert 1 <= len(assert_nothing_is_half_written(out)) < 16


def test_one_image_is_paused_between_two_of_its_pairs(
    qtbot: QtBot, window: MainWindow, many: list[Path], out: Path
) -> None:
    bar = begin_many_pairs(qtbot, window, many[0], out)
    press(qtbot, window, "pause_export")
    still = wait_until_still(qtbot, window)
    assert still < bar.maximum()
    assert summary(window) == f"paused: {still:,} of {bar.maximum():,} pairs written"
    press(qtbot, window, "pause_export")
    qtbot.waitUntil(lambda: bar.value() > still, timeout=TIMEOUT)
    press(qtbot, window, "pause_export")
    press(qtbot, window, "cancel_export")
    wait_for_end(qtbot, window)
    assert assert_nothing_is_half_written(out) == set()


# Failures as they happen


def test_failures_are_told_as_they_come(
    qtbot: QtBot, window: MainWindow, three: list[Path], tmp_path: Path, out: Path
) -> None:
    # In a folder of their own: names are sorted, so these are the first.
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("no picture")
    events: list[str] = []
    lines: list[list[str]] = []
    labels: list[str] = []
    label = find(window, QLabel, "export_failures")

    def note(message: str) -> None:
        events.append(message)
        lines.append([line.message for line in window.log.lines if line.kind == "error"])

    window.exporting.run.done.connect(lambda: events.append(window.log.lines[-1].message))
    window.exporting.run.image_failed.connect(note)
    window.exporting.run.state_changed.connect(lambda: labels.append(label.text()))
    open_paths(qtbot, window, [*three, tmp_path / "a.png", tmp_path / "b.png"])
    wait_for_analysis(qtbot, window, three[0])
    choose(find(window, QComboBox, "export_images"), qtbot, "all 5")
    window.export_settings.use("jobs", 1)
    assert not label.isVisible()
    export(qtbot, window, out)
    first, second, end = events
    assert first.startswith(f"{tmp_path / 'a.png'}: not an image")
    assert second.startswith(f"{tmp_path / 'b.png'}: not an image")
    assert lines == [[first], [first, second]], "each in the log as it came, and once"
    assert end.endswith("; 2 failed")
    errors = [line.message for line in window.log.lines if line.kind == "error"]
    assert errors == [first, second]
    shown = list(dict.fromkeys(filter(None, labels)))
    assert shown == [
        "1 image failed: " + first.removeprefix(f"{tmp_path / 'a.png'}: ") + ": a.png",
        "2 images failed, the last: " + second.removeprefix(f"{tmp_path / 'b.png'}: ") + ": b.png",
    ]
    assert label.isVisible()
    assert label.toolTip().startswith(second)
    assert "2 images could not be exported" in banner_text(window)
    assert first in banner_text(window)
    assert "3 images" in summary(window)
    window.model.remove(window.model.entries[-1])
    window.model.remove(window.model.entries[-1])
    export(qtbot, window, out.with_name("again"))
    assert not label.isVisible(), "those of the time before"


def test_nothing_jumps_while_numbers_grow(
    qtbot: QtBot, window: MainWindow, many: list[Path], out: Path
) -> None:
    window.resize(1280, 800)
    heights: set[int] = set()
    places: set[tuple[int, int]] = set()
    cancel = find(window, QPushButton, "cancel_export")

    def look() -> None:
        heights.add(window.export.progress.height())
        at = cancel.mapTo(window, cancel.rect().topLeft())
        places.add((at.x(), at.y()))

    begin(qtbot, window, many[:6], out, 1)
    window.exporting.run.state_changed.connect(look)
    pause = find(window, QPushButton, "pause_export")
    width = pause.width()
    press(qtbot, window, "pause_export")
    look()
    assert pause.width() == width
    press(qtbot, window, "pause_export")
    wait_for_end(qtbot, window)
    look()
    assert len(heights) == 1
    assert len(places) == 1
