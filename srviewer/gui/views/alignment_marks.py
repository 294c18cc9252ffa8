"""How the windows of a given pair lie, on the picture and in its legend: a mark a verdict.

Blue, yellow, orange and grey differ in brightness too; an empty cell, an arrow to where content
has moved, a cross and hatching, as where nothing is known, differ in shape.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views.displacement_marks import class_color
from srviewer.gui.views.legend import LegendEntry
from srviewer.gui.views.overlays import CELL, Mark, edged_mark, plain_mark, premultiplied
from srviewer.gui.views.pictures import rgba_image
from srviewer.pipeline.alignment.windows import ALIGNED, CHANGED, MOVED, UNKNOWN, VERDICTS
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.displacement import MatchClass
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.window_columns import LIES
from srviewer.pipeline.window_filter import ONLY_GIVEN

_YELLOW, _GREY = class_color(MatchClass.KEPT_DISPLACED), QColor(186, 191, 200)
_GROUND = QColor(20, 18, 10)
_SHAPES = """
............ ............ ............ ............
............ ............ ............ ............
.....#####.. ......#..... ............ ..#......#..
........##.. .......#.... ....####.... ...#....#...
.......#.#.. ........#... ...#....#... ....#..#....
......#..#.. .#########.. ...#....#... .....##.....
.....#...#.. ........#... ...#....#... .....##.....
....#....... .......#.... ...#....#... ....#..#....
...#........ ......#..... ....####.... ...#....#...
..#......... ............ ............ ..#......#..
............ ............ ............ ............
............ ............ ............ ............
"""
_ARROW, _ALONG, _ANYWHERE, _CROSS = zip(*map(str.split, _SHAPES.strip().splitlines()), strict=True)


def _drawn(color: QColor, fill: int, far: int, shape: Sequence[str], quarters: int = 0) -> Mark:
    """Return a cell of `color` with opacity `fill`, with a turned `shape` on a dark edge."""
    mark = plain_mark(color, fill, premultiplied(color, far))
    mask = np.array([[one == "#" for one in line] for line in shape], np.uint8)
    mask = np.ascontiguousarray(np.rot90(mask, quarters))
    edge = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    mark.cell[edge > 0] = premultiplied(_GROUND, 150)
    mark.cell[mask > 0] = premultiplied(color, 255)
    return mark


def _unknown() -> Mark:
    mark = plain_mark(QColor(20, 21, 23), 90, premultiplied(_GREY, 120))
    down, along = np.mgrid[:CELL, :CELL]
    mark.cell[(down + along) % 4 == 0] = premultiplied(_GREY, 190)
    return mark


def _moved(shape: Sequence[str], quarters: int = 0) -> Mark:
    return _drawn(_YELLOW, 56, 170, shape, quarters)


_MARKS = {
    ALIGNED: edged_mark(KEPT, 34, 80, 130),
    MOVED: _moved(_ANYWHERE),  # where to is not known, as in a mirrored pair
    CHANGED: _drawn(REJECTED, 60, 180, _CROSS),
    UNKNOWN: _unknown(),
}
# Where to content has moved: to the right, and on from there against the clock.
_WAYS = [_moved(shape, quarters) for quarters in range(4) for shape in (_ALONG, _ARROW)]
_NONE = len(VERDICTS) + len(_WAYS)  # a class without a mark


def alignment_marks(opacity: float) -> dict[int, Mark]:
    """Return how cells are marked, by the classes of `alignment_classes`."""
    every = (*map(_MARKS.__getitem__, VERDICTS), *_WAYS)
    return {number: one.faded(opacity) for number, one in enumerate(every)}


def alignment_classes(a: Analysis) -> np.ndarray:
    """Return the class of each window by which it is marked, shape (N,)."""
    if not a.has("alignment"):
        return np.full(len(a.windows), _NONE, np.uint8)
    verdict, (dx, dy) = a.alignment.verdict, a.alignment.moved.T
    eighth = np.arctan2(-dy, dx) / (2 * np.pi) * len(_WAYS)
    is_told = (verdict == VERDICTS.index(MOVED)) & np.isfinite(eighth)
    way = len(VERDICTS) + np.round(np.where(is_told, eighth, 0)).astype(int) % len(_WAYS)
    return np.where(is_told, way, verdict).astype(np.uint8)


def alignment_counts(a: Analysis) -> list[LegendEntry]:
    """Return what a legend says: each mark, and how many windows of the image have it."""
    if a.image.lr is None:
        return [(None, f"how windows lie is {ONLY_GIVEN}")]
    if not a.has("alignment"):
        return [(None, "finding out how the windows lie ...")]
    counts = a.alignment.counts()
    return [
        (partial(_swatch, verdict=one), f"{count:,} {LIES[one]}") for one, count in counts.items()
    ]


def _swatch(painter: QPainter, area: QRectF, *, verdict: str) -> None:
    shown = _WAYS[1] if verdict == MOVED else _MARKS[verdict]
    painter.drawImage(area, rgba_image(shown.cell))
