"""The scale of the charts and long tails: what is painted, and the way to what is beyond."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from srviewer.gui.state.chart_choices import ChartChoices, CountScale
from srviewer.gui.state.model import Model
from srviewer.gui.state.shared import Shared
from srviewer.gui.theme import current_theme
from srviewer.gui.views.chart import Chart
from srviewer.gui.views.chart_plot import bar_colors, top_above
from srviewer.gui.views.charts import Charts
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, refresh
from tests.analyses import analysed_photo
from tests.gui.conftest import process_deletions
from tests.gui.helpers import drag, know, near, pixels, point_of

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
SOME = analysed_photo()
FAR = (3000, 2000)


def with_outliers() -> Analysis:
    """Return the photograph's analysis with two windows of thousands of keypoints."""
    counts = SOME.texture.keypoints.copy()
    inside = np.flatnonzero(SOME.patches.candidates)
    counts[inside[[3, 40]]] = FAR
    texture = replace(SOME.texture, values={**SOME.texture.values, "sift": counts})
    return refresh(replace(SOME, texture=texture, patches=None), SOME.recipe)  # type: ignore[arg-type]


@pytest.fixture
def charts(qtbot: QtBot, model: Model) -> Iterator[Charts]:
    shown = Charts(model, Shared(ChartChoices()))
    shown.resize(1200, 260)
    shown.show()
    qtbot.waitExposed(shown)
    know(model, SOME)
    QApplication.processEvents()
    yield shown
    shown.close()
    shown.deleteLater()
    process_deletions()


