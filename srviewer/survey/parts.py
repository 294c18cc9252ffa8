"""Parts of answers, kept by what they depend on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")
_KEPT_OF_A_KIND = 6


class Parts:
    """The last parts of each kind; two threads that miss the same one both find it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, OrderedDict[tuple[object, ...], Any]] = {}

    def get(self, kind: str, key: tuple[object, ...], find: Callable[[], R]) -> R:
        """Return the part of this kind and key, which `find` finds where it is not known."""
        with self._lock:
            known = self._kinds.setdefault(kind, OrderedDict())
            if key in known:
                known.move_to_end(key)
                part: R = known[key]
                return part
        part = find()  # without the lock, so that nobody waits who asks for something else
        with self._lock:
            known[key] = part
            while len(known) > _KEPT_OF_A_KIND:
                known.popitem(last=False)
        return part
