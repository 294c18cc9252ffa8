"""The gallery of windows, driven by mouse and keys, looked at pixel by pixel."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views.gallery import GalleryView, captions
from srviewer.gui.views.gallery_kind import WINDOWS
from srviewer.gui.views.pictures import DIFFERENCE_MAP, colored
from srviewer.gui.views.strips import GAP, Grid, StripCache
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.window_filter import Show
from srviewer.survey.patches import patch_of
from tests.analyses import analysed_photo
from tests.gui.helpers import (
    TIMEOUT,
    as_array,
    drag_slider,
    know,
    near,
    pictures_of,
    pixels,
    points_asked_for,
    show_list,
    strip_of,
    turn_wheel,
)

MakeView = Callable[..., GalleryView]
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SOME = analysed_photo()
NATIVE = analysed_photo(patch=32, stride=16, lr_layout="native", keypoint_scope="image")
SMALLEST, _, LARGEST = WINDOWS.sides
FLOATS = analysed_photo(quantize_after=False, keypoint_scope="image")


@pytest.fixture
def make_view(qtbot: QtBot, model: Model) -> MakeView:
    def make(a: Analysis | None = SOME, show: Show = Show.IN_BOX) -> GalleryView:
        view = GalleryView(model, Excluding(model))
        view.show_box.setCurrentIndex(view.show_box.findData(show))
        return show_list(qtbot, view, model, a)

    return make


@pytest.fixture
def view(make_view: MakeView) -> GalleryView:
    return make_view()


def cell_of(view: GalleryView, place: int) -> QRect:
    """Return where the cell lies in the viewport."""
    gallery = view.gallery
    return gallery.grid.rect(place).translated(0, -gallery.verticalScrollBar().value())


def click_cell(qtbot: QtBot, view: GalleryView, place: int) -> None:
    qtbot.mouseClick(view.gallery.viewport(), LEFT, pos=cell_of(view, place).center())


def strip_painted(view: GalleryView, place: int) -> np.ndarray:
    """Return the pixels of the cell's three pictures."""
    side, cell = view.gallery._side, cell_of(view, place)
    top, left = cell.top() + 5, cell.left() + 5
    painted = pixels(view.gallery.viewport())
    return painted[top : top + side, left : left + 3 * side + 2 * GAP]


# The pictures


def test_a_strip_holds_hr_lr_and_difference() -> None:
    window = int(np.flatnonzero(SOME.patches.kept)[0])
    x, y = SOME.windows.x[window], SOME.windows.y[window]
    here = np.s_[y : y + 33, x : x + 33]
    hr, lr, difference = pictures_of(SOME, window)
    np.testing.assert_array_equal(hr, SOME.pair.hr[here])
    np.testing.assert_array_equal(lr, SOME.pair.upscaled[here])
    apart = np.abs(SOME.pair.hr[here].astype(float) - SOME.pair.upscaled[here]).mean(axis=2)
    expected = colored(apart, 64, DIFFERENCE_MAP)
    # A sum of thirds in single precision may fall on the other side of a step.
    assert (np.abs(difference.astype(int) - expected).max(axis=2) > 6).mean() < 0.01
    black, light = colored(np.array([[0.0, 1.0]]), 1, DIFFERENCE_MAP)[0]
    assert black.sum() < light.sum()


def test_lr_is_shown_as_it_is_exported() -> None:
    window = int(np.flatnonzero(NATIVE.patches.candidates)[5])
    x, y = NATIVE.windows.x[window] // 4, NATIVE.windows.y[window] // 4
    np.testing.assert_array_equal(
        pictures_of(NATIVE, window)[1], NATIVE.pair.lr[y : y + 8, x : x + 8]
    )
    strip = strip_of(NATIVE, window, 64)
    enlarged = np.repeat(np.repeat(NATIVE.pair.lr[y : y + 8, x : x + 8], 8, 0), 8, 1)
    np.testing.assert_array_equal(strip[:, 64 + GAP : 128 + GAP], enlarged)
    rounded = pictures_of(FLOATS, window)[1]
    assert rounded.dtype == np.uint8


def test_enlarged_pictures_show_every_pixel_and_small_ones_leave_none_out() -> None:
    window = int(np.flatnonzero(SOME.patches.kept)[0])
    hr, _, _ = pictures_of(SOME, window)
    large = strip_of(SOME, window, 99)[:, :99]
    np.testing.assert_array_equal(large, np.repeat(np.repeat(hr, 3, 0), 3, 1))
    small = strip_of(SOME, window, 11)[:, :11]
    blocks = hr.reshape(11, 3, 11, 3, 3).mean(axis=(1, 3))
    assert np.abs(small - blocks).max() <= 1


