"""Long runs, one at a time: over many images, as the command does it, or over a data set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from srviewer.gui.jobs.runner import Job, Queue, Runner


class LongRun(Runner):
    """What tells how far it is, and is ended when a person asks.

    Attributes
    ----------
    state : RunState or None
        How far the last run is.

    Signals
    -------
    state_changed
        It starts, has come further, waits, was asked to end, or has ended.
    """

    state_changed = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(name, Queue.IN_TURN, parent)
        self.state: Any = None
        self.told.connect(self._on_state)
        self.finished.connect(self.state_changed)

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self.current is not None and self.current.cancel.is_set()

    def cancel(self) -> None:
        """Ask it to end; that it has is told. What is done stays, nothing is left half-written."""
        for job in self.jobs:
            job.stop()
        self.state_changed.emit()

    def _on_state(self, state: Any) -> None:
        self.state = state
        self.state_changed.emit()


class ImagesRun(LongRun):
    """Starts runs over many images, lets them wait, and tells how they go.

    Attributes
    ----------
    at_work : set of Path
        The images that are being done.

    Signals
    -------
    began(run)
        This call is about to be made.
    image_failed(message)
        An image could not be done, told once, as it happens.
    """

    began = Signal(object)
    image_failed = Signal(str)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(name, parent)
        self._told = 0  # failures of this run
        self.at_work: set[Path] = set()
        self.turned.connect(self._on_turn)
        self.done.connect(self._take)

    @property
    def paused(self) -> bool:
        """Whether it was asked to wait."""
        return self.current is not None and self.current.pause.is_set()

    def begin(self, run: Callable[..., Any]) -> None:
        """Call `run` with `progress` and `on_state`; nothing happens while another runs."""
        if self.busy:
            return
        self.state, self._told = None, 0
        self.at_work.clear()
        self.began.emit(run)
        self.start(Job(lambda progress, tell: run(progress=progress, on_state=tell)))
        self.state_changed.emit()

    def pause_or_resume(self) -> None:
        """Begin no other image until it is called again; those under way are finished."""
        job = self.current
        if job is not None and not job.cancel.is_set():
            if job.pause.is_set():
                job.pause.clear()
            else:
                job.pause.set()
            self.state_changed.emit()

    def drop(self) -> None:
        """Ask it to end; what came of it is told all the same."""
        for job in self.jobs:
            job.stop()

    def _on_turn(self, path: Path, begun: bool) -> None:
        (self.at_work.add if begun else self.at_work.discard)(path)

    def _take(self, state: Any) -> None:
        """Tell the failures that are new; the last state comes twice."""
        self.state = state
        for failure in state.failures[self._told :]:
            self.image_failed.emit(f"{failure.image}: {failure.cause}")
        self._told = len(state.failures)

    def _on_state(self, state: Any) -> None:
        self._take(state)
        super()._on_state(state)


MOST_FINDINGS = 100_000  # that are kept; all are counted


class CheckRun(LongRun):
    """Starts such work, and keeps what it finds.

    Attributes
    ----------
    findings : list
        What was found so far; a thread adds to it.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(name, parent)
        self.findings: list[Any] = []

    def begin(self, work: Callable[..., Any]) -> None:
        """Call `work` with `progress`, `on_state` and `on_finding`; nothing while another runs."""
        if self.busy:
            return
        self.state, self.findings = None, []
        findings = self.findings

        def find(finding: object) -> None:
            if len(findings) < MOST_FINDINGS:
                findings.append(finding)

        self.start(
            Job(
                lambda progress, tell: work(progress=progress, on_state=tell, on_finding=find),
                needs="this data set",
            )
        )
        self.state_changed.emit()
