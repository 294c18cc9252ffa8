"""Which windows a list shows, and in which words: pure functions over arrays."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.columns import Values
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_columns import ONLY_WITH, WindowColumn
from srviewer.wording import counted


class Show(Enum):
    """Which windows are listed; the value is what a person reads."""

    IN_BOX = "all in the box"
    KEPT = "kept"
    REJECTED = "rejected"
    EXCLUDED = "excluded by hand"
    OUTSIDE = "outside the box"


# Conditions

_OPERATORS: dict[str, Callable[[Values, float], Mask]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_BETWEEN = re.compile(r",|\band\b", re.IGNORECASE)
_CONDITION = re.compile(
    r"(?P<name>[a-z_]+)\s*(?P<sign><=|>=|==|!=|<|>|=)\s*"
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[a-z%]*)",
    re.IGNORECASE,
)

_PERCENT = "{:.1f} %"


class ConditionError(ValueError):
    """A condition that is not understood; the message says what is allowed."""


@dataclass(frozen=True)
class Condition:
    """What a window must meet: the number of `column`, as shown, compared with `number`."""

    column: WindowColumn
    sign: str
    number: float

    def holds(self, a: Analysis) -> Mask:
        """Return which windows of `a` meet it, shape (N,)."""
        values = self.column.values(a)
        # Nobody can type a float: equal is what reads equal.
        if self.sign in ("=", "==", "!="):
            values = np.round(values, self.column.decimals)
        return _OPERATORS[self.sign](values, self.number)


def parse_conditions(text: str, columns: Sequence[WindowColumn]) -> tuple[Condition, ...]:
    """Return the conditions in `text`, as ``keypoints >= 12, psnr < 20``; all are to be met.

    Raises
    ------
    ConditionError
        Where a part is no condition on one of `columns`.
    """
    parts = [part.strip() for part in _BETWEEN.split(text)]
    if not parts[-1]:  # nothing at all, or what a person has not typed yet
        parts.pop()
    return tuple(_parse_one(part, columns) for part in parts)


def _parse_one(part: str, columns: Sequence[WindowColumn]) -> Condition:
    by_name = {column.name: column for column in columns}
    found = _CONDITION.fullmatch(part)
    names = ", ".join(by_name)
    if found is None:
        raise ConditionError(
            f"{part!r} is no condition. Allowed: a name ({names}), "
            "a sign (< <= > >= = !=) and a number"
        )
    column = by_name.get(found["name"].lower())
    if column is None:
        others = [f"{name} with {what}" for name, what in ONLY_WITH.items() if name not in by_name]
        hint = "".join(f", and {other}" for other in others)
        raise ConditionError(f"{found['name']!r} is not known. Allowed: {names}{hint}")
    if found["unit"].lower() not in ("", column.unit.lower()):
        unit = column.unit or "a number without unit"
        raise ConditionError(f"{part!r}: {column.name} is given in {unit}")
    return Condition(column, found["sign"], float(found["number"]))


# The choice


def group_of(a: Analysis, show: Show) -> Mask:
    """Return which windows belong to `show`, shape (N,)."""
    if show is Show.KEPT:
        return a.patches.kept
    if show is Show.EXCLUDED:
        return _excluded(a)
    if show is Show.REJECTED:
        return a.patches.candidates & ~a.patches.kept & ~_excluded(a)
    return a.patches.candidates if show is Show.IN_BOX else ~a.patches.candidates


def _excluded(a: Analysis) -> Mask:
    excluded: Mask = a.patches.verdict == Verdict.EXCLUDED
    return excluded


def choose(
    a: Analysis, show: Show, conditions: Sequence[Condition] = (), *, order: Ints | None = None
) -> Ints:
    """Return the numbers of the windows to list: in `order`, of shape (N,), or by place."""
    wanted = group_of(a, show)
    for condition in conditions:
        wanted = wanted & condition.holds(a)
    return np.flatnonzero(wanted) if order is None else order[wanted[order]]


def count_words(a: Analysis, show: Show, count: int) -> tuple[str, str]:
    """Return how many windows are listed of how many, and what these are."""
    if show is Show.OUTSIDE:
        return f"{count:,} of {len(a.windows):,}", "windows listed, of all in the image"
    total = int(a.patches.candidates.sum())
    return f"{count:,} of {total:,}", "windows listed, of those inside the box"


def why_empty(a: Analysis, show: Show, conditions: Sequence[Condition] = ()) -> str:
    """Return in words why no window is listed."""
    if group_of(a, show).any() and conditions:
        return "no window meets the conditions"
    if show is Show.OUTSIDE:
        return "no window lies outside the box"
    if a.box.hr is None:
        return f"no box: {a.box.reason}"
    if not a.patches.candidates.any():
        width, height = a.box.hr.width, a.box.hr.height
        return f"no window lies inside the box of {width} x {height} px"
    if show is Show.EXCLUDED:
        return "no window is excluded by hand"
    return "no window is rejected" if show is Show.REJECTED else _why_none_kept(a)


def _why_none_kept(a: Analysis) -> str:
    r, inside, measure = a.recipe, a.patches.candidates, a.texture.measure
    least = getattr(r, measure.threshold)
    values = a.texture.deciding[inside]
    rich = values >= least
    if not rich.any():
        has, needed = measure.words(np.nanmax(values), _PERCENT), measure.amount(least, _PERCENT)
        return f"no window is kept; the highest has {has}, at least {needed} are needed"
    if a.patches.excluded_alone:
        return f"no window is kept; {a.patches.excluded_alone:,} would be, and are excluded by hand"
    matches = counted(int(a.patches.matches[inside][rich].max()), "match", "matches")
    return (
        f"no window is kept; of the {int(rich.sum()):,} with enough texture the highest has "
        f"{matches}, at least {r.min_matches} are needed"
    )
