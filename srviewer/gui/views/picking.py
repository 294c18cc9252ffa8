"""Which match or window is at a point of the canvas."""

from __future__ import annotations

import numpy as np

from srviewer.gui.state.layers import WINDOW_LAYERS, Layer
from srviewer.gui.views.match_classes import match_classes, match_points
from srviewer.gui.views.painting import Frame
from srviewer.pipeline.analysis import Analysis

_REACH = 9.0  # screen pixels from a match's end where a click still means it


def match_at(frame: Frame, x: float, y: float) -> int | None:
    """Return the shown match with an end nearest to the screen point (x, y), None without."""
    a, camera, panes = frame.findings, frame.camera, (frame.hr_pane, frame.lr_pane)
    if a is None or not a.has("matches"):
        return None
    shown = np.zeros(len(a.matches), bool)
    for one in match_classes(a, frame.layers):
        shown |= one.which
    hr, lr = match_points(a)
    # An end beyond its own pane would lie in the other one.
    shown &= panes[0].visible(camera, hr) & panes[1].visible(camera, lr)
    index = np.flatnonzero(shown)
    if not len(index):
        return None
    distances = [
        np.hypot(*(pane.to_screen(camera, points[index]) - (x, y)).T)
        for pane, points in zip(panes, (hr, lr), strict=True)
    ]
    nearest = np.minimum(*distances)
    best = int(np.argmin(nearest))
    return int(index[best]) if nearest[best] <= _REACH else None


def window_at(a: Analysis, layers: frozenset[Layer], x: float, y: float) -> int | None:
    """Return the candidate window whose middle is nearest to the HR point (x, y)."""
    if not a.has("patches") or not layers & WINDOW_LAYERS:
        return None
    windows = a.windows
    start = (windows.patch - windows.stride) / 2 - 0.5
    column, row = int((x - start) // windows.stride), int((y - start) // windows.stride)
    if 0 <= column < windows.columns and 0 <= row < windows.rows:
        window = row * windows.columns + column
        return window if a.patches.candidates[window] else None
    return None
