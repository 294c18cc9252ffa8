"""How far an export is and what came of it: a bar, a few lines, and the last failure."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from srviewer.export.runner import ExportState
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.widgets.building import beside, filled, named, push_button
from srviewer.gui.widgets.labels import ElidedLabel, WrappedLabel


class ExportProgress(QWidget):
    """Shows the state of an export; hidden before the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: ExportState | None = None
        self._work: tuple[str, int, int] | None = None
        self.bar = named(QProgressBar(), "export_progress", "Progress of the export")
        tip = "show the data set in the file manager"
        self.open_folder = push_button("Open folder", "open_folder", tip)
        self.summary = named(WrappedLabel(lines=2), "export_summary")
        self.failures = named(ElidedLabel(warns=True), "export_failures")
        # One is there while the export runs and the other afterwards, in the same place.
        row = beside(self.bar, self.open_folder)
        self.bar.setFixedHeight(self.open_folder.sizeHint().height())
        filled(QVBoxLayout(self), self.summary, self.failures, row, spacing=6)
        self.hide()

    def begin(self) -> None:
        """Show that an export starts."""
        self._state = self._work = None
        self.failures.hide()
        self.open_folder.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.say("starting")

    def say(self, text: str) -> None:
        """Show `text`, without a bar where none runs."""
        self.summary.setText(text)
        self.show()

    def take(self, state: ExportState) -> None:
        """Note how far the images are."""
        self._state = state
        if state.failures:
            last = state.failures[-1]
            more = f"{last.image}: {last.cause}\nAll failures are in the log."
            self.failures.say(messages.last_failure(state.failures), more)

    def work(self, stage: str, done: int, total: int) -> None:
        """Note how far the one image, or the packing of all, is."""
        self._work = (stage, done, total)

    def show_running(self, *, paused: bool) -> None:
        """Show what was noted last."""
        state, work = self._state, self._work
        several = state is not None and state.images > 1
        if work is not None and (work[0] == "pack" or not several):
            text = messages.work(*work)
            self._set_bar(*work[1:])
            self.say(f"paused: {text}" if paused else text)
        elif state is not None and several:
            self._set_bar(state.done, state.images)
            self.say(
                f"paused: {messages.done_so_far(state)}; no other image is begun"
                if paused
                else messages.running(state)
            )
        else:
            self.say("paused" if paused else "starting")

    def _set_bar(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def stop(self, text: str, *, folder: bool = False) -> None:
        """Show how it ended; `folder` offers to open the data set."""
        self.bar.hide()
        self.open_folder.setVisible(folder)
        self.say(text)
