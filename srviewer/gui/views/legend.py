"""What is written over the pair: captions, what marks mean, bars of colours, messages."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QApplication

from srviewer.gui.state.layers import Scale
from srviewer.gui.theme import CANVAS, KEPT, REJECTED
from srviewer.gui.views.camera import Pane
from srviewer.gui.views.overlays import EXCLUDED_GROUND, excluded, flat_pen
from srviewer.gui.views.pictures import DIFFERENCE_MAP, SIGNED_MAP, colored
from srviewer.gui.widgets.labels import fitting

_CAPTION = 26  # px, the height of a caption
_ASIDE = 12  # px between the bar of colours and the edges of its pane
_TEXT = QColor(228, 230, 233)


def message(painter: QPainter, width: int, height: int, text: str, *, wrong: bool = True) -> None:
    """Write `text`, something `wrong` or a hint, into the middle of the canvas, in lines."""
    room = QRectF(0, 0, min(width - 80, 640), height)
    wraps = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    area = QFontMetricsF(QApplication.font()).boundingRect(room, wraps, text)
    area.moveCenter(QPointF(width / 2, height / 2))
    edge = QPen(REJECTED, 1.5) if wrong else Qt.PenStyle.NoPen
    _ground(painter, area.adjusted(-16, -12, 16, 12), 235, edge)
    painter.drawText(area, wraps, text)


Swatch = Callable[[QPainter, QRectF], object]
"""Draws a mark into a small square."""
LegendEntry = tuple[Swatch | None, *tuple[str, ...]]
"""A mark, if there is one, and what it means, in full and shorter."""


class Legend:
    """What marks mean, in lines of `width` screen pixels at most; what is longer is cut.

    Attributes
    ----------
    size : QSizeF
        With its ground.
    is_whole : bool
        Whether all is said at its longest.
    is_cut : bool
        Whether of anything not even the shortest text is whole.
    """

    _swatch, _space, _line, _around = 22.0, 14.0, 20.0, 10.0  # px

    def __init__(self, entries: Sequence[LegendEntry], width: float) -> None:
        metrics = QFontMetrics(QApplication.font())
        self.is_whole, self.is_cut = True, False
        self._lines: list[list[tuple[tuple[Swatch | None, str], float]]] = []
        room, used = max(width - 2 * self._around, 40), 0.0
        for mark, *texts in entries:
            aside = self._swatch if mark else 0.0
            shown = fitting(metrics, int(room - aside), *texts)
            self.is_whole = self.is_whole and shown == texts[0]
            self.is_cut = self.is_cut or shown not in texts
            wide = metrics.horizontalAdvance(shown) + aside
            if not self._lines or used + wide > room:
                self._lines.append([])
                used = 0.0
            self._lines[-1].append(((mark, shown), wide))
            used += wide + self._space
        lines = [sum(w for _, w in line) + self._space * (len(line) - 1) for line in self._lines]
        self.size = QSizeF(max(lines) + 2 * self._around, self._line * len(lines) + 6)

    def places(self, pane: Pane, taken: Sequence[QRectF], *, bottom: bool) -> list[QRectF]:
        """Return where it may stand in `pane`: at its left, its right, or beside what is taken.

        What belongs to the `bottom` may stand below the caption too.
        """
        size, least = self.size, pane.left + 8
        most = pane.left + pane.width - size.width() - 8
        lowest = pane.height - size.height()
        tops = [lowest - 8, 12 + _CAPTION] if bottom else [8]
        tops = [top for top in tops if 0 <= top <= lowest] or tops[:1]
        beside = [one.right() + 3 for one in taken]
        lefts = [least, *(left for left in [most, *beside] if least <= left <= most)]
        return [QRectF(QPointF(left, pane.top + top), size) for top in tops for left in lefts]

    def paint(self, painter: QPainter, at: QPointF) -> None:
        """Write it with the screen point `at` as its top left."""
        area = QRectF(at, self.size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        _ground(painter, area)
        top = area.top() + 3
        for line in self._lines:
            x = area.left() + self._around
            for (mark, text), width in line:
                if mark:
                    mark(painter, QRectF(x, top + self._line / 2 - 7, 14, 14))
                offset = self._swatch if mark else 0
                painter.setPen(_TEXT)
                room = QRectF(x + offset, top, width - offset + 2, self._line)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
                x += width + self._space
            top += self._line
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def write(
    painter: QPainter,
    entries: Sequence[LegendEntry],
    panes: Sequence[Pane],
    taken: list[QRectF],
    *,
    bottom: bool,
) -> None:
    """Write a legend into one of `panes`, above or at the `bottom`, beside what is `taken`.

    Where it cannot but cover something it covers the fewest; its own place is taken then.
    """
    room = panes[0].width - 16
    first = _laid_out(tuple(entries), room, QApplication.font().toString())
    if not first.is_whole:
        last = panes[-1]
        wide = last.left + last.width - panes[0].left
        panes = [Pane(panes[0].left, last.top, wide, last.height)]
        room = wide - 16
        first = Legend(entries, room)
    words, place, least = first, QRectF(), len(taken) + 1
    for one, at in _places(entries, first, room, panes, taken, bottom=bottom):
        covered = sum(map(at.intersects, taken))
        if covered < least:
            words, place, least = one, at, covered
        if not least:
            break
    taken.append(place)
    words.paint(painter, place.topLeft())


@lru_cache(16)  # a picture that is dragged has the same words at each frame
def _laid_out(entries: tuple[LegendEntry, ...], width: float, font: str) -> Legend:
    return Legend(entries, width)


def _places(
    entries: Sequence[LegendEntry],
    first: Legend,
    room: float,
    panes: Sequence[Pane],
    taken: Sequence[QRectF],
    *,
    bottom: bool,
) -> Iterator[tuple[Legend, QRectF]]:
    """Yield where a legend may stand, the best first; narrower ones are laid out if need be."""
    narrower = (Legend(entries, width) for width in (room / 2, room / 3))
    for one in chain([first], (one for one in narrower if not one.is_cut)):
        for pane in panes:
            for at in one.places(pane, taken, bottom=bottom):
                yield one, at


def color_bar_ground(pane: Pane, row: int = 0) -> QRectF:
    """Return where a pane has its bar of colours, each `row` above the one before."""
    width, height = min(174.0, pane.width - 2 * _ASIDE), 52.0
    right, bottom = pane.left + pane.width - _ASIDE, pane.top + pane.height - 8
    bottom -= row * height  # nothing of the picture is seen between them
    return QRectF(right - width, bottom - height, width, height)


def color_bar(
    painter: QPainter,
    pane: Pane,
    top: str,
    unit: str,
    colormap: int,
    bottom: str = "0",
    *,
    row: int = 0,
) -> None:
    """Draw the bar of `colormap` from `bottom` to `top` into the pane's lower right corner."""
    ramp = colored(np.linspace(0, 1, 17)[None], 1, colormap)[0]
    ground = color_bar_ground(pane, row)
    area = ground.adjusted(12, 10, -12, -30)
    width = area.width()
    _ground(painter, ground)
    gradient = QLinearGradient(area.topLeft(), area.topRight())
    for share, color in zip(np.linspace(0, 1, len(ramp)), ramp, strict=True):
        gradient.setColorAt(float(share), QColor(*map(int, color)))
    painter.fillRect(area, gradient)
    below = QRectF(area.left() - 8, area.bottom() + 4, width + 16, 18)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, bottom)
    painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, unit)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, top)


