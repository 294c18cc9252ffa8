"""The survey of many images: what is missing is done, what is there stays."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from srviewer.errors import Cancelled, ExportStopped, ReadError, SrviewerError, SurveyError
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input, Rooted, collect
from srviewer.runs.state import Clock, Failure, RunState
from srviewer.runs.work import work_through
from srviewer.runs.workers import lent_workers, own_workers
from srviewer.survey.file import SurveyFile
from srviewer.survey.measure import COMPUTES, mark_file, measure_image
from srviewer.survey.record import Record
from srviewer.survey.sharing import Claimed, Failed, Finder, Known, Sharing


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
    paths: Sequence[Path | Rooted],
    file: Path,
    recipe: Recipe,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
    on_state: Callable[[SurveyState], None] | None = None,
) -> SurveyState:
    """Survey all images at `paths`, folders searched, into `file`.

    Images that it knows stay as they are; only this process writes to it. Two programs that
    survey into the same file at once share the work.

    Parameters
    ----------
    paths : sequence of Path or Rooted
    file : Path
        It is made if need be, with its folder.
    recipe : Recipe
        What decides in it does not matter.
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
    ExportError
        Where two images have the same name, or no scheduler answers.
    """
    progress = progress or Progress()
    images, empty = collect(paths)
    if executor is not None or scheduler is not None:  # workers may be at home in another folder
        images = [replace(image, path=image.path.absolute()) for image in images]
    lent = lent_workers(executor, scheduler)
    with (
        contextlib.closing(lent) if lent else contextlib.nullcontext(),
        SurveyFile(file, recipe, COMPUTES, writing=True) as known,
    ):
        finder = Finder(known, retry_failed=retry_failed)

        def sharing(tasks: int, last: bool) -> Sharing:
            workers = lent or own_workers(jobs, tasks, progress)
            return Sharing(workers, finder, last=last, lent=lent is not None)

        run = _Run(known, finder, sharing, recipe, progress, on_state or (lambda state: None))
        run.state = SurveyState(
            file=file,
            images=len(images),
            failures=tuple(Failure(str(folder.path), folder.cause) for folder in empty),
        )
        try:
            run.survey(images)
        finally:
            with contextlib.suppress(SurveyError):  # claims that are left do no harm
                finder.release()
    return replace(run.state, seconds=run.clock.seconds, paused=False)


class _Run:
    """A survey under way."""

    state: SurveyState

    def __init__(
        self,
        known: SurveyFile,
        finder: Finder,
        sharing: Callable[[int, bool], Sharing],
        recipe: Recipe,
        progress: Progress,
        say: Callable[[SurveyState], None],
    ) -> None:
        self.clock = Clock(progress.pause)
        self._known = known
        self._finder = finder
        self._sharing = sharing
        self._recipe = recipe
        self._progress = progress
        self._say = say
        self._stop = threading.Event()

    def survey(self, images: Sequence[Input]) -> None:
        todo = list(self._missing(images))
        self._say(self.state)
        left = self._work(todo, last=False)
        self._work(left, last=True)
        if self._progress.cancel.is_set() and self.state.done < self.state.images:
            self.state = replace(self.state, cancelled=True)

    def _missing(self, images: Iterable[Input]) -> Iterable[Input]:
        """Yield the images that are to be done; the others are counted."""
        for image in images:
            if self._progress.cancel.is_set():
                return
            found = self._finder.find(image)
            if found is None:
                yield image
            else:
                self._count(image, found)

    def _work(self, images: Sequence[Input], *, last: bool) -> list[Input]:
        """Survey `images` and return those that another program seems to be at."""
        claimed = []
        outcomes = work_through(
            images,
            functools.partial(_measure, recipe=self._recipe),
            self._sharing(len(images), last),
            self._progress,
            stop=self._stop,
            on_look=self._look,
        )
        with contextlib.closing(outcomes):
            for image, outcome in outcomes:
                if isinstance(outcome, Claimed):
                    claimed.append(image)
                elif not isinstance(outcome, Cancelled):
                    self._keep(image, outcome)
                    self._count(image, outcome)
                    self._say(self.state)
        return claimed

    def _look(self) -> None:
        if self.clock.look() != self.state.paused:
            paused = not self.state.paused
            self.state = replace(self.state, paused=paused, seconds=self.clock.seconds)
            self._say(self.state)

    def _keep(self, image: Input, outcome: Record | Known | Failed | SrviewerError) -> None:
        if isinstance(outcome, Record):
            self._known.add(image.path, outcome)
        elif isinstance(outcome, ExportStopped):
            self._stop.set()
        elif isinstance(outcome, SrviewerError):
            # A file that cannot be read at all has no content to know it by: it is tried again.
            with contextlib.suppress(ReadError):
                mark = mark_file(image.path)
                self._known.add_failure(image.path, mark, _cause(image, outcome))

    def _count(self, image: Input, outcome: Record | Known | Failed | SrviewerError) -> None:
        state = replace(self.state, done=self.state.done + 1, seconds=self.clock.seconds)
        if isinstance(outcome, Record):
            state = replace(
                state,
                surveyed=state.surveyed + 1,
                windows=state.windows + outcome.outline.windows,
                notes=(*state.notes, *((image.name, note) for note in outcome.outline.notes)),
            )
        else:
            if isinstance(outcome, Known | Failed):
                state = replace(state, already=state.already + 1)
            if not isinstance(outcome, Known):
                failure = Failure(str(image.path), _cause(image, outcome))
                state = replace(state, failures=(*state.failures, failure))
        self.state = state


def _cause(image: Input, outcome: Failed | SrviewerError) -> str:
    if isinstance(outcome, Failed):
        return outcome.cause
    return str(outcome).removeprefix(f"{image.path}: ")


def _measure(image: Input, progress: Progress, *, recipe: Recipe) -> Record:
    return measure_image(image.path, recipe, progress)
