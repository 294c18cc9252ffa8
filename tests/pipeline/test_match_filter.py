"""Which matches are listed, and why none is."""

import pytest

from srviewer.pipeline.conditions import parse_conditions
from srviewer.pipeline.match_columns import NUMBERS
from srviewer.pipeline.match_filter import Show, count_words, why_empty
from tests.analyses import analysed_photo


@pytest.mark.parametrize(
    ("show", "words"),
    [
        (Show.ALL, "the image has no matches"),
        (Show.KEPT, "no match is kept"),
        (Show.REJECTED, "no match is rejected"),
        (Show.DISPLACED, "no kept match is displaced"),
        (Show.IN_PLACE, "no rejected match is in place"),
    ],
)
def test_why_no_match_is_listed(show, words):
    assert why_empty(analysed_photo(), show, ()) == words


def test_conditions_that_no_match_meets_are_the_reason():
    a = analysed_photo()
    impossible = parse_conditions("ratio < 0", NUMBERS)
    assert why_empty(a, Show.ALL, impossible) == "no match meets the conditions"
    count, what = count_words(a, Show.ALL, 3)
    assert count == f"3 of {len(a.matches):,}"
    assert what == "matches listed, of all before the filter"
