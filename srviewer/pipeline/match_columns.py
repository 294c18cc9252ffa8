"""The columns of matches: what is known of each. A new one is an entry of `COLUMNS`."""

from __future__ import annotations

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.displacement import classes_of
from srviewer.pipeline.verdicts import Verdict

MatchColumn = Column[Analysis]

MATCH_WORDS = ("kept", "kept, though displaced", "rejected, though in place", "rejected")
"""Every verdict on a match in short, in the order in which they are sorted."""


def match_ranks(a: Analysis) -> Values:
    """Return for each match which of `MATCH_WORDS` is its verdict."""
    return classes_of(a.consistent.kept, a.consistent.inlier)


def _rank(a: Analysis, match: int) -> int:
    kept, inlier = a.consistent.kept[match], a.consistent.inlier[match]
    return (0 if inlier else 1) if kept else (2 if inlier else 3)


def _mark(a: Analysis, match: int) -> Verdict:
    # A match has no reasons as a window has: any of the rejecting verdicts has the cross.
    return Verdict.KEPT if a.consistent.kept[match] else Verdict.FEW_MATCHES


def _displacement(a: Analysis) -> Values:
    dx, dy = a.consistent.displacement.T
    length: Values = np.hypot(dx, dy)
    return length


NUMBER = MatchColumn(
    "match", "Match", "", "its number, as the inspector has it", lambda a: np.arange(len(a.matches))
)
X = MatchColumn("x", "x", "px", "of its keypoint in HR", lambda a: a.matches.hr_points[:, 0], 1, 2)
Y = MatchColumn("y", "y", "px", "of its keypoint in HR", lambda a: a.matches.hr_points[:, 1], 1, 2)
LR_X = MatchColumn(
    "lr_x",
    "LR x",
    "px",
    "of its keypoint in LR",
    lambda a: a.matches.lr_points[:, 0],
    1,
    2,
    shown=False,
)
LR_Y = MatchColumn(
    "lr_y",
    "LR y",
    "px",
    "of its keypoint in LR",
    lambda a: a.matches.lr_points[:, 1],
    1,
    2,
    shown=False,
)
RATIO = MatchColumn(
    "ratio",
    "Ratio",
    "",
    "of its distances to the origin, HR's by the scale to LR's; 1 is perfect",
    lambda a: a.consistent.ratio,
    4,
    6,
)
DISPLACEMENT = MatchColumn(
    "displacement",
    "Displaced",
    "LR px",
    "how far the LR keypoint is from where HR's must be found",
    _displacement,
    2,
    4,
)
DX = MatchColumn(
    "dx",
    "Displaced in x",
    "LR px",
    "to the right",
    lambda a: a.consistent.displacement[:, 0],
    2,
    4,
    shown=False,
)
DY = MatchColumn(
    "dy",
    "Displaced in y",
    "LR px",
    "down",
    lambda a: a.consistent.displacement[:, 1],
    2,
    4,
    shown=False,
)
DISTANCE = MatchColumn(
    "distance",
    "Distance",
    "L1",
    "how much the descriptors differ: the sum over their 128 numbers",
    lambda a: a.matches.distance,
)
VERDICT = MatchColumn(
    "verdict",
    "Verdict",
    "",
    "whether the match is kept, and what the displacement says of it",
    match_ranks,
    text=lambda a, match: MATCH_WORDS[_rank(a, match)],
    left=True,
    mark=_mark,
)
COLUMNS = (NUMBER, X, Y, LR_X, LR_Y, RATIO, DISPLACEMENT, DX, DY, DISTANCE, VERDICT)
SHOWN_COLUMNS = tuple(one for one in COLUMNS if one.shown)
NUMBERS = COLUMNS[:-1]
"""What conditions can be on."""
