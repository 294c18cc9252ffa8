"""Surveys that go on where they were, whoever does the work."""

import errno
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from srviewer.errors import ReadError, SurveyError
from srviewer.pipeline.progress import Progress
from srviewer.runs import database
from srviewer.runs.database import NO_LOCKS
from srviewer.runs.versions import VERSIONS
from srviewer.survey import runner
from srviewer.survey.file import SurveyFile
from srviewer.survey.measure import COMPUTES, measure_image
from srviewer.survey.overview import look_over
from srviewer.survey.runner import SurveyState, survey
from srviewer.survey.whole_set import load
from tests.photos import crop, save
from tests.survey.helpers import RECIPE, contents


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "survey.sqlite"


def run(paths, file, recipe=RECIPE, **options) -> SurveyState:
    paths = [paths] if isinstance(paths, Path) else paths
    return survey(paths, file, recipe, **{"jobs": 1} | options)


@pytest.fixture
def measured(monkeypatch) -> list[str]:
    """Return a list that the names of the images are added to that are measured."""
    names: list[str] = []
    real = runner.measure_image

    def measure(path, recipe, progress, lr=None):
        names.append(path.name)
        return real(path, recipe, progress)

    monkeypatch.setattr(runner, "measure_image", measure)
    return names


# Who does the work


def test_processes_threads_and_any_executor_keep_the_same(image_set, quiet, tmp_path):
    assert run(image_set, tmp_path / "two.sqlite", jobs=2).surveyed == 6
    with ThreadPoolExecutor(2) as pool:
        state = run(image_set, tmp_path / "pool.sqlite", jobs=None, executor=pool)
        assert pool.submit(int, "3").result() == 3  # it is left open
    assert state.surveyed == 6
    expected = contents(quiet)
    assert len(expected) == 6
    assert contents(tmp_path / "two.sqlite") == expected
    assert contents(tmp_path / "pool.sqlite") == expected


def test_two_dask_workers_keep_the_same(image_set, quiet, file):
    distributed = pytest.importorskip("distributed")
    with (
        SurveyFile(file, RECIPE, COMPUTES, writing=True) as known,
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
        ) as cluster,
    ):
        # So that there are two rounds, each with the same cluster.
        assert known.claim(image_set / "motor.png", "another", anyway=False)
        state = run(image_set, file, jobs=None, scheduler=cluster.scheduler_address)
    assert (state.surveyed, state.failures) == (6, ())
    assert contents(file) == contents(quiet)


def test_states_count_up_and_end_with_all(image_set, file):
    states: list[SurveyState] = []
    last = run(image_set, file, on_state=states.append)
    assert [state.done for state in states] == [0, 1, 2, 3, 4, 5, 6]
    assert all(state.images == 6 for state in states)
    assert (last.surveyed, last.already, last.cancelled) == (6, 0, False)
    assert last.windows == sum(image.windows for image in load(file, [image_set], RECIPE).images)
    assert last.rate > 0
    assert last.seconds_left == 0
    assert ("motor.png", "trimmed from 281 x 230 to 280 x 228 px") in last.notes


def test_an_empty_folder_is_told(tmp_path, file):
    (tmp_path / "empty").mkdir()
    (failure,) = run(tmp_path / "empty", file).failures
    assert "no images in this folder" in failure.cause


# What is known is not done again


def test_nothing_is_done_twice_and_nothing_is_read_twice(image_set, file, measured, monkeypatch):
    run(image_set, file)
    monkeypatch.setattr(runner, "mark_files", None)  # would fail if a file were hashed
    state = run(image_set, file)
    assert len(measured) == 6
    assert (state.done, state.already, state.surveyed) == (6, 6, 0)
    same = RECIPE.replace(crop="whole", keypoint_scope="image", min_matches=2, lr_layout="upscaled")
    assert run(image_set, file, same).surveyed == 0


def test_what_is_new_changed_or_needed_by_another_recipe_is_done(copies, file, measured):
    run(copies, file)
    del measured[:]
    save(crop("grass", 0, 0, 80, 80), copies / "new.png")
    save(crop("grass", 30, 30, 90, 80), copies / "motor.png")
    assert run(copies, file).surveyed == 2
    assert sorted(measured) == ["motor.png", "new.png"]
    assert run(copies, file, RECIPE.replace(stride=25)).surveyed == 7
    assert run(copies, file).surveyed == 0


