"""Paints what the canvas shows from a frozen description of it."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from srviewer.gui.state.layers import MAPS, WINDOW_LAYERS, Arrangement, Layer
from srviewer.gui.theme import CANVAS, EXCLUDED, KEPT, REJECTED
from srviewer.gui.views import displacement_overlay, legend, overlays
from srviewer.gui.views.alignment_marks import alignment_classes, alignment_counts, alignment_marks
from srviewer.gui.views.camera import Pane, lr_in_hr
from srviewer.gui.views.displacement_marks import moved_swatch, unknown_swatch, zero_swatch
from srviewer.gui.views.frame import Frame
from srviewer.gui.views.legend import LegendEntry
from srviewer.gui.views.match_classes import match_classes, match_points
from srviewer.gui.views.picture_painting import backdrop, paint_pictures, view_of, whole_pixels
from srviewer.gui.views.pictures import HEAT_MAP
from srviewer.gui.views.sheets import faded, is_raster, lay, sheet_of
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.displacement import CoarseField, coarse_field, field_before
from srviewer.pipeline.pairing import Straightened
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B, heat_of, kept_by
from srviewer.wording import counted

T = TypeVar("T")

_FINE_FROM = 5.0  # screen pixels of a window's cell, from which on it gets a mark of its own
_MOST_FINE = 60_000  # windows; marks for more would take too much memory
_SEEN_EDGE = 0.2  # of the image, from which on cells look as if its border were not used
_LARGE_FROM = 12.0  # screen pixels of a cell, from which on its mark is large enough to be seen
_MOST_EXCLUDED = 2_000  # windows that are marked one by one


class FramePainter:
    """Paints frames; what frames have in common is kept from one to the next."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[object, Any]] = {}
        self._view: object = None  # of the pictures, when they were painted last

    def _kept(self, name: str, key: object, make: Callable[[], T]) -> T:
        """Return what `make` made; it is made again when the `key` to it is another."""
        if name not in self._made or self._made[name][0] != key:
            self._made[name] = key, make()
        made: T = self._made[name][1]
        return made

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw the pictures, then what is known of them."""
        before, self._view = self._view, view_of(frame)
        if self._view != before and frame.ratio.is_integer():
            self.paint_directly(painter, frame)  # a picture that is dragged is another each time
        else:
            pictures = self._kept("backdrop", self._view, lambda: backdrop(frame))
            painter.drawPixmap(0, 0, pictures)
            self._findings(painter, frame)

    def paint_directly(self, painter: QPainter, frame: Frame) -> None:
        """Draw without the kept pixmap, as a vector file holds pictures of its own."""
        painter.fillRect(QRect(0, 0, frame.size.width(), frame.size.height()), CANVAS)
        paint_pictures(painter, frame)
        self._findings(painter, frame)

    def _findings(self, painter: QPainter, frame: Frame) -> None:
        entries: list[LegendEntry] = []
        if (a := frame.findings) is not None:
            grid = self._grid_image(frame, a)
            for pane in frame.panes:
                painter.setClipRect(whole_pixels(pane))
                self._areas(painter, frame, a, pane, grid)
            self._keypoints(painter, frame, a)
            self._draw_fields(painter, frame, a, displacement_overlay.field_cells)
            painter.setClipRect(whole_pixels(frame.lr_pane))
            displaced = [*_field_entries(frame, a), *_arrows(painter, frame, a)]
            self._draw_fields(painter, frame, a, displacement_overlay.field_figures)
            painter.setClipping(False)
            entries = [*_matches(painter, frame, a), *displaced, *_window_counts(frame, a)]
            if frame.layers & {Layer.BOX, *WINDOW_LAYERS} and a.has("box") and a.box.reason:
                why = self._kept("no box", (a.box, a.pair_alignment), lambda: a.why_no_box)
                entries.append((None, f"no box: {why}", f"no box: {why.split('; ')[0]}"))
        corners = _corners(frame, a) if a is not None else []
        painter.setOpacity(frame.opacity_of(Layer.BOX))
        for points in corners:  # below words that had no other place: those are to be read
            overlays.corner_marks(painter, points)
        painter.setOpacity(1)
        _write_words(painter, frame, entries, corners)
        if a is not None and _tells_heat(frame):
            heat = self._kept("heat", a.texture, lambda: heat_of(a))
            legend.color_bar(painter, frame.panes[-1], heat.top_label, heat.unit, HEAT_MAP)
        if _tells_difference(frame):
            row = int(_tells_heat(frame))
            legend.difference_bar(painter, frame.panes[-1], frame.scale, row=row)

    def _areas(
        self, painter: QPainter, frame: Frame, a: Analysis, pane: Pane, grid: QImage | None
    ) -> None:
        layers, camera = frame.layers, frame.camera
        if Layer.BOX in layers and a.has("box") and a.box.hr is not None:
            painter.setOpacity(frame.opacity_of(Layer.BOX))
            overlays.box(painter, camera, pane, a.box.hr, a.pair.size)
            painter.setOpacity(1)
        if grid is not None:
            overlays.windows_grid(painter, camera, pane, a.windows, grid)
            overlays.excluded_marks(painter, _small_excluded(frame, a, pane))
        for one in dict.fromkeys((frame.selection, frame.hovered)):
            if one is not None and one.kind == "window" and one.is_in(a):
                x, y, side = a.windows.x[one.index], a.windows.y[one.index], a.windows.patch
                area = pane.area(camera, x, y, x + side, y + side)
                by_hand = a.patches.verdict[one.index] == Verdict.EXCLUDED
                color = KEPT if a.patches.kept[one.index] else EXCLUDED if by_hand else REJECTED
                overlays.window_outline(painter, area, color, thick=one != frame.hovered)

    def _keypoints(self, painter: QPainter, frame: Frame, a: Analysis) -> None:
        if Layer.KEYPOINTS not in frame.layers or not a.has("keypoints"):
            return
        hr, lr = a.keypoints.hr.points, lr_in_hr(a.keypoints.lr.points, a.pair.scale)
        found: list[tuple[str, np.ndarray]] = [("HR dots", hr), ("LR dots", lr)]
        for pane, (name, points) in zip(frame.panes, found, strict=False):
            make = partial(overlays.dots, frame.camera, pane, points)
            path = self._kept(name, (a.keypoints, frame.camera, pane), make)
            painter.setClipRect(whole_pixels(pane))
            draw = partial(overlays.keypoints, camera=frame.camera, path=path)
            faded(painter, frame, Layer.KEYPOINTS, draw)

    def _fields(self, frame: Frame, a: Analysis) -> dict[Pane, CoarseField]:
        """Return the field of each pane that shows one."""
        if Layer.FIELD not in frame.layers or not a.has("consistent"):
            return {}
        height, width = a.pair.lr.shape[:2]
        make = partial(coarse_field, a.matches, a.consistent, (width, height))
        cells = self._kept("field", a.matches, make)
        if (told := _straightened(frame, a)) is None:
            return {frame.lr_pane: cells}
        make = partial(field_before, cells, told, a.pair.scale)
        before = self._kept("field before", (cells, told), make)
        return {frame.lr_pane: cells, frame.hr_pane: before}

    def _draw_fields(
        self, painter: QPainter, frame: Frame, a: Analysis, part: Callable[..., None]
    ) -> None:
        """Draw a part of each field: its cells, or the figures, which lie above all arrows."""
        painter.setOpacity(frame.opacity_of(Layer.FIELD))
        for number, (pane, field) in enumerate(self._fields(frame, a).items()):
            painter.setClipRect(whole_pixels(pane))
            shown = field, frame.camera, pane, a.pair.scale, frame.displacement.factor
            draw = partial(part, shown=shown)
            if is_raster(painter):  # no threshold changes it, so it is drawn once for a view
                key, make = (*shown, frame.size, frame.ratio), partial(sheet_of, frame, draw)
                draw = partial(lay, sheet=self._kept(f"{part.__name__} {number}", key, make))
            draw(painter)
        painter.setOpacity(1)

    def _grid_image(self, frame: Frame, a: Analysis) -> QImage | None:
        """Return the grid of windows as both panes have it, None where none is shown."""
        layers = frame.layers & WINDOW_LAYERS
        if not (a.has("patches") and layers and len(a.windows)):
            return None
        is_large = a.windows.stride * frame.camera.zoom >= _FINE_FROM
        fine = is_large and len(a.windows) <= _MOST_FINE
        opacities = tuple(frame.opacity_of(layer) for layer in Layer if layer in layers)
        key = (a.patches, a.texture, a.alignment, frame.other, layers, fine, opacities)
        return self._kept("grid", key, lambda: self._make_grid(frame, a, fine=fine))

    def _make_grid(self, frame: Frame, a: Analysis, *, fine: bool) -> QImage:
        both = kept_by(a, frame.other) if Layer.COMPARISON in frame.layers else None
        if both is not None:
            opacity = frame.opacity_of(Layer.COMPARISON)
            marks = {one: mark.faded(opacity) for one, mark in overlays.COMPARED_MARKS.items()}
            return overlays.marked_windows(a.windows, both, marks, fine=fine)
        if Layer.HEAT in frame.layers:
            heat = self._kept("heat", a.texture, lambda: heat_of(a))
            opacity = frame.opacity_of(Layer.HEAT)
            return overlays.heat_image(a.windows, heat.values, heat.top, opacity)
        if Layer.ALIGNMENT in frame.layers:
            marks = alignment_marks(frame.opacity_of(Layer.ALIGNMENT))
            return overlays.marked_windows(a.windows, alignment_classes(a), marks, fine=fine)
        marks = overlays.verdict_marks(frame.layers, frame.opacity_of)
        return overlays.marked_windows(a.windows, a.patches.verdict, marks, fine=fine)


def _small_excluded(frame: Frame, a: Analysis, pane: Pane) -> NDArray[np.float64]:
    """Return where windows are excluded whose cells are too small to show it, shape (N, 2)."""
    shown = frame.layers & {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}
    which = np.flatnonzero(a.patches.excluded)
    large = a.windows.stride * frame.camera.zoom >= _LARGE_FROM
    if not shown or frame.layers & MAPS or large or not 0 < len(which) <= _MOST_EXCLUDED:
        return np.empty((0, 2))
    middles = np.stack([a.windows.x[which], a.windows.y[which]], axis=1) + (a.windows.patch - 1) / 2
    return pane.to_screen(frame.camera, middles[pane.visible(frame.camera, middles)])


def _corners(frame: Frame, a: Analysis) -> list[NDArray[np.float64]]:
    """Return where in each pane the matches stand that span the box, shape (N, 2)."""
    one = frame.selection
    alone = one is not None and one.kind == "match" and one.is_in(a)
    if Layer.BOX not in frame.layers or not (a.has("box") and a.has("matches")) or alone:
        return []
    found = []
    for pane, points in zip((frame.hr_pane, frame.lr_pane), match_points(a), strict=True):
        corners = points[a.box.corners]
        seen = corners[pane.visible(frame.camera, corners)]
        found.append(pane.to_screen(frame.camera, seen))
    return found


def _write_words(
    painter: QPainter,
    frame: Frame,
    entries: list[LegendEntry],
    corners: list[NDArray[np.float64]],
) -> None:
    """Write captions and the legend, each within its pane and beside what marks a corner."""
    marks = (points.tolist() for points in corners)
    taken = [QRectF(x - 9, y - 9, 18, 18) for x, y in chain.from_iterable(marks)]
    bars = int(_tells_heat(frame)) + int(_tells_difference(frame))
    taken += [legend.color_bar_ground(frame.panes[-1], row) for row in range(bars)]
    for one in frame.placed:
        legend.write(painter, [(None, *one.captions)], [one.clip], taken, bottom=False)
    if entries:
        lowest = max(pane.top for pane in frame.panes)
        panes = [pane for pane in frame.panes if pane.top == lowest]
        legend.write(painter, entries, panes, taken, bottom=True)


def _tells_heat(frame: Frame) -> bool:
    a = frame.findings
    return a is not None and Layer.HEAT in frame.layers and a.has("texture")


def _tells_difference(frame: Frame) -> bool:
    there = bool(frame.placed) and not frame.single
    return there and frame.arrangement is Arrangement.DIFFERENCE


def _matches(painter: QPainter, frame: Frame, a: Analysis) -> list[LegendEntry]:
    entries: list[LegendEntry] = []
    if not a.has("matches"):
        return entries
    hr, lr = match_points(a)
    camera, sides = frame.camera, ((frame.hr_pane, hr), (frame.lr_pane, lr))

    def ends(which: NDArray[np.integer]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        start = frame.hr_pane.to_screen(camera, hr[which])
        return start, frame.lr_pane.to_screen(camera, lr[which])

    selected = frame.selection
    if selected is not None and selected.kind == "match" and selected.is_in(a):
        kept = bool(a.consistent.kept[selected.index])
        color, word = (KEPT, "kept") if kept else (REJECTED, "rejected")
        one = np.array([selected.index])
        both = np.array([pane.visible(camera, at[one])[0] for pane, at in sides])
        points = np.concatenate(ends(one))
        overlays.selected_match(painter, points, both, color, dashed=not kept)
        told = f"match {selected.index}, {word}" + ("" if both.all() else ", not all in view")
        mark = partial(legend.line_swatch, color=color, dashed=not kept)
        return [(mark, f"{told}; Esc shows all again", told)]
    seen = np.logical_and(*(pane.visible(camera, at) for pane, at in sides))
    # Lines are told apart across the way that they go.
    across = 0 if frame.hr_pane.top != frame.lr_pane.top else 1
    room = frame.hr_pane.height if across else frame.hr_pane.width
    room = min(a.pair.size[across] * camera.zoom, room)
    every = Layer.EVERY_LINE in frame.layers
    most = len(hr) if every else overlays.readable_lines(room)
    for one_class in match_classes(a, frame.layers):
        chosen = np.flatnonzero(one_class.which & seen)
        drawn = overlays.thinned(chosen, most, len(hr))
        dashed = one_class.layer is Layer.REJECTED_MATCHES
        start, end = ends(drawn)
        look: dict[str, Any] = {"color": one_class.color, "dashed": dashed}
        lines = partial(overlays.match_lines, start=start, end=end, **look)
        faded(painter, frame, one_class.layer, lines)
        total, match = int(one_class.which.sum()), f"{one_class.kind}match"
        of = "" if len(drawn) == total else f"{len(drawn):,} of "
        words = of + counted(total, match, f"{match}es")
        entries.append((partial(legend.line_swatch, **look), words))
    return entries[::-1]  # what is kept comes first, as it does of windows


def _straightened(frame: Frame, a: Analysis) -> Straightened | None:
    """Return how LR was straightened where HR's pane can show what there was before."""
    return a.pair.straightened if frame.hr_pane != frame.lr_pane else None


