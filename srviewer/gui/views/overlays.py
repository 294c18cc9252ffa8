"""What is drawn over the pair: keypoints, match lines, the box, windows, a legend.

Each function draws one thing with a painter in screen pixels; none keeps anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyqtgraph import arrayToQPath
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QApplication

from srviewer.gui.state.layers import Layer
from srviewer.gui.theme import BOX, CANVAS, EXCLUDED, KEPT, NEUTRAL, REJECTED
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.cell_marks import CELLS, cell_swatch
from srviewer.gui.views.class_marks import class_color, paint_class
from srviewer.gui.views.pair_pictures import Placed
from srviewer.gui.views.pictures import HEAT_MAP, colored, rgba_image
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.displacement import MatchClass
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B

_FEWEST_LINES, _MOST_LINES = 40, 240
_LEGEND_SWATCH, _LEGEND_SPACE = 22.0, 14.0  # screen pixels
_LINE_EVERY = 4  # screen pixels; closer lines cannot be told apart
_TEXT = QColor(228, 230, 233)


def readable_lines(room: float) -> int:
    """Return how many match lines can be told apart on `room` screen pixels of picture."""
    return int(min(max(room / _LINE_EVERY, _FEWEST_LINES), _MOST_LINES))


def _flat_pen(color: QColor, width: float, *, dashed: bool = False) -> QPen:
    pen = QPen(color, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def dots(camera: Camera, pane: Pane, points: np.ndarray) -> QPainterPath:
    """Return the path that `keypoints` draws for HR points of shape (N, 2)."""
    # A dot is a short thick line: one path of them is drawn far faster than as many ellipses.
    ends = np.repeat(pane.to_screen(camera, points[pane.visible(camera, points)]), 2, axis=0)
    half = _dot_side(camera) / 2
    ends[0::2, 0] -= half
    ends[1::2, 0] += half
    return _segments(ends)


def keypoints(painter: QPainter, camera: Camera, path: QPainterPath) -> None:
    """Draw a small dot at each point of a path of `dots`."""
    painter.setPen(_flat_pen(QColor(255, 226, 120), _dot_side(camera)))
    painter.drawPath(path)


def _dot_side(camera: Camera) -> float:
    return 2.0 if camera.zoom < 2 else 3.0


def thinned(lines: np.ndarray, most: int, count: int) -> np.ndarray:
    """Return which of the numbers of `lines`, shape (N,), to draw: `most` of them at most.

    Each of the `count` lines has a priority for good, so panning does not make lines flicker.
    """
    if len(lines) <= most:
        return lines
    priority = _priorities(count)[lines]
    return np.asarray(lines[priority <= np.partition(priority, most - 1)[most - 1]])


@lru_cache(maxsize=4)
def _priorities(count: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(count)


def match_lines(
    painter: QPainter, start: np.ndarray, end: np.ndarray, color: QColor, *, dashed: bool = False
) -> None:
    """Draw lines between screen points of shape (N, 2), `dashed` with crosses at the ends."""
    if not len(start):
        return
    ends = np.stack([start, end], axis=1).reshape(-1, 2)
    painter.setPen(_flat_pen(color, 1, dashed=dashed))
    painter.drawPath(_segments(ends))
    painter.setPen(_flat_pen(color, 1.5))
    shape = _CROSS if dashed else _SQUARE
    painter.drawPath(_segments((ends[:, None] + shape).reshape(-1, 2)))


def _segments(ends: np.ndarray) -> QPainterPath:
    path: QPainterPath = arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs")
    return path


# What stands at the end of a line: pairs of points, in screen pixels from it.
_CROSS = np.array([(-1, -1), (1, 1), (-1, 1), (1, -1)]) * 3.5
_SQUARE = 2.5 * np.array([(-1, -1), (1, -1), (1, -1), (1, 1), (1, 1), (-1, 1), (-1, 1), (-1, -1)])


def box(painter: QPainter, camera: Camera, pane: Pane, hr_box: Box, size: tuple[int, int]) -> None:
    """Draw the box in HR pixels and darken what lies outside of it in the image."""
    inside = pane.area(camera, *hr_box)
    darken(painter, pane.area(camera, 0, 0, *size), inside, 150)
    _framed(painter, inside, (QColor(0, 0, 0, 160), 4), (BOX, 2))


def darken(painter: QPainter, whole: QRectF, inside: QRectF, alpha: int) -> None:
    """Darken `whole` but for what is `inside`."""
    shade = QPainterPath()
    shade.addRect(whole)
    shade.addRect(inside)
    painter.fillPath(shade, QColor(10, 11, 12, alpha))


def _framed(painter: QPainter, area: QRectF, *pens: tuple[QColor, float]) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in pens:
        painter.setPen(QPen(color, width))
        painter.drawRect(area)


def corner_marks(painter: QPainter, points: np.ndarray) -> None:
    """Draw a ring at each screen point, shape (N, 2): the matches that span the box."""
    for x, y in points:
        for color, width in ((QColor(0, 0, 0, 170), 4.5), (BOX, 2)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(QPointF(x, y), 7, 7)


_CELL = 12  # pixels of a window's mark in the grid image, where it is drawn large enough


def _premultiplied(color: QColor, alpha: int) -> np.ndarray:
    rgb = np.array([color.red(), color.green(), color.blue()]) * alpha // 255
    return np.array([*rgb, alpha], np.uint8)


@dataclass(frozen=True, eq=False)
class Mark:
    """How a window's cell is marked: large, shape (12, 12, 4), and as one colour, shape (4,)."""

    cell: np.ndarray
    color: np.ndarray

    def faded(self, opacity: float) -> Mark:
        """Return it less opaque: its colours are multiplied by their opacity already."""
        if opacity == 1:
            return self
        return Mark(*((one * opacity).astype(np.uint8) for one in (self.cell, self.color)))


