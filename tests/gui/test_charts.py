"""The charts by what a person does to them and by what they paint."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.gui.theme import DARK, LIGHT, current_theme
from srviewer.gui.views import chart as chart_module
from srviewer.gui.views import chart_header, plot_frame
from srviewer.gui.views.chart import Chart
from srviewer.gui.views.chart_model import chart_model, share_text
from srviewer.gui.views.chart_plot import bar_colors, top_above
from srviewer.gui.views.charts import Charts
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.distributions import (
    BinCache,
    Distribution,
    Members,
    window_psnr,
    window_ssim,
    window_texture,
)
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import mean_quality, summarise
from tests.gui.conftest import process_deletions
from tests.gui.helpers import TIMEOUT, drag, near, pixels, point_of, points_asked_for, turn_wheel

SIZE = (1200, 220)
LEFT = Qt.MouseButton.LeftButton


def wait_until_analysed(qtbot: QtBot, model: Model) -> None:
    qtbot.waitUntil(lambda: bool(model.analysis and model.analysis.complete), timeout=TIMEOUT)
    QApplication.processEvents()


@pytest.fixture
def empty(qtbot: QtBot, model: Model) -> Iterator[Charts]:
    """Return the charts of a window without images."""
    shown = Charts(model, Shared(ChartChoices()))
    shown.resize(*SIZE)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.close()
    shown.deleteLater()
    process_deletions()


@pytest.fixture
def charts(qtbot: QtBot, model: Model, empty: Charts, photo_path: Path) -> Charts:
    """Return the charts of a photograph that is analysed."""
    model.add_images([photo_path])
    wait_until_analysed(qtbot, model)
    return empty


def known(model: Model) -> Analysis:
    assert model.analysis is not None
    return model.analysis


def fresh(model: Model) -> Analysis:
    """Return what a run from the start gives under the model's recipe."""
    return analyse(known(model).image, model.recipe)


def shown(chart: Chart) -> Distribution:
    assert chart.distribution is not None, chart.words
    return chart.distribution


def members(chart: Chart) -> Members:
    found = shown(chart).members
    assert found is not None
    return found


def at(chart: Chart, x: float, height: float) -> QPoint:
    """Return where a value and a height are in the chart."""
    return chart.plot.mapTo(chart, point_of(chart.plot, x, height))


def pull(qtbot: QtBot, chart: Chart, start: float, end: float) -> None:
    """Drag with the mouse from one value to another."""
    drag(qtbot, chart, at(chart, start, 0.6), at(chart, end, 0.6))
    QApplication.processEvents()


def click_bar(qtbot: QtBot, chart: Chart, x: float, height: float) -> None:
    qtbot.mouseClick(chart, LEFT, pos=at(chart, x, height))


def column(chart: Chart, x: float, height: float) -> np.ndarray:
    """Return the five pixels about a value, at a height, as RGB, (5, 3)."""
    at = point_of(chart.plot, x, height)
    return pixels(chart.plot)[at.y(), at.x() - 2 : at.x() + 3]


def has_line(chart: Chart, x: float) -> bool:
    """Tell whether a threshold is painted there from the bottom to the top."""
    color = QColor(current_theme().text)
    return all(near(column(chart, x, height), color).any() for height in (0.1, 0.5, 0.9))


def pixel_of_bar(chart: Chart, bar: int, part: float) -> np.ndarray:
    """Return the colour of a bar at a part of the height that all its values give it, RGB."""
    d = shown(chart)
    middle = float(d.edges[bar : bar + 2].mean())
    at = point_of(chart.plot, middle, float(chart.plot.heights(d.all)[bar]) * part)
    return pixels(chart.plot)[at.y(), at.x()]


# The band of the margin


@pytest.mark.parametrize("side", [-1, 1])
def test_pulling_either_edge_of_the_band_sets_the_margin(
    qtbot: QtBot, model: Model, charts: Charts, side: int
) -> None:
    chart = charts.matches
    pull(qtbot, chart, 1 + side * 0.05, 1 + side * 0.12)
    margin = model.recipe.error_margin
    assert margin == round(margin, 3)
    assert margin == pytest.approx(0.12, abs=chart.plot.width_of(1))
    assert has_line(chart, 1 - margin)
    assert has_line(chart, 1 + margin)
    assert not has_line(chart, 1 + side * 0.05)
    kept = summarise(fresh(model))["matches"]
    assert chart.header.value == f"\N{PLUS-MINUS SIGN} {margin * 100:.1f} %"
    assert chart.header.details[0].startswith(f"{kept['kept']} of {kept['total']} matches, ")


