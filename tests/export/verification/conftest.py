from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from srviewer.export.options import Options
from srviewer.export.runner import export
from srviewer.pipeline.recipe import Recipe
from tests.export.helpers import RECIPE


@pytest.fixture(scope="session")
def whole(photos, tmp_path_factory) -> Callable[..., Path]:
    """Return a function that gives an undisturbed data set, made once."""
    made: dict[object, Path] = {}

    def give(format: str = "bmp", options: Options | None = None, recipe: Recipe = RECIPE) -> Path:
        key = (format, options, recipe)
        if key not in made:
            out = tmp_path_factory.mktemp("whole") / "out"
            state = export([photos], out, recipe, format=format, options=options, jobs=1)
            assert (len(state.failures), state.cancelled) == (0, False)
            made[key] = out
        return made[key]

    return give


@pytest.fixture
def copy(whole, tmp_path) -> Callable[..., Path]:
    """Return a function that gives a copy of such a data set, to be broken."""

    def give(*which, **more) -> Path:
        return Path(shutil.copytree(whole(*which, **more), tmp_path / "copy"))

    return give
