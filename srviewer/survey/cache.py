"""What is found of a recipe is kept, by the values that it depends on."""

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar

from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe

R = TypeVar("R")
Method = Callable[[Any, Recipe, Progress], R]
_KEPT_OF_A_KIND = 6


class Cache:
    """The last results of each kind; two threads that miss the same one both find it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, dict[Hashable, Any]] = {}

    def get(self, kind: str, key: Hashable, find: Callable[[], R]) -> R:
        """Return the result of this kind and key, which `find` finds where it is not known."""
        with self._lock:
            known = self._kinds.setdefault(kind, {})
            if key in known:
                result: R = known.pop(key)
                known[key] = result  # at the end: what was asked for longest ago is dropped first
                return result
        result = find()  # without the lock, so that nobody waits who asks for something else
        with self._lock:
            known[key] = result
            while len(known) > _KEPT_OF_A_KIND:
                del known[next(iter(known))]
        return result


def cached(
    key: Callable[[Recipe], Hashable], *, own: bool = False
) -> Callable[[Method[R]], Method[R]]:
    """Let a method of a recipe find a result only once for each value of `key`.

    The object of the method has a `Cache` as its attribute `_cache`, and one as `_own_cache` for
    what is its `own`, as it depends on what a person excluded.
    """

    def decorate(method: Method[R]) -> Method[R]:
        @wraps(method)
        def get(self: Any, recipe: Recipe, progress: Progress = UNHEARD) -> R:
            cache: Cache = self._own_cache if own else self._cache
            return cache.get(method.__name__, key(recipe), lambda: method(self, recipe, progress))

        return get

    return decorate
