"""Windows and images left out by hand: by key, by menu, from a file, and taken in again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.layers import Arrangement
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import EXCLUDED, KEPT
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.picture_table import WindowTable
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.exclusions import NONE, Excluded, Exclusions, load_exclusions
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_filter import Show
from tests.analyses import analysed_photo, assert_same
from tests.export.helpers import tree
from tests.gui.helpers import (
    TIMEOUT,
    around,
    find,
    known,
    near,
    pixels,
    show_list,
    wait_for_analysis,
)
from tests.gui.test_export_panel import export

Open = Callable[[MainWindow, Path], None]
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SOME = analysed_photo()
KEPT_ONES = [int(one) for one in np.flatnonzero(SOME.patches.kept)]


@pytest.fixture
def opened(window: MainWindow, analysed: Open, photo_path: Path) -> MainWindow:
    """Return the window with a photograph, close enough to see marks."""
    analysed(window, photo_path)
    window.pair.arrange(Arrangement.SIDE_BY_SIDE)
    return window


def middle_of(window: MainWindow, number: int) -> QPoint:
    """Return where the middle of a window is on HR's pane, brought into view first."""
    canvas, a = window.canvas, known(window)
    x, y = Selected("window", number).point_in(a)
    canvas.go_to(x, y)
    at = canvas.panes()[0].to_screen(canvas.camera, np.array([(x, y)]))[0]
    return QPoint(round(float(at[0])), round(float(at[1])))


def verdicts(window: MainWindow) -> list[int]:
    return [int(one) for one in known(window).patches.verdict]


def inspector_says(window: MainWindow) -> str:
    return find(window, QLabel, "verdict").text()


# In the picture


def test_a_window_that_was_clicked_is_excluded_by_a_key_and_included_by_the_same(
    qtbot: QtBot, opened: MainWindow
) -> None:
    number, before = KEPT_ONES[3], verdicts(opened)
    at = middle_of(opened, number)
    qtbot.mouseClick(opened.canvas, LEFT, pos=at)
    assert opened.model.selection == Selected("window", number)
    assert opened.menus.turn_windows.text().replace("&", "") == "Exclude the window"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    changed = [one for one, new in enumerate(verdicts(opened)) if new != before[one]]
    assert changed == [number]
    assert verdicts(opened)[number] == Verdict.EXCLUDED
    assert inspector_says(opened).startswith("excluded by hand; else kept: ")
    assert opened.menus.turn_windows.text().replace("&", "") == "Include the window again"
    assert opened.model.selection == Selected("window", number)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    assert verdicts(opened) == before
    assert opened.model.exclusions == NONE


def test_notes_are_told_as_far_as_the_line_at_the_bottom_has_room(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.model.select(Selected("window", KEPT_ONES[0]))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    opened.model.change("stride", opened.model.recipe.stride + 1)
    wait_for_analysis(qtbot, opened)
    notes = opened.status.notes
    trimmed, lost = notes.toolTip().split("\n")
    assert "no window lies" in lost
    for width, is_whole in ((900, False), (1900, True)):
        opened.resize(width, 700)
        QApplication.processEvents()
        assert (notes.text() == f"notes: {trimmed}, +1") == is_whole, width


def test_each_act_is_one_step_of_undo(qtbot: QtBot, opened: MainWindow) -> None:
    model, before = opened.model, verdicts(opened)
    for number in KEPT_ONES[:2]:
        model.select(Selected("window", number))
        qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    both = model.exclusions
    assert str(both) == "2 windows"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, CONTROL)
    assert str(model.exclusions) == "1 window"
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, CONTROL)
    assert (verdicts(opened), model.exclusions) == (before, NONE)
    assert not opened.menus.undo.isEnabled()
    for _ in range(2):
        opened.menus.redo.trigger()
    assert model.exclusions == both
    # A change of recipe keeps them, and is taken back alone.
    model.change("min_keypoints", 3)
    assert model.exclusions == both
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, CONTROL)
    assert (model.recipe.min_keypoints, model.exclusions) == (10, both)
    model.use_preset("v1")
    assert model.exclusions == both


