"""What the processes of a run share, and how they begin and end."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from srviewer.errors import Cancelled, RunError, SrviewerError
from srviewer.pipeline import threads
from srviewer.pipeline.progress import Progress
from srviewer.runs import processes
from srviewer.runs.processes import Processes

ITEM = SimpleNamespace(path=Path("a.png"))


@pytest.fixture
def shares(monkeypatch):
    """Let this process be one of those that share 100 bytes."""
    shared = processes._Shares(multiprocessing.get_context("spawn"), 100)
    monkeypatch.setattr(processes, "_shares", shared)
    monkeypatch.setattr(processes, "_taken", 0)
    monkeypatch.setattr(processes, "_progress", Progress())
    monkeypatch.setattr(processes, "_LOOK_EVERY", 0.001)
    return shared


def test_a_shared_flag_is_seen_and_waited_for():
    value = ctypes.c_byte(0)
    flag = processes._SharedFlag(value)
    assert not flag.is_set()
    assert not flag.wait(0.01)
    threading.Timer(0.02, lambda: setattr(value, "value", 1)).start()
    begun = time.monotonic()
    assert flag.wait(200)
    assert time.monotonic() - begun < 30
    assert flag.is_set()


def test_no_more_is_taken_than_there_is_unless_nobody_else_has_any(shares):
    assert shares.take(150)
    assert not shares.take(1)
    shares.give_back(150)
    assert [shares.take(part) for part in (60, 41, 40, 1)] == [True, False, True, False]
    shares.give_back(60)
    assert shares.take(60)


def test_a_task_waits_for_its_share_and_gives_it_back_however_it_ends(shares):
    def task(item, progress):
        processes._reserve(70.9)
        processes._reserve(90)  # what it asked for first has to do
        assert shares._taken.value == 70
        raise ValueError("odd")

    assert shares.take(50)
    threading.Timer(0.05, shares.give_back, (50,)).start()
    outcome = processes._attempt_in_process(task, ITEM)
    assert str(outcome) == "a.png: unexpected ValueError: odd"
    assert (shares._taken.value, processes._taken) == (0, 0)


def test_a_task_that_waits_for_its_share_can_be_cancelled(shares):
    def task(item, progress):
        progress.cancel.set()
        processes._reserve(70)

    assert shares.take(50)
    assert isinstance(processes._attempt_in_process(task, ITEM), Cancelled)
    assert shares._taken.value == 50


def test_without_others_nothing_is_reserved(monkeypatch):
    monkeypatch.setattr(processes, "_shares", None)
    task = lambda item, progress: processes._reserve(1e18)  # noqa: E731
    assert processes._attempt_in_process(task, ITEM) is None
    assert processes._taken == 0


def test_a_process_begins_with_one_thread_deaf_to_ctrl_c_and_with_the_flags(
    shares, monkeypatch, keep_threads
):
    heard, joined = {}, threading.Event()
    parent = SimpleNamespace(join=lambda: None)
    monkeypatch.setattr(processes.signal, "signal", heard.__setitem__)
    monkeypatch.setattr(processes, "tune_allocator", lambda: heard.setdefault("tuned", True))
    monkeypatch.setattr(processes.multiprocessing, "parent_process", lambda: parent)
    monkeypatch.setattr(processes.os, "_exit", lambda code: heard.update(code=code) or joined.set())
    cancel, pause = ctypes.c_byte(0), ctypes.c_byte(0)
    processes._begin(cancel, pause, shares)
    assert joined.wait(200)  # the parent is gone at once
    deaf = dict.fromkeys(processes._OF_TERMINAL, signal.SIG_IGN)
    assert signal.SIGINT in deaf
    assert heard == {**deaf, "tuned": True, "code": 1}
    assert threads.threads_used() == 1
    cancel.value = 1
    with pytest.raises(Cancelled):
        processes._progress.check()


def test_a_process_that_nobody_started_does_not_end(monkeypatch):
    monkeypatch.setattr(processes.os, "_exit", pytest.fail)
    processes._end_with_parent()


def test_a_process_that_helps_begins_no_run(monkeypatch):
    processes.end_if_worker()
    helper = SimpleNamespace(name="srviewer worker")
    monkeypatch.setattr(processes.multiprocessing, "current_process", lambda: helper)
    with pytest.raises(SystemExit) as caught:
        processes.end_if_worker()
    assert caught.value.code == 79


def test_processes_that_would_begin_the_run_again_are_not_started_anew():
    workers = Processes(1)
    assert workers.most == 2
    workers._context.started.append(SimpleNamespace(exitcode=-9, pid=None))
    before = workers._pool
    workers.renew()
    assert workers._pool is not before
    workers._context.started.append(SimpleNamespace(exitcode=79, pid=None))
    with pytest.raises(RunError, match="__main__"):
        workers.renew()
    workers.close()


def end_with_the_process(item, progress):
    os._exit(9)


@pytest.mark.parametrize("end", [Processes.renew, Processes.close])
def test_a_process_that_began_as_another_died_is_not_waited_for(monkeypatch, end):
    workers = Processes(1)
    with pytest.raises(BrokenExecutor):
        workers.submit(end_with_the_process, ITEM).result(200)
    late = workers._context.Process(target=time.sleep, args=(1000,))
    late.start()
    shutdown = workers._pool.shutdown
    # As the executor of Python 3.11 does, where it has forgotten one.
    monkeypatch.setattr(workers._pool, "shutdown", lambda **how: late.join(60) or shutdown(**how))
    try:
        end(workers)
        assert late.exitcode == -signal.SIGTERM
    finally:
        late.kill()
        workers.close()


def test_processes_are_told_of_a_pause_and_of_the_end():
    workers = Processes(1)
    workers.pause(True)
    assert (workers._pause.value, workers._cancel.value) == (1, 0)
    workers.pause(False)
    workers.cancel([])
    assert (workers._pause.value, workers._cancel.value) == (0, 1)
    assert isinstance(workers.explain(ITEM, OSError()), SrviewerError)
    assert "a.png: the process that worked on it died three times" in str(
        workers.explain(ITEM, OSError())
    )
    workers.close()


def is_loaded(item, progress):
    return [name in sys.modules for name in ("pyclbr", "tabnanny")]


def test_processes_load_what_their_tasks_need_before_there_are_any():
    with contextlib.closing(Processes(2)) as workers:
        workers.load("tabnanny", 1)
        assert len(workers._context.started) == 1
        assert workers.submit(is_loaded, ITEM).result(200) == [False, True]


def test_processes_that_were_begun_for_nothing_are_not_waited_for():
    # They would be at it for ever.
    workers = Processes(3)
    workers.load("tests.runs.endless", 2)
    begun = workers._context.started
    assert [process.is_alive() for process in begun] == [True, True]
    workers.close()
    assert [process.is_alive() for process in begun] == [False, False]


def test_processes_end_while_who_started_them_goes_on():
    workers = Processes(2)
    assert workers.submit(is_loaded, ITEM).result(200) == [False, False]
    workers.end()
    workers._ending.join(200)
    assert {process.exitcode for process in workers._context.started} == {0}
    workers.close()


@pytest.mark.skipif(os.name == "nt", reason="signals are not blocked there")
def test_what_is_started_begins_deaf_to_ctrl_c(monkeypatch):
    def blocked() -> bool:
        return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())

    with processes._terminal_blocked():
        assert blocked()
    assert not blocked()
    monkeypatch.delattr(signal, "pthread_sigmask")
    with processes._terminal_blocked():
        pass  # as on Windows, where there is no such thing
