"""A data set being verified or made again, and what was found so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from srviewer.gui.jobs.runner import Job, Queue, Runner

MOST_FINDINGS = 100_000  # that are kept; all are counted


class CheckRun(Runner):
    """Starts such work, stops it, and tells how it goes.

    Attributes
    ----------
    state : VerifyState or ExportState or None
        How far it is.
    findings : list
        What was found so far; a thread adds to it.

    Signals
    -------
    state_changed
        It starts, has come further, was asked to end, or has ended.
    """

    state_changed = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(name, Queue.IN_TURN, parent)
        self.state: Any = None
        self.findings: list[Any] = []
        self.told.connect(self._on_state)
        self.finished.connect(self.state_changed)

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

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self.current is not None and self.current.cancel.is_set()

    def cancel(self) -> None:
        """Ask it to end; that it has is told."""
        for job in self.jobs:
            job.stop()
        self.state_changed.emit()

    def _on_state(self, state: Any) -> None:
        self.state = state
        self.state_changed.emit()
