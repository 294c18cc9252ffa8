"""One job on one runner: work in a thread of its own, and signals that tell how it goes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QObject, QThread, Signal, Slot

from srviewer.errors import Cancelled, SrviewerError
from srviewer.pipeline.progress import Progress

_REPORT_EVERY = 0.05  # seconds; a person sees no more

Tell = Callable[[Any], None]


@dataclass(eq=False)
class Job:
    """A piece of work for a runner.

    Attributes
    ----------
    work : callable
        Given a `Progress` and a function that tells of something on the way; what it returns is
        the result.
    about : object
        What it is about, for those who hear of it.
    path : Path, optional
        The file that an error is about which names none itself.
    needs : str
        What there may be too little memory for.
    cancel, pause : threading.Event
        The tokens of its `Progress`.
    dropped : bool
        Nobody wants to hear of it any more.
    """

    work: Callable[[Progress, Tell], Any]
    about: Any = None
    path: Path | None = None
    needs: str = "this image"
    cancel: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)
    dropped: bool = False

    def stop(self) -> None:
        """Ask it to end."""
        self.cancel.set()
        self.pause.clear()  # only now, so that what waits begins nothing more

    def drop(self) -> None:
        """Ask it to end, and hear no more of it."""
        self.dropped = True
        self.stop()


class Queue(Enum):
    """What becomes of the jobs before when another is given to a runner."""

    REPLACE = "all are dropped"
    NEWEST = "the one that runs goes on, those that wait are dropped"
    IN_TURN = "all are done, one after the other"


def as_error(
    error: Exception, path: Path | None = None, needs: str = "this image"
) -> SrviewerError:
    """Return `error` as one that a person is told of, about `path` where it names no file."""
    if isinstance(error, SrviewerError):
        return error if path is None else error.about(path)
    if isinstance(error, MemoryError):
        return SrviewerError(f"not enough memory for {needs}", path=path)
    unexpected = "" if path is not None else "unexpected "
    return SrviewerError(f"{unexpected}{type(error).__name__}: {error}", path=path)


class _Worker(QObject):
    """Lives in the runner's thread; `happened` has a job, the name of a signal and its values."""

    happened = Signal(object, str, tuple)

    @Slot(object)
    def run(self, job: Job) -> None:
        try:
            if not job.dropped:
                progress = Progress(
                    self._reporter(job),
                    job.cancel,
                    job.pause,
                    on_turn=lambda path, begun: self._tell(job, "turned", path, begun),
                )
                result = job.work(progress, lambda value: self._tell(job, "told", value))
                self._tell(job, "done", result)
        except Cancelled:
            pass
        except Exception as error:  # an exception that leaves a slot would be lost
            if not isinstance(error, SrviewerError | MemoryError):
                tell_unexpected(error, f"in the thread {self.thread().objectName()}")
            self._tell(job, "failed", as_error(error, job.path, job.needs))
        finally:
            self._tell(job, "finished")

    def _tell(self, job: Job, what: str, *values: object) -> None:
        self.happened.emit(job, what, values)

    def _reporter(self, job: Job) -> Callable[[str, int, int], None]:
        """Return what passes reports on: not too many, but the first and the last of a stage."""
        last, shown = 0.0, ""

        def report(stage: str, done: int, total: int) -> None:
            nonlocal last, shown
            now = time.monotonic()
            if stage != shown or done >= total > 0 or now - last >= _REPORT_EVERY:
                last, shown = now, stage
                self._tell(job, "progressed", stage, done, total)

        return report


