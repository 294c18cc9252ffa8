"""The services behind the data set view: a survey that can be stopped, answers that arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from srviewer.errors import SurveyError
from srviewer.gui import survey_service
from srviewer.gui.data_set.findings import Findings
from srviewer.gui.survey_service import (
    AnswerService,
    Question,
    SurveyRequest,
    SurveyService,
    jobs_beside_a_window,
)
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.runner import SurveyState, survey
from srviewer.survey.whole_set import WholeSet, load
from tests.gui.helpers import TIMEOUT
from tests.photos import crop, save

RECIPE = Recipe()


class Heard(QObject):
    """Remembers what the signals of a service say, in the order in which they come."""

    def __init__(self, service: QObject, *names: str) -> None:
        super().__init__()
        self.all: list[tuple[str, tuple[Any, ...]]] = []
        self._slots = []
        for name in names:
            slot = self._slot(name)
            self._slots.append(slot)
            getattr(service, name).connect(slot)

    def _slot(self, name: str) -> Callable[..., None]:
        return lambda *values: self.all.append((name, values))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [values for one, values in self.all if one == name]


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
def surveys(qtbot: QtBot) -> Iterator[SurveyService]:
    service = SurveyService()
    yield service
    qtbot.waitUntil(service.stop, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not service.running, timeout=TIMEOUT)


@pytest.fixture
def answers(qtbot: QtBot) -> Iterator[AnswerService]:
    service = AnswerService()
    yield service
    qtbot.waitUntil(service.stop, timeout=TIMEOUT)


def test_a_survey_leaves_a_core_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, jobs in ((1, 1), (2, 1), (8, 7)):
        monkeypatch.setattr(survey_service, "default_jobs", lambda cores=cores: cores)
        assert jobs_beside_a_window() == jobs


def test_a_survey_writes_what_the_command_line_reads(
    qtbot: QtBot, surveys: SurveyService, folder: Path, file: Path
) -> None:
    heard = Heard(surveys, "started", "state_changed", "done", "failed", "finished")
    with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
        surveys.start(SurveyRequest((folder,), file, RECIPE))
        assert surveys.running
    assert not surveys.running
    assert not heard.of("failed")
    ((state,),) = heard.of("done")
    assert (state.images, state.done, state.surveyed) == (2, 2, 2)
    assert [name for name, _ in heard.all][-2:] == ["done", "finished"]
    again = survey([folder], file, RECIPE, jobs=1)
    assert (again.already, again.surveyed) == (2, 0)


def test_a_file_that_is_no_survey_is_told(
    qtbot: QtBot, surveys: SurveyService, folder: Path, file: Path
) -> None:
    file.write_text("shopping list")
    heard = Heard(surveys, "failed", "done", "finished")
    with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
        surveys.start(SurveyRequest((folder,), file, RECIPE))
    ((message,),) = heard.of("failed")
    assert str(file) in message
    assert not heard.of("done")
    assert file.read_text() == "shopping list"


def test_an_unexpected_error_is_told_and_the_next_survey_runs(
    qtbot: QtBot,
    surveys: SurveyService,
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> SurveyState:
        raise ZeroDivisionError("oops")

    heard = Heard(surveys, "failed", "done")
    with monkeypatch.context() as patched:
        patched.setattr(survey_service, "survey", fail)
        with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
            surveys.start(SurveyRequest((folder,), file, RECIPE))
    assert heard.of("failed") == [("unexpected ZeroDivisionError: oops",)]
    with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
        surveys.start(SurveyRequest((folder,), file, RECIPE))
    assert len(heard.of("done")) == 1


def test_pause_holds_a_survey_and_cancel_ends_it(
    qtbot: QtBot, surveys: SurveyService, folder: Path, file: Path
) -> None:
    for number in range(4):
        save(crop("coffee", 20 * number, 40, 240, 200), folder / f"cup{number}.png")
    heard = Heard(surveys, "state_changed", "done")
    surveys.start(SurveyRequest((folder,), file, RECIPE))
    surveys.pause()
    qtbot.waitUntil(
        lambda: any(state.paused for (state,) in heard.of("state_changed")), timeout=TIMEOUT
    )
    assert surveys.paused
    done = heard.of("state_changed")[-1][0].done
    with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
        surveys.cancel()
        assert not surveys.paused
    ((state,),) = heard.of("done")
    assert state.cancelled
    assert done <= state.done < 6
    with qtbot.waitSignal(surveys.finished, timeout=TIMEOUT):
        surveys.start(SurveyRequest((folder,), file, RECIPE))
    last = heard.of("done")[-1][0]
    assert not last.cancelled
    assert (last.done, last.already) == (6, state.done)


def ask(
    qtbot: QtBot, service: AnswerService, question: Question
) -> dict[str, list[tuple[Any, ...]]]:
    heard = Heard(service, "read", "answered", "failed")
    with qtbot.waitSignal(service.finished, timeout=TIMEOUT):
        service.ask(question)
    return {name: heard.of(name) for name in ("read", "answered", "failed")}


def test_an_answer_is_what_the_analyses_add_up_to(
    qtbot: QtBot, answers: AnswerService, folder: Path, file: Path
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    recipe = RECIPE.replace(min_keypoints=6, error_margin=0.08)
    said = ask(qtbot, answers, Question((folder,), file, recipe))
    assert not said["failed"]
    findings: Findings = said["answered"][0][1]
    kept = [analyse(read_image(path), recipe).patches.kept for path in sorted(folder.iterdir())]
    assert findings.answer.kept.tolist() == [int(mine.sum()) for mine in kept]
    assert findings.lost is not None
    assert findings.lost.recipe.min_keypoints == 7


def test_nothing_surveyed_is_an_empty_set(
    qtbot: QtBot, answers: AnswerService, folder: Path, file: Path
) -> None:
    said = ask(qtbot, answers, Question((folder,), file, RECIPE))
    ((_, whole),) = said["read"]
    assert (len(whole.images), len(whole.pending)) == (0, 2)
    assert not said["answered"]
    assert not said["failed"]


def test_a_bad_file_is_told(qtbot: QtBot, answers: AnswerService, folder: Path, file: Path) -> None:
    file.write_bytes(b"x" * 5000)
    said = ask(qtbot, answers, Question((folder,), file, RECIPE))
    assert str(file) in said["failed"][0][1]


def test_a_set_that_is_the_same_keeps_its_answers(
    qtbot: QtBot, answers: AnswerService, folder: Path, file: Path
) -> None:
    survey([folder / "engine.png"], file, RECIPE, jobs=1)
    known = load(file, [folder], RECIPE)
    said = ask(qtbot, answers, Question((folder,), file, RECIPE, known))
    assert said["read"][0][1] is known
    survey([folder], file, RECIPE, jobs=1)
    said = ask(qtbot, answers, Question((folder,), file, RECIPE, known))
    assert len(said["read"][0][1].images) == 2


def test_the_newest_question_comes_next_and_those_between_are_dropped(
    qtbot: QtBot,
    answers: AnswerService,
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    known = load(file, [folder], RECIPE)
    begun, go_on = threading.Event(), threading.Event()
    look_over = survey_service.look_over

    def slow(whole: WholeSet, recipe: Recipe, progress: Progress) -> Findings:
        begun.set()
        assert go_on.wait(TIMEOUT / 1000)
        return look_over(whole, recipe, progress)

    monkeypatch.setattr(survey_service, "look_over", slow)
    heard = Heard(answers, "answered")
    margins = (0.05, 0.06, 0.07, 0.08)
    first = Question((folder,), file, RECIPE, known, reads=False)
    for margin in margins:
        answers.ask(replace(first, recipe=RECIPE.replace(error_margin=margin)))
        qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    assert answers.busy
    go_on.set()
    qtbot.waitUntil(lambda: len(heard.of("answered")) == 2, timeout=TIMEOUT)
    told = [findings.answer.recipe.error_margin for _, findings in heard.of("answered")]
    assert told == [0.05, 0.08]
    qtbot.waitUntil(lambda: not answers.busy, timeout=TIMEOUT)


def test_a_question_about_other_images_stops_the_one_before(
    qtbot: QtBot,
    answers: AnswerService,
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    begun = threading.Event()
    look_over = survey_service.look_over

    def endless(whole: WholeSet, recipe: Recipe, progress: Progress) -> Findings:
        if len(whole.images) == 2:
            begun.set()
            assert progress.cancel.wait(TIMEOUT / 1000)
            progress.check()
        return look_over(whole, recipe, progress)

    monkeypatch.setattr(survey_service, "look_over", endless)
    heard = Heard(answers, "answered")
    answers.ask(Question((folder,), file, RECIPE))
    qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    answers.ask(Question((folder / "engine.png",), file, RECIPE))
    qtbot.waitUntil(lambda: len(heard.of("answered")) == 1, timeout=TIMEOUT)
    assert len(heard.of("answered")[0][1].answer.images) == 1


def test_an_unexpected_error_is_told(
    qtbot: QtBot,
    answers: AnswerService,
    folder: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> WholeSet:
        raise SurveyError("the disk is gone")

    monkeypatch.setattr(survey_service, "load", fail)
    said = ask(qtbot, answers, Question((folder,), file, RECIPE))
    assert said["failed"][0][1] == "the disk is gone"
    monkeypatch.setattr(survey_service, "load", lambda *_, **__: 1 / 0)
    said = ask(qtbot, answers, Question((folder,), file, RECIPE))
    assert "ZeroDivisionError" in said["failed"][0][1]


def test_stop_ends_the_thread_whatever_runs(
    qtbot: QtBot, answers: AnswerService, folder: Path, file: Path
) -> None:
    survey([folder], file, RECIPE, jobs=1)
    answers.ask(Question((folder,), file, RECIPE))
    qtbot.waitUntil(lambda: answers.stop(100), timeout=TIMEOUT)
    answers.ask(Question((folder,), file, RECIPE))  # and it starts again where it is asked
    qtbot.waitUntil(lambda: not answers.busy, timeout=TIMEOUT)