def _plain_mark(color: QColor, alpha: int, far: np.ndarray) -> Mark:
    return Mark(np.tile(_premultiplied(color, alpha), (_CELL, _CELL, 1)), far)


def _kept_mark() -> Mark:
    mark = _plain_mark(KEPT, 80, _premultiplied(KEPT, 120))
    mark.cell[0] = mark.cell[:, 0] = _premultiplied(KEPT, 190)
    return mark


def _rejected_mark() -> Mark:
    mark = _plain_mark(QColor(30, 18, 4), 80, _premultiplied(REJECTED, 90))
    middle = np.arange(3, _CELL - 2)
    mark.cell[middle, _CELL - middle] = _premultiplied(REJECTED, 235)
    mark.cell[middle[:-1] + 1, _CELL - middle[:-1]] = _premultiplied(REJECTED, 120)
    return mark


def _excluded_mark() -> Mark:
    """Return a ring: no other window has one."""
    mark = _plain_mark(QColor(34, 12, 26), 110, _premultiplied(EXCLUDED, 120))
    across = np.abs(np.arange(_CELL) - (_CELL - 1) / 2)
    distance = np.hypot(across[:, None], across)
    mark.cell[(distance > 2.6) & (distance < 4.4)] = _premultiplied(EXCLUDED, 240)
    return mark


KEPT_MARK, REJECTED_MARK, EXCLUDED_MARK = _kept_mark(), _rejected_mark(), _excluded_mark()
_GREY = QColor(200, 205, 212)
BOTH_MARK = _plain_mark(_GREY, 60, _premultiplied(_GREY, 60))
COMPARED_MARKS = {BOTH: BOTH_MARK, ONLY_A: KEPT_MARK, ONLY_B: REJECTED_MARK}


def verdict_marks(
    layers: frozenset[Layer], opacity_of: Callable[[Layer], float] = lambda layer: 1.0
) -> dict[int, Mark]:
    """Return how `layers` mark windows by verdict; those outside the box are left clear."""
    marks: dict[int, Mark] = {}
    if Layer.KEPT_WINDOWS in layers:
        marks[Verdict.KEPT] = KEPT_MARK.faded(opacity_of(Layer.KEPT_WINDOWS))
    if Layer.REJECTED_WINDOWS in layers:
        reasons = set(Verdict) - {Verdict.KEPT, Verdict.OUTSIDE_BOX, Verdict.EXCLUDED}
        mark = REJECTED_MARK.faded(opacity_of(Layer.REJECTED_WINDOWS))
        marks |= dict.fromkeys(reasons, mark)
    if layers & {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}:
        marks[Verdict.EXCLUDED] = EXCLUDED_MARK  # what a person did is seen beside either
    return marks


