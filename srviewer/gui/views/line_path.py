"""Lines that are painted together."""

from typing import TYPE_CHECKING

from srviewer.pipeline.arrays import Floats

if TYPE_CHECKING:
    from PySide6.QtGui import QPainterPath


def line_path(ends: Floats) -> "QPainterPath":
    """Return lines as a path: `ends`, shape (2 N, 2), has the two ends of each after each other."""
    from pyqtgraph import arrayToQPath  # loaded with the first analysis, not before the window

    path: QPainterPath = arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs")
    return path