class Runner(QObject):
    """Does jobs one at a time in a thread of its own, which starts with the first of them.

    The signals come in the thread of the runner. Connect them to bound methods of QObjects: a
    lambda would run in the worker's thread. Who needs not know the job leaves out the last
    argument. Of a dropped job nothing is told.

    Signals
    -------
    progressed(stage, done, total, job)
    turned(path, begun, job)
        An item's turn came, or it is dealt with.
    told(value, job)
        What the work tells on its way.
    done(result, job)
    failed(error, job)
        A `SrviewerError`, whatever was raised.
    finished(job)
        Always the last, after `done`, after `failed` and after a job that was cancelled.

    Parameters
    ----------
    name : str
        Of the thread.
    queue : Queue
    parent : QObject, optional
    priority : QThread.Priority
    """

    progressed = Signal(str, int, int, object)
    turned = Signal(object, bool, object)
    told = Signal(object, object)
    done = Signal(object, object)
    failed = Signal(object, object)
    finished = Signal(object)
    _asked = Signal(object)

    def __init__(
        self,
        name: str,
        queue: Queue,
        parent: QObject | None = None,
        priority: QThread.Priority = QThread.Priority.InheritPriority,
    ) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._queue, self._priority = queue, priority
        self._closed = False
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._worker = _Worker()
        self._worker.moveToThread(self._thread)
        self._asked.connect(self._worker.run)
        self._worker.happened.connect(self._pass_on)
        self._thread.finished.connect(self._on_thread_ended)

    @property
    def current(self) -> Job | None:
        """The job that runs, or is about to; None where there is none."""
        return self.jobs[0] if self.jobs else None

    @property
    def busy(self) -> bool:
        """Whether a job is not finished yet."""
        return bool(self.jobs)

    def start(self, job: Job) -> None:
        """Do `job`, as `queue` says of those before it; nothing happens once it is closed."""
        if self._closed:
            return
        kept = {Queue.REPLACE: 0, Queue.NEWEST: 1, Queue.IN_TURN: len(self.jobs)}[self._queue]
        self._drop(self.jobs[kept:])
        self.jobs.append(job)
        if not self._thread.isRunning():
            self._thread.start(self._priority)
        self._asked.emit(job)

    def drop(self) -> None:
        """Ask all jobs to end, and hear no more of them."""
        self._drop(self.jobs)

    def _drop(self, jobs: list[Job]) -> None:
        for job in list(jobs):
            job.drop()
            self.jobs.remove(job)

    def stop(self, wait: int = 1000) -> bool:
        """Drop all jobs, and tell whether the thread has ended within `wait` ms.

        A later job starts it again.
        """
        self.drop()
        self._thread.quit()
        stopped = self._thread.wait(wait)
        if stopped:  # before it began the job, perhaps: then nothing tells of its end
            self.jobs.clear()
        return stopped

    def close(self) -> None:
        """Drop all jobs, and begin no other: what is told late may ask for one."""
        self._closed = True
        self.drop()

    @Slot(object, str, tuple)
    def _pass_on(self, job: Job, what: str, values: tuple[object, ...]) -> None:
        if what == "finished" and job in self.jobs:
            self.jobs.remove(job)
        if not job.dropped:
            getattr(self, what).emit(*values, job)

    @Slot()
    def _on_thread_ended(self) -> None:
        """Go on with what was asked for while the thread was about to end."""
        if self.jobs and not self._thread.isRunning():
            self._thread.start(self._priority)


def stop_runners(within: QObject, wait: int = 1000) -> bool:
    """Close the runners below `within`; tell whether all threads have ended within `wait` ms."""
    runners = within.findChildren(Runner)
    for runner in runners:  # all are asked before any is waited for
        runner.close()
        runner.stop(0)
    patience = QDeadlineTimer(wait)
    return all([runner.stop(patience.remainingTime()) for runner in runners])  # noqa: C419 - as above


Listener = Callable[[BaseException, str], object]


def _nobody(error: BaseException, where: str) -> None:
    pass


_listener: list[Listener] = [_nobody]


def listen(listener: Listener | None) -> None:
    """Have `listener` called, in any thread, with each error and where it was; None ends it."""
    _listener[0] = listener or _nobody


def tell_unexpected(error: BaseException, where: str) -> None:
    """Leave `error`, which happened `where` the words say."""
    _listener[0](error, where)