def marked_windows(
    windows: Windows, classes: np.ndarray, marks: dict[int, Mark], *, fine: bool
) -> QImage:
    """Return the grid of windows as one picture, a cell of stride x stride a window.

    Windows overlap, so each is marked in its middle.

    Parameters
    ----------
    windows : Windows
    classes : ndarray of uint8, shape (N,)
    marks : dict
        How a cell is marked, by class; other classes are left clear.
    fine : bool
        Draw the mark in each cell instead of one colour.
    """
    templates = np.zeros((max(len(Verdict), 4), _CELL, _CELL, 4), np.uint8)
    colors = np.zeros((len(templates), 4), np.uint8)
    for one, mark in marks.items():
        templates[one], colors[one] = mark.cell, mark.color
    grid = classes.reshape(windows.rows, windows.columns)
    if not fine:
        return rgba_image(colors[grid])
    words = templates.view(np.uint32)[..., 0]
    cells = words[grid].transpose(0, 2, 1, 3).reshape(windows.rows * _CELL, -1)
    return rgba_image(cells.view(np.uint8).reshape(*cells.shape, 4))


def windows_grid(
    painter: QPainter, camera: Camera, pane: Pane, windows: Windows, image: QImage
) -> None:
    """Draw a picture of `marked_windows` or `heat_image` at its place."""
    if not len(windows):
        return
    start = (windows.patch - windows.stride) / 2
    width, height = windows.columns * windows.stride, windows.rows * windows.stride
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    target = pane.area(camera, start, start, start + width, start + height)
    painter.drawImage(target, image)


def window_outline(painter: QPainter, area: QRectF, color: QColor, *, thick: bool) -> None:
    """Draw the edge of a window at its place on the screen, `thick` where it is selected."""
    width = 3.0 if thick else 2.0
    around = BOX if thick else QColor(0, 0, 0, 220)
    _framed(painter, area, (around, width + 2.5), (color, width))


def heat_image(windows: Windows, values: np.ndarray, top: float, opacity: float = 1.0) -> QImage:
    """Return `values`, shape (N,), 0 to `top`, as a picture of the grid of windows."""
    grid = np.nan_to_num(values).reshape(windows.rows, windows.columns)
    rgb = colored(grid, top, HEAT_MAP)
    alpha = round(190 * opacity)
    rgba = np.dstack([(rgb * (alpha / 255)).astype(np.uint8), np.full(grid.shape, alpha, np.uint8)])
    return rgba_image(rgba)


def pixel_grid(painter: QPainter, camera: Camera, placed: Placed, step: float) -> None:
    """Draw the edges of the pixels of a picture, each `step` HR pixels wide."""
    pane, clip, size = placed.pane, placed.clip, placed.picture.size
    left, top = pane.to_image(camera, clip.left, clip.top)
    right, bottom = pane.to_image(camera, clip.left + clip.width, clip.top + clip.height)
    columns = _edges(left, right, size[0], step)
    rows = _edges(top, bottom, size[1], step)
    if not len(columns) or not len(rows):
        return
    ends = [(x, y) for x in columns for y in (rows[0], rows[-1])]
    ends += [(x, y) for y in rows for x in (columns[0], columns[-1])]
    painter.setPen(_flat_pen(QColor(128, 128, 128, 110), 1))
    painter.drawPath(_segments(pane.to_screen(camera, np.array(ends))))


def _edges(first: float, last: float, length: int, step: float) -> np.ndarray:
    start = max(np.floor((first + 0.5) / step), 0)
    end = min(np.ceil((last + 0.5) / step), length / step)
    return np.arange(start, end + 1) * step - 0.5


def selected_match(
    painter: QPainter, start: np.ndarray, end: np.ndarray, color: QColor, *, dashed: bool
) -> None:
    """Draw one match by itself, between screen points of shape (1, 2)."""
    ends = np.concatenate([start, end])
    for shade, width in ((QColor(0, 0, 0, 200), 5.0), (color, 2.5)):
        painter.setPen(_flat_pen(shade, width, dashed=dashed and shade is color))
        painter.drawPath(_segments(ends))
        painter.setPen(QPen(shade, width))
        for x, y in ends:
            painter.drawEllipse(QPointF(x, y), 8, 8)


