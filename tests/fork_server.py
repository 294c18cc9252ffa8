"""Processes that need not import everything first: they are forks of one that has.

`start` is the command line of srviewer in a process of its own, from a test. Where a shell is to
start it, `Server.words` are a process with the streams and the folder that the command line is to
have: it hands those over, and ends with the same exit code.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import ctypes
import gc
import importlib
import io
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

SECONDS = 300  # that a process may take
# Isolated and without site, so it begins in a moment. What is closed is looked for first: the
# socket would take its number.
_CLIENT = """
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
plain = os.environ.get("PYTHONUNBUFFERED", "")
asked = json.dumps([sys.argv[2:], os.getcwd(), streams, plain, False])
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))] if streams else []
server.sendmsg([b"%8d" % len(asked)], rights)
server.sendall(asked.encode())
server.recv(8)
code = int(server.recv(8))
os._exit(code if code >= 0 else 128 - code)
"""
_NEEDED = (
    "h5py", "lmdb", "numpy.ma", "rich._emoji_codes", "rich.progress", "PySide6.QtCore",
    "srviewer.cli", "srviewer.commands.inspect", "srviewer.commands.survey",
    "srviewer.commands.survey_report", "srviewer.commands.verify", "srviewer.export.runner",
    "srviewer.export.verification.reproducing", "srviewer.export.verification.verifying",
    "srviewer.gui.state.settings", "srviewer.survey.runner", "srviewer.survey.whole_set",
    "srviewer.terminal",
)  # fmt: skip


def import_all() -> None:
    """Import what takes time, in a process that will be forked."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as `main` does; threads would not be there in a fork
    for name in _NEEDED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def fork_workers() -> None:
    """Let what would be spawned by `multiprocessing` in this process be such a fork, on Linux."""
    if sys.platform == "linux":
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(["tests.preloaded"])
        spawned = multiprocessing.get_context("spawn").Process
        spawned._Popen = staticmethod(multiprocessing.get_context("forkserver").Process._Popen)


class Run:
    """A command line in a process of its own.

    Attributes
    ----------
    pid : int
    """

    def __init__(
        self, place: str, words: Sequence[object], folder: Path, out: int, err: int
    ) -> None:
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(place)
        asked = json.dumps([[str(word) for word in words], str(folder), [1, 2], "", True]).encode()
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (out, err)))
        self._server.sendmsg([b"%8d" % len(asked)], [rights])
        self._server.sendall(asked)
        self.pid = int(self._server.recv(8))

    def wait(self, seconds: float | None = None) -> int:
        """Return the exit code, negative for a signal; raise `TimeoutError` after `seconds`."""
        self._server.settimeout(seconds)
        code = int(self._server.recv(8))
        self.close()
        return code

    def close(self) -> None:
        """Ask no more how it ends, as after a test that failed."""
        self._server.close()

    def kill(self) -> None:
        """Kill it if it has not ended, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.wait()


class Server:
    """What runs command lines; used in a ``with``.

    Attributes
    ----------
    words : list of str
        What begins a command line in place of ``python -m srviewer``.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._place = str(folder / "socket")
        self.words = [sys.executable, "-I", "-S", "-c", _CLIENT, self._place]
        code = "import sys; from tests.fork_server import serve; serve(sys.argv[1])"
        # The semaphores of those that are killed are missed in the end.
        quiet = ["-W", "ignore::UserWarning:multiprocessing.resource_tracker"]
        command = [sys.executable, *quiet, "-c", code, self._place]
        self._server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        self._runs: list[Run] = []

    def __enter__(self) -> Server:
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.kill()
        self._server.wait()
        self._server.stdout.close()
        for run in self._runs:
            run.close()

    def start(
        self, words: Sequence[object], folder: Path, said: Path | None = None, err: bool = True
    ) -> Run:
        """Begin the command line `words` in `folder`; what it says goes to the file `said`."""
        with open(said or os.devnull, "wb") as out, open(os.devnull, "wb") as nothing:
            streams = (out.fileno(), (out if err else nothing).fileno())
            self._runs.append(Run(self._place, words, folder, *streams))
        return self._runs[-1]


def serve(place: str) -> None:
    """Answer whoever asks at `place`."""
    from multiprocessing import forkserver

    import_all()
    with contextlib.suppress(ImportError):
        importlib.import_module("pyarrow.parquet")
    fork_workers()
    forkserver.ensure_running()
    forkserver._forkserver.ensure_running = lambda: None  # it is no child of those that ask it
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
            if not os.fork():
                listening.close()
                _keep(client, asked, streams)
                return
        for stream in streams:
            os.close(stream)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _keep(client: socket.socket, asked: list, streams: list[int]) -> None:
    """Begin what was asked for, and tell how it ends."""
    child = os.fork()
    if not child:
        client.close()
        _become(*asked, streams)  # ends as any process does, with all that Python does then
        return
    for stream in streams:
        os.close(stream)
    with contextlib.suppress(OSError):
        client.sendall(b"%8d" % child)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client.sendall(b"%8d" % code)
    os._exit(0)


def _become(
    words: list[str], folder: str, numbers: list[int], plain: str, quick: bool, given: list[int]
) -> None:
    """Be ``python -m srviewer`` with `words`, in `folder`, with the streams that were given."""
    signal.alarm(SECONDS)
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
    if quick:
        _end_quickly(words)
    from srviewer.cli import main

    raise SystemExit(main())


def _end_quickly(words: list[str]) -> NoReturn:
    """End as a process does, but for clearing away the modules, which takes longer than the rest.

    What is left of open files is closed, by Python as by the libraries.
    """
    from srviewer.cli import main

    try:
        code = save_settings(*words[1:]) if words[0] == "settings" else main(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 99
    gc.collect()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).exit(code)
    raise AssertionError


def save_settings(file: str, name: str) -> int:
    """Save settings as the window does when it is closed; `name` is a part of them."""
    from srviewer.gui.state.settings import Settings

    settings = Settings(Path(file))
    settings.export_folder = name * 1000
    settings.theme = "dark"
    refused = settings.save()
    print(refused or "")
    return int(refused is not None)


def _written(number: int, plain: bool) -> object:
    """Return the stream `number` as the interpreter makes it."""
    raw = open(number, "wb", 0 if plain else -1, closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(raw, "utf-8", errors, write_through=plain, line_buffering=number == 2)


class Interpreters:
    """Does as a `Server`, by an interpreter for each command line."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.words = [sys.executable, "-m", "srviewer"]
        self._environment = environment

    def start(
        self, words: Sequence[object], folder: Path, said: Path | None = None, err: bool = True
    ) -> Interpreter:
        """Begin the command line `words` in `folder`; what it says goes to the file `said`."""
        with open(said or os.devnull, "wb") as out:
            return Interpreter(
                [*self.words, *map(str, words)], cwd=folder, env=self._environment,
                stdout=out, stderr=out if err else subprocess.DEVNULL,
            )  # fmt: skip


class Interpreter(subprocess.Popen):
    """Does as a `Run`."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal."""
        try:
            return super().wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        super().kill()
        self.wait()
