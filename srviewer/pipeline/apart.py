"""Runs a function on bytes in another process, whose death or hang is an error like any other.

A subprocess with pipes, not one of `multiprocessing`: a script that has no main guard may use it.
"""

import atexit
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline.progress import UNHEARD, Progress

SECONDS = 60.0  # for a function, and for the start of the process with the first one
MEMORY = 4_000_000_000  # bytes that it may take, and give back

_LOOK_EVERY = 0.05  # seconds between two looks at the clock and the cancel token
_TO_END = 1.0  # seconds from a process's last word to its end
_LONGEST_LINE = 1_000_000  # bytes of an answer's first line
_MOST_WORDS = 300  # characters of an error
_TYPES = ("|b1", "|u1", "<u2", "<u4", "<f4", "<f8")

# The search path goes first, so that it finds what this process finds, but not what lies where
# the user happens to be.
_BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from srviewer.pipeline.apart_child import serve; serve(int(sys.argv[1]))"
)


class Answer(NamedTuple):
    """What the function has returned.

    Attributes
    ----------
    facts : dict
        As JSON keeps it.
    arrays : tuple of ndarray
    """

    facts: dict[str, Any]
    arrays: tuple[NDArray[Any], ...]


class Apart:
    """One process, begun when it is first needed, and again after it died or was stopped.

    It ends with this one, whatever ends that. Threads take turns.

    Parameters
    ----------
    seconds : float
        How long a function may take.
    memory : int
        How many bytes the process may take, where the system keeps such a limit, and give back.
    """

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def call(
        self,
        function: str,
        data: bytes,
        options: Mapping[str, Any] | None = None,
        progress: Progress = UNHEARD,
    ) -> Answer:
        """Return what a function makes of `data`.

        Parameters
        ----------
        function : str
            As ``package.module:name``. It takes `data`, and `options` as keywords, and returns
            a dict for JSON and a sequence of arrays.
        data : bytes
        options : mapping, optional
            What JSON can hold.
        progress : Progress, optional
            Its token stops the process.

        Raises
        ------
        ReadError
            Where the function raises any error, takes too long or too much memory, or its process
            dies or says what makes no sense.
        Cancelled
            Where `progress` was asked to stop.
        """
        progress.check()
        head = {"function": function, "bytes": len(data), "options": dict(options or {})}
        line = json.dumps(head | {"seconds": self._seconds}).encode() + b"\n"
        while not self._turn.acquire(timeout=_LOOK_EVERY):
            progress.check()
        try:
            return self._ask(line, data, progress)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        # A fork has a copy of this object, but the process is not its own.
        if process is None or self._owner != os.getpid():
            return
        atexit.unregister(self.close)
        process.kill()
        process.wait()
        for pipe in _pipes(process):
            with contextlib.suppress(OSError):  # what it was to be sent is lost
                pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner == os.getpid():
            if self._process.poll() is None:
                return self._process
            self.close()
        package_root = str(Path(__file__).resolve().parents[2])
        path = [*(os.path.abspath(folder) for folder in sys.path if folder), package_root]
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BEGIN, str(self._memory), json.dumps(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is for this process
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise ReadError(f"its decoder cannot be started: {error.strerror}") from error
        self._process, self._owner = process, os.getpid()
        atexit.register(self.close)
        return process

    def _ask(self, line: bytes, data: bytes, progress: Progress) -> Answer:
        process = self._running()
        try:
            with _watched(process, self._seconds, progress) as why:
                told, arrays = self._exchange(process, line, data)
        except BaseException:  # such as KeyboardInterrupt: what it says next is no answer
            self.close()
            raise
        if not why and told and "facts" in told:
            return Answer(told["facts"], arrays)
        if not why and told:
            raise ReadError(_words(told["cause"]), allowed=_words(told["allowed"]) or None)
        ended = told is None  # so there is an exit code, or there will be in a moment
        cause = why[0] if why else _end_of(process, _TO_END if ended else 0)
        self.close()
        if progress.cancel.is_set():
            raise Cancelled("stopped as asked")
        raise ReadError(cause)

    def _exchange(
        self, process: subprocess.Popen[bytes], line: bytes, data: bytes
    ) -> tuple[dict[str, Any] | None, tuple[NDArray[Any], ...]]:
        """Return the first line of the answer and the arrays.

        Where it makes no sense, the line is empty; where the process lets go of a pipe, None.
        """
        sink, source = _pipes(process)
        try:
            sink.write(line)
            sink.write(data)
            sink.flush()
            told = _first_line(source)
            return told, tuple(_arrays(told["arrays"], source, self._memory))
        except (OSError, EOFError):
            return None, ()
        except (ValueError, TypeError, RecursionError):
            return {}, ()


def decoder() -> Apart:
    """Return the one that this process uses for what it reads; a fork has its own."""
    return _decoders.setdefault(os.getpid(), Apart())


_decoders: dict[int, Apart] = {}


@contextlib.contextmanager
def _watched(
    process: subprocess.Popen[bytes], seconds: float, progress: Progress
) -> Iterator[list[str]]:
    """Kill `process` when its time is over, or as asked, and say why in what is yielded."""
    why: list[str] = []
    done = threading.Event()
    end = time.monotonic() + seconds

    def watch() -> None:
        while not done.wait(_LOOK_EVERY):
            if progress.cancel.is_set() or time.monotonic() > end:
                why.append(f"its decoder did not answer in {seconds:g} seconds")
                process.kill()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield why
    finally:
        done.set()
        thread.join()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _first_line(source: IO[bytes]) -> dict[str, Any]:
    line = source.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ValueError("too long") if len(line) == _LONGEST_LINE else EOFError("cut off")
    told = json.loads(line)
    if not isinstance(told, dict) or not isinstance(told.get("facts", {}), dict):
        raise ValueError("no answer")
    if told.keys() not in ({"facts", "arrays"}, {"cause", "allowed", "arrays"}):
        raise ValueError("no answer")
    return told


def _arrays(told: Any, source: IO[bytes], most: int) -> Iterator[NDArray[Any]]:
    for kind, shape in told:
        if kind not in _TYPES or not all(isinstance(side, int) and side >= 0 for side in shape):
            raise ValueError("no array")
        most -= math.prod(shape) * np.dtype(kind).itemsize
        if most < 0:
            raise ValueError("larger than its process may be")
        array = np.empty(shape, kind)
        left = array.reshape(-1).view(np.uint8).data
        while left:
            count = source.readinto(left)  # type: ignore[attr-defined]
            if not count:
                raise EOFError("cut off")
            left = left[count:]
        yield array


def _words(text: object) -> str:
    """Return what the other process says as a line that is not too long."""
    return " ".join(str(text or "").split())[:_MOST_WORDS]


def _end_of(process: subprocess.Popen[bytes], seconds: float) -> str:
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return "its decoder answered what makes no sense"
    name = f"exit code {code}"
    with contextlib.suppress(ValueError):
        name = signal.Signals(-code).name
    return f"its decoder died over it ({name})"
