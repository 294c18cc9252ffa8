import numpy as np
import pytest

from srviewer.pipeline.alignment.fitting import agreeing, fit
from srviewer.pipeline.alignment.models import MODELS, Frame, applied

FRAME = Frame((681, 556), (4.0, 4.0))


def some_places(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 1, (49, 2)) * (680, 555)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", MODELS)
def test_matches_that_no_warp_explains_lead_nowhere(model):
    for seed in range(270, 300):
        lr, other = some_places(seed), some_places(1000 + seed)
        for place in (other, np.column_stack([680 - lr[:, 0], lr[:, 1]])):  # or mirrored
            found = fit(model, FRAME.nominal, applied(FRAME.nominal, place), lr, FRAME)
            assert np.isfinite(found).all()


@pytest.mark.parametrize("model", MODELS)
def test_a_warp_is_found_beside_wrong_matches(model):
    lr = some_places(0)
    warp = FRAME.changed(FRAME.nominal, model, np.linspace(0.02, -0.01, len(MODELS[model])))
    hr = applied(warp, lr)
    hr[:8] += 300
    found = fit(model, FRAME.nominal, hr, lr, FRAME)
    assert applied(found, lr) == pytest.approx(applied(warp, lr), abs=0.01)


def test_places_that_are_all_one_tell_no_warp_of_an_area():
    lr = np.full((40, 2), 100.0)
    begin = agreeing(applied(FRAME.nominal, lr), lr, FRAME)
    assert begin is not None
    assert applied(begin, lr) == pytest.approx(applied(FRAME.nominal, lr), abs=0.01)
