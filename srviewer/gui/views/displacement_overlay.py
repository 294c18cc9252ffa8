"""Displacements on the picture: an arrow a match, and the coarse field of cells.

Each function draws with a painter in screen pixels; none keeps anything.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QApplication

from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.views.camera import Camera, Pane, lr_in_hr
from srviewer.gui.views.displacement_marks import (
    EDGE,
    HALO,
    LONGEST,
    TEXT,
    arrow_lines,
    class_color,
    known_cell,
    paint_class,
    unknown_cell,
)
from srviewer.gui.views.legend import LegendEntry
from srviewer.gui.views.line_path import line_path
from srviewer.gui.views.overlays import thinned
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.displacement import CoarseField, MatchClass

_MOST = 600  # arrows of a class
_FEW = 200  # arrows, up to which they are drawn thicker
_ROOM_TO_WRITE = 74.0  # screen pixels of a cell

# What an arrow begins with: pairs of points, in screen pixels from its beginning.
_BEGINS = {
    MatchClass.KEPT: 1.5 * np.array([(-1, 0), (1, 0), (0, -1), (0, 1)]),
    MatchClass.KEPT_DISPLACED: 4.0
    * np.array([(-1, 0.8), (1, 0.8), (1, 0.8), (0, -1), (0, -1), (-1, 0.8)]),
    MatchClass.REJECTED_INLIER: 3.5
    * np.array([(-1, 0), (0, -1), (0, -1), (1, 0), (1, 0), (0, 1), (0, 1), (-1, 0)]),
    MatchClass.REJECTED: 3.0 * np.array([(-1, -1), (1, 1), (-1, 1), (1, -1)]),
}


def expected_places(a: Analysis) -> Floats:
    """Return where LR's keypoints are expected, in HR px, shape (M, 2): there arrows begin."""
    expected = a.matches.lr_points.astype(np.float64) - a.consistent.displacement
    result: Floats = lr_in_hr(expected, a.pair.scale)
    return result


def arrow_classes(
    a: Analysis, look: DisplacementLook, camera: Camera, pane: Pane, *, every: bool
) -> list[tuple[Callable[[QPainter], None], LegendEntry]]:
    """Return for each class that is shown what draws its arrows, and how many these are.

    The rarest class is the last, on top of the others. Without `every` some of very many are left
    out.
    """
    classes = look.classes(a)
    seen = pane.visible(camera, expected_places(a))
    found: list[tuple[Callable[[QPainter], None], LegendEntry]] = []
    for one in sorted(look.shown, key=lambda one: -int((classes == one).sum())):
        total = int((classes == one).sum())
        index = np.flatnonzero(seen & (classes == one))
        which = index if every else thinned(index, _MOST, len(classes))
        draw = partial(
            arrows, camera=camera, pane=pane, a=a, which=which, one=one, factor=look.factor
        )
        count = f"{total:,}" if len(which) == total else f"{len(which):,} of {total:,}"
        if total:
            mark = partial(paint_class, one=one, color=class_color(one))
            found.append((draw, (mark, f"{count} {one.words}")))
    return found


def selected_arrow(
    painter: QPainter, a: Analysis, match: int, look: DisplacementLook, camera: Camera, pane: Pane
) -> None:
    """Draw the arrow of one match on its own."""
    one = MatchClass(int(look.classes(a)[match]))
    arrows(
        painter,
        camera=camera,
        pane=pane,
        a=a,
        which=np.array([match]),
        one=one,
        factor=look.factor,
        thick=True,
    )


def arrows(
    painter: QPainter,
    *,
    camera: Camera,
    pane: Pane,
    a: Analysis,
    which: Ints,
    one: MatchClass,
    factor: int,
    thick: bool = False,
) -> None:
    """Draw an arrow for each match of `which`, all of the class `one`, `factor` times enlarged."""
    if not len(which):
        return
    start = pane.to_screen(camera, expected_places(a)[which])
    along = a.consistent.displacement[which] * (a.pair.scale * factor * camera.zoom)
    lines = np.concatenate([arrow_lines(start, along), _begin_lines(start, one)])
    path = line_path(lines)
    width = 2.5 if thick else 1.5 if len(which) <= _FEW else 1.0
    for color, wide in ((HALO, 5.0), (class_color(one), width))[not thick :]:
        pen = QPen(color, wide)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawPath(path)


def _begin_lines(start: Floats, one: MatchClass) -> Floats:
    lines: Floats = (start[:, None] + _BEGINS[one]).reshape(-1, 2)
    return lines


Shown = tuple[CoarseField, Camera, Pane, int, int]
"""A field, where it is, LR's scale and how many times arrows are enlarged."""


def field_cells(painter: QPainter, *, shown: Shown) -> None:
    """Draw each cell: hatched where nothing is known, a ring where it may be 0, else an arrow.

    The ring, round an arrow's end as round a cell's middle, is the 95% interval, enlarged as the
    arrow is.
    """
    field, camera, _, scale, factor = shown
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(QApplication.font())
    unit = scale * factor * camera.zoom
    for cell, area in _cells(shown):
        painter.setPen(QPen(EDGE, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        if not field.known[cell]:
            unknown_cell(painter, area)
            continue
        x, y = field.moved[cell]
        along = QPointF(x, y) * min(unit, LONGEST / max(float(np.hypot(x, y)), 1e-9))
        radius = min(max(float(field.u95[cell]) * unit, 4.0), LONGEST)
        known_cell(painter, area, along, radius, zero=bool(field.zero[cell]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def field_figures(painter: QPainter, *, shown: Shown) -> None:
    """Write into each cell that has room how far it is displaced."""
    field = shown[0]
    painter.setFont(QApplication.font())
    for cell, area in _cells(shown):
        if field.known[cell] and min(area.width(), area.height()) >= _ROOM_TO_WRITE:
            length = float(np.hypot(*field.moved[cell]))
            _write(painter, area, f"{length:.2f} \N{PLUS-MINUS SIGN}{field.u95[cell]:.2f}")


def _cells(shown: Shown) -> Iterator[tuple[tuple[int, int], QRectF]]:
    """Yield row and column, and the place, of the cells in view."""
    field, camera, pane, scale, _ = shown
    columns, rows = ((edges + 0.5) * scale for edges in (field.columns, field.rows))
    seen = QRectF(pane.left, pane.top, pane.width, pane.height)
    for row in range(len(rows) - 1):
        for column in range(len(columns) - 1):
            corners = columns[column], rows[row], columns[column + 1], rows[row + 1]
            area = pane.area(camera, *corners)
            if area.intersects(seen):
                yield (row, column), area


def _write(painter: QPainter, area: QRectF, text: str) -> None:
    """Write into the lower part of a cell, on a dark ground."""
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height()
    ground = QRectF(area.center().x() - width / 2, area.bottom() - height - 3, width, height)
    painter.fillRect(ground, QColor(20, 21, 23, 170))
    painter.setPen(TEXT)
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)