def test_a_file_is_known_by_its_content(copies, file, measured):
    run(copies, file)
    del measured[:]
    os.utime(copies / "motor.png", (1, 1))
    shutil.copy(copies / "half.png", copies / "copy.png")
    (copies / "flat.png").rename(copies / "sub" / "renamed.png")
    before = load(file, [copies], RECIPE)
    assert len(before.images) == 4
    assert {image.name for image in before.pending} == {"motor.png", "copy.png", "sub/renamed.png"}
    state = run(copies, file)
    assert (state.images, state.already, measured) == (7, 7, [])
    after = load(file, [copies], RECIPE)
    assert [image.name for image in after.images] == [
        "copy.png", "half.png", "motor.png", "sub/cat.png", "sub/man.bmp", "sub/renamed.png",
        "tiny.png",
    ]  # fmt: skip
    kept = after.under(RECIPE).kept
    assert kept[0] == kept[1] > 0


def test_only_images_that_are_given_are_answered_for(image_set, quiet):
    found = load(quiet, [image_set / "sub", image_set / "tiny.png"], RECIPE)
    assert [image.name for image in found.images] == ["cat.png", "man.bmp", "tiny.png"]


def test_a_set_is_loaded_anew_without_reading_what_is_held(copies, file, monkeypatch):
    (copies / "tiny.png").rename(copies / ".tiny.png")  # hidden, so not taken yet
    run(copies, file)
    before = load(file, [copies], RECIPE)
    (copies / ".tiny.png").rename(copies / "tiny.png")
    run(copies, file)
    read = []
    real = SurveyFile.content
    monkeypatch.setattr(
        SurveyFile, "content", lambda *arguments: read.append(1) or real(*arguments)
    )
    after = load(file, [copies], RECIPE, previous=before)
    assert len(read) == 1
    fresh = load(file, [copies], RECIPE).under(RECIPE)
    assert after.under(RECIPE).totals == fresh.totals
    assert len(after.images) == 6


def test_without_a_survey_all_is_pending(image_set, tmp_path):
    found = load(tmp_path / "none.sqlite", [image_set], RECIPE)
    assert len(found.pending) == 6
    answer = found.under(RECIPE)
    assert (answer.totals.images, answer.totals.pending, answer.totals.pairs) == (0, 6, 0)
    assert answer.curve().suggest(5).enough is False
    assert found.distributions(RECIPE)["psnr"].all.sum() == 0
    assert list(answer.areas_used) == []
    assert look_over(found, RECIPE).lost.lost == ()
    assert not (tmp_path / "none.sqlite").exists()


# Failures


def test_failures_are_kept_and_tried_again_when_asked_or_changed(copies, file, measured):
    (copies / "torn.png").write_bytes((copies / "motor.png").read_bytes()[:2000])
    save(crop("grass", 0, 0, 20, 20), copies / "small.png")
    first = run(copies, file)
    causes = {Path(failure.image).name: failure.cause for failure in first.failures}
    assert set(causes) == {"torn.png", "small.png"}
    assert "smaller than one patch" in causes["small.png"]
    assert (first.done, first.surveyed) == (8, 6)
    found = load(file, [copies], RECIPE)
    assert {failure.name: failure.cause for failure in found.failures} == causes
    assert found.under(RECIPE).totals.failed == 2

    del measured[:]
    second = run(copies, file)
    assert measured == []
    assert set(second.failures) == set(first.failures)
    assert second.already == 8
    run(copies, file, retry_failed=True)
    assert sorted(measured) == ["small.png", "torn.png"]
    save(crop("grass", 0, 0, 60, 60), copies / "torn.png")
    third = run(copies, file)
    assert [Path(failure.image).name for failure in third.failures] == ["small.png"]
    assert len(load(file, [copies], RECIPE).images) == 7


def test_a_missing_file_is_tried_again_each_time(image_set, tmp_path, file):
    missing = tmp_path / "missing.png"
    assert "No such file" in run([missing], file).failures[0].cause
    save(crop("grass", 0, 0, 60, 60), missing)
    assert run([missing], file).surveyed == 1


def test_a_copy_that_could_not_be_compared_is_surveyed(copies, file, measured, monkeypatch):
    run(copies, file)
    shutil.copy(copies / "tiny.png", copies / "same.png")
    measured.clear()

    def refuse(files, progress=None):
        raise ReadError("of no use", path=files[0])

    monkeypatch.setattr(runner, "mark_files", refuse)
    assert run(copies, file).surveyed == 1
    assert measured == ["same.png"]


def test_whatever_one_image_does_the_others_are_surveyed(image_set, file, monkeypatch):
    real = runner.measure_image

    def measure(path, recipe, progress, lr=None):
        if path.name == "cat.png":
            raise ZeroDivisionError("of all things")
        return real(path, recipe, progress)

    monkeypatch.setattr(runner, "measure_image", measure)
    state = run(image_set, file)
    (failure,) = state.failures
    assert "unexpected ZeroDivisionError: of all things" in failure.cause
    assert state.surveyed == 5