@pytest.mark.parametrize("side", [33, 66, 132])
def test_what_is_painted_is_the_strip(view: GalleryView, side: int) -> None:
    view.size_slider.setValue(side // 11)
    QApplication.processEvents()
    for place in list(view.gallery._in_view())[:2]:
        window = int(view.gallery.windows[place])
        painted = strip_painted(view, place)
        expected = strip_of(SOME, window, side)[: len(painted)]
        np.testing.assert_array_equal(painted, expected)


def test_a_scrolled_gallery_looks_as_one_painted_anew(view: GalleryView) -> None:
    gallery = view.gallery
    bar, area = gallery.verticalScrollBar(), gallery.viewport()
    # A grab of the widget paints all of it; what is moved on the screen is seen there only.
    corner = area.mapTo(view, QPoint(0, 0))
    for value in (37, 150, 90, bar.maximum(), 0, 3):
        bar.setValue(value)
        QApplication.processEvents()
        frame = corner.x(), corner.y(), area.width(), area.height()
        screen = view.screen().grabWindow(view.winId(), *frame)
        # A cell that came into view in two parts has slightly other edges of its mark.
        assert np.abs(as_array(screen.toImage()) - pixels(area)).max() <= 8


def test_captions_tell_the_pipelines_numbers() -> None:
    window = int(np.flatnonzero(SOME.patches.kept)[0])
    count = SOME.texture.keypoints[window]
    psnr, ssim = SOME.quality.psnr[window], SOME.quality.ssim[window]
    assert captions(SOME, window) == (
        f"{count} keypoints", f"{psnr:.1f} dB", f"SSIM {ssim:.2f}",
    )  # fmt: skip
    canny = analyse(SOME.image, Recipe(texture="canny", keypoint_scope="image"), previous=SOME)
    density = canny.texture.values["canny"]
    assert captions(canny, window)[0] == f"{density[window] * 100:.1f} % edges"


def test_captions_are_painted_and_not_cut_off(view: GalleryView) -> None:
    for side in range(SMALLEST, LARGEST + 1, 11):
        view.size_slider.setValue(side // 11)
        QApplication.processEvents()
        gallery, metrics = view.gallery, view.gallery.fontMetrics()
        cell = cell_of(view, 0)
        room = cell.width() - 10 - 17
        texture, *quality = captions(SOME, int(gallery.windows[0]))
        lines = [texture, *quality] if gallery._one_line else max([texture], quality, key=len)
        longest = "   ".join(lines).replace("SSIM ", "")  # a word that goes first
        assert metrics.horizontalAdvance(longest) <= room
        caption = cell.adjusted(5, 5 + side + 3, 0, 0)
        if gallery.viewport().rect().contains(caption):
            painted = pixels(gallery.viewport())
            part = painted[caption.top() : caption.bottom(), caption.left() : caption.right()]
            text = gallery.palette().color(QPalette.ColorRole.WindowText)
            assert near(part, text, 60).sum() > 20


def test_kept_and_rejected_differ_in_colour_and_shape(make_view: MakeView) -> None:
    view = make_view(show=Show.KEPT)

    def marks(color: object) -> int:
        return int(near(pixels(view.gallery.viewport()), color, 12).sum())  # type: ignore[arg-type]

    assert marks(KEPT) > 40
    view.show_box.setCurrentIndex(view.show_box.findData(Show.REJECTED))
    cell = cell_of(view, 0)
    below = pixels(view.gallery.viewport())[cell.top() + 74 : cell.bottom(), 13:26]
    assert near(below, REJECTED).sum() > 10
    assert not near(below, KEPT).any()


# The grid


@pytest.mark.parametrize("width", [60, 210, 460, 820, 1900])
@pytest.mark.parametrize("count", [0, 1, 7, 100_000])
@pytest.mark.parametrize("cell", [(113, 79), (212, 93), (410, 160)])
def test_the_grid_places_every_cell_once(width: int, count: int, cell: tuple[int, int]) -> None:
    grid = Grid(count, width, cell)
    shown = [*range(min(count, 40)), *range(max(count - 40, 0), count)]
    for place in shown:
        rect = grid.rect(place)
        assert grid.number_at(rect.center().x(), rect.center().y()) == place
        assert grid.number_at(rect.left(), rect.top()) == place
        assert grid.number_at(rect.left() - 1, rect.top()) is None
        assert rect.bottom() + grid.margin < grid.height + 1
        assert grid.columns == 1 or rect.right() + grid.margin < width
        assert place in grid.seen(rect.top(), rect.bottom())
    assert not set(grid.seen(0, 100)) - set(range(count))
    if count > grid.columns > 1:
        assert grid.rect(1).left() - grid.rect(0).right() > grid.gap


# What is shown


def test_each_choice_shows_its_windows(view: GalleryView) -> None:
    kept, inside = SOME.patches.kept, SOME.patches.candidates
    for show, mask in (
        (Show.KEPT, kept),
        (Show.REJECTED, inside & ~kept),
        (Show.IN_BOX, inside),
    ):
        view.show_box.setCurrentIndex(view.show_box.findData(show))
        np.testing.assert_array_equal(view.gallery.windows, np.flatnonzero(mask))
        assert view.count.text() == f"{mask.sum()} of {inside.sum()}"


@pytest.mark.parametrize("text", ["By keypoints", "By PSNR", "By SSIM"])
def test_it_is_sorted_both_ways(qtbot: QtBot, view: GalleryView, text: str) -> None:
    values = {
        "By keypoints": SOME.texture.keypoints,
        "By PSNR": SOME.quality.psnr,
        "By SSIM": SOME.quality.ssim,
    }[text]
    view.sort_box.setCurrentText(text)
    assert (np.diff(values[view.gallery.windows]) >= 0).all()
    qtbot.mouseClick(view.descending, LEFT)
    assert (np.diff(values[view.gallery.windows]) <= 0).all()
    assert view.descending.toolTip().startswith("descending")
    qtbot.keyClick(view.descending, Qt.Key.Key_Space)
    assert (np.diff(values[view.gallery.windows]) >= 0).all()


def test_by_place_backwards_starts_at_the_end(qtbot: QtBot, view: GalleryView) -> None:
    qtbot.mouseClick(view.descending, LEFT)
    windows = np.flatnonzero(SOME.patches.candidates)
    np.testing.assert_array_equal(view.gallery.windows, windows[::-1])


def test_edges_can_be_sorted_by_with_canny_only(view: GalleryView, model: Model) -> None:
    item = view.sort_box.model().item(view.sort_box.findText("By edges"))  # type: ignore[attr-defined]
    assert not item.isEnabled()
    assert "canny" in item.toolTip()
    know(model, analyse(SOME.image, Recipe(texture="canny", keypoint_scope="image"), previous=SOME))
    assert item.isEnabled()


def test_the_slider_makes_the_pictures_larger(qtbot: QtBot, view: GalleryView) -> None:
    before = cell_of(view, 0).width()
    drag_slider(qtbot, view.size_slider, LARGEST // 11)
    assert cell_of(view, 0).width() == 3 * LARGEST + 2 * GAP + 10 > before
    qtbot.keyClick(view.size_slider, Qt.Key.Key_Home)
    assert cell_of(view, 0).width() == 3 * SMALLEST + 2 * GAP + 10


def test_a_pulled_threshold_moves_windows_to_rejected(make_view: MakeView, model: Model) -> None:
    view = make_view(show=Show.KEPT)
    model.change("min_keypoints", 14)
    a = model.analysis
    assert a is not None
    np.testing.assert_array_equal(view.gallery.windows, np.flatnonzero(a.patches.kept))
    assert (a.texture.keypoints[view.gallery.windows] >= 14).all()
    assert view.count.text() == f"{a.patches.kept.sum()} of {a.patches.candidates.sum()}"


def test_pictures_of_another_pair_are_not_shown_again(
    qtbot: QtBot, view: GalleryView, model: Model
) -> None:
    pixels(view.gallery.viewport())
    other = analyse(SOME.image, Recipe(scale=2))
    know(model, other)
    qtbot.waitUntil(
        lambda: view.gallery._analysis is other and len(view.gallery.windows) > 0, timeout=TIMEOUT
    )
    window = int(view.gallery.windows[0])
    np.testing.assert_array_equal(strip_painted(view, 0), strip_of(other, window, 66))


def test_another_layout_shows_another_lr(view: GalleryView, model: Model) -> None:
    upscaled = analyse(NATIVE.image, NATIVE.recipe.replace(lr_layout="upscaled"), previous=NATIVE)
    assert upscaled.pair is NATIVE.pair
    assert upscaled.windows is NATIVE.windows
    for a in (NATIVE, upscaled, NATIVE):
        know(model, a)
        expected = strip_of(a, int(view.gallery.windows[0]), 66)
        np.testing.assert_array_equal(strip_painted(view, 0), expected)


# The selection


def test_a_click_selects_and_the_canvas_goes_there(
    qtbot: QtBot, view: GalleryView, model: Model
) -> None:
    points = points_asked_for(model)
    click_cell(qtbot, view, 1)
    window = int(view.gallery.windows[1])
    assert model.selection == Selected("window", window)
    place = (SOME.windows.x[window] + 16, SOME.windows.y[window] + 16)
    assert points == [place]
    click_cell(qtbot, view, 1)
    assert points == [place, place]
    qtbot.mouseClick(view.gallery.viewport(), LEFT, pos=QPoint(1, 1))
    assert model.selection == Selected("window", window), "a click beside asks for nothing"


def test_the_selected_cell_is_outlined(qtbot: QtBot, view: GalleryView) -> None:
    accent = view.palette().color(QPalette.ColorRole.Highlight)

    def outlined(place: int) -> float:
        cell = cell_of(view, place)
        painted = near(pixels(view.gallery.viewport()), accent)
        return float(painted[cell.top() + 10 : cell.bottom() - 10, cell.left()].mean())

    assert outlined(0) == outlined(1) == 0
    click_cell(qtbot, view, 1)
    assert (outlined(0), outlined(1)) == (0, 1)
    click_cell(qtbot, view, 0)
    assert (outlined(0), outlined(1)) == (1, 0)


def test_keys_move_the_selection(qtbot: QtBot, view: GalleryView) -> None:
    gallery = view.gallery
    columns, last = gallery.grid.columns, len(gallery.windows) - 1
    assert columns == 3
    click_cell(qtbot, view, 0)
    for key, place in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Left, columns),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, last),
        (Qt.Key.Key_Right, last),
        (Qt.Key.Key_PageUp, last - 2 * columns),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_PageDown, 2 * columns),
    ):
        qtbot.keyClick(gallery, key)
        assert gallery.selected == place
        assert gallery.viewport().rect().contains(cell_of(view, place))


