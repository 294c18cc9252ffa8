"""Who does the tasks of a run: this process, others beside it, or those that a caller has."""

import os
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from srviewer.pipeline.machine import cores, free_memory
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.suffixes import SUFFIXES
from srviewer.runs.processes import Processes
from srviewer.runs.rooted import Rooted, rooted
from srviewer.runs.searching import holds
from srviewer.runs.tasks import Outcome, R, T, Task, Workers, attempt

_IN_FOLDER = 4  # images, for a guess
_PROCESS_NEEDS = 1.1e9  # bytes, at most, for an image of 4 MP


def default_jobs() -> int:
    """Return how many processes share this machine's cores and have the memory that they need."""
    free = free_memory(swap=False)
    return cores() if free is None else max(1, min(cores(), int(free / _PROCESS_NEEDS)))


class ThisProcess(Workers):
    """Does a task when it is handed over, with the threads of this process.

    Tasks have the progress object itself, so that they are paused and cancelled by it.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Do the task."""
        future: Future[Outcome[R]] = Future()
        future.set_result(attempt(task, item, self._progress))
        return future


class Lent(Workers):
    """Any `concurrent.futures` executor that a caller has; it is left open.

    Tasks under way in it are not paused or stopped: they are finished.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.most = 2 * int(getattr(executor, "_max_workers", 0) or cores())

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task."""
        return self._executor.submit(attempt, task, item)

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Take back what has not begun."""
        for future in running:
            future.cancel()


def lent_workers(executor: Executor | None, scheduler: str | None) -> Workers | None:
    """Return the workers that a caller has: an executor's, or those of a Dask scheduler.

    Raises
    ------
    RunError
        Where no scheduler answers at the address, or the package is missing.
    """
    if scheduler is not None:
        from srviewer.runs.cluster import Cluster  # loads much

        return Cluster(scheduler)
    return Lent(executor) if executor is not None else None


def own_workers(
    jobs: int | None, tasks: int, progress: Progress, begun: Processes | None = None
) -> Workers:
    """Return `jobs` processes, `default_jobs` without it; for a single task this one is enough.

    Those of `begin_early`, if any, are taken where there are more tasks, and end where not.
    """
    jobs = min(jobs or default_jobs(), tasks)
    if jobs > 1:
        return begun or Processes(jobs)
    if begun:
        begun.close()
    return ThisProcess(progress)


def begin_early(inputs: Iterable[Path | Rooted], jobs: int | None, needs: str) -> Processes | None:
    """Return processes that load what they need while this one gets ready, as it takes both.

    Others begin when there is something to do for them.

    Parameters
    ----------
    inputs : iterable of Path or Rooted
        What the run is of: no more begin early than there seem to be images.
    jobs : int, optional
        As of `own_workers`.
    needs : str
        The module of their tasks.

    Returns
    -------
    Processes, or None
        None where this process is likely to do all.
    """
    jobs = jobs or default_jobs()
    early = min(jobs, sum(map(_images_seen, inputs)))
    if early < 2:
        return None
    workers = Processes(jobs)
    try:
        workers.load(needs, early)
    except OSError:  # no room for them now: perhaps later, when they have to be
        workers.close()
        return None
    return workers


def _images_seen(given: Path | Rooted) -> int:
    """Return how many images there seem to be at `given`, in a folder of a folder a few."""
    try:
        with os.scandir(rooted(given).path) as entries:
            names = [(entry.name, holds(entry.is_dir)) for entry in entries]
    except (OSError, ValueError):
        return 1  # a file; what is wrong with it is told later
    seen = ((name, is_folder) for name, is_folder in names if not name.startswith("."))
    return sum(
        _IN_FOLDER if is_folder else Path(name).suffix.lower() in SUFFIXES
        for name, is_folder in seen
    )
