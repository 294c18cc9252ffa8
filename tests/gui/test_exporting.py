"""Exports as they are started, outdated and followed, without a widget."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from srviewer.errors import ConflictError
from srviewer.export.options import Options
from srviewer.export.runner import export
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.exporting import Exporting
from srviewer.gui.state.model import Model
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import TIMEOUT

QUICK = Recipe(crop="whole", min_keypoints=3)


@pytest.fixture
def exporting(model: Model, photo_path: Path, tmp_path: Path, qtbot: QtBot) -> Exporting:
    """Return one of a photograph into the folder `out`."""
    model.set_recipe(QUICK)
    one = Exporting(model, ExportSettings(model, model))
    one.settings.restore(Options(max_per_image=3), 1, str(tmp_path / "out"))
    model.add_images([photo_path])
    return one


def told(exporting: Exporting) -> list[str]:
    """Return a list that grows by what is told, in order."""
    events: list[str] = []
    exporting.failed.connect(events.append)
    exporting.refused.connect(lambda error: events.append(type(error).__name__))
    exporting.outdated.connect(lambda: events.append("outdated"))
    return events


def run(qtbot: QtBot, exporting: Exporting) -> None:
    with qtbot.waitSignal(exporting.run.finished, timeout=TIMEOUT):
        exporting.start()


def test_an_outcome_counts_until_something_else_is_chosen(
    qtbot: QtBot, exporting: Exporting
) -> None:
    in_time: list[bool] = []
    exporting.run.done.connect(lambda: in_time.append(exporting.is_of_what_is_chosen))
    run(qtbot, exporting)
    assert exporting.run.state.pairs == 3
    with qtbot.waitSignal(exporting.run.finished, timeout=TIMEOUT):
        exporting.start()
        exporting.settings.use("seed", 1)
    assert in_time == [True, False], "something else was chosen meanwhile"
    events, settings = told(exporting), exporting.settings
    settings.use("jobs", 2)
    settings.changed.emit()
    assert (events, exporting.is_of_what_is_chosen) == ([], True)
    settings.use("max_per_image", 4)
    assert (events, exporting.is_of_what_is_chosen) == (["outdated"], False)
    settings.use("max_per_image", 5)
    assert events == ["outdated"], "it is told once"


def test_what_cannot_be_is_told_and_not_begun(qtbot: QtBot, exporting: Exporting) -> None:
    events, settings = told(exporting), exporting.settings
    settings.use("whole", "validation")
    exporting.start()
    assert events == [f"export: {settings.problem}"]
    settings.use("whole", "none")
    assert events[1:] == ["outdated"], "what was said of it goes"
    settings.use_folder("")
    exporting.start()
    assert events[2:] == ["export: the folder is empty; choose where the pairs go"]
    assert (exporting.run.busy, exporting.last) == (False, None)


def test_other_pairs_are_replaced_only_by_who_says_so(
    qtbot: QtBot, exporting: Exporting, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(qtbot, exporting)
    exporting._model.change("patch", 41)
    events = told(exporting)
    run(qtbot, exporting)
    assert events == ["outdated", ConflictError.__name__], "as it began"
    assert "patch = 33" in (out / "recipe.toml").read_text()
    with qtbot.waitSignal(exporting.run.done, timeout=TIMEOUT):
        exporting.replace()
    qtbot.waitUntil(lambda: not exporting.run.busy, timeout=TIMEOUT)
    assert "patch = 41" in (out / "recipe.toml").read_text()


def test_format_and_options_of_the_folder_are_taken_once_it_is_looked_into(
    qtbot: QtBot, exporting: Exporting, photo_path: Path, tmp_path: Path
) -> None:
    settings, there = exporting.settings, tmp_path / "there"
    options = Options(validation_share=0.25)
    export([photo_path], there, QUICK, format="bmp", options=options)
    exporting.planner.set_active(True)
    settings.use_folder(str(there))
    qtbot.waitUntil(lambda: settings.format == "bmp", timeout=TIMEOUT)
    assert settings.options == Options(max_per_image=3, validation_share=0.25)
    assert settings.chosen_format is None
    assert exporting.plan() is not None
    settings.use("whole", "validation")
    settings.use("validation_share", 0.0)
    assert exporting.plan() is None, "it cannot be"
    settings.use_folder(str(tmp_path / "new"))
    qtbot.waitUntil(lambda: settings.format == "png", timeout=TIMEOUT)
