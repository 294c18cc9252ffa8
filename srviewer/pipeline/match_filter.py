"""Which matches a list shows, and in which words: pure functions over arrays."""

from collections.abc import Sequence
from enum import Enum

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.conditions import Condition, rows_meeting
from srviewer.pipeline.verdicts import MATCH_WORDS


class Show(Enum):
    """Which matches are listed; the value is what a person reads."""

    ALL = "all"
    KEPT = MATCH_WORDS[0]
    REJECTED = MATCH_WORDS[3]
    DISPLACED = MATCH_WORDS[1]
    IN_PLACE = MATCH_WORDS[2]


_NO_MATCH = {
    Show.ALL: "the image has no matches",
    Show.KEPT: "no match is kept",
    Show.REJECTED: "no match is rejected",
    Show.DISPLACED: "no kept match is displaced",
    Show.IN_PLACE: "no rejected match is in place",
}


def group_of(a: Analysis, show: Show) -> Mask:
    """Return which matches belong to `show`, shape (M,)."""
    kept, inlier = a.consistent.kept, a.consistent.inlier
    groups: dict[Show, Mask] = {
        Show.ALL: kept | ~kept,
        Show.KEPT: kept,
        Show.REJECTED: ~kept,
        Show.DISPLACED: kept & ~inlier,
        Show.IN_PLACE: inlier & ~kept,
    }
    return groups[show]


def choose(
    a: Analysis, show: Show, conditions: Sequence[Condition[Analysis]], *, order: Ints
) -> Ints:
    """Return the numbers of the matches to list, in `order`, of shape (M,)."""
    return rows_meeting(a, group_of(a, show), conditions, order)


def count_words(a: Analysis, show: Show, count: int) -> tuple[str, str]:
    """Return how many matches are listed of how many, and what these are."""
    return f"{count:,} of {len(a.matches):,}", "matches listed, of all before the filter"


def why_empty(a: Analysis, show: Show, conditions: Sequence[Condition[Analysis]]) -> str:
    """Return in words why no match is listed."""
    if conditions and group_of(a, show).any():
        return "no match meets the conditions"
    return _NO_MATCH[show]
