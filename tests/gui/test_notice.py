"""Long work while nobody looks: what the title tells, and when there is a notice."""

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from srviewer.errors import SurveyError
from srviewer.gui import notice
from srviewer.gui.notice import Notice
from srviewer.runs.state import Failure, Log, RunState


class Run(QObject):
    """A run whose signals a test gives."""

    state_changed = Signal()
    progressed = Signal(str, int, int, object)
    done = Signal(object, object)
    failed = Signal(object, object)
    finished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state: RunState | None = None
        self.busy = False

    def tell(self, **changes: int) -> None:
        self.busy, self.state = True, RunState(**changes)
        self.state_changed.emit()

    def end(self, came_of_it: object) -> None:
        self.done.emit(came_of_it, None)
        self.busy = False
        self.finished.emit(None)


@pytest.fixture
def runs() -> dict[str, Run]:
    return {"export": Run(), "survey": Run()}


@pytest.fixture
def window(qtbot: QtBot, runs: dict[str, Run]) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.notice = Notice(made, runs, lambda: "a.png - srviewer")  # type: ignore[attr-defined]
    made.notice.show_title()  # type: ignore[attr-defined]
    return made


@pytest.fixture
def alerts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets every notice, on a desktop with a tray."""
    told: list[str] = []
    monkeypatch.setattr(notice, "LONG", 0.0)
    monkeypatch.setattr(QApplication, "alert", lambda *_: told.append("alert"))
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, title, text: told.append(text))
    return told


def test_the_title_carries_the_progress_and_then_the_image_again(
    window: QWidget, runs: dict[str, Run]
) -> None:
    assert window.windowTitle() == "a.png - srviewer"
    runs["export"].tell(images=8, done=0)
    assert window.windowTitle() == "0 % - export - srviewer"
    runs["export"].tell(images=8, done=3)
    assert window.windowTitle() == "37 % - export - srviewer"
    runs["survey"].tell(images=2, done=1)
    assert window.windowTitle() == "37 % - export - 50 % - survey - srviewer"
    runs["survey"].end(RunState())
    runs["export"].tell(images=8, done=8)
    runs["export"].progressed.emit("pack", 1, 4, None)
    assert window.windowTitle() == "25 % - export - srviewer"
    runs["export"].end(RunState())
    assert window.windowTitle() == "a.png - srviewer"


def test_a_single_image_tells_how_far_the_work_in_it_is(
    window: QWidget, runs: dict[str, Run]
) -> None:
    runs["export"].tell(images=1)
    assert window.windowTitle() == "export - srviewer"
    runs["export"].progressed.emit("write", 9, 10, None)
    assert window.windowTitle() == "90 % - export - srviewer"


def test_long_work_in_the_background_gives_a_notice(
    window: QWidget, runs: dict[str, Run], alerts: list[str]
) -> None:
    assert QApplication.activeWindow() is None
    runs["export"].tell(images=2)
    runs["export"].end(RunState(failures=Log([Failure("a.png", "odd")])))
    assert alerts == ["alert", "export: done, 1 image failed"]
    runs["survey"].tell(images=2)
    runs["survey"].failed.emit(SurveyError("disk full"), None)
    assert alerts[2:] == ["alert", "survey: failed: disk full"]


def test_no_notice_of_what_is_short_was_cancelled_or_is_seen(
    qtbot: QtBot,
    window: QWidget,
    runs: dict[str, Run],
    alerts: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs["export"].tell(images=2)
    runs["export"].end(RunState(cancelled=True))
    monkeypatch.setattr(notice, "LONG", 60.0)
    runs["export"].tell(images=2)
    runs["export"].end(RunState())
    monkeypatch.setattr(notice, "LONG", 0.0)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    runs["export"].tell(images=2)
    runs["export"].end(RunState())
    assert alerts == []
