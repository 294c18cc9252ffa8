from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from srviewer.export.runner import export
from tests.export.helpers import RECIPE


@pytest.fixture(scope="session")
def quiet(photos, tmp_path_factory) -> Path:
    """Return the data set of an undisturbed run in one process."""
    out = tmp_path_factory.mktemp("quiet") / "out"
    state = export([photos], out, RECIPE, jobs=1)
    assert (state.images, state.failures, state.cancelled) == (3, (), False)
    return out


@pytest.fixture
def out(tmp_path) -> Path:
    """Return the folder of a data set to be."""
    return tmp_path / "out"


@pytest.fixture
def copies(photos, tmp_path) -> Path:
    """Return a copy of the photographs that a test may change."""
    return Path(shutil.copytree(photos, tmp_path / "copies"))
