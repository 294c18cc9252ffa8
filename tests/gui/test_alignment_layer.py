"""How the windows of a given pair lie: on the picture, in lists, and by which of them are kept."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.layers import Layer
from srviewer.gui.state.model import Model
from srviewer.gui.views.alignment_marks import alignment_classes, alignment_marks
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.picture_table import WindowTable
from srviewer.gui.window import MainWindow
from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.window_alignment import alignment_caption
from srviewer.pipeline.window_filter import LYING, ONLY_GIVEN, Show, choose
from srviewer.runs.inputs import GivenLR
from tests.analyses import analysed_photo
from tests.given import BLOCK_RECIPE, analysed_block, pair_with_block
from tests.gui.helpers import (
    TIMEOUT,
    click,
    copied_rows,
    find,
    know,
    known,
    pixels,
    show_list,
    wait_for_analysis,
)
from tests.photos import save

RECIPE = BLOCK_RECIPE.replace(keep_windows="all")


def open_pair(qtbot: QtBot, window: MainWindow, folder: Path) -> Path:
    hr, lr = (
        save(one, folder / name)
        for one, name in zip(pair_with_block(), ("a.png", "b.png"), strict=True)
    )
    window.model.set_recipe(RECIPE)
    window.open_pairs([hr], GivenLR(lr))
    wait_for_analysis(qtbot, window, hr)
    return hr


def find_out(qtbot: QtBot, window: MainWindow) -> Analysis:
    qtbot.waitUntil(lambda: known(window).has("alignment"), timeout=TIMEOUT)
    return known(window)


def middle_of(window: MainWindow, a: Analysis, number: int) -> np.ndarray:
    """Return the pixels on the screen of the middle of a window in the pane of HR."""
    canvas = window.canvas
    middle = np.array([[a.windows.x[number], a.windows.y[number]]]) + (a.windows.patch - 1) / 2
    x, y = np.round(canvas.panes()[0].to_screen(canvas.camera, middle)[0]).astype(int)
    return pixels(canvas)[y - 3 : y + 4, x - 3 : x + 4].astype(float)


def test_a_layer_marks_each_window_by_how_it_lies(qtbot: QtBot, window: MainWindow, tmp_path: Path):
    open_pair(qtbot, window, tmp_path)
    assert not known(window).has("alignment")  # nobody has asked for it
    click(qtbot, window, "stage_pair")
    plain = known(window)
    qtbot.keyClick(window.canvas, Qt.Key.Key_G)
    assert find(window, QToolButton, "layer_alignment").isChecked()
    a = find_out(qtbot, window)
    assert a.patches is plain.patches
    colors = {}
    for number in ("aligned", "moved"):
        which = np.flatnonzero(a.alignment.verdict == VERDICTS.index(number))
        colors[number] = np.mean([middle_of(window, a, int(one)) for one in which], axis=(0, 1, 2))
    # Yellow is brighter than blue, and has less of blue.
    assert colors["moved"][:2].mean() - colors["moved"][2] > 40
    assert colors["aligned"][2] > colors["aligned"][:2].mean() - 20
    qtbot.keyClick(window.canvas, Qt.Key.Key_H)  # another map takes its place
    assert Layer.ALIGNMENT not in window.model.layers
    assert known(window).alignment is a.alignment


def test_a_choice_keeps_those_that_are_aligned_and_lists_tell_of_each(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
):
    hr = open_pair(qtbot, window, tmp_path)
    before = int(known(window).patches.kept.sum())
    click(qtbot, window, "section_given pairs")
    keep = find(window, QComboBox, "keep_windows")
    assert keep.isEnabled()
    keep.setFocus()
    qtbot.keyClick(keep, Qt.Key.Key_End)
    wait_for_analysis(qtbot, window)
    assert window.model.recipe == RECIPE.replace(keep_windows="aligned")
    a = known(window)
    assert 0 < a.patches.kept.sum() < before
    window.model.change("min_keypoints", 2)  # at once: no thread has to find it again
    assert known(window).alignment is a.alignment
    assert known(window).finished
    window.model.undo()
    window.model.undo()
    assert known(window).patches.kept.sum() == before
    window.open_paths([hr])
    qtbot.waitUntil(lambda: window.model.entries[0].lr is None, timeout=TIMEOUT)
    wait_for_analysis(qtbot, window, hr)
    assert not keep.isEnabled()
    assert "read only where the LR is given" in keep.toolTip()


def test_a_gallery_shows_those_that_lie_so_and_says_how(qtbot: QtBot, model: Model):
    view = show_list(qtbot, GalleryView(model, Excluding(model)), model, analysed_block())
    for show in LYING:
        view.show_box.setCurrentIndex(view.show_box.findData(show))
        np.testing.assert_array_equal(view.gallery.windows, choose(analysed_block(), show))
        assert model.looks_at_alignment
    view.show_box.setCurrentIndex(view.show_box.findData(Show.MOVED))
    shown = view.gallery.windows
    number = int(shown[analysed_block().alignment.moved[shown, 0] > 1.4][0])
    assert view.gallery.lies(number) == alignment_caption(analysed_block().alignment, number)
    assert view.gallery.lies(number).startswith("moved by 1.")
    assert window_verdict(analysed_block(), number) in view.gallery.words(number)
    view.hide()
    assert not model.looks_at_alignment
    know(model, analysed_photo())
    view.show()
    item = view.show_box.model().item(view.show_box.findData(Show.MOVED))
    assert (item.isEnabled(), item.toolTip()) == (False, ONLY_GIVEN)


def test_a_table_has_columns_of_it_for_given_pairs_alone(qtbot: QtBot, model: Model):
    table = show_list(qtbot, WindowTable(model, Excluding(model)), model, analysed_block())
    assert model.looks_at_alignment
    assert [one.title for one in table.listed.columns[-3:]] == ["Moved", "Lies", "Verdict"]
    table.filter.setText("moved > 1.7, dx > 1.4, u95 < 0.1")
    moved, u95 = analysed_block().alignment.moved, analysed_block().alignment.u95
    wanted = (np.hypot(*moved.T).round(2) > 1.7) & (moved[:, 0] > 1.4) & (u95 < 0.1)
    np.testing.assert_array_equal(table.listed.rows, np.flatnonzero(wanted))
    qtbot.mouseClick(table.copy_button, Qt.MouseButton.LeftButton)
    row = copied_rows()[0]
    assert (row["alignment"], float(row["dx"])) == ("moved", moved[wanted][0, 0].round(3))
    know(model, analysed_photo())
    assert table.listed.columns[-2].title == "SSIM"
    table.hide()
    assert not model.looks_at_alignment


def test_the_arrow_of_a_window_points_to_where_its_content_has_moved() -> None:
    around = np.arange(8) * np.pi / 4
    moved = np.column_stack([np.cos(around), np.sin(around)])
    lies = WindowAlignment(np.vstack([moved, [(np.nan, np.nan)]]), np.zeros(9), np.full(9, 1))
    a = SimpleNamespace(has=lambda stage: True, alignment=lies)
    classes, marks = alignment_classes(a), alignment_marks(1.0)
    assert len(set(classes.tolist())) == 9
    for one, way in zip(classes[:8], moved, strict=True):
        drawn = np.argwhere(marks[int(one)].cell[..., 3] == 255)[:, ::-1]
        ends = drawn @ way
        head = drawn[ends > ends.max() - 4]
        across = head @ np.array([-way[1], way[0]])
        tail = drawn[ends < ends.min() + 4] @ np.array([-way[1], way[0]])
        assert np.ptp(across) > np.ptp(tail) + 1, "the head is wider than the tail"
