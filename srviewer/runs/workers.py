"""Who does the tasks of an export or a survey: this process, others beside it, or any executor."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, Union

from srviewer.errors import SrviewerError
from srviewer.pipeline.allocator import tune_allocator
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.threads import cores, use_threads

_PROCESS_NEEDS = 1.1e9  # bytes, at most, for an image of 4 MP
_LOOK_EVERY = 0.05  # seconds between two looks of a waiting task


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


class Workers(Protocol):
    """Those who do tasks. A task that fails gives its error as the outcome.

    Attributes
    ----------
    most : int
        How many tasks are handed over at once, so that nobody waits for the next.
    """

    @property
    def most(self) -> int:  # noqa: D102
        ...

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task; what the future raises is the worker's end, not the task's failure."""
        ...

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item` whose worker ended with `error`."""
        ...

    def pause(self, paused: bool) -> None:
        """Let tasks under way wait, or go on, as far as they can be reached."""
        ...

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Ask tasks under way to stop, as far as they can be reached."""
        ...

    def renew(self) -> None:
        """Start anew after the executor broke; none of the old workers runs any more."""
        ...

    def close(self) -> None:
        """Let all workers go, and wait for them."""
        ...


def attempt(task: Task[T, R], item: T, progress: Progress) -> Outcome[R]:
    """Return what `task` makes of `item`, or its error: the others are done all the same."""
    try:
        progress.check()
        return task(item, progress)
    except SrviewerError as error:
        return error
    except Exception as error:
        return SrviewerError(f"{item.path}: unexpected {type(error).__name__}: {error}")


def default_jobs() -> int:
    """Return how many processes share this machine's cores and have the memory that they need."""
    free = _free_memory()
    return cores() if free is None else max(1, min(cores(), int(free / _PROCESS_NEEDS)))


def _free_memory() -> float | None:
    """Return how many bytes could be used without swapping, None where the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    return None


class ThisProcess:
    """Does a task when it is handed over, with the threads of this process."""

    most = 1

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        tune_allocator()

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Do the task."""
        future: Future[Outcome[R]] = Future()
        future.set_result(attempt(task, item, self._progress))
        return future

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Never asked for: there is no worker that could end."""
        raise AssertionError from error

    def pause(self, paused: bool) -> None:
        """Do nothing: tasks have the progress object itself."""

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Do nothing: tasks have the progress object itself."""

    def renew(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class _SharedFlag:
    """Looks like a `threading.Event` in another process; a look costs no system call."""

    def __init__(self, value: ctypes.c_byte) -> None:
        self._value = value

    def is_set(self) -> bool:
        return bool(self._value.value)

    def wait(self, timeout: float) -> bool:
        end = time.monotonic() + timeout
        while not self.is_set() and time.monotonic() < end:
            time.sleep(min(timeout, _LOOK_EVERY))
        return self.is_set()


class Processes:
    """Processes of this machine, one thread each.

    Parameters
    ----------
    jobs : int
        How many.
    """

    def __init__(self, jobs: int) -> None:
        self.most = 2 * jobs
        self._jobs = jobs
        # A fork would copy the threads of Qt and OpenCV.
        self._context = multiprocessing.get_context("spawn")
        self._cancel = self._context.RawValue(ctypes.c_byte, 0)
        self._pause = self._context.RawValue(ctypes.c_byte, 0)
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        flags = (self._cancel, self._pause)
        return ProcessPoolExecutor(
            self._jobs, mp_context=self._context, initializer=_begin, initargs=flags
        )

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task."""
        with _sigint_blocked():
            return self._pool.submit(_attempt_in_process, task, item)

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item`."""
        return SrviewerError(
            f"{item.path}: the process that worked on it died three times, "
            "perhaps for want of memory"
        )

    def pause(self, paused: bool) -> None:
        """Let tasks under way wait, or go on."""
        self._pause.value = int(paused)

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Ask tasks under way to stop."""
        self._cancel.value = 1

    def renew(self) -> None:
        """Start as many processes again."""
        self._pool.shutdown(wait=True)
        self._pool = self._start()

    def close(self) -> None:
        """Let the processes end."""
        self._cancel.value = 1
        self._pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Let processes that are started begin deaf to Ctrl+C, until `_begin` ignores it there."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_progress = Progress()


def _begin(cancel: ctypes.c_byte, pause: ctypes.c_byte) -> None:
    """Make ready a process that does tasks."""
    global _progress
    flags: Any = {"cancel": _SharedFlag(cancel), "pause": _SharedFlag(pause)}
    _progress = Progress(**flags)
    use_threads(1)
    tune_allocator()
    # Ctrl+C reaches every process of the terminal; the first one tells the others to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, whatever ended that one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _attempt_in_process(task: Task[T, R], item: T) -> Outcome[R]:
    return attempt(task, item, _progress)


class Lent:
    """Any `concurrent.futures` executor that a caller has; it is left open.

    Tasks under way in it are not paused or stopped: they are finished.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.most = 2 * int(getattr(executor, "_max_workers", 0) or cores())

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task."""
        return self._executor.submit(_attempt_anywhere, task, item)

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item`."""
        return SrviewerError(f"{item.path}: its worker ended: {type(error).__name__}: {error}")

    def pause(self, paused: bool) -> None:
        """Do nothing: tasks under way cannot be reached."""

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Take back what has not begun."""
        for future in running:
            future.cancel()

    def renew(self) -> None:
        """Raise `SrviewerError`: a lent executor that broke can only be replaced by its owner."""
        raise SrviewerError("the executor that was given is broken")

    def close(self) -> None:
        """Leave the executor to its owner."""


def lent_workers(executor: Executor | None, scheduler: str | None) -> Workers | None:
    """Return the workers that a caller has: an executor's, or those of a Dask scheduler.

    Raises
    ------
    ExportError
        Where no scheduler answers at the address, or the package is missing.
    """
    if scheduler is not None:
        from srviewer.runs.cluster import Cluster

        return Cluster(scheduler)
    return Lent(executor) if executor is not None else None


def own_workers(jobs: int | None, tasks: int, progress: Progress) -> Workers:
    """Return `jobs` processes, `default_jobs` without it; for a single task this one is enough."""
    jobs = min(jobs or default_jobs(), tasks)
    return Processes(jobs) if jobs > 1 else ThisProcess(progress)


def _attempt_anywhere(task: Task[T, R], item: T) -> Outcome[R]:
    return attempt(task, item, Progress())
