"""Errors that nobody expected: one dialog, a report on disk, and a window that lives on."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from srviewer.gui.jobs.runner import Job
from srviewer.gui.state.settings import own_file
from srviewer.gui.unexpected import Unexpected
from srviewer.gui.views.error_dialog import ErrorDialog
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import find
from tests.gui.test_app import run


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: the program's loop, which a test here runs, closes all that are."""
    return new_window


@pytest.fixture
def kept() -> list[str]:
    return []


@pytest.fixture
def unexpected(window: MainWindow, own_home: Path, kept: list[str]) -> Iterator[Unexpected]:
    made = Unexpected(window.model, own_file().parent, lambda: kept.append("kept"), window)
    made.noted.connect(window.messages.log_failure)
    made.install()
    yield made
    made.end()
    for dialog in dialogs():
        dialog.accept()


def dialogs() -> list[ErrorDialog]:
    found = QApplication.topLevelWidgets()
    return [one for one in found if isinstance(one, ErrorDialog) and one.isVisible()]


def dialog(qtbot: QtBot) -> ErrorDialog:
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def reports() -> list[Path]:
    return sorted(own_file().parent.glob("error-*.txt"))


def fail(kind: type[Exception] = ZeroDivisionError, words: str = "oops") -> None:
    raise kind(words)


def in_a_slot(what: Callable[[], object]) -> None:
    QTimer.singleShot(0, what)


def test_a_slot_that_raises_shows_what_to_hand_on_and_saves_it(
    qtbot: QtBot, window: MainWindow, unexpected: Unexpected, kept: list[str]
) -> None:
    window.model.change("min_keypoints", 7)
    in_a_slot(lambda: fail(words=f"in {Path.home()}/my photos/a.png"))
    box = dialog(qtbot)
    text = find(box, QPlainTextEdit, "error_report").toPlainText()
    (file,) = reports()
    assert file.read_text() == text
    assert str(file) in find(box, QLabel, "error_place").text()
    assert "ZeroDivisionError: in a.png" in text
    assert "in fail" in text
    assert "PySide6" in text
    assert "min_keypoints = 7" in text
    assert str(Path.home()) not in text
    assert kept == ["kept"]
    qtbot.mouseClick(find(box, QPushButton, "error_copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text
    qtbot.mouseClick(find(box, QPushButton, "error_close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialogs())
    assert window.isVisible()
    assert window.model.recipe.min_keypoints == 7


def test_further_errors_are_counted_and_the_same_one_never_asks_again(
    qtbot: QtBot, window: MainWindow, unexpected: Unexpected
) -> None:
    in_a_slot(fail)
    box = dialog(qtbot)
    for _ in range(3):
        in_a_slot(lambda: fail(KeyError))
    count = find(box, QLabel, "error_count")
    qtbot.waitUntil(lambda: count.text() == "3 more errors since, in the log")
    assert len(dialogs()) == 1
    box.accept()
    in_a_slot(fail)
    qtbot.waitUntil(lambda: window.log.text().count("ZeroDivisionError") == 2)
    assert not dialogs()
    assert len(reports()) == 1
    in_a_slot(lambda: fail(KeyError))  # another one does
    dialog(qtbot)


def test_an_error_while_painting_is_told_once_however_often_it_is_painted(
    qtbot: QtBot, window: MainWindow, unexpected: Unexpected
) -> None:
    class Bad(QWidget):
        painted = 0

        def paintEvent(self, event: object) -> None:  # noqa: N802
            Bad.painted += 1
            raise RuntimeError("cannot paint")

    bad = Bad()
    qtbot.addWidget(bad)
    bad.show()
    dialog(qtbot).accept()
    for _ in range(3):
        before = Bad.painted
        bad.update()
        qtbot.waitUntil(lambda before=before: Bad.painted > before)  # type: ignore[misc]
    QApplication.processEvents()
    assert not dialogs()


def by_a_thread() -> None:
    thread = threading.Thread(target=fail, name="helper")
    thread.start()
    thread.join()


class Cursed:
    def __del__(self) -> None:
        fail()


def by_a_deletion() -> None:
    Cursed()


@pytest.mark.parametrize(
    ("cause", "where"),
    [(by_a_thread, "in the thread helper"), (by_a_deletion, "could not be raised")],
)
def test_threads_and_deletions_are_heard(
    qtbot: QtBot, unexpected: Unexpected, cause: Callable[[], None], where: str
) -> None:
    cause()
    assert where in dialog(qtbot).report.toPlainText()


def test_a_job_that_fails_as_nobody_expected_is_told_and_the_next_one_is_done(
    qtbot: QtBot, window: MainWindow, unexpected: Unexpected
) -> None:
    runner = window.data_set.answers
    with qtbot.waitSignals([runner.failed, runner.finished]):
        runner.start(Job(lambda progress, tell: fail()))
    text = dialog(qtbot).report.toPlainText()
    assert "ZeroDivisionError: oops" in text
    assert "in the thread answers" in text
    with qtbot.waitSignal(runner.finished):
        runner.start(Job(lambda progress, tell: None))


def test_an_error_that_was_expected_shows_no_dialog(
    qtbot: QtBot, window: MainWindow, unexpected: Unexpected, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.model.failed):
        window.open_paths([tmp_path / "missing.png"])
    QApplication.processEvents()
    assert not dialogs()


def test_a_folder_that_takes_no_report_is_told(
    qtbot: QtBot, unexpected: Unexpected, own_home: Path
) -> None:
    own_file().parent.parent.mkdir(parents=True, exist_ok=True)
    own_file().parent.write_text("in the way")
    in_a_slot(fail)
    assert "was not saved" in find(dialog(qtbot), QLabel, "error_place").text()


def test_the_program_hears_of_errors_and_ends_as_ever(
    qapp: QApplication, photo_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    seen: list[str] = []
    failed: list[bool] = []

    def look(window: MainWindow) -> None:
        if dialogs():
            seen.append(dialogs()[0].report.toPlainText())
            dialogs()[0].accept()
            window.model.change("min_keypoints", 3)  # it lives on
        elif seen:
            assert window.model.recipe != Recipe()
            window.close()
        elif not failed:
            failed.append(True)
            fail()

    assert run(qapp, [photo_path], look, monkeypatch) == 0
    assert "ZeroDivisionError: oops" in seen[0]
    assert str(photo_path.parent) not in seen[0]
    assert hooks[1:] == (threading.excepthook, sys.unraisablehook)