def test_a_file_that_cannot_be_written_any_more_ends_the_survey(image_set, file, monkeypatch):
    real = SurveyFile.add

    def add(self, files, record):
        if files[0].name == "motor.png":
            raise SurveyError(f"{file}: database or disk is full")
        return real(self, files, record)

    monkeypatch.setattr(SurveyFile, "add", add)
    with pytest.raises(SurveyError, match="disk is full"):
        run(image_set, file)
    monkeypatch.setattr(SurveyFile, "add", real)
    assert run(image_set, file).already == 2  # flat.png and half.png came before


# Cancel and pause


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_cancelled_survey_goes_on_where_it_was(image_set, quiet, file, jobs):
    cancel = threading.Event()

    def stop(state: SurveyState) -> None:
        if state.surveyed == 2:
            cancel.set()

    state = run(image_set, file, jobs=jobs, progress=Progress(cancel=cancel), on_state=stop)
    assert state.cancelled
    assert 2 <= state.surveyed < 6
    assert len(contents(file)) == state.surveyed
    again = run(image_set, file, jobs=jobs)
    assert again.already == state.surveyed
    assert not again.cancelled
    assert contents(file) == contents(quiet)


def test_cancelled_while_it_searches(image_set, file):
    cancel = threading.Event()
    cancel.set()
    state = run(image_set, file, progress=Progress(cancel=cancel))
    assert (state.cancelled, state.images) == (True, 0)
    assert not file.exists()


def test_no_image_is_begun_while_it_is_paused(image_set, file):
    pause, states = threading.Event(), []

    def on_state(state: SurveyState) -> None:
        states.append(state)
        if state.surveyed == 1 and not any(earlier.paused for earlier in states):
            pause.set()
            threading.Timer(0.5, pause.clear).start()

    progress = Progress(pause=pause)
    assert run(image_set, file, progress=progress, on_state=on_state).surveyed == 6
    paused = [state.paused for state in states]
    assert True in paused
    assert paused[-1] is False


# Sharing


def test_what_another_program_claimed_is_left_for_last(image_set, file, measured):
    with SurveyFile(file, RECIPE, COMPUTES, writing=True) as known:
        for name in ("flat.png", "sub/cat.png"):
            assert known.claim(image_set / name, "another", anyway=False)
        state = run(image_set, file)
    assert state.surveyed == 6
    assert measured[-2:] == ["flat.png", "cat.png"]
    assert len(measured) == 6


def test_what_another_program_does_meanwhile_is_not_done(image_set, quiet, file, monkeypatch):
    real = runner.measure_image
    names = []

    def measure(path, recipe, progress, lr=None):
        if not names:  # the other program does all but this image now
            others = [p for p in image_set.rglob("*.*") if p.is_file() and p != path]
            names.append(path.name)
            run(others, file)
        else:
            names.append(path.name)
        return real(path, recipe, progress)

    monkeypatch.setattr(runner, "measure_image", measure)
    state = run(image_set, file)
    assert (state.done, state.surveyed, state.already) == (6, 1, 5)
    assert len(names) == 6
    assert contents(file) == contents(quiet)


def test_a_claim_ends_with_the_survey(image_set, file, monkeypatch):
    def measure(path, recipe, progress, lr=None):
        raise ReadError("of no use", path=path)

    monkeypatch.setattr(runner, "measure_image", measure)
    run(image_set, file)
    with SurveyFile(file, RECIPE, COMPUTES, writing=True) as known:
        assert all(known.claim(path, "next", anyway=False) for path in image_set.rglob("*.png"))


def test_records_of_another_version_are_told_and_made_anew(copies, file, measured):
    with SurveyFile(file, RECIPE, 1, writing=True) as known:
        photo = copies / "motor.png"
        known.add(photo, measure_image(photo, RECIPE))
    measured.clear()
    state = run(copies, file)
    assert (state.surveyed, state.already) == (6, 0)
    assert len(measured) == 6
    told = "records of another version, which read images otherwise"
    assert [note for _, note in state.notes if told in note]


def test_other_libraries_are_told(copies, file, monkeypatch):
    run(copies, file)
    monkeypatch.setitem(VERSIONS, "Pillow", "99.9")
    state = run(copies, file)
    assert state.already == 6
    assert [note for _, note in state.notes if note.endswith("there, 99.9 here")]


@pytest.mark.skipif(database.fcntl is None, reason="locks always work there")
def test_a_share_without_locks_is_told_and_used(image_set, file, monkeypatch):
    def refuse(*_) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(database.fcntl, "lockf", refuse)
    state = run(image_set / "flat.png", file)
    assert state.notes[0][1] == NO_LOCKS
    assert (state.surveyed, state.failures) == (1, ())
