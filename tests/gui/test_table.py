"""The table of windows, driven by mouse and keys."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views.picture_table import WindowTable
from srviewer.gui.views.table_model import TableModel
from srviewer.pipeline import window_columns
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.columns import Column
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import Verdict, verdict_words
from srviewer.pipeline.window_columns import NUMBERS, WindowColumn
from srviewer.pipeline.window_filter import Show, choose
from tests.analyses import analysed_photo
from tests.gui.helpers import (
    TIMEOUT,
    as_array,
    copied_rows,
    know,
    near,
    pixels,
    points_asked_for,
    show_list,
)

MakeTable = Callable[..., WindowTable]
LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SOME = analysed_photo()
CANNY = analysed_photo(texture="canny", keypoint_scope="image")
WORDS = verdict_words(SOME.texture.measure)


@pytest.fixture
def make_table(qtbot: QtBot, model: Model) -> Callable[[Analysis | None], WindowTable]:
    def make(a: Analysis | None = SOME) -> WindowTable:
        return show_list(qtbot, WindowTable(model, Excluding(model)), model, a)

    return make


@pytest.fixture
def table(make_table: MakeTable) -> WindowTable:
    return make_table()


def middle_of(table: WindowTable, row: int, column: int = 0) -> QPoint:
    return table.view.visualRect(table.listed.index(row, column)).center()


def click_row(
    qtbot: QtBot,
    table: WindowTable,
    row: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(table.view.viewport(), LEFT, keys, middle_of(table, row))


def click_header(qtbot: QtBot, table: WindowTable, name: str) -> None:
    header = table.view.horizontalHeader()
    section = table.listed.names.index(name)
    x = header.sectionViewportPosition(section) + header.sectionSize(section) // 2
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))


def texts(table: WindowTable, column: int) -> list[str]:
    return [table.listed.index(row, column).data() for row in range(table.listed.rowCount())]


def empty_words(table: WindowTable) -> str:
    label = table.findChild(QLabel, "table_empty")
    assert label is not None
    return label.text() if label.isVisible() else ""


# What it lists


def test_the_rows_are_the_pipelines_numbers(table: WindowTable) -> None:
    windows = np.flatnonzero(SOME.patches.candidates)
    np.testing.assert_array_equal(table.listed.rows, windows)
    assert texts(table, 0) == [str(x) for x in SOME.windows.x[windows]]
    assert texts(table, 1) == [str(y) for y in SOME.windows.y[windows]]
    assert texts(table, 2) == [str(n) for n in SOME.texture.keypoints[windows]]
    assert texts(table, 3) == [str(n) for n in SOME.patches.matches[windows]]
    assert texts(table, 4) == [f"{value:.2f}" for value in SOME.quality.psnr[windows]]
    assert texts(table, 5) == [f"{value:.3f}" for value in SOME.quality.ssim[windows]]
    words = [WORDS[Verdict(value)] for value in SOME.patches.verdict[windows]]
    assert texts(table, 6) == words
    assert table.count.text() == f"{len(windows)} of {len(windows)}"


def test_each_choice_lists_its_windows(qtbot: QtBot, table: WindowTable) -> None:
    verdict = SOME.patches.verdict
    inside = verdict != Verdict.OUTSIDE_BOX
    expected = {
        Show.IN_BOX: inside,
        Show.KEPT: verdict == Verdict.KEPT,
        Show.REJECTED: inside & (verdict != Verdict.KEPT),
        Show.OUTSIDE: ~inside,
    }
    for show, mask in expected.items():
        qtbot.keyClicks(table.show_box, show.value.capitalize())
        assert table.show_box.currentData() is show
        assert mask.any()
        np.testing.assert_array_equal(table.listed.rows, np.flatnonzero(mask))
        total = len(SOME.windows) if show is Show.OUTSIDE else inside.sum()
        assert table.count.text() == f"{mask.sum()} of {total}"
        # A combo box takes the keys of a moment as one word.
        time.sleep((QApplication.keyboardInputInterval() + 50) / 1000)


def test_edge_density_has_a_column_with_canny_only(make_table: MakeTable, model: Model) -> None:
    table = make_table(CANNY)
    names = ("x", "y", "keypoints", "matches", "edges", "psnr", "ssim", "verdict")
    assert table.listed.names == names
    density = CANNY.texture.values["canny"]
    assert texts(table, 4) == [f"{value * 100:.1f}" for value in density[table.listed.rows]]
    know(model, SOME)
    assert "edges" not in table.listed.names


def test_an_identical_window_has_an_infinite_psnr(make_table: MakeTable) -> None:
    psnr = SOME.quality.psnr.copy()
    first = int(np.flatnonzero(SOME.patches.candidates)[0])
    psnr[first] = np.inf
    table = make_table(replace(SOME, quality=replace(SOME.quality, psnr=psnr)))
    assert texts(table, 4)[0] == "\N{INFINITY}"
    table.sort_by("psnr")
    assert table.listed.rows[-1] == first
    table.copy_all()
    assert ",inf," in QGuiApplication.clipboard().text().splitlines()[-1]


def test_a_new_column_is_one_entry(make_table: MakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    area = WindowColumn("area", "", lambda a: a.windows.x * a.windows.y, exact=1, unit="px")
    *numbers, verdict = window_columns.COLUMNS
    monkeypatch.setattr(window_columns, "COLUMNS", (*numbers, area, verdict))
    table = make_table()
    areas = (SOME.windows.x * SOME.windows.y)[SOME.patches.candidates]
    assert texts(table, table.listed.names.index("area")) == [str(one) for one in areas]
    table.sort_by("area", descending=True)
    table.filter.setText("area > 100")
    table.copy_all()
    copied = [float(row["area"]) for row in copied_rows()]
    assert copied == sorted((one for one in areas if one > 100), reverse=True)


# Sorting


@pytest.mark.parametrize("name", ["x", "y", "keypoints", "matches", "psnr", "ssim"])
def test_a_header_sorts_up_then_down_then_by_place(
    qtbot: QtBot, table: WindowTable, name: str
) -> None:
    values = next(one for one in NUMBERS if one.name == name).values(SOME)
    windows = np.flatnonzero(SOME.patches.candidates)
    click_header(qtbot, table, name)
    up = windows[np.argsort(values[windows], kind="stable")]
    np.testing.assert_array_equal(table.listed.rows, up)
    click_header(qtbot, table, name)
    down = windows[np.argsort(-values[windows], kind="stable")]
    np.testing.assert_array_equal(table.listed.rows, down)
    click_header(qtbot, table, name)
    np.testing.assert_array_equal(table.listed.rows, windows)


def test_the_verdict_sorts_kept_first(qtbot: QtBot, table: WindowTable) -> None:
    click_header(qtbot, table, "verdict")
    words = texts(table, 6)
    assert words[0] == "kept"
    assert words == sorted(words, key=list(WORDS.values()).index)


def test_sort_and_place_stay_during_a_pull(qtbot: QtBot, table: WindowTable, model: Model) -> None:
    click_header(qtbot, table, "psnr")
    click_row(qtbot, table, 0)
    bar = table.view.verticalScrollBar()
    bar.setValue(20)
    model.change("min_keypoints", 14)
    a = model.analysis
    assert a is not None
    assert a.recipe.min_keypoints == 14
    assert (np.diff(a.quality.psnr[table.listed.rows]) >= 0).all()
    assert table.view.horizontalHeader().sortIndicatorSection() == table.listed.names.index("psnr")
    assert bar.value() == 20, "the selected row does not pull the table along"
    words = texts(table, 6)
    assert words.count("kept") == (a.texture.keypoints[table.listed.rows] >= 14).sum()


def test_the_arrow_shows_what_is_sorted_by(qtbot: QtBot, table: WindowTable) -> None:
    header = table.view.horizontalHeader()
    accent = table.palette().color(QPalette.ColorRole.Highlight)

    def arrow() -> np.ndarray:
        return np.argwhere(near(pixels(header.viewport()), accent))

    assert not len(arrow())
    click_header(qtbot, table, "keypoints")
    up = arrow()
    section = table.listed.names.index("keypoints")
    left = header.sectionViewportPosition(section)
    assert ((up[:, 1] >= left) & (up[:, 1] < left + header.sectionSize(section))).all()
    rows = np.bincount(up[:, 0])
    assert rows[up[:, 0].min()] < rows[up[:, 0].max()], "points up"
    click_header(qtbot, table, "keypoints")
    rows = np.bincount(arrow()[:, 0])
    assert rows[arrow()[:, 0].min()] > rows[arrow()[:, 0].max()], "points down"


# Conditions


def test_a_condition_filters_as_it_is_typed(qtbot: QtBot, table: WindowTable) -> None:
    qtbot.keyClicks(table.filter, "keypoints >= 12, psnr < 25")
    wanted = SOME.patches.candidates & (SOME.texture.keypoints >= 12) & (SOME.quality.psnr < 25)
    assert 0 < wanted.sum() < SOME.patches.candidates.sum()
    np.testing.assert_array_equal(table.listed.rows, np.flatnonzero(wanted))
    assert table.count.text() == f"{wanted.sum()} of {SOME.patches.candidates.sum()}"
    assert not table.filter.problem.isVisible()


def test_a_mistake_is_told_and_the_last_filter_stays(qtbot: QtBot, table: WindowTable) -> None:
    qtbot.keyClicks(table.filter, "keypoints >= 12")
    listed = table.listed.rows.copy()
    qtbot.keyClicks(table.filter, ", psnr ")
    assert not table.filter.problem.isVisible(), "nobody is corrected in the middle of a word"
    qtbot.waitUntil(table.filter.problem.isVisible, timeout=TIMEOUT)
    assert "psnr" in table.filter.problem.text()
    assert table.filter.problem.geometry().top() >= table.filter.geometry().bottom()
    np.testing.assert_array_equal(table.listed.rows, listed)
    qtbot.keyClicks(table.filter, "< 99")
    assert not table.filter.problem.isVisible()
    qtbot.keyClicks(table.filter, "nonsense")
    qtbot.keyClick(table.filter, Qt.Key.Key_Return)
    assert table.filter.problem.isVisible(), "Return tells it at once"


def test_a_condition_on_a_column_that_is_gone_is_dropped_and_told(
    qtbot: QtBot, make_table: MakeTable, model: Model
) -> None:
    table = make_table(CANNY)
    qtbot.keyClicks(table.filter, "edges > 99")
    assert not len(table.listed.rows)
    know(model, SOME)
    assert len(table.listed.rows) == SOME.patches.candidates.sum()
    assert "edges with Texture by canny" in table.filter.problem.text()
    assert table.filter.problem.isVisible()
    know(model, CANNY)
    assert not len(table.listed.rows)
    assert not table.filter.problem.isVisible()


# The selection


def test_a_click_selects_and_the_canvas_goes_there(
    qtbot: QtBot, table: WindowTable, model: Model
) -> None:
    points = points_asked_for(model)
    click_row(qtbot, table, 3)
    window = int(table.listed.rows[3])
    assert model.selection == Selected("window", window)
    place = (SOME.windows.x[window] + 16, SOME.windows.y[window] + 16)
    assert points == [place]
    click_row(qtbot, table, 3)
    assert points == [place, place], "a second click goes there again"


def test_keys_walk_along_the_rows(qtbot: QtBot, table: WindowTable, model: Model) -> None:
    click_row(qtbot, table, 0)
    last = len(table.listed.rows) - 1

    def selected_row() -> int:
        assert model.selection is not None
        row = table.listed.row_of(model.selection.index)
        assert row is not None
        assert table.view.visualRect(table.listed.index(row, 0)).intersects(
            table.view.viewport().rect()
        )
        return row

    for key, row in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Down, 2),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_End, last),
        (Qt.Key.Key_Up, last - 1),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(table.view, key)
        assert selected_row() == row
    qtbot.keyClick(table.view, Qt.Key.Key_PageDown)
    assert 3 < selected_row() < last


def test_a_selection_from_elsewhere_has_no_echo(table: WindowTable, model: Model) -> None:
    points = points_asked_for(model)
    row = len(table.listed.rows) - 2
    model.select(Selected("window", int(table.listed.rows[row])))
    assert table.view.currentIndex().row() == row
    assert table.view.selected_rows().tolist() == [table.listed.rows[row]]
    assert table.view.viewport().rect().contains(middle_of(table, row))
    assert not points
    model.select(None)
    assert not len(table.view.selected_rows())


def test_a_window_not_listed_selects_no_row(qtbot: QtBot, table: WindowTable, model: Model) -> None:
    click_row(qtbot, table, 2)
    outside = int(np.flatnonzero(~SOME.patches.candidates)[0])
    model.select(Selected("window", outside))
    assert not len(table.view.selected_rows())
    assert model.selection == Selected("window", outside), "and is not taken back"
    model.select(Selected("match", 0))
    assert not len(table.view.selected_rows())


def test_selected_rows_stay_selected_when_sorted(qtbot: QtBot, table: WindowTable) -> None:
    click_row(qtbot, table, 1)
    click_row(qtbot, table, 3, SHIFT)
    click_row(qtbot, table, 5, CONTROL)
    chosen = set(table.listed.rows[[1, 2, 3, 5]].tolist())
    assert set(table.view.selected_rows().tolist()) == chosen
    click_header(qtbot, table, "ssim")
    assert set(table.view.selected_rows().tolist()) == chosen


def test_the_windows_menu_does_not_take_the_keys_of_the_list(
    qtbot: QtBot, model: Model, make_table: MakeTable
) -> None:
    table = make_table()
    frame = QMainWindow()
    qtbot.addWidget(frame)
    frame.setCentralWidget(table)
    heard: list[str] = []
    for keys in ("PgDown", "Ctrl+C", "1"):
        action = QAction(keys, frame)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False, keys=keys: heard.append(keys))
        frame.addAction(action)
    frame.resize(820, 260)
    with qtbot.waitActive(frame, timeout=TIMEOUT):
        frame.show()
        frame.activateWindow()
    click_row(qtbot, table, 0)
    table.view.setFocus()
    qtbot.keyClick(table.view, Qt.Key.Key_PageDown)
    qtbot.keyClick(table.view, Qt.Key.Key_C, CONTROL)
    assert not heard
    assert table.view.currentIndex().row() > 0
    row = table.view.currentIndex().row()
    qtbot.keyClick(table.view, Qt.Key.Key_1)
    assert heard == ["1"], "the stages' keys are the window's"
    assert table.view.currentIndex().row() == row


# Copying


def test_ctrl_c_copies_the_selected_rows_with_a_header(qtbot: QtBot, table: WindowTable) -> None:
    told: list[str] = []
    table.copied.connect(told.append)
    click_row(qtbot, table, 2)
    click_row(qtbot, table, 4, SHIFT)
    qtbot.keyClick(table.view, Qt.Key.Key_C, CONTROL)
    rows = copied_rows()
    assert list(rows[0]) == ["x", "y", "keypoints", "matches", "psnr", "ssim", "verdict"]
    windows = table.listed.rows[2:5]
    assert [int(row["x"]) for row in rows] == SOME.windows.x[windows].tolist()
    assert [int(row["keypoints"]) for row in rows] == SOME.texture.keypoints[windows].tolist()
    assert [row["psnr"] for row in rows] == [f"{v:.4f}" for v in SOME.quality.psnr[windows]]
    assert [row["ssim"] for row in rows] == [f"{v:.6f}" for v in SOME.quality.ssim[windows]]
    words = [WORDS[Verdict(v)] for v in SOME.patches.verdict[windows]]
    assert [row["verdict"] for row in rows] == words
    assert told == ["3 rows copied as CSV"]


def test_the_button_copies_all_where_none_is_selected(qtbot: QtBot, table: WindowTable) -> None:
    qtbot.keyClicks(table.filter, "keypoints >= 12")
    qtbot.mouseClick(table.copy_button, LEFT)
    rows = copied_rows()
    assert len(rows) == len(table.listed.rows)
    assert all(int(row["keypoints"]) >= 12 for row in rows)


def test_the_menu_copies_and_sorts(qtbot: QtBot, table: WindowTable) -> None:
    click_row(qtbot, table, 1)
    table.view.customContextMenuRequested.emit(middle_of(table, 1))
    menu = table.findChild(QMenu, "table_menu")
    assert menu is not None
    assert menu.isVisible()
    some, everything = (one for one in menu.actions() if one.text().startswith("Copy"))
    some.trigger()
    assert len(copied_rows()) == 1
    everything.trigger()
    assert len(copied_rows()) == len(table.listed.rows)
    sorting = menu.actions()[-1]  # older versions of PySide6 let a menu go with its action
    by = {action.text(): action for action in sorting.menu().actions()}
    by["SSIM"].trigger()
    assert (np.diff(SOME.quality.ssim[table.listed.rows]) >= 0).all()
    by["Descending"].trigger()
    assert (np.diff(SOME.quality.ssim[table.listed.rows]) <= 0).all()
    menu.close()


# What is painted


def test_a_pulled_threshold_is_painted_at_once(make_table: MakeTable, model: Model) -> None:
    table = make_table()
    for value in (0, 5, 40, 14):
        model.change("min_keypoints", value)
        QApplication.processEvents()
        # A grab of the widget paints all of it; only the screen shows what was left unpainted.
        on_screen = table.screen().grabWindow(table.winId()).toImage()
        area = table.view.viewport()
        corner = area.mapTo(table, QPoint(0, 0))
        shown = as_array(on_screen.copy(corner.x(), corner.y(), area.width(), area.height()))
        np.testing.assert_array_equal(shown, pixels(area))


def test_kept_and_rejected_differ_in_colour_and_shape(table: WindowTable) -> None:
    table.sort_by("verdict")
    kept = row_picture(table, 0)
    table.sort_by("verdict", descending=True)
    rejected = row_picture(table, 0)
    blue, orange = near(kept, KEPT), near(rejected, REJECTED)
    assert blue.sum() > 40
    assert orange.sum() > 15
    assert not near(kept, REJECTED).any()
    assert not near(rejected, KEPT).any()
    assert share_of_frame(blue) > 0.9, "a full square"
    assert share_of_frame(orange) < 0.6, "a cross"


def row_picture(table: WindowTable, row: int) -> np.ndarray:
    column = len(table.listed.columns) - 1
    rect = table.view.visualRect(table.listed.index(row, column))
    return pixels(table.view.viewport())[rect.top() : rect.bottom(), rect.left() : rect.right()]


def share_of_frame(mask: np.ndarray) -> float:
    rows, columns = np.nonzero(mask)
    frame = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return float(frame.mean())


def test_the_selected_row_and_every_other_row_are_set_off(qtbot: QtBot, table: WindowTable) -> None:
    click_row(qtbot, table, 2)
    painted = pixels(table.view.viewport())
    role = QPalette.ColorRole

    def edge(row: int) -> np.ndarray:
        rect = table.view.visualRect(table.listed.index(row, 0))
        return painted[rect.center().y(), rect.left() + 2]

    for row, wanted in ((0, role.Base), (1, role.AlternateBase), (2, role.Highlight)):
        assert near(edge(row), table.palette().color(wanted)).all()


def test_marks_follow_the_theme(table: WindowTable) -> None:
    table.sort_by("verdict")
    light = QPalette(table.palette())
    light.setColor(QPalette.ColorRole.Base, QColor("#ffffff"))
    light.setColor(QPalette.ColorRole.AlternateBase, QColor("#f6f7f8"))
    table.setPalette(light)
    QApplication.processEvents()
    assert near(row_picture(table, 0), KEPT.darker(140)).sum() > 40


def test_nothing_is_cut_off_in_a_narrow_tab(table: WindowTable) -> None:
    table.resize(800, 180)
    QApplication.processEvents()
    assert table.view.horizontalScrollBar().maximum() == 0
    for control in (table.show_box, table.filter, table.count, table.copy_button):
        assert control.width() >= control.sizeHint().width() or control is table.filter
        assert table.rect().contains(control.geometry())


# Without a result


def test_without_rows_it_says_why(make_table: MakeTable, model: Model) -> None:
    table = make_table(None)
    assert empty_words(table) == "No image yet"
    know(model, None)
    assert empty_words(table) == "Being computed ..."
    assert not table.copy_button.isEnabled()
    know(model, SOME)
    assert empty_words(table) == ""
    know(model, replace(SOME, quality=None))  # type: ignore[arg-type]
    assert empty_words(table) == "Being computed ..."
    assert table.count.text() == ""
    assert table.listed.rowCount() == 0


def test_a_result_of_another_recipe_is_not_shown(make_table: MakeTable, model: Model) -> None:
    table = make_table(None)
    know(model, SOME, recipe=Recipe(min_keypoints=99))
    assert table.listed.rowCount() == 0
    assert empty_words(table) == "Being computed ..."


def test_without_a_box_the_reason_is_told(make_table: MakeTable) -> None:
    none = analyse(SOME.image, Recipe(error_margin=0.0), previous=SOME)
    assert none.box.reason
    table = make_table(none)
    assert empty_words(table) == f"No box: {none.box.reason}"
    table.show_box.setCurrentIndex(table.show_box.findData(Show.OUTSIDE))
    assert table.listed.rowCount() == len(none.windows)
    assert empty_words(table) == ""


def test_where_none_is_kept_the_highest_is_told(make_table: MakeTable, model: Model) -> None:
    table = make_table()
    table.show_box.setCurrentIndex(table.show_box.findData(Show.KEPT))
    highest = SOME.texture.keypoints[SOME.patches.candidates].max()
    model.change("min_keypoints", int(highest) + 1)
    assert empty_words(table) == (
        f"No window is kept; the highest has {highest} keypoints, at least {highest + 1} are needed"
    )
    assert table.count.text() == f"0 of {SOME.patches.candidates.sum()}"


def test_a_hidden_table_works_only_when_it_is_looked_at(
    table: WindowTable, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.hide()
    chosen: list[int] = []

    def counting(*args: object, **options: object) -> np.ndarray:
        chosen.append(1)
        return choose(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("srviewer.gui.views.picture_table.window_filter.choose", counting)
    for value in (11, 12, 13):
        model.change("min_keypoints", value)
    assert not chosen
    assert table.listed.source is None, "no old result is kept alive"
    table.show()
    assert table.listed.source is model.analysis
    assert len(chosen) == 1


# 100,000 rows


def test_100_000_rows_are_sorted_filtered_and_scrolled_at_once(
    make_table: MakeTable, many: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(many)
    assert table.listed.rowCount() == len(many.windows)
    took = []
    for name in (*table.listed.names, None):
        begun = time.process_time()
        table.sort_by(name, descending=True)
        took.append(time.process_time() - begun)
    begun = time.process_time()
    table.filter.setText("psnr < 30, keypoints >= 1")
    took.append(time.process_time() - begun)
    # Far above what it takes, so that a busy machine passes and a loop over rows does not.
    assert max(took) < 0.25
    made: list[str] = []
    number = Column.number

    def watching(self: Column[Analysis], value: float) -> str:
        made.append(number(self, value))
        return made[-1]

    monkeypatch.setattr(Column, "number", watching)
    table.filter.clear()
    table.view.verticalScrollBar().setValue(50_000)
    pixels(table)
    visible = table.view.viewport().height() // table.view.rowHeight(0) + 2
    assert 0 < len(made) <= 3 * visible * len(table.listed.columns)


def test_only_the_cells_in_sight_that_differ_are_told(qtbot: QtBot) -> None:
    columns = (
        Column("a", "", lambda source: source["a"]),
        Column("b", "", lambda source: source["b"], text=lambda s, row: str(s["b"][row])),
    )
    before = {"a": np.arange(10.0), "b": np.arange(10)}
    model, told = TableModel(columns, lambda source, row: ""), []
    rows = np.arange(10)[::-1]
    model.show(before, columns, rows)
    model.dataChanged.connect(
        lambda top, bottom, _: told.append((top.row(), top.column(), bottom.row(), bottom.column()))
    )
    after = {"a": before["a"].copy(), "b": before["b"].copy()}
    after["a"][[9, 5, 4]] += 1  # in rows 0, 4 and 5
    after["b"][3] += 1  # in row 6
    assert model.renew(after, columns, rows, slice(3, 8))
    assert told == [(4, 0, 5, 0), (6, 1, 6, 1)]
    assert model.index(4, 0).data() == "6"
    assert not model.renew(after, columns, rows[:-1], slice(0, 3))
