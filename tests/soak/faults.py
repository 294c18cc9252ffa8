"""The Nth system call that changes a file fails, or the process ends there: nothing is lost by it.

`failing.c` counts the calls; a `Case` is one command that they are tried on, and what must hold.
"""

import ctypes
import errno
import itertools
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from tests.conftest import REPOSITORY
from tests.fork_server import Server

SOURCE = Path(__file__).with_name("failing.c")
KILLED = -1
# Tried at every so many calls; "dead" is a disk on which no call is done any more from there on.
KINDS = {"ENOSPC": 1, "KILL": 1, "EIO": 5, "EACCES": 5, "dead": 5}
_ERRORS = {"KILL": KILLED, "dead": errno.EIO}
# What SQLite and Qt let us say of an error of the system, whatever that was.
_OTHER_WORDS = ("disk I/O error", "database or disk is full", "unable to open database file",
                "attempt to write a readonly database", "the disk is full")  # fmt: skip
_LEFT = ": not removed: "  # a note of what could not be cleared away
_NEVER_SAID = ("Traceback", "Exception ignored", "unexpected ", "damaged")


def why_not() -> str | None:
    """Return why no call can be made to fail here, None where they can."""
    if not sys.platform.startswith("linux"):
        return "calls are counted on Linux only"
    return None if shutil.which("cc") else "no C compiler"


class _Plan(ctypes.Structure):
    """What `failing.c` has at the beginning of its file."""

    _fields_ = (
        ("seen", ctypes.c_long),
        ("at", ctypes.c_long),
        ("error", ctypes.c_long),
        ("always", ctypes.c_long),
        ("folder", ctypes.c_char * 1000),
        ("failed", ctypes.c_char * 1000),
    )


class Ended(NamedTuple):
    """How a process has ended: its exit code, what it said, the calls it made, and which failed."""

    code: int
    said: str
    calls: int
    failed: str


