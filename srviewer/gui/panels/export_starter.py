"""Which export runs: one that is started, goes on, or replaces what refused it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt

from srviewer.export.export_run import ExportState
from srviewer.export.options import Options
from srviewer.export.settling import read_by, settled
from srviewer.gui.jobs.images_run import ImagesRun
from srviewer.gui.panels import export_messages as messages


class ExportStarter(QObject):
    """Starts exports on `run`, and the last one again, whatever the panel says by then."""

    def __init__(self, run: ImagesRun, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._last: partial[ExportState] | None = None

    def start(self, export: partial[ExportState]) -> None:
        """Start `export`, whose arguments are all but who hears of it."""
        self._last = export
        self._run.begin(export)

    def replace(self) -> None:
        """Start the export that was refused, over the pairs that are there."""
        if self._run.busy:  # the refused try is about to end
            once = Qt.ConnectionType.SingleShotConnection
            self._run.finished.connect(self._start_replacing, once)
        else:
            self._start_replacing()

    def _start_replacing(self) -> None:
        if self._last is not None:
            self._run.begin(partial(self._last, overwrite=True))

    def outcome(self, state: ExportState) -> str:
        """Return what came of the last export, and who reads its pairs."""
        words = messages.outcome(state)
        if state.in_set and self._last is not None:
            of, recipe = self._last.keywords, self._last.args[2]
            how = settled(of.get("format"), of.get("options") or Options(), recipe)
            words = f"{words}. Read by {read_by(how)}"
        return words
