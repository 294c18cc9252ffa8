"""What a run asks of those who do its work: tasks, their outcomes, and who does them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, Union

from srviewer.errors import RunError, SrviewerError
from srviewer.pipeline.progress import UNHEARD, Progress

MOST_JOBS = 1024
"""Processes that a run may be asked for."""


class HasPath(Protocol):
    """What a task is about: a file."""

    @property
    def path(self) -> Path:
        """The file."""
        ...


T = TypeVar("T", bound=HasPath)
R = TypeVar("R")
Task = Callable[[T, Progress], R]
Outcome: TypeAlias = Union[R, SrviewerError]  # noqa: UP007 - R | ... is no alias to mypy


class LazyItems(Sequence[T]):
    """What tasks are about, each made by its number as it is handed over: not all fit in memory."""

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        return self._make(number)


class Workers(ABC):
    """Those who do tasks. A task that fails gives its error as the outcome.

    Attributes
    ----------
    most : int
        How many tasks are handed over at once: two for each that does one, so that nobody waits
        for the next.
    """

    most: int = 1

    @property
    def busy(self) -> int:
        """How many of those are under way; the rest, handed over last, wait their turn."""
        return (self.most + 1) // 2

    @abstractmethod
    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task; what the future raises is the worker's end, not the task's failure."""

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item` whose worker ended with `error`."""
        return SrviewerError(f"its worker ended: {type(error).__name__}: {error}", path=item.path)

    # What those do not that tasks under way cannot be reached by.

    def pause(self, paused: bool) -> None:  # noqa: B027 - not all can
        """Let tasks under way wait, or go on, as far as they can be reached."""

    def cancel(self, running: Iterable[Future[Any]]) -> None:  # noqa: B027 - not all can
        """Ask tasks under way to stop, as far as they can be reached."""

    def renew(self) -> None:
        """Start anew after the executor broke; none of the old workers runs any more."""
        raise RunError("the executor that was given is broken")

    def end(self) -> None:  # noqa: B027 - not all have to
        """Let all workers that are not lent begin to go: no task is under way, and none comes."""

    def close(self) -> None:  # noqa: B027 - not all have to
        """Let all workers go that are not lent, and wait for them."""


def attempt(task: Task[T, R], item: T, progress: Progress = UNHEARD) -> Outcome[R]:
    """Return what `task` makes of `item`, or its error: the others are done all the same."""
    try:
        progress.check()
        return task(item, progress)
    except SrviewerError as error:
        return error
    except Exception as error:
        return SrviewerError(f"unexpected {type(error).__name__}: {error}", path=item.path)