def test_all_charts_follow_the_band(qtbot: QtBot, model: Model, charts: Charts) -> None:
    before = charts.texture.header.details
    pull(qtbot, charts.matches, 1.05, 1.02)
    found = fresh(model)
    candidates = int(found.patches.candidates.sum())
    assert charts.texture.header.details[0].startswith(
        f"{int(found.patches.kept.sum())} of {candidates} windows, "
    )
    assert charts.texture.header.details != before
    for chart in (charts.texture, charts.psnr, charts.ssim):
        assert shown(chart).totals[0] == candidates


def test_the_band_is_kept_blue_and_what_lies_outside_orange(charts: Charts) -> None:
    chart, d = charts.matches, shown(charts.matches)
    kept_color, rejected_color, _ = bar_colors(current_theme())
    middles = (d.edges[:-1] + d.edges[1:]) / 2
    inside = np.flatnonzero((np.abs(middles - 1) < 0.035) & (d.all > 0))
    outside = np.flatnonzero((np.abs(middles - 1) > 0.065) & (d.all > 0))
    assert len(inside)
    assert len(outside)
    assert all(near(pixel_of_bar(chart, bar, 0.5), kept_color).all() for bar in inside)
    assert all(near(pixel_of_bar(chart, bar, 0.5), rejected_color).all() for bar in outside)


def test_matches_beyond_the_range_are_counted_in_the_title(model: Model, charts: Charts) -> None:
    ratio = known(model).consistent.ratio
    beyond = int(((ratio < 0.7) | (ratio > 1.3)).sum())
    assert beyond
    assert charts.matches.header.details[0].endswith(f"; {beyond} off the axis")


