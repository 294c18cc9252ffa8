"""A run that aligns pairs: what fails is told, and the others go on."""

import threading

import numpy as np

from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import GivenLR
from srviewer.survey.aligning import align_pairs
from tests.photos import crop, save
from tests.survey.helpers import RECIPE


def test_a_pair_that_cannot_be_read_fails_alone(tmp_path):
    hr, lr = tmp_path / "hr", tmp_path / "lr"
    save(crop("grass", 0, 0, 80, 80), hr / "a.png")
    save(np.full((20, 20, 3), 99, np.uint8), lr / "a.png")
    for side in (hr, lr):
        (side / "torn.png").write_text("no picture")
    state, found = align_pairs(hr, GivenLR(lr), RECIPE, jobs=1)
    assert [failure.image for failure in state.failures] == [str(hr / "torn.png")]
    assert [one["hr"] for one in found] == [str(hr / "a.png")]
    assert state.verdicts == {found[0]["verdict"]: 1}
    assert (state.images, state.done) == (2, 2)


def test_cancelled_while_it_searches(tmp_path):
    save(crop("grass", 0, 0, 80, 80), tmp_path / "hr" / "a.png")
    cancel = threading.Event()
    cancel.set()
    lr = GivenLR(tmp_path / "hr")
    state, found = align_pairs(tmp_path / "hr", lr, RECIPE, progress=Progress(cancel=cancel))
    assert (state.cancelled, state.images, found) == (True, 0, [])
