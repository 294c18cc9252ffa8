"""The survey of many images: what is missing is done, what is there stays.

Programs that survey the same images into one file at once share the work. Before an image is begun
it is looked up again, as another program may have done it meanwhile, and it is claimed. An image
that another program has claimed is left for last: by then it is done, or that program is gone and
it is begun after all. So claims need no clock and no end, and one that a killed program leaves
behind does no harm.
"""

import contextlib
import functools
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from srviewer.errors import Cancelled, ReadError, RunStopped, SrviewerError, SurveyError
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.database import NO_LOCKS
from srviewer.runs.inputs import GivenLR, Input, Rooted, collect
from srviewer.runs.marks import look_at_files, mark_files
from srviewer.runs.run import Run
from srviewer.runs.state import Failure, RunState
from srviewer.runs.tasks import Outcome, Workers
from srviewer.runs.versions import other_libraries, reads_otherwise
from srviewer.runs.workers import lent_workers, own_workers
from srviewer.survey.file import SurveyFile
from srviewer.survey.measure import COMPUTES, measure_image
from srviewer.survey.record import Record


@dataclass(frozen=True, kw_only=True)
class SurveyState(RunState):
    """How far a survey is, besides what every run has.

    `already` counts also what another program has done meanwhile, and `failures` those of
    earlier runs that were not tried again.

    Attributes
    ----------
    file : Path
    surveyed : int
        Images that this run has done.
    windows : int
        Those of these images.
    """

    file: Path
    surveyed: int = 0
    windows: int = 0

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.surveyed / self.seconds if self.seconds else 0.0


def survey(
    paths: Sequence[Path | str | Rooted],
    file: Path | str,
    recipe: Recipe,
    *,
    lr: GivenLR | Path | str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    progress: Progress = UNHEARD,
    on_state: Callable[[SurveyState], None] | None = None,
) -> SurveyState:
    """Survey all images at `paths`, folders searched, into `file`.

    Images that it knows stay as they are; only this process writes to it. Two programs that
    survey into the same file at once share the work.

    Parameters
    ----------
    paths : sequence of Path, str or Rooted
    file : Path or str
        It is made if need be, with its folder.
    recipe : Recipe
        Its thresholds, margins, scopes and crop do not matter.
    lr : GivenLR, Path or str, optional
        Where the LR of all images come from; without it the recipe's resizer makes them.
    jobs : int, optional
        Processes; by default the number of cores, fewer where memory is short. With one, the
        work is done by threads of this process.
    executor : concurrent.futures.Executor, optional
        Does the work instead of processes.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers do it instead. They find the images under
        the same paths as this machine.
    retry_failed : bool
        Try images again that failed before and have not changed since.
    progress : Progress, optional
        Told of the work within an image where this process does it; its tokens pause and cancel.
    on_state : callable, optional
        Given the state after each image, and when it is paused or goes on.

    Returns
    -------
    SurveyState
        The final one. `cancelled` is set where the token was: images done by then are kept.

    Raises
    ------
    SurveyError
        Where `file` is no survey, is of a newer srviewer, or cannot be written to.
    RunError
        Where two images have the same name, or no scheduler answers.
    """
    lr = GivenLR.of(lr)
    file = Path(file)
    elsewhere = executor is not None or scheduler is not None
    run = Run(SurveyState(file=file), progress, on_state)
    try:
        images, failures = collect(
            paths, progress=run.progress, lr=lr, elsewhere=elsewhere, on_note=run.note
        )
    except Cancelled:
        return replace(run.end(), cancelled=True)
    lent = lent_workers(executor, scheduler)
    with (
        contextlib.closing(lent) if lent else contextlib.nullcontext(),
        SurveyFile(file, recipe, COMPUTES, writing=True) as known,
    ):
        notes = run.state.notes.plus(*((str(file), note) for note in _notes(known)))
        run.state = replace(run.state, images=len(images), failures=failures, notes=notes)
        surveying = _Surveying(run, known, recipe, retry_failed)
        try:
            todo = surveying.missing(images)
            workers = lent or own_workers(jobs, len(todo), run.progress)
            with contextlib.closing(workers):
                left = surveying.work(todo, workers, last=False)
                surveying.work(left, workers, last=True)
        finally:
            with contextlib.suppress(SurveyError):  # claims that are left do no harm
                known.release(surveying.owner)
    return run.end()


