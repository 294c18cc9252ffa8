"""The images of a set as a list: pure functions, no window."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from srviewer.pipeline.alignment.verdict import SAMPLED, VERDICTS
from srviewer.pipeline.columns import SortOrder, csv_of
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input
from srviewer.survey.listing import (
    COLUMNS,
    NAMES,
    ListedImages,
    Show,
    State,
    how_it_lies,
    list_images,
    records_of,
    shown_columns,
    shown_of,
    why_empty,
    why_no_pairs,
)
from srviewer.survey.record import SurveyedImage, SurveyFailure
from srviewer.survey.whole_set import WholeSet
from tests.survey.helpers import RECIPE

BY_NAME = {column.name: column for column in COLUMNS}


def images(**numbers: list[float]) -> ListedImages:
    """Return five images: two with pairs, then one without, failed and pending."""
    names = ("b.png", "A, or not.png", "c.png", "d.png", "e.png")
    return ListedImages(
        tuple(Path("/set") / name for name in names),
        names,
        ((10, 20), (30, 40), (50, 60), None, None),
        np.array([0, 0, State.NO_PAIRS, State.FAILED, State.PENDING], np.int64),
        ("", "grey, now RGB", "no box: 2 matches", "torn", "not surveyed yet"),
        _numbers={name: np.array(values, np.float64) for name, values in numbers.items()},
    )


def order_of(some: ListedImages, name: str, *, descending: bool) -> np.ndarray:
    return SortOrder().of(BY_NAME[name], some, len(some), descending=descending)


def test_numbers_sort_as_numbers_and_what_is_not_known_comes_last() -> None:
    some = images(kept=[9, 100, 0, np.nan, np.nan])
    assert order_of(some, "pairs", descending=False).tolist() == [2, 0, 1, 3, 4]
    assert order_of(some, "pairs", descending=True).tolist() == [1, 0, 2, 3, 4]


def test_names_sort_whatever_their_case() -> None:
    assert order_of(images(), "image", descending=False).tolist() == [1, 0, 2, 3, 4]
    assert order_of(images(), "image", descending=True).tolist() == [4, 3, 2, 0, 1]


def test_notes_sort_the_worst_first() -> None:
    order = order_of(images(), "note", descending=False).tolist()
    assert order[-2:] == [0, 1]
    assert set(order[:3]) == {2, 3, 4}
    assert order_of(images(), "note", descending=True).tolist() == order[::-1]


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
    assert np.flatnonzero(shown_of(images(), show)).tolist() == chosen
    assert why_empty(show, 0) == "No images in the list."
    assert show is Show.ALL or why_empty(show, 5).endswith(".")
    assert " 1 " not in why_empty(show, 1)


def test_csv_has_exact_numbers_and_any_name() -> None:
    some = images(
        kept=[9, 1000, 0, np.nan, np.nan],
        shares=[9 / 1009, 1000 / 1009, 0, np.nan, np.nan],
        areas_used=[0.25, 0.5, 0, np.nan, np.nan],
        mean_psnr=[31.23456, 28, *[np.nan] * 3],
    )
    text = csv_of(COLUMNS, some, np.array([1, 0, 3]))
    first, second, third = csv.DictReader(io.StringIO(text))
    assert list(first) == [name for name in BY_NAME if name != "pixels"]
    assert first["image"] == "A, or not.png"
    assert (first["width"], first["height"], first["pairs"]) == ("30", "40", "1000")
    assert (first["share"], second["share"], third["share"]) == ("0.9911", "0.0089", "")
    assert (first["area_used"], first["note"]) == ("0.5000", "grey, now RGB")
    assert (second["mean_psnr"], second["state"]) == ("31.2346", "with pairs")
    assert (third["pairs"], third["width"], third["state"]) == ("", "", "failed")
    assert third["note"] == "torn"


def test_objects_have_what_a_csv_file_has_as_numbers(whole) -> None:
    answer = whole.under(RECIPE)
    records = records_of(list_images(whole, answer))
    assert [one["image"] for one in records] == [image.name for image in whole.images]
    assert [one["pairs"] for one in records] == answer.kept.tolist()
    shares = answer.kept / answer.kept.sum()
    assert [one["share"] for one in records] == pytest.approx(shares.tolist(), abs=5e-5)
    assert sum(shares) == pytest.approx(1)
    assert {type(one["width"]) for one in records} == {int}
    none = next(one for one in records if not one["pairs"])
    assert (none["share"], none["mean_psnr"], none["state"]) == (0, None, "no pairs")
    assert list(records[0]) == [name for name in BY_NAME if name != "pixels"]


def test_made_pairs_lie_as_they_should_and_have_no_columns_of_that(whole) -> None:
    listed = list_images(whole, whole.under(RECIPE))
    assert order_of(listed, "pair", descending=False).tolist() == list(range(len(whole.images)))
    shown = [column.name for column in shown_columns(listed)]
    assert shown == [one for one in NAMES if one not in ("pair", "aligned")]
    given = images(aligned=[0.5, *[np.nan] * 4])
    assert [column.name for column in shown_columns(given)] == list(NAMES)


def test_images_sort_by_their_pixels() -> None:
    assert order_of(images(), "pixels", descending=True).tolist() == [2, 1, 0, 3, 4]


def test_on_screen_unknown_is_a_dash_and_pending_nothing() -> None:
    some = images(kept=[9, 1000, 0, np.nan, np.nan], areas_used=[0.25, 0.5, 0, np.nan, np.nan])

    def shown(name: str) -> list[str]:
        text = BY_NAME[name].text
        assert text is not None
        return [text(some, image) for image in range(5)]

    assert shown("pairs") == ["9", "1,000", "0", "\N{EN DASH}", ""]
    assert shown("area_used") == ["25", "50", "0", "\N{EN DASH}", ""]
    assert shown("pixels") == ["10 x 20", "30 x 40", "50 x 60", "\N{EN DASH}", ""]
    assert shown("note")[2:] == ["no box: 2 matches", "failed: torn", "not surveyed yet"]


def test_failed_and_pending_images_are_listed_too() -> None:
    whole = WholeSet(
        Recipe(),
        (),
        [SurveyFailure("sub/torn.png", Path("/set/sub/torn.png"), "truncated")],
        [Input(Path("/set/sub/new.png"), "sub/new.png", "sub/new")],
    )
    made = list_images(whole, None)
    assert made.names == ("sub/torn.png", "sub/new.png")
    assert made.states.tolist() == [State.FAILED, State.PENDING]
    assert (made.note(0), made.note(1)) == ("failed: truncated", "not surveyed yet")
    assert np.isnan(made.numbers("kept")).all()
    assert np.isnan(made.numbers("keypoints_hr")).all()
    assert len(list_images(None, None)) == 0


@pytest.mark.parametrize(
    ("changes", "flat", "motor"),
    [
        ({}, "no box: 0 consistent matches; a box needs at least 4", ""),
        ({"crop": "whole", "min_keypoints": 500}, *["no window has 500 keypoints"] * 2),
        (
            {"crop": "whole", "min_keypoints": 1, "min_matches": 99},
            *["no window has 1 keypoint and 99 matches"] * 2,
        ),
        (
            {"crop": "whole", "texture": "canny", "min_edge_density": 1.0, "min_matches": 1},
            *["no window has 100 % edge pixels and 1 match"] * 2,
        ),
    ],
)
def test_an_image_without_pairs_is_noted_with_the_reason(whole, changes, flat, motor) -> None:
    answer = whole.under(RECIPE.replace(**changes))
    listed = list_images(whole, answer)
    found = {name: (note, why_no_pairs(answer, index)) for index, (name, note) in enumerate(
        zip(listed.names, listed.notes, strict=True)
    )}  # fmt: skip
    assert found["flat.png"][1] == flat
    assert found["motor.png"][1] == motor
    assert all(note.startswith(why) for note, why in found.values())
    np.testing.assert_array_equal(listed.numbers("kept"), answer.kept)
    matches = [image.matches for image in whole.images]
    np.testing.assert_array_equal(listed.numbers("matches"), matches)
    with_pairs = [not why for _, why in found.values()]
    assert (listed.states == State.PAIRS).tolist() == with_pairs


def given(verdict: str, *notes: str) -> SurveyedImage:
    content = {"of pair": np.array([VERDICTS.index(verdict)], np.uint8)}
    seen = (1, 1), (1, 1), 0, 0, 0, 0, 0, notes, 0.0, {}
    return SurveyedImage(*seen, "a.png", Path("/set/a.png"), "", content)


def test_a_given_pair_is_named_by_its_worst_fault_and_its_note_begins_with_it() -> None:
    whole = ("aligned: within 0.001 LR px", f"shifted: by an eighth; {SAMPLED}", "mirrored: it is")
    faults = [given("aligned"), given("aligned", f"{whole[0]}; {SAMPLED}"),
              given("shifted", whole[1]), given("shifted", "shifted: by a half"),
              given("mirrored", "trimmed", whole[2])]  # fmt: skip
    names = tuple(str(one) for one in range(len(faults)))
    some = ListedImages(tuple(map(Path, names)), names, surveyed=faults)
    told = ["aligned", "nearest neighbour", "nearest neighbour", "shifted", "mirrored"]
    assert [how_it_lies(some, row) for row in range(len(faults))] == told
    assert order_of(some, "pair", descending=False).tolist() == [4, 1, 2, 3, 0]
    csv_words = [BY_NAME["pair"].fields(some, [row])[0] for row in range(len(faults))]
    assert csv_words == ["aligned", "aligned", "shifted", "shifted", "mirrored"]
    assert faults[4].pair_note == whole[2]
    assert faults[0].pair_note == ""
