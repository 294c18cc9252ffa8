import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def copy(whole, tmp_path) -> Callable[..., Path]:
    """Return a function that gives a copy of such a data set, to be broken."""

    def give(*which, **more) -> Path:
        return Path(shutil.copytree(whole(*which, **more), tmp_path / "copy"))

    return give
