"""What is said of a survey."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srviewer.runs.state import Failure
from srviewer.survey import messages
from srviewer.survey.answer import Copies, ImageChange, Step, Suggestion
from srviewer.survey.runner import SurveyState
from tests.survey.helpers import RECIPE


def test_a_survey_is_told_as_far_as_it_is() -> None:
    assert messages.running(None) == "Surveying: starting"
    state = SurveyState(
        file=Path("s"), images=24, done=12, already=2, surveyed=9, seconds=3.0, seconds_left=3.6,
        failures=(Failure("/set/torn.png", "truncated"),),
    )  # fmt: skip
    assert messages.running(state) == "Surveying: 12 of 24 images, 3.0 images/s, 4 s left"
    assert messages.failed_so_far(state) == "1 failed: torn.png: truncated"
    assert messages.outcome(state).startswith("survey: 11 of 24 images surveyed, 1 failed")


def test_a_recipe_that_needs_a_survey_names_what_differs() -> None:
    differences = {"stride": (14, 7), "scale": (4, 2)}
    told = messages.needs_survey(differences)
    assert "Stride 14 px surveyed, 7 px now" in told
    assert "Scale 4 x surveyed, 2 x now" in told


def test_percents_are_told_as_percents() -> None:
    assert messages.threshold("min_edge_density", 0.055) == "Edge density 5.5 %"
    assert messages.threshold("min_keypoints", 12) == "Keypoints, at least 12"


def test_a_pause_and_an_end_are_told() -> None:
    state = SurveyState(file=Path("s"), images=1200, done=1200, surveyed=9, seconds=3.0)
    assert messages.running(None, paused=True) == "Paused: starting"
    assert messages.running(state, paused=True) == "Paused: 1,200 of 1,200 images"
    begun = SurveyState(file=Path("s"), images=3)
    assert messages.running(begun) == "Surveying: 0 of 3 images"
    assert messages.failed_so_far(state) == ""
    two = replace(state, failures=(Failure("a.png", "torn"), Failure("/b.png", "empty")))
    assert messages.failed_so_far(two) == "2 failed, the last: b.png: empty"
    done = "1,200 of 1,200 images surveyed; this run 9 in 3 s"
    assert messages.outcome(state) == f"survey: {done}"
    assert messages.outcome(replace(state, cancelled=True)) == f"survey cancelled: {done}"
    found = SurveyState(file=Path("s"), images=1, done=1, already=1)
    assert messages.outcome(found) == "survey: 1 of 1 image surveyed"


@pytest.mark.parametrize(
    ("count", "pending", "done", "runs", "paused", "words"),
    [
        (1, 1, None, False, False, ""),
        (5, 0, None, False, False, ""),
        (5, None, None, False, False, ""),
        (5, 5, None, False, False, '5 images not surveyed yet: <a href="survey">Survey</a>'),
        (5, 2, None, False, False, '2 of 5 images not surveyed yet: <a href="survey">Survey</a>'),
        (5, 2, None, True, False, "Survey runs: starting"),
        (5, 2, 3, True, True, "Survey paused: 3 of 5"),
    ],
)
def test_the_list_tells_how_far_its_survey_is(count, pending, done, runs, paused, words) -> None:
    state = None if done is None else SurveyState(file=Path("s"), images=count, done=done)
    assert messages.of_the_list(count, pending, state, runs=runs, paused=paused) == words


def test_the_pairs_of_a_set_are_told(whole) -> None:
    answer = whole.under(RECIPE.replace(crop="whole", min_keypoints=0))
    t = answer.totals
    windows, infinite = f"{t.candidates:,}", f"{t.infinite:,}"
    assert messages.totals(answer) == [
        f"of {windows} windows in the boxes, 100\N{NO-BREAK SPACE}%",
        f"mean PSNR {t.mean_psnr:.2f} dB, SSIM {t.mean_ssim:.3f}",
        f"{infinite} identical to their reduction",
        "from 6 images",
    ]
    groups = tuple((f"{name}1", f"{name}2") for name in "abcde")
    copied = replace(
        answer,
        copies=Copies(equal=groups[:4], likely=groups),
        totals=replace(t, infinite=0, mean_psnr=None, mean_ssim=None, failed=2, pending=1000),
    )
    assert messages.totals(copied)[1:] == [
        "from 6 images",
        *(f"2 files have equal content: {name}1, {name}2" for name in "abc"),
        *(f"likely copies: {name}1, {name}2" for name in "abc"),
        "3 more groups of copies",
        "2 failed, 1,000 not surveyed yet",
    ]
    assert messages.totals(copied, grows=True)[-1] == "2 failed, 1,000 to come"
    by_hand = replace(answer, totals=replace(t, excluded=1000))
    assert messages.totals(by_hand)[2] == "1,000 excluded by hand"
    same = replace(answer, totals=replace(t, mean_psnr=None))
    assert messages.totals(same)[1] == f"mean PSNR infinite, SSIM {t.mean_ssim:.3f}"
    none = replace(answer, kept=np.zeros(6, int), totals=replace(t, candidates=0))
    assert messages.totals(none)[0] == "of 0 windows in the boxes"
    assert messages.totals(none)[3] == "from 0 of 6 images"


@pytest.mark.parametrize(
    ("value", "pairs", "most", "words"),
    [
        (12, 7, 90, "Keypoints, at least 12 gives 7 pairs."),
        (0, 4, 4, "No threshold gives so many: Keypoints, at least 0 gives 4 pairs, the most "
                  "with these boxes."),
        (0, 0, 0, "No threshold gives any pair: no window lies in a box."),
    ],
)  # fmt: skip
def test_a_suggestion_tells_what_it_gives(value, pairs, most, words) -> None:
    assert messages.suggestion(Suggestion(5, "min_keypoints", value, pairs, most)) == words


def test_only_the_first_images_that_a_step_changes_are_told(whole) -> None:
    answer = whole.under(RECIPE)
    name = answer.images[2].name
    assert messages.changes(answer, [ImageChange(2, 1, 0)]) == [f"{name}: 1 pair, then 0"]
    many = messages.changes(answer, [ImageChange(2, 0, 1234)] * 1031)
    assert many == [f"{name}: 0 pairs, then 1,234"] * 30 + ["and 1,001 more"]


@pytest.mark.parametrize(
    ("more", "lost", "won", "words"),
    [
        (-3, [], [], "3 fewer than at 6"),
        (1000, [], [2], "1,000 more than at 6; {} comes back"),
        (0, [2], [0, 1], "as many as at 6; {} falls to none; 2 images come back"),
        (-1, [2, 0], [], "1 fewer than at 6; 2 images fall to none"),
    ],
)
def test_what_a_knob_has_changed_is_told(whole, more, lost, won, words) -> None:
    before = whole.under(RECIPE)
    changed = (tuple(ImageChange(index, 1, 1) for index in some) for some in (lost, won))
    step = Step("min_keypoints", RECIPE, before.totals.pairs + more, *changed)
    assert messages.since(before, step) == words.format(before.images[2].path.name)
