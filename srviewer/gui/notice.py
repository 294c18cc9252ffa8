"""Long work while nobody looks: the title tells how far it is, and a notice that it has ended."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS
from srviewer.gui.jobs.long_run import LongRun
from srviewer.wording import counted

LONG = 5.0  # seconds of work, from which on its end is worth a notice


class Notice(QObject):
    """Puts the progress of `runs` into the title of `window`, and tells of an end nobody sees.

    Parameters
    ----------
    window : QWidget
    runs : dict of str to LongRun
        By what they are, "export".
    title : callable
        Returns the title of the window while nothing runs.
    """

    def __init__(self, window: QWidget, runs: dict[str, LongRun], title: Callable[[], str]) -> None:
        super().__init__(window)
        self._window, self._runs, self._title = window, runs, title
        self._begun: dict[str, float] = {}
        self._inside: dict[str, tuple[int, int]] = {}  # of the one image, or of the packing
        self._tray: QSystemTrayIcon | None = None
        for what, run in runs.items():
            run.state_changed.connect(partial(self._on_state, what))
            run.progressed.connect(partial(self._on_progress, what))
            run.done.connect(partial(self._on_done, what))
            run.failed.connect(partial(self._on_failed, what))
            run.finished.connect(partial(self._on_finished, what))
        window.installEventFilter(self)

    # The title

    def show_title(self) -> None:
        """Show the window's title, with the progress of what runs before it."""
        parts = [self._progress(what) for what, run in self._runs.items() if run.busy]
        title = " - ".join([*parts, "srviewer"]) if parts else self._title()
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)

    def _progress(self, what: str) -> str:
        state = self._runs[what].state
        done, total = (state.done, state.total) if state is not None else (0, 0)
        if total < 2 or done >= total:  # a single image, or what comes after the last one
            done, total = self._inside.get(what, (0, 0))
        return f"{int(100 * done / total)} % - {what}" if total > 0 else what

    def _on_state(self, what: str) -> None:
        if self._runs[what].busy:
            self._begun.setdefault(what, time.monotonic())
        self.show_title()

    def _on_progress(self, what: str, stage: str, done: int, total: int, *_: object) -> None:
        self._inside[what] = (done, total)
        self.show_title()

    def _on_finished(self, what: str, *_: object) -> None:
        self._begun.pop(what, None)
        self._inside.pop(what, None)
        self.show_title()

    # The notice

    def _on_done(self, what: str, came_of_it: object, *_: object) -> None:
        if not getattr(came_of_it, "cancelled", False):
            failures = len(getattr(came_of_it, "failures", ()))
            failed = f", {counted(failures, 'image')} failed" if failures else ""
            self._tell(what, f"done{failed}")

    def _on_failed(self, what: str, error: SrviewerError, *_: object) -> None:
        self._tell(what, f"failed: {error.told(LABELS)}")

    def _tell(self, what: str, how: str) -> None:
        """Tell how long work ended, where no window of ours has the keyboard."""
        lasted = time.monotonic() - self._begun.get(what, time.monotonic())
        if lasted < LONG or QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            if self._tray is None:
                self._tray = QSystemTrayIcon(QApplication.windowIcon(), self)
                self._tray.activated.connect(self._window.activateWindow)
                self._tray.messageClicked.connect(self._window.activateWindow)
            self._tray.show()
            self._tray.showMessage("srviewer", f"{what}: {how}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the sign in the tray away once a person looks at the window."""
        if event.type() == QEvent.Type.WindowActivate and self._tray is not None:
            self._tray.hide()
        return super().eventFilter(watched, event)
