"""Maps over the windows of an image: how much each holds, and which of two recipes keeps it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.analysis import Analysis

BOTH, ONLY_A, ONLY_B = 1, 2, 3  # what `kept_by` tells apart


@dataclass(frozen=True, eq=False)
class Heat:
    """How much each window holds.

    Attributes
    ----------
    values : ndarray of float, shape (N,)
    top : float
        The end of the scale; what is above it looks the same.
    top_label, unit : str
    """

    values: NDArray[np.floating]
    top: float
    top_label: str
    unit: str


def heat_of(a: Analysis) -> Heat:
    """Return the texture of each window."""
    measure, values = a.texture.measure, a.texture.deciding
    if measure.share:
        return Heat(values, 0.5, "50 %", measure.things)
    top = max(int(np.percentile(values, 99)) if len(values) else 0, 10)
    return Heat(values.astype(np.float64), top, f"{top}+", measure.things)


def kept_by(a: Analysis, b: Analysis | None) -> NDArray[np.uint8] | None:
    """Return which of two analyses keeps each window, None where their windows differ.

    Each entry is `BOTH`, `ONLY_A`, `ONLY_B`, or 0 for neither; shape (N,).
    """
    if b is None or not b.has("patches") or not a.has("patches"):
        return None
    same = (a.windows.patch, a.windows.stride) == (b.windows.patch, b.windows.stride)
    if not same or len(a.windows) != len(b.windows):
        return None
    by_a, by_b = a.patches.kept, b.patches.kept
    found = np.select([by_a & by_b, by_a, by_b], [BOTH, ONLY_A, ONLY_B])
    return found.astype(np.uint8)
