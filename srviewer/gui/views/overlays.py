"""What is drawn over the pair: keypoints, match lines, the box, windows.

Each function draws one thing with a painter in screen pixels; none keeps anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from srviewer.gui.state.layers import Layer
from srviewer.gui.theme import BOX, EXCLUDED, KEPT, REJECTED
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.frame import Placed
from srviewer.gui.views.line_path import line_path
from srviewer.gui.views.pictures import HEAT_MAP, blank, colored, rgba_image
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.verdicts import REASONS, Verdict
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B

_FEWEST_LINES, _MOST_LINES = 40, 240
_LINE_EVERY = 4  # screen pixels; closer lines cannot be told apart
_TEXT = QColor(228, 230, 233)


def readable_lines(room: float) -> int:
    """Return how many match lines can be told apart on `room` screen pixels of picture."""
    return int(min(max(room / _LINE_EVERY, _FEWEST_LINES), _MOST_LINES))


def flat_pen(color: QColor, width: float, *, dashed: bool = False) -> QPen:
    """Return a pen whose lines end where they end."""
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
    return line_path(ends)


def keypoints(painter: QPainter, camera: Camera, path: QPainterPath) -> None:
    """Draw a small dot at each point of a path of `dots`."""
    painter.setPen(flat_pen(QColor(255, 226, 120), _dot_side(camera)))
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
    painter.setPen(flat_pen(color, 1, dashed=dashed))
    painter.drawPath(line_path(ends))
    painter.setPen(flat_pen(color, 1.5))
    shape = _CROSS if dashed else _SQUARE
    painter.drawPath(line_path((ends[:, None] + shape).reshape(-1, 2)))


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
    painter.setBrush(Qt.BrushStyle.NoBrush)  # what is marked is seen in it
    for x, y in points:
        for color, width in ((QColor(0, 0, 0, 170), 4.5), (BOX, 2)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(QPointF(x, y), 7, 7)


_LEAST_EXCLUDED = 11  # screen pixels of the mark of an excluded window
CELL = 12
"""Pixels of a window's mark in the grid image, where it is drawn large enough."""


def premultiplied(color: QColor, alpha: int) -> np.ndarray:
    """Return RGBA of `color`, multiplied by its opacity, shape (4,)."""
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


def plain_mark(color: QColor, alpha: int, far: np.ndarray) -> Mark:
    """Return a cell of one colour, that is `far` where it is drawn small."""
    return Mark(np.tile(premultiplied(color, alpha), (CELL, CELL, 1)), far)


def edged_mark(color: QColor, alpha: int, far: int, edge: int) -> Mark:
    """Return a cell of one colour with an `edge` above and at the left, of `far` drawn small."""
    mark = plain_mark(color, alpha, premultiplied(color, far))
    mark.cell[0] = mark.cell[:, 0] = premultiplied(color, edge)
    return mark


def _rejected_mark() -> Mark:
    mark = plain_mark(QColor(30, 18, 4), 80, premultiplied(REJECTED, 90))
    middle = np.arange(3, CELL - 2)
    mark.cell[middle, CELL - middle] = premultiplied(REJECTED, 235)
    mark.cell[middle[:-1] + 1, CELL - middle[:-1]] = premultiplied(REJECTED, 120)
    return mark


def _excluded_mark() -> Mark:
    """Return a dark cell with a light edge and a cross, seen on any ground: no other has one."""
    mark = plain_mark(EXCLUDED_GROUND, 235, premultiplied(EXCLUDED, 235))
    at = np.arange(CELL)
    down, along = at[:, None], at
    crossed = (np.abs(down - along) <= 1) | (np.abs(down + along - (CELL - 1)) <= 1)
    mark.cell[crossed] = premultiplied(EXCLUDED, 255)
    edge = np.minimum(at, CELL - 1 - at) < 1
    mark.cell[edge[:, None] | edge] = premultiplied(_EXCLUDED_EDGE, 255)
    return mark


EXCLUDED_GROUND, _EXCLUDED_EDGE = QColor(34, 12, 26), QColor(255, 240, 250)
KEPT_MARK = edged_mark(KEPT, 80, 120, 190)
REJECTED_MARK, EXCLUDED_MARK = _rejected_mark(), _excluded_mark()
_GREY = QColor(200, 205, 212)
BOTH_MARK = plain_mark(_GREY, 60, premultiplied(_GREY, 60))
COMPARED_MARKS = {BOTH: BOTH_MARK, ONLY_A: KEPT_MARK, ONLY_B: REJECTED_MARK}


