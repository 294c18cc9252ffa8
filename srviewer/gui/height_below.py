"""How high what is below the picture is: its part of the window, until a person moves its edge."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from srviewer.gui.widgets.dock import Dock, lowest_edge

_LOWEST, _PART = 236, 0.28  # px at first, or of the window's
_NEAR = 10  # px that Qt gives more or less, and its divider


class HeightBelow:
    """Gives the panels below the picture of `window` their height."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._given: int | None = None  # until a person moves the edge
        self._unknown = False  # whether it is the height that they have, until they are seen

    def begin(self, *, unknown: bool = False) -> None:
        """Take the height anew that they have at first in a window as high as this.

        It is `unknown` whether they have it where they were put back to where they had been.
        """
        self._given = max(_LOWEST, round(_PART * self._window.height()))
        self._unknown = unknown

    def give(self, panels: Sequence[Dock]) -> None:
        """Give `panels` their height, if nobody gave them another."""
        if panels and self._given is not None:
            self._window.resizeDocks([panels[0]], [self._given], Qt.Orientation.Vertical)

    def leave_moved(self, seen: Sequence[Dock]) -> None:
        """Leave them alone from now on where a person has moved the edge of those that are seen."""
        picture = self._window.centralWidget()
        if not seen or self._given is None or picture is None:
            return
        there = lowest_edge(self._window) - picture.geometry().bottom() - 1
        squeezed = picture.height() <= picture.minimumSizeHint().height() and there < self._given
        if abs(there - self._given) > _NEAR and not squeezed:
            self._given = None

    def follow(self, seen: Sequence[Dock], panels: Sequence[Dock]) -> None:
        """Let `panels` keep their part of a window that has another height."""
        self.leave_moved(seen)
        if self._given is not None and (seen or not self._unknown):
            self.begin()
            self.give(panels)
