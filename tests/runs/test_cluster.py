"""What is asked of Dask, and what is told of it; tests of exports and surveys start a real one."""

import sys
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

from srviewer.errors import RunError, RunStopped, SrviewerError
from srviewer.pipeline.progress import Progress
from srviewer.runs import cluster as cluster_module
from srviewer.runs.cluster import Cluster
from srviewer.runs.versions import VERSIONS
from srviewer.runs.workers import lent_workers

ITEM = SimpleNamespace(path=Path("a.png"))
ADDRESS = "tcp://here:1"


class Client:
    """Stands for Dask's."""

    refuses: Exception | None = None
    lonely: Exception | None = None
    threads: ClassVar = {"one": 2, "other": 3}

    def __init__(self, address, **how) -> None:
        self.closed = 0
        self.counted = 0
        Client.last = self
        if self.refuses:
            raise self.refuses

    def wait_for_workers(self, count, timeout) -> None:
        if self.lonely:
            raise self.lonely

    def nthreads(self):
        self.counted += 1
        if isinstance(self.threads, Exception):
            raise self.threads
        return self.threads

    def get_executor(self, **how):
        return ThreadPoolExecutor(1)

    def close(self, timeout) -> None:
        self.closed += 1
        raise OSError("gone")


@pytest.fixture(autouse=True)
def dask(monkeypatch):
    module = ModuleType("distributed")
    module.Client = Client
    monkeypatch.setitem(sys.modules, "distributed", module)
    monkeypatch.setattr(cluster_module, "_prepare", lambda: None)
    return monkeypatch


def test_a_missing_package_is_named(dask):
    dask.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"distributed .*pip install 'srviewer\[cluster\]'"):
        Cluster(ADDRESS)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("refuses", OSError("timed out"), "here:1: timed out; allowed is tcp://HOST:PORT"),
        ("refuses", ValueError(), "here:1: no answer; allowed is tcp://HOST:PORT"),
        ("lonely", RuntimeError("what Dask says"), "here:1: no workers; `dask worker"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told(dask, fault, error, words):
    dask.setattr(Client, fault, error)
    with pytest.raises(RunError) as caught:
        Cluster(ADDRESS)
    assert words in str(caught.value)
    assert Client.last.closed == (fault == "lonely")


def test_so_many_tasks_are_handed_over_as_there_are_threads_now_and_then(dask):
    now = [100.0]
    dask.setattr(cluster_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    workers = Cluster(ADDRESS)
    assert (workers.most, workers.most, Client.last.counted) == (10, 10, 1)
    dask.setattr(Client, "threads", {})
    now[0] += 1.9
    assert workers.most == 10
    now[0] += 0.2
    assert workers.most == 1
    dask.setattr(Client, "threads", OSError("broken pipe"))
    now[0] += 2.1
    with pytest.raises(RunError, match="here:1: lost: broken pipe"):
        _ = workers.most


def test_a_worker_of_other_versions_does_nothing():
    workers = Cluster(ADDRESS)
    task = lambda item, progress: type(progress) is Progress  # noqa: E731
    assert workers.submit(task, ITEM).result() is True
    other = cluster_module._attempt_here(VERSIONS | {"numpy": "0.1"}, task, ITEM)
    assert isinstance(other, RunStopped)
    assert f"numpy {VERSIONS['numpy']}" in str(other)
    assert "numpy 0.1" in str(other)


KilledWorker = type("KilledWorker", (Exception,), {})


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (CancelledError(), RunStopped, "lost, with what it had to do"),
        (ImportError("no srviewer\nand more"), RunStopped, "installed there: no srviewer"),
        (RuntimeError("deserialization failed"), RunStopped, "cannot load srviewer"),
        (KilledWorker(), SrviewerError, "a.png: the workers that tried it died"),
        (ValueError("odd"), SrviewerError, "a.png: its worker ended: ValueError: odd"),
    ],
)
def test_the_end_of_a_worker_is_explained(error, kind, words):
    found = Cluster(ADDRESS).explain(ITEM, error)
    assert type(found) is kind
    assert words in str(found)
    assert "and more" not in str(found)


@pytest.mark.parametrize("somebody", [True, False])
def test_tasks_are_taken_back_only_where_nobody_is_there_to_do_them(dask, somebody):
    if not somebody:
        dask.setattr(Client, "threads", {})
    waiting = Future()
    workers = Cluster(ADDRESS)
    workers.cancel([waiting])
    assert waiting.cancelled() != somebody
    workers.close()  # a scheduler that is gone is left all the same
    assert Client.last.closed == 1


def test_the_workers_that_a_caller_has_are_those_of_the_scheduler_or_an_executor():
    found = lent_workers(None, ADDRESS)
    assert isinstance(found, Cluster)
    found.close()
    with ThreadPoolExecutor(3) as executor:
        lent = lent_workers(executor, None)
        assert lent.submit(lambda item, progress: item.path.name, ITEM).result() == "a.png"
        assert lent.most == 6
    assert lent_workers(None, None) is None
