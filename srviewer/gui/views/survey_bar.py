"""The line above the data set: what is surveyed, and the buttons that survey."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from srviewer.gui.state.data_set import DataSet
from srviewer.gui.widgets.building import even_heights
from srviewer.gui.widgets.elided_label import ElidedLabel
from srviewer.gui.widgets.named import heading, named
from srviewer.gui.widgets.run_buttons import RunButtons
from srviewer.survey import messages
from srviewer.wording import counted


class SurveyBar(QFrame):
    """Says how far the survey is; starts it, lets it wait, stops it."""

    def __init__(self, data_set: DataSet) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self._data_set = data_set
        self.status = named(ElidedLabel(), "survey_status")
        self.problem = named(ElidedLabel(warns=True), "survey_problem")
        self.bar = named(QProgressBar(), "survey_progress", "Progress of the survey")
        self.bar.setFixedWidth(150)
        tip = "run the costly stages once an image and keep what they find (F5)"
        self.button = named(QPushButton("Survey"), "survey", tip=tip, primary=True)
        self.button.clicked.connect(data_set.start_survey)
        self._run = RunButtons(data_set.survey, "survey", self)
        self.pause, self.cancel = self._run.pause, self._run.cancel
        self._lay_out()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.status)
        texts.addWidget(self.problem)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(heading("Data set"))
        row.addLayout(texts, 1)
        for control in (self.bar, self.button, self.pause, self.cancel):
            row.addWidget(control)
        even_heights(self.bar, self.button, self.pause, self.cancel)

    def show_state(self) -> None:
        """Show how far the survey is."""
        data_set, survey = self._data_set, self._data_set.survey
        running, state = survey.running, data_set.state
        for widget in (self.bar, self.pause, self.cancel):
            widget.setVisible(running)
        self.button.setVisible(not running)
        failures = messages.failed_so_far(state) if state is not None and running else ""
        self.problem.say(" ".join(failures.split()), failures)
        if not running:
            self._show_rest()
            return
        done, images = (state.done, state.images) if state is not None else (0, 0)
        self.bar.setRange(0, images)
        self.bar.setValue(done)
        if survey.cancelled:
            self.status.say("Cancelling")
        elif survey.paused and state is not None:
            self.status.say(f"Paused: {done:,} of {counted(images, 'image')}")
        else:
            self.status.say("Paused: starting" if survey.paused else messages.running(state))

    def _show_rest(self) -> None:
        data_set = self._data_set
        count, pending, whole = data_set.count, data_set.pending, data_set.whole
        other = data_set.other_recipe
        self._mark_button(marked=pending != 0)
        failed = len(whole.failures) if whole is not None else 0
        self.button.setEnabled(count > 0)
        what = counted(pending or count, "image")
        self.button.setText(f"Survey {what}" if count else "Survey")
        if not count:
            self.status.say("No images yet. Open a folder with Ctrl+Shift+O, or drop it here.")
        elif data_set.problem:
            self.status.say("The survey cannot be used.")
        elif other and pending == count:
            self.status.say(messages.needs_survey(other))
        elif pending is None:
            self.status.say("Looking into the survey")
        elif pending:
            self.status.say(messages.not_surveyed(pending, count))
        else:
            text = f"{count - failed:,} of {counted(count, 'image')} surveyed"
            text += f", {failed:,} failed" if failed else ""
            if data_set.overview is not None and not data_set.is_current:
                text += "; computing for this recipe ..."
            self.status.say(text)
            self.button.setText(f"Try {failed:,} failed again" if failed else "All surveyed")
            self.button.setEnabled(failed > 0)

    def _mark_button(self, *, marked: bool) -> None:
        """Let the button stand out for as long as there is something to survey."""
        if self.button.property("primary") != marked:
            self.button.setProperty("primary", marked)
            self.button.style().unpolish(self.button)
            self.button.style().polish(self.button)