def difference_bar(painter: QPainter, pane: Pane, scale: Scale, *, row: int = 0) -> None:
    """Draw the bar of the colours of a difference into the pane's lower right corner."""
    top, signed = scale.top, scale.signed
    least = f"\N{MINUS SIGN}{top}" if signed else "0"
    most = f"+{top}" if signed else f"{top}+" if top < 255 else f"{top}"
    colormap = SIGNED_MAP if signed else DIFFERENCE_MAP
    color_bar(painter, pane, most, "grey levels", colormap, least, row=row)


def _ground(
    painter: QPainter, area: QRectF, alpha: int = 215, edge: QPen | Qt.PenStyle = Qt.PenStyle.NoPen
) -> None:
    """Draw the dark ground of a text, and leave the painter ready to write on it."""
    color = QColor(CANVAS)
    color.setAlpha(alpha)
    painter.setFont(QApplication.font())
    painter.setPen(edge)
    painter.setBrush(color)
    painter.drawRoundedRect(area, 5, 5)
    painter.setPen(_TEXT)


# The marks of windows and of lines


def kept_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw the mark of kept windows."""
    painter.fillRect(area, KEPT)


def both_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw the mark of windows that two recipes keep."""
    painter.fillRect(area, QColor(120, 124, 130))


def rejected_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw the mark of rejected windows."""
    painter.fillRect(area, QColor(64, 42, 16))
    painter.setPen(QPen(REJECTED, 2))
    painter.drawLine(area.bottomLeft() + QPointF(3, -3), area.topRight() + QPointF(-3, 3))


def excluded_swatch(painter: QPainter, area: QRectF) -> None:
    """Draw the mark of windows that are excluded by hand."""
    painter.fillRect(area, EXCLUDED_GROUND)
    excluded(painter, area.adjusted(1, 1, -1, -1))


def line_swatch(painter: QPainter, area: QRectF, *, color: QColor, dashed: bool) -> None:
    """Draw the line of a match."""
    painter.setPen(flat_pen(color, 2, dashed=dashed))
    middle = area.center().y()
    painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
