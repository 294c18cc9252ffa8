"""How far an axis reaches, against NumPy's percentiles."""

import numpy as np
import pytest

from srviewer.pipeline.axis_reach import reach_of, span_of

RNG = np.random.default_rng(5)


def test_a_single_one_far_out_does_not_squeeze_the_rest() -> None:
    values = np.sort(np.append(RNG.integers(0, 40, 100), 3000))
    assert reach_of(values) == values[-2] < 40
    assert reach_of(np.array([3, 3000])) == 3


def test_without_a_long_tail_the_axis_reaches_to_the_largest() -> None:
    values = np.sort(RNG.uniform(0, 40, 5000))
    assert reach_of(values) == values[-1]
    assert span_of(values) == pytest.approx((values[0], values[-1]))


def test_a_long_tail_is_cut_at_its_percentile() -> None:
    values = np.sort(RNG.exponential(10, 10_000))
    assert reach_of(values) == np.percentile(values, 99.5, method="lower") < values[-1]


def test_most_of_the_values_have_a_third_of_the_axis() -> None:
    values = np.sort(np.concatenate([RNG.uniform(1, 40, 960), RNG.uniform(2000, 3000, 40)]))
    assert reach_of(values) == 3 * np.percentile(values, 95, method="lower") < 150
    few_are_not_0 = np.sort(np.concatenate([np.zeros(970), np.full(30, 50.0)]))
    assert reach_of(few_are_not_0) == 50


@pytest.mark.parametrize("find", [reach_of, span_of])
def test_counts_say_how_many_there_are_of_each(find) -> None:
    values = np.sort(np.minimum(RNG.geometric(0.1, 3000), 90))
    each, counts = np.unique(values, return_counts=True)
    assert find(each, counts) == find(values)


def test_both_tails_are_cut_from_the_median() -> None:
    values = np.sort(np.concatenate([RNG.normal(25, 2, 5000), [-90.0, 99.0]]))
    low, high = span_of(values)
    assert -90 < low < 20
    assert 29 < high < 99
