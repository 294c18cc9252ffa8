import os
import sys
import tempfile
from pathlib import Path

import pytest

from srviewer.survey.default_file import IN_FOLDER, cache_folder, default_file


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """Return a cache folder that is the test's own."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    return cache_folder()


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def test_a_folder_keeps_its_own_survey(folder, monkeypatch):
    assert default_file([folder]) == folder / IN_FOLDER
    monkeypatch.chdir(folder.parent)
    assert default_file([Path("photos"), folder]) == folder / IN_FOLDER


def test_a_folder_that_cannot_be_written_to_has_it_in_the_cache(folder, cache, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not Path(path).is_relative_to(folder))
    found = default_file([folder])
    assert found.parent == cache
    assert found.name.startswith("photos-")
    assert found.suffix == ".sqlite"
    assert default_file([folder]) == found


@pytest.mark.parametrize("there", [False, True])
def test_a_survey_that_is_there_is_gone_on_with_where_it_can_be_written(
    folder, cache, monkeypatch, there
):
    inside = folder / IN_FOLDER
    if there:
        inside.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) == inside)
    assert default_file([folder]).parent == (folder if there else cache)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) == folder)
    assert default_file([folder]).parent == (cache if there else folder)


def test_long_names_leave_room(cache, tmp_path):
    image = tmp_path / f"{'x' * 240}.png"
    image.touch()
    cache.mkdir(parents=True)
    default_file([image]).with_suffix(".sqlite-journal").touch()


def test_several_inputs_and_images_have_it_in_the_cache(folder, cache, tmp_path):
    image = folder / "a b.png"
    image.touch()
    found = {default_file(paths) for paths in ([image], [folder, tmp_path], [tmp_path, image])}
    assert len(found) == 3
    assert {path.parent for path in found} == {cache}
    assert default_file([folder, tmp_path]) == default_file([tmp_path, folder])
    assert default_file([image]).name.startswith("a_b_png-")


@pytest.mark.skipif(sys.platform != "linux", reason="where the cache is differs")
def test_the_cache_is_where_the_system_has_it(tmp_path, monkeypatch):
    assert cache_folder() == tmp_path / "cache" / "srviewer" / "surveys"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "srviewer" / "surveys"


@pytest.mark.parametrize(
    ("platform", "parts"),
    [("win32", ("AppData", "Local")), ("darwin", ("Library", "Caches")), ("aix", (".cache",))],
)
def test_each_system_has_its_cache(monkeypatch, platform, parts):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name)
    home = Path(os.path.expanduser("~"))
    assert cache_folder() == home.joinpath(*parts, "srviewer", "surveys")


def test_without_a_home_folder_surveys_lie_in_the_folder_for_what_is_temporary(monkeypatch):
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as where no account has one
    assert cache_folder().is_relative_to(tempfile.gettempdir())
