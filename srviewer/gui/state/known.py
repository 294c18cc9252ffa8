"""What is known of each image of the list, from whoever has looked at it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from srviewer.export.plan import Known as Exported
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.pipeline.alignment.verdict import ALIGNED
from srviewer.survey.listing import ListedImages, State, how_it_lies, list_images


@dataclass(frozen=True)
class Fact:
    """What is known of an image under the recipe in use.

    Attributes
    ----------
    pairs : int or None
        None where that is not known.
    cause : str
        Why it failed; empty where it has not.
    note : str
        Why it has no pairs, and what was noted of it.
    written : int or None
        How many pairs of it the folder of the export holds.
    lies : str
        What is wrong with a given pair, in a word or two; empty where nothing is.
    """

    pairs: int | None = None
    cause: str = ""
    note: str = ""
    written: int | None = None
    lies: str = ""

    @property
    def count(self) -> int | None:
        """How many pairs it has as far as anything tells."""
        return self.written if self.pairs is None else self.pairs


_NOTHING = Fact()


class Known(QObject):
    """Puts together what the analysis, the survey and the runs know of an image.

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, model: Model, data_set: DataSet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._data_set = model, data_set
        self._about: tuple[object, object] = (None, None)
        self._surveyed = ListedImages()
        self._rows: dict[Path, int] = {}
        self._failed: dict[str, dict[Path, str]] = {}  # by the run
        self._exported = Exported()  # under the recipe in use
        self._runs: list[tuple[str, str, ImagesRun]] = []  # each with words for during and after
        for changed in (data_set.changed, data_set.survey.began, data_set.survey.finished):
            changed.connect(lambda *_: self.changed.emit())
        self.listen(data_set.survey, "survey", "surveying", "surveyed")

    def listen(self, run: ImagesRun, what: str, doing: str, done: str) -> None:
        """Hear what fails in `run`, an export or a survey, which images it is at, and was at."""
        self._runs.append((doing, done, run))
        run.turned.connect(self._on_turn)
        run.began.connect(lambda: self._failed.pop(what, None))
        run.state_changed.connect(lambda: self._take(what, run.state))

    def note_folder(self, known: Exported) -> None:
        """Hear what the folder of the export knows of each image."""
        if known != self._exported:
            self._exported = known
            self.changed.emit()

    def _take(self, what: str, state: Any) -> None:
        failures = state.failures if state is not None else ()
        if len(failures) != len(self._failed.get(what, ())):
            told = {Path(one.image): f"{what}: {one.cause}" for one in failures}
            self._failed[what] = told
            self.changed.emit()

    def _on_turn(self) -> None:
        self.changed.emit()

    def doing(self, entry: Entry) -> str:
        """Return what is being done with `entry` now, empty where nothing is."""
        busy = ((doing, run.at_work) for doing, _, run in self._runs if run.busy)
        return next((doing for doing, paths in busy if entry.path in paths), "")

    def done(self, entry: Entry) -> str:
        """Return what a run that is at work has done with `entry`, empty where it has not."""
        busy = ((done, run.state) for _, done, run in self._runs if run.busy and run.state)
        return next((done for done, state in busy if entry.path in state.dealt), "")

    @property
    def surveys(self) -> bool:
        """Whether a survey is at work, so that what is not known of an image will soon be."""
        return self._data_set.survey.busy

    def of(self, entry: Entry) -> Fact:
        """Return what is known of `entry`."""
        return replace(self._found(entry), written=self._exported.written.get(entry.path))

    def _found(self, entry: Entry) -> Fact:
        survey = self._of_survey(entry.path)
        pairs = self._model.pairs_of(entry)
        if pairs is not None:
            told = survey or _NOTHING
            return Fact(pairs, note="" if pairs else told.note, lies=told.lies)
        failed = next(
            (told[entry.path] for told in self._failed.values() if entry.path in told), ""
        )
        if failed:
            return Fact(cause=failed)
        before = self._exported.failed.get(entry.path)
        if before and (survey is None or survey.pairs is None):
            return Fact(cause=f"export: {before}")
        return survey or _NOTHING

    def _of_survey(self, path: Path) -> Fact | None:
        whole, overview = self._data_set.whole, self._data_set.overview
        if (whole, overview) != self._about:
            self._about = (whole, overview)
            answer = overview.answer if overview is not None and overview.whole is whole else None
            self._surveyed = list_images(whole, answer)
            self._rows = {path: row for row, path in enumerate(self._surveyed.paths)}
        row = self._rows.get(path)
        if row is None:
            return None
        images, state = self._surveyed, self._surveyed.state(row)
        if state is State.FAILED:
            return Fact(cause=f"survey: {images.notes[row]}")
        if state is State.PENDING or images.answer is None or not self._data_set.is_current:
            return None
        lies = how_it_lies(images, row)
        told = "" if lies == ALIGNED else lies
        return Fact(int(images.answer.kept[row]), note=images.notes[row], lies=told)
