"""Runs command lines of srviewer as processes that need not import everything first.

A server has imported it and forks for each. What asks it is a process with the streams and the
folder that the command line is to have; it hands those over, and ends with the same exit code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Isolated and without site, so it begins in a moment. What is closed is looked for first: the
# socket would take its number.
CLIENT = """
import os, sys, json
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
streams = [number for number in range(3) if is_open(number)]
import array, socket
server = socket.socket(socket.AF_UNIX, fileno=None)
server.connect(sys.argv[1])
asked = json.dumps([sys.argv[2:], os.getcwd(), streams, os.environ.get("PYTHONUNBUFFERED", "")])
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))] if streams else []
server.sendmsg([b"%8d" % len(asked)], rights)
server.sendall(asked.encode())
os._exit(int(server.recv(8)))
"""
NEEDED = (
    "rich.progress", "srviewer.commands.survey_report", "srviewer.export.runner",
    "srviewer.export.verification.reproducing", "srviewer.export.verification.verifying",
    "srviewer.survey.runner", "srviewer.survey.whole_set", "srviewer.terminal",
)  # fmt: skip


@contextlib.contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """Serve, and yield the words that begin a command line in place of ``python -m srviewer``."""
    place = str(folder / "socket")
    code = "import sys; from tests.fork_server import serve; serve(sys.argv[1])"
    server = subprocess.Popen(
        [sys.executable, "-c", code, place], env=environment, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == b"ready\n"
        yield [sys.executable, "-I", "-S", "-c", CLIENT, place]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def serve(place: str) -> None:
    """Answer whoever asks at `place`, one after the other."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as `main` does; threads would not be there in a fork
    for name in NEEDED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen()
    print("ready", flush=True)
    while True:
        client, _ = listening.accept()
        with client:
            length, streams, _, _ = socket.recv_fds(client, 8, 3)
            with client.makefile("rb") as file:
                asked = json.loads(file.read(int(length)))
            child = os.fork()
            if not child:
                for one in (client, listening):
                    one.close()
                _become(*asked, streams)  # ends as any process does, with all that Python does then
                return
            for stream in streams:
                os.close(stream)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with contextlib.suppress(OSError):
                client.sendall(str(code if code >= 0 else 128 - code).encode())


def _become(
    words: list[str], folder: str, numbers: list[int], plain: str, given: list[int]
) -> None:
    """Be ``python -m srviewer`` with `words`, in `folder`, with the streams that were given."""
    gc.unfreeze()
    signal.alarm(100)
    os.chdir(folder)
    for number in range(3):
        os.close(number)
    for stream, number in sorted(zip(given, numbers, strict=True)):
        os.dup2(stream, number)
        os.close(stream)
    stdin = open(0, closefd=False) if 0 in numbers else None  # noqa: SIM115
    sys.stdin = sys.__stdin__ = stdin
    sys.stdout = sys.__stdout__ = _written(1, bool(plain)) if 1 in numbers else None
    sys.stderr = sys.__stderr__ = _written(2, bool(plain)) if 2 in numbers else None
    sys.argv = ["srviewer", *words]
    from srviewer.cli import main

    raise SystemExit(main())


def _written(number: int, plain: bool) -> object:
    """Return the stream `number` as the interpreter makes it."""
    raw = open(number, "wb", 0 if plain else -1, closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(raw, "utf-8", errors, write_through=plain, line_buffering=number == 2)
