"""A pair that is too large to be looked at as a whole: in parts, to be stopped between them."""

import threading
import time

import numpy as np
import pytest

from srviewer.errors import Cancelled
from srviewer.pipeline import threads
from srviewer.pipeline.alignment import bands, ecc, kernels
from srviewer.pipeline.alignment.alignment import align
from srviewer.pipeline.alignment.kernels import Reductions, float_grey
from srviewer.pipeline.alignment.windows import VERDICTS, align_windows
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.progress import Progress
from tests.given import reduced
from tests.photos import crop


def photo() -> np.ndarray:
    return crop("astronaut", 0, 0, 512, 512)


class Asked(threading.Event):
    """Keeps the processor time between each two looks at it; is set after so many of them."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.stretches: list[float] = []
        self._most, self._last = most, time.process_time()

    def is_set(self) -> bool:
        now = time.process_time()
        self.stretches.append(now - self._last)
        self._last = now
        return self._most is not None and len(self.stretches) > self._most


def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small picture be taken for one that is too large to be looked at as a whole."""
    monkeypatch.setattr(kernels, "WHOLE_UP_TO", 50_000)
    monkeypatch.setattr(kernels, "_ROWS", 64)
    monkeypatch.setattr(bands, "WHOLE_UP_TO", 50_000)
    monkeypatch.setattr(bands, "_BAND", 60_000)
    monkeypatch.setattr(ecc, "_AT_ONCE", 1_000)
    monkeypatch.setattr(ecc, "_MOST", 10_000)


def test_hr_is_blurred_in_bands_as_it_is_as_a_whole(monkeypatch):
    hr = photo()
    points = np.random.default_rng(1).uniform(-3, 514, (500, 2))
    points = points[(points[:, 1] < 40) | (points[:, 1] > 300)]
    whole = Reductions(hr, 3.0).at(points)
    in_parts(monkeypatch)
    assert np.abs(Reductions(hr, 3.0).at(points) - whole).max() < 0.01, "grey levels"
    grey = cv2.cvtColor(hr.astype(np.float32), cv2.COLOR_RGB2GRAY)
    assert np.array_equal(float_grey(hr), grey)


@pytest.mark.parametrize("turned", [0.0, 0.6])
def test_a_pair_that_is_looked_at_in_parts_lies_as_it_does_as_a_whole(monkeypatch, turned):
    hr = photo()
    matrix = cv2.getRotationMatrix2D((255.5, 255.5), turned, 1.0)
    matrix[:, 2] += (0.4, 0.2)
    lr = reduced(cv2.warpAffine(hr, matrix, (512, 512), borderMode=cv2.BORDER_REFLECT))
    lr[30:60, 40:80] = lr[60:90, 40:80]  # other content
    laid = lay_windows((512, 512), patch=96, stride=12)
    whole = align(hr, lr)
    lies = align_windows(whole, hr, lr, laid)
    in_parts(monkeypatch)
    parts = align(hr, lr)
    again = align_windows(whole, hr, lr, laid)
    assert parts.model == whole.model
    assert np.abs(parts.warp - whole.warp)[:2].max() < 1e-3
    assert np.abs(parts.by_ecc - whole.by_ecc).max() < 0.1, "of its middle, where a block differs"
    # Beside other content each part looks at the lags that most of its own windows have.
    assert (again.verdict == lies.verdict).mean() > 0.97
    good = np.isin(lies.verdict, [VERDICTS.index(one) for one in ("aligned", "moved")])
    assert 0.2 < good.mean() < 0.99
    apart = np.abs(again.moved - lies.moved)[good].max(axis=1)
    assert np.percentile(apart, 90) < 1e-3


def test_a_large_pair_can_be_stopped_all_along(monkeypatch):
    monkeypatch.setattr(threads, "_threads", 1)
    in_parts(monkeypatch)
    hr = np.tile(photo(), (1, 2, 1))
    lr, laid = reduced(hr), lay_windows((1024, 512), patch=96, stride=24)

    def looked_at(asked: Asked) -> None:
        progress = Progress(cancel=asked)
        align_windows(align(hr, lr, progress=progress), hr, lr, laid, progress)
        asked.is_set()

    asked = Asked()
    looked_at(asked)
    assert max(asked.stretches) < sum(asked.stretches) / 4, "SIFT is one call"
    for most in np.linspace(1, len(asked.stretches) - 2, 7).astype(int).tolist():
        with pytest.raises(Cancelled):
            looked_at(stopped := Asked(most))
        assert len(stopped.stretches) == most + 1