class Faults:
    """Runs commands in processes of which a call can be made to fail; used in a ``with``.

    Parameters
    ----------
    folder : Path
        For what is needed for that.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        library, plan = folder / "failing.so", folder / "plan"
        subprocess.run(
            ["cc", "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True
        )  # fmt: skip
        plan.write_bytes(bytes(ctypes.sizeof(_Plan)))
        with open(plan, "r+b") as file:
            self._plan = _Plan.from_buffer(mmap.mmap(file.fileno(), 0))
        self._said = folder / "said"
        self._server = Server(
            folder,
            os.environ | {"PYTHONPATH": str(REPOSITORY), "LD_PRELOAD": str(library),
                          "FAULT_PLAN": str(plan), "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.__exit__()

    def run(
        self,
        words: Iterable[object],
        below: Path,
        at: int = 0,
        error: int = 0,
        *,
        always: bool = False,
    ) -> Ended:
        """Run the command `words`; its call `at` below a folder fails with `error`, or kills it.

        With `always` all calls after it fail too.
        """
        plan = self._plan
        plan.always = always
        plan.seen, plan.at, plan.error, plan.failed = 0, at, error, b""
        plan.folder = os.fsencode(below)
        code = self._server.start(words, REPOSITORY, self._said).wait()
        plan.folder = b""
        said = self._said.read_text("utf-8", "backslashreplace")
        return Ended(code, said, plan.seen, os.fsdecode(plan.failed))


@dataclass
class Case:
    """A command that calls fail under.

    Attributes
    ----------
    name : str
    words : list
        The command.
    below : Path
        The folder that its calls count in.
    prepare : callable
        Makes what must be there before.
    state : callable
        Returns what it has made, and whatever is left beside that.
    outside : callable
        Returns what must not change.
    check : list, optional
        A command that must fail where a killed run has not made all.
    every : int
        Of so many calls one is tried, where a run takes long.
    tried : dict of str to int
        Calls that failed, by the kind of fault.
    wrong : list of str
        What did not hold.
    """

    name: str
    words: list[object]
    below: Path
    prepare: Callable[[], None]
    state: Callable[[], object]
    outside: Callable[[], object]
    check: list[object] | None = None
    every: int = 1
    tried: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def try_all(self, faults: Faults, sample: int | None = None) -> None:
        """Let each call fail in turn, with each kind of fault, until a run has no such call.

        With a `sample` only so many calls are tried with each of the first two kinds, always the
        same ones.
        """
        self._failed = ""
        self.prepare()
        ended = faults.run(self.words, self.below)
        self._quiet, self._outside = self.state(), self.outside()
        if ended.code:
            self._note("no fault", 0, ended, "it fails all the same")
            return
        for kind, step in list(KINDS.items())[: 2 if sample else None]:
            if sample:
                chosen = random.Random(f"{kind} of {self.name}").sample(range(ended.calls), sample)
                for at in chosen:
                    self._try(faults, kind, at + 1)
            else:
                numbers = itertools.count(1, step * self.every)
                while self._try(faults, kind, next(numbers)):
                    pass

    def _try(self, faults: Faults, kind: str, at: int) -> bool:
        """Return whether there was such a call."""
        error = _ERRORS.get(kind) or getattr(errno, kind)
        self.prepare()
        ended = faults.run(self.words, self.below, at, error, always=kind == "dead")
        if not ended.failed:
            self._failed = ""
            if ended.code or self.state() != self._quiet:
                self._note(kind, at, ended, "a run without a fault ends otherwise")
            return False
        self._failed = ended.failed
        self.tried[kind] = self.tried.get(kind, 0) + 1
        after = self.state()
        for words in self._judged(ended, error, after == self._quiet):
            self._note(kind, at, ended, words)
        self._look_outside(kind, at, ended)
        # After an error the set is what it tells of; one that was killed can tell nobody.
        if self.check and error == KILLED and after != self._quiet:
            checked = faults.run(self.check, self.below)
            if not checked.code:
                self._note(kind, at, checked, "what is not whole is found whole")
            if _unfit(checked.said, ("damaged",)):
                self._note(kind, at, checked, "the check is not told in words")
        self._go_on(faults, kind, at)
        return True

    def _go_on(self, faults: Faults, kind: str, at: int) -> None:
        again = faults.run(self.words, self.below)
        if again.code or _unfit(again.said):
            self._note(kind, at, again, "the same command does not go on")
        elif self.state() != self._quiet:
            self._note(kind, at, again, f"other bytes in the end: {self._differences()}")
        self._look_outside(kind, at, again)

    def _look_outside(self, kind: str, at: int, ended: Ended) -> None:
        if self.outside() != self._outside:
            self._note(kind, at, ended, "something outside has changed")

    def _judged(self, ended: Ended, error: int, is_whole: bool) -> Iterator[str]:
        """Yield what is wrong with the end of a run of which a call failed."""
        if error == KILLED:
            if ended.code != -signal.SIGKILL and not (ended.code == 0 and is_whole):
                yield "a run of which a process was killed does not end so"
            return
        if ended.code not in (0, 1) or _unfit(ended.said):
            yield "no error in words"
        elif ended.code == 0 and not is_whole and _LEFT not in ended.said:
            yield f"done, it says, and is not: {self._differences()}"
        elif ended.code == 1 and not self._names_cause(ended.said, error):
            yield "neither cause nor path"

    def _names_cause(self, said: str, error: int) -> bool:
        lines = [line for line in said.splitlines() if str(self.below) in line]
        causes = (os.strerror(error), *_OTHER_WORDS)
        return any(cause in line for line in lines for cause in causes)

    def _note(self, kind: str, at: int, ended: Ended, words: str) -> None:
        said = "\n    ".join(ended.said.strip().splitlines()[-12:])
        self.wrong.append(f"{self.name}, {kind} at {at} ({self._failed}): {words}; "
                          f"exit code {ended.code}\n    {said}")  # fmt: skip

    def _differences(self) -> str:
        found, quiet = self.state(), self._quiet
        if isinstance(found, dict) and isinstance(quiet, dict):
            names = sorted(map(str, found.keys() ^ quiet.keys()))
            others = sorted(str(key) for key in found.keys() & quiet.keys()
                            if found[key] != quiet[key])  # fmt: skip
            return f"there or missing: {names}, other: {others}"
        return "other"


def _unfit(said: str, allowed: Iterable[str] = ()) -> bool:
    return any(word in said for word in _NEVER_SAID if word not in allowed)
