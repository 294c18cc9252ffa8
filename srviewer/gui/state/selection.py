"""What a person asks about, and where it is in an analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from srviewer.pipeline.analysis import Analysis


@dataclass(frozen=True)
class Selected:
    """A match or a window, by its number in the analysis."""

    kind: Literal["match", "window"]
    index: int

    def is_in(self, analysis: Analysis | None) -> bool:
        """Tell whether `analysis` knows of it."""
        if analysis is None:
            return False
        if self.kind == "match":
            return analysis.has("consistent") and self.index < len(analysis.matches)
        return analysis.has("patches") and self.index < len(analysis.windows)

    def is_same_in(self, before: Analysis | None, now: Analysis | None) -> bool:
        """Tell whether its number means the same in both."""
        stage = "matches" if self.kind == "match" else "windows"
        known = before is not None and now is not None
        return known and getattr(before, stage) is getattr(now, stage)

    def point_in(self, analysis: Analysis) -> tuple[float, float]:
        """Return the HR point (x, y) that it is at."""
        if self.kind == "match":
            x, y = analysis.matches.hr_points[self.index]
            return float(x), float(y)
        windows, half = analysis.windows, (analysis.windows.patch - 1) / 2
        return float(windows.x[self.index] + half), float(windows.y[self.index] + half)

    def stepped(self, analysis: Analysis, step: int) -> Selected | None:
        """Return the match `step` further, or the candidate window; None where there is none."""
        if self.kind == "match":
            return Selected("match", (self.index + step) % len(analysis.matches))
        candidates = np.flatnonzero(analysis.patches.candidates)
        if not len(candidates):
            return None
        nearest = int(np.searchsorted(candidates, self.index))
        return Selected("window", int(candidates[(nearest + step) % len(candidates)]))
