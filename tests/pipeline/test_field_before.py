"""The field before a pair was straightened is that of the pair as it was given."""

import numpy as np
import pytest

from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.displacement import coarse_field, field_before
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.recipe import Recipe
from tests.given import reduced
from tests.photos import as_source, crop

SIDE = 344


@pytest.mark.parametrize("side", ["hr", "lr"])
def test_the_field_before_is_that_of_the_map(side) -> None:
    hr = crop("astronaut", 60, 0, SIDE, SIDE)
    turn = cv2.getRotationMatrix2D(((SIDE - 1) / 2,) * 2, -1, 1)
    lr = reduced(cv2.warpAffine(hr, turn, (SIDE, SIDE), flags=cv2.INTER_CUBIC))
    a = analyse(as_source(hr).with_lr(as_source(lr)), Recipe(straighten=side))
    height, width = a.pair.lr.shape[:2]
    after = coarse_field(a.matches, a.consistent, (width, height))
    before = field_before(after, a.pair.straightened, 4)
    known = after.known
    assert known.sum() > 3
    assert np.hypot(*after.moved[known].T).max() < 0.15
    # LR's content was turned about its centre, clockwise.
    x, y = np.meshgrid(*((one[:-1] + one[1:]) / 2 for one in (after.columns, after.rows)))
    off = np.array(a.pair.straightened.cut[:2]) / 4 - (SIDE / 4 - 1) / 2
    x, y = (axis[known] + away for axis, away in zip((x, y), off, strict=True))
    angle = np.deg2rad(1)
    truth = np.column_stack([-angle * y, angle * x])
    assert np.hypot(*(before.moved[known] - truth).T).max() < 0.15
    assert np.isnan(before.moved[~known]).all()
    assert np.array_equal(before.u95, after.u95)
