"""The scatter of displacements: clicks and keys ask about a match, the wheel comes closer."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QVBoxLayout

from srviewer.gui.theme import current_theme
from srviewer.gui.views.plot_frame import CLICK, PlotFrame
from srviewer.gui.views.scattered import Scattered
from srviewer.gui.widgets.building import filled
from srviewer.gui.widgets.field_keys import ARROWS
from srviewer.pipeline.displacement import MatchClass

if TYPE_CHECKING:
    from srviewer.gui.views.scatter_plot import ScatterPlot

_REACH = 14  # screen pixels from a point where a click still means it
_FIGURES = 0.85  # of the font's size
_STEP = 1.3  # of the zoom
_OUTWARDS: dict[int, int] = ARROWS | {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}
_CLOSER = {Qt.Key.Key_Plus: _STEP, Qt.Key.Key_Equal: _STEP, Qt.Key.Key_Minus: 1 / _STEP}
_ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_HELP = (
    "<p>Click a point to go to its match; arrow keys go on to matches that are displaced more "
    "(Right, Up) or less (Left, Down), Esc asks about none.<br>The wheel, or + and -, comes "
    "closer; drag to move; a double-click, or Home, shows all again.<br>Dashed: the tolerance of "
    "the test <i>position</i> round the place where matches are expected. Cross: where most are, "
    "in its 95 % region.</p>"
)


class Scatter(PlotFrame):
    """Shows displacements, and lets a person pick one.

    Signals
    -------
    picked(match)
        A match is asked about, by its number; None for no more.
    looked
        Other axes are shown.
    """

    picked = Signal(object)
    looked = Signal()

    def __init__(self) -> None:
        super().__init__("displacement_scatter")
        self.setAccessibleName("Displacements of the matches")
        self.setToolTip(_HELP)
        self.setMinimumSize(180, 130)
        self._scattered: Scattered | None = None
        self._selected: int | None = None
        self._pressed: QPoint | None = None
        self._dragged: QPoint | None = None
        self._moved_by_hand = False
        filled(QVBoxLayout(self), self.place, grows=self.place, margins=(3, 3, 3, 3))
        self.restyle()

    @cached_property
    def plot(self) -> "ScatterPlot":
        """What draws the points, made with the first ones."""
        from srviewer.gui.views.scatter_plot import ScatterPlot

        plot = ScatterPlot()
        self.put(plot)
        plot.restyle(current_theme(), self.sized_font(_FIGURES))
        return plot

    def restyle(self) -> None:
        """Take the colours of the current theme."""
        if self.has_plot:
            self.plot.restyle(current_theme(), self.sized_font(_FIGURES))
        self.update()

    # Showing

    def say(self, words: str) -> None:
        """Show `words` instead of points."""
        self._scattered, self.words = None, words
        if self.has_plot:
            self.plot.show_scattered(None)
        self.place.hide()
        self.setAccessibleDescription(words)
        self.update()

    def show_scattered(self, new: Scattered) -> None:
        """Show displacements; of other matches the axes show all of them that agree."""
        is_new = self._scattered is None or self._scattered.points is not new.points
        self._scattered, self.words = new, ""
        self.place.show()
        self.plot.show_scattered(new)
        if is_new:
            self.show_all()
        self._show_mark()

    @property
    def scattered(self) -> Scattered | None:
        """What is shown."""
        return self._scattered

    @property
    def beyond(self) -> int:
        """How many of the points that are shown lie beyond the axes."""
        new = self._scattered
        return 0 if new is None else self.plot.beyond(new.points[new.index])

    def show_all(self) -> None:
        """Show the tolerance, and where most matches are."""
        self._moved_by_hand = False
        if self._scattered is not None:
            self.plot.look_at(_home_of(self._scattered))
            self._look()

    def show_selected(self, match: int | None) -> None:
        """Ring a match."""
        self._selected = match
        self._show_mark()

    def _show_mark(self) -> None:
        new, match = self._scattered, self._selected
        there = new is not None and match is not None and match < len(new.points)
        if self.has_plot:
            self.plot.show_mark(new.points[match] if there and new is not None else None)

    def _look(self) -> None:
        self._show_mark()  # it lies at the border where its place is beyond
        self.looked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep showing all, where nobody has moved it."""
        super().resizeEvent(event)
        if not self._moved_by_hand:
            self.show_all()

    # Gestures

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._dragged = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        at = event.position().toPoint()
        if self._dragged is None or self._scattered is None:
            return
        if self._pressed is not None and (at - self._pressed).manhattanLength() <= CLICK:
            return
        self._pressed = None
        self.plot.pan(at - self._dragged)
        self._dragged = at
        self._on_moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; a click asks about the nearest match, or where there is none about none."""
        pressed, self._pressed, self._dragged = self._pressed, None, None
        if pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.match_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all again."""
        self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Come closer to what is under the pointer."""
        steps = event.angleDelta().y() / 120
        if steps and self._scattered is not None:
            self.plot.zoom(_STEP**steps, self.in_plot(event))
            self._on_moved()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on to the match that is displaced more, or less; come closer."""
        key, step = Qt.Key(event.key()), _OUTWARDS.get(event.key())
        if self._scattered is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        elif step is not None:
            self._step(step)
        elif key in _CLOSER:
            self.plot.zoom(_CLOSER[key])
            self._on_moved()
        elif key == Qt.Key.Key_Home:
            self.show_all()
        elif key == Qt.Key.Key_Escape and self._selected is not None:
            self.picked.emit(None)
        else:
            super().keyPressEvent(event)

    def _on_moved(self) -> None:
        self._moved_by_hand = True
        self._look()

    def match_at(self, at: QPoint) -> int | None:
        """Return the match that is shown nearest to a point of this widget, None without one."""
        new = self._scattered
        if new is None or not len(new.index):
            return None
        away = new.points[new.index] - self.plot.value_at(self.plot.mapFrom(self, at))
        distance = np.hypot(*away.T) / self.plot.pixel
        nearest = int(np.argmin(distance))
        return int(new.index[nearest]) if distance[nearest] <= _REACH else None

    def _step(self, step: int) -> None:
        """Ask about the shown match that is displaced next more, or less, than the selected one."""
        new = self._scattered
        if new is None or not len(new.index):
            return
        order = new.index[np.argsort(np.hypot(*new.points[new.index].T), kind="stable")]
        at = np.flatnonzero(order == self._selected)
        if len(at):
            self.picked.emit(int(order[(at[0] + step) % len(order)]))
        else:
            self.picked.emit(int(order[0 if step > 0 else -1]))


def _home_of(new: Scattered) -> float:
    """Return the LR px from the expected place to the edge that show most, a round number."""
    wanted = 1.35 * new.tolerance
    kept = new.points[new.classes <= MatchClass.KEPT_DISPLACED]
    if len(kept):  # but for a few that are far away
        most = float(np.percentile(np.abs(kept).max(axis=1), 95))
        wanted = max(wanted, min(1.15 * most, 5 * new.tolerance))
    if new.centre is not None:
        away = float(np.abs(new.centre.at).max())
        wanted = max(wanted, 1.15 * away + 5 * new.centre.spread)
    ten = 10.0 ** np.floor(np.log10(wanted))
    return float(next((ten * one for one in _ROUND if ten * one >= wanted), 10 * ten))
