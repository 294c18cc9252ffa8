"""The export in a thread of its own, as the window starts, pauses and cancels it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from srviewer.errors import ConflictError, SrviewerError
from srviewer.export.options import Options
from srviewer.export.runner import export
from srviewer.gui.workers import Throttle
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted


@dataclass(frozen=True)
class ExportRequest:
    """What to export, where to and how; `jobs` are processes, None for as many as cores."""

    images: tuple[Path | Rooted, ...]
    out: Path
    recipe: Recipe
    format: str
    options: Options = field(default_factory=Options)
    jobs: int | None = None
    overwrite: bool = False


class _ExportWorker(QObject):
    state_changed = Signal(object)
    progressed = Signal(str, int, int)
    failed = Signal(str)
    refused = Signal(str)
    done = Signal(object)
    finished = Signal()

    def __init__(
        self, request: ExportRequest, cancel: threading.Event, pause: threading.Event
    ) -> None:
        super().__init__()
        self._request = request
        self._cancel = cancel
        self._pause = pause

    @Slot()
    def run(self) -> None:
        throttle = Throttle()

        def report(stage: str, done: int, total: int) -> None:
            if throttle.lets(stage, done, total):
                self.progressed.emit(stage, done, total)

        request = self._request
        try:
            state = export(
                request.images,
                request.out,
                request.recipe,
                format=request.format,
                options=request.options,
                jobs=request.jobs,
                overwrite=request.overwrite,
                progress=Progress(report, self._cancel, self._pause),
                on_state=self.state_changed.emit,
            )
            self.done.emit(state)
        except ConflictError as error:
            self.refused.emit(str(error))
        except SrviewerError as error:
            self.failed.emit(str(error))
        except Exception as error:  # an exception that leaves a slot would be lost
            self.failed.emit(f"unexpected {type(error).__name__}: {error}")
        finally:
            self.finished.emit()


class ExportService(QObject):
    """Runs one export at a time in a thread of its own, the same `export` as the command line.

    `refused` tells that the folder holds other pairs, which are replaced only if a person says so.
    """

    started = Signal()
    state_changed = Signal(object)
    progressed = Signal(str, int, int)
    failed = Signal(str)
    refused = Signal(str)
    done = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: QThread | None = None
        self._worker: _ExportWorker | None = None
        self._cancel = threading.Event()
        self._pause = threading.Event()

    @property
    def running(self) -> bool:
        """Whether an export runs, paused or not."""
        return self._thread is not None

    @property
    def paused(self) -> bool:
        """Whether an export runs and was asked to pause."""
        return self.running and self._pause.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether an export runs and was asked to stop."""
        return self.running and self._cancel.is_set()

    def start(self, request: ExportRequest) -> None:
        """Start the export; nothing happens while another runs."""
        if self.running:
            return
        self._cancel, self._pause = threading.Event(), threading.Event()
        self._thread = QThread()
        self._thread.setObjectName("export")
        self._worker = _ExportWorker(request, self._cancel, self._pause)
        self._worker.moveToThread(self._thread)
        for name in ("state_changed", "progressed", "failed", "refused", "done"):
            getattr(self._worker, name).connect(getattr(self, name))
        self._worker.finished.connect(self._clean_up)
        self._thread.started.connect(self._worker.run)
        self._thread.start()
        self.started.emit()

    def pause(self) -> None:
        """Let the export begin nothing more; images under way elsewhere are finished."""
        if self.running and not self._cancel.is_set():
            self._pause.set()

    def resume(self) -> None:
        """Let a paused export go on."""
        self._pause.clear()

    def cancel(self) -> None:
        """Ask the export to stop; finished images stay, nothing is left half-written."""
        self._cancel.set()
        self._pause.clear()  # only now, so that what waits begins nothing more

    def stop(self, wait: int = 1000) -> bool:
        """Cancel, and tell whether the thread has ended within `wait` ms."""
        self.cancel()
        if self._thread is None:
            return True
        self._thread.quit()
        return self._thread.wait(wait)

    @Slot()
    def _clean_up(self) -> None:
        if self._thread is not None:
            self._thread.quit()
            self._thread.wait()
            self._thread = self._worker = None
            self.finished.emit()
