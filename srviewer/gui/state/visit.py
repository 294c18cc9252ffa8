"""The way to a place in an image that may not be read yet."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.pipeline.analysis import Analysis


class Visit(QObject):
    """Looks at an image, and at a place in it as soon as what is needed for that is known."""

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted: tuple[Callable[[], bool], Callable[[], None]] | None = None
        model.current_changed.connect(self._on_current)
        model.analysis_changed.connect(self._go_on)

    def go_to(self, entry: Entry, x: int, y: int, patch: int) -> None:
        """Look at `entry` where its window of `patch` HR pixels has its corner."""
        self._look_at(entry)
        self._model.show_data_set(False)
        self._go_when(self._knows_windows, partial(self._go_to_window, x, y, patch))

    def look_at(self, entry: Entry, look: Callable[[], None]) -> None:
        """Look at `entry`, and have `look` called once it is read, where no other is by then."""
        self._look_at(entry)
        self._go_when(lambda: self._model.image is not None, look)

    def _look_at(self, entry: Entry) -> None:
        self._wanted = None
        if entry is not self._model.current:
            self._model.look_at(entry)

    def _go_when(self, known: Callable[[], bool], go: Callable[[], None]) -> None:
        self._wanted = known, go
        self._go_on()

    def _on_current(self) -> None:
        self._wanted = None

    def _go_on(self) -> None:
        if self._wanted is not None and self._wanted[0]():
            (_, go), self._wanted = self._wanted, None
            go()

    def _knows_windows(self) -> bool:
        analysis = self._model.analysis
        return analysis is not None and analysis.has("patches")

    def _go_to_window(self, x: int, y: int, patch: int) -> None:
        model, analysis = self._model, self._model.analysis
        window = None if analysis is None else _window_at(analysis, x, y, patch)
        if window is not None:
            model.select(Selected("window", window), go_there=True)
        else:  # under another recipe there may be none
            half = (patch - 1) / 2
            model.go_requested.emit(x + half, y + half)


def _window_at(analysis: Analysis, x: int, y: int, patch: int) -> int | None:
    windows = analysis.windows
    found = np.flatnonzero((windows.x == x) & (windows.y == y))
    return int(found[0]) if len(found) and windows.patch == patch else None
