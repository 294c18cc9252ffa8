"""Where messages go: the banner, the line at the bottom, the log."""

from PySide6.QtCore import QObject

from srviewer.errors import SrviewerError
from srviewer.export import messages as export_messages
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS
from srviewer.gui.state.model import Model
from srviewer.gui.views.banner import Banner
from srviewer.gui.views.log_panel import LogPanel
from srviewer.gui.views.status import Status
from srviewer.survey import messages
from srviewer.survey.runner import SurveyState

_NOTED_FOR = 8000  # ms in the line at the bottom


class Messages(QObject):
    """Tells what goes wrong and what is done, where a person sees it.

    What is wrong with an image is taken back when it holds no more.
    """

    def __init__(
        self, model: Model, banner: Banner, status: Status, log: LogPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._model, self._banner, self._status, self._log = model, banner, status, log
        self._complaint = ""  # of the current image or recipe
        self._of_export = ""  # what went wrong with the last export
        model.failed.connect(self._on_image_failed)
        model.analysis_changed.connect(self._on_analysis)
        model.current_changed.connect(banner.hide)
        model.noted.connect(self.note)

    def _on_image_failed(self, error: SrviewerError) -> None:
        self._complaint = error.told(LABELS)
        self.fail(self._complaint)

    def _on_analysis(self) -> None:
        current = self._model.current
        if self._complaint and current is not None and current.error is None:
            self._banner.take_back(self._complaint)
            self._complaint = ""

    def fail(self, message: str) -> None:
        """Tell what went wrong at once."""
        self._banner.say(message)
        self.log_failure(message)

    def fail_export(self, message: str) -> None:
        """Tell why an export could not be done."""
        self._of_export = message
        self.fail(message)

    def forget_export(self) -> None:
        """Take back what was said of an export, which something else is chosen than."""
        self._banner.take_back(self._of_export)
        self._of_export = ""

    def fail_of_set(self, message: str) -> None:
        """Tell what went wrong where the data set's page does not say it itself."""
        (self.log_failure if self._model.data_set_shown else self.fail)(message)

    def log_failure(self, message: str) -> None:
        """Tell what went wrong in the log."""
        self._log.add("error", message)

    def note(self, message: str) -> None:
        """Tell what a person may want to know."""
        self._status.showMessage(message, _NOTED_FOR)
        self._log.add("note", message)

    def note_survey(self, state: SurveyState) -> None:
        """Tell what came of a survey."""
        self.note(messages.outcome(state))

    def note_export(self, state: ExportState) -> None:
        """Tell what came of an export, and at once where it is not all."""
        message = f"{state.out}: {export_messages.outcome(state)}"
        self._log.add("note" if state.cancelled else "done", message)
        if state.failures:
            self._of_export = export_messages.all_failures(state.failures)
            self._banner.say(self._of_export)
