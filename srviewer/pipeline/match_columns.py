"""The columns of matches: what is known of each. A new one is an entry of `COLUMNS`."""

from collections.abc import Callable

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.displacement import classes_of
from srviewer.pipeline.verdicts import MATCH_WORDS, Verdict

MatchColumn = Column[Analysis]


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


def _at(points: str, axis: str) -> Callable[[Analysis], Values]:
    """Return what takes an axis of the keypoints of the matches."""
    return lambda a: getattr(a.matches, points)[:, "xy".index(axis)]


def _displaced(axis: str, where: str) -> MatchColumn:
    def values(a: Analysis) -> Values:
        along: Values = a.consistent.displacement[:, "xy".index(axis)]
        return along

    title = f"Displaced in {axis}"
    return MatchColumn(f"d{axis}", where, values, 2, 4, title, "LR px", shown=False)


def _in_hr(axis: str) -> MatchColumn:
    where = "of its keypoint in HR"
    return MatchColumn(axis, where, _at("hr_points", axis), 1, 2, axis, "px", spare=1)


def _in_lr(axis: str) -> MatchColumn:
    name, where, values = f"lr_{axis}", "of its keypoint in LR", _at("lr_points", axis)
    return MatchColumn(name, where, values, 1, 2, f"LR {axis}", "px", shown=False)


NUMBER = MatchColumn(
    "match",
    "its number, as the inspector has it",
    lambda a: np.arange(len(a.matches)),
    spare=2,
)
X, Y, LR_X, LR_Y = _in_hr("x"), _in_hr("y"), _in_lr("x"), _in_lr("y")
RATIO = MatchColumn(
    "ratio",
    "of its distances to the origin, HR's by the scale to LR's; 1 is perfect",
    lambda a: a.consistent.ratio,
    4,
    6,
)
DISPLACEMENT = MatchColumn(
    "displacement",
    "how far the LR keypoint is from where HR's must be found",
    _displacement,
    2,
    4,
    "Displaced",
    "LR px",
)
DX, DY = _displaced("x", "to the right"), _displaced("y", "down")
DISTANCE = MatchColumn(
    "distance",
    "how much the descriptors differ: the sum over their 128 numbers",
    lambda a: a.matches.distance,
    unit="L1",
    spare=3,
)
VERDICT = MatchColumn(
    "verdict",
    "whether the match is kept, and what the displacement says of it",
    match_ranks,
    text=lambda a, match: MATCH_WORDS[_rank(a, match)],
    left=True,
    mark=_mark,
    widest=max(MATCH_WORDS, key=len),
)
COLUMNS = (NUMBER, X, Y, LR_X, LR_Y, RATIO, DISPLACEMENT, DX, DY, DISTANCE, VERDICT)
SHOWN_COLUMNS = tuple(one for one in COLUMNS if one.shown)
NUMBERS = COLUMNS[:-1]
"""What conditions can be on."""
