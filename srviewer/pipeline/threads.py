"""How many threads the stages use, ours and OpenCV's alike, and how they share a setting."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from srviewer.pipeline.machine import cores
from srviewer.pipeline.opencv import cv2

T = TypeVar("T")
R = TypeVar("R")


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


_threads = cores()
_opencv_threads: int | None = None  # as many as it was told to use, None where it was not


def _let_opencv_use_one() -> Callable[[], object]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    return lambda: cv2.setNumThreads(_opencv_threads or before)


# Our threads fill the cores already; OpenCV's own on top of them only get in the way.
_single_threaded_opencv = WhileUsed(_let_opencv_use_one)


def use_threads(count: int) -> None:
    """Let the stages of this process use `count` threads, one where processes share the cores."""
    global _threads, _opencv_threads
    _threads = _opencv_threads = count
    with _single_threaded_opencv:
        pass  # who leaves it last gives OpenCV its threads: that is now, or when work ends


def threads_used(most: int | None = None) -> int:
    """Return how many threads the stages use where they may be `most`."""
    return _threads if most is None else min(_threads, most)


def run_in_threads(
    function: Callable[[T], R], items: Iterable[T], *, most: int | None = None
) -> list[R]:
    """Return ``[function(item) for item in items]``, done by the threads of this process.

    No more than `most` of them work, where what each does takes much memory.

    NumPy, OpenCV and Pillow let go of the interpreter while they compute, so threads share the
    cores. The order of the results is that of the items, whatever the number of threads.
    """
    threads = threads_used(most)
    if threads == 1:
        return [function(item) for item in items]
    with _single_threaded_opencv, ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))  # after an error it begins no further item
