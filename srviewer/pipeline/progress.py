"""Progress and cancelling, without any toolkit: the window and the terminal adapt it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from srviewer.errors import Cancelled


def _ignore(stage: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Progress:
    """What long work reports to and asks.

    Attributes
    ----------
    report : callable
        Called with the stage's name, what is done and the total.
    cancel : threading.Event
        Set by whoever wants the work to stop; the command line and the window share it.
    """

    report: Callable[[str, int, int], None] = _ignore
    cancel: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise `Cancelled` where somebody asked to stop."""
        if self.cancel.is_set():
            raise Cancelled("stopped as asked")
