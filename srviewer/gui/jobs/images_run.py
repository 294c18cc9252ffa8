"""A run over many images, one at a time: an export or a survey, as the command line does them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.pipeline.progress import Progress


class ImagesRun(QObject):
    """Starts such runs, lets them wait, stops them, and tells how they go.

    Attributes
    ----------
    state : ExportState or SurveyState or None
        How far the last run is.

    Signals
    -------
    started, finished
    state_changed
        It has come further, or waits, or was asked to end.
    progressed(stage, done, total)
        How far the work on one image is.
    image_failed(message)
        An image could not be done, told once, as it happens.
    done(state)
        It has ended, cancelled or not.
    failed(error)
        It could not be done at all.
    """

    started = Signal()
    state_changed = Signal()
    progressed = Signal(str, int, int)
    image_failed = Signal(str)
    done = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state: Any = None
        self._told = 0  # failures of this run
        self._runner = Runner(name, Queue.IN_TURN, self)
        self._runner.told.connect(self._on_state)
        self._runner.progressed.connect(self.progressed)
        self._runner.done.connect(self._on_done)
        self._runner.failed.connect(self.failed)
        self._runner.finished.connect(self.finished)

    @property
    def running(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self._runner.busy

    @property
    def paused(self) -> bool:
        """Whether it was asked to wait."""
        job = self._runner.current
        return job is not None and job.pause.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        job = self._runner.current
        return job is not None and job.cancel.is_set()

    def start(self, run: Callable[..., Any]) -> None:
        """Call `run` with `progress` and `on_state`; nothing happens while another runs."""
        if self.running:
            return

        def work(progress: Progress, tell: Tell) -> Any:
            return run(progress=progress, on_state=tell)

        self.state, self._told = None, 0
        self._runner.start(Job(work))
        self.started.emit()

    def pause_or_resume(self) -> None:
        """Begin no other image until it is called again; those under way are finished."""
        job = self._runner.current
        if job is not None and not job.cancel.is_set():
            if job.pause.is_set():
                job.pause.clear()
            else:
                job.pause.set()
            self.state_changed.emit()

    def cancel(self) -> None:
        """End it; what is done stays, nothing is left half-written."""
        job = self._runner.current
        if job is not None:
            job.stop()
            self.state_changed.emit()

    def stop(self, wait: int = 1000) -> bool:
        """Cancel, and tell whether the thread has ended within `wait` ms."""
        return self._runner.stop(wait)

    def _take(self, state: Any) -> None:
        """Tell the failures that are new; the last state comes twice."""
        self.state = state
        for failure in state.failures[self._told :]:
            self.image_failed.emit(f"{failure.image}: {failure.cause}")
        self._told = len(state.failures)

    def _on_state(self, state: Any) -> None:
        self._take(state)
        self.state_changed.emit()

    def _on_done(self, state: Any) -> None:
        self._take(state)
        self.done.emit(state)