def _field_entries(frame: Frame, a: Analysis) -> list[LegendEntry]:
    if Layer.FIELD not in frame.layers or not a.has("consistent"):
        return []
    words = f"displacement \N{MULTIPLICATION SIGN} {frame.displacement.factor}"
    has_before = _straightened(frame, a) is not None
    when: list[LegendEntry] = [(None, "before: HR, after: LR")] if has_before else []
    return [(moved_swatch, words), *when, (zero_swatch, "may be 0"), (unknown_swatch, "not known")]


def _arrows(painter: QPainter, frame: Frame, a: Analysis) -> list[LegendEntry]:
    """Draw the displacements of the classes that are shown."""
    if Layer.ARROWS not in frame.layers or not a.has("consistent"):
        return []
    look, where = frame.displacement, (frame.camera, frame.lr_pane)
    every = Layer.EVERY_LINE in frame.layers
    entries: list[LegendEntry] = []
    if Layer.FIELD not in frame.layers:
        entries.append((None, f"displacement \N{MULTIPLICATION SIGN} {look.factor}"))
    for draw, entry in displacement_overlay.arrow_classes(a, look, *where, every=every):
        faded(painter, frame, Layer.ARROWS, draw)
        entries.append(entry)
    selected = frame.selection
    if selected is not None and selected.kind == "match" and selected.is_in(a):
        displacement_overlay.selected_arrow(painter, a, selected.index, look, *where)
    return entries


