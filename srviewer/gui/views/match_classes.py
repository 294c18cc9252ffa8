"""Which matches are drawn alike, and where their ends are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from srviewer.gui.state.layers import Layer
from srviewer.gui.theme import KEPT, NEUTRAL, REJECTED
from srviewer.gui.views.camera import lr_in_hr
from srviewer.pipeline.analysis import Analysis


@dataclass(frozen=True)
class DrawnMatches:
    """Matches that are drawn alike; `kind` is the start of what they and their line are called."""

    layer: Layer
    which: NDArray[np.bool_]
    color: QColor
    kind: str


def match_classes(a: Analysis, layers: frozenset[Layer]) -> list[DrawnMatches]:
    """Return the classes of matches that `layers` show; the last is drawn on top."""
    if not a.has("matches"):
        return []
    classes = [DrawnMatches(Layer.ALL_MATCHES, np.ones(len(a.matches), bool), NEUTRAL, "")]
    if a.has("consistent"):
        kept = a.consistent.kept
        classes.append(DrawnMatches(Layer.REJECTED_MATCHES, ~kept, REJECTED, "rejected "))
        classes.append(DrawnMatches(Layer.KEPT_MATCHES, kept, KEPT, "kept "))
    return [one for one in classes if one.layer in layers]


def match_points(a: Analysis) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the HR and LR ends of the matches, shape (M, 2) each, both in HR pixels."""
    return a.matches.hr_points.astype(np.float64), lr_in_hr(a.matches.lr_points, a.pair.scale)