def test_an_excluded_window_has_a_mark_that_no_other_has(qtbot: QtBot, opened: MainWindow) -> None:
    number = KEPT_ONES[3]
    opened.canvas.set_camera(opened.canvas.camera.zoomed(3.0))
    at = middle_of(opened, number)
    opened.model.select(Selected("window", number))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    opened.model.select(None)
    shown = pixels(opened.canvas)
    reach = int(SOME.windows.stride * opened.canvas.camera.zoom / 2)
    cell = around(shown, at.x(), at.y(), reach)
    cross = near(cell, EXCLUDED, 40)
    assert cross.sum() > 20
    assert cross[reach - 1 : reach + 2, reach - 1 : reach + 2].all(), "a cross is closed"
    brightness = cell[..., :3].mean(axis=2)
    assert (brightness > 220).sum() > 20, "its edge is seen on dark ground"
    assert (brightness < 60).sum() > 20, "and its ground on light one"
    legend = shown[-80:, :400]
    assert near(legend, EXCLUDED, 40).any()
    assert near(legend, KEPT, 30).any()
    qtbot.keyClick(opened.canvas, Qt.Key.Key_Z, CONTROL)
    assert not near(pixels(opened.canvas), EXCLUDED, 12).any()


def test_an_excluded_window_is_seen_where_all_of_a_large_image_is(
    qtbot: QtBot, opened: MainWindow
) -> None:
    canvas = opened.canvas
    canvas.zoom_to(2 / SOME.windows.stride)  # a cell is 2 pixels wide
    at = middle_of(opened, KEPT_ONES[3])
    opened.model.select(Selected("window", KEPT_ONES[3]))
    qtbot.keyClick(canvas, Qt.Key.Key_X)
    opened.model.select(None)
    mark = around(pixels(canvas), at.x(), at.y(), 6)
    assert near(mark, EXCLUDED, 60).sum() >= 12
    assert (mark[..., :3].mean(axis=2) > 220).sum() >= 20


def chosen_from(menu: QMenu | None, text: str) -> None:
    assert menu is not None
    next(one for one in menu.actions() if one.text().startswith(text)).trigger()
    menu.close()


def test_the_pictures_menu_excludes_the_window_under_the_pointer_and_the_image(
    qtbot: QtBot, opened: MainWindow
) -> None:
    at = middle_of(opened, KEPT_ONES[3])
    opened.canvas.customContextMenuRequested.emit(at)
    chosen_from(opened.pair.findChild(QMenu, "picture_menu"), "Exclude the window")
    assert verdicts(opened)[KEPT_ONES[3]] == Verdict.EXCLUDED
    QApplication.processEvents()
    opened.canvas.customContextMenuRequested.emit(at)
    chosen_from(opened.pair.findChild(QMenu, "picture_menu"), "Exclude the image")
    assert not known(opened).patches.kept.any()
    assert known(opened).patches.excluded_alone == len(KEPT_ONES)


def test_an_image_is_excluded_and_its_windows_stay_so_when_it_comes_back(
    qtbot: QtBot, opened: MainWindow, photo_path: Path
) -> None:
    model = opened.model
    model.select(Selected("window", KEPT_ONES[0]))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X, SHIFT)
    assert opened.menus.turn_image.text().replace("&", "") == "Include the image again"
    assert str(model.exclusions) == "1 window and 1 image"
    assert model.pairs_of(model.entries[0]) == 0
    assert_same(known(opened), analyse(read_image(photo_path), exclusions=model.exclusions))
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X, SHIFT)
    assert model.pairs_of(model.entries[0]) == len(KEPT_ONES) - 1


def test_without_a_window_the_key_says_what_to_do(qtbot: QtBot, opened: MainWindow) -> None:
    said: list[str] = []
    opened.model.noted.connect(said.append)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    assert said == ["no window is selected: click one, or select several in a list"]
    assert opened.model.exclusions == NONE


def test_of_a_window_that_is_rejected_anyway_both_is_told(qtbot: QtBot, opened: MainWindow) -> None:
    said: list[str] = []
    opened.model.noted.connect(said.append)
    number = int(np.flatnonzero(SOME.patches.verdict == Verdict.LITTLE_TEXTURE)[0])
    before = verdicts(opened)
    opened.model.select(Selected("window", number))
    reason = inspector_says(opened)
    qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    before[number] = Verdict.EXCLUDED
    assert verdicts(opened) == before
    assert inspector_says(opened) == f"excluded by hand; else {reason}"
    assert said == ["1 window excluded by hand, which is rejected anyway; Ctrl+Z takes it back"]


# In lists


@pytest.fixture
def table(qtbot: QtBot, model: Model) -> WindowTable:
    shown = show_list(qtbot, WindowTable(model, Excluding(model, model)), model, SOME)
    shown.show_box.setCurrentIndex(shown.show_box.findData(Show.KEPT))
    return shown


