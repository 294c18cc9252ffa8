"""Who does the work makes no difference to the result, and a worker that dies costs nothing."""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from srviewer.errors import Cancelled, RunError, SrviewerError
from srviewer.export import runner
from srviewer.export.converting import convert
from srviewer.export.export_run import ExportState
from srviewer.export.options import Options
from srviewer.export.profiles import PROFILES
from srviewer.export.runner import export
from srviewer.pipeline.progress import Progress
from srviewer.runs.work import Work
from srviewer.runs.workers import Lent, Processes, ThisProcess
from tests.export.helpers import (
    PROFILE_SHARE,
    RECIPE,
    assert_nothing_half_written,
    recipe_for,
    rows_of,
    run,
    tree,
    without_place,
)


@dataclass(frozen=True)
class Item:
    path: Path
    number: int


ITEMS = [Item(Path(f"{number}.png"), number) for number in range(12)]


def square(item: Item, progress: Progress) -> int:
    return item.number**2


def die_once(item: Item, progress: Progress, *, folder: Path) -> int:
    mark = folder / f"{item.number}"
    if item.number in (3, 7) and not mark.exists():
        mark.touch()
        os._exit(9)
    time.sleep(0.05)
    return os.getpid()


def fail(item: Item, progress: Progress) -> int:
    if item.number % 2:
        raise ValueError("odd")
    raise SrviewerError(f"{item.path}: even")


def all_of(task, workers, progress=None, items=ITEMS, **more):
    with contextlib.closing(workers):
        return list(Work(items, task, workers, progress or Progress(), **more))


def each_kind():
    yield ThisProcess(Progress())
    yield Processes(2)
    with ThreadPoolExecutor(3) as threads:
        yield Lent(threads)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        yield Lent(processes)


def test_each_item_once_whoever_does_it():
    for workers in each_kind():
        assert dict(all_of(square, workers)) == {item: item.number**2 for item in ITEMS}


def test_a_failure_is_the_outcome_and_names_the_file():
    for workers in (ThisProcess(Progress()), Processes(2)):
        outcomes = dict(all_of(fail, workers))
        assert str(outcomes[ITEMS[2]]) == "2.png: even"
        assert str(outcomes[ITEMS[3]]) == "3.png: unexpected ValueError: odd"


def test_dead_workers_are_replaced_and_all_processes_go_on(tmp_path):
    died = []
    items = [Item(Path(f"{number}.png"), number) for number in range(60)]
    task = functools.partial(die_once, folder=tmp_path)
    found = all_of(task, Processes(2), items=items, on_death=died.append)
    assert Counter(item for item, _ in found) == Counter(items)
    assert {items[3], items[7]} <= set(died)
    assert all(isinstance(outcome, int) for _, outcome in found)
    # The last of them were not left to a single process.
    assert len({outcome for _, outcome in found[-20:]}) == 2


def count_others(item: Item, progress: Progress, *, folder: Path, needed: float) -> int:
    """Return how many tasks have memory at the same time."""
    progress.reserve(needed)
    mark = folder / str(item.number)
    mark.touch()
    # The first waits for the other process to begin, where that may have memory, too.
    end = time.monotonic() + (60 if needed < 1e9 and not item.number else 0.2)
    while (found := len(list(folder.iterdir()))) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    mark.unlink()
    return found


@pytest.mark.parametrize(("needed", "together"), [(1.0, 2), (1e15, 1)])
def test_tasks_take_no_more_memory_together_than_is_free(tmp_path, needed, together):
    task = functools.partial(count_others, folder=tmp_path, needed=needed)
    assert max(found for _, found in all_of(task, Processes(2), items=ITEMS[:6])) == together


def test_a_task_that_waits_for_memory_can_be_cancelled(tmp_path):
    progress = Progress()
    task = functools.partial(count_others, folder=tmp_path, needed=1e15)
    found = []
    for _, outcome in Work(ITEMS, task, Processes(2), progress):
        found.append(outcome)
        progress.cancel.set()
    assert found[0] == 1
    assert any(isinstance(outcome, Cancelled) for outcome in found)
    assert len(found) < len(ITEMS)


