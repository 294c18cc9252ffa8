"""The pair canvas: HR and LR under one camera, with what the pipeline found drawn over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.layers import (
    DISPLACEMENT_LAYERS,
    TWO_PANES,
    Arrangement,
    Layer,
    Scale,
)
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import DARK
from srviewer.gui.views import legend, picking
from srviewer.gui.views.camera import (
    CLOSEST,
    FARTHEST,
    Camera,
    Pane,
    fitting,
    side_by_side,
    stacked,
)
from srviewer.gui.views.frame import Frame
from srviewer.gui.views.painting import FramePainter
from srviewer.gui.views.pair_pictures import PairPictures, Placed, Pointed, Titles
from srviewer.gui.views.picture_painting import GAP
from srviewer.gui.views.pictures import Picture
from srviewer.gui.widgets.focus import paint_ring
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.reading import SourceImage

_ZOOM_STEP = 1.25
_SMALLEST_TO_SEE = 0.5  # screen pixels for an HR pixel at which a window is still told apart
_CLICK = 4  # screen pixels that a click may move
_NEAR, _FAR = 16, 64  # screen pixels that an arrow key moves the picture
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_DIVIDER = 6  # screen pixels beside the swipe's divider where it is taken hold of


class PairCanvas(QWidget):
    """Shows an image or an analysis; a person pans and zooms both panes at once.

    It is told what to show by `show_image`, `set_layers` and the like, and tells where the pointer
    is. The camera changes by hand or by `fit` and the like, never by new results.
    """

    pointed = Signal(object)
    picked = Signal(object)
    stepped = Signal(int)
    camera_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("HR and LR")
        self._shown = Frame()
        self._source: Picture | None = None
        self._pictures: PairPictures | None = None
        self._fitted = True
        self._size: tuple[int, int] | None = None
        self._pointer: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self._swipe = 0.5
        self._swiping = False
        self._flipped = False
        self._problem: str | None = None
        self._wrong = True
        self._painter = FramePainter()
        self._pointed: Pointed | None = None

    # What is shown

    @property
    def camera(self) -> Camera:
        """Where the person looks."""
        return self._shown.camera

    @property
    def arrangement(self) -> Arrangement:
        """How HR and LR are put on it."""
        return self._shown.arrangement

    @property
    def is_fitted(self) -> bool:
        """Whether all of the image is shown, whatever its own size becomes."""
        return self._fitted

    def _show(self, **what: Any) -> None:
        """Show other values of the frame."""
        self._shown = replace(self._shown, **what)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for both panes."""
        return QSize(900, 600)

    def clear(self) -> None:
        """Show nothing."""
        self.show_image(None)

    def show_image(
        self, image: SourceImage | None, a: Analysis | None = None, titles: Titles | None = None
    ) -> None:
        """Show an image with what is known of it; what has not run yet is not drawn."""
        is_new = image is not self._shown.image
        self._show(image=image, analysis=a)
        if is_new:
            self._source = None if image is None else Picture(image.rgb, image.size)
        pair = a.pair if a is not None and a.has("pair") else None
        if pair is not (self._pictures and self._pictures.pair):
            self._pictures = None if pair is None else PairPictures(pair, titles)
        if image is not None and is_new:
            # Images of one size are compared at one place: then the camera stays.
            if self._fitted or self._size != image.size:
                self.fit()
            self._size = image.size
        self._point(self._pointer if a is not None else None)  # another window may be under it

    def set_layers(self, layers: frozenset[Layer]) -> None:
        """Draw these over the pair."""
        self._show(layers=layers)
        self._point(self._pointer)

    def set_single(self, single: bool) -> None:
        """Show the source alone instead of the pair."""
        self._show(single=single)
        self._fit_again()

    def set_arrangement(self, arrangement: Arrangement) -> None:
        """Put HR and LR into two panes or on each other, or show their difference."""
        self._show(arrangement=arrangement)
        self._fit_again()

    def set_scale(self, scale: Scale) -> None:
        """Put the difference into these colours."""
        self._show(scale=scale)
        self._point(self._pointer)

    def set_opacities(self, opacities: Mapping[Layer, float]) -> None:
        """Draw layers so opaque."""
        self._show(opacities=opacities)

    def set_displacement(self, look: DisplacementLook) -> None:
        """Draw arrows and the field so."""
        self._shown = replace(self._shown, displacement=look)
        if self._shown.layers & DISPLACEMENT_LAYERS:
            self.update()

    def _fit_again(self) -> None:
        if self._fitted:
            self.fit()
        self._point(self._pointer)  # something else may be drawn there

    def set_flipped(self, flipped: bool) -> None:
        """Show the enlarged LR in the place of HR."""
        self._flipped = flipped
        self.update()
        self._point(self._pointer)

    def set_selection(self, selection: Selected | None) -> None:
        """Let a match stand alone, or mark a window."""
        self._show(selection=selection)

    def set_problem(self, problem: str | None, *, wrong: bool = True) -> None:
        """Say on the picture why nothing can be made of it, or no more; a hint is not `wrong`."""
        self._problem, self._wrong = problem, wrong
        self.update()

    def set_other(self, other: Analysis | None) -> None:
        """Compare with the analysis under another recipe."""
        self._show(other=other)

    def go_to(self, x: float, y: float) -> None:
        """Bring an HR point into view, close enough to see a window of it."""
        pane = self.panes()[0]
        seen = pane.visible(self.camera, np.array([(x, y)]))[0]
        close = max(self.camera.zoom, _SMALLEST_TO_SEE)
        if not seen or close != self.camera.zoom:
            self.set_camera(Camera(x, y, close))

    def panes(self) -> tuple[Pane, ...]:
        """Return the panes: HR's and LR's, or one where they lie on each other."""
        how = self._shown.arrangement
        if self._shown.single or how not in TWO_PANES:
            return (Pane(0, 0, max(self.width(), 1), max(self.height(), 1)),)
        split = stacked if how is Arrangement.STACKED else side_by_side
        return split(self.width(), self.height(), GAP)

    # The camera

    def set_camera(self, camera: Camera) -> None:
        """Look elsewhere; the camera stays on the image."""
        if self._shown.image is not None:
            camera = camera.kept_on(self._shown.image.size)
        self._fitted = False
        self._show(camera=camera)
        self.camera_changed.emit()
        self._point(self._pointer)

    def fit(self) -> None:
        """Show all of the image, and keep doing so when the window's size changes."""
        if self._shown.image is None:
            return
        pane = self.panes()[0]
        self._show(camera=fitting(self._shown.image.size, (pane.width, pane.height)))
        self._fitted = True
        self.camera_changed.emit()
        self._point(self._pointer)

    def actual_size(self) -> None:
        """Show one HR pixel as one device pixel."""
        self.zoom_to(1 / self.devicePixelRatioF())

    def zoom_to(self, zoom: float) -> None:
        """Show one HR pixel as so many screen pixels, as far as the camera goes."""
        self.set_camera(replace(self.camera, zoom=min(max(zoom, FARTHEST), CLOSEST)))

    def zoom_in(self) -> None:
        """Come closer by one step."""
        self.set_camera(self.camera.zoomed(_ZOOM_STEP))

    def zoom_out(self) -> None:
        """Go farther away by one step."""
        self.set_camera(self.camera.zoomed(1 / _ZOOM_STEP))

    # Gestures

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle in the middle, or all of the image in view."""
        self._fit_again()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        pane = self._pane_at(event.position())
        steps = event.angleDelta().y() / 120
        if pane is None or not steps:
            return
        dx, dy = event.position().x() - pane.middle[0], event.position().y() - pane.middle[1]
        self.set_camera(self.camera.zoomed(_ZOOM_STEP**steps, dx, dy))
        self._point(event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture, or of the divider."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        self._pressed_at = self._dragged_from = event.position()
        self._swiping = self._at_divider(event.position())
        if not self._swiping:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture or the divider, or tell what is pointed at."""
        pressed = self._pressed_at
        if pressed is not None and (event.position() - pressed).manhattanLength() > _CLICK:
            self._pressed_at = None  # a drag, even where it comes back
        self._pointer = event.position()
        if self._swiping:
            self._swipe = min(max(event.position().x() / max(self.width(), 1), 0.0), 1.0)
            self.update()
        elif self._dragged_from is not None:
            moved = event.position() - self._dragged_from
            self._dragged_from = event.position()
            self.set_camera(self.camera.moved(moved.x(), moved.y()))
        elif self._at_divider(event.position()):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.unsetCursor()
        self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture; a click without a drag asks what is there."""
        pressed, self._pressed_at = self._pressed_at, None
        still = pressed is not None and (event.position() - pressed).manhattanLength() <= _CLICK
        if still and not self._swiping and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._pick(event.position()))
        self._dragged_from = None
        self._swiping = False
        self.unsetCursor()

    def _at_divider(self, position: QPointF) -> bool:
        swipes = self._shown.arrangement is Arrangement.SWIPE and not self._shown.single
        return swipes and abs(position.x() - self.width() * self._swipe) <= _DIVIDER

    def _pick(self, position: QPointF) -> Selected | None:
        """Return the match whose end is at `position`, or else the window there."""
        match = picking.match_at(self._frame(), position.x(), position.y())
        if match is not None:
            return Selected("match", match)
        return _window_of(self._pointed_at(position))

    def window_at(self, position: QPoint) -> Selected | None:
        """Return the window that is drawn at `position`, None without one."""
        return _window_of(self._pointed_at(QPointF(position)))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the point, close enough to see pixels."""
        pane = self._pane_at(event.position())
        if pane is not None:
            x, y = pane.to_image(self.camera, event.position().x(), event.position().y())
            self.set_camera(Camera(x, y, max(self.camera.zoom, 8 / self.devicePixelRatioF())))

    def leaveEvent(self, event: object) -> None:
        """Point at nothing."""
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan with the arrow keys, or step from match to match and window to window."""
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key, asks = event.key(), self._shown.selection is not None
        direction = _ARROWS.get(Qt.Key(key))
        if asks and key == Qt.Key.Key_Escape:
            self.picked.emit(None)
        elif direction is None:
            super().keyPressEvent(event)
        elif asks and not far:
            self.stepped.emit(sum(direction))
        else:
            step = _FAR if far else _NEAR
            self.set_camera(self.camera.moved(-step * direction[0], -step * direction[1]))

    def _pane_at(self, position: QPointF) -> Pane | None:
        found = [pane for pane in self.panes() if pane.contains(position.x(), position.y())]
        return found[0] if found and self._shown.image is not None else None

    def _point(self, position: QPointF | None) -> None:
        self._pointer = position
        pointed = self._pointed_at(position) if position is not None else None
        if pointed != self._pointed:
            before, self._pointed = self._pointed, pointed
            self.pointed.emit(pointed)
            if _window_of(before) != _window_of(pointed):
                self.update()

    def _pointed_at(self, position: QPointF) -> Pointed | None:
        pane = self._pane_at(position)
        if pane is None:
            return None
        x, y = pane.to_image(self.camera, position.x(), position.y())
        a = self._shown.findings
        placed = self._placed(self.panes())
        if len(placed) == 2 and placed[0].pane is placed[1].pane:  # swiped: one shows here
            placed = tuple(one for one in placed if one.clip.contains(position.x(), position.y()))
        told = ((one.name, one.picture.told_at(x, y)) for one in placed)
        values = tuple((name, words) for name, words in told if words is not None)
        if not values:
            return None
        window = picking.window_at(a, self._shown.layers, x, y) if a is not None else None
        column, row = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
        return Pointed(column, row, values, window)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is shown."""
        painter = QPainter(self)
        self._painter.paint(painter, self._frame())
        if self._problem:
            legend.message(painter, self.width(), self.height(), self._problem, wrong=self._wrong)
        if self.hasFocus():
            paint_ring(painter, self.rect(), DARK.accent)  # as dark in both themes
        painter.end()

    def render_to(self, painter: QPainter) -> None:
        """Draw what is shown into a file or another picture of the canvas's size."""
        self._painter.paint_directly(painter, self._frame())

    def _frame(self) -> Frame:
        panes = self.panes()
        return replace(
            self._shown,
            size=self.size(),
            ratio=self.devicePixelRatioF(),
            placed=self._placed(panes),
            hr_pane=panes[0],
            lr_pane=panes[-1],
            hovered=_window_of(self._pointed),
        )

    def _placed(self, panes: tuple[Pane, ...]) -> tuple[Placed, ...]:
        """Return the pictures with their captions; the source until there is a pair."""
        shown, pictures = self._shown, self._pictures
        if shown.image is None or self._source is None:
            return ()
        if pictures is not None and shown.findings is not None:
            cut, how = round(self.width() * self._swipe), shown.arrangement
            recipe = shown.findings.recipe
            return pictures.placed(
                recipe, panes, how, cut, flipped=self._flipped, scale=shown.scale
            )
        caption = "HR" if self._problem else "HR; its pair is being made"
        if shown.single:
            caption = "Source  {} x {} px".format(*shown.image.size)
        return (Placed(self._source, panes[0], panes[0], caption, "HR"),)


def _window_of(pointed: Pointed | None) -> Selected | None:
    """Return the window that is pointed at, None without one."""
    window = pointed.window if pointed is not None else None
    return Selected("window", window) if window is not None else None
