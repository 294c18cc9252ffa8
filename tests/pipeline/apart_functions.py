"""What the tests of `srviewer.pipeline.apart` let another process do."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from srviewer.errors import ReadError


def twice(data: bytes, *, shape: list[int], say: str = "") -> tuple[dict, list]:
    image = np.frombuffer(data, np.uint8).reshape(shape)
    facts = {"say": say, "pid": os.getpid(), "bytes": len(data)}
    return facts, [image, (image.astype(np.uint16) * 257)[:, ::-1], np.empty((0, 3), np.float32)]


def refuse(data: bytes) -> tuple[dict, list]:
    raise ReadError("a cause", allowed="something else")


def fail(data: bytes) -> tuple[dict, list]:
    raise ZeroDivisionError(data.decode())


def chatter(data: bytes) -> tuple[dict, list]:
    print("printed")
    os.write(1, b'{"facts": {"wrong": 1}, "arrays": []}\n')
    sys.stderr.write("complained")
    return {"read": sys.stdin.read() + os.read(0, 10).decode()}, []


def die(data: bytes) -> tuple[dict, list]:
    os.kill(os.getpid(), getattr(signal, data.decode()))
    time.sleep(10)
    return {}, []


def leave(data: bytes) -> tuple[dict, list]:
    os._exit(7)


def hang(data: bytes) -> tuple[dict, list]:
    Path(data.decode()).write_text(str(os.getpid()))
    time.sleep(100)
    return {}, []


def hang_with_the_interpreter(data: bytes) -> tuple[dict, list]:
    Path(data.decode()).write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(100)  # not let go of, as a decoder in C may do
    return {}, []


def fill(data: bytes) -> tuple[dict, list]:
    return {}, [np.ones(int(data), np.uint8)]


def say(data: bytes) -> tuple[dict, list]:
    """Write `data` where the answer is expected, through whichever descriptor leads there."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, data)
        except OSError:
            continue
        break
    time.sleep(0.2)
    return {}, []


def say_and_leave(data: bytes) -> tuple[dict, list]:
    say(data)
    return leave(b"")


def die_over(data: bytes, *, format: str) -> tuple[dict, list]:
    return die(b"SIGSEGV")
