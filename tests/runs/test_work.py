"""Work on many items by workers that die, pause or are cancelled; here they are made up."""

import errno
import os
import threading
from collections import Counter
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from srviewer.errors import Cancelled, RunError
from srviewer.pipeline.progress import Progress
from srviewer.runs import work as work_module
from srviewer.runs import workers as workers_module
from srviewer.runs.inputs import as_given
from srviewer.runs.tasks import Workers, attempt
from srviewer.runs.work import Work
from srviewer.runs.workers import Lent, ThisProcess, begin_early, lent_workers, own_workers


@dataclass(frozen=True)
class Item:
    path: Path
    number: int


ITEMS = [Item(Path(f"{number}.png"), number) for number in range(7)]


def square(item: Item, progress: Progress) -> int:
    return item.number**2


class Fragile(Workers):
    """Workers that end over some items so many times, with an error, or as they are handed over."""

    def __init__(self, deaths: dict[int, int], error: Exception | None = None) -> None:
        self.most = 3
        self.deaths = Counter(deaths)
        self.error = error or BrokenExecutor("died")
        self.at_once = False
        self.renewed = 0
        self.tried: list[int] = []

    def submit(self, task, item):
        self.tried.append(item.number)
        dies = self.deaths[item.number] > 0
        self.deaths[item.number] -= dies
        if dies and self.at_once:
            raise self.error
        future = Future()
        if dies:
            future.set_exception(self.error)
        else:
            future.set_result(attempt(task, item))
        return future

    def renew(self) -> None:
        self.renewed += 1


def done(workers: Workers, progress: Progress | None = None, **hooks) -> dict[int, object]:
    """Return the outcome of each item by its number, each of which comes once."""
    found = list(Work(ITEMS, square, workers, progress or Progress(), **hooks))
    assert len(found) == len({item for item, _ in found})
    return {item.number: outcome for item, outcome in found}


SQUARES = {number: number**2 for number in range(7)}


@pytest.mark.parametrize("at_once", [False, True])
def test_what_a_dead_worker_had_is_tried_again_one_by_one(at_once) -> None:
    workers, died, turns, now = Fragile({1: 2}), [], [], set()

    def on_turn(path: Path, begun: bool) -> None:
        (now.add if begun else now.discard)(path)
        turns.append(len(now))

    workers.at_once = at_once
    assert done(workers, Progress(on_turn=on_turn), on_death=died.append) == SQUARES
    assert 0 < max(turns) <= workers.busy < workers.most, "not those that wait, and no dead ones"
    assert not now
    assert workers.renewed == 2
    assert ITEMS[1] in died
    # Tried alone: nothing else is handed over until it is known what came of it.
    second = [index for index, number in enumerate(workers.tried) if number == 1][-1]
    assert set(workers.tried[: second + 1]) <= {0, 1, 2}


@pytest.mark.parametrize("at_once", [False, True])
def test_what_kills_its_worker_three_times_has_failed_and_the_others_are_done(at_once) -> None:
    workers, died = Fragile({1: 99, 4: 99}), []
    workers.at_once = at_once
    found = done(workers, on_death=died.append)
    for number in (1, 4):
        assert str(found.pop(number)) == f"{number}.png: its worker ended: BrokenExecutor: died"
        assert died.count(ITEMS[number]) == 3
    assert found == {number: number**2 for number in (0, 2, 3, 5, 6)}


def test_a_suspect_is_alone_while_it_is_tried() -> None:
    class Slow(Fragile):
        under_way: tuple = ()

        def submit(self, task, item):
            quick = super().submit(task, item)
            if not self.renewed or item.number > 2:
                return quick
            assert not self.under_way
            self.under_way = (Future(), quick, [])
            return self.under_way[0]

        def pause(self, paused) -> None:  # at every look
            if self.under_way:
                slow, quick, looks = self.under_way
                looks.append(1)
                if len(looks) == 2:
                    self.under_way = ()
                    slow.set_result(quick.result())

    workers = Slow({1: 1})
    assert done(workers) == SQUARES
    again = workers.tried[3:-4]
    assert workers.tried == [0, 1, 2, *again, 3, 4, 5, 6]
    assert 1 in again  # and what was not told of before it
    assert set(again) <= {0, 1, 2}


def test_workers_that_die_whatever_they_do_end_the_work(monkeypatch) -> None:
    monkeypatch.setattr(work_module, "_LIVES", 99)
    workers = Fragile(dict.fromkeys(range(7), 99))
    with pytest.raises(RunError, match="12 times in a row a process died"):
        done(workers)
    assert workers.renewed == 12


def test_an_outcome_begins_the_row_anew(monkeypatch) -> None:
    monkeypatch.setattr(work_module, "_MOST_BREAKS", 2)
    assert done(Fragile({0: 1, 2: 1, 4: 1, 6: 1})) == SQUARES


def test_what_is_known_before_is_no_work() -> None:
    workers = Fragile({})
    found = done(workers, before=lambda item: -1 if item.number % 2 else None)
    assert found == SQUARES | {1: -1, 3: -1, 5: -1}
    assert workers.tried == [0, 2, 4, 6]


