"""The process that runs what may die, hang or fill the memory, for `srviewer.pipeline.apart`.

It reads requests from its standard input until that ends, and knows nothing but what they say.
"""

import contextlib
import faulthandler
import importlib
import json
import os
import queue
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import SrviewerError

Request = tuple[dict[str, Any], bytes]
_LATER = 2  # seconds after its time, it ends without the parent, which may be gone


def serve(memory: int) -> None:
    """Answer each request in turn; the process takes `memory` bytes at most beyond what it has."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints, or reads, must not get between requests and answers.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    _limit(memory)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, requests), daemon=True).start()
    with open(os.devnull, "w") as unread:
        while True:
            asked, data = requests.get()
            # Even where a decoder keeps the interpreter to itself.
            faulthandler.dump_traceback_later(asked["seconds"] + _LATER, exit=True, file=unread)
            _answer(sink, asked, data)
            faulthandler.cancel_dump_traceback_later()


def _read(source: IO[bytes], requests: queue.SimpleQueue[Request]) -> None:
    """Read the requests; the process ends as soon as there can be no other."""
    with contextlib.suppress(Exception):
        for line in iter(source.readline, b""):
            asked = json.loads(line)
            data = source.read(asked["bytes"])
            if len(data) < asked["bytes"]:
                break
            requests.put((asked, data))
    os._exit(0)


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has none, macOS no size
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm", "rb") as statm:
            pages = int(statm.read().split()[0])
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = pages * resource.getpagesize() + memory
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _answer(sink: IO[bytes], asked: dict[str, Any], data: bytes) -> None:
    arrays: Sequence[NDArray[Any]] = ()
    try:
        facts, found = _function(asked["function"])(data, **asked["options"])
        line = json.dumps({"facts": facts, "arrays": [[a.dtype.str, a.shape] for a in found]})
        arrays = [np.ascontiguousarray(array) for array in found]
    except Exception as error:
        line = json.dumps(_refusal(error))
    sink.write(line.encode() + b"\n")
    for array in arrays:
        sink.write(array.reshape(-1).view(np.uint8).data)
    sink.flush()


def _refusal(error: Exception) -> dict[str, Any]:
    cause, allowed = str(error) or type(error).__name__, None
    if isinstance(error, SrviewerError):
        cause, allowed = error.cause, error.allowed
    elif isinstance(error, MemoryError):
        cause = "not enough memory to read it"
    return {"cause": cause, "allowed": allowed, "arrays": []}


def _function(name: str) -> Callable[..., tuple[dict[str, Any], Sequence[NDArray[Any]]]]:
    module, _, own_name = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), own_name)
    return function
