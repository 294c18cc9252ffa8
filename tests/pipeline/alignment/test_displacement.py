from __future__ import annotations

import numpy as np
import pytest

from srviewer.pipeline.alignment.displacement import CLASSES, displacement_of
from srviewer.pipeline.features import Matches
from srviewer.pipeline.recipe import Recipe


def matches_at(hr: list, lr: list) -> Matches:
    index = np.arange(len(hr), dtype=np.int32)
    points = (np.array(side, np.float32).reshape(-1, 2) for side in (hr, lr))
    return Matches(index, index, np.zeros(len(hr), np.float32), *points)


def test_each_match_is_of_one_of_four_classes_under_either_rule():
    # Expected at 24.6875 for 99.5 at x4: (99.5 + 0.5) / 4 - 0.5 + 0.1875, and so on.
    hr = [(99.5, 0)] * 2 + [(0, 99.5), (99.5, 99.5)]
    right, away = (24.6875, -0.1875), (30, 30)
    turned = (24.6875, -0.1875)  # as far from the origin, but in another direction
    lr = [right, away, turned, (24.6875, 24.6875)]
    found = displacement_of(matches_at(hr, lr), Recipe(error_margin=0.05))
    assert found.displacement[[0, 3]] == pytest.approx(0, abs=1e-5)
    assert [CLASSES[n] for n in found.classes["radial"]] == [
        "kept and right", "rejected", "kept but displaced", "kept and right"
    ]  # fmt: skip
    assert [CLASSES[n] for n in found.classes["position"]] == [
        "kept and right", "rejected", "rejected", "kept and right"
    ]  # fmt: skip
    assert sum(found.counts("radial").values()) == 4


def test_a_right_match_near_the_origin_is_rejected_by_the_radial_rule():
    found = displacement_of(matches_at([(1.5, 1.5)], [(0.7, 0.2)]), Recipe())
    assert found.counts("radial")["rejected though right"] == 1


def test_the_centre_is_that_of_most():
    rng = np.random.default_rng(0)
    hr = rng.uniform(50, 400, (90, 2))
    lr = (hr + 0.5) / 4 - 0.5 + 0.1875 + (0.5, -0.25) + rng.normal(0, 0.05, hr.shape)
    lr[60:] = rng.uniform(0, 100, (30, 2))
    found = displacement_of(matches_at(hr.tolist(), lr.tolist()), Recipe())
    assert found.centre == pytest.approx((0.5, -0.25), abs=0.05)


def test_no_match():
    found = displacement_of(matches_at([], []), Recipe())
    assert np.isnan(found.centre).all()
    assert found.counts("position")["rejected"] == 0
