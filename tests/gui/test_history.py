"""Undo and redo say what they would do."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from srviewer.gui.state.history import Step, change_words
from srviewer.gui.window import MainWindow
from srviewer.pipeline.exclusions import NONE, Excluded, Exclusions, Window
from srviewer.pipeline.recipe import PRESETS, Recipe
from tests.gui.helpers import find
from tests.gui.test_actions import plain

START = Step("article", Recipe())
SOME = Exclusions({"0f" * 32: Excluded(False, frozenset({Window(0, n, 33, 4) for n in range(3)}))})
IMAGE = Exclusions({"0a" * 32: Excluded(True)})


def changed(**changes: object) -> Step:
    return replace(START, recipe=Recipe().replace(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (START, changed(min_keypoints=4), "keypoints 10 to 4"),
        (START, changed(error_margin=0.075), "error margin 5 % to 7.5 %"),
        (
            START,
            changed(lr_layout="native", patch=36, stride=16),
            "patch 33 px to 36 px and 2 more",
        ),
        (START, changed(quantize_after=False), "round to 8 bits on to off"),
        (START, changed(sift_nfeatures=500), "features all to 500"),
        (changed(stride=20, patch=40), START, "reset to preset article"),
        (START, Step("v2", PRESETS["v2"], base=PRESETS["v2"]), "preset v2"),
        (START, Step("mine & yours", Recipe(scale=3), base=Recipe(scale=3)), "preset mine & yours"),
        (START, Step("v2", Recipe(scale=3), SOME, PRESETS["v2"]), "another session"),
        (START, replace(START, exclusions=SOME), "exclude 3 windows"),
        (replace(START, exclusions=IMAGE), START, "include 1 image"),
        (replace(START, exclusions=IMAGE), replace(START, exclusions=SOME), "other exclusions"),
        (START, replace(changed(stride=20), exclusions=SOME), "stride 14 px to 20 px"),
    ],
)
def test_a_change_in_words(before: Step, after: Step, words: str) -> None:
    assert change_words(before, after) == words


def test_the_menu_says_what_is_undone_and_done_again(qtbot: QtBot, opened: MainWindow) -> None:
    undo, redo = opened.menus.undo, opened.menus.redo
    assert (undo.text(), redo.text(), undo.isEnabled()) == ("&Undo", "&Redo", False)
    spin = find(opened, QSpinBox, "min_keypoints")
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, "4")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert undo.text() == "&Undo keypoints 10 to 4"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (undo.text(), redo.text()) == ("&Undo", "&Redo keypoints 10 to 4")
    assert opened.status.currentMessage() == "undone: keypoints 10 to 4"
    assert plain(redo) == "Redo"
    assert opened.model.exclusions == NONE


def test_the_sheet_of_keys_says_what_they_do_always(opened: MainWindow) -> None:
    opened.model.change("min_keypoints", 4)
    opened.help.show_keys()
    sheet = opened.findChild(object, "shortcut_sheet")
    rows = [what for group in sheet._groups for _, what in group.rows]  # type: ignore[union-attr]
    assert "Undo" in rows
    sheet.close()  # type: ignore[union-attr]


def test_another_preset_of_the_same_recipe_is_called_by_its_name() -> None:
    article = Step("article", PRESETS["article"])
    assert change_words(article, Step("mine", PRESETS["article"])) == "preset mine"
