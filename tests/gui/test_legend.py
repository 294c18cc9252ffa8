"""Captions and legends: within their pane, beside what must be seen, in lines."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from srviewer.gui.views import legend
from srviewer.gui.views.camera import Pane, side_by_side
from srviewer.gui.views.legend import LegendEntry

WINDOWS: list[LegendEntry] = [
    (legend.kept_swatch, "130 kept windows"),
    (legend.rejected_swatch, "376 rejected windows"),
    (legend.excluded_swatch, "12 excluded windows"),
]


def written(panes: tuple[Pane, ...], taken: list[QRectF], *, bottom: bool = True) -> QRectF:
    """Return where a legend of `WINDOWS` is written."""
    image = QImage(1000, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    legend.write(painter, WINDOWS, panes, taken, bottom=bottom)
    painter.end()
    return taken[-1]


def test_it_is_one_line_where_there_is_room_and_several_where_not(painted_texts: list[str]) -> None:
    wide = written(side_by_side(960, 600, 6), [])
    narrow = written(side_by_side(460, 600, 6), [])
    assert wide.height() < narrow.height()
    assert {text for _, text in WINDOWS} <= set(painted_texts)
    for place, width in ((wide, 477), (narrow, 227)):
        assert QRectF(0, 0, width, 600).contains(place), "within its pane"


@pytest.mark.parametrize("x", range(20, 470, 30))
def test_it_covers_no_mark_that_it_can_stand_beside(x: int) -> None:
    panes = side_by_side(960, 600, 6)
    marks = [QRectF(x - 9, 570, 18, 18), QRectF(x + 474, 580, 18, 18)]
    place = written(panes, list(marks))
    assert not any(map(place.intersects, marks))
    assert any(QRectF(one.left, one.top, one.width, one.height).contains(place) for one in panes)


def test_it_crosses_the_panes_rather_than_cut_a_word(painted_texts: list[str]) -> None:
    written(side_by_side(300, 300, 6), [])
    assert "376 rejected windows" in painted_texts
    del painted_texts[:]
    written(side_by_side(160, 300, 6), [])
    assert any(text.endswith("\N{HORIZONTAL ELLIPSIS}") for text in painted_texts)


@pytest.mark.parametrize("width", [174, 178, 184, 240, 960])
def test_the_bar_of_colours_is_within_its_pane_however_narrow(width: int) -> None:
    pane = Pane(300, 0, width, 220)
    ground = legend.color_bar_ground(pane)
    assert ground.left() >= 304
    assert ground.right() <= 300 + width - 4
    assert ground.width() >= 150, "its figures have their room"


def test_a_caption_says_less_rather_than_cover_a_mark(painted_texts: list[str]) -> None:
    pane, mark = Pane(0, 0, 360, 110), QRectF(116, 10, 18, 18)
    marks = [mark, QRectF(225, 22, 18, 18)]
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    taken = list(marks)
    caption = (None, "LR 90 x 70 px, drawn x4", "LR 90 x 70 px")
    legend.write(painter, [caption], [pane], taken, bottom=False)
    painter.end()
    assert not any(map(taken[-1].intersects, marks))
    assert painted_texts[-1] == "LR 90 x 70 px"


@pytest.mark.parametrize("height", [64, 79, 100, 140])
def test_it_stands_within_a_low_pane_whatever_it_covers(height: int) -> None:
    pane = Pane(0, 200, 340, height)
    marks = [QRectF(x, 200 + y, 18, 18) for x in (20, 280) for y in (10, height - 26)]
    caption = QRectF(40, 208, 140, 26)
    place = written((pane,), [*marks, caption])
    assert QRectF(0, 200, 340, height).contains(place)


def test_bars_of_colours_stand_above_each_other() -> None:
    pane = Pane(0, 0, 360, 220)
    first, second = (legend.color_bar_ground(pane, row) for row in range(2))
    assert second.bottom() == first.top(), "no strip of the picture between them"
    assert second.top() > 0
