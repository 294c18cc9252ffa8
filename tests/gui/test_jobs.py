"""Jobs on their runners: what is told, in which order, and that a thread ends when it should."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from srviewer.errors import Cancelled, ReadError, SrviewerError
from srviewer.gui.jobs import answers
from srviewer.gui.jobs.answers import Question
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell, stop_runners
from srviewer.gui.state import data_set
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.overview import Overview
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import WholeSet, load
from tests.gui.helpers import TIMEOUT
from tests.photos import crop, save

RECIPE = Recipe()
MakeRunner = Callable[[Queue], Runner]


class Heard(QObject):
    """Remembers what signals say, in the order in which they come, and in which thread."""

    def __init__(self, of: QObject, *names: str) -> None:
        super().__init__()
        self.all: list[tuple[str, tuple[Any, ...]]] = []
        self.threads: set[int] = set()
        self._slots = [partial(self._hear, name) for name in names]
        for name, slot in zip(names, self._slots, strict=True):
            getattr(of, name).connect(slot)

    def _hear(self, name: str, *values: Any) -> None:
        self.threads.add(threading.get_ident())
        self.all.append((name, values))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [values for one, values in self.all if one == name]


@pytest.fixture
def make_runner(qtbot: QtBot) -> Iterator[MakeRunner]:
    made: list[Runner] = []

    def make(queue: Queue) -> Runner:
        made.append(Runner("test", queue))
        return made[-1]

    yield make
    for runner in made:
        qtbot.waitUntil(partial(runner.stop, 100), timeout=TIMEOUT)


class Gate:
    """Jobs that wait until they are let through, and then return their number."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.begun: list[int] = []
        self.open = threading.Event()
        self.heard = Heard(runner, "told", "done", "failed", "finished")

    def start(self, number: int) -> Job:
        job = Job(partial(self._work, number), about=number)
        self.runner.start(job)
        return job

    def _work(self, number: int, progress: Progress, tell: Tell) -> int:
        self.begun.append(number)
        tell(-number)
        assert self.open.wait(200)
        progress.check()
        return number

    def wait(self, qtbot: QtBot) -> list[int]:
        """Let all through, and return the results that were told."""
        self.open.set()
        qtbot.waitUntil(lambda: not self.runner.busy, timeout=TIMEOUT)
        return [result for result, _ in self.heard.of("done")]


# One runner


def test_a_job_tells_and_ends_in_this_thread(qtbot: QtBot, make_runner: MakeRunner) -> None:
    runner = make_runner(Queue.REPLACE)
    heard = Heard(runner, "progressed", "told", "done", "failed", "finished")
    threads = []

    def work(progress: Progress, tell: Tell) -> str:
        threads.append(threading.get_ident())
        for done in range(1000):
            progress.report("count", done, 999)
        tell("half")
        return "whole"

    job = Job(work)
    with qtbot.waitSignal(runner.finished, timeout=TIMEOUT):
        runner.start(job)
        assert runner.current is job
    assert not runner.busy
    assert threads != [threading.get_ident()]
    assert heard.threads == {threading.get_ident()}
    reports = heard.of("progressed")
    assert reports[0] == ("count", 0, 999, job)
    assert reports[-1] == ("count", 999, 999, job)
    assert len(reports) < 50, "no more than a person sees"
    assert heard.all[-3:] == [
        ("told", ("half", job)),
        ("done", ("whole", job)),
        ("finished", (job,)),
    ]


@pytest.mark.parametrize(
    ("error", "path", "said"),
    [
        (ReadError("bent", path="b.png"), Path("a.png"), "b.png: bent"),
        (SrviewerError("bent"), Path("a.png"), "a.png: bent"),
        (MemoryError(), Path("a.png"), "a.png: not enough memory for this image"),
        (ZeroDivisionError("oops"), Path("a.png"), "a.png: ZeroDivisionError: oops"),
        (ZeroDivisionError("oops"), None, "unexpected ZeroDivisionError: oops"),
    ],
)
def test_whatever_is_raised_is_told_and_the_next_job_is_done(
    qtbot: QtBot, make_runner: MakeRunner, error: Exception, path: Path | None, said: str
) -> None:
    runner = make_runner(Queue.IN_TURN)
    heard = Heard(runner, "done", "failed", "finished")

    def fail(*_: object) -> None:
        raise error

    runner.start(Job(fail, path=path))
    runner.start(Job(lambda *_: "good"))
    qtbot.waitUntil(lambda: not runner.busy, timeout=TIMEOUT)
    assert [name for name, _ in heard.all] == ["failed", "finished", "done", "finished"]
    told = heard.of("failed")[0][0]
    assert isinstance(told, SrviewerError)
    assert str(told) == said


def test_a_cancelled_job_only_finishes(qtbot: QtBot, make_runner: MakeRunner) -> None:
    gate = Gate(make_runner(Queue.IN_TURN))
    job = gate.start(1)
    job.pause.set()
    job.stop()
    assert not job.pause.is_set(), "what waits goes on, to its end"
    assert gate.wait(qtbot) == []
    assert [name for name, _ in gate.heard.all] == ["told", "finished"]
    assert not gate.heard.of("failed")


