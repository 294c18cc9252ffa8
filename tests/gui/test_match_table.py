"""The table of matches, driven by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.picture_table import MatchTable
from srviewer.gui.window import MainWindow
from srviewer.pipeline.match_filter import Show
from srviewer.pipeline.summary import match_verdict
from tests.analyses import analysed_photo
from tests.gui.helpers import copied_rows, known, points_asked_for, show_list

LEFT = Qt.MouseButton.LeftButton
SOME = analysed_photo()
TEST = SOME.consistent


@pytest.fixture
def table(qtbot: QtBot, model: Model) -> MatchTable:
    return show_list(qtbot, MatchTable(model), model, SOME)


def click_row(qtbot: QtBot, table: MatchTable, row: int) -> None:
    seen = table.view.columnAt(5)  # the first that the table's width leaves
    at = table.view.visualRect(table.listed.index(row, seen)).center()
    qtbot.mouseClick(table.view.viewport(), LEFT, pos=at)


def column(table: MatchTable, name: str) -> list[str]:
    section = table.listed.names.index(name)
    return [table.listed.index(row, section).data() for row in range(table.listed.rowCount())]


def test_the_rows_are_the_pipelines_numbers(table: MatchTable) -> None:
    assert column(table, "match") == [str(n) for n in range(len(SOME.matches))]
    assert column(table, "ratio") == [f"{one:.4f}" for one in TEST.ratio]
    miss = np.sqrt((TEST.displacement**2).sum(axis=1))
    assert column(table, "displacement") == [f"{one:.2f}" for one in miss]
    assert column(table, "distance") == [f"{one:.0f}" for one in SOME.matches.distance]
    for match, words in enumerate(column(table, "verdict")):
        told = match_verdict(SOME, match)
        assert words.startswith(told.split(":")[0].split(",")[0])
        assert ("though displaced" in words) == ("though displaced" in told)
        assert ("though in place" in words) == ("Yet it is right" in told)


def test_each_choice_lists_its_matches(table: MatchTable) -> None:
    kept, inlier = TEST.kept, TEST.inlier
    expected = {
        Show.ALL: np.ones(len(kept), bool),
        Show.KEPT: kept,
        Show.REJECTED: ~kept,
        Show.DISPLACED: kept & ~inlier,
        Show.IN_PLACE: ~kept & inlier,
    }
    for show, mask in expected.items():
        table.show_box.setCurrentIndex(list(Show).index(show))
        if mask.any():
            np.testing.assert_array_equal(table.listed.rows, np.flatnonzero(mask))
            assert table.count.text() == f"{mask.sum()} of {len(mask)}"
        else:
            assert table.empty.isVisible()
            assert table.empty.text()


def test_conditions_and_headers_choose_and_sort(qtbot: QtBot, table: MatchTable) -> None:
    qtbot.keyClicks(table.filter, "ratio > 1, distance < 2500")
    table.sort_by("distance", descending=True)
    wanted = np.flatnonzero((TEST.ratio > 1) & (SOME.matches.distance < 2500))
    assert 1 < len(wanted) < len(SOME.matches)
    assert set(table.listed.rows.tolist()) == set(wanted.tolist())
    assert (np.diff(SOME.matches.distance[table.listed.rows]) <= 0).all()
    table.filter.clear()
    qtbot.keyClicks(table.filter, "psnr < 3")
    table.filter.editingFinished.emit()
    assert "'psnr' is not known" in table.filter.problem.text()
    assert "canny" not in table.filter.problem.text()


def test_a_click_goes_there_and_the_selected_match_is_the_row(
    qtbot: QtBot, model: Model, table: MatchTable
) -> None:
    points = points_asked_for(model)
    click_row(qtbot, table, 3)
    assert model.selection == Selected("match", 3)
    assert points == [tuple(SOME.matches.hr_points[3].tolist())]
    model.select(Selected("match", 17))
    assert table.view.currentIndex().row() == table.listed.row_of(17)
    assert points[1:] == []  # it follows without asking in turn
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert model.selection == Selected("match", 18)
    model.select(Selected("window", 0))
    assert not table.view.currentIndex().isValid()


def test_the_copy_has_both_ends_with_their_decimals(qtbot: QtBot, table: MatchTable) -> None:
    table.sort_by("ratio")
    table.copy_all()
    rows = copied_rows()
    assert [int(row["match"]) for row in rows] == np.argsort(TEST.ratio, kind="stable").tolist()
    for row in rows:
        match = int(row["match"])
        ends = [*SOME.matches.hr_points[match], *SOME.matches.lr_points[match]]
        told = [float(row[name]) for name in ("x", "y", "lr_x", "lr_y")]
        np.testing.assert_allclose(told, ends, atol=0.006)
        miss = [float(row["dx"]), float(row["dy"])]
        np.testing.assert_allclose(miss, TEST.displacement[match], atol=6e-5)


def test_its_panel_asks_the_picture_and_the_inspector(qtbot: QtBot, opened: MainWindow) -> None:
    opened.turn_panel("matches")
    QApplication.processEvents()
    table = opened.match_table
    assert table.listed.rowCount() == len(known(opened).matches)
    click_row(qtbot, table, 1)
    assert opened.model.selection == Selected("match", 1)
    assert opened.inspector.verdict.text() == match_verdict(known(opened), 1)
