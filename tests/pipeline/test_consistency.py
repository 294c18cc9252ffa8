import numpy as np
import pytest

from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.consistency import check_consistency, expected_lr
from srviewer.pipeline.features import Matches
from srviewer.pipeline.recipe import Recipe
from tests.photos import as_source, photo


def matches_of(*pairs: tuple[tuple[float, float], tuple[float, float]]) -> Matches:
    index = np.arange(len(pairs), dtype=np.int32)
    hr, lr = (np.array([pair[i] for pair in pairs], np.float32).reshape(-1, 2) for i in (0, 1))
    return Matches(index, index, np.zeros(len(pairs), np.float32), hr, lr)


def check(*pairs, scale=4, consistency="radial", error_margin=0.25, position_tolerance=1.0):
    return check_consistency(
        matches_of(*pairs),
        scale=scale,
        consistency=consistency,
        error_margin=error_margin,
        position_tolerance=position_tolerance,
    )


def test_radial_keeps_what_lies_in_the_right_distance():
    result = check(((120, 160), (30, 40)), ((120, 160), (40, 30)), ((120, 160), (15, 20)))
    assert result.ratio.tolist() == [1, 1, 2]
    assert result.kept.tolist() == [True, True, False]


def test_radial_is_strict_on_both_sides():
    # Powers of two, so that 0.75 and 1.25 are met exactly.
    on_the_margin = check(((48, 0), (16, 0)), ((80, 0), (16, 0)))
    assert on_the_margin.ratio.tolist() == [0.75, 1.25]
    assert on_the_margin.kept.tolist() == [False, False]
    just_inside = check(((48.001, 0), (16, 0)), ((79.999, 0), (16, 0)))
    assert just_inside.kept.tolist() == [True, True]


def test_radial_without_margin_keeps_nothing():
    assert check(((64, 0), (16, 0)), error_margin=0.0).kept.tolist() == [False]


def test_a_keypoint_at_the_lr_origin_is_rejected():
    result = check(((5, 5), (0, 0)), ((0, 0), (0, 0)), error_margin=1.0)
    assert result.ratio.tolist() == [np.inf, np.inf]
    assert result.kept.tolist() == [False, False]


def test_a_keypoint_at_the_hr_origin_has_ratio_zero():
    result = check(((0, 0), (3, 4)), error_margin=1.0)
    assert result.ratio.tolist() == [0]
    assert result.kept.tolist() == [False]


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_the_expected_place_is_the_resizes_plus_the_detectors_offset(scale):
    points = np.array([[0.0, 0.0], [10.0, 20.0], [101.5, 7.25]])
    for (x, y), (u, v) in zip(points, expected_lr(points, scale), strict=True):
        assert u == pytest.approx((x + 0.5) / scale - 0.5 + 0.25 * (1 - 1 / scale))
        assert v == pytest.approx((y + 0.5) / scale - 0.5 + 0.25 * (1 - 1 / scale))


def test_position_keeps_what_lies_within_the_tolerance():
    # (100.5, 40.5) is expected at ((100.5 + 0.5) / 4 - 0.5 + 0.1875, ...) = (24.9375, 9.9375)
    place = np.array([24.9375, 9.9375])
    moves = [(0, 0), (1, 0), (0, -1), (0.6, 0.8), (1.001, 0), (0.8, 0.8), (-0.9, 0)]
    pairs = [((100.5, 40.5), tuple(place + move)) for move in moves]
    result = check(*pairs, consistency="position", error_margin=0.0)
    assert result.kept.tolist()[:3] == [True, True, True]
    assert result.kept.tolist()[4:] == [False, False, True]
    np.testing.assert_allclose(result.displacement, moves, atol=1e-6)
    np.testing.assert_array_equal(result.kept, result.inlier)


def test_position_is_not_fooled_by_a_right_distance_in_a_wrong_direction():
    turned = ((120, 160), (40, 30))
    assert check(turned).kept.tolist() == [True]
    assert check(turned).inlier.tolist() == [False]
    assert check(turned, consistency="position").kept.tolist() == [False]


def test_right_is_told_whatever_the_test():
    pairs = [((120, 160), (30, 40)), ((120, 160), (40, 30)), ((1, 1), (0.7, 0.7))]
    radial = check(*pairs, position_tolerance=0.5)
    position = check(*pairs, consistency="position", position_tolerance=0.5)
    np.testing.assert_array_equal(radial.inlier, position.inlier)
    # kept and right, kept but displaced, rejected though right
    assert radial.kept.tolist() == [True, True, False]
    assert radial.inlier.tolist() == [True, False, False]
    near_the_origin = check(((1, 1), (0.2, 0.2)), error_margin=0.05)
    assert near_the_origin.inlier.tolist() == [True]
    assert near_the_origin.kept.tolist() == [False]


def test_no_matches():
    result = check()
    assert result.kept.shape == result.inlier.shape == result.ratio.shape == (0,)
    assert result.displacement.shape == (0, 2)
    assert result.kept.dtype == result.inlier.dtype == bool


@pytest.mark.parametrize("scale", [2, 4])
def test_the_detectors_offset_is_what_real_photographs_show(scale):
    # Measured from the plain resize, without our own expectation in between.
    moved = []
    for name in ("motorcycle", "astronaut", "grass"):
        whole = as_source(photo(name)[:400, :400])
        a = analyse(whole, Recipe(scale=scale), every_window=False)
        hr, lr = a.matches.hr_points.astype(float), a.matches.lr_points.astype(float)
        away = lr - ((hr + 0.5) / scale - 0.5)
        moved.append(away[np.hypot(*away.T) < 1])
    median = np.median(np.concatenate(moved), axis=0)
    np.testing.assert_allclose(median, 0.25 * (1 - 1 / scale), atol=0.02)