def test_a_script_without_a_main_guard_is_told_what_it_lacks(photos, tmp_path, environment):
    script = tmp_path / "script.py"
    script.write_text(
        "from srviewer.export.runner import export\n"
        "from srviewer.pipeline.recipe import Recipe\n"
        f"images, out = {str(photos)!r}, {str(tmp_path / 'out')!r}\n"
        "export([images], out, Recipe(), jobs=2)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 1
    assert 'below `if __name__ == "__main__":`' in done.stderr
    assert "memory" not in done.stderr
    assert done.stderr.count("Traceback") == 1  # the script's own, which catches nothing


# Exports


@pytest.mark.parametrize("format", ["bmp", "hdf5"])
def test_any_executor_writes_the_same_bytes(photos, whole, tmp_path, format):
    with ThreadPoolExecutor(2) as threads:
        state = export([photos], tmp_path / "out", RECIPE, format=format, executor=threads)
    assert (state.exported, state.failures) == (3, ())
    assert tree(tmp_path / "out") == tree(whole(format))


def test_paths_are_found_by_workers_that_are_elsewhere(photos, quiet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        processes.submit(os.chdir, "/").result()
        given = Path(os.path.relpath(photos))
        state = export([given], Path("out"), RECIPE, format="bmp", executor=processes)
    assert state.failures == ()
    assert tree(tmp_path / "out") == tree(quiet)


def test_a_broken_executor_is_told(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_export", _die)
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes,
        pytest.raises(SrviewerError, match="executor that was given is broken"),
    ):
        export([photos], tmp_path / "out", RECIPE, format="bmp", executor=processes)
    assert_nothing_half_written(tmp_path / "out")


def _die(image, progress, *, target, whole):
    os._exit(9)


def test_a_paused_export_tells_so_and_does_not_count_the_time(photos, quiet, tmp_path):
    progress = Progress()
    states: list[ExportState] = []

    def on_state(state: ExportState) -> None:
        states.append(state)
        if len(states) == 1:
            progress.pause.set()
            threading.Timer(0.5, progress.pause.clear).start()

    begun = time.monotonic()
    final = export(
        [photos],
        tmp_path / "out",
        RECIPE,
        format="bmp",
        jobs=2,
        progress=progress,
        on_state=on_state,
    )
    assert [state.paused for state in states[:3]] == [False, True, False]
    assert final.seconds <= time.monotonic() - begun - 0.4
    assert tree(tmp_path / "out") == tree(quiet)


def test_a_pause_within_the_only_image_is_told_too(photos, tmp_path):
    states: list[ExportState] = []

    def report(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("write", 2):
            progress.pause.set()
            threading.Timer(0.5, progress.pause.clear).start()

    progress = Progress(report)
    begun = time.monotonic()
    final = export(
        [photos / "motor.png"], tmp_path / "out", RECIPE, progress=progress, on_state=states.append
    )
    assert [state.paused for state in states] == [False, True, False, False]
    assert final.seconds <= time.monotonic() - begun - 0.4


def test_no_worker_writes_any_more_when_the_export_has_raised(photos, tmp_path):
    out = tmp_path / "out"
    for number in range(6):
        shutil.copytree(photos, tmp_path / "photos" / str(number))

    def fail(state: ExportState) -> None:
        if state.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export([tmp_path / "photos"], out, RECIPE, format="bmp", jobs=2, on_state=fail)
    listed = {row[side] for row in rows_of(out) for side in ("hr", "lr")}
    written = {
        path.relative_to(out).as_posix() for side in ("hr", "lr")
        for path in (out / side).rglob("*.bmp")
    }  # fmt: skip
    assert written == listed
    assert listed


def test_what_others_cancel_is_a_failure_with_its_cause(photos, tmp_path, monkeypatch):
    class Cancelling(ThreadPoolExecutor):
        def submit(self, *args: object) -> Future:
            future: Future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with Cancelling(1) as executor:
        state = export([photos], tmp_path / "out", RECIPE, format="bmp", executor=executor)
    assert len(state.failures) == 3
    assert "its worker ended: CancelledError" in state.failures[0].cause


# A Dask cluster


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
    ) as found:
        yield found


@pytest.mark.parametrize("profile", [None, *PROFILES])
def test_two_dask_workers_write_the_same_bytes(tiny, tmp_path, cluster, profile):
    form = None if profile else "lmdb"
    options = Options(profile=profile, validation_share=PROFILE_SHARE)
    recipe, more = recipe_for(profile or "srcnn"), {"options": options}
    run(tiny, tmp_path / "quiet", form, recipe, **more)
    out, address = tmp_path / "out", cluster.scheduler_address
    state = export([tiny], out, recipe, format=form, scheduler=address, **more)
    assert (state.exported, state.failures) == (3, ())
    expected = without_place(tmp_path / "quiet")
    assert without_place(out) == expected
    # The same pairs, converted by them.
    source = tmp_path / "plain"
    of_split = PROFILES[profile].of_split if profile else {}
    plain = Options(validation_share=PROFILE_SHARE, **of_split)
    run(tiny, source, "bmp", recipe, options=plain)
    named = {"profile": profile} if profile else {}
    convert(source, tmp_path / "converted", format=form, named=named, scheduler=address)
    assert without_place(tmp_path / "converted") == expected


def test_a_dask_worker_that_dies_is_replaced(photos, quiet, tmp_path, cluster, monkeypatch):
    task = functools.partial(_die_half_way, mark=tmp_path / "mark")
    monkeypatch.setattr(runner, "_export", task)
    state = export(
        [photos], tmp_path / "out", RECIPE, format="bmp", scheduler=cluster.scheduler_address
    )
    assert (tmp_path / "mark").exists()
    assert (state.exported, state.failures) == (3, ())
    assert tree(tmp_path / "out") == tree(quiet)


def _die_half_way(image, progress, *, target, whole, mark):
    def report(stage: str, done: int, total: int) -> None:
        if image.name == "motor.png" and (stage, done) == ("write", 3) and not mark.exists():
            mark.touch()
            os._exit(9)

    return runner.export_image(image, target, Progress(report))


def test_a_worker_of_another_version_stops_the_export(photos, tmp_path, cluster, monkeypatch):
    from srviewer.runs import cluster as module

    monkeypatch.setattr(module, "VERSIONS", module.VERSIONS | {"OpenCV": "0.1"})
    state = export(
        [photos], tmp_path / "out", RECIPE, format="bmp", scheduler=cluster.scheduler_address
    )
    assert state.exported == 0
    assert "OpenCV 0.1" in state.failures[0].cause


def test_a_scheduler_that_does_not_answer(photos, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    from srviewer.runs import cluster as module

    monkeypatch.setattr(module, "_CONNECT", 0.5)
    with pytest.raises(RunError, match=r"scheduler tcp://127\.0\.0\.1:9: .*dask scheduler"):
        export([photos], tmp_path / "out", RECIPE, format="bmp", scheduler="tcp://127.0.0.1:9")
    assert not (tmp_path / "out").exists()
