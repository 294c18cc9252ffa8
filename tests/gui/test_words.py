"""One name for one thing: the window calls a knob by its label, wherever it speaks of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from srviewer.export.export_run import ExportState
from srviewer.export.messages import done_so_far, outcome
from srviewer.export.options import OPTIONS
from srviewer.gui.views.numbers_page import page_text
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import KNOBS, Recipe
from tests.gui.helpers import find

KEYS = re.compile(rf"\b({'|'.join(name for name in KNOBS | OPTIONS if '_' in name)})\b")
CHOICES = re.compile(r"\b(texture|consistency|metrics_on) (sift|canny|radial|position|y)\b")


def texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """Yield whatever is said in `window`, and by what."""
    for widget in window.findChildren(QWidget):
        name = widget.objectName() or type(widget).__name__
        yield name, widget.toolTip()
        yield name, widget.accessibleName()
        yield name, widget.accessibleDescription()
        if isinstance(widget, QLabel):
            yield name, widget.text()
        if isinstance(widget, QComboBox):
            for row in range(widget.count()):
                tip = widget.itemData(row, 3)
                yield name, str(tip or "")


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(texture="canny", consistency="position", crop="bounding", metrics_on="y"),
        Recipe(texture="canny", keypoint_scope="image", lr_layout="native", patch=32, stride=16),
    ],
    ids=["article", "canny", "native"],
)
def test_nothing_in_the_window_names_a_key(opened: MainWindow, recipe: Recipe) -> None:
    for dock in opened.docks.by_name.values():
        dock.open()
        opened.model.set_recipe(recipe)
        found = [one for one in texts(opened) if KEYS.search(one[1]) or CHOICES.search(one[1])]
        assert not found


@pytest.mark.parametrize("name", KNOBS)
def test_a_value_that_is_not_allowed_is_told_by_its_label(
    qtbot: QtBot, window: MainWindow, name: str
) -> None:
    window.model.change(name, -1.5)
    assert window.banner.text.startswith(f"{KNOBS[name].label} = -1.5: allowed is ")
    assert not KEYS.search(window.banner.text)


def test_a_control_of_no_use_says_where_it_is_of_use(window: MainWindow) -> None:
    tip = find(window, QWidget, "min_edge_density").toolTip()
    assert "Not used now: read only where Texture by is canny." in tip
    assert "--min-edge-density on the command line" in tip


def test_one_of_each_is_no_plural() -> None:
    page = page_text(Recipe(min_keypoints=1, min_matches=1))
    assert "(now: at least 1 keypoint and at least 1 match)" in page
    state = ExportState(images=1, done=1, pairs=1, in_set=1, out=Path("out"))
    assert done_so_far(state) == "1 of 1 image, 1 pair"
    assert done_so_far(replace(state, already=1)) == "1 of 1 image, 1 new pair"
    assert outcome(replace(state, pairs=0, already=1)).endswith("; 1 pair in the data set")
