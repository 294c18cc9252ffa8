"""Errors that nobody caught, in a slot or a thread: told in one dialog, and the window lives on."""

from __future__ import annotations

import platform
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QObject, Qt, Signal

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import listen
from srviewer.gui.state.model import Model
from srviewer.gui.views.error_dialog import ErrorDialog
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.error_report import place_of, report_text, save_report
from srviewer.runs.versions import VERSIONS
from srviewer.streams import tell

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Unexpected(QObject):
    """Tells a person of errors that nobody caught, one dialog at a time.

    An error of a line that one was told of before is only noted in the log: what fails while it
    is painted fails again and again.

    Parameters
    ----------
    model : Model
        Its recipe is told, and its paths are not.
    folder : Path
        Reports are saved there.
    keep : callable
        Keeps the work on disk, should the program not live on.
    window : QWidget

    Signals
    -------
    noted(message)
        An error, in a line.
    """

    noted = Signal(str)
    _happened = Signal(object, str)  # from any thread, and from the middle of painting

    def __init__(
        self, model: Model, folder: Path, keep: Callable[[], object], window: QWidget
    ) -> None:
        super().__init__(window)
        self._model, self._folder, self._keep, self._window = model, folder, keep, window
        self._told: set[tuple[object, ...]] = set()
        self._dialog: ErrorDialog | None = None
        self._happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    # Hearing of them

    def install(self) -> None:
        """Hear of every error that nobody catches, until `end`."""
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_error
        threading.excepthook = self._on_error_in_thread
        sys.unraisablehook = self._on_unraisable
        listen(self._hear)

    def end(self) -> None:
        """Hear of no more of them."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        listen(None)

    def _on_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._hear(error.with_traceback(trace), "in the window")

    def _on_error_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread is not None else "unknown"
            self._hear(args.exc_value, f"in the thread {name}")

    def _on_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            self._hear(args.exc_value, "where it could not be raised")

    def _hear(self, error: BaseException, where: str) -> None:
        """Take an error, in any thread; Ctrl+C and the end of the process are none."""
        if isinstance(error, Exception):
            self._happened.emit(error, where)

    # Telling of them

    def _tell(self, error: Exception, where: str) -> None:
        try:
            self._tell_of(error, where)
        except Exception as second:  # an error in here would come here again
            tell(f"srviewer: {type(error).__name__}, which cannot be told: {second!r}")

    def _tell_of(self, error: Exception, where: str) -> None:
        place = place_of(error)
        line = f"unexpected {type(error).__name__} {where}: {error}"
        self.noted.emit(line)
        if self._dialog is not None:
            self._dialog.count_another()
        if place in self._told or self._dialog is not None:
            return
        self._told.add(place)
        tell(f"srviewer: {line}")
        self._show(error, where)

    def _show(self, error: Exception, where: str) -> None:
        when, problem = datetime.now(), ""
        file: Path | None = None
        report = report_text(
            error,
            when=when,
            where=where,
            versions=_versions(),
            recipe=to_toml(self._model.recipe),
            known=self._paths(),
        )
        try:
            self._keep()
            file = save_report(self._folder, report, when)
        except (OSError, SrviewerError) as refused:
            problem = str(refused)
        self._dialog = dialog = ErrorDialog(report, file, problem, self._window)
        dialog.finished.connect(self._on_closed)
        dialog.show()

    def _on_closed(self) -> None:
        self._dialog = None

    def _paths(self) -> set[Path]:
        entries = self._model.entries
        return {one.path for one in entries} | {one.root for one in entries if one.root}


def _versions() -> dict[str, str]:
    return {
        **VERSIONS,
        "Python": platform.python_version(),
        "PySide6": PySide6.__version__,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
