"""Which images carry a set, and how many pairs an image would even that out."""

from dataclasses import replace

import numpy as np
import pytest

from srviewer.survey import messages
from srviewer.survey.answer import shares_of, unevenness
from tests.survey.helpers import RECIPE

SOME = np.random.default_rng(3)
SETS = [
    np.array([310, *[7] * 99]),
    np.array([800, 60, 70, 70, 0]),
    np.array([5000, 4000, *[10] * 30]),
    np.array([4, 8, *[1] * 8]),  # the first has just twice an equal share
    *(np.rint(SOME.lognormal(4, 1.3, 40)).astype(np.int64) for _ in range(5)),
]


def spread(kept: np.ndarray) -> float:
    """Return over how many equal images pairs would be spread alike."""
    shares = kept / kept.sum()
    return 1 / (shares**2).sum()


def is_even(kept: np.ndarray) -> bool:
    return kept.max() <= 2 * kept.sum() / (kept > 0).sum()


@pytest.mark.parametrize("kept", SETS, ids=range(len(SETS)))
def test_the_limit_is_the_largest_that_evens_the_set_out(kept: np.ndarray) -> None:
    found = unevenness(kept)
    assert spread(kept) < (kept > 0).sum() / 2
    assert found is not None
    every = [most for most in range(1, kept.max() + 1) if is_even(np.minimum(kept, most))]
    assert found.most == max(every)
    assert found.pairs == np.minimum(kept, found.most).sum()
    assert spread(np.minimum(kept, found.most)) >= (kept > 0).sum() / 2
    equal = kept.sum() / (kept > 0).sum()
    assert sorted(found.images) == np.flatnonzero(kept > 2 * equal).tolist()
    assert found.share == pytest.approx(kept[list(found.images)].sum() / kept.sum())
    assert list(kept[list(found.images)]) == sorted(kept[list(found.images)], reverse=True)


@pytest.mark.parametrize(
    "kept", [[], [0, 0], [9], [90, 10], [60, 20, 20], [130, 98, 112, 40, 60, 0], [5] * 30]
)
def test_nothing_is_told_of_a_set_that_is_even_enough_or_small(kept: list[int]) -> None:
    assert unevenness(np.array(kept, np.int64)) is None


def test_counts_of_any_size_are_exact() -> None:
    kept = np.array([2_000_000_000, *[3] * 9], np.int64)
    found = unevenness(kept)
    assert found is not None
    assert (found.most, found.images) == (6, (0,))


def test_shares_add_up_to_one_and_are_nought_without_pairs() -> None:
    assert shares_of(np.array([3, 0, 1])).tolist() == [0.75, 0, 0.25]
    assert shares_of(np.zeros(2, np.int64)).tolist() == [0, 0]


def test_it_is_said_in_words(whole) -> None:
    answer = whole.under(RECIPE)
    kept = np.array([0, 900, 3, 4, 5, 0])
    answer = replace(answer, kept=kept, totals=replace(answer.totals, pairs=912))
    found = unevenness(kept)
    assert found is not None
    name = answer.images[1].path.name
    words, cost = messages.uneven(answer, found)
    assert words == (
        f"{name} gives 99\N{NO-BREAK SPACE}% of the pairs; "
        f"at most {found.most} an image would even that out"
    )
    assert cost == f"{found.pairs} of 912 pairs stay"
    chosen, cost = messages.uneven(answer, found, 3)
    assert chosen.endswith("; at most 3 an image evens that out")
    assert cost == "12 of 912 pairs stay"
    assert messages.uneven(answer, found, found.most + 1)[0] == words
    several = replace(found, images=(1, 2, 3, 4))
    assert " and 2 more give 99" in messages.carried_by(answer, several)
    two = replace(found, images=(1, 2))
    assert f"{name} and {answer.images[2].path.name} give" in messages.carried_by(answer, two)
