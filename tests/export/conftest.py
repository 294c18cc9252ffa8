import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from srviewer.export.options import Options
from srviewer.pipeline.recipe import Recipe
from tests.analyses import analysed_once
from tests.export.helpers import RECIPE, run
from tests.photos import crop, save


@pytest.fixture(scope="session")
def whole(photos, tmp_path_factory) -> Callable[..., Path]:
    """Return a function that gives the data set of an undisturbed run, made once."""
    made: dict[object, Path] = {}

    def give(
        format: str | None = "bmp", options: Options | None = None, recipe: Recipe = RECIPE
    ) -> Path:
        key = (format, options or Options(), recipe)
        if key not in made:
            out = tmp_path_factory.mktemp("whole") / "out"
            state = run(photos, out, format, recipe, options=options)
            assert (state.images, state.failures, state.cancelled) == (3, (), False)
            made[key] = out
        return made[key]

    return give


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """Return a folder of three images of a few pairs each, with names that trainers stumble at."""
    folder = tmp_path_factory.mktemp("tiny")
    save(crop("motorcycle", 150, 150, 95, 70), folder / "test.png")
    save(crop("motorcycle", 230, 150, 70, 95), folder / "a b" / "it's Köpf, 2.png")
    save(crop("astronaut", 180, 210, 70, 70), folder / "a b" / "zebra.1.bmp")
    return folder


@pytest.fixture(scope="session")
def quiet(whole) -> Path:
    """Return such a data set of folders."""
    return whole()


@pytest.fixture
def out(tmp_path) -> Path:
    """Return the folder of a data set to be."""
    return tmp_path / "out"


@pytest.fixture
def copies(photos, tmp_path) -> Path:
    """Return a copy of the photographs that a test may change."""
    return Path(shutil.copytree(photos, tmp_path / "copies"))


@pytest.fixture(autouse=True, scope="package")
def each_image_is_looked_at_once() -> Iterator[None]:
    """Tests of exports are not about analyses, which take most of their time."""
    with analysed_once():
        yield
