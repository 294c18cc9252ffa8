from __future__ import annotations

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
