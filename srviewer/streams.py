"""The standard streams, of which each may be closed, full, or lead to a reader that has left."""

import contextlib
import os
import sys
from typing import TextIO


def open_streams() -> None:
    """Open what was closed before the program began, on the null device.

    A file of ours would take the number of a closed stream otherwise, and be written to by whoever
    means the stream.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free: this one
            os.set_inheritable(number, True)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - it stays open
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def tell(line: str) -> None:
    """Print `line` on stderr; what nobody can read there is no reason to stop."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def settle(stream: TextIO) -> None:
    """Write what `stream` holds back, or drop it: at its end Python would complain of it."""
    try:
        stream.flush()
    except OSError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Lead `stream` to the null device, with all that it has not written yet."""
    with contextlib.suppress(OSError), open(os.devnull, "w") as null:
        os.dup2(null.fileno(), stream.fileno())
