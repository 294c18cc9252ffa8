"""How far a run over many images is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from srviewer.errors import SrviewerError

E = TypeVar("E")
_LEAST_TASKS = 3  # besides the first ones, before anything is said of the rest


class Log(Sequence[E]):
    """A sequence that grows at its end; all that grew from one another share their entries.

    So a state of a run can hold all notes without copying them for each image, and tells at once
    whether it holds an entry.
    """

    def __init__(self, entries: Iterable[E] = ()) -> None:
        self._entries: list[E] = []
        self._first: dict[E, int] = {}  # where each of `_entries` is for the first time
        self._length = 0
        self._add(entries)

    def _add(self, entries: Iterable[E]) -> None:
        for entry in entries:
            self._first.setdefault(entry, len(self._entries))
            self._entries.append(entry)
        self._length = len(self._entries)

    def plus(self, *entries: E) -> Log[E]:
        """Return this log and `entries` after it; this one stays as it is."""
        # Another one may have grown from this log already: then they part.
        alone = len(self._entries) == self._length
        grown: Log[E] = Log(() if alone else self)
        if alone:
            grown._entries, grown._first = self._entries, self._first
        grown._add(entries)
        return grown

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        numbers = range(self._length)[index]
        if isinstance(numbers, range):
            return [self._entries[number] for number in numbers]
        return self._entries[numbers]

    def __contains__(self, entry: object) -> bool:
        return self._first.get(entry, self._length) < self._length  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"Log({list(self)!r})"


@dataclass(frozen=True)
class Failure:
    """An image that nothing came of, and why."""

    image: str
    cause: str

    @classmethod
    def of(cls, path: Path, error: SrviewerError) -> Failure:
        """Return that `path` failed with `error`, whose words need not name the path again."""
        return cls(str(path), error.sentence if error.path == path else str(error))


@dataclass(frozen=True, kw_only=True)
class RunState:
    """How far a run is.

    Attributes
    ----------
    images, done, already : int
        Images in all; those dealt with (failed ones too); those of them found done at the start.
    dealt : Log of Path
        The images dealt with, as it came.
    failures : Log of Failure
    notes : Log of (image, note)
    seconds : float
        Since the start, without those that it was paused for.
    seconds_left : float or None
        What remains at the rate so far, None where that is not known (yet).
    paused, cancelled : bool
    """

    images: int = 0
    done: int = 0
    already: int = 0
    dealt: Log[Path] = field(default_factory=Log)
    failures: Log[Failure] = field(default_factory=Log)
    notes: Log[tuple[str, str]] = field(default_factory=Log)
    seconds: float = 0.0
    seconds_left: float | None = None
    paused: bool = False
    cancelled: bool = False

    @property
    def total(self) -> int:
        """What `done` counts up to."""
        return self.images


class Pace:
    """How fast workers are, once each has begun: what the first tasks took tells nothing of others.

    They wait for processes to start, load libraries and warm caches, and come all at once.

    Parameters
    ----------
    workers : int
        How many tasks are under way at once.
    """

    def __init__(self, workers: int) -> None:
        self._first = workers
        self._enough = workers + max(workers, _LEAST_TASKS)
        self._tasks = 0
        self._since: tuple[int, float] | None = None

    def note(self, state: RunState) -> None:
        """Hear that a task has ended, with the `state` then."""
        self._tasks += 1
        if self._tasks == self._first:
            self._since = state.done - state.already, state.seconds

    def left(self, state: RunState) -> float | None:
        """Return how many seconds remain, None before enough is known."""
        if state.done >= state.total:
            return 0.0
        # The task that has this state told is noted after it.
        if self._since is None or self._tasks + 1 < self._enough:
            return None
        done, seconds = self._since
        worked = state.done - state.already - done
        return (
            (state.seconds - seconds) / worked * (state.total - state.done) if worked > 0 else None
        )


class Clock:
    """The seconds since the start, without those of a pause.

    Parameters
    ----------
    pause : threading.Event
        Set while the run is paused.
    """

    def __init__(self, pause: threading.Event) -> None:
        self._pause = pause
        self._begun = time.monotonic()
        self._paused_at: float | None = None

    def look(self) -> bool:
        """Tell whether it is paused; to be asked often."""
        now = time.monotonic()
        if self._pause.is_set():
            self._paused_at = self._paused_at or now
        elif self._paused_at is not None:
            self._begun += now - self._paused_at
            self._paused_at = None
        return self._paused_at is not None

    @property
    def seconds(self) -> float:
        """Those that counted so far."""
        return (self._paused_at or time.monotonic()) - self._begun
