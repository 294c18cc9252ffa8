"""How the C library keeps memory between two images."""

import contextlib
import ctypes
import os
import threading

# Parameters of glibc's mallopt; the numbers are part of its binary interface.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_KEEP = 1_000_000_000  # bytes: what an image of 4 MP takes


def give_back_memory() -> None:
    """Let the C library give the memory that is free in this process back to the system.

    Threads that SIFT used leave 250 MB each in heaps of their own, which nobody else can use, and
    a process after `tune_allocator` keeps 1 GB, which is much beside a large image. Nothing is
    done where the C library is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # macOS, Windows, musl
        ctypes.CDLL(None).malloc_trim(0)


def tune_allocator() -> bool:
    """Let this process keep the memory of one image for the next; return whether it does.

    By default glibc gives every large block back to the kernel at once, which clears each page
    again at the next use. For the pyramids of SIFT that is a fifth of the time: 1.35 s of processor
    time for an image of 2040 x 1356 px, 1.10 s when the memory stays. The peak remains the same
    (1.05 GB in all at 4 MP, of which SIFT takes 0.94), and so do the results. Huge pages, advised
    for the same memory, took 0.05 s less an image, but more to begin with.

    Meant for processes that do image after image and then end, to be called before the first
    image by the thread that does them: up to 1 GB stays with the process between two images; what
    is above goes back. Nothing is changed where the C library is not glibc, or in a thread with a
    heap of its own, which would only grow larger: all but the main one, unless the environment
    has ``MALLOC_ARENA_MAX=1``.
    """
    shared_heap = os.environ.get("MALLOC_ARENA_MAX") == "1"
    if threading.current_thread() is not threading.main_thread() and not shared_heap:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # macOS, Windows, musl
        return False
    # No block is mapped on its own, and the end of the heap is trimmed above the threshold only.
    # (M_MMAP_THRESHOLD would do as well, but glibc before 2.35 allows it 32 MB at most.)
    return bool(mallopt(_MMAP_MAX, 0) == mallopt(_TRIM_THRESHOLD, _KEEP) == 1)
