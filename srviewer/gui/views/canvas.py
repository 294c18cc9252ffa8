"""The pair canvas: what a person does to HR and LR by mouse and keys."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from srviewer.gui.state.layers import Arrangement
from srviewer.gui.state.selection import Selected
from srviewer.gui.views import picking
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.frame import Pointed
from srviewer.gui.views.pair_area import ZOOM_STEP, PairArea

_CLICK = 4  # screen pixels that a click may move
_NEAR, _FAR = 16, 64  # screen pixels that an arrow key moves the picture
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_DIVIDER = 6  # screen pixels beside the swipe's divider where it is taken hold of


class PairCanvas(PairArea):
    """A person pans and zooms both panes at once, points at things, and picks them.

    Signals
    -------
    pointed(what)
        A `Pointed`, or None where the pointer is nowhere.
    picked(selected)
        A match or a window was clicked; None for neither.
    stepped(step)
        The next match or window is asked about.
    """

    pointed = Signal(object)
    picked = Signal(object)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pointer: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self._swiping = False
        self._pointed: Pointed | None = None

    def point_again(self, *, anywhere: bool = True) -> None:
        """Tell what is pointed at: something else may be drawn there now."""
        self._point(self._pointer if anywhere else None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        pane = self._pane_at(event.position())
        steps = event.angleDelta().y() / 120
        if pane is None or not steps:
            return
        dx, dy = event.position().x() - pane.middle[0], event.position().y() - pane.middle[1]
        self.set_camera(self.camera.zoomed(ZOOM_STEP**steps, dx, dy))
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
            before, self._pointed = self.hovered, pointed
            self.hovered = _window_of(pointed)
            self.pointed.emit(pointed)
            if before != self.hovered:
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


def _window_of(pointed: Pointed | None) -> Selected | None:
    """Return the window that is pointed at, None without one."""
    window = pointed.window if pointed is not None else None
    return Selected("window", window) if window is not None else None
