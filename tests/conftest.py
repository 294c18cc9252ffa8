"""Fixtures of all tests but the window's."""

import contextlib
import importlib
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from srviewer.cli import main
from srviewer.pipeline import threads
from srviewer.pipeline.machine import cores
from tests.fork_server import Interpreters, Server, fork_workers
from tests.photos import crop, save

REPOSITORY = Path(__file__).resolve().parents[1]
_LONG = (  # few tests, but of many seconds each
    "gui/test_xvfb.py", "gui/test_export_pausing.py", "gui/test_room.py", "gui/test_snapshot.py",
    "gui/test_walk.py", "gui/test_actions.py", "gui/test_app.py", "gui/test_copying.py",
    "gui/test_data_set.py", "gui/test_export_folders.py", "gui/test_export_panel.py",
    "gui/test_export_plan.py", "gui/test_sessions.py", "gui/test_set_gallery.py",
    "gui/test_leaving.py", "gui/test_field_keys.py",
    "survey/test_killed.py", "export/test_killed.py", "export/test_work.py",
    "export/test_faults.py", "export/test_hostile.py", "pipeline/test_memory.py",
    "alignment/test_alignment.py", "alignment/test_large.py", "pipeline/test_straightening.py",
    "tests/test_imports.py", "tests/test_newcomer.py", "tests/test_output_ends.py",
    "tests/test_packaging.py",
)  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return how many processes share the tests: one or two more than there are cores.

    A fifth to a third of the time one waits: for processes that begin, hang or are killed, for the
    disk, and for timers. So three leave a seventh of two cores unused, and four a twentieth.
    """
    asked = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    return int(asked) if asked else cores() + min(cores(), 2)


def pytest_configure(config: pytest.Config) -> None:
    """Let processes take the files of tests in the order of `pytest_collection_modifyitems`."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let processes that share the tests share the rewriting of their assertions, too.

    It is most of what collecting costs, and all begin at once: each takes the files from another
    one on, and finds those of the others done.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    names = [
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in sorted((REPOSITORY / "tests").rglob("test_*.py"))
    ]
    first = int(worker["workerid"].removeprefix("gw")) * len(names) // worker["workercount"]
    for name in (*names[first:], *names[:first]):
        with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
            importlib.import_module(name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take long, where processes share them: none waits in the end."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        long = {path for path in tests if any(map(path.match, _LONG))}
        items.sort(key=lambda item: (item.path not in long, -tests[item.path]))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the folder of the optional test images (Set5, Set14, MATLAB's output)."""
    given = os.environ.get("SRVIEWER_TEST_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not (folder / "set14").is_dir():
        pytest.skip(f"no test images in {folder}: set SRVIEWER_TEST_DATA to a folder with set14/")
    return folder


@pytest.fixture
def keep_threads() -> Iterator[None]:
    """Put the number of threads back that the test changes."""
    before = threads._threads
    yield
    threads.use_threads(before)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Return an environment for a fresh interpreter that finds this copy of srviewer."""
    foreign = ("QT_QPA_", "PYTHON")
    fresh = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return fresh | {"PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(scope="session", autouse=True)
def forked_workers() -> None:
    """Let the processes of runs begin at once; command lines of `test_cli.py` spawn theirs."""
    fork_workers()


class _Unsynced(sqlite3.Connection):
    """Waits for no disk: the machine that runs the tests does not lose its power."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement in ("BEGIN IMMEDIATE", "PRAGMA journal_mode = WAL"):
            super().execute("PRAGMA synchronous = OFF")
        return super().execute(
            statement.replace("synchronous = NORMAL", "synchronous = OFF"), *values
        )


@pytest.fixture(scope="session", autouse=True)
def files_wait_for_no_disk() -> Iterator[None]:
    """Spare some forty waits of each export; command lines that are killed do wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Unsynced))
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory, environment) -> Iterator[Server | Interpreters]:
    """Return what runs a command line in a process that has imported all already."""
    if sys.platform != "linux":
        yield Interpreters(environment)
        return
    with Server(tmp_path_factory.mktemp("server"), environment) as server:
        yield server


@pytest.fixture
def call(capsys):
    """Return a function that runs a command line: its exit code, stdout and stderr."""

    def run(*argv: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(word) for word in argv])
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """Return a folder of three photographs, two of them in a subfolder."""
    folder = tmp_path_factory.mktemp("photos")
    save(crop("motorcycle", 100, 150, 181, 170), folder / "motor.png")
    save(crop("grass", 0, 0, 132, 140), folder / "sub" / "grass.png")
    save(crop("astronaut", 130, 200, 160, 171), folder / "sub" / "man.bmp")
    return folder
