"""The skeleton of a run over many images: its state is told, its tasks are done by workers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from srviewer.errors import Cancelled, RunStopped, SrviewerError
from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import Input
from srviewer.runs.processes import end_if_worker
from srviewer.runs.state import Clock, Failure, Pace, RunState
from srviewer.runs.tasks import Outcome, R, T, Task, Workers
from srviewer.runs.work import Work

S = TypeVar("S", bound=RunState)


class Run(Generic[S]):
    """A run under way.

    Parameters
    ----------
    state : RunState
        The first one.
    progress : Progress
        Its tokens pause and cancel.
    on_state : callable, optional
        Given each state.

    Attributes
    ----------
    state : RunState
    progress : Progress
        For the tasks: while they wait, the clock does not count.
    halt : threading.Event
        Ends the work as the cancel token does.
    """

    def __init__(
        self, state: S, progress: Progress, on_state: Callable[[S], None] | None = None
    ) -> None:
        end_if_worker()
        self.state = state
        self.progress = replace(progress, on_wait=self._look)
        self.halt = threading.Event()
        self._clock = Clock(progress.pause)
        self._pace: Pace | None = None
        self._on_state = on_state

    def tell(self, *, quietly: bool = False, **changes: Any) -> None:
        """Change the state, and tell it unless that is to be done `quietly`."""
        self.state = replace(self.state, seconds=self._clock.seconds, **changes)
        left = None if self._pace is None else self._pace.left(self.state)
        self.state = replace(self.state, seconds_left=left)
        if self._on_state is not None and not quietly:
            self._on_state(self.state)

    def count(self, image: Input, outcome: object, *notes: str, **changes: Any) -> None:
        """Count an image that was dealt with, whose failure `outcome` may be, and `tell` it.

        A failure after which nothing else could be done ends the work.
        """
        if isinstance(outcome, RunStopped):
            self.halt.set()
        changes["done"] = self.state.done + 1
        changes["dealt"] = self.state.dealt.plus(image.path)
        if isinstance(outcome, SrviewerError):
            changes["failures"] = self.state.failures.plus(Failure.of(image.path, outcome))
        if notes:
            told = ((image.name, note) for note in notes)
            changes["notes"] = self.state.notes.plus(*told)
        self.tell(**changes)

    def note(self, what: Path | str, words: str) -> None:
        """Note `words` of a folder or an image; they are told with the next state."""
        self.state = replace(self.state, notes=self.state.notes.plus((str(what), words)))

    def note_first(self, what: Path | str, words: str) -> None:
        """Tell `words` before the work, if there are any."""
        if words:
            self.note(what, words)
            self.tell()

    def _look(self) -> None:
        if self._clock.look() != self.state.paused:
            self.tell(paused=not self.state.paused)

    def work(
        self, items: Sequence[T], task: Task[T, R], workers: Workers, **hooks: Any
    ) -> Iterator[tuple[T, Outcome[R]]]:
        """Yield what came of each item, but for those that were stopped; the workers stay.

        `hooks` are `on_death` and `before` as `Work` has them.
        """
        self._pace = pace = Pace(workers.busy)
        for found in Work(
            items, task, workers, self.progress, self.halt, on_look=self._look, **hooks
        ):
            if not isinstance(found[1], Cancelled):
                yield found
                pace.note(self.state)

    def end(self) -> S:
        """Return the final state."""
        unfinished = self.progress.cancel.is_set() and self.state.done < self.state.images
        return replace(
            self.state,
            cancelled=self.state.cancelled or unfinished,
            seconds=self._clock.seconds,
            paused=False,
        )
