"""Does one thing after the other, each in a process of its own that is at work at once.

All that takes time to import is there when a request comes, so that a process costs what it does.
Requests and answers are lines of JSON on stdin and stdout.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

SECONDS = 60  # that a process may take
_NEEDED = (
    "h5py", "lmdb", "numpy.ma", "rich._emoji_codes", "PySide6.QtCore",
    "srviewer.commands.survey_report",
    "srviewer.export.runner", "srviewer.export.verification.reproducing",
    "srviewer.gui.state.settings", "srviewer.survey.runner", "srviewer.survey.whole_set",
)  # fmt: skip


def save_settings(file: str, name: str) -> int:
    """Save settings as the window does when it is closed; `name` is a part of them."""
    from srviewer.gui.state.settings import Settings

    settings = Settings(Path(file))
    settings.export_folder = name * 1000
    settings.theme = "dark"
    refused = settings.save()
    print(refused or "")
    return int(refused is not None)


def _do(words: Sequence[str]) -> int:
    from srviewer.cli import main

    if words[0] == "settings":
        return save_settings(*words[1:])
    return main(words)


def _begin(words: Sequence[str], said: str) -> int:
    """Return what the child that does `words` ends with; the child does not return."""
    child = os.fork()
    if not child:
        _be_child(words, said)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be_child(words: Sequence[str], said: str) -> NoReturn:
    signal.alarm(SECONDS)
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for handle in (1, 2):
        os.dup2(file, handle)
    os.close(file)
    try:
        code = _do(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 99
    _end(code)


def _end(code: int) -> NoReturn:
    """End as a process does, but for clearing away the modules, which takes longer than the rest.

    What is left of open files is closed, by Python as by the libraries.
    """
    gc.collect()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    ctypes.CDLL(None).exit(code)
    raise AssertionError


def serve() -> None:
    """Answer until there are no more requests."""
    for name in _NEEDED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    for line in iter(sys.stdin.readline, ""):
        print(_begin(**json.loads(line)), flush=True)


if __name__ == "__main__":
    serve()
