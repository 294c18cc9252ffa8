"""What a pulled threshold and another image cost: what is shown is made once, all else not."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.panels import images_panel
from srviewer.gui.views import gallery, picture_table
from srviewer.gui.widgets import controls
from srviewer.gui.window import MainWindow
from tests.gui.helpers import open_paths, wait_for_analysis

Analysed = Callable[[MainWindow, Path], None]
LISTS = {  # where each panel chooses what it lists
    "windows": (picture_table.window_filter, "choose"),
    "matches": (picture_table.match_filter, "choose"),
    "gallery": (gallery, "choose"),
}


def counted(patch: pytest.MonkeyPatch, owner: ModuleType, name: str) -> list[None]:
    """Return a list that grows with each call of a function of `owner`."""
    calls: list[None] = []
    called = getattr(owner, name)

    def count(*args: object, **kwargs: object) -> object:
        calls.append(None)
        return called(*args, **kwargs)

    patch.setattr(owner, name, count)
    return calls


@pytest.mark.parametrize("panel", LISTS)
def test_a_list_is_made_once_for_each_recipe_and_each_image(
    window: MainWindow,
    photo_path: Path,
    other_path: Path,
    panel: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    model = window.model
    for entry in model.entries[::-1]:
        model.look_at(entry)
        wait_for_analysis(qtbot, window, entry.path)
    model.show_data_set(False)
    window.docks.by_name[panel].open()
    QApplication.processEvents()
    calls = counted(monkeypatch, *LISTS[panel])
    for done in (
        lambda: model.look_at(model.entries[1]),
        lambda: model.change("min_keypoints", 9),
        model.undo,
    ):
        calls.clear()
        done()
        QApplication.processEvents()
        assert len(calls) == 1


def test_what_is_hidden_costs_nothing_while_a_threshold_is_pulled(
    window: MainWindow, photo_path: Path, analysed: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysed(window, photo_path)
    window.turn_panel("windows")
    window.turn_panel("charts")
    model = window.model
    model.change("min_keypoints", 9)
    asked = [counted(monkeypatch, one, "why_no_result") for one in (picture_table, gallery)]
    spies = [QSignalSpy(one.listed.modelReset) for one in (window.table, window.match_table)]
    for least in range(10, 14):
        model.change("min_keypoints", least)
        QApplication.processEvents()
    assert not any(asked)
    assert [spy.count() for spy in spies] == [0, 0]
    window.turn_panel("windows")
    assert window.table.listed.source is model.analysis, "it catches up"


def test_what_another_image_does_not_change_is_not_told_anew(
    window: MainWindow,
    photo_path: Path,
    other_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    knobs = counted(monkeypatch, controls, "QSignalBlocker")  # around each value that is shown
    compared = QSignalSpy(window.comparison.changed)
    window.model.look_at(window.model.entries[1])
    wait_for_analysis(qtbot, window, other_path)
    assert not knobs
    assert not compared.count()


def test_the_list_tells_once_of_other_images(
    window: MainWindow, photo_path: Path, other_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = counted(monkeypatch, images_panel.messages, "of_the_list")
    window.model.add_images([photo_path, other_path])
    assert len(told) == 1
