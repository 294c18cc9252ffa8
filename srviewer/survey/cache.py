"""A cache of what was found last, by what it depends on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Protocol, TypeVar

from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe

R = TypeVar("R")
_KEPT_OF_A_KIND = 6


class Cache:
    """The last results of each kind; two threads that miss the same one both find it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, OrderedDict[Hashable, Any]] = {}

    def get(self, kind: str, key: Hashable, find: Callable[[], R]) -> R:
        """Return the result of this kind and key, which `find` finds where it is not known."""
        with self._lock:
            known = self._kinds.setdefault(kind, OrderedDict())
            if key in known:
                known.move_to_end(key)
                result: R = known[key]
                return result
        result = find()  # without the lock, so that nobody waits who asks for something else
        with self._lock:
            known[key] = result
            while len(known) > _KEPT_OF_A_KIND:
                known.popitem(last=False)
        return result


class _HasCache(Protocol):
    _cache: Cache


S = TypeVar("S", bound=_HasCache)
Method = Callable[[S, Recipe, Progress], R]


def cached(key: Callable[[Recipe], Hashable]) -> Callable[[Method[S, R]], Method[S, R]]:
    """Let a method of a recipe find a result only once for each value of `key`."""

    def decorate(method: Method[S, R]) -> Method[S, R]:
        @wraps(method)
        def get(self: S, recipe: Recipe, progress: Progress) -> R:
            def find() -> R:
                return method(self, recipe, progress)

            return self._cache.get(method.__name__, key(recipe), find)

        return get

    return decorate
