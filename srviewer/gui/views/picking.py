"""Which match or window is at a point of the canvas."""

import numpy as np

from srviewer.gui.state.layers import WINDOW_LAYERS, Layer
from srviewer.gui.views.displacement_overlay import expected_places
from srviewer.gui.views.frame import Frame
from srviewer.gui.views.match_classes import match_classes, match_points
from srviewer.pipeline.analysis import Analysis

_REACH = 9.0  # screen pixels from a match's end where a click still means it


def match_at(frame: Frame, x: float, y: float) -> int | None:
    """Return the shown match with an end nearest to the screen point (x, y), None without one.

    An arrow of a displacement is picked where it begins.
    """
    a, camera, panes = frame.findings, frame.camera, (frame.hr_pane, frame.lr_pane)
    if a is None or not a.has("matches"):
        return None
    shown = np.zeros(len(a.matches), bool)
    for one in match_classes(a, frame.layers):
        shown |= one.which
    hr, lr = match_points(a)
    # An end beyond its own pane would lie in the other one.
    shown &= panes[0].visible(camera, hr) & panes[1].visible(camera, lr)
    ends = [(panes[0], hr, shown), (panes[1], lr, shown)]
    if Layer.ARROWS in frame.layers and a.has("consistent"):
        look, begin = frame.displacement, expected_places(a)
        drawn = np.isin(look.classes(a), [int(one) for one in look.shown])
        ends.append((panes[1], begin, drawn & panes[1].visible(camera, begin)))
    best, nearest = None, _REACH
    for pane, points, which in ends:
        index = np.flatnonzero(which)
        away = np.hypot(*(pane.to_screen(camera, points[index]) - (x, y)).T)
        if len(index) and away.min() <= nearest:
            best, nearest = int(index[np.argmin(away)]), float(away.min())
    return best


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
