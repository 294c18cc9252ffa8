"""For whom an export is written: what the block offers, checks and sends."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from srviewer.export.options import Options
from srviewer.export.profiles import PROFILES
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find
from tests.gui.test_export_panel import choose, press
from tests.gui.test_export_plan import plan_says
from tests.soak.walk import declared


def offered(box: QComboBox) -> list[str]:
    items = box.model()
    assert isinstance(items, QStandardItemModel)
    return [box.itemText(row) for row in range(box.count()) if items.item(row).isEnabled()]


def test_the_trainer_settles_what_it_reads(qtbot: QtBot, opened: MainWindow) -> None:
    profile = find(opened, QComboBox, "export_profile")
    kind = find(opened, QComboBox, "export_format")
    said = find(opened, QLabel, "export_chosen")
    button = find(opened, QPushButton, "export")
    labels = [one.label for one in PROFILES.values()]
    assert [profile.itemText(row) for row in range(profile.count())] == ["any trainer", *labels]
    every = offered(kind)
    choose(kind, qtbot, "bmp")
    choose(profile, qtbot, "neosr")
    assert kind.currentText() == "png"
    assert offered(kind) == ["png", "webp", "lmdb"]
    assert "neosr" in plan_says(qtbot, opened, "LR layout = 'upscaled'").text()
    assert not button.isEnabled()
    before = opened.model.recipe
    says = declared(find(opened, QPushButton, "export_suit"))
    press(qtbot, opened, "export_suit")
    after = opened.model.recipe
    assert says == after.differences(before).keys() == {"lr_layout", "patch", "stride"}
    assert (after.lr_layout, after.patch) == ("native", 256)
    assert button.isEnabled()
    plan_says(qtbot, opened, "1 image to come")
    suit = find(opened, QPushButton, "export_suit")
    assert not suit.isVisible()
    opened.model.undo()
    assert opened.model.recipe == before, "it is one step"
    choose(profile, qtbot, "BasicSR")
    plan_says(qtbot, opened, "set LR layout = native, as its usual networks enlarge")
    assert (suit.isVisible(), button.isEnabled()) == (True, True)
    choose(profile, qtbot, "neosr")
    opened.model.change("lr_layout", "native")
    opened.model.change("patch", 64)
    assert "all kept pairs" in said.text()
    assert button.isEnabled()
    plan_says(qtbot, opened, "patches of 128 to 256 px are usual, not 64")
    opened.model.change("patch", 128)
    assert opened.export_settings.options == Options(profile="neosr")
    order = opened.export_settings.order()
    assert (order.format, order.options.profile) == ("png", "neosr")
    choose(profile, qtbot, "any trainer")
    assert offered(kind) == every


@pytest.mark.parametrize("size", [(900, 600), (1280, 800)])
def test_there_is_room_for_it(qtbot: QtBot, opened: MainWindow, size: tuple[int, int]) -> None:
    opened.resize(*size)
    profile = find(opened, QComboBox, "export_profile")
    button = find(opened, QPushButton, "export")
    for widget in (profile, button, find(opened, QLabel, "export_chosen")):
        area = widget.visibleRegion().boundingRect()
        assert area.size() == widget.size()
    qtbot.keyClick(profile, Qt.Key.Key_Down)
    assert profile.currentText() == "BasicSR, HAT, SwinIR"
