"""The rows of the data set's table, and its words: pure functions, no window."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from srviewer.gui.data_set import words
from srviewer.gui.data_set.rows import (
    COLUMNS,
    NAMES,
    Rows,
    Show,
    State,
    csv_of,
    make_rows,
    order_of,
    shown_of,
    why_empty,
)
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input
from srviewer.runs.state import Failure
from srviewer.survey.images import SurveyFailure
from srviewer.survey.runner import SurveyState
from srviewer.survey.whole_set import WholeSet


def rows(**numbers: list[float]) -> Rows:
    """Return rows of five images: two with pairs, then one without, failed and pending."""
    names = ("b.png", "A, or not.png", "c.png", "d.png", "e.png")
    columns = {column.name: np.full(5, np.nan) for column in COLUMNS}
    columns |= {name: np.array(values, np.float64) for name, values in numbers.items()}
    return Rows(
        tuple(Path("/set") / name for name in names),
        names,
        np.array([0, 0, State.NO_PAIRS, State.FAILED, State.PENDING], np.int64),
        ("", "grey, now RGB", "no box: 2 matches", "failed: torn", "not surveyed yet"),
        columns,
        3,
    )


def test_numbers_sort_as_numbers_and_what_is_not_known_comes_last() -> None:
    some = rows(pairs=[9, 100, 0, np.nan, np.nan])
    assert order_of(some, "pairs", descending=False).tolist() == [2, 0, 1, 3, 4]
    assert order_of(some, "pairs", descending=True).tolist() == [1, 0, 2, 3, 4]


def test_names_sort_whatever_their_case() -> None:
    assert order_of(rows(), "image", descending=False).tolist() == [1, 0, 2, 3, 4]
    assert order_of(rows(), "image", descending=True).tolist() == [4, 3, 2, 0, 1]


def test_notes_sort_the_worst_first() -> None:
    order = order_of(rows(), "note", descending=False).tolist()
    assert order[-2:] == [0, 1]
    assert set(order[:3]) == {2, 3, 4}
    assert order_of(rows(), "note", descending=True).tolist() == order[::-1]


@pytest.mark.parametrize(
    ("show", "chosen"),
    [
        (Show.ALL, [0, 1, 2, 3, 4]),
        (Show.PAIRS, [0, 1]),
        (Show.NO_PAIRS, [2]),
        (Show.FAILED, [3]),
        (Show.PENDING, [4]),
    ],
)
def test_the_filter(show: Show, chosen: list[int]) -> None:
    assert np.flatnonzero(shown_of(rows(), show)).tolist() == chosen
    assert why_empty(show, 0) == "No images in the list."
    assert show is Show.ALL or why_empty(show, 5).endswith(".")


def test_csv_has_exact_numbers_and_any_name() -> None:
    some = rows(
        pairs=[9, 1000, 0, np.nan, np.nan],
        area_used=[0.25, 0.5, 0, np.nan, np.nan],
        mean_psnr=[31.23456, 28, *[np.nan] * 3],
    )
    sizes = [(10, 20), (30, 40), (50, 60), None, None]
    text = csv_of(some, np.array([1, 0, 3]), sizes.__getitem__)
    first, second, third = csv.DictReader(io.StringIO(text))
    assert first["image"] == "A, or not.png"
    assert (first["width"], first["height"], first["pairs"]) == ("30", "40", "1000")
    assert (first["area_used"], first["note"]) == ("0.5000", "grey, now RGB")
    assert (second["mean_psnr"], second["state"]) == ("31.2346", "with pairs")
    assert (third["pairs"], third["width"], third["state"]) == ("", "", "failed")
    assert third["note"] == "torn"
    assert text.splitlines()[0].split(",")[-2:] == ["state", "note"]


def test_failed_and_pending_images_are_rows_too() -> None:
    whole = WholeSet(
        Recipe(),
        (),
        [SurveyFailure("sub/torn.png", Path("/set/sub/torn.png"), "truncated")],
        [Input(Path("/set/sub/new.png"), "sub/new.png", "sub/new")],
    )
    made = make_rows(whole, None)
    assert made.names == ("sub/torn.png", "sub/new.png")
    assert made.states.tolist() == [State.FAILED, State.PENDING]
    assert made.notes == ("failed: truncated", "not surveyed yet")
    assert set(made.numbers) == set(NAMES[1:-1])
    assert all(np.isnan(values).all() for values in made.numbers.values())
    assert len(make_rows(None, None)) == 0


@pytest.mark.parametrize(
    ("bytes", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (12_345, "12.3 kB"),
        (999_600, "1.00 MB"),
        (845_000_000, "845 MB"),
        (12_000_000_000, "12.0 GB"),
        (4_500_000_000_000, "4,500 GB"),
    ],
)
def test_sizes_have_three_figures(bytes: int, told: str) -> None:
    assert words.size(bytes) == told


def test_a_survey_is_told_as_far_as_it_is() -> None:
    assert words.running(None) == "Surveying: starting"
    state = SurveyState(
        file=Path("s"), images=24, done=12, already=2, surveyed=9, seconds=3.0,
        failures=(Failure("/set/torn.png", "truncated"),),
    )  # fmt: skip
    assert words.running(state) == "Surveying: 12 of 24 images, 3.0 images/s, 4 s left"
    assert words.failed_so_far(state) == "1 failed: torn.png: truncated"
    assert words.outcome(state).startswith("survey: 11 of 24 images surveyed, 1 failed")


def test_a_recipe_that_needs_a_survey_names_what_differs() -> None:
    differences = {"stride": (14, 7), "scale": (4, 2)}
    told = words.needs_survey(differences)
    assert "stride 14 surveyed, 7 now" in told
    assert "scale 4 surveyed, 2 now" in told


def test_percents_are_told_as_percents() -> None:
    assert words.threshold("min_edge_density", 0.055) == "min_edge_density 5.5 %"
    assert words.threshold("min_keypoints", 12) == "min_keypoints 12"
