"""How far a run over many images is."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """An image that nothing came of, and why."""

    image: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class RunState:
    """How far a run is.

    Attributes
    ----------
    images, done, already : int
        Images in all; those dealt with (failed ones too); those of them found done at the start.
    failures : tuple of Failure
    notes : tuple of (image, note)
    seconds : float
        Since the start, without those that it was paused for.
    paused, cancelled : bool
    """

    images: int = 0
    done: int = 0
    already: int = 0
    failures: tuple[Failure, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    paused: bool = False
    cancelled: bool = False

    @property
    def total(self) -> int:
        """What `done` counts up to."""
        return self.images

    @property
    def seconds_left(self) -> float | None:
        """What remains at the rate so far, None before the first image is done."""
        worked = self.done - self.already
        if not worked:
            return None
        return self.seconds / worked * (self.total - self.done)


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
