"""How far an export is and what came of it: a bar, a few lines, and the last failure."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from srviewer.gui.jobs.images_run import ImagesRun
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.widgets.building import beside, filled, named, push_button
from srviewer.gui.widgets.labels import ElidedLabel, WrappedLabel


class ExportProgress(QWidget):
    """Shows how the export goes that `run` does; hidden before the first."""

    def __init__(self, run: ImagesRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._work: tuple[str, int, int] | None = None  # on the one image, or the packing of all
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
        run.state_changed.connect(self._show)
        run.progressed.connect(self._on_progress)

    def begin(self) -> None:
        """Show that an export starts."""
        self._work = None
        self.failures.hide()
        self.open_folder.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self._say("starting")

    def stop(self, text: str, *, folder: bool = False) -> None:
        """Show how it ended; `folder` offers to open the data set."""
        self._show_failures()
        self.bar.hide()
        self.open_folder.setVisible(folder)
        self._say(text)

    def _say(self, text: str) -> None:
        self.summary.setText(text)
        self.show()

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self._work = (stage, done, total)
        self._show()

    def _show(self) -> None:
        if not self._run.busy:
            return  # what came of it is shown
        self._show_failures()
        state, work, paused = self._run.state, self._work, self._run.paused
        several = state is not None and state.images > 1
        if self._run.cancelled:
            self._say("cancelling")
        elif work is not None and (work[0] == "pack" or not several):
            text = messages.work(*work)
            self._set_bar(*work[1:])
            self._say(f"paused: {text}" if paused else text)
        elif several:
            self._set_bar(state.done, state.images)
            self._say(
                f"paused: {messages.done_so_far(state)}; no other image is begun"
                if paused
                else messages.running(state)
            )
        else:
            self._say("paused" if paused else "starting")

    def _show_failures(self) -> None:
        state = self._run.state
        if state is not None and state.failures:
            last = state.failures[-1]
            more = f"{last.image}: {last.cause}\nAll failures are in the log."
            self.failures.say(messages.last_failure(state.failures), more)

    def _set_bar(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
