"""Starts Qt and the window, or says why it can't."""

import atexit
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from srviewer.errors import DisplayError
from srviewer.gui.display import why_no_window
from srviewer.gui.jobs.runner import stop_runners
from srviewer.gui.state.settings import Settings, own_file
from srviewer.gui.theme import apply_theme
from srviewer.gui.unexpected import Unexpected
from srviewer.gui.window import MainWindow
from srviewer.pipeline.opencv import drop_qt_settings
from srviewer.runs.inputs import GivenLR

INTERRUPTED = 130
_KEEP_THE_CLIPBOARD = ("offscreen", "minimal")  # platforms that drop it after Python's end


def make_application(*, offscreen: bool = False) -> QApplication:
    """Return the application with its theme; `offscreen` draws without a display.

    Raises
    ------
    DisplayError
        Where no window can be opened, with what to do about it.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif reason := why_no_window():
        raise DisplayError(reason)
    drop_qt_settings()
    app = QApplication(["srviewer"])
    app.setApplicationName("srviewer")
    app.setOrganizationName("srviewer")
    app.setDesktopFileName("srviewer")
    app.setWindowIcon(QIcon(str(asset("icon.png"))))
    apply_theme(app)
    atexit.register(_leave, app)  # before Qt's own, which was registered as it was imported
    return app


def _leave(app: QApplication) -> None:
    """End while Python is still there what ends with the process.

    A window that nobody closed may have threads at work, and its parts tell of each other's end.
    What a table has put into the clipboard is an object of Python's.
    """
    for window in app.topLevelWidgets():
        if isinstance(window, MainWindow):
            window.hide()
            while not stop_runners(window):
                pass
    if app.platformName() in _KEEP_THE_CLIPBOARD:
        app.clipboard().clear()


def run_window(paths: Sequence[Path], cancel: threading.Event, lr: GivenLR | None = None) -> int:
    """Open the window on `paths`, or on the sample, and return the exit code when it is closed.

    Parameters
    ----------
    paths : sequence of Path
        Images and folders, a recipe or a session.
    cancel : threading.Event
        Set by Ctrl+C in the terminal: the window then closes in order.
    lr : GivenLR, optional
        Where the LR of `paths` come from, if they are given.
    """
    app = make_application()
    app.setQuitOnLastWindowClosed(False)  # a thread may need a moment more than the window
    window = MainWindow(Settings())
    window.closed.connect(app.quit)
    app.commitDataRequest.connect(window.leaving.end_of_session)
    unexpected = Unexpected(window.model, own_file().parent, window.remember, window)
    unexpected.noted.connect(window.messages.log_failure)
    unexpected.install()
    app.styleHints().colorSchemeChanged.connect(lambda: apply_theme(app))
    window.show()
    if lr is not None:
        window.open_pairs(paths, lr)
    elif paths:
        window.incoming.open(paths)
    else:
        window.open_sample(asset("sample.png"))
    # Python sees Ctrl+C only while Python runs, so it is given a turn now and then.
    turns = QTimer()
    turns.timeout.connect(lambda: window.leaving.at_once() if cancel.is_set() else None)
    turns.start(200)
    try:
        app.exec()
    finally:
        unexpected.end()
    return INTERRUPTED if cancel.is_set() else 0


_PACKAGE = Path(__file__).resolve().parent.parent


def asset(name: str) -> Path:
    """Return the path of the asset `name`."""
    installed = _PACKAGE / "assets" / name
    return installed if installed.exists() else _PACKAGE.parent / "assets" / name