@pytest.mark.parametrize("stopping", [False, True])
def test_what_others_cancel_has_failed_unless_it_was_asked_for(stopping) -> None:
    progress, died = Progress(), []
    workers = Fragile({2: 1}, CancelledError())

    def look() -> None:
        if stopping:
            progress.cancel.set()

    found = done(workers, progress, on_death=died.append, on_look=look)
    if stopping:
        assert isinstance(found.pop(2), Cancelled)
        assert found == {0: 0, 1: 1}  # what was handed over
        assert died == []
    else:
        assert str(found.pop(2)) == "2.png: its worker ended: CancelledError: "
        assert len(found) == 6
        assert died == [ITEMS[2]]


def test_nothing_begins_while_it_is_paused_and_it_is_looked_at() -> None:
    progress, workers, looks = Progress(), Fragile({}), []
    progress.pause.set()

    def look() -> None:
        looks.append(list(workers.tried))
        if len(looks) == 3:
            progress.pause.clear()

    assert done(workers, progress, on_look=look) == SQUARES
    assert looks[:3] == [[], [], []]


def test_who_waits_in_a_pause_can_cancel() -> None:
    progress, workers = Progress(), Fragile({})
    progress.pause.set()
    threading.Timer(0.05, progress.cancel.set).start()
    assert done(workers, progress) == {}
    assert workers.tried == []


@pytest.mark.parametrize("after", [0, 3])
def test_nothing_begins_after_a_stop(after) -> None:
    stop, found = threading.Event(), []
    if not after:
        stop.set()
    for item, outcome in Work(ITEMS, square, ThisProcess(Progress()), Progress(), stop=stop):
        found.append((item.number, outcome))
        if len(found) == after:
            stop.set()
    assert found == [(number, number**2) for number in range(after)]


def test_a_lent_executor_gets_twice_its_workers_and_is_cancelled_where_it_can_be() -> None:
    class Executor:
        _max_workers = 4

        def submit(self, function, *values):
            future = Future()
            if values[1].number != 1:
                future.set_result(function(*values))
            return future

    workers = lent_workers(Executor(), None)
    assert isinstance(workers, Lent)
    assert workers.most == 8
    assert lent_workers(None, None) is None
    finished, waiting = (workers.submit(square, item) for item in (ITEMS[3], ITEMS[1]))
    workers.cancel([finished, waiting])
    assert (finished.result(), waiting.cancelled()) == (9, True)
    with pytest.raises(RunError, match="the executor that was given is broken"):
        workers.renew()


def test_this_process_is_stopped_by_the_token_itself() -> None:
    progress = Progress()
    workers = ThisProcess(progress)
    assert workers.submit(square, ITEMS[3]).result() == 9
    progress.cancel.set()
    assert isinstance(workers.submit(square, ITEMS[3]).result(), Cancelled)


class Begun:
    """In place of processes."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.loaded, self.is_closed = jobs, None, False

    def load(self, needs: str, count: int) -> None:
        self.loaded = needs, count

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("names", "given", "jobs", "begun"),
    [
        (["a.png", "b.JPG", "c.txt"], [""], 8, 2),
        (["a.png", "b.jpg", "c.bmp"], [""], 2, 2),
        (["a.png", "b.txt", ".b.png", ".below/c.png"], [""], 8, None),
        (["a.png", "below/b.txt"], [""], 8, 5),
        (["a.png", "b.png"], ["a.png", "b.png", "none.png"], 8, 3),
        (["a.png", "b.png"], ["a.png"], 8, None),
        (["a.png", "b.png"], ["./a.png", "./b.png"], 8, 2),
        (["a.png", "b.png"], [""], 1, None),
        (["a.png", "b.png"], ["a.png\0", ""], None, 3),
        ([], ["", "a.png"], 8, None),
    ],
)
def test_no_more_processes_begin_early_than_images_are_seen(
    monkeypatch, tmp_path, names, given, jobs, begun
):
    monkeypatch.setattr(workers_module, "Processes", Begun)
    monkeypatch.setattr(workers_module, "default_jobs", lambda: 5)
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    inputs = [as_given(f"{tmp_path}/{name}") for name in given]
    found = begin_early(inputs, jobs, "what they need")
    assert (found and (found.jobs, found.loaded)) == (
        begun and (jobs or 5, ("what they need", begun))
    )


@pytest.mark.skipif(os.name == "nt", reason="a link needs a right there")
def test_a_loop_of_links_beside_the_images_is_no_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(workers_module, "Processes", Begun)
    for name in "ab":
        (tmp_path / f"{name}.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert begin_early([tmp_path], 8, "").loaded == ("", 2)


def test_nothing_begins_early_where_there_is_no_room_for_processes(monkeypatch, tmp_path):
    made = []

    class Full(Begun):
        def load(self, needs, count):
            made.append(self)
            raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(workers_module, "Processes", Full)
    assert begin_early([tmp_path / "a.png", tmp_path / "b.png"], 2, "") is None
    assert made[0].is_closed


def test_what_is_begun_is_taken_for_several_tasks_and_ended_for_one(monkeypatch):
    monkeypatch.setattr(workers_module, "Processes", Begun)
    begun = Begun(2)
    assert own_workers(2, 7, Progress(), begun) is begun
    assert not begun.is_closed
    assert isinstance(own_workers(2, 1, Progress(), begun), ThisProcess)
    assert begun.is_closed
    assert own_workers(3, 7, Progress()).jobs == 3
