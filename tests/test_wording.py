"""How numbers are said."""

import pytest

from srviewer.wording import (
    counted,
    duration,
    number_text,
    pairs_of,
    rate_text,
    sentence,
    size_text,
    time_left,
    time_taken,
)


@pytest.mark.parametrize(
    ("size", "told"),
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
def test_sizes_have_three_figures(size: int, told: str) -> None:
    assert size_text(size) == told


def test_one_is_no_plural() -> None:
    assert [counted(n, "keypoint") for n in (0, 1, 2, 1234)] == [
        "0 keypoints", "1 keypoint", "2 keypoints", "1,234 keypoints",
    ]  # fmt: skip
    assert (counted(1, "match", "matches"), counted(3, "match", "matches")) == (
        "1 match", "3 matches",
    )  # fmt: skip


def test_what_remains_is_never_rounded_down_to_nothing() -> None:
    assert [time_left(s) for s in (None, 0.0, 0.2, 8.01, 89.5)] == [
        "",
        "",
        "1 s left",
        "9 s left",
        "1 min 30 s left",
    ]


def test_durations_numbers_and_sentences() -> None:
    assert [duration(s) for s in (4.4, 89, 90, 3599.6, 7260)] == [
        "4 s", "89 s", "1 min 30 s", "1 h 0 min", "2 h 1 min",
    ]  # fmt: skip
    assert [time_taken(s) for s in (0.04, 89.9, 90, 3700)] == [
        "0.0 s", "89.9 s", "1 min 30 s", "1 h 1 min",
    ]  # fmt: skip
    assert [rate_text(1234.56, "pairs"), rate_text(0.25, "images", 1)] == [
        "1,235 pairs/s", "0.2 images/s",
    ]  # fmt: skip
    assert number_text(-0.0001, 3) == "0.000"
    assert number_text(float("inf"), 2) == "\N{INFINITY}"
    assert number_text(float("nan"), 2, unknown="not counted") == "not counted"
    assert number_text(1234.5, 1, grouped=True) == "1,234.5"
    assert sentence("no box") == "No box"


def test_pairs_are_of_all_images_or_from_some_of_them():
    assert pairs_of(1410, 14) == "1,410 pairs of 14 images"
    assert pairs_of(1, 1, 1) == "1 pair of 1 image"
    assert pairs_of(1410, 14, 13) == "1,410 pairs from 13 of 14 images"
    assert pairs_of(0, 1, 0) == "0 pairs from 0 of 1 image"
