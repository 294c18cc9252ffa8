"""Processes of this machine that do the tasks of a run."""

import contextlib
import ctypes
import importlib
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing.context import SpawnContext
from typing import Any

from srviewer.errors import RunError, SrviewerError
from srviewer.pipeline.allocator import tune_allocator
from srviewer.pipeline.machine import free_memory
from srviewer.pipeline.progress import Progress
from srviewer.runs.tasks import MOST_JOBS, HasPath, Outcome, R, T, Task, Workers, attempt

_LOOK_EVERY = 0.05  # seconds between two looks of a waiting task
_PROCESS = 150e6  # bytes that a process takes before it has any image
_NAME = "srviewer worker"
_OF_TERMINAL = {signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)}  # Ctrl+C, and its end
_MOST = 61 if sys.platform == "win32" else MOST_JOBS  # that can be waited for at once
_RUNS_AGAIN = 79  # the exit code of one that was about to do what the first process does
_GUARD = (
    "the script that was started begins the run again in each process that helps it; put what it "
    'does below `if __name__ == "__main__":`, or let one process do all with jobs=1'
)


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


class _Shares:
    """How much memory the tasks of several processes may take together.

    A task that finds too little left waits until others are done, unless it is the only one. So a
    few large images are worked on one after the other, whatever the number of processes.
    """

    def __init__(self, context: Any, free: float) -> None:
        self._free = free
        self._taken = context.Value(ctypes.c_longlong, 0)

    def take(self, needed: int) -> bool:
        """Take `needed` bytes if they are left; tell whether they were."""
        with self._taken.get_lock():
            granted = self._taken.value == 0 or self._taken.value + needed <= self._free
            self._taken.value += needed if granted else 0
        return bool(granted)

    def give_back(self, taken: int) -> None:
        """Leave to others what was taken."""
        with self._taken.get_lock():
            self._taken.value -= taken


class _Context(SpawnContext):
    """Starts processes that know whose they are, and remembers them.

    They are spawned, as a fork would copy the threads of Qt and OpenCV.
    """

    def __init__(self) -> None:
        super().__init__()
        self.started: list[Any] = []

    def Process(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override] # noqa: N802
        """Return a process that is not started yet."""
        process = SpawnContext.Process(*args, **kwargs)
        process.name = _NAME
        self.started.append(process)
        return process


def end_if_worker() -> None:
    """End this process if it is one that helps another: that has no run of its own to begin.

    It reads the script that was started before it does any task, and so meets a run there unless
    the script keeps that for the first process.
    """
    if multiprocessing.current_process().name == _NAME:
        sys.exit(_RUNS_AGAIN)


class Processes(Workers):
    """Processes of this machine, one thread each.

    Parameters
    ----------
    jobs : int
        How many, at most: each begins when there is a task for it.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = min(jobs, _MOST)
        self.most = 2 * self._jobs
        self._is_used = self._is_broken = False
        self._ending: threading.Thread | None = None
        self._context = _Context()
        self._cancel = self._context.RawValue(ctypes.c_byte, 0)
        self._pause = self._context.RawValue(ctypes.c_byte, 0)
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        free = free_memory()
        free = math.inf if free is None else max(free - self._jobs * _PROCESS, 0)
        with _terminal_blocked():  # the first lock starts a process of Python's own
            flags = (self._cancel, self._pause, _Shares(self._context, free))
        return ProcessPoolExecutor(
            self._jobs, mp_context=self._context, initializer=_begin, initargs=flags
        )

    def load(self, needs: str, count: int) -> None:
        """Let `count` processes begin and load the module `needs`, before there is any task."""
        with _terminal_blocked():
            for _ in range(count):  # each starts another one, as the one before is not ready
                self._pool.submit(_load, needs)

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task."""
        self._is_used = True
        with _terminal_blocked():
            future = self._pool.submit(_attempt_in_process, task, item)
        future.add_done_callback(self._look_at)
        return future

    def _look_at(self, future: Future[Any]) -> None:
        if not future.cancelled() and isinstance(future.exception(), BrokenExecutor):
            self._is_broken = True

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item`."""
        return SrviewerError(
            "the process that worked on it died three times, perhaps for want of memory",
            path=item.path,
        )

    def pause(self, paused: bool) -> None:
        """Let tasks under way wait, or go on."""
        self._pause.value = int(paused)

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Ask tasks under way to stop."""
        self._cancel.value = 1

    def renew(self) -> None:
        """Start as many processes again; where they read a script that begins the run, raise."""
        self._terminate()
        self._pool.shutdown(wait=True)
        ended = [process.exitcode for process in self._context.started]
        self._context.started.clear()
        if _RUNS_AGAIN in ended:
            raise RunError(_GUARD) from None
        self._is_broken = False
        self._pool = self._start()

    def end(self) -> None:
        """Let the processes begin to end, which takes each a tenth of a second."""
        self._ending = threading.Thread(target=self._pool.shutdown)
        self._ending.start()

    def close(self) -> None:
        """Let the processes end; those that were begun for nothing are not waited for."""
        self._cancel.value = 1
        if self._ending:
            self._ending.join()
        if self._is_broken or not self._is_used:
            self._terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _terminate(self) -> None:
        # Python 3.11 waits for ever for one that it began as another one died.
        for process in self._context.started:
            if process.pid is not None:  # else the system had no room for it, and it never began
                process.terminate()


@contextlib.contextmanager
def _terminal_blocked() -> Iterator[None]:
    """Let processes that are started begin deaf to the terminal, until `_begin` is."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_TERMINAL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_progress = Progress()
_shares: _Shares | None = None
_taken = 0  # bytes, by the task under way


def _begin(cancel: ctypes.c_byte, pause: ctypes.c_byte, shares: _Shares) -> None:
    """Make ready a process that does tasks."""
    from srviewer.pipeline.threads import use_threads  # who starts it has no need of OpenCV yet

    global _progress, _shares
    _shares = shares
    flags: Any = {"cancel": _SharedFlag(cancel), "pause": _SharedFlag(pause)}
    _progress = Progress(**flags, reserve=_reserve)
    use_threads(1)
    tune_allocator()
    # These reach every process of the terminal; the first one tells the others to stop.
    for number in _OF_TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _load(module: str) -> None:
    importlib.import_module(module)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, whatever ended that one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _reserve(needed: float) -> None:
    """Wait until `needed` bytes are left for the task; what it asks for first has to do."""
    global _taken
    if _shares is None or _taken:
        return
    while not _shares.take(int(needed)):
        _progress.check()
        time.sleep(_LOOK_EVERY)
    _taken = int(needed)


def _attempt_in_process(task: Task[T, R], item: T) -> Outcome[R]:
    global _taken
    try:
        return attempt(task, item, _progress)
    finally:
        if _shares is not None:
            _shares.give_back(_taken)
        _taken = 0
