"""How many threads the stages use, ours and OpenCV's alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from srviewer.pipeline.opencv import cv2

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_threads = cores()


def use_threads(count: int) -> None:
    """Let the stages of this process use `count` threads, one where processes share the cores."""
    global _threads
    _threads = count
    cv2.setNumThreads(count)


def run_in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Return ``[function(item) for item in items]``, done by the threads of this process.

    NumPy, OpenCV and Pillow let go of the interpreter while they compute, so threads share the
    cores. The order of the results is that of the items, whatever the number of threads.
    """
    if _threads == 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(_threads) as pool, _single_threaded_opencv():
        futures = [pool.submit(function, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


@contextmanager
def _single_threaded_opencv() -> Iterator[None]:
    # Our threads fill the cores already; OpenCV's own on top of them only get in the way.
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(_threads)  # not what it was before: another thread may be here as well
