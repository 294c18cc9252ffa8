"""The formats that the export panel offers, and those that it cannot."""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from srviewer.export.options import FORMATS, HELP, Options
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.exporting import Exporting
from srviewer.gui.state.model import Model
from srviewer.gui.window import MainWindow
from tests.gui.helpers import TIMEOUT, find


@pytest.fixture
def panel(qtbot: QtBot) -> ExportPanel:
    model = Model()
    settings = ExportSettings(model)
    panel = ExportPanel(model, DataSet(model), Exporting(model, settings))
    qtbot.addWidget(panel)
    return panel


def test_all_formats_are_offered_with_what_they_are(panel: ExportPanel) -> None:
    formats = panel.format
    assert [formats.itemText(row) for row in range(formats.count())] == list(FORMATS)
    for row, name in enumerate(FORMATS):
        assert formats.itemData(row, Qt.ItemDataRole.ToolTipRole) == HELP[name]
        assert formats.model().index(row, 0).flags() & Qt.ItemFlag.ItemIsEnabled
        formats.setCurrentText(name)
        assert formats.toolTip() == HELP[name]


def test_a_format_whose_package_is_missing_is_grey_and_says_what_installs_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    model = Model()
    settings = ExportSettings(model)
    panel = ExportPanel(model, DataSet(model), Exporting(model, settings))
    qtbot.addWidget(panel)
    formats = panel.format
    grey = []
    for row, name in enumerate(FORMATS):
        if not formats.model().index(row, 0).flags() & Qt.ItemFlag.ItemIsEnabled:
            grey.append(name)
            tip = formats.itemData(row, Qt.ItemDataRole.ToolTipRole)
            assert "pip install 'srviewer[hdf5]'" in tip
    assert grey == ["hdf5", "srcnn-hdf5"]
    formats.setCurrentText("lmdb")
    qtbot.keyClick(formats, Qt.Key.Key_Down)
    assert formats.currentText() == "webdataset", "keys pass over what is grey"
    settings.restore(Options(), None, format="hdf5")
    assert formats.currentText() == "webdataset"
    settings.restore(Options(), None, format="png")
    assert formats.currentText() == "png"


@pytest.mark.parametrize("format", FORMATS[4:])
def test_a_container_is_written_from_the_window(
    qtbot: QtBot,
    window: MainWindow,
    photo_path: Path,
    analysed: Callable[[MainWindow, Path], None],
    tmp_path: Path,
    format: str,
) -> None:
    analysed(window, photo_path)
    find(window, QComboBox, "export_format").setCurrentText(format)
    find(window, QLineEdit, "export_folder").setText(str(tmp_path / "out"))
    button = find(window, QPushButton, "export")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(button.isEnabled, timeout=TIMEOUT)
    with open(tmp_path / "out" / "manifest.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert {(tmp_path / "out" / row["hr"].split("/")[0]).exists() for row in rows} == {True}
