"""The way to a window of an image that may not be read yet."""

import numpy as np
from PySide6.QtCore import QObject

from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.pipeline.analysis import Analysis


class Visit(QObject):
    """Looks at an image, and at a window of it as soon as its windows are known."""

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted: tuple[Entry, int, int, int] | None = None
        model.current_changed.connect(self._on_current)
        model.analysis_changed.connect(self._go_on)

    def go_to(self, entry: Entry, x: int, y: int, patch: int) -> None:
        """Look at `entry` where its window of `patch` HR pixels has its corner."""
        self._wanted = None
        if entry is not self._model.current:
            self._model.look_at(entry)
        self._model.show_data_set(False)
        self._wanted = (entry, x, y, patch)
        self._go_on()

    def _on_current(self) -> None:
        self._wanted = None

    def _go_on(self) -> None:
        model, analysis = self._model, self._model.analysis
        if self._wanted is None or analysis is None or not analysis.has("patches"):
            return
        entry, x, y, patch = self._wanted
        self._wanted = None
        if entry is not model.current:
            return
        window = _window_at(analysis, x, y, patch)
        if window is not None:
            model.select(Selected("window", window), go_there=True)
        else:  # under another recipe there may be none
            half = (patch - 1) / 2
            model.go_requested.emit(x + half, y + half)


def _window_at(analysis: Analysis, x: int, y: int, patch: int) -> int | None:
    windows = analysis.windows
    found = np.flatnonzero((windows.x == x) & (windows.y == y))
    return int(found[0]) if len(found) and windows.patch == patch else None
