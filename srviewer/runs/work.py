"""Many tasks, done by workers that may pause, be cancelled, or die."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic

from srviewer.errors import Cancelled, RunError
from srviewer.pipeline.progress import Progress
from srviewer.runs.tasks import Outcome, R, T, Task, Workers

_POLL = 0.1  # seconds between two looks at the tokens
_MOST_BREAKS = 12  # one after the other without any outcome
_LIVES = 3  # how often a task may take its worker with it


@dataclass
class Work(Generic[T, R]):
    """Tasks to be done; iterate over it for each item and what came of it, as it comes.

    Parameters
    ----------
    items : sequence
        With an attribute `path`, which failures are named by.
    task : callable
        Called with an item and a `Progress`; it can be pickled, as can what it returns.
    workers : Workers
        They stay when all is done.
    progress : Progress
        Once its token cancels no other item is begun; what was under way is yielded all the
        same, as `Cancelled` where it was stopped. While it pauses no other item is begun.
    stop : threading.Event, optional
        Ends the work as the token does.
    on_death : callable, optional
        Called with an item whose worker died over it, before it is tried again.
    on_look : callable, optional
        Called at least every tenth of a second while others do the work.
    before : callable, optional
        Called with an item when its turn comes. What it returns is the outcome without any work,
        unless it is None.
    """

    items: Sequence[T]
    task: Task[T, R]
    workers: Workers
    progress: Progress
    stop: threading.Event = field(default_factory=threading.Event)
    on_death: Callable[[T], object] = lambda item: None
    on_look: Callable[[], object] = lambda: None
    before: Callable[[T], R | None] = lambda item: None

    def __post_init__(self) -> None:
        # Items are known by their number; to take one may cost a look at the disk.
        self._waiting = deque(range(len(self.items)))
        # Any of those that ran when a worker died may be its cause: each is tried again alone.
        self._suspects: deque[int] = deque()
        self._running: dict[Future[Outcome[R]], tuple[int, T]] = {}
        self._under_way: set[int] = set()
        self._deaths: Counter[int] = Counter()
        self._breaks = 0

    def __iter__(self) -> Iterator[tuple[T, Outcome[R]]]:
        while self._waiting or self._suspects or self._running:
            self._look_at_tokens()
            try:
                self._hand_over()
            except BrokenExecutor as error:
                yield from self._after_break(error)
                continue
            if not self._running:
                time.sleep(_POLL)  # paused
                continue
            finished, _ = wait(self._running, timeout=_POLL, return_when=FIRST_COMPLETED)
            for future in finished:
                if future not in self._running:
                    continue  # of workers that have been renewed meanwhile
                try:
                    outcome = future.result()
                except BrokenExecutor as error:
                    yield from self._after_break(error)
                except Exception as error:
                    item = self._end(future)
                    if isinstance(error, CancelledError) and self._stopping:
                        yield item, Cancelled("stopped as asked")
                    else:
                        self.on_death(item)
                        yield item, self.workers.explain(item, error)
                else:
                    self._breaks = 0
                    yield self._end(future), outcome

    @property
    def _stopping(self) -> bool:
        return self.progress.cancel.is_set() or self.stop.is_set()

    def _look_at_tokens(self) -> None:
        if self._stopping:
            self._waiting.clear()
            self._suspects.clear()
            self.workers.cancel(self._running)
        self.workers.pause(self.progress.pause.is_set())
        self.on_look()

    def _hand_over(self) -> None:
        if self.progress.pause.is_set():
            return
        if self._suspects:
            if not self._running:
                self._submit(self._suspects)
            return
        while self._waiting and len(self._running) < self.workers.most:
            self._submit(self._waiting)

    def _submit(self, queue: deque[int]) -> None:
        item = self.items[queue[0]]
        known = self.before(item)
        if known is None:
            if len(self._running) < self.workers.busy:
                self._turn(queue[0], item)  # before it: some do the work at once
            try:
                future = self.workers.submit(self.task, item)
            except BrokenExecutor:
                self._turn(queue[0], item, begins=False)
                raise
        else:
            future = Future()
            future.set_result(known)
        self._running[future] = queue.popleft(), item

    def _end(self, future: Future[Outcome[R]]) -> T:
        number, item = self._running.pop(future)
        self._turn(number, item, begins=False)
        for other in islice(self._running.values(), self.workers.busy):
            self._turn(*other)
        return item

    def _turn(self, number: int, item: T, *, begins: bool = True) -> None:
        """Tell once that an item is under way, and once that it is so no longer."""
        if (number in self._under_way) != begins:
            self._under_way ^= {number}
            self.progress.on_turn(item.path, begins)

    def _after_break(self, error: BrokenExecutor) -> Iterator[tuple[T, Outcome[R]]]:
        """Renew the workers, and try again what they had, but not for ever."""
        self._breaks += 1
        if self._breaks > _MOST_BREAKS:
            raise RunError(
                f"{_MOST_BREAKS} times in a row a process died before it had done anything, "
                "perhaps for want of memory; fewer processes need less"
            ) from error
        self.workers.renew()
        lost = (
            sorted(number for number, _ in self._running.values())
            or list(self._suspects or self._waiting)[:1]
        )
        for future in list(self._running):
            self._end(future)
        for number in lost:
            for queue in (self._waiting, self._suspects):
                if number in queue:
                    queue.remove(number)
            item = self.items[number]
            self.on_death(item)
            self._deaths[number] += 1
            if self._deaths[number] < _LIVES:
                self._suspects.append(number)
            else:
                yield item, self.workers.explain(item, error)
