"""Classes, robust centre and coarse field of matches whose displacement is known."""

import numpy as np
import pytest

from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.consistency import Consistency, check_consistency
from srviewer.pipeline.displacement import (
    Centre,
    MatchClass,
    class_counts,
    classes_of,
    classes_under,
    coarse_field,
    field_before,
    robust_centre,
)
from srviewer.pipeline.features import Matches
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from tests.analyses import analysed_photo
from tests.given import given_pair, reduced
from tests.photos import as_source, crop

SIZE = 120, 90  # of LR


def matches_of(places: np.ndarray, displacement: np.ndarray, scale: int = 4) -> Matches:
    """Return matches whose LR keypoints lie `displacement` from where they should."""
    offset = 0.25 * (1 - 1 / scale)
    hr = (places - displacement - offset + 0.5) * scale - 0.5
    number = np.arange(len(places))
    return Matches(
        number, number, np.zeros(len(places)), hr.astype(np.float32), places.astype(np.float32)
    )


def judged(matches: Matches, scale: int = 4) -> Consistency:
    return check_consistency(
        matches, scale=scale, consistency="radial", error_margin=0.05, position_tolerance=1
    )


def test_each_class_is_what_its_words_say() -> None:
    kept, right = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 0], bool)
    words = [MatchClass(one).words for one in classes_of(kept, right)]
    assert words == ["kept and right", "kept but displaced", "rejected though right", "rejected"]


def test_both_rules_are_told_whichever_is_in_use() -> None:
    a = analysed_photo()
    for rule in ("radial", "position"):
        used = analyse(a.image, Recipe(consistency=rule, error_margin=0.01), previous=a)
        test = used.consistent
        expected = classes_of(test.kept, test.inlier)
        told = classes_under(a.consistent, rule, error_margin=0.01, position_tolerance=1.0)
        np.testing.assert_array_equal(told, expected)
        assert sum(class_counts(told)) == len(a.matches)
    by_position = class_counts(
        classes_under(a.consistent, "position", error_margin=0.05, position_tolerance=1.0)
    )
    assert by_position[MatchClass.KEPT_DISPLACED] == by_position[MatchClass.REJECTED_INLIER] == 0


def test_the_centre_is_where_most_are_and_the_rest_does_not_pull_it() -> None:
    rng = np.random.default_rng(5)
    places = rng.uniform(0, SIZE, (300, 2))
    moved = np.array((3.4, -1.2)) + rng.normal(0, 0.05, (300, 2))
    moved[:120] = rng.uniform(-60, 60, (120, 2))  # two fifths are wrong
    found = robust_centre(moved, places)
    assert found is not None
    np.testing.assert_allclose(found.at, (3.4, -1.2), atol=0.02)
    assert found.u95 < 0.02
    assert found.matches == pytest.approx(180, abs=3)


def test_the_region_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside, widths, trials = 0, [], 400
    for _ in range(trials):
        places = rng.uniform(0, SIZE, (60, 2))
        moved = rng.normal((0.3, 0.1), (0.05, 0.1), (60, 2))
        moved[:15] = rng.uniform(-30, 30, (15, 2))
        found = robust_centre(moved, places)
        assert found is not None
        inside += _is_inside(found, np.array((0.3, 0.1)))
        widths.append(found.u95)
    assert inside / trials > 0.93
    assert np.median(widths) < 3 * 0.1 / np.sqrt(45) * 1.1  # not bought by being wide


def _is_inside(found: Centre, point: np.ndarray) -> bool:
    away = point - found.at
    return bool(away @ np.linalg.solve(found.covariance, away) <= found.reach**2)


def test_the_region_that_is_drawn_is_that_one() -> None:
    found = Centre(np.array((1.0, 2.0)), np.array([(0.04, 0.01), (0.01, 0.02)]), 30, 31, 1.0)
    distances = [
        (point - found.at) @ np.linalg.solve(found.covariance, point - found.at)
        for point in found.region()
    ]
    np.testing.assert_allclose(distances, found.reach**2)
    assert found.reach > np.sqrt(5.99)  # of a chi square, which many degrees of freedom come to
    many = Centre(found.at, found.covariance, 1e6, 9, 1.0)
    assert many.reach == pytest.approx(np.sqrt(5.9915), abs=1e-3)


@pytest.mark.parametrize("count", [0, 1, 3, 80])
def test_without_agreement_there_is_no_centre(count: int) -> None:
    rng = np.random.default_rng(2)
    found = robust_centre(rng.uniform(-300, 300, (count, 2)), rng.uniform(0, SIZE, (count, 2)))
    assert found is None


def test_the_centre_of_a_given_pair_is_its_shift() -> None:
    hr, lr, truth = given_pair(crop("motorcycle", 100, 100, 320, 260), 4, (6, -2))
    image = as_source(hr).with_lr(as_source(lr))
    a = analyse(image, Recipe())
    found = robust_centre(a.consistent.displacement, a.matches.lr_points.astype(float))
    assert found is not None
    np.testing.assert_allclose(found.at, truth, atol=0.03)


