"""What is said of a survey."""

from __future__ import annotations

from pathlib import Path

from srviewer.runs.state import Failure
from srviewer.survey import messages
from srviewer.survey.runner import SurveyState


def test_a_survey_is_told_as_far_as_it_is() -> None:
    assert messages.running(None) == "Surveying: starting"
    state = SurveyState(
        file=Path("s"), images=24, done=12, already=2, surveyed=9, seconds=3.0,
        failures=(Failure("/set/torn.png", "truncated"),),
    )  # fmt: skip
    assert messages.running(state) == "Surveying: 12 of 24 images, 3.0 images/s, 4 s left"
    assert messages.failed_so_far(state) == "1 failed: torn.png: truncated"
    assert messages.outcome(state).startswith("survey: 11 of 24 images surveyed, 1 failed")


def test_a_recipe_that_needs_a_survey_names_what_differs() -> None:
    differences = {"stride": (14, 7), "scale": (4, 2)}
    told = messages.needs_survey(differences)
    assert "stride 14 surveyed, 7 now" in told
    assert "scale 4 surveyed, 2 now" in told


def test_percents_are_told_as_percents() -> None:
    assert messages.threshold("min_edge_density", 0.055) == "min_edge_density 5.5 %"
    assert messages.threshold("min_keypoints", 12) == "min_keypoints 12"