def click_row(qtbot: QtBot, table: WindowTable, row: int, keys: object) -> None:
    at = table.view.visualRect(table.listed.index(row, 0)).center()
    qtbot.mouseClick(table.view.viewport(), LEFT, keys, at)


def now(model: Model) -> Analysis:
    assert model.analysis is not None
    return model.analysis


def test_selected_rows_are_excluded_together_and_listed(
    qtbot: QtBot, table: WindowTable, model: Model
) -> None:
    click_row(qtbot, table, 0, Qt.KeyboardModifier.NoModifier)
    click_row(qtbot, table, 2, SHIFT)
    assert model.chosen == frozenset(KEPT_ONES[:3])
    table.view.customContextMenuRequested.emit(QPoint(5, 5))
    chosen_from(table.findChild(QMenu, "table_menu"), "Exclude the 3 windows")
    assert np.flatnonzero(now(model).patches.verdict == Verdict.EXCLUDED).tolist() == KEPT_ONES[:3]
    assert table.listed.rows.tolist() == KEPT_ONES[3:]
    assert table.count.text().startswith(f"{len(KEPT_ONES) - 3:,} of ")
    table.show_box.setCurrentIndex(table.show_box.findData(Show.EXCLUDED))
    assert table.listed.rows.tolist() == KEPT_ONES[:3]
    last = table.listed.columnCount() - 1
    assert table.listed.index(0, last).data() == "excluded by hand"
    column = pixels(table.view.viewport())
    assert near(column, EXCLUDED, 30).any()
    model.undo()
    assert not table.listed.rowCount()
    assert not now(model).patches.excluded.any()


def test_what_is_excluded_already_is_not_counted_again(
    qtbot: QtBot, table: WindowTable, model: Model
) -> None:
    excluding, said = Excluding(model, model), []
    model.noted.connect(said.append)
    table.show_box.setCurrentIndex(table.show_box.findData(Show.IN_BOX))
    click_row(qtbot, table, 1, Qt.KeyboardModifier.NoModifier)
    excluding.turn_windows()
    click_row(qtbot, table, 0, Qt.KeyboardModifier.NoModifier)
    click_row(qtbot, table, 2, SHIFT)
    rejected = np.flatnonzero(~now(model).patches.kept & ~now(model).patches.excluded)
    fresh = [one for one in sorted(model.chosen) if not now(model).patches.excluded[one]]
    assert len(fresh) == 2
    excluding.turn_windows()
    assert now(model).patches.excluded.sum() == 3
    anyway = np.isin(fresh, rejected).sum()
    assert said[-1].startswith("2 windows excluded by hand")
    assert ("rejected anyway" in said[-1]) == bool(anyway)
    assert said[-1].endswith("; 1 was already; Ctrl+Z takes it back")
    excluding.turn_windows()
    assert said[-1] == "3 windows included again; Ctrl+Z takes it back"


def test_rows_that_nobody_sees_are_not_meant(
    qtbot: QtBot, table: WindowTable, model: Model
) -> None:
    click_row(qtbot, table, 0, Qt.KeyboardModifier.NoModifier)
    click_row(qtbot, table, 2, SHIFT)
    table.hide()
    assert model.chosen == frozenset()
    table.show()
    assert model.chosen == frozenset(KEPT_ONES[:3])
    model.select(Selected("window", KEPT_ONES[5]))  # a click in the picture
    assert model.chosen == frozenset()
    model.select(None)
    assert model.chosen == frozenset()


def test_the_gallery_shows_them_apart(qtbot: QtBot, model: Model) -> None:
    excluding = Excluding(model, model)
    view = show_list(qtbot, GalleryView(model, excluding), model, SOME)
    view.show_box.setCurrentIndex(view.show_box.findData(Show.KEPT))
    qtbot.mouseClick(view.gallery.viewport(), LEFT, pos=view.gallery.grid.rect(1).center())
    assert excluding.windows == (KEPT_ONES[1],)
    excluding.turn_windows()
    assert KEPT_ONES[1] not in view.gallery.windows.tolist()
    view.show_box.setCurrentIndex(view.show_box.findData(Show.EXCLUDED))
    assert view.gallery.windows.tolist() == [KEPT_ONES[1]]
    assert near(pixels(view.gallery.viewport()), EXCLUDED, 30).any()
    assert "excluded by hand" in view.gallery.accessibleDescription()


# Files and exports