def test_the_field_tells_a_moved_block_from_the_rest_and_both_from_what_is_not_known() -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform((0, 0), SIZE, (900, 2))
    places = places[places[:, 0] < 90]  # nothing is at the right
    moved = rng.normal(0, 0.05, places.shape)
    block = (places < (45, 45)).all(axis=1)
    moved[block] += (1.5, 1.0)
    wild = rng.random(len(places)) < 0.2
    moved[wild] = rng.uniform(-40, 40, (wild.sum(), 2))
    matches = matches_of(places, moved)
    field = coarse_field(matches, judged(matches), SIZE)
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (field.columns, field.rows))
    right, left = x[None] > 96, (x[None] < 39) & (y[:, None] < 39)
    rest = (x[None] < 84) & ((x[None] > 51) | (y[:, None] > 51))
    assert not (field.known & right).any()
    assert np.isnan(field.moved[~field.known]).all()
    inside = field.known & left
    assert inside.any()
    np.testing.assert_allclose(field.moved[inside], [(1.5, 1.0)] * inside.sum(), atol=0.15)
    assert not (field.zero & left).any()
    assert (field.zero & rest).sum() > 0.9 * (field.known & rest).sum() > 20


def test_without_matches_nothing_is_known() -> None:
    nothing = matches_of(np.zeros((0, 2)), np.zeros((0, 2)))
    field = coarse_field(nothing, judged(nothing), SIZE)
    assert field.u95.shape == field.matches.shape == field.known.shape
    assert not field.known.any()
    assert robust_centre(judged(nothing).displacement, nothing.lr_points.astype(float)) is None


def test_a_made_pair_is_in_place_within_its_interval() -> None:
    a = analysed_photo()
    assert isinstance(a.image, SourceImage)
    found = robust_centre(a.consistent.displacement, a.matches.lr_points.astype(float))
    assert found is not None
    assert np.hypot(*found.at) < 0.05
    field = coarse_field(a.matches, a.consistent, a.pair.lr.shape[1::-1])
    assert field.known.any()


@pytest.mark.parametrize("side", ["hr", "lr"])
def test_the_field_before_is_that_of_the_map(side) -> None:
    length = 344
    hr = crop("astronaut", 60, 0, length, length)
    turn = cv2.getRotationMatrix2D(((length - 1) / 2,) * 2, -1, 1)
    lr = reduced(cv2.warpAffine(hr, turn, (length, length), flags=cv2.INTER_CUBIC))
    a = analyse(as_source(hr).with_lr(as_source(lr)), Recipe(straighten=side))
    height, width = a.pair.lr.shape[:2]
    after = coarse_field(a.matches, a.consistent, (width, height))
    before = field_before(after, a.pair.straightened, 4)
    known = after.known
    assert known.sum() > 3
    assert np.hypot(*after.moved[known].T).max() < 0.15
    # LR's content was turned about its centre, clockwise.
    x, y = np.meshgrid(*((one[:-1] + one[1:]) / 2 for one in (after.columns, after.rows)))
    off = np.array(a.pair.straightened.cut[:2]) / 4 - (length / 4 - 1) / 2
    x, y = (axis[known] + away for axis, away in zip((x, y), off, strict=True))
    angle = np.deg2rad(1)
    truth = np.column_stack([-angle * y, angle * x])
    assert np.hypot(*(before.moved[known] - truth).T).max() < 0.15
    assert np.isnan(before.moved[~known]).all()
    assert np.array_equal(before.u95, after.u95)


def test_matches_of_one_place_are_taken_one_by_one() -> None:
    random = np.random.default_rng(3)
    moved = random.normal((0.3, -0.2), 0.05, (40, 2))
    close = random.uniform(0, 8, (40, 2))  # of one cluster
    found = robust_centre(moved, close)
    assert found is not None
    assert found.at == pytest.approx((0.3, -0.2), abs=0.05)
    assert found.matches == 40


def test_a_centre_that_is_slow_to_settle_is_about_where_it_would() -> None:
    random = np.random.default_rng(175)
    moved = np.repeat([(0, 0), (0.7, 0)], (32, 29), axis=0) + random.normal(0, 0.06, (61, 2))
    found = robust_centre(moved, random.uniform(0, SIZE, (61, 2)))
    assert found is not None
    assert found.matches == len(moved)
    at, steps = np.median(moved, axis=0), []
    for _ in range(2000):
        reach = ((moved - at) ** 2).sum(axis=1) / (5.12 * found.spread) ** 2
        weights = np.maximum(1 - reach, 0) ** 2
        before, at = at, weights @ moved / weights.sum()
        steps.append(np.abs(at - before).max() / found.spread)
    assert min(steps[:31]) > 1e-4, "as quick as any"
    np.testing.assert_allclose(found.at, at, atol=found.u95 / 500)
