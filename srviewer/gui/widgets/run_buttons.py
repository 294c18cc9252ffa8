"""The buttons that let a run over many images wait, or end it."""

from PySide6.QtCore import QObject

from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.widgets.building import keep_width, push_button


class RunButtons(QObject):
    """`pause` and `cancel` of `run`, named after `what` it is; enabled while they mean anything."""

    def __init__(self, run: ImagesRun, what: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        waits = "begin no other image until it is pressed again"
        ends = f"stop; what is done stays, and the next {what} goes on from there"
        self.pause = push_button("Pause", f"pause_{what}", waits, clicked=run.pause_or_resume)
        self.cancel = push_button("Cancel", f"cancel_{what}", ends, clicked=run.cancel)
        keep_width(self.pause, "Resume")
        run.state_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.pause.setText("Resume" if self._run.paused else "Pause")
        for button in (self.pause, self.cancel):
            button.setEnabled(self._run.busy and not self._run.cancelled)