def verdict_marks(
    layers: frozenset[Layer], opacity_of: Callable[[Layer], float] = lambda layer: 1.0
) -> dict[int, Mark]:
    """Return how `layers` mark windows by verdict; those outside the box are left clear."""
    marks: dict[int, Mark] = {}
    if Layer.KEPT_WINDOWS in layers:
        marks[Verdict.KEPT] = KEPT_MARK.faded(opacity_of(Layer.KEPT_WINDOWS))
    if Layer.REJECTED_WINDOWS in layers:
        mark = REJECTED_MARK.faded(opacity_of(Layer.REJECTED_WINDOWS))
        marks |= dict.fromkeys(REASONS, mark)
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
    most = max(int(classes.max(initial=0)), *marks, 0)
    templates = np.zeros((most + 1, CELL, CELL, 4), np.uint8)
    colors = np.zeros((len(templates), 4), np.uint8)
    for one, mark in marks.items():
        templates[one], colors[one] = mark.cell, mark.color
    grid = classes.reshape(windows.rows, windows.columns)
    # Four bytes are one number: as such they are looked up far faster.
    words = (templates if fine else colors[:, None, None]).view(np.uint32)[..., 0]
    side = words.shape[1]
    made, pixels = blank((windows.rows * side, windows.columns * side))
    cells = pixels.view(np.uint32).reshape(windows.rows, side, windows.columns, side)
    for row in range(side):  # each at its place at once: most of the time goes into new memory
        cells[:, row] = words[:, row][grid]
    return made


def windows_grid(
    painter: QPainter, camera: Camera, pane: Pane, windows: Windows, image: QImage
) -> None:
    """Draw a picture of `marked_windows` or `heat_image` at its place."""
    start = (windows.patch - windows.stride) / 2
    width, height = windows.columns * windows.stride, windows.rows * windows.stride
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(pane.area(camera, start, start, start + width, start + height), image)


def excluded_marks(painter: QPainter, middles: np.ndarray) -> None:
    """Draw the mark of an excluded window at each screen point, shape (N, 2), large enough."""
    half = _LEAST_EXCLUDED / 2
    for x, y in middles:
        area = QRectF(round(x - half), round(y - half), _LEAST_EXCLUDED, _LEAST_EXCLUDED)
        excluded(painter, area)


def excluded(painter: QPainter, area: QRectF) -> None:
    """Draw a dark square with a light edge and a cross."""
    painter.fillRect(area.adjusted(-1, -1, 1, 1), EXCLUDED_GROUND)
    painter.fillRect(area, _EXCLUDED_EDGE)
    inner = area.adjusted(1, 1, -1, -1)
    painter.fillRect(inner, EXCLUDED_GROUND)
    painter.setPen(QPen(EXCLUDED, 2))
    inner = inner.adjusted(1, 1, -1, -1)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())


def window_outline(painter: QPainter, area: QRectF, color: QColor, *, thick: bool) -> None:
    """Draw the edge of a window at its place on the screen, `thick` where it is selected."""
    width = 3.0 if thick else 2.0
    _framed(painter, area, (BOX if thick else QColor(0, 0, 0, 220), width + 2.5), (color, width))


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
    painter.setPen(flat_pen(QColor(128, 128, 128, 110), 1))
    painter.drawPath(line_path(pane.to_screen(camera, np.array(ends))))


def _edges(first: float, last: float, length: int, step: float) -> np.ndarray:
    start = max(np.floor((first + 0.5) / step), 0)
    end = min(np.ceil((last + 0.5) / step), length / step)
    return np.arange(start, end + 1) * step - 0.5


def selected_match(
    painter: QPainter, ends: np.ndarray, seen: np.ndarray, color: QColor, *, dashed: bool
) -> None:
    """Draw one match by itself, between screen points of shape (2, 2).

    An end that is not `seen` in its own pane is not marked in the other one: no line leads there.
    """
    for shade, width in ((QColor(0, 0, 0, 200), 5.0), (color, 2.5)):
        painter.setPen(flat_pen(shade, width, dashed=dashed and shade is color))
        if seen.all():
            painter.drawPath(line_path(ends))
        painter.setPen(QPen(shade, width))
        for x, y in ends[seen]:
            painter.drawEllipse(QPointF(x, y), 8, 8)
