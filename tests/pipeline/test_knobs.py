from dataclasses import dataclass

import pytest

from srviewer.errors import ReadError, RecipeError
from srviewer.pipeline.knobs import Knob, Range, declare, knobs_of


def knob(kind: type, default: object, **more: object) -> Knob:
    return Knob("edge_share", kind, default, "group", "Edges", "how many edges", **more)


SHARE = {"low": 0, "high": 0.5}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (knob(bool, True), "true or false"),
        (knob(int, 3, low=1, high=9), "a whole number from 1 to 9"),
        (knob(float, 0.1, **SHARE), "a number from 0 to 0.5"),
        (knob(str, "a", choices=("a", "b")), "one of a, b"),
        (knob(float, 0.1, allowed_words="half at most", **SHARE), "half at most"),
    ],
)
def test_what_is_allowed_is_said_by_flag_and_error(one, words):
    assert f"; {words}; default {one.default}" in one.flag_help
    with pytest.raises(RecipeError, match=f"allowed is {words}"):
        one.checked([])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"unit": "px", "none": "all"},
            "how many edges [px]; a whole number from 0 to 9; default all",
        ),
        ({"instead": 4}, "how many edges; a whole number from 0 to 9; default 4"),
        ({"none": "all"}, "how many edges; a whole number from 0 to 9; default all"),
        (
            {"none": "all", "formats": ("png", "hdf5")},
            "how many edges; a whole number from 0 to 9; default all; only with png or hdf5",
        ),
    ],
)
def test_a_flag_says_unit_default_and_formats(more, words):
    assert knob(int, None, low=0, high=9, **more).flag_help == words


@pytest.mark.parametrize(
    ("one", "value", "words"),
    [
        (knob(int, None, low=0, high=9, none="all"), None, "all"),
        (knob(int, 5, low=0, high=9, none="all"), 0, "all"),
        (knob(int, 5, low=0, high=9, none="all"), 7, "7"),
        (knob(int, 5, low=0, high=9), 0, "0"),
        (knob(str, None, choices=("a_b", "c"), none="any"), "a_b", "a b"),
        (knob(float, 0.1, unit="edges", **SHARE), 0.25, "0.25"),  # which its label says
        (knob(float, 0.1, unit="px", **SHARE), 0.25, "0.25 px"),
    ],
)
def test_a_value_and_none_are_said_in_words(one, value, words):
    assert one.said(value) == words


def test_a_text_is_a_value_of_the_kind_or_an_error_that_says_what_is_allowed():
    one = knob(int, 3, low=1, high=9)
    assert one.from_text("7") == 7
    with pytest.raises(RecipeError, match=r"edge_share.*a whole number from 1 to 9"):
        one.from_text("seven")


def test_a_control_may_be_left_empty_where_nothing_stands_for_none():
    assert knob(int, None, low=0, high=9).optional
    assert not knob(int, None, low=0, high=9, instead=4).optional
    assert not knob(int, 3, low=0, high=9).optional


@dataclass(frozen=True)
class Declared:
    side: int | None = declare("group", None, "Side", "how long", Range(1, 9, usual=5), unit="px")


def test_the_fields_of_a_class_are_knobs():
    assert knobs_of(Declared, error=ReadError) == {
        "side": Knob(
            "side", int, None, "group", "Side", "how long", unit="px", low=1, high=9, usual=5,
            error=ReadError,
        )
    }  # fmt: skip
