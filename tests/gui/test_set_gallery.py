"""The gallery of the whole set by mouse and keys, and what is excluded through it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSpinBox, QTabWidget
from pytestqt.qtbot import QtBot

from srviewer.errors import ReadError
from srviewer.gui.jobs import patches as patches_module
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.chart import Chart
from srviewer.gui.views.set_gallery import SetGrid
from srviewer.gui.views.strips import GAP
from srviewer.gui.window import MainWindow
from srviewer.pipeline import reading
from srviewer.pipeline.analysis import Analysis, analyse_file
from srviewer.pipeline.exclusions import NONE
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.window_filter import Show
from srviewer.survey.default_file import default_file
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
from tests.gui.helpers import TIMEOUT, find, near, open_paths, pixels, point_of, strip_of
from tests.photos import crop, save

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
PICTURES = {
    "engine.png": crop("motorcycle", 200, 100, 250, 200),
    "portrait.png": crop("astronaut", 100, 0, 256, 240),
    "cup.png": crop("coffee", 100, 60, 240, 220),
}


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: the gallery of a set stays as a person has filtered it."""
    return new_window


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("made")
    for name, picture in PICTURES.items():
        save(picture, top / "photos" / name)
    survey([top / "photos"], default_file([top / "photos"]), Recipe(), jobs=1)
    return top / "photos"


@pytest.fixture
def folder(made_once: Path, tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(made_once, tmp_path / "photos"))
    survey([copy], default_file([copy]), Recipe(), jobs=1)  # which knows the contents already
    return copy


@pytest.fixture
def grid(qtbot: QtBot, window: MainWindow, folder: Path) -> SetGrid:
    """Return the gallery of a surveyed folder, with its pictures read."""
    window.resize(1280, 900)
    open_paths(qtbot, window, [folder])
    qtbot.keyClick(window, Qt.Key.Key_G, CONTROL)
    shown = window.data_set_view.gallery.gallery
    qtbot.waitUntil(lambda: len(shown.windows) > 0, timeout=TIMEOUT)
    wait_for_pictures(qtbot, shown)
    return shown


def wait_for_pictures(qtbot: QtBot, grid: SetGrid) -> None:
    def are_there() -> bool:
        grid.viewport().repaint()
        seen = [int(grid.windows[place]) for place in grid._in_view()]
        return all(grid._patch(window) is not None for window in seen)

    qtbot.waitUntil(are_there, timeout=TIMEOUT)
    QApplication.processEvents()


