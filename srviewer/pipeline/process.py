"""Settings of the whole process that the pipeline has to change for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable


class WhileUsed:
    """Changes a setting while anybody is inside it; the last one to leave puts it back.

    So threads that are inside at the same time do not cut into each other, and the process is
    afterwards what it was before.

    Parameters
    ----------
    change : callable
        Changes the setting, and returns what puts it back.
    """

    def __init__(self, change: Callable[[], Callable[[], object]]) -> None:
        self._change = change
        self._lock = threading.Lock()
        self._inside = 0
        self._put_back: Callable[[], object] = lambda: None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._put_back = self._change()
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._put_back()
