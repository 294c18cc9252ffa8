"""All images of the list as one set: their survey, and what the recipe makes of them."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS, USUAL_FORMAT, Options
from srviewer.export.settling import How
from srviewer.gui.jobs.answers import Images, Question
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.jobs.runner import Job, Queue, Runner
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.gui.state.shared import Shared
from srviewer.pipeline.recipe import Value
from srviewer.runs.names import escaped
from srviewer.runs.rooted import Rooted
from srviewer.runs.searching import real
from srviewer.runs.workers import default_jobs
from srviewer.survey.answer import Answer
from srviewer.survey.default_file import default_file
from srviewer.survey.key import survey_differences
from srviewer.survey.overview import Overview, is_instant, look_over
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import WholeSet

_READ_EVERY = 1.5  # seconds between two looks into the file of a running survey, at least
_CATCH_UP = 400  # ms after the last change, where only the list of images tells of the set
_READ_SHARE = 5  # looks may take one part in so many of the time


def jobs_beside_a_window() -> int:
    """Return how many processes a survey takes: the window keeps a core to itself."""
    return max(default_jobs() - 1, 1)


class DataSet(QObject):
    """What is known of the images together. It works only while somebody looks.

    Attributes
    ----------
    whole : WholeSet or None
        What the survey knows of the images under the recipe; None until its file is read.
    overview : Overview or None
        What the recipe, or the one just before it, makes of the set.
    problem : str
        Why there is no overview, in words; empty where nothing is wrong.
    survey : ImagesRun
        The survey that runs, or the last one.
    answers : Runner
        What looks into its file.
    how : Shared of How
        How pairs are exported, for their size on disk.

    Signals
    -------
    changed
        Something else is known of the set.
    failed(message)
        A survey could not be made at all.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._active = False
        self._is_listed = False
        self._stale = True
        self._other: WholeSet | None = None  # surveyed with another recipe, should it come back
        self._asked_at = self._took = 0.0  # seconds
        self.whole: WholeSet | None = None
        self.overview: Overview | None = None
        self.problem = ""
        self._survey_failed = False
        self.how = Shared(How(USUAL_FORMAT, Options()), self)
        self.survey = ImagesRun("survey", self)
        self.answers = Runner("answers", Queue.NEWEST, self)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._read_again)
        self._later = QTimer(self, singleShot=True, interval=_CATCH_UP)
        self._later.timeout.connect(self._catch_up)
        self._connect()

    def _connect(self) -> None:
        self._model.images_changed.connect(self._on_images)
        self._model.recipe_changed.connect(self._follow_recipe)
        self.survey.told.connect(self._read_soon)
        self.survey.failed.connect(self._on_survey_failed)
        self.survey.finished.connect(self._on_surveyed)
        self.answers.told.connect(self._on_read)
        self.answers.done.connect(self._on_answered)
        self.answers.failed.connect(self._on_failed)
        self.answers.finished.connect(self.changed)

    # What a person asks

    def set_active(self, active: bool) -> None:
        """Follow images and recipe for as long as somebody looks.

        What is being asked then is answered all the same: what was known stays known.
        """
        if active == self._active:
            return
        self._active = active
        if active:
            self._stale = False
            self._on_images()  # another program may have surveyed some meanwhile

    def set_listed(self, listed: bool) -> None:
        """Follow images and recipe too, but late, while a list tells of each image."""
        self._is_listed = listed
        if listed and self._stale:
            self._later.start()

    def _catch_up(self) -> None:
        """Learn what the survey knows of images and recipe, where there is one."""
        if self._active or not self._is_listed or self.count < 2:
            return
        try:
            there = os.path.exists(self.file())
        except SrviewerError:  # told where the data set is looked at
            return
        if there and (self._stale or not self.is_current):
            stale, self._stale = self._stale, False
            self._read(anew=stale)

    def start_survey(self) -> None:
        """Survey what is not surveyed yet; where nothing is, what failed is tried again."""
        if self.survey.busy or not self._model.entries:
            return
        self.problem, self._survey_failed = "", False
        retry = self.whole is not None and not self.whole.pending and not self.other_recipe
        images, recipe = self._images(), self._model.recipe
        self.survey.begin(
            partial(
                survey, images, self.file(), recipe, jobs=jobs_beside_a_window(), retry_failed=retry
            )
        )

    # What is known

    @property
    def count(self) -> int:
        """How many images are in the list."""
        return len(self._model.entries)

    @property
    def is_current(self) -> bool:
        """Whether `overview` is that of the recipe in use and of the images in the list."""
        if self.overview is None or self._stale:
            return False
        of_these = self._excludes_now(self.overview.whole)
        return of_these and self.overview.answer.recipe == self._model.recipe

    def _excludes_now(self, whole: WholeSet) -> bool:
        """Tell whether `whole` leaves out what is excluded by now."""
        return whole.excluding(self._model.exclusions) is whole

    @property
    def pending(self) -> int | None:
        """How many images are not surveyed yet with this recipe, None where that is not known."""
        if self.whole is not None and not self._stale:
            return len(self.whole.pending)
        if self.count and not os.path.exists(self.file()):
            return self.count
        return None

    @property
    def other_recipe(self) -> Mapping[str, tuple[Value, Value]]:
        """Where the recipe needs a survey of its own: what was surveyed, and what it has now."""
        surveyed = self.whole.other if self.whole is not None else None
        return survey_differences(surveyed, self._model.recipe) if surveyed is not None else {}

    def kept(self, entries: Sequence[Entry], there: Mapping[Path, int]) -> list[int] | None:
        """Return how many pairs each of `entries` has under the recipe, None if any is not known.

        `there` has those that were exported under this recipe, by their paths.
        """
        answer = self._whole_answer(entries)
        if answer is not None:
            return [int(pairs) for pairs in answer.kept]
        found = []
        for entry in entries:
            pairs = self._model.pairs_of(entry)
            pairs = there.get(entry.path) if pairs is None else pairs
            if pairs is None:
                return None
            found.append(pairs)
        return found

    def contents(self, entries: Sequence[Entry]) -> dict[str, str] | None:
        """Return what tells what each image of `kept` holds, by name; None where not known."""
        answer = self._whole_answer(entries)
        if answer is not None:
            return {one.name: one.sha256 for one in answer.images}
        if not all(one.sha256 for one in entries):
            return None
        found = {escaped(str(Rooted(one.path, one.root).name)): one.sha256 for one in entries}
        return found if len(found) == len(entries) else None

    def _whole_answer(self, entries: Sequence[Entry]) -> Answer | None:
        """Return what the survey says under the recipe, None where it does not of `entries`."""
        overview = self.overview if len(entries) == self.count else None
        if overview is None or not self.is_current or self.answers.busy:
            return None
        totals = overview.answer.totals
        of_all = not totals.pending and totals.images + totals.failed == self.count
        return overview.answer if of_all else None

    def entry_of(self, path: Path) -> Entry | None:
        """Return the image at `path` in the list, None where it is not there."""
        entries = self._model.entries
        found = next((one for one in entries if one.path == path), None)
        if found is None:  # a survey names a file once, whatever links lead to it
            found = next((one for one in entries if real(one.path) == real(path)), None)
        return found

    def look_at(self, path: Path) -> None:
        """Look at the picture of the image at `path`, where it is in the list."""
        found = self.entry_of(path)
        if found is not None:
            if found is not self._model.current:
                self._model.look_at(found)
            self._model.show_data_set(False)

    def _images(self) -> Images:
        return self._model.sources()

    def file(self) -> Path:
        """Return where the survey of the images is kept, as the command line has it.

        What a folder's survey knows is not done again: images beside those of one folder go into
        its survey too, and those of several into the first that there is.
        """
        entries = self._model.entries
        roots = list(dict.fromkeys(entry.root for entry in entries if entry.root is not None))
        if len(roots) == 1:
            return default_file(roots)
        together = default_file(list({entry.root or entry.path for entry in entries}))
        files = (together, *(default_file([root]) for root in roots))
        return next((file for file in files if os.path.exists(file)), together)

    # Asking

    def _on_images(self) -> None:
        if not self.count:
            self.answers.drop()
            self.whole = self.overview = self._other = None
            self.problem = ""
        elif self._active:
            self._read()
        self._stale = self._stale or not self._active
        self._later.start()
        self.changed.emit()

    def _follow_recipe(self) -> None:
        if not self._active:
            self._later.start()
            if self.overview is not None:
                self.changed.emit()  # what was found is no longer of the recipe, or is so again
            return
        recipe = self._model.recipe
        if self.whole is None or survey_differences(self.whole.recipe, recipe):
            self._read()
        elif self._excludes_now(self.whole) and is_instant(self.overview, self.whole, recipe):
            self._look_over(self.whole)
        elif self.whole.images:
            self._read(anew=False)
        self.changed.emit()

    def _look_over(self, whole: WholeSet) -> None:
        """Answer here and now: what takes but milliseconds needs no thread."""
        try:
            self.overview = look_over(whole, self._model.recipe)
        except SrviewerError as error:
            self.problem = error.told(LABELS)

    def _read(self, *, anew: bool = True) -> None:
        """Look into the survey's file for what belongs to images and recipe.

        It is not read `anew` where the recipe alone has changed.
        """
        if not self.count:
            return
        recipe = self._model.recipe
        known = (self.whole, self._other)
        fitting = (one for one in known if one and not survey_differences(one.recipe, recipe))
        whole = next(fitting, None)
        # A file that is being read may hold images that `whole` does not know of.
        reads = anew or whole is None or any(job.about.reads for job in self.answers.jobs)
        self._asked_at = time.monotonic()
        try:
            file = self.file()
        except SrviewerError as error:
            self._fail(error)
            return
        question = Question(self._images(), file, recipe, whole, reads, self._model.exclusions)
        # What is answered for a threshold that is pulled is shown, though it moves on meanwhile.
        current = self.answers.current
        if current is not None and not current.about.is_about_the_same(question):
            self.answers.drop()
        self.answers.start(question.job())

    def _read_again(self) -> None:
        if not self.survey.busy:
            return  # what it found is read at its end
        if not (self._active or self._is_listed):
            self._stale = True
        elif self.answers.busy:
            self._again.start(int(1000 * _READ_EVERY))
        else:
            self._stale = False
            self._read()

    # Being answered

    def _is_of_now(self, question: Question) -> bool:
        recipe = self._model.recipe
        same_images = question.images == self._images()
        return same_images and not survey_differences(question.recipe, recipe)

    def _on_read(self, whole: WholeSet, job: Job) -> None:
        # What was found before stays on screen until there is an overview of what was read now.
        if self._is_of_now(job.about) and not whole.images:
            self._take_whole(whole)
            self.overview = None
            self.changed.emit()

    def _take_whole(self, whole: WholeSet) -> None:
        before = self.whole
        if before is not None and before.images and survey_differences(before.recipe, whole.recipe):
            self._other = before
        self.whole, self.problem = whole, ""

    def _on_answered(self, overview: Overview | None, job: Job) -> None:
        self._took = time.monotonic() - self._asked_at
        known = self.overview
        if overview is None or not self._is_of_now(job.about):
            return
        if known is not None and known.whole is overview.whole and self.is_current:
            return  # the recipe was put back meanwhile, and answered for at once
        self._take_whole(overview.whole)
        self.overview = overview
        recipe = self._model.recipe
        if overview.answer.recipe != recipe and is_instant(overview, overview.whole, recipe):
            self._look_over(overview.whole)  # a threshold that was pulled meanwhile
        self.changed.emit()

    def _on_failed(self, error: SrviewerError, job: Job) -> None:
        if self._is_of_now(job.about):
            self._fail(error)

    def _fail(self, error: SrviewerError) -> None:
        self.whole = self.overview = None
        self._tell_problem(error)
        self.changed.emit()

    # The survey

    def _read_soon(self) -> None:
        if not self._again.isActive():
            self._again.start(int(1000 * max(_READ_EVERY, _READ_SHARE * self._took)))

    def _tell_problem(self, error: SrviewerError) -> None:
        self.problem = error.told(LABELS)
        self.failed.emit(self.problem)

    def _on_survey_failed(self, error: SrviewerError) -> None:
        self._survey_failed = True
        self._tell_problem(error)

    def _on_surveyed(self) -> None:
        if self._survey_failed:  # what was read meanwhile may have failed on a file that was begun
            return
        if self._active:
            self._read()
        else:
            self._stale = True
            self._later.start()