def wait_until_listed(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the list is that of what the model has by now."""

    def is_listed() -> bool:
        listed, data_set = window.data_set_view.gallery.list, window.data_set
        windows, model = listed.windows, window.model
        return (
            windows is not None
            and not listed.lister.busy
            and not data_set.answers.busy
            and windows.recipe == model.recipe
            and windows.whole.excluding(model.exclusions) is windows.whole
        )

    qtbot.waitUntil(is_listed, timeout=TIMEOUT)


def analyses(folder: Path, recipe: Recipe = Recipe()) -> list[Analysis]:  # noqa: B008
    return [analyse_file(folder / name, recipe) for name in sorted(PICTURES)]


def spot(grid: SetGrid, place: int) -> QPoint:
    top = grid.verticalScrollBar().value()
    return grid.grid.rect(place).translated(0, -top).center()


def click(qtbot: QtBot, grid: SetGrid, place: int, keys: Qt.KeyboardModifier) -> None:
    qtbot.mouseClick(grid.viewport(), LEFT, keys, pos=spot(grid, place))


def chosen_places(grid: SetGrid) -> list[int]:
    return np.flatnonzero(np.isin(grid.windows, grid.chosen)).tolist()


# What is listed


def test_it_lists_the_kept_windows_of_all_images_the_worst_first(
    grid: SetGrid, window: MainWindow, folder: Path
) -> None:
    found = analyses(folder)
    psnr = np.sort(np.concatenate([a.quality.psnr[a.patches.kept] for a in found]))
    listed = window.data_set_view.gallery.list.windows
    assert listed is not None
    shown = [listed.value("psnr", number) for number in grid.windows.tolist()]
    np.testing.assert_allclose(shown, psnr, rtol=1e-6)
    inside = sum(int(a.patches.candidates.sum()) for a in found)
    assert find(window, QLabel, "set_gallery_count").text() == f"{len(psnr):,} of {inside:,}"


def test_what_is_painted_are_the_pixels_of_each_window(
    grid: SetGrid, window: MainWindow, folder: Path, painted_texts: list[str]
) -> None:
    found = dict(zip(sorted(PICTURES), analyses(folder), strict=True))
    listed = window.data_set_view.gallery.list.windows
    assert listed is not None
    painted = pixels(grid.viewport())
    for place in list(grid._in_view())[: grid.grid.columns]:
        number = int(grid.windows[place])
        image, inside = listed.place(number)
        name = listed.images[image].name
        cell = grid.grid.rect(place)
        top, left, side = cell.top() + 5, cell.left() + 5, grid._side
        strip = painted[top : top + side, left : left + 3 * side + 2 * GAP]
        np.testing.assert_array_equal(strip, strip_of(found[name], inside, side))
        assert name in painted_texts


def test_the_tools_list_others_in_other_orders(
    qtbot: QtBot, grid: SetGrid, window: MainWindow, folder: Path
) -> None:
    bar = window.data_set_view.gallery.bar
    found = analyses(folder)
    bar.show_box.setFocus()
    qtbot.keyClick(bar.show_box, Qt.Key.Key_Down)
    assert bar.show_box.currentData() is Show.REJECTED
    wait_until_listed(qtbot, window)
    rejected = sum(int((a.patches.candidates & ~a.patches.kept).sum()) for a in found)
    assert len(grid.windows) == rejected
    bar.sort_box.setFocus()
    qtbot.keyClick(bar.sort_box, Qt.Key.Key_Home)
    wait_until_listed(qtbot, window)
    assert (np.diff(grid.windows) > 0).all(), "image by image"
    qtbot.keyClick(bar.sort_box, Qt.Key.Key_Down)
    assert bar.sort_box.currentText() == "By keypoints"
    assert bar.sort_box.width() >= bar.sort_box.sizeHint().width(), "it can be read whole"
    qtbot.mouseClick(bar.descending, LEFT)
    wait_until_listed(qtbot, window)
    listed = window.data_set_view.gallery.list.windows
    assert listed is not None
    counts = [listed.value("texture", number) for number in grid.windows.tolist()]
    assert counts == sorted(counts, reverse=True)
    assert max(counts) < window.model.recipe.min_keypoints


def test_it_follows_a_threshold(qtbot: QtBot, grid: SetGrid, window: MainWindow) -> None:
    before = len(grid.windows)
    for least in (12, 14, 16):
        window.model.change("min_keypoints", least)
    wait_until_listed(qtbot, window)
    answer = window.data_set.overview.answer  # type: ignore[union-attr]
    assert 0 < len(grid.windows) == answer.totals.pairs < before


def test_conditions_list_what_a_threshold_loses(
    qtbot: QtBot, grid: SetGrid, window: MainWindow
) -> None:
    before = len(grid.windows)
    window.model.change("min_keypoints", 14)
    wait_until_listed(qtbot, window)
    lost = before - len(grid.windows)
    gallery = window.data_set_view.gallery
    gallery.bar.show_box.setCurrentIndex(gallery.bar.show_box.findData(Show.REJECTED))
    qtbot.keyClicks(gallery.conditions, "keypoints >= 10")
    qtbot.waitUntil(lambda: len(grid.windows) == lost > 0, timeout=TIMEOUT)
    counts = [gallery.list.windows.value("texture", one) for one in grid.windows.tolist()]  # type: ignore[union-attr]
    assert {int(count) for count in counts} <= {10, 11, 12, 13}
    qtbot.keyClicks(gallery.conditions, ", psnr > 99")
    qtbot.waitUntil(lambda: not len(grid.windows), timeout=TIMEOUT)
    assert grid.why_empty == "No window meets the conditions"


def test_only_what_is_seen_is_read(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = patches_module.PatchReader.read

    def read_slowly(self, image, windows, recipe, progress):  # type: ignore[no-untyped-def]
        read.extend(windows)
        return original(self, image, windows, recipe, progress)

    monkeypatch.setattr(patches_module.PatchReader, "read", read_slowly)
    open_paths(qtbot, window, [folder])
    qtbot.keyClick(window, Qt.Key.Key_G, CONTROL)
    grid = window.data_set_view.gallery.gallery
    qtbot.waitUntil(lambda: len(grid.windows) > 0, timeout=TIMEOUT)
    wait_for_pictures(qtbot, grid)
    assert len(read) <= 2 * len(grid._in_view()) < len(grid.windows)
    count = len(read)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    wait_for_pictures(qtbot, grid)
    assert count < len(read) <= count + 2 * len(grid._in_view())
    grid.verticalScrollBar().setValue(0)
    wait_for_pictures(qtbot, grid)
    assert len(set(read)) >= len(read) - len(grid._in_view()), "what was seen is kept"


def test_an_image_that_is_gone_is_told_in_its_windows(
    qtbot: QtBot,
    window: MainWindow,
    folder: Path,
    painted_texts: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(path: Path, **_: object) -> None:
        raise ReadError("no such file", path=path)

    monkeypatch.setattr(reading, "read_image", gone)
    open_paths(qtbot, window, [folder])
    qtbot.keyClick(window, Qt.Key.Key_G, CONTROL)
    grid = window.data_set_view.gallery.gallery
    qtbot.waitUntil(lambda: len(grid.windows) > 0, timeout=TIMEOUT)
    wait_for_pictures(qtbot, grid)
    grid.viewport().repaint()
    assert "cannot be read" in painted_texts
    words = grid.words(int(grid.windows[0]))
    assert str(folder) in words
    assert "no such file" in words


# Selecting and excluding


def test_several_are_selected_by_ctrl_shift_and_shifted_arrows(qtbot: QtBot, grid: SetGrid) -> None:
    click(qtbot, grid, 1, CONTROL)
    assert (grid.selected, chosen_places(grid)) == (1, [])
    click(qtbot, grid, 3, CONTROL)
    assert chosen_places(grid) == [1, 3]
    click(qtbot, grid, 1, CONTROL)
    assert (grid.selected, chosen_places(grid)) == (3, [])
    click(qtbot, grid, 0, SHIFT)
    assert (grid.selected, len(chosen_places(grid))) == (0, 2), "from what was clicked last"
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert chosen_places(grid) == []
    for _ in range(2):
        qtbot.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    assert (grid.selected, chosen_places(grid)) == (2, [0, 1, 2])
    qtbot.keyClick(grid, Qt.Key.Key_Left, SHIFT)
    assert chosen_places(grid) == [0, 1]
    qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL)
    assert len(chosen_places(grid)) == len(grid.windows)
    assert grid.accessibleDescription().startswith(f"{len(grid.windows):,} windows selected")


def test_what_is_selected_is_seen(qtbot: QtBot, grid: SetGrid) -> None:
    before = pixels(grid.viewport())
    for place in (0, 2):
        click(qtbot, grid, place, CONTROL)
    painted, changed = pixels(grid.viewport()), []
    for place in range(3):
        cell = grid.grid.rect(place)
        at = cell.left() + 3, cell.center().y()
        changed.append(bool((painted[at[1], at[0]] != before[at[1], at[0]]).any()))
    assert changed == [True, False, True]
    accent = grid.palette().color(QPalette.ColorRole.Highlight)
    outlined = [
        near(painted[grid.grid.rect(one).center().y(), grid.grid.rect(one).left()], accent)
        for one in (0, 2)
    ]
    assert outlined == [False, True], "the one that keys move from"


def test_several_of_the_set_are_excluded_in_one_step_of_undo(
    qtbot: QtBot, grid: SetGrid, window: MainWindow, folder: Path
) -> None:
    model, before = window.model, grid.windows.copy()
    bar = window.data_set_view.gallery.bar
    bar.sort_box.setCurrentIndex(bar.sort_box.findText("By image"))
    wait_until_listed(qtbot, window)
    by_image = grid.windows.copy()
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    click(qtbot, grid, len(grid.windows) - 1, CONTROL)
    out = by_image[[0, 1, -1]]
    assert window.menus.turn_windows.text().replace("&", "") == "Exclude the 3 windows"
    qtbot.keyClick(grid, Qt.Key.Key_X)
    assert str(model.exclusions) == "3 windows"
    assert len(model.exclusions.by_content) == 2, "of two images"
    wait_until_listed(qtbot, window)
    assert grid.windows.tolist() == [one for one in by_image.tolist() if one not in out]
    assert window.data_set.overview.answer.totals.excluded == 3  # type: ignore[union-attr]
    assert not len(grid.chosen), "nothing is done to what is listed no more"
    # As the command line counts it.
    known = load(default_file([folder]), [folder], Recipe(), exclusions=model.exclusions)
    assert known.under(Recipe()).totals.pairs == len(grid.windows)
    qtbot.keyClick(grid, Qt.Key.Key_Z, CONTROL)
    assert model.exclusions == NONE
    assert not window.menus.undo.isEnabled()
    wait_until_listed(qtbot, window)
    assert sorted(grid.windows) == sorted(before)


def test_what_is_excluded_is_listed_and_included_again(
    qtbot: QtBot, grid: SetGrid, window: MainWindow
) -> None:
    for place in (0, 2):
        click(qtbot, grid, place, CONTROL)
    qtbot.keyClick(grid, Qt.Key.Key_X)
    wait_until_listed(qtbot, window)
    bar = window.data_set_view.gallery.bar
    bar.show_box.setCurrentIndex(bar.show_box.findData(Show.EXCLUDED))
    wait_until_listed(qtbot, window)
    qtbot.waitUntil(lambda: len(grid.windows) == 2, timeout=TIMEOUT)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL)
    assert window.menus.turn_windows.text().replace("&", "") == "Include the 2 windows again"
    qtbot.keyClick(grid, Qt.Key.Key_X)
    assert window.model.exclusions == NONE


def test_a_window_of_the_picture_is_not_meant_while_the_set_is_looked_at(
    qtbot: QtBot, grid: SetGrid, window: MainWindow
) -> None:
    qtbot.waitUntil(lambda: bool(window.model.analysis and window.model.analysis.complete))
    window.model.select(Selected("window", 0))
    qtbot.keyClick(grid, Qt.Key.Key_X)
    assert window.model.exclusions == NONE


# Opening


@pytest.mark.parametrize("by_key", [True, False])
def test_a_window_opens_in_its_image_and_is_inspected(
    qtbot: QtBot, grid: SetGrid, window: MainWindow, by_key: bool
) -> None:
    listed = window.data_set_view.gallery.list.windows
    assert listed is not None
    current = window.model.current
    names = [grid.title(int(number)) for number in grid.windows]
    place = next(n for n, name in enumerate(names) if name != current.path.name)  # type: ignore[union-attr]
    number = int(grid.windows[place])
    x, y = listed.corner(number)
    grid.setFocus()
    if by_key:
        click(qtbot, grid, place, CONTROL)
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    else:
        grid._scroll_to(place)
        click(qtbot, grid, place, Qt.KeyboardModifier.NoModifier)
    model = window.model
    assert not model.data_set_shown
    assert model.current.path.name == names[place]  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: model.selection is not None, timeout=TIMEOUT)
    a, selection = model.analysis, model.selection
    assert a is not None
    assert selection is not None
    assert selection.kind == "window"
    assert (a.windows.x[selection.index], a.windows.y[selection.index]) == (x, y)
    assert window.docks.by_name["inspector"].is_seen
    qtbot.keyClick(window, Qt.Key.Key_8)
    assert grid.isVisible(), "the way back"
    assert grid.current == number


def test_the_tab_is_reached_by_keys_and_remembered(
    qtbot: QtBot, grid: SetGrid, window: MainWindow
) -> None:
    tabs = find(window, QTabWidget, "set_lists")
    tabs.tabBar().setFocus()
    qtbot.keyClick(tabs.tabBar(), Qt.Key.Key_Left)
    assert window.data_set_view.table.isVisible()
    qtbot.keyClick(tabs.tabBar(), Qt.Key.Key_Right)
    assert grid.isVisible()
    window.remember()
    assert window.settings.data_set_list == "windows"


# The bars of the charts

PARTS = {None: Show.IN_BOX, True: Show.KEPT, False: Show.REJECTED}
HIT = 6  # px of a part that a person can hit


def parts_of(chart: Chart, bar: int) -> dict[bool | None, QPoint]:
    """Return where in a chart to click for the parts of a bar that can be hit."""
    d, plot = chart.distribution, chart.plot
    assert d is not None
    heights = plot.heights(np.array([0, d.kept[bar], d.all[bar]])).tolist()
    ends = dict(
        zip((True, False, None), zip(heights, [*heights[1:], 1.0], strict=True), strict=True)
    )
    x, found = float(d.edges[bar : bar + 2].mean()), {}
    for part, (low, high) in ends.items():
        tall = point_of(plot, x, low).y() - point_of(plot, x, high).y()
        at = point_of(plot, x, (low + high) / 2)
        if tall >= HIT and chart._side_at(at) is None:  # which takes hold of a threshold
            found[part] = plot.mapTo(chart, at)
    return found


@pytest.mark.parametrize("texture", ["sift", "canny"])
def test_a_click_on_a_bar_lists_its_windows(
    qtbot: QtBot, grid: SetGrid, window: MainWindow, texture: str
) -> None:
    view, listed = window.data_set_view, window.data_set_view.gallery.list
    window.model.change("texture", texture)
    wait_until_listed(qtbot, window)
    tried: set[tuple[str, bool | None]] = set()
    for chart in (view.charts.texture, view.charts.psnr, view.charts.ssim):
        assert "Click a bar to list its windows" in chart.toolTip()
        d = chart.distribution
        assert d is not None
        for bar in d.filled[2:-2:3]:
            counts = {None: d.all[bar], True: d.kept[bar], False: d.all[bar] - d.kept[bar]}
            for part, at in parts_of(chart, bar).items():
                view.lists.setCurrentIndex(0)
                qtbot.mouseClick(chart, LEFT, pos=at)
                assert view.lists.currentWidget() is view.gallery
                wait_until_listed(qtbot, window)
                assert (listed.show, len(listed.rows)) == (PARTS[part], counts[part])
                assert chart.hasFocus(), "arrow keys go on"
                tried.add((d.name, part))
    assert len(tried) >= 7, "three parts in most of the charts"


def test_keys_go_from_bar_to_bar_and_end_with_what_is_off_the_axis(
    qtbot: QtBot, grid: SetGrid, window: MainWindow
) -> None:
    view, chart = window.data_set_view, window.data_set_view.charts.psnr
    listed, field = view.gallery.list, view.gallery.conditions
    chart.setFocus()
    d = chart.distribution
    assert d is not None
    seen = 0
    for bar in d.filled:
        qtbot.keyClick(chart, Qt.Key.Key_Up)
        wait_until_listed(qtbot, window)
        inside = 0 <= bar < len(d.all)
        assert len(listed.rows) == (d.all[bar] if inside else (d.below, d.above)[bar > 0][0])
        seen += len(listed.rows)
    assert seen == d.totals[0] - d.identical * (len(d.all) not in d.filled)
    words = field.text()
    qtbot.keyClick(chart, Qt.Key.Key_Up)
    assert field.text() == words, "there is no further one"
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert field.text() != words
    assert chart.plot._mark.isVisible()
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, "ssim < 1")
    assert not chart.plot._mark.isVisible(), "other windows are listed now"


# Which images carry the set


def test_an_uneven_set_is_told_and_evened_out_by_a_click(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "uneven"
    for number in range(4):
        save(crop("motorcycle", 100 + 20 * number, 150, 60, 60), folder / f"small{number}.png")
    save(PICTURES["engine.png"], folder / "large.png")
    recipe = Recipe(crop="whole", min_keypoints=1)
    survey([folder], default_file([folder]), recipe, jobs=1)
    window.model.set_recipe(recipe)
    open_paths(qtbot, window, [folder])
    qtbot.keyClick(window, Qt.Key.Key_8)
    line, button = find(window, QLabel, "set_uneven"), find(window, QPushButton, "set_cap")
    qtbot.waitUntil(button.isVisible, timeout=TIMEOUT)
    answer = window.data_set.overview.answer  # type: ignore[union-attr]
    percent = round(100 * answer.kept.max() / answer.kept.sum())
    assert line.text().startswith(f"large.png gives {percent}\N{NO-BREAK SPACE}% of the pairs; ")
    most = int(button.text().removeprefix("At most "))
    assert f"at most {most:,} an image would even that out" in line.text()
    assert button.accessibleDescription() == f"Pairs an image, at most {most:,}"
    qtbot.mouseClick(button, LEFT)
    assert find(window, QSpinBox, "export_max_per_image").value() == most
    assert window.data_set.how.value.options.max_per_image == most
    assert not button.isVisible()
    assert f"at most {most:,} an image evens that out" in line.text()
    window.model.change("min_keypoints", 100)
    qtbot.waitUntil(lambda: line.text() == "", timeout=TIMEOUT)