def test_range_stays_during_a_pull_and_widens_after(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    chart = charts.matches
    start, end = at(chart, 1.05, 0.6), at(chart, 1.3, 0.6)
    qtbot.mousePress(chart, LEFT, pos=start)
    qtbot.mouseMove(chart, end)
    assert model.recipe.error_margin == pytest.approx(0.3, abs=0.005)
    assert shown(chart).range == pytest.approx((0.7, 1.3))
    qtbot.mouseRelease(chart, LEFT, pos=end)
    low, high = shown(chart).range
    assert low < 0.6
    assert high > 1.4
    pull(qtbot, chart, 1 + model.recipe.error_margin, 1.5)
    assert model.recipe.error_margin == pytest.approx(0.5, abs=0.02)


def test_a_closed_band_opens_again(qtbot: QtBot, model: Model, charts: Charts) -> None:
    pull(qtbot, charts.matches, 1.05, 0.9)
    assert model.recipe.error_margin == 0
    pull(qtbot, charts.matches, 1.0, 1.05)  # pressed at both edges: neither direction is lost
    assert model.recipe.error_margin == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("way", [-1, 1])
@pytest.mark.parametrize("beside", [-4, -1, 0, 1, 4])
def test_a_closed_band_is_pulled_either_way_wherever_it_is_taken_hold_of(
    qtbot: QtBot, model: Model, charts: Charts, beside: int, way: int
) -> None:
    model.change("error_margin", 0)
    QApplication.processEvents()
    chart = charts.matches
    start = at(chart, 1.0, 0.6) + QPoint(beside, 0)
    drag(qtbot, chart, start, start + QPoint(30 * way, 0))
    QApplication.processEvents()
    assert model.recipe.error_margin == pytest.approx(chart.plot.width_of(30), rel=0.2)


def test_one_pull_is_taken_back_by_one_undo(qtbot: QtBot, model: Model, charts: Charts) -> None:
    pull(qtbot, charts.matches, 1.05, 1.15)
    model.undo()
    assert model.recipe == Recipe()
    assert has_line(charts.matches, 1.05)


def test_other_measures_have_lines_of_their_own(qtbot: QtBot, model: Model, charts: Charts) -> None:
    matches, texture = charts.matches, charts.texture
    for change, chart, key, start, end in (
        (("consistency", "position"), matches, "position_tolerance", 1, 2.5),
        (("texture", "canny"), texture, "min_edge_density", 0.05, 0.2),
    ):
        model.change(*change)
        wait_until_analysed(qtbot, model)
        pull(qtbot, chart, start, end)
        value = getattr(model.recipe, key)
        assert value == pytest.approx(end, abs=chart.plot.width_of(1))
        assert value == round(value, 3)
        assert has_line(chart, value)
        kept = summarise(fresh(model))["matches" if chart is matches else "patches"]["kept"]
        assert chart.header.details[0].startswith(f"{kept} of ")
    headings = [chart.header.headings[0] for chart in (matches, texture)]
    assert headings == ["Displacement of the matches", "Edge density"]


# The line in the texture


def test_pulling_the_line_sets_the_keypoints(qtbot: QtBot, model: Model, charts: Charts) -> None:
    chart = charts.texture
    pull(qtbot, chart, 9.5, 14.7)
    assert model.recipe.min_keypoints == 15
    assert has_line(chart, 14.5)
    counts = summarise(fresh(model))["patches"]
    percent = round(100 * counts["kept"] / counts["total"])
    expected = f"{counts['kept']} of {counts['total']} windows, {percent} %"
    assert chart.header.details[0].startswith(f"{expected}; at 14: ")
    assert chart.header.value == "\N{GREATER-THAN OR EQUAL TO} 15"


def test_windows_left_of_the_line_are_orange_and_others_blue(model: Model, charts: Charts) -> None:
    kept_color, rejected_color, _ = bar_colors(current_theme())
    for threshold in (10, 4):
        model.change("min_keypoints", threshold)
        for bar in np.flatnonzero(shown(charts.texture).all > 4):
            if abs(bar - threshold + 0.5) > 1:  # beside the line itself
                color = kept_color if bar >= threshold else rejected_color
                assert near(pixel_of_bar(charts.texture, int(bar), 0.25), color).all(), bar


def test_a_slider_moves_the_line_and_the_bars(model: Model, charts: Charts) -> None:
    model.change("min_keypoints", 20)
    assert has_line(charts.texture, 19.5)
    assert not has_line(charts.texture, 9.5)
    model.change("error_margin", 0.1)
    assert has_line(charts.matches, 0.9)
    model.undo()
    assert has_line(charts.matches, 0.95)


# Keys


SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_shifted_arrows_move_the_focused_threshold(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    charts.matches.setFocus()
    qtbot.keyClick(charts.matches, Qt.Key.Key_Right, SHIFT)
    assert model.recipe.error_margin == 0.055
    qtbot.keyClick(charts.matches, Qt.Key.Key_Left, SHIFT)
    qtbot.keyClick(charts.matches, Qt.Key.Key_Left, SHIFT)
    assert model.recipe.error_margin == 0.045
    assert model.recipe.min_keypoints == 10
    qtbot.keyClick(charts.texture, Qt.Key.Key_Right, SHIFT)
    assert model.recipe.min_keypoints == 11
    assert has_line(charts.texture, 10.5)


def click_line(qtbot: QtBot, chart: Chart, x: float) -> None:
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=at(chart, x, 0.9))


def test_arrows_move_a_threshold_once_its_line_was_clicked(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    texture = charts.texture
    charts.activateWindow()
    texture.setFocus()
    before = pixels(texture)
    click_line(qtbot, texture, 9.5)
    assert model.selection is None
    assert (pixels(texture) != before).any(), "it shows that keys have the line"
    qtbot.keyClick(texture, Qt.Key.Key_Right)
    assert model.recipe.min_keypoints == 11
    qtbot.keyClick(texture, Qt.Key.Key_Left)
    charts.psnr.setFocus()
    texture.setFocus()
    assert (pixels(texture) == before).all()
    qtbot.keyClick(texture, Qt.Key.Key_Right)
    assert model.recipe.min_keypoints == 10


@pytest.mark.parametrize("name", ["matches", "texture", "psnr", "ssim"])
def test_arrows_step_on_from_a_bar_that_was_clicked(
    qtbot: QtBot, model: Model, charts: Charts, name: str
) -> None:
    chart, recipe = charts.by_name[name], model.recipe
    bar = int(np.argmax(shown(chart).all))
    click_bar(qtbot, chart, float(shown(chart).edges[bar : bar + 2].mean()), 0.3)
    seen = [model.selection]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(chart, key)
        assert model.selection is not None
        seen.append(model.selection)
    assert all(before != after for before, after in pairwise(seen))
    assert seen[0] == seen[2] == seen[4]
    assert model.recipe == recipe


def test_arrows_in_a_chart_of_other_things_step_too(
    qtbot: QtBot, model: Model, charts: Charts
) -> None:
    model.select(Selected("match", 3))
    recipe = model.recipe
    for key, after in ((Qt.Key.Key_Right, 4), (Qt.Key.Key_Up, 3)):
        qtbot.keyClick(charts.texture, key)
        assert model.selection == Selected("match", after)
    assert model.recipe == recipe


def test_arrow_keys_stop_at_the_end(qtbot: QtBot, model: Model, charts: Charts) -> None:
    model.change("min_keypoints", 1)
    complaints: list[str] = []
    model.failed.connect(complaints.append)
    for _ in range(3):
        qtbot.keyClick(charts.texture, Qt.Key.Key_Left, SHIFT)
    assert model.recipe.min_keypoints == 0
    assert not complaints


def test_arrow_keys_go_through_windows_in_order(qtbot: QtBot, model: Model, charts: Charts) -> None:
    psnr, candidates = known(model).quality.psnr, known(model).patches.candidates
    order = np.flatnonzero(candidates)[np.argsort(psnr[candidates], kind="stable")]
    for place in (0, 1, 2):
        qtbot.keyClick(charts.psnr, Qt.Key.Key_Right)
        assert model.selection == Selected("window", int(order[place]))
    qtbot.keyClick(charts.psnr, Qt.Key.Key_Down)
    assert model.selection == Selected("window", int(order[1]))


def test_each_chart_is_reached_by_tab(qtbot: QtBot, charts: Charts) -> None:
    charts.activateWindow()
    charts.matches.setFocus()
    for chart in charts.charts[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert chart.hasFocus()
        frame = pixels(chart)[0]
        assert near(frame, QColor(current_theme().accent)).all()


# Clicks


@pytest.mark.parametrize("name", ["psnr", "ssim"])
@pytest.mark.parametrize("wants_kept", [True, False])
def test_click_on_a_bar_goes_to_the_window_nearest_to_that_value(
    qtbot: QtBot, model: Model, charts: Charts, name: str, wants_kept: bool
) -> None:
    chart: Chart = getattr(charts, name)
    d, a = shown(chart), known(model)
    heights, kept_heights = chart.plot.heights(d.all), chart.plot.heights(d.kept)
    room = kept_heights if wants_kept else heights - kept_heights
    bar = int(np.argmax(room))
    height = kept_heights[bar] / 2 if wants_kept else (kept_heights[bar] + heights[bar]) / 2
    x = float(d.edges[bar : bar + 2].mean())
    gone = points_asked_for(model)
    click_bar(qtbot, chart, x, float(height))
    assert model.selection is not None
    index = model.selection.index
    assert model.selection.kind == "window"
    assert bool(a.patches.kept[index]) == wants_kept
    values = getattr(a.quality, name)
    group = members(chart).among & (members(chart).kept == wants_kept)
    assert abs(values[index] - x) <= np.abs(values[group] - x).min() + chart.plot.width_of(1)
    half = (a.windows.patch - 1) / 2
    assert gone == [(a.windows.x[index] + half, a.windows.y[index] + half)]


def test_clicks_go_on_to_the_next_of_that_count(qtbot: QtBot, model: Model, charts: Charts) -> None:
    kept, keypoints = members(charts.texture).kept, known(model).texture.keypoints
    count = int(np.flatnonzero(np.bincount(keypoints[kept]) > 1)[0])
    expected = np.flatnonzero(kept & (keypoints == count)).tolist()
    seen = []
    for _ in range(len(expected) + 1):
        click_bar(qtbot, charts.texture, count + 0.2, 0.02)
        assert model.selection is not None
        seen.append(model.selection.index)
    assert seen == [*expected, expected[0]]


def test_a_rejected_bar_leads_to_its_match(qtbot: QtBot, model: Model, charts: Charts) -> None:
    d = shown(charts.matches)
    rejected = d.all - d.kept
    clear = np.abs((d.edges[:-1] + d.edges[1:]) / 2 - 1) > 0.08
    bar = int(np.flatnonzero((rejected > 0) & clear)[0])
    click_bar(qtbot, charts.matches, float(d.edges[bar : bar + 2].mean()), 0.03)
    assert model.selection is not None
    assert model.selection.kind == "match"
    index = model.selection.index
    assert not known(model).consistent.kept[index]
    ratio = float(known(model).consistent.ratio[index])
    assert d.bin_of(ratio) == bar
    dashed = [near(column(charts.matches, ratio, h), QColor(current_theme().text)).any()
              for h in np.linspace(0.2, 0.95, 40)]  # fmt: skip
    assert sum(dashed) > 5


def test_a_drag_beside_a_threshold_does_nothing(qtbot: QtBot, model: Model, charts: Charts) -> None:
    pull(qtbot, charts.texture, 2, 20)
    turn_wheel(charts.texture, charts.texture.rect().toRectF().center(), 3)
    qtbot.mouseClick(charts.texture, Qt.MouseButton.RightButton)
    assert model.recipe == Recipe()
    assert model.selection is None
    assert has_line(charts.texture, 9.5)
    assert not QApplication.activePopupWidget()


def test_a_click_beside_a_threshold_is_a_click(qtbot: QtBot, model: Model, charts: Charts) -> None:
    click_bar(qtbot, charts.texture, 10, 0.02)
    assert model.recipe == Recipe()
    assert model.selection is not None
    assert known(model).texture.keypoints[model.selection.index] == 10
    assert charts.texture.hasFocus()


def test_tooltips_say_what_to_do(charts: Charts) -> None:
    assert "Drag either edge of the band" in charts.matches.toolTip()
    assert "Drag the line" in charts.texture.toolTip()
    assert "Drag" not in charts.psnr.toolTip()


def test_the_pointer_shows_what_can_be_pulled_and_what_can_be_asked_for(
    qtbot: QtBot, charts: Charts
) -> None:
    chart = charts.texture
    assert chart.distribution is not None
    low, high = chart.distribution.range
    empty = np.flatnonzero(chart.distribution.all == 0)[-1]
    nothing = low + (empty + 0.5) * (high - low) / len(chart.distribution.all)
    for x, shape in (
        (9.5, Qt.CursorShape.SplitHCursor),
        (12, Qt.CursorShape.PointingHandCursor),
        (nothing, Qt.CursorShape.ArrowCursor),
    ):
        qtbot.mouseMove(chart, at(chart, x, 0.6))
        assert chart.cursor().shape() == shape
        assert chart.childAt(at(chart, x, 0.6)) is None, "the plot leaves gestures to the chart"


# What there is to see


def test_means_of_the_kept_are_in_the_titles(model: Model, charts: Charts) -> None:
    psnr, ssim = mean_quality(fresh(model))
    assert charts.psnr.header.value == f"{psnr:.2f} dB"
    assert charts.ssim.header.value == f"{ssim:.3f}"


def test_without_an_image_they_say_so(empty: Charts) -> None:
    assert {chart.words for chart in empty.charts} == {"no image yet"}


def test_what_is_made_again_is_not_shown_as_new(qtbot: QtBot, model: Model, charts: Charts) -> None:
    kept_color, rejected_color, _ = bar_colors(current_theme())
    model.change("sift_sigma", 2.0)
    for chart in charts.charts:
        assert chart.words == "being computed"
        assert (chart.header.value, chart.header.details) == ("", ("",))
        painted = pixels(chart)
        assert not any(near(painted, one, 4).any() for one in (kept_color, rejected_color))
    wait_until_analysed(qtbot, model)
    assert not any(chart.words for chart in charts.charts)


def test_without_a_box_they_say_why(model: Model, charts: Charts) -> None:
    model.change("error_margin", 0.0)
    reason = known(model).box.reason
    assert reason
    for chart in (charts.texture, charts.psnr, charts.ssim):
        assert chart.words == f"No windows: {reason}"
    assert not charts.matches.words
    model.change("error_margin", 0.05)
    assert not charts.texture.words


def test_an_image_that_cannot_be_analysed_is_told(
    qtbot: QtBot, model: Model, charts: Charts, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    model.add_images([broken])
    qtbot.waitUntil(lambda: model.current is not None and model.current.error is not None)
    assert {chart.words for chart in charts.charts} == {"no analysis of this image"}
    assert "broken.png" in charts.psnr.toolTip()


def test_hidden_charts_hold_nothing_and_catch_up(model: Model, charts: Charts) -> None:
    charts.hide()
    model.change("min_keypoints", 17)
    assert charts.texture.distribution is None
    charts.show()
    assert charts.texture.header.value == "\N{GREATER-THAN OR EQUAL TO} 17"
    assert has_line(charts.texture, 16.5)


def test_they_follow_the_theme(charts: Charts, monkeypatch: pytest.MonkeyPatch) -> None:
    for theme in (LIGHT, DARK):
        for module in (chart_module, chart_header, plot_frame):
            monkeypatch.setattr(module, "current_theme", lambda theme=theme: theme)
        palette = QPalette(charts.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(theme.window))
        charts.setPalette(palette)
        painted = pixels(charts.texture)
        kept, rejected, _ = bar_colors(theme)
        assert near(painted[3, 3], QColor(theme.panel), 2).all()
        assert near(painted, kept, 2).sum() > 100
        assert near(painted, rejected, 2).sum() > 100
        bright = [0.3 * c.redF() + 0.59 * c.greenF() + 0.11 * c.blueF() for c in (kept, rejected)]
        assert abs(bright[0] - bright[1]) > 0.2


@pytest.mark.parametrize("size", [(760, 180), (820, 190), (1900, 260)])
def test_titles_and_axes_have_room(charts: Charts, size: tuple[int, int]) -> None:
    charts.resize(*size)
    QApplication.processEvents()
    for chart in charts.charts:
        assert chart.geometry().bottom() <= charts.height()
        header = chart.header
        metrics = header.fontMetrics()
        assert metrics.horizontalAdvance(header.details[-1]) <= header.width()
        short = metrics.horizontalAdvance(f"{header.headings[-1]}  {header.value}")
        assert short * 1.15 <= header.width()  # bold is wider
        assert point_of(chart.plot, shown(chart).range[0], 0).y() < chart.plot.height() - 25
        assert point_of(chart.plot, shown(chart).range[0], 1).y() > 3


# Pure parts


def test_identical_windows_are_told(analysis: Analysis) -> None:
    d = window_psnr(analysis, BinCache(), None)
    assert isinstance(d, Distribution)
    told = chart_model(replace(d, identical=2), Recipe()).details
    assert all(text.endswith("; 2 identical") for text in told[:-1])


def test_windows_that_alignment_rejects_are_told(analysis: Analysis) -> None:
    for make in (window_texture, window_psnr, window_ssim):
        d = make(analysis, BinCache(), None)
        assert isinstance(d, Distribution)
        assert "alignment" not in chart_model(d, Recipe()).details[0]
        shown = chart_model(replace(d, misaligned=1048), Recipe())
        assert "; alignment rejects 1,048" in shown.details[0]
        assert "alignment rejects 1,048" in shown.words
        told = [text for text in shown.details if "alignment rejects 1,048" in text]
        assert len(min(told, key=len)) < 40, "narrow charts have room for it"


@pytest.mark.parametrize(
    ("kept", "total", "text"),
    [
        (130, 506, "130 of 506 windows, 26 %"),
        (0, 60, "0 of 60 windows, 0 %"),
        (60, 60, "60 of 60 windows, 100 %"),
        (1, 1000, "1 of 1,000 windows, < 1 %"),
        (999, 1000, "999 of 1,000 windows, > 99 %"),
    ],
)
def test_share_in_words(kept: int, total: int, text: str) -> None:
    assert share_text(kept, total, "windows") == text


def test_tops_are_round_and_have_a_whole_quarter() -> None:
    for count in [0, 1, 2, 3, 5, 9, 19, 37, 99, 100, 1234, 19205, 999_999]:
        top = top_above(count)
        assert top > count
        assert top % 4 == 0
        assert top <= max(4, 2.2 * count + 2)
