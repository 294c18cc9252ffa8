"""Progress, pausing and cancelling, without any toolkit: the window and the terminal adapt it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from srviewer.errors import Cancelled

T = TypeVar("T")
_LOOK_EVERY = 0.1  # seconds between two looks at the tokens while paused


@dataclass(frozen=True)
class Progress:
    """What long work reports to and asks.

    Attributes
    ----------
    report : callable
        Called with the stage's name, what is done and the total.
    cancel : threading.Event
        Set by whoever wants the work to stop; the command line and the window share it.
    pause : threading.Event
        Work waits while it is set.
    on_wait : callable
        Called again and again while work waits, and once when it goes on.
    on_turn : callable
        Called with the path of an item of a run and True when its turn comes, with False when it
        is dealt with.
    reserve : callable
        Called with the bytes that the work is going to take; it may wait for others to end.
    """

    report: Callable[[str, int, int], None] = lambda stage, done, total: None
    cancel: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)
    on_wait: Callable[[], None] = lambda: None
    on_turn: Callable[[Path, bool], None] = lambda path, begun: None
    reserve: Callable[[float], None] = lambda needed: None

    def check(self) -> None:
        """Wait while paused, and raise `Cancelled` where somebody asked to stop."""
        if self.pause.is_set():
            self._wait()
        if self.cancel.is_set():
            raise Cancelled("stopped as asked")

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items`, with a `check` before each."""
        for item in items:
            self.check()
            yield item

    def _wait(self) -> None:
        while self.pause.is_set() and not self.cancel.is_set():
            self.on_wait()
            self.cancel.wait(_LOOK_EVERY)
        self.on_wait()


class Counted:
    """Tells how much of a stage is done, whichever thread did it.

    Parameters
    ----------
    progress : Progress
    stage : str
    total : int
        How much there is to do.
    """

    def __init__(self, progress: Progress, stage: str, total: int) -> None:
        self._progress, self._stage, self._total = progress, stage, total
        self._done, self._lock = 0, threading.Lock()

    def add(self, count: int = 1) -> None:
        """Tell that so much more is done."""
        with self._lock:
            self._done += count
            self._progress.report(self._stage, self._done, self._total)


UNHEARD = Progress()
"""That of work which nobody follows or stops: the default of whatever takes one."""