def test_what_is_excluded_is_saved_opened_and_exported_as_the_command_line_does(
    qtbot: QtBot,
    opened: MainWindow,
    photo_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, file = opened.model, tmp_path / "mine.txt"
    for number in KEPT_ONES[::4]:
        model.select(Selected("window", number))
        qtbot.keyClick(opened.canvas, Qt.Key.Key_X)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    opened.dialogs.save_exclusions()
    exclusions = model.exclusions
    assert load_exclusions(file) == exclusions
    assert f"# {photo_path.name}" in file.read_text()
    out, expected = tmp_path / "out", tmp_path / "expected"
    export(qtbot, opened, out)
    flags = ["--jobs", "1", "--exclude", str(file), "--out", str(expected)]
    assert main(["export", str(photo_path), *flags]) == 0
    assert tree(out) == tree(expected)
    assert (out / "exclude.txt").read_bytes() == file.read_bytes()
    model.use_exclusions(NONE)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    opened.dialogs.open_exclusions()
    assert model.exclusions == exclusions
    file.write_text("12 image\n")
    opened.dialogs.open_exclusions()
    assert model.exclusions == exclusions
    assert "line 1, SHA-256 = '12'" in opened.banner.text


def test_the_data_set_counts_them(
    qtbot: QtBot, opened: MainWindow, analysed: Open, other_path: Path
) -> None:
    analysed(opened, other_path)
    model, data_set = opened.model, opened.data_set
    model.show_data_set(True)
    data_set.start_survey()

    def knows_both() -> bool:
        known = data_set.is_current and not data_set.survey.busy and data_set.overview
        return bool(known) and known.answer.totals.images == 2

    qtbot.waitUntil(knows_both, timeout=TIMEOUT)
    assert data_set.overview is not None
    totals = data_set.overview.answer.totals
    model.use_exclusions(Exclusions({model.image.sha256: Excluded(whole=True)}))
    assert not data_set.is_current
    qtbot.waitUntil(lambda: data_set.is_current, timeout=TIMEOUT)
    after = data_set.overview.answer.totals
    assert after.excluded > 0
    assert after.pairs + after.excluded == totals.pairs
    model.undo()
    qtbot.waitUntil(lambda: data_set.is_current, timeout=TIMEOUT)
    assert data_set.overview.answer.totals == totals


def test_several_of_the_gallery_are_excluded_in_one_step(qtbot: QtBot, opened: MainWindow) -> None:
    model = opened.model
    opened.docks.by_name["gallery"].open()
    gallery = opened.gallery.gallery
    gallery.setFocus()
    qtbot.keyClick(gallery, Qt.Key.Key_Home)
    for _ in range(2):
        qtbot.keyClick(gallery, Qt.Key.Key_Right, SHIFT)
    numbers = [int(gallery.windows[place]) for place in range(3)]
    assert sorted(model.chosen) == numbers
    assert opened.menus.turn_windows.text().replace("&", "") == "Exclude the 3 windows"
    qtbot.keyClick(gallery, Qt.Key.Key_X)
    assert str(model.exclusions) == "3 windows"
    assert all(verdicts(opened)[number] == Verdict.EXCLUDED for number in numbers)
    qtbot.keyClick(gallery, Qt.Key.Key_Z, CONTROL)
    assert model.exclusions == NONE


def test_table_and_gallery_show_what_is_chosen_in_either(qtbot: QtBot, model: Model) -> None:
    view = show_list(qtbot, GalleryView(model, Excluding(model)), model, SOME)
    table = show_list(qtbot, WindowTable(model, Excluding(model)), model, None)
    gallery = view.gallery
    gallery.setFocus()
    qtbot.keyClick(gallery, Qt.Key.Key_Home)
    for _ in range(2):
        qtbot.keyClick(gallery, Qt.Key.Key_Right, SHIFT)
    numbers = gallery.windows[:3].tolist()
    assert sorted(model.chosen) == sorted(table.view.selected_rows()) == numbers
    assert model.selection == Selected("window", numbers[2])
    seen = table.view.seen_rows()
    for row, keys in ((seen.start + 1, Qt.KeyboardModifier.NoModifier), (seen.start + 2, SHIFT)):
        at = table.view.visualRect(table.listed.index(row, 0)).center()
        qtbot.mouseClick(table.view.viewport(), LEFT, keys, pos=at)
    assert gallery.chosen.tolist() == sorted(model.chosen) == table.view.selected_rows().tolist()
    assert len(gallery.chosen) == 2
    qtbot.keyClick(gallery, Qt.Key.Key_Right)
    assert not model.chosen
    assert len(table.view.selected_rows()) == 1