def message(painter: QPainter, width: int, height: int, text: str, *, wrong: bool = True) -> None:
    """Write `text`, something `wrong` or a hint, into the middle of the canvas, in lines."""
    room = QRectF(0, 0, min(width - 80, 640), height)
    wraps = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    area = QFontMetricsF(QApplication.font()).boundingRect(room, wraps, text)
    area.moveCenter(QPointF(width / 2, height / 2))
    edge = QPen(REJECTED, 1.5) if wrong else Qt.PenStyle.NoPen
    _ground(painter, area.adjusted(-16, -12, 16, 12), 235, edge)
    painter.drawText(area, wraps, text)


LegendEntry = tuple[str | None, str]
"""A mark and its text; marks are ``kept``, ``rejected``, ``excluded``, those of lines, ``kept
line``, ``rejected line`` and ``line``, the names of `MatchClass` and those of `CELLS`."""


def legend_rows(entries: Sequence[LegendEntry], room: float) -> list[list[LegendEntry]]:
    """Return the entries in as many lines as they need where a line has so many pixels."""
    rows: list[list[LegendEntry]] = []
    used = room
    for entry, width in zip(entries, _legend_widths(entries), strict=True):
        used += width + _LEGEND_SPACE
        if used > room:
            rows.append([])
            used = 20 + width
        rows[-1].append(entry)
    return rows


def _legend_widths(entries: Sequence[LegendEntry]) -> list[float]:
    measure = QFontMetricsF(QApplication.font()).horizontalAdvance
    return [measure(text) + (_LEGEND_SWATCH if mark else 0) for mark, text in entries]


def legend(painter: QPainter, x: float, y: float, entries: Sequence[LegendEntry]) -> None:
    """Write what marks mean in a line with the screen point (x, y) at its top left."""
    widths = _legend_widths(entries)
    area = QRectF(x, y, sum(widths) + _LEGEND_SPACE * (len(entries) - 1) + 20, 26)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _ground(painter, area)
    x += 10
    for (mark, text), width in zip(entries, widths, strict=True):
        if mark:
            _swatch(painter, mark, QRectF(x, area.center().y() - 7, 14, 14))
        offset = _LEGEND_SWATCH if mark else 0
        room = QRectF(x + offset, area.top(), width - offset + 2, area.height())
        painter.setPen(_TEXT)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        x += width + _LEGEND_SPACE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def color_bar(
    painter: QPainter, pane: Pane, top: str, unit: str, colormap: int, bottom: str = "0"
) -> None:
    """Draw the bar of `colormap` from `bottom` to `top` into the pane's lower right corner."""
    ramp = colored(np.linspace(0, 1, 17)[None], 1, colormap)[0]
    width, height = 150.0, 12.0
    area = QRectF(pane.left + pane.width - width - 24, pane.top + pane.height - 50, width, height)
    _ground(painter, area.adjusted(-12, -10, 12, 30))
    gradient = QLinearGradient(area.topLeft(), area.topRight())
    for share, color in zip(np.linspace(0, 1, len(ramp)), ramp, strict=True):
        gradient.setColorAt(float(share), QColor(*map(int, color)))
    painter.fillRect(area, gradient)
    below = QRectF(area.left() - 8, area.bottom() + 4, width + 16, 18)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, bottom)
    painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, unit)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, top)


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


def _swatch(painter: QPainter, mark: str, area: QRectF) -> None:
    if mark in MatchClass.__members__:
        one = MatchClass[mark]
        paint_class(painter, area, one, class_color(one))
        return
    if mark in CELLS:
        cell_swatch(painter, mark, area)
        return
    fills = {"kept": KEPT, "both": QColor(120, 124, 130)}
    fills |= {"rejected": QColor(64, 42, 16), "excluded": QColor(34, 12, 26)}
    if mark in fills:
        painter.fillRect(area, fills[mark])
    if mark == "rejected":
        painter.setPen(QPen(REJECTED, 2))
        painter.drawLine(area.bottomLeft() + QPointF(3, -3), area.topRight() + QPointF(-3, 3))
    elif mark == "excluded":
        painter.setPen(QPen(EXCLUDED, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(area.adjusted(3, 3, -3, -3))
    elif mark not in fills:
        color = {"kept line": KEPT, "rejected line": REJECTED}.get(mark, NEUTRAL)
        painter.setPen(_flat_pen(color, 2, dashed=mark == "rejected line"))
        middle = area.center().y()
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
