"""The pair canvas: HR and LR under one camera, with what the pipeline found drawn over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from srviewer.gui.theme import CANVAS, KEPT, NEUTRAL, REJECTED
from srviewer.gui.views import overlays
from srviewer.gui.views.camera import Camera, Pane, fitting, lr_in_hr, side_by_side
from srviewer.gui.views.layers import Layer
from srviewer.gui.views.overlays import LegendEntry
from srviewer.gui.views.pictures import Picture
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.reading import SourceImage

GAP = 6  # screen pixels between the panes
_FINE_FROM = 5.0  # screen pixels of a window's cell, from which on it gets a mark of its own
_ZOOM_STEP = 1.25


@dataclass(frozen=True)
class Pointed:
    """What lies under the pointer.

    Attributes
    ----------
    x, y : int
        HR pixel.
    hr, lr : (int, int, int) or None
        RGB values there.
    window : int or None
        Which window the pixel is nearest to the middle of.
    """

    x: int
    y: int
    hr: tuple[int, int, int] | None
    lr: tuple[int, int, int] | None
    window: int | None


class PairCanvas(QWidget):
    """Shows an image or an analysis; a person pans and zooms both panes at once.

    It is told what to show by `show_image`, `show_analysis` and `set_layers`, and tells where the
    pointer is. The camera changes by hand or by `fit` and the like, never by new results.
    """

    pointed = Signal(object)
    camera_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("HR and LR")
        self._image: SourceImage | None = None
        self._analysis: Analysis | None = None
        self._source: Picture | None = None
        self._hr: Picture | None = None
        self._lr: Picture | None = None
        self._single = True
        self._layers: frozenset[Layer] = frozenset()
        self._priority: NDArray[np.int64] = np.empty(0, np.int64)
        self._grid: dict[bool, QImage] = {}
        self._camera = Camera()
        self._fitted = True
        self._dragged_from: QPointF | None = None
        self._backdrop: tuple[object, QPixmap] | None = None
        self._pointed: Pointed | None = None

    # What is shown

    @property
    def camera(self) -> Camera:
        """Where the person looks."""
        return self._camera

    @property
    def layers(self) -> frozenset[Layer]:
        """What is drawn over the pair."""
        return self._layers

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for both panes."""
        return QSize(900, 600)

    def clear(self) -> None:
        """Show nothing."""
        self._image = self._analysis = self._source = self._hr = self._lr = None
        self._grid = {}
        self._point(None)
        self.update()

    def show_image(self, image: SourceImage) -> None:
        """Show an image that has not been analysed yet."""
        if image is self._image:
            return
        same_size = self._image is not None and self._image.size == image.size
        self._image = image
        self._analysis = None
        self._source = Picture(image.rgb, image.size)
        self._hr = self._lr = None
        self._grid = {}
        if not same_size or self._fitted:
            self.fit()
        self._point(None)
        self.update()

    def show_analysis(self, analysis: Analysis) -> None:
        """Show what is known so far; what has not run yet is not drawn."""
        self.show_image(analysis.image)
        before = self._analysis
        self._analysis = analysis
        if not analysis.has("pair"):
            self._hr = self._lr = None
        elif before is None or before.pair is not analysis.pair:
            size = analysis.pair.size
            self._hr = Picture(analysis.pair.hr, size)
            self._lr = Picture(analysis.pair.lr, size)
        if analysis.has("matches") and len(self._priority) != len(analysis.matches):
            self._priority = np.random.default_rng(0).permutation(len(analysis.matches))
        self._grid = {}
        self.update()

    def set_layers(self, layers: frozenset[Layer]) -> None:
        """Draw these over the pair."""
        self._layers = layers
        self._grid = {}
        self.update()

    def set_single(self, single: bool) -> None:
        """Show the source alone instead of the pair."""
        if single != self._single:
            self._single = single
            if self._fitted:
                self.fit()
            self.update()

    def panes(self) -> tuple[Pane, ...]:
        """Return the panes: HR and LR, or the one that shows the source."""
        if self._single:
            return (Pane(0, 0, max(self.width(), 1), max(self.height(), 1)),)
        return side_by_side(self.width(), self.height(), GAP)

    # The camera

    def set_camera(self, camera: Camera) -> None:
        """Look elsewhere; the camera stays on the image."""
        if self._image is not None:
            camera = camera.kept_on(self._image.size)
        self._fitted = False
        self._look(camera)

    def fit(self) -> None:
        """Show all of the image, and keep doing so when the window's size changes."""
        if self._image is None:
            return
        pane = self.panes()[0]
        self._look(fitting(self._image.size, (pane.width, pane.height)))
        self._fitted = True

    def actual_size(self) -> None:
        """Show one HR pixel as one device pixel."""
        self.set_camera(Camera(self._camera.x, self._camera.y, 1 / self.devicePixelRatioF()))

    def zoom_in(self) -> None:
        """Come closer by one step."""
        self.set_camera(self._camera.zoomed(_ZOOM_STEP))

    def zoom_out(self) -> None:
        """Go farther away by one step."""
        self.set_camera(self._camera.zoomed(1 / _ZOOM_STEP))

    def _look(self, camera: Camera) -> None:
        if camera != self._camera:
            self._camera = camera
            self.camera_changed.emit(camera)
            self.update()

    # Gestures

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle in the middle, or all of the image in view."""
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        pane = self._pane_at(event.position())
        steps = event.angleDelta().y() / 120
        if pane is None or not steps:
            return
        dx, dy = event.position().x() - pane.middle[0], event.position().y() - pane.middle[1]
        self.set_camera(self._camera.zoomed(_ZOOM_STEP**steps, dx, dy))
        self._point(event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._dragged_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture, or tell what is pointed at."""
        if self._dragged_from is not None:
            moved = event.position() - self._dragged_from
            self._dragged_from = event.position()
            self.set_camera(self._camera.moved(moved.x(), moved.y()))
        self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the point, close enough to see pixels."""
        pane = self._pane_at(event.position())
        if pane is not None:
            x, y = pane.to_image(self._camera, event.position().x(), event.position().y())
            self.set_camera(Camera(x, y, max(self._camera.zoom, 8 / self.devicePixelRatioF())))

    def leaveEvent(self, event: object) -> None:
        """Point at nothing."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan with the arrow keys."""
        step = 64 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 16
        moves = {
            Qt.Key.Key_Left: (step, 0),
            Qt.Key.Key_Right: (-step, 0),
            Qt.Key.Key_Up: (0, step),
            Qt.Key.Key_Down: (0, -step),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.set_camera(self._camera.moved(*move))

    def _pane_at(self, position: QPointF) -> Pane | None:
        panes = self.panes()
        found = [pane for pane in panes if pane.contains(position.x(), position.y())]
        return found[0] if found and self._image is not None else None

    def _point(self, position: QPointF | None) -> None:
        pointed = self._pointed_at(position) if position is not None else None
        if pointed != self._pointed:
            before, self._pointed = self._pointed, pointed
            self.pointed.emit(pointed)
            if (before and before.window) != (pointed and pointed.window):
                self.update()

    def _pointed_at(self, position: QPointF) -> Pointed | None:
        pane = self._pane_at(position)
        picture = self._source if self._single or self._hr is None else self._hr
        if pane is None or picture is None:
            return None
        x, y = pane.to_image(self._camera, position.x(), position.y())
        value = picture.value_at(x, y)
        if value is None:
            return None
        lr = self._lr.value_at(x, y) if self._lr is not None and not self._single else None
        column, row = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
        return Pointed(column, row, value, lr, self._window_at(x, y))

    def _window_at(self, x: float, y: float) -> int | None:
        a = self._analysis
        shown = self._layers & {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}
        if a is None or not a.has("patches") or not shown or self._single:
            return None
        start = (a.windows.patch - a.windows.stride) / 2 - 0.5
        column = int((x - start) // a.windows.stride)
        row = int((y - start) // a.windows.stride)
        if 0 <= column < a.windows.columns and 0 <= row < a.windows.rows:
            window = row * a.windows.columns + column
            return window if a.patches.candidates[window] else None
        return None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, then what is known of them."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pictures())
        if self._analysis is not None and not self._single and self._hr is not None:
            self._paint_findings(painter, self._analysis)
        self._paint_captions(painter)
        painter.end()

    def _pictures(self) -> QPixmap:
        """Return the panes without overlays; kept until camera, size or pictures change."""
        ratio = self.devicePixelRatioF()
        key = (self._camera, self.size(), ratio, self._source, self._hr, self._lr, self._single)
        if self._backdrop is not None and self._backdrop[0] == key:
            return self._backdrop[1]
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(CANVAS)
        painter = QPainter(pixmap)
        panes = self.panes()
        if len(panes) == 1:
            shown: tuple[Picture | None, ...] = (self._source,)
        else:
            shown = (self._hr or self._source, self._lr)  # the source until there is a pair
        for pane, picture in zip(panes, shown, strict=True):
            if picture is not None:
                painter.setClipRect(_whole_pixels(pane))
                picture.paint(painter, self._camera, pane, ratio)
        painter.setClipping(False)
        if len(panes) == 2:
            divider = QRect(int(panes[0].width), 0, GAP, self.height())
            painter.fillRect(divider, QColor(CANVAS).lighter(160))
        elif self._image is not None and self._hr is not None:
            overlays.trimmed(painter, self._camera, panes[0], self._image.size, self._hr.size)
        painter.end()
        self._backdrop = (key, pixmap)
        return pixmap

    def _paint_findings(self, painter: QPainter, a: Analysis) -> None:
        panes = self.panes()
        for pane in panes:
            painter.setClipRect(_whole_pixels(pane))
            self._paint_areas(painter, a, pane)
        if Layer.KEYPOINTS in self._layers and a.has("keypoints"):
            lr_points = lr_in_hr(a.keypoints.lr.points, a.pair.scale)
            for pane, points in ((panes[0], a.keypoints.hr.points), (panes[1], lr_points)):
                painter.setClipRect(_whole_pixels(pane))
                overlays.keypoints(painter, self._camera, pane, points)
        painter.setClipping(False)
        entries = [*self._paint_matches(painter, a, panes), *self._window_counts(a)]
        overlays.legend(painter, 0, self.height(), entries)

    def _paint_areas(self, painter: QPainter, a: Analysis, pane: Pane) -> None:
        layers = self._layers
        if Layer.BOX in layers and a.has("box") and a.box.hr is not None:
            overlays.box(painter, self._camera, pane, a.box.hr, a.pair.size)
        if a.has("patches") and layers & {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}:
            fine = a.windows.stride * self._camera.zoom >= _FINE_FROM
            overlays.windows_grid(painter, self._camera, pane, a.windows, self._grid_image(a, fine))
            window = self._pointed.window if self._pointed else None
            if window is not None and window < len(a.windows):
                x, y = int(a.windows.x[window]), int(a.windows.y[window])
                kept = bool(a.patches.kept[window])
                overlays.window_outline(painter, self._camera, pane, x, y, a.windows.patch, kept)

    def _grid_image(self, a: Analysis, fine: bool) -> QImage:
        if fine not in self._grid:
            self._grid[fine] = overlays.windows_image(
                a.windows,
                a.patches.verdict,
                kept=Layer.KEPT_WINDOWS in self._layers,
                rejected=Layer.REJECTED_WINDOWS in self._layers,
                fine=fine,
            )
        return self._grid[fine]

    def _paint_matches(
        self, painter: QPainter, a: Analysis, panes: tuple[Pane, ...]
    ) -> list[LegendEntry]:
        entries: list[LegendEntry] = []
        if not a.has("matches"):
            return entries
        everything = np.ones(len(a.matches), bool)
        classes = [(Layer.ALL_MATCHES, everything, NEUTRAL, "line", "matches")]
        if a.has("consistent"):
            kept = a.consistent.kept
            classes += [
                (Layer.REJECTED_MATCHES, ~kept, REJECTED, "rejected line", "rejected matches"),
                (Layer.KEPT_MATCHES, kept, KEPT, "kept line", "kept matches"),
            ]
        hr = a.matches.hr_points.astype(np.float64)
        lr = lr_in_hr(a.matches.lr_points, a.pair.scale)
        seen = panes[0].visible(self._camera, hr) & panes[1].visible(self._camera, lr)
        height = min(a.pair.size[1] * self._camera.zoom, self.height())
        readable = overlays.readable_lines(height)
        for layer, which, color, mark, words in classes:
            if layer not in self._layers:
                continue
            chosen = np.flatnonzero(which & seen)
            drawn = chosen[overlays.thinned(self._priority[chosen], readable)]
            start = panes[0].to_screen(self._camera, hr[drawn])
            end = panes[1].to_screen(self._camera, lr[drawn])
            dashed = layer is Layer.REJECTED_MATCHES
            overlays.match_lines(painter, start, end, color, dashed=dashed)
            total = int(which.sum())
            count = f"{total:,}" if len(drawn) == total else f"{len(drawn):,} of {total:,}"
            entries.append((mark, f"{count} {words}"))
        if Layer.BOX in self._layers and a.has("box") and len(a.box.corners):
            for pane, points in ((panes[0], hr), (panes[1], lr)):
                corners = a.box.corners[pane.visible(self._camera, points[a.box.corners])]
                overlays.corner_marks(painter, pane.to_screen(self._camera, points[corners]))
        return entries

    def _window_counts(self, a: Analysis) -> list[LegendEntry]:
        if not a.has("patches"):
            return []
        kept = int(a.patches.kept.sum())
        rejected = int(a.patches.candidates.sum()) - kept
        counts = (
            (Layer.KEPT_WINDOWS, "kept", f"{kept:,} kept windows"),
            (Layer.REJECTED_WINDOWS, "rejected", f"{rejected:,} rejected windows"),
        )
        return [(mark, text) for layer, mark, text in counts if layer in self._layers]

    def _paint_captions(self, painter: QPainter) -> None:
        if self._image is None:
            return
        panes = self.panes()
        for pane, text in zip(panes, self._captions(self._image), strict=True):
            overlays.caption(painter, pane, text)

    def _captions(self, image: SourceImage) -> tuple[str, ...]:
        a = self._analysis
        if self._single:
            return ("Source  {} x {} px".format(*image.size),)
        if a is None or not a.has("pair"):
            return ("HR", "LR  is being made")
        (width, height), scale = a.pair.size, a.pair.scale
        lr = f"LR  {width // scale} x {height // scale} px, drawn x{scale}"
        return (f"HR  {width} x {height} px", lr)


def _whole_pixels(pane: Pane) -> QRect:
    left, top = int(pane.left), int(pane.top)
    return QRect(left, top, int(pane.left + pane.width) - left, int(pane.top + pane.height) - top)