def open_menu(chart: Chart) -> QMenu:
    """Press the menu key."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(chart, event)
    (menu,) = chart.findChildren(QMenu, "chart_menu")
    return menu


def choose(qtbot: QtBot, chart: Chart, key: Qt.Key) -> None:
    menu = open_menu(chart)
    qtbot.waitExposed(menu)
    qtbot.keyClick(menu, key)
    process_deletions()


def painted_height(chart: Chart, bar: int) -> float:
    """Return how high a bar is painted, of the height of the plot."""
    d = chart.distribution
    assert d is not None
    kept, rejected, grey = bar_colors(current_theme())
    x = float(d.edges[bar : bar + 2].mean())
    top, bottom = point_of(chart.plot, x, 1), point_of(chart.plot, x, 0)
    column = pixels(chart.plot)[top.y() : bottom.y(), top.x()]
    painted = near(column, kept) | near(column, rejected) | near(column, grey)
    return float(painted.sum() / (bottom.y() - top.y()))


HEIGHTS: dict[CountScale, Callable[[float, float], float]] = {
    CountScale.ROOT: lambda count, top: (count / top) ** 0.5,
    CountScale.LINEAR: lambda count, top: count / top,
    CountScale.LOG: lambda count, top: float(np.log(1 + count) / np.log(1 + top)),
}
KEYS = {
    CountScale.ROOT: Qt.Key.Key_S,
    CountScale.LINEAR: Qt.Key.Key_L,
    CountScale.LOG: Qt.Key.Key_G,
}


# The scale


def test_bars_are_painted_as_the_scale_says_which_is_chosen_by_keys(
    qtbot: QtBot, charts: Charts
) -> None:
    for scale in (CountScale.LINEAR, CountScale.LOG, CountScale.ROOT):
        choose(qtbot, charts.texture, KEYS[scale])
        assert charts.choices.value.scale is scale
        for chart in (charts.psnr, charts.ssim):  # one choice for all
            d = chart.distribution
            assert d is not None
            top = top_above(int(d.all.max()))
            for bar in np.argsort(d.all)[[-1, -5, -12]].tolist():
                expected = HEIGHTS[scale](int(d.all[bar]), top)
                assert painted_height(chart, bar) == pytest.approx(expected, abs=0.03)
        assert scale.help.split(",")[0] in charts.texture.toolTip()


@pytest.mark.parametrize("size", [(1200, 260), (760, 180)])
def test_the_axis_always_says_what_its_scale_is(
    charts: Charts, size: tuple[int, int], painted_texts: list[str]
) -> None:
    charts.resize(*size)
    QApplication.processEvents()
    for scale, mark in (
        (CountScale.ROOT, "\N{SQUARE ROOT} scale"),
        (CountScale.LINEAR, "linear"),
        (CountScale.LOG, "log scale"),
    ):
        charts.choices.change(scale=scale)
        QApplication.processEvents()
        for chart in charts.charts:
            assert mark in chart.plot._left.labelText
            assert chart.plot._left.label.isVisible()
            # All of it is within the plot, whose axis is that high.
            wide = chart.plot._left.label.boundingRect().width()
            assert wide <= chart.plot.height()


def test_the_ticks_are_counts_where_bars_of_so_many_end(charts: Charts) -> None:
    for scale in CountScale:
        for top in (4, 20, 400, 20_000, 1_000_000):
            for height, text in scale.ticks(top):
                count = int(text.replace(",", ""))
                assert height == pytest.approx(HEIGHTS[scale](count, top))
            assert (scale.ticks(top)[0][1], scale.ticks(top)[-1][1]) == ("0", f"{top:,}")


def test_a_click_finds_the_bar_of_its_colour_under_every_scale(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    d = charts.psnr.distribution
    assert d is not None
    bar = int(np.argmax(np.minimum(d.kept, d.all - d.kept)))
    x = float(d.edges[bar : bar + 2].mean())
    for scale in CountScale:
        charts.choices.change(scale=scale)
        heights = charts.psnr.plot.heights(np.array([d.kept[bar], d.all[bar]]))
        for height, kept in ((heights[0] / 2, True), (heights.mean(), False)):
            point = charts.psnr.plot.mapTo(
                charts.psnr, point_of(charts.psnr.plot, x, float(height))
            )
            qtbot.mouseClick(charts.psnr, LEFT, pos=point)
            assert model.selection is not None
            assert bool(SOME.patches.kept[model.selection.index]) == kept


def test_scale_and_range_are_remembered(qtbot: QtBot, again: Callable[[], MainWindow]) -> None:
    window = again()
    chart = window.findChild(Chart, "chart_psnr")
    choose(qtbot, chart, Qt.Key.Key_L)
    choose(qtbot, chart, Qt.Key.Key_W)
    window = again()
    assert window.chart_choices.value.scale is CountScale.LINEAR
    assert window.chart_choices.value.entire
    menu = open_menu(window.findChild(Chart, "chart_ssim"))
    checked = [one.text().replace("&", "") for one in menu.actions() if one.isChecked()]
    assert checked == ["Heights: linear", "Whole range, with long tails"]
    menu.close()
    assert window.data_set_view.charts.choices is window.chart_choices, "those of the set too"


def test_a_choice_tells_once() -> None:
    choices, told = Shared(ChartChoices()), []
    choices.changed.connect(lambda: told.append(choices.value.scale))
    choices.change(scale=CountScale.ROOT)
    choices.change(entire=False)
    assert told == []
    choices.change(scale=CountScale.LOG, entire=True)
    assert told == [CountScale.LOG]


# Long tails


def test_two_windows_far_out_leave_the_axis_to_the_others(model: Model, charts: Charts) -> None:
    a = with_outliers()
    know(model, a)
    chart = charts.texture
    d = chart.distribution
    assert d is not None
    inside = a.texture.keypoints[a.patches.candidates]
    usual = np.sort(inside)[-3]
    assert usual < 40
    left, right = (point_of(chart.plot, x, 0).x() for x in (0, float(usual)))
    assert right - left > 0.25 * chart.plot._box.width()
    assert right - left > 28
    beyond = int((inside > d.edges[-1]).sum())
    assert beyond >= 2
    assert chart.header.details[0].endswith(f"; {beyond} off the axis")
    assert chart.plot._bottom.labelText == f"keypoints, {beyond} beyond"
    of_all = [text for text in chart.header.details if " kept; " not in text]
    assert all(len(inside) in map(int, re.findall(r"\d+", text)) for text in of_all)
    assert d.totals[0] == len(inside)
    assert f"{beyond} are off the axis: not within -0.5 to " in chart.toolTip()


def test_what_is_beyond_is_reached_by_a_click_at_the_border_and_by_keys(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    a = with_outliers()
    know(model, a)
    chart = charts.texture
    d = chart.distribution
    assert d is not None
    border = point_of(chart.plot, d.edges[-1], 0.8)
    at = chart.plot.mapTo(chart, border - QPoint(3, 0))
    qtbot.mouseClick(chart, LEFT, pos=at)
    assert model.selection is not None
    seen = [int(a.texture.keypoints[model.selection.index])]
    assert seen[0] > d.edges[-1]
    while seen[-1] < max(FAR):
        qtbot.keyClick(chart, Qt.Key.Key_Up)
        seen.append(int(a.texture.keypoints[model.selection.index]))
    assert set(FAR) <= set(seen)
    color = QColor(current_theme().text)
    painted = pixels(chart.plot)[:, border.x() - 4 : border.x() + 1]
    assert near(painted, color).any(axis=1).sum() > 20, "its mark stands at the border"
    choose(qtbot, chart, Qt.Key.Key_W)
    entire = chart.distribution
    assert entire is not None
    assert entire.edges[-1] > max(FAR)
    assert "off the axis" not in chart.header.details[0]
    assert chart.plot._bottom.labelText == "keypoints"


def test_a_threshold_beyond_stands_at_the_border_and_is_pulled_from_there(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    know(model, with_outliers())
    chart = charts.texture
    model.change("min_keypoints", 900)
    d = chart.distribution
    assert d is not None
    high = d.edges[-1]
    assert high < 120
    border = point_of(chart.plot, high, 0.6)
    color = QColor(current_theme().text)
    painted = pixels(chart.plot)
    for height in (0.1, 0.6, 0.9):  # the tick of the other axis is at a half
        y = point_of(chart.plot, high, height).y()
        assert near(painted[y, border.x() - 4 : border.x() + 1], color).any()
    assert chart.header.value.endswith("900")
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right, SHIFT)
    assert model.recipe.min_keypoints == 901
    start = chart.plot.mapTo(chart, border - QPoint(2, 0))
    end = chart.plot.mapTo(chart, point_of(chart.plot, 12.5, 0.6))
    drag(qtbot, chart, start, end)
    assert model.recipe.min_keypoints == pytest.approx(13, abs=1 + chart.plot.width_of(2))


def test_a_threshold_a_little_beyond_widens_the_axis(model: Model, charts: Charts) -> None:
    chart = charts.texture
    before = chart.distribution
    assert before is not None
    model.change("min_keypoints", int(before.edges[-1] * 1.3))
    after = chart.distribution
    assert after is not None
    assert before.edges[-1] * 1.3 < after.edges[-1] < before.edges[-1] * 2


def test_both_ends_of_a_quality_are_cut(model: Model, charts: Charts) -> None:
    quality = SOME.quality
    ssim, psnr = quality.ssim.copy(), quality.psnr.copy()
    inside = np.flatnonzero(SOME.patches.candidates)
    ssim[inside[0]], psnr[inside[0]], psnr[inside[1]] = -0.95, 1.0, 90.0
    know(model, replace(SOME, quality=replace(quality, ssim=ssim, psnr=psnr)))
    for chart, values, beyond in (
        (charts.psnr, quality.psnr, 2),
        (charts.ssim, quality.ssim, 1),
    ):
        d = chart.distribution
        assert d is not None
        usual = values[np.isfinite(values)]
        assert usual.min() - 1 <= d.edges[0] <= d.edges[-1] <= usual.max() + 1
        assert d.beyond == beyond
        assert chart.header.details[0].endswith(f"; {beyond} off the axis")
        assert not any("off" in text for text in chart.header.details[1:])
    charts.choices.change(entire=True)
    for chart in (charts.psnr, charts.ssim):
        assert chart.distribution is not None
        assert chart.distribution.beyond == 0