def _notes(known: SurveyFile) -> Iterator[str]:
    """Yield what is to be said of the file."""
    if not known.has_locks:
        yield NO_LOCKS
    if known.has_others():
        yield "has records of another version, which read images otherwise: they are made anew"
    now = [versions for versions in known.made_with() if not reads_otherwise(versions)]
    yield from dict.fromkeys(filter(None, map(other_libraries, now)))


@dataclass(frozen=True)
class Known:
    """An image was dealt with before: its record is there, or else why it failed."""

    cause: str | None = None


@dataclass(frozen=True)
class Claimed:
    """Another program seems to be at an image."""


class _Surveying:
    """What a survey does with its images."""

    def __init__(
        self, run: Run[SurveyState], known: SurveyFile, recipe: Recipe, retry_failed: bool
    ) -> None:
        self.owner = f"{os.getpid()} {uuid.uuid4()}"
        self._run = run
        self._known = known
        self._recipe = recipe
        self._retry_failed = retry_failed

    def missing(self, images: Sequence[Input]) -> list[Input]:
        """Return the images that are to be done; the others are counted."""
        todo = []
        with contextlib.suppress(Cancelled):
            for image in self._run.progress.each(images):
                found = self._find(image, self._run.progress)
                if found is None:
                    todo.append(image)
                else:
                    self._count(image, found, quietly=True)
        self._run.tell()
        return todo

    def work(self, images: Sequence[Input], workers: Workers, *, last: bool) -> list[Input]:
        """Survey `images` and return those that another program seems to be at."""
        claimed = []
        task = functools.partial(_measure, recipe=self._recipe)
        begin = functools.partial(self._begin, last=last)
        for image, outcome in self._run.work(images, task, workers, before=begin):
            if isinstance(outcome, Claimed):
                claimed.append(image)
            else:
                self._keep(image, outcome)
                self._count(image, outcome)
        return claimed

    def _keep(self, image: Input, outcome: Outcome[Record | Known]) -> None:
        if isinstance(outcome, Record):
            self._known.add(image.files, outcome)
        elif isinstance(outcome, SrviewerError) and not isinstance(outcome, RunStopped):
            # A file that cannot be read at all has no content to know it by: it is tried again.
            with contextlib.suppress(ReadError):
                cause = Failure.of(image.path, outcome).cause
                self._known.add_failure(image.files, mark_files(image.files), cause)

    def _count(self, image: Input, outcome: Outcome[Record | Known], **changes: Any) -> None:
        state = self._run.state
        notes: tuple[str, ...] = ()
        failure = outcome if isinstance(outcome, SrviewerError) else None
        if isinstance(outcome, Record):
            notes, windows = outcome.outline.notes, outcome.outline.windows
            changes |= {"surveyed": state.surveyed + 1, "windows": state.windows + windows}
        elif isinstance(outcome, Known):
            failure = None if outcome.cause is None else SurveyError(outcome.cause)
            changes["already"] = state.already + 1
        self._run.count(image, failure, *notes, **changes)

    def _find(self, image: Input, progress: Progress = UNHEARD) -> Known | None:
        """Return what is known of `image`, None where it is to be surveyed.

        Raises
        ------
        Cancelled
        """
        try:
            size, mtime_ns = look_at_files(image.files)
        except (OSError, ValueError):
            return None  # the survey will say what is wrong with it
        mark = self._known.known_mark(image.files, size, mtime_ns)
        if mark is None:
            # Only what has the size of a known file can be a copy of it.
            if not self._known.has_size(size):
                return None
            try:
                mark = mark_files(image.files, progress)
            except ReadError:
                return None
            self._known.note_file(image.files, mark)
        if self._known.has(mark.sha256):
            return Known()
        cause = None if self._retry_failed else self._known.failure(mark.sha256)
        return None if cause is None else Known(cause)

    def _begin(self, image: Input, *, last: bool) -> Known | Claimed | None:
        """Claim `image` and return None, or return why it is not to be begun now.

        Parameters
        ----------
        image : Input
        last : bool
            Whether other programs' claims do not count any more.
        """
        found = self._find(image)
        if found is not None:
            return found
        return None if self._known.claim(image.files, self.owner, anyway=last) else Claimed()


def _measure(image: Input, progress: Progress, *, recipe: Recipe) -> Record | Known | Claimed:
    return measure_image(image.path, recipe, progress, lr=image.lr)