@pytest.mark.parametrize(
    ("queue", "begun", "results"),
    [
        (Queue.REPLACE, [1, 4], [4]),
        (Queue.NEWEST, [1, 4], [1, 4]),
        (Queue.IN_TURN, [1, 2, 3, 4], [1, 2, 3, 4]),
    ],
)
def test_what_becomes_of_the_jobs_before(
    qtbot: QtBot, make_runner: MakeRunner, queue: Queue, begun: list[int], results: list[int]
) -> None:
    gate = Gate(make_runner(queue))
    for number in (1, 2, 3, 4):
        gate.start(number)
        qtbot.waitUntil(lambda: bool(gate.begun), timeout=TIMEOUT)
    assert gate.wait(qtbot) == results
    assert gate.begun == begun
    assert [job.about for (job,) in gate.heard.of("finished")] == results


def test_nothing_is_told_of_a_dropped_job(qtbot: QtBot, make_runner: MakeRunner) -> None:
    gate = Gate(make_runner(Queue.REPLACE))
    gate.start(1)
    qtbot.waitUntil(lambda: gate.begun == [1], timeout=TIMEOUT)
    gate.runner.drop()
    assert not gate.runner.busy
    gate.heard.all.clear()
    gate.start(2)
    assert gate.wait(qtbot) == [2]
    assert {values[-1].about for _, values in gate.heard.all} == {2}


def test_stop_tells_when_a_job_takes_longer_and_a_later_one_starts_the_thread_again(
    qtbot: QtBot, make_runner: MakeRunner
) -> None:
    gate = Gate(make_runner(Queue.REPLACE))
    gate.start(1)
    qtbot.waitUntil(lambda: gate.begun == [1], timeout=TIMEOUT)
    assert not gate.runner.stop(20)
    gate.start(2)  # while the thread is about to end
    assert gate.wait(qtbot) == [2]
    assert gate.runner.stop(10_000)
    assert not gate.runner._thread.isRunning()
    gate.start(3)
    assert gate.wait(qtbot) == [2, 3]


def test_a_closed_runner_begins_nothing_whatever_is_told_late(
    qtbot: QtBot, make_runner: MakeRunner
) -> None:
    gate = Gate(make_runner(Queue.IN_TURN))
    gate.start(1)
    qtbot.waitUntil(lambda: gate.begun == [1], timeout=TIMEOUT)
    gate.runner.close()
    gate.start(2)
    assert not gate.runner.busy
    gate.open.set()
    assert gate.runner.stop(10_000)
    gate.start(3)
    assert not gate.runner._thread.isRunning()
    assert gate.begun == [1]


# Runs over many images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    save(crop("motorcycle", 200, 100, 250, 200), folder / "engine.png")
    save(crop("astronaut", 100, 0, 256, 240), folder / "portrait.png")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "survey.sqlite"


@pytest.fixture
def run(qtbot: QtBot) -> Iterator[ImagesRun]:
    made = ImagesRun("survey")
    yield made
    qtbot.waitUntil(made.stop, timeout=TIMEOUT)


def test_a_survey_leaves_a_core_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, jobs in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(data_set, "default_jobs", lambda cores=cores: cores)
        assert data_set.jobs_beside_a_window() == jobs


def test_a_run_writes_what_the_command_line_reads(
    qtbot: QtBot, run: ImagesRun, folder: Path, file: Path
) -> None:
    (folder / "text.png").write_text("no picture")
    heard = Heard(run, "state_changed", "image_failed", "done", "failed", "finished")
    with qtbot.waitSignal(run.finished, timeout=TIMEOUT):
        run.begin(partial(survey, [folder], file, RECIPE, jobs=1))
        run.begin(partial(survey, [folder], file, RECIPE, jobs=1))  # one runs: nothing happens
        assert run.busy
    assert not run.busy
    ((state, _),) = heard.of("done")
    assert run.state is state
    assert (state.images, state.done, state.surveyed) == (3, 3, 2)
    assert [name for name, _ in heard.all][-3:] == ["done", "state_changed", "finished"]
    ((message,),) = heard.of("image_failed")  # once, though the last state comes twice
    assert message.startswith(f"{folder / 'text.png'}: ")
    assert survey([folder], file, RECIPE, jobs=1).already == 3


def test_a_run_that_cannot_be_is_told_and_the_next_one_runs(
    qtbot: QtBot, run: ImagesRun, folder: Path, file: Path
) -> None:
    file.write_text("shopping list")
    heard = Heard(run, "failed", "done")
    for path in (file, file.with_name("other.sqlite")):
        with qtbot.waitSignal(run.finished, timeout=TIMEOUT):
            run.begin(partial(survey, [folder], path, RECIPE, jobs=1))
    ((error, _),) = heard.of("failed")
    assert str(file) in str(error)
    assert len(heard.of("done")) == 1
    assert file.read_text() == "shopping list"


