"""Typed conditions on the numbers of a table's rows: ``keypoints >= 12, psnr < 20``."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.columns import Column, Values

S = TypeVar("S")

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
    r"(?P<name>[a-z_][a-z_0-9]*)\s*(?P<sign><=|>=|==|!=|<|>|=)\s*"
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[a-z%]*)",
    re.IGNORECASE,
)


class ConditionError(ValueError):
    """A condition that is not understood; the message says what is allowed."""


@dataclass(frozen=True)
class Condition(Generic[S]):
    """What a row must meet: the number of `column`, as shown, compared with `number`."""

    column: Column[S]
    sign: str
    number: float

    def holds(self, source: S) -> Mask:
        """Return which rows of `source` meet it, shape (N,)."""
        values = self.column.values(source)
        # Nobody can type a float: equal is what reads equal.
        if self.sign in ("=", "==", "!="):
            values = np.round(values, self.column.decimals)
        return _OPERATORS[self.sign](values, self.number)


def parse_conditions(
    text: str, columns: Sequence[Column[S]], elsewhere: Mapping[str, str] | None = None
) -> tuple[Condition[S], ...]:
    """Return the conditions in `text`, as ``keypoints >= 12, psnr < 20``; all are to be met.

    Parameters
    ----------
    text : str
    columns : sequence of Column
        What conditions can be on.
    elsewhere : mapping of str to str, optional
        Names that are known under other settings only, and under which.

    Raises
    ------
    ConditionError
        Where a part is no condition on one of `columns`.
    """
    parts = [part.strip() for part in _BETWEEN.split(text)]
    if not parts[-1]:  # nothing at all, or what a person has not typed yet
        parts.pop()
    return tuple(_parse_one(part, columns, elsewhere or {}) for part in parts)


def _parse_one(
    part: str, columns: Sequence[Column[S]], elsewhere: Mapping[str, str]
) -> Condition[S]:
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
        others = [f"{name} with {what}" for name, what in elsewhere.items() if name not in by_name]
        hint = "".join(f", and {other}" for other in others)
        raise ConditionError(f"{found['name']!r} is not known. Allowed: {names}{hint}")
    if found["unit"].lower() not in ("", column.unit.lower()):
        unit = column.unit or "a number without unit"
        raise ConditionError(f"{part!r}: {column.name} is given in {unit}")
    return Condition(column, found["sign"], float(found["number"]))


def rows_meeting(
    source: S, wanted: Mask, conditions: Sequence[Condition[S]], order: Ints | None = None
) -> Ints:
    """Return which of the `wanted` rows meet all conditions: in `order`, or as they come."""
    for condition in conditions:
        wanted = wanted & condition.holds(source)
    return np.flatnonzero(wanted) if order is None else order[wanted[order]]
