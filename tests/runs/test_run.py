"""The skeleton of a run: what its states share, and how it counts time."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from srviewer.errors import Cancelled, ReadError, RunStopped, SrviewerError
from srviewer.pipeline.progress import Progress
from srviewer.runs import marks
from srviewer.runs import state as state_of_runs
from srviewer.runs.inputs import Input, collect, images_in
from srviewer.runs.marks import mark_file
from srviewer.runs.run import Run
from srviewer.runs.state import Failure, Log, Pace, RunState
from srviewer.runs.workers import own_workers

IMAGES = [Input(Path(f"{number}.png"), f"{number}.png", str(number)) for number in range(4)]


def test_a_log_that_grows_copies_nothing_and_older_ones_stay_as_they_are():
    first: Log[int] = Log([1])
    second = first.plus(2)
    third = second.plus(3, 4)
    assert (first, second, third) == ([1], (1, 2), [1, 2, 3, 4])
    assert third._entries is second._entries is first._entries
    other = second.plus(9)  # which parts from the third
    assert (list(other), list(third), third[1:], third[-1]) == (
        [1, 2, 9],
        [1, 2, 3, 4],
        [2, 3, 4],
        4,
    )
    assert [[n in log for n in (1, 2, 3, 9)] for log in (second, third, other)] == [
        [True, True, False, False],
        [True, True, True, False],
        [True, True, False, True],
    ]
    with pytest.raises(IndexError):
        second[2]


def test_states_of_a_run_share_their_notes_and_failures():
    states: list[RunState] = []
    run = Run(RunState(images=4), Progress(), states.append)
    for number, image in enumerate(IMAGES):
        run.count(image, ReadError("torn", path=image.path) if number % 2 else None, "a note")
    assert [len(state.notes) for state in states] == [1, 2, 3, 4]
    assert len({id(state.notes._entries) for state in states}) == 1
    assert run.end().failures == [Failure("1.png", "torn"), Failure("3.png", "torn")]


def test_words_of_a_failure_name_the_image_once_and_other_files_too():
    path = Path("a.png")
    assert Failure.of(path, ReadError("torn", path=path)).cause == "torn"
    assert Failure.of(path, SrviewerError("lost")).cause == "lost"
    assert Failure.of(path, SrviewerError("full", path="out")).cause == "out: full"


def test_a_failure_that_stops_all_ends_the_work():
    def task(image: Input, progress: Progress) -> None:
        raise RunStopped("full")

    run = Run(RunState(images=4), Progress())
    workers = own_workers(1, 4, run.progress)
    for image, outcome in run.work(IMAGES, task, workers):
        run.count(image, outcome)
    assert (run.state.done, run.end().cancelled) == (1, False)


def test_what_was_stopped_is_no_outcome():
    progress = Progress()

    def task(image: Input, own: Progress) -> str:
        if image is IMAGES[1]:
            progress.cancel.set()
        own.check()
        return image.name

    run = Run(RunState(images=4), progress)
    found = list(run.work(IMAGES, task, own_workers(1, 4, progress)))
    assert found == [(IMAGES[0], "0.png")]
    assert run.end().cancelled


def test_words_before_the_work_are_told_at_once_if_there_are_any():
    states: list[RunState] = []
    run = Run(RunState(images=4), Progress(), states.append)
    run.note_first("folder", "")
    assert states == []
    run.note_first("folder", "passed over")
    assert [list(state.notes) for state in states] == [[("folder", "passed over")]]


def test_the_time_that_a_task_in_this_process_waits_does_not_count():
    states: list[RunState] = []
    run = Run(RunState(images=4), Progress(), states.append)

    def task(image: Input, progress: Progress) -> None:
        run.progress.pause.set()
        threading.Timer(0.3, run.progress.pause.clear).start()
        progress.check()

    begun = time.monotonic()
    for image, outcome in run.work(IMAGES[:1], task, own_workers(1, 1, run.progress)):
        run.count(image, outcome)
    assert [state.paused for state in states] == [True, False, False]
    assert run.end().seconds <= time.monotonic() - begun - 0.25


def test_what_remains_is_told_by_those_after_the_first_and_not_before_some_are_done(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(state_of_runs, "time", SimpleNamespace(monotonic=lambda: now[0]))
    images = [Input(Path(f"{number}.png"), f"{number}.png", str(number)) for number in range(12)]
    states: list[RunState] = []
    run = Run(RunState(images=14, done=2, already=2), Progress(), states.append)

    def task(image: Input, progress: Progress) -> None:
        now[0] += 1.0 if image is not images[0] else 30.0  # libraries are loaded first

    for image, outcome in run.work(images, task, own_workers(1, 12, run.progress)):
        run.count(image, outcome)
    left = [state.seconds_left for state in states]
    assert left == [None, None, None, *map(pytest.approx, (8, 7, 6, 5, 4, 3, 2, 1)), 0]


def test_workers_that_begin_together_are_not_taken_for_fast_ones(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(state_of_runs, "time", SimpleNamespace(monotonic=lambda: now[0]))
    pace = Pace(4)
    left = []
    for done in range(1, 41):
        now[0] = 10.0 + 2 * ((done - 1) // 4)  # four at a time, the first after 10 s
        state = RunState(images=40, done=done, seconds=now[0])
        left.append(pace.left(state))
        pace.note(state)
    assert left[:7] == [None] * 7
    truth = [28.0 - 10.0 - 2 * ((done - 1) // 4) for done in range(8, 41)]
    assert left[7] == pytest.approx(truth[0])
    assert all(
        true <= told <= 2 * true + 2 for true, told in zip(truth[:-1], left[7:-1], strict=True)
    )


def test_cancel_is_heard_within_a_large_file_and_within_a_large_folder(tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    file.write_bytes(bytes(100))
    monkeypatch.setattr(marks, "_BLOCK", 10)
    progress = Progress()
    looks: list[int] = []

    class Counting(threading.Event):
        def is_set(self) -> bool:
            looks.append(1)
            return len(looks) > 3

    progress = replace(progress, cancel=Counting())
    with pytest.raises(Cancelled):
        mark_file(file, progress)
    for number in range(5):
        (tmp_path / f"{number}.png").touch()
    for search in (images_in, lambda folder, progress: collect([folder], progress=progress)):
        looks.clear()
        with pytest.raises(Cancelled):
            search(tmp_path, progress=progress)
        assert len(looks) == 4