def _window_counts(frame: Frame, a: Analysis) -> Sequence[LegendEntry]:
    if Layer.ALIGNMENT in frame.layers and a.has("patches"):
        return alignment_counts(a)
    if not a.has("patches") or a.box.hr is None:
        return []
    both = kept_by(a, frame.other) if Layer.COMPARISON in frame.layers else None
    if both is not None:
        marks = (
            (ONLY_A, legend.kept_swatch, "A only"),
            (ONLY_B, legend.rejected_swatch, "B only"),
            (BOTH, legend.both_swatch, "both"),
        )
        return [(mark, f"{(both == one).sum():,} kept by {who}") for one, mark, who in marks]
    if Layer.HEAT in frame.layers:
        return []
    entries: list[LegendEntry] = []
    if Layer.KEPT_WINDOWS in frame.layers:
        entries.append((legend.kept_swatch, counted(int(a.patches.kept.sum()), "kept window")))
    if Layer.REJECTED_WINDOWS in frame.layers:
        rejected = counted(int(a.patches.rejected.sum()), "rejected window")
        entries.append((legend.rejected_swatch, rejected))
    if entries and (by_hand := int(a.patches.excluded.sum())):
        entries.append((legend.excluded_swatch, counted(by_hand, "excluded window")))
    side, cell = a.windows.patch, a.windows.stride
    if entries and side - cell >= _SEEN_EDGE * min(a.pair.size):
        entries.append((None, f"windows are {side:,} px wide, their cells {cell:,}"))
    return entries
