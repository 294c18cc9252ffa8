"""Which export runs: one that is started, goes on, or replaces what refused it."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from srviewer.errors import ConflictError, renamed
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS, Options
from srviewer.export.settling import read_by, settled
from srviewer.gui.jobs.images_run import ImagesRun
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.state.entry import Entry
from srviewer.gui.widgets.building import named
from srviewer.pipeline.recipe import Recipe
from srviewer.wording import counted


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

    def failed_before(self, recipe: Recipe, entries: Iterable[Entry]) -> int:
        """Return how many of `entries` failed in the last export, if it was with `recipe`."""
        state = self._run.state
        if self._last is None or state is None or recipe != self._last.args[2]:
            return 0
        failed = {one.image for one in state.failures}
        return sum(str(one.path) in failed for one in entries)

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
            of = self._last.keywords
            how = settled(of.get("format"), of.get("options") or Options(), self._last.args[2])
            words = f"{words}. Read by {renamed(read_by(how), LABELS)}"
        return words


def ask_to_replace(parent: QWidget, error: ConflictError) -> QPushButton:
    """Ask whether the pairs that `error` is about are to go; return the button that says so."""
    pairs = counted(error.pairs, "pair") if error.pairs else "pairs"
    asked = f"Replace the {pairs} there, or keep them and choose another folder?"
    text = f"{error.path}: {renamed(error.cause, LABELS)}"
    box = named(QMessageBox(parent, text=text, informativeText=asked), "replace_box")
    box.setWindowTitle("Replace the pairs in this folder?")
    confirm = box.addButton(f"Replace {pairs}", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep them", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.finished.connect(box.deleteLater)
    box.open()
    return confirm