def test_pause_holds_a_run_and_cancel_ends_it(
    qtbot: QtBot, run: ImagesRun, folder: Path, file: Path
) -> None:
    for number in range(4):
        save(crop("coffee", 20 * number, 40, 240, 200), folder / f"cup{number}.png")
    heard = Heard(run, "done")
    start = partial(run.begin, partial(survey, [folder], file, RECIPE, jobs=1))
    start()
    run.pause_or_resume()
    qtbot.waitUntil(lambda: run.state is not None and run.state.paused, timeout=TIMEOUT)
    assert run.paused
    done = run.state.done
    with qtbot.waitSignal(run.finished, timeout=TIMEOUT):
        run.cancel()
        assert run.cancelled
        assert not run.paused
    ((state, _),) = heard.of("done")
    assert state.cancelled
    assert done <= state.done < 6
    with qtbot.waitSignal(run.finished, timeout=TIMEOUT):
        start()
    assert not run.state.cancelled
    assert (run.state.done, run.state.already) == (6, state.done)


# Answers from a survey


def ask(qtbot: QtBot, runner: Runner, question: Question) -> dict[str, Any]:
    """Return what the job told, its result, and what it failed with, where there is such."""
    heard = Heard(runner, "told", "done", "failed")
    with qtbot.waitSignal(runner.finished, timeout=TIMEOUT):
        runner.start(question.job())
    return {name: values[0] for name, values in heard.all}


def test_an_answer_is_what_the_analyses_add_up_to(
    qtbot: QtBot, make_runner: MakeRunner, folder: Path, file: Path
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    recipe = RECIPE.replace(min_keypoints=6, error_margin=0.08)
    said = ask(qtbot, make_runner(Queue.NEWEST), Question((folder,), file, recipe))
    overview: Overview = said["done"]
    kept = [analyse(read_image(path), recipe).patches.kept for path in sorted(folder.iterdir())]
    assert overview.answer.kept.tolist() == [int(mine.sum()) for mine in kept]
    assert overview.lost is not None
    assert overview.lost.recipe.min_keypoints == 7


def test_nothing_surveyed_is_an_empty_set_and_a_bad_file_is_told(
    qtbot: QtBot, make_runner: MakeRunner, folder: Path, file: Path
) -> None:
    runner = make_runner(Queue.NEWEST)
    said = ask(qtbot, runner, Question((folder,), file, RECIPE))
    assert (len(said["told"].images), len(said["told"].pending)) == (0, 2)
    assert said["done"] is None
    file.write_bytes(b"x" * 5000)
    said = ask(qtbot, runner, Question((folder,), file, RECIPE))
    assert str(file) in str(said["failed"])


def test_a_set_that_is_the_same_keeps_its_answers(
    qtbot: QtBot, make_runner: MakeRunner, folder: Path, file: Path
) -> None:
    runner = make_runner(Queue.NEWEST)
    survey([folder / "engine.png"], file, RECIPE, jobs=1)
    known = load(file, [folder], RECIPE)
    question = Question((folder,), file, RECIPE, known)
    assert ask(qtbot, runner, question)["told"] is known
    survey([folder], file, RECIPE, jobs=1)
    assert len(ask(qtbot, runner, question)["told"].images) == 2
    assert "told" not in ask(qtbot, runner, replace(question, reads=False))


def test_an_answer_is_stopped_on_its_way(
    qtbot: QtBot,
    make_runner: MakeRunner,
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    begun, stopped = threading.Event(), threading.Event()

    def endless(whole: WholeSet, recipe: Recipe, progress: Progress) -> None:
        begun.set()
        assert progress.cancel.wait(TIMEOUT / 1000)
        with pytest.raises(Cancelled):
            progress.check()
        stopped.set()

    monkeypatch.setattr(answers, "look_over", endless)
    runner = make_runner(Queue.NEWEST)
    runner.start(Question((folder,), file, RECIPE).job())
    qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    runner.drop()
    qtbot.waitUntil(stopped.is_set, timeout=TIMEOUT)


def test_questions_about_one_survey_of_the_same_images_are_told_from_others() -> None:
    question = Question((Path("a"),), Path("s"), RECIPE)
    same = replace(question, recipe=RECIPE.replace(error_margin=0.2))
    others = (
        replace(question, images=(Path("b"),)),
        replace(question, file=Path("t")),
        replace(question, recipe=RECIPE.replace(stride=28)),
    )
    assert question.is_about_the_same(same)
    assert not any(map(question.is_about_the_same, others))


def test_a_timer_that_comes_late_starts_no_thread_anew_once_all_runners_were_ended(
    qtbot: QtBot,
) -> None:
    owner = QObject()
    runner = Runner("late", Queue.REPLACE, owner)
    assert stop_runners(owner)
    runner.start(Job(lambda progress, tell: None))
    assert not runner.busy
    assert not runner._thread.isRunning()
