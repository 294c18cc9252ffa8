"""The line above the data set: what is surveyed, and the buttons that survey."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from srviewer.gui.data_set.data_set import DataSet
from srviewer.gui.panels.export_words import images_in_words
from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import even_heights
from srviewer.survey import messages


class SurveyBar(QFrame):
    """Says how far the survey is; starts it, lets it wait, stops it."""

    def __init__(self, data_set: DataSet) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self._data_set = data_set
        self.status = _OneLine()
        self.status.setObjectName("survey_status")
        self.problem = _OneLine(warns=True)
        self.problem.setObjectName("survey_problem")
        self.bar = QProgressBar()
        self.bar.setObjectName("survey_progress")
        self.bar.setAccessibleName("Progress of the survey")
        self.bar.setFixedWidth(150)
        self.button = QPushButton("Survey")
        self.button.setObjectName("survey")
        self.button.setProperty("primary", True)
        self.button.setToolTip("run the costly stages once an image and keep what they find (F5)")
        self.button.clicked.connect(data_set.start_survey)
        self.pause = QPushButton("Resume")
        self.pause.setObjectName("pause_survey")
        self.pause.setMinimumWidth(self.pause.sizeHint().width())  # so that nothing moves
        self.pause.setToolTip("begin no other image until it is pressed again")
        self.pause.clicked.connect(data_set.pause_or_resume)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("cancel_survey")
        self.cancel.setToolTip("stop; what is done stays, and the next survey goes on from there")
        self.cancel.clicked.connect(data_set.cancel_survey)
        self._lay_out()

    def _lay_out(self) -> None:
        title = QLabel("Data set")
        title.setProperty("heading", True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.status)
        texts.addWidget(self.problem)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(title)
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
        self.problem.say(failures)
        if not running:
            self._show_rest()
            return
        self.pause.setText("Resume" if survey.paused else "Pause")
        self.pause.setEnabled(not survey.cancelled)
        self.cancel.setEnabled(not survey.cancelled)
        done, images = (state.done, state.images) if state is not None else (0, 0)
        self.bar.setRange(0, images)
        self.bar.setValue(done)
        text = messages.running(state)
        if survey.cancelled:
            text = "Cancelling"
        elif survey.paused:
            text = text.replace("Surveying", "Paused", 1).partition(" images/s")[0]
            text = text.rpartition(",")[0] if "," in text and state and state.rate else text
        self.status.say(text)

    def _show_rest(self) -> None:
        data_set = self._data_set
        count, pending, whole = data_set.count, data_set.pending, data_set.whole
        other = data_set.other_recipe
        self._mark_button(marked=pending != 0)
        failed = len(whole.failures) if whole is not None else 0
        self.button.setEnabled(count > 0)
        what = images_in_words(pending or count)
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
            text = f"{count - failed:,} of {images_in_words(count)} surveyed"
            text += f", {failed:,} failed" if failed else ""
            if data_set.findings is not None and not data_set.is_current:
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


class _OneLine(QLabel):
    """A line that is cut to the width there is; the tooltip has all of it."""

    def __init__(self, *, warns: bool = False) -> None:
        super().__init__()
        self._warns = warns
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if warns:
            self.hide()

    def say(self, text: str) -> None:
        """Show `text`; a warning without text is not there."""
        self.setText(text)
        self.setToolTip(text)
        if self._warns:
            self.setVisible(bool(text))

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return room for one line of any width."""
        return QSize(0, self.fontMetrics().lineSpacing() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write as much as there is room for."""
        theme, painter = current_theme(), QPainter(self)
        painter.setPen(QColor(theme.warning if self._warns else theme.text))
        line = " ".join(self.text().split())
        cut = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, cut)
        painter.end()
