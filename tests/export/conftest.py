from __future__ import annotations

from pathlib import Path

import pytest

from srviewer.export.runner import export
from tests.export.helpers import RECIPE
from tests.photos import crop, save


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """Return a folder of three photographs, two of them in a subfolder."""
    folder = tmp_path_factory.mktemp("photos")
    save(crop("motorcycle", 100, 150, 181, 170), folder / "motor.png")
    save(crop("grass", 0, 0, 132, 140), folder / "sub" / "grass.png")
    save(crop("astronaut", 130, 200, 160, 171), folder / "sub" / "man.bmp")
    return folder


@pytest.fixture(scope="session")
def quiet(photos, tmp_path_factory) -> Path:
    """Return the data set of an undisturbed run in one process."""
    out = tmp_path_factory.mktemp("quiet") / "out"
    state = export([photos], out, RECIPE, jobs=1)
    assert (state.images, state.failures, state.cancelled) == (3, (), False)
    return out
