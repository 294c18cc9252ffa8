"""All images of the list as one set: their survey, and what the recipe makes of them.

It stands between the model and the view of the data set, as `Comparison` does for recipe B.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from srviewer.errors import SrviewerError
from srviewer.export.options import Options
from srviewer.gui.data_set import words
from srviewer.gui.data_set.findings import Findings, is_instant, look_over
from srviewer.gui.model import Entry, Model
from srviewer.gui.survey_service import (
    AnswerService,
    Images,
    Question,
    SurveyRequest,
    SurveyService,
)
from srviewer.pipeline.recipe import Value
from srviewer.survey.default_file import default_file
from srviewer.survey.key import survey_differences
from srviewer.survey.runner import SurveyState
from srviewer.survey.whole_set import WholeSet

_READ_EVERY = 1.5  # seconds between two looks into the file of a running survey, at least
_READ_SHARE = 5  # looks may take one part in so many of the time


class DataSet(QObject):
    """What is known of the images together. It works only while somebody looks.

    Attributes
    ----------
    whole : WholeSet or None
        What the survey knows of the images under the recipe; None until its file is read.
    findings : Findings or None
        What the recipe, or the one just before it, makes of the set.
    problem : str
        Why there are no findings, in words; empty where nothing is wrong.
    state : SurveyState or None
        How far the last survey is.
    options : Options
        How pairs are exported, for their size on disk.
    format : str
        In which format.

    Signals
    -------
    changed
        Something else is known of the set.
    survey_changed
        The survey is further, or it starts, waits or ends.
    options_changed
    failed(message)
        A survey could not be made at all.
    image_failed(message)
        An image could not be surveyed, told as it happens.
    done(message)
        The survey has ended, with what came of it.
    """

    changed = Signal()
    survey_changed = Signal()
    options_changed = Signal()
    failed = Signal(str)
    image_failed = Signal(str)
    done = Signal(str)

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._active = False
        self._stale = True
        self._other: WholeSet | None = None  # surveyed with another recipe, should it come back
        self._told = 0  # failures of this survey that the log has
        self._asked_at = self._took = 0.0  # seconds
        self.whole: WholeSet | None = None
        self.findings: Findings | None = None
        self.problem = ""
        self.state: SurveyState | None = None
        self.options = Options()
        self.format = "bmp"
        self.survey = SurveyService(self)
        self.answers = AnswerService(self)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._read_again)
        self._connect()

    def _connect(self) -> None:
        self._model.images_changed.connect(self._on_images)
        self._model.recipe_changed.connect(self._follow_recipe)
        self.survey.started.connect(self.survey_changed)
        self.survey.state_changed.connect(self._on_state)
        self.survey.failed.connect(self._on_survey_failed)
        self.survey.done.connect(self._on_done)
        self.survey.finished.connect(self._on_finished)
        self.answers.read.connect(self._on_read)
        self.answers.answered.connect(self._on_answered)
        self.answers.failed.connect(self._on_failed)
        self.answers.finished.connect(self.changed)

    # What a person asks

    def set_active(self, active: bool) -> None:
        """Follow images and recipe for as long as somebody looks."""
        if active == self._active:
            return
        self._active = active
        if active:
            self._stale = False
            self._on_images()  # another program may have surveyed some meanwhile
        else:
            self._stale = self._stale or self.answers.busy
            self.answers.cancel()

    def start_survey(self) -> None:
        """Survey what is not surveyed yet; where nothing is, what failed is tried again."""
        if self.survey.running or not self._model.entries:
            return
        self._told, self.problem, self.state = 0, "", None
        retry = self.whole is not None and not self.whole.pending and not self.other_recipe
        self.survey.start(
            SurveyRequest(self._images(), self.file(), self._model.recipe, retry_failed=retry)
        )

    def pause_or_resume(self) -> None:
        """Let the survey wait, or go on."""
        if self.survey.paused:
            self.survey.resume()
        else:
            self.survey.pause()
        self.survey_changed.emit()

    def cancel_survey(self) -> None:
        """Stop the survey; what is done stays."""
        self.survey.cancel()
        self.survey_changed.emit()

    def use_options(self, options: Options, format: str) -> None:
        """Tell sizes on disk for these options, with `format` marked."""
        if (options, format) != (self.options, self.format):
            self.options, self.format = options, format
            self.options_changed.emit()

    def stop(self, wait: int = 1000) -> bool:
        """Ask the threads to end, and tell whether they have within `wait` ms."""
        self._again.stop()
        stopped = [service.stop(wait) for service in (self.survey, self.answers)]
        return all(stopped)

    # What is known

    @property
    def count(self) -> int:
        """How many images are in the list."""
        return len(self._model.entries)

    @property
    def is_current(self) -> bool:
        """Whether `findings` are those of the recipe in use and of the images in the list."""
        if self.findings is None or self._stale:
            return False
        return self.findings.answer.recipe == self._model.recipe

    @property
    def pending(self) -> int | None:
        """How many images are not surveyed yet with this recipe, None where that is not known."""
        if self.whole is not None and not self._stale:
            return len(self.whole.pending)
        if self.count and not self.file().exists():
            return self.count
        return None

    @property
    def other_recipe(self) -> Mapping[str, tuple[Value, Value]]:
        """Where the recipe needs a survey of its own: what was surveyed, and what it has now."""
        surveyed = self.whole.other if self.whole is not None else None
        return survey_differences(surveyed, self._model.recipe) if surveyed is not None else {}

    def entry_of(self, path: Path) -> Entry | None:
        """Return the entry of the list that is the file at `path`."""
        entries = self._model.entries
        found = next((entry for entry in entries if entry.path == path), None)
        if found is None:  # a survey names a file once, whatever links lead to it
            found = next((one for one in entries if one.path.resolve() == path.resolve()), None)
        return found

    def look_at(self, path: Path) -> bool:
        """Look at the image at `path`, and tell whether it is in the list."""
        entry = self.entry_of(path)
        if entry is not None and entry is not self._model.current:
            self._model.look_at(entry)
        return entry is not None

    def _images(self) -> Images:
        return tuple(entry.source for entry in self._model.entries)

    def file(self) -> Path:
        """Return where the survey of the images is kept, as the command line has it.

        A few more images beside those of one folder go into the folder's survey too, so that what
        it knows is not done again.
        """
        entries = self._model.entries
        roots = {entry.root for entry in entries if entry.root is not None}
        if len(roots) == 1:
            return default_file(tuple(roots))
        return default_file(tuple({entry.root or entry.path for entry in entries}))

    # Asking

    def _on_images(self) -> None:
        if not self._active:
            self._stale = True
        elif self.count:
            self._read()
        else:
            self._forget()

    def _forget(self) -> None:
        self.answers.cancel()
        self.whole = self.findings = self._other = None
        self.problem = ""
        self.changed.emit()

    def _follow_recipe(self) -> None:
        if not self._active:
            if self.findings is not None:
                self.changed.emit()  # what was found is no longer of the recipe, or is so again
            return
        recipe = self._model.recipe
        if self.whole is None or survey_differences(self.whole.recipe, recipe):
            self._read()
        elif is_instant(self.findings, self.whole, recipe):
            self._look_over(self.whole)
        elif self.whole.images:
            self._ask(reads=False)
        self.changed.emit()

    def _look_over(self, whole: WholeSet) -> None:
        """Answer here and now: what takes but milliseconds needs no thread."""
        try:
            self.findings = look_over(whole, self._model.recipe)
        except SrviewerError as error:
            self.problem = str(error)

    def _read(self) -> None:
        """Look into the survey's file for what belongs to images and recipe."""
        if self.count:
            self._ask(reads=True)

    def _ask(self, *, reads: bool) -> None:
        recipe = self._model.recipe
        known = (self.whole, self._other)
        fitting = (one for one in known if one and not survey_differences(one.recipe, recipe))
        whole = next(fitting, None)
        # A file that is being read may hold images that `whole` does not know of.
        reads = reads or whole is None or self.answers.reads
        self._asked_at = time.monotonic()
        try:
            file = self.file()
        except SrviewerError as error:
            self._on_failed(None, str(error))
            return
        self.answers.ask(Question(self._images(), file, recipe, whole, reads))

    def _read_again(self) -> None:
        if not self._active:
            self._stale = True
        elif self.answers.busy:
            self._again.start(int(1000 * _READ_EVERY))
        else:
            self._read()

    # Being answered

    def _is_of_now(self, question: Question) -> bool:
        recipe = self._model.recipe
        same_images = question.images == self._images()
        return same_images and not survey_differences(question.recipe, recipe)

    @Slot(object, object)
    def _on_read(self, question: Question, whole: WholeSet) -> None:
        # What was found before stays on screen until there are findings in what was read now.
        if self._is_of_now(question) and not whole.images:
            self._take_whole(whole)
            self.findings = None
            self.changed.emit()

    def _take_whole(self, whole: WholeSet) -> None:
        before = self.whole
        if before is not None and before.images and survey_differences(before.recipe, whole.recipe):
            self._other = before
        self.whole, self.problem = whole, ""

    @Slot(object, object)
    def _on_answered(self, question: Question, findings: Findings) -> None:
        self._took = time.monotonic() - self._asked_at
        known = self.findings
        if not self._is_of_now(question):
            return
        if known is not None and known.whole is findings.whole and self.is_current:
            return  # the recipe was put back meanwhile, and answered for at once
        self._take_whole(findings.whole)
        self.findings = findings
        recipe = self._model.recipe
        if findings.answer.recipe != recipe and is_instant(findings, findings.whole, recipe):
            self._look_over(findings.whole)  # a threshold that was pulled meanwhile
        self.changed.emit()

    @Slot(object, str)
    def _on_failed(self, question: Question | None, message: str) -> None:
        if question is None or self._is_of_now(question):
            self.whole = self.findings = None
            self.problem = message
            self.failed.emit(message)
            self.changed.emit()

    # The survey

    @Slot(object)
    def _on_state(self, state: SurveyState) -> None:
        self._take(state)
        if not self._again.isActive():
            self._again.start(int(1000 * max(_READ_EVERY, _READ_SHARE * self._took)))
        self.survey_changed.emit()

    def _take(self, state: SurveyState) -> None:
        """Tell the failures that are new; the last state comes twice."""
        self.state = state
        for failure in state.failures[self._told :]:
            self.image_failed.emit(f"{failure.image}: {failure.cause}")
        self._told = len(state.failures)

    @Slot(object)
    def _on_done(self, state: SurveyState) -> None:
        self._take(state)
        self.done.emit(words.outcome(state))

    @Slot(str)
    def _on_survey_failed(self, message: str) -> None:
        self.problem = message
        self.failed.emit(message)

    @Slot()
    def _on_finished(self) -> None:
        self._again.stop()
        self.survey_changed.emit()
        if not self.problem:
            self._read_now()

    def _read_now(self) -> None:
        if self._active:
            self._read()
        else:
            self._stale = True
