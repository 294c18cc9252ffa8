"""How the C library keeps memory between two images."""

from __future__ import annotations

import ctypes

# Parameters of glibc's mallopt; the numbers are part of its binary interface.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_KEEP = 1_000_000_000  # bytes: about what an image of 4 MP takes


def tune_allocator() -> bool:
    """Let this process keep the memory of one image for the next; return whether it does.

    By default glibc gives every large block back to the kernel at once, and the kernel clears
    each page again on the next use: the pyramids of SIFT pay for that more than for their
    arithmetic. Meant for processes that do image after image and then end: up to 1 GB
    stays with the process between two images. It is set with glibc's ``mallopt`` and does nothing
    on systems with another C library.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no glibc: macOS, Windows, musl
        return False
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, _KEEP), (_ARENA_MAX, 1))
    return all(mallopt(parameter, value) == 1 for parameter, value in settings)
