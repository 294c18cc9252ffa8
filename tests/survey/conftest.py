import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from srviewer.survey.runner import survey
from srviewer.survey.whole_set import WholeSet, load
from tests.analyses import analysed_once
from tests.survey.helpers import RECIPE, save_set


@pytest.fixture(scope="session")
def image_set(tmp_path_factory) -> Path:
    """Return a folder of six small images, two of them in a subfolder."""
    return save_set(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="session")
def quiet(image_set, tmp_path_factory) -> Path:
    """Return the survey file of an undisturbed run in one process."""
    file = tmp_path_factory.mktemp("quiet") / "survey.sqlite"
    state = survey([image_set], file, RECIPE, jobs=1)
    assert (state.images, state.surveyed, state.failures) == (6, 6, ())
    return file


@pytest.fixture(scope="session")
def whole(image_set, quiet) -> WholeSet:
    """Return the set in memory."""
    return load(quiet, [image_set], RECIPE)


@pytest.fixture
def copies(image_set, tmp_path) -> Path:
    """Return a copy of the images that a test may change."""
    return Path(shutil.copytree(image_set, tmp_path / "copies"))


@pytest.fixture(autouse=True, scope="package")
def each_image_is_looked_at_once() -> Iterator[None]:
    """Tests of surveys are not about analyses, which take most of their time."""
    with analysed_once():
        yield