def test_the_first_key_starts_with_what_is_seen(qtbot: QtBot, view: GalleryView) -> None:
    view.gallery.verticalScrollBar().setValue(view.gallery.grid.step[1] * 3)
    qtbot.keyClick(view.gallery, Qt.Key.Key_Right)
    assert view.gallery.selected in view.gallery._in_view()


def test_the_wheel_scrolls_a_row(view: GalleryView) -> None:
    turn_wheel(view.gallery.viewport(), view.gallery.viewport().rect().center().toPointF(), -1)
    down = view.gallery.grid.step[1]
    assert abs(view.gallery.verticalScrollBar().value() - down) <= 3


def test_a_selection_from_elsewhere_is_scrolled_to(view: GalleryView, model: Model) -> None:
    points = points_asked_for(model)
    place = len(view.gallery.windows) - 2
    model.select(Selected("window", int(view.gallery.windows[place])))
    assert view.gallery.viewport().rect().contains(cell_of(view, place))
    assert not points, "it is no echo"
    before = view.gallery.verticalScrollBar().value()
    model.select(Selected("window", int(np.flatnonzero(~SOME.patches.candidates)[0])))
    assert view.gallery.selected is None
    assert view.gallery.verticalScrollBar().value() == before


def test_the_selected_window_stays_in_view_when_size_width_or_order_change(
    view: GalleryView, model: Model
) -> None:
    middle = int(view.gallery.windows[len(view.gallery.windows) // 2])
    model.select(Selected("window", middle))

    def is_seen() -> bool:
        place = view.gallery.selected
        assert place is not None
        return view.gallery.viewport().rect().intersects(cell_of(view, place))

    for side in (3, 12, 6):
        view.size_slider.setValue(side)
        assert is_seen()
    for width in (500, 1500, 820):
        view.resize(width, 260)
        QApplication.processEvents()
        assert is_seen()
    view.sort_box.setCurrentText("By PSNR")
    assert is_seen()


def test_a_window_that_is_selected_while_hidden_is_in_view_in_another_width(
    view: GalleryView, model: Model
) -> None:
    view.hide()
    last = len(view.gallery.windows) - 1
    model.select(Selected("window", int(view.gallery.windows[last])))
    view.resize(view.width() - 12, view.height())
    view.show()
    QApplication.processEvents()
    assert view.gallery.selected == last
    assert view.gallery.viewport().rect().contains(cell_of(view, last))


def test_it_tells_those_who_do_not_see_it(qtbot: QtBot, view: GalleryView) -> None:
    click_cell(qtbot, view, 0)
    window = int(view.gallery.windows[0])
    words = view.gallery.accessibleDescription()
    assert f"x {SOME.windows.x[window]}, y {SOME.windows.y[window]} px" in words
    assert f"{SOME.texture.keypoints[window]} keypoint" in words
    for one in (view.show_box, view.sort_box, view.descending, view.size_slider, view.gallery):
        assert one.accessibleName()
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus


SHIFT = Qt.KeyboardModifier.ShiftModifier


def click_with(qtbot: QtBot, view: GalleryView, place: int, keys: Qt.KeyboardModifier) -> None:
    qtbot.mouseClick(view.gallery.viewport(), LEFT, keys, pos=cell_of(view, place).center())


def chosen_places(view: GalleryView, model: Model) -> list[int]:
    gallery = view.gallery
    assert gallery.chosen.tolist() == sorted(model.chosen)
    return np.flatnonzero(np.isin(gallery.windows, gallery.chosen)).tolist()


def test_several_are_selected_as_in_any_list(qtbot: QtBot, view: GalleryView, model: Model) -> None:
    gallery = view.gallery
    view.sort_box.setCurrentText("By PSNR")
    gallery.verticalScrollBar().setValue(0)
    click_with(qtbot, view, 1, Qt.KeyboardModifier.NoModifier)
    click_with(qtbot, view, 4, CONTROL)
    assert chosen_places(view, model) == [1, 4]
    assert model.selection == Selected("window", int(gallery.windows[4]))
    click_with(qtbot, view, 2, SHIFT)
    assert chosen_places(view, model) == [2, 3, 4]
    click_with(qtbot, view, 0, CONTROL)
    assert chosen_places(view, model) == [0, 2, 3, 4]
    click_with(qtbot, view, 3, CONTROL)
    assert chosen_places(view, model) == [0, 2, 4]
    for key, places in (
        (Qt.Key.Key_Home, []),
        (Qt.Key.Key_Right, [0, 1]),
        (Qt.Key.Key_Down, [0, 1, 2, 3, 4]),
        (Qt.Key.Key_Left, [0, 1, 2, 3]),
        (Qt.Key.Key_End, [*range(len(gallery.windows))]),
    ):
        shifted = Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_Home else SHIFT
        qtbot.keyClick(gallery, key, shifted)
        assert chosen_places(view, model) == places
    qtbot.keyClick(gallery, Qt.Key.Key_Home)
    assert chosen_places(view, model) == []
    qtbot.keyClick(gallery, Qt.Key.Key_A, CONTROL)
    assert len(model.chosen) == len(gallery.windows)


def test_what_was_chosen_here_is_let_go_when_nobody_sees_it(
    qtbot: QtBot, view: GalleryView, model: Model
) -> None:
    for place in (0, 2):
        click_with(qtbot, view, place, CONTROL)
    assert len(model.chosen) == 2
    view.hide()
    assert not model.chosen
    view.show()
    model.choose(frozenset([1, 2, 3]))  # by the table
    view.hide()
    assert model.chosen == frozenset([1, 2, 3])


def test_the_menu_is_about_all_that_are_selected(
    qtbot: QtBot, view: GalleryView, model: Model
) -> None:
    for place in (0, 2):
        click_with(qtbot, view, place, CONTROL)
    qtbot.mouseClick(
        view.gallery.viewport(), Qt.MouseButton.RightButton, pos=cell_of(view, 2).center()
    )
    assert chosen_places(view, model) == [0, 2]
    qtbot.mouseClick(
        view.gallery.viewport(), Qt.MouseButton.RightButton, pos=cell_of(view, 1).center()
    )
    assert chosen_places(view, model) == []
    assert model.selection == Selected("window", int(view.gallery.windows[1]))


# Copying


def test_ctrl_c_copies_the_strip_as_a_picture(qtbot: QtBot, view: GalleryView) -> None:
    told: list[str] = []
    view.gallery.copied.connect(told.append)
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(view.gallery, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().image().isNull(), "nothing is selected"
    click_cell(qtbot, view, 1)
    qtbot.keyClick(view.gallery, Qt.Key.Key_C, CONTROL)
    copied = as_array(QGuiApplication.clipboard().image())
    window = int(view.gallery.windows[1])
    np.testing.assert_array_equal(copied, strip_of(SOME, window, 132))
    hr = pictures_of(SOME, window)[0]
    np.testing.assert_array_equal(copied[::4, :132:4], hr)
    assert told == ["HR, LR and difference copied as a picture"]


def test_the_menu_copies_too(qtbot: QtBot, view: GalleryView) -> None:
    click_cell(qtbot, view, 0)
    QGuiApplication.clipboard().clear()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(view.gallery.viewport(), event)
    menu = view.gallery.findChild(QMenu, "gallery_menu")
    assert menu is not None
    menu.actions()[-1].trigger()
    menu.close()
    assert not QGuiApplication.clipboard().image().isNull()


# Without a result


def painted_words(view: GalleryView) -> int:
    muted = view.palette().color(QPalette.ColorRole.PlaceholderText)
    return int(near(pixels(view.gallery.viewport()), muted, 40).sum())


def test_without_windows_it_says_why(make_view: MakeView, model: Model) -> None:
    view = make_view(None)
    assert view.gallery.why_empty == "No image yet"
    know(model, None)
    assert view.gallery.why_empty == "Being computed ..."
    assert painted_words(view) > 50
    know(model, SOME)
    assert view.gallery.why_empty == ""
    know(model, replace(SOME, quality=None))  # type: ignore[arg-type]
    assert view.gallery.why_empty == "Being computed ..."
    assert view.count.text() == ""
    assert not len(view.gallery.windows)
    none = analyse(SOME.image, Recipe(error_margin=0.0), previous=SOME)
    know(model, none)
    assert view.gallery.why_empty == f"No box: {none.box.reason}"
    assert painted_words(view) > 50


def test_a_hidden_gallery_works_only_when_it_is_looked_at(view: GalleryView, model: Model) -> None:
    view.hide()
    model.change("min_keypoints", 14)
    assert not len(view.gallery.windows)
    assert view.gallery._analysis is None, "no old result is kept alive"
    assert not len(view.gallery._cache._strips)
    last = int(np.flatnonzero(SOME.patches.candidates)[-1])
    model.select(Selected("window", last))
    view.show()
    assert view.gallery._analysis is model.analysis
    assert view.gallery.selected in view.gallery._in_view()


def test_the_legend_gives_way_in_a_narrow_tab(view: GalleryView) -> None:
    assert view.minimumSizeHint().width() <= 470
    view.resize(800, 180)
    QApplication.processEvents()
    for control in (view.show_box, view.sort_box, view.descending, view.size_slider, view.count):
        assert view.rect().contains(control.geometry())
        assert control.width() >= control.minimumSizeHint().width()


# 100,000 windows


def test_of_100_000_windows_only_those_in_view_are_made(
    make_view: MakeView, many: Analysis
) -> None:
    view = make_view(many)
    gallery = view.gallery
    assert len(gallery.windows) == len(many.windows)
    pixels(gallery.viewport())
    assert 0 < len(gallery._cache._strips) <= len(gallery._in_view())
    begun = time.process_time()
    view.sort_box.setCurrentText("By PSNR")
    view.show_box.setCurrentIndex(0)
    # Far above what it takes, so that a busy machine passes and a loop over windows does not.
    assert time.process_time() - begun < 0.25
    before = len(gallery._cache._strips)
    gallery.verticalScrollBar().setValue(gallery.verticalScrollBar().maximum() // 2)
    QApplication.processEvents()
    assert len(gallery._cache._strips) - before <= 2 * len(gallery._in_view())


def test_the_cache_forgets_the_oldest(many: Analysis) -> None:
    cache = StripCache()

    def strip(window: int, ratio: float) -> QImage:
        patch = patch_of(many.pair, many.windows.pixels(window))
        return cache.strip(many, window, patch, 132, ratio, native=False)

    for window in range(400):
        strip(window, 2.0)
    assert len(cache._strips) == (64 << 20) // (800 * 264 * 4)  # 4 bytes a pixel
    kept = strip(399, 2.0)
    assert strip(399, 2.0) is kept
    assert strip(399, 1.0) is not kept
    assert len(cache._strips) == 1
