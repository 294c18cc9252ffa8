"""A data set being verified or made again, and what was found so far."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from srviewer.gui.jobs.images_run import LongRun
from srviewer.gui.jobs.runner import Job

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
