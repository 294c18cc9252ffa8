"""The machines of a Dask cluster as workers; they share the folders with this machine."""

import contextlib
import platform
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from functools import cache
from typing import Any

from srviewer.errors import RunError, RunStopped, SrviewerError
from srviewer.pipeline.allocator import tune_allocator
from srviewer.pipeline.threads import use_threads
from srviewer.runs.tasks import HasPath, Outcome, R, T, Task, Workers, attempt
from srviewer.runs.versions import VERSIONS

_CONNECT = 10  # seconds that a scheduler may take to answer
_COUNT_EVERY = 2.0  # seconds between two looks at how many workers there are


class Cluster(Workers):
    """The workers of the scheduler at `address`, as many as there are at the time.

    Dask gives a task whose worker dies to another one. Tasks under way are finished when the work
    is paused or cancelled.

    Parameters
    ----------
    address : str
        As ``tcp://HOST:PORT``.

    Raises
    ------
    RunError
        Where the package is missing or nobody answers.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        try:
            import distributed
        except ImportError as error:
            raise RunError(
                f"a scheduler needs the package distributed ({error}); "
                "pip install 'srviewer[cluster]'"
            ) from error
        dask: Any = distributed  # it is typed in parts only
        try:
            self._client = dask.Client(address, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RunError(
                f"scheduler {address}: {str(error) or 'no answer'}; allowed is tcp://HOST:PORT of "
                "a scheduler that runs, as `dask scheduler` starts it"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=_CONNECT)
        except Exception as error:  # its kind depends on Dask's version
            self.close()
            raise RunError(
                f"scheduler {address}: no workers; `dask worker {address}` starts one"
            ) from error
        self._executor = self._client.get_executor(pure=False)
        self._counted = -_COUNT_EVERY
        self._threads = 0

    @property
    def most(self) -> int:  # type: ignore[override]
        """Twice the threads of all workers; one task waits where there are none yet."""
        return max(2 * self._count(), 1)

    def _count(self) -> int:
        if time.monotonic() - self._counted >= _COUNT_EVERY:
            self._counted = time.monotonic()
            try:
                self._threads = sum(self._client.nthreads().values())
            except Exception as error:  # whatever the network raises
                raise RunError(f"scheduler {self._address}: lost: {error}") from error
        return self._threads

    def submit(self, task: Task[T, R], item: T) -> Future[Outcome[R]]:
        """Hand over a task."""
        future: Future[Outcome[R]] = self._executor.submit(_attempt_here, VERSIONS, task, item)
        return future

    def explain(self, item: HasPath, error: Exception) -> SrviewerError:
        """Return the failure of `item`."""
        if isinstance(error, CancelledError):
            return RunStopped(f"scheduler {self._address}: lost, with what it had to do")
        if isinstance(error, ImportError) or "deserialization" in str(error):
            return RunStopped(
                f"the scheduler or a worker of {self._address} cannot load srviewer, which has to "
                f"be installed there: {str(error).splitlines()[0]}"
            )
        if type(error).__name__ == "KilledWorker":
            return SrviewerError(
                "the workers that tried it died, perhaps for want of memory", path=item.path
            )
        return super().explain(item, error)

    def cancel(self, running: Iterable[Future[Any]]) -> None:
        """Let tasks under way be finished; take them back where nobody is there to do so."""
        if not self._count():
            for future in running:
                future.cancel()

    def close(self) -> None:
        """Leave the cluster; it goes on without this program."""
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be left
            self._client.close(timeout=_CONNECT)


def _attempt_here(versions: dict[str, str], task: Task[T, R], item: T) -> Outcome[R]:
    """Do a task on a worker, which must compute what the first machine would."""
    if versions != VERSIONS:
        here, there = (
            ", ".join(f"{name} {version}" for name, version in each.items())
            for each in (VERSIONS, versions)
        )
        return RunStopped(f"worker {platform.node()} has {here}, not {there}")
    _prepare()
    return attempt(task, item)


@cache
def _prepare() -> None:
    use_threads(1)
    tune_allocator()
