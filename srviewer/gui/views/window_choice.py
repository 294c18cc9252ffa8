"""Which windows a list shows, in which order, and in which words: pure functions over arrays."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import VERDICT_WORDS, Verdict

Values = NDArray[Any]  # integer or floating, shape (N,)

VERDICT = "verdict"  # sorts as the columns' names do


class Show(Enum):
    """Which windows are listed; the value is what a person reads."""

    IN_BOX = "all in the box"
    KEPT = "kept"
    REJECTED = "rejected"
    OUTSIDE = "outside the box"


@dataclass(frozen=True)
class Column:
    """A number that is known of each window.

    Attributes
    ----------
    name : str
        As conditions have it, and with its unit the header of a CSV file.
    title, unit, help : str
        For people.
    decimals, exact : int
        Decimals on screen and in a CSV file.
    values : callable
        Takes the analysis and returns the number of each window in `unit`, shape (N,).
    """

    name: str
    title: str
    unit: str
    decimals: int
    exact: int
    help: str
    values: Callable[[Analysis], Values]

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    def text(self, value: float) -> str:
        """Return `value` as it is shown."""
        return number_text(value, self.decimals)


def number_text(value: float, decimals: int) -> str:
    """Return `value` as it is shown."""
    if value == np.inf:
        return "\N{INFINITY}"
    # The z keeps a rounded -0.0001 from being shown as -0.000.
    return "not counted" if np.isnan(value) else f"{value:z.{decimals}f}"


def _edges(a: Analysis) -> Values:
    density = a.texture.edge_density
    return np.full(len(a.windows), np.nan) if density is None else density * 100


X = Column("x", "x", "px", 0, 0, "left HR pixel of the window", lambda a: a.windows.x)
Y = Column("y", "y", "px", 0, 0, "top HR pixel of the window", lambda a: a.windows.y)
KEYPOINTS = Column(
    "keypoints", "Keypoints", "", 0, 0, "keypoints in the window", lambda a: a.texture.keypoints
)
MATCHES = Column(
    "matches", "Matches", "", 0, 0, "consistent matches in the window", lambda a: a.patches.matches
)
EDGES = Column("edges", "Edges", "%", 1, 4, "share of edge pixels (texture canny)", _edges)
PSNR = Column(
    "psnr",
    "PSNR",
    "dB",
    2,
    4,
    "of the upscaled LR against HR; low: much lost",
    lambda a: a.quality.psnr,
)
SSIM = Column(
    "ssim", "SSIM", "", 3, 6, "of the upscaled LR against HR, at most 1", lambda a: a.quality.ssim
)
ALL_COLUMNS = (X, Y, KEYPOINTS, MATCHES, EDGES, PSNR, SSIM)


def columns_of(recipe: Recipe) -> tuple[Column, ...]:
    """Return the columns that an analysis under `recipe` has something for."""
    canny = recipe.texture == "canny"
    return tuple(one for one in ALL_COLUMNS if canny or one is not EDGES)


def texture_column(recipe: Recipe) -> Column:
    """Return what `recipe` keeps or rejects windows by."""
    return EDGES if recipe.texture == "canny" else KEYPOINTS


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
    r"(?P<name>[a-z]+)\s*(?P<sign><=|>=|==|!=|<|>|=)\s*"
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[a-z%]*)",
    re.IGNORECASE,
)


class ConditionError(ValueError):
    """A condition that is not understood; the message says what is allowed."""


@dataclass(frozen=True)
class Condition:
    """What a window must meet: the number of `column`, as shown, compared with `number`."""

    column: Column
    sign: str
    number: float

    def holds(self, a: Analysis) -> Mask:
        """Return which windows of `a` meet it, shape (N,)."""
        values = self.column.values(a)
        # Nobody can type a float: equal is what reads equal.
        if self.sign in ("=", "==", "!="):
            values = np.round(values, self.column.decimals)
        return _OPERATORS[self.sign](values, self.number)


def parse_conditions(text: str, columns: Sequence[Column]) -> tuple[Condition, ...]:
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


def _parse_one(part: str, columns: Sequence[Column]) -> Condition:
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
        hint = ", and edges with texture canny" if EDGES not in columns else ""
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
    if show is Show.REJECTED:
        return a.patches.candidates & ~a.patches.kept
    return a.patches.candidates if show is Show.IN_BOX else ~a.patches.candidates


class SortOrder:
    """The order of all windows by some number, computed again only for other numbers.

    A threshold that is pulled chooses other windows thirty times a second and leaves their order.
    """

    def __init__(self) -> None:
        self._by: Values | None = None
        self._descending = False
        self._order: Ints | None = None

    def of(self, a: Analysis, name: str | None, *, descending: bool) -> Ints | None:
        """Return the numbers of all windows of `a` sorted by `name`; None is by place."""
        by = sort_keys(a, name)
        if by is None:
            return np.arange(len(a.windows))[::-1] if descending else None
        if by is not self._by or descending != self._descending:
            # Negated and not reversed, so that equal ones keep their order; nan is last either way.
            self._order = np.argsort(-by if descending else by, kind="stable")
            self._by, self._descending = by, descending
        return self._order


def choose(
    a: Analysis, show: Show, conditions: Sequence[Condition] = (), *, order: Ints | None = None
) -> Ints:
    """Return the numbers of the windows to list: in `order`, of shape (N,), or by place."""
    wanted = group_of(a, show)
    for condition in conditions:
        wanted = wanted & condition.holds(a)
    return np.flatnonzero(wanted) if order is None else order[wanted[order]]


def sort_keys(a: Analysis, name: str | None) -> Values | None:
    """Return what to sort by, for a column's name or ``verdict``; None for any other."""
    if name == VERDICT:
        return verdict_ranks(a)
    found = [column for column in columns_of(a.recipe) if column.name == name]
    return found[0].values(a) if found else None


def verdict_ranks(a: Analysis) -> Values:
    """Return the verdicts as numbers that sort kept first and outside the box last."""
    ranks = np.zeros(len(Verdict), np.int16)
    for rank, verdict in enumerate(VERDICT_WORDS):
        ranks[verdict] = rank
    return ranks[a.patches.verdict]


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
    return "no window is rejected" if show is Show.REJECTED else _why_none_kept(a)


def _why_none_kept(a: Analysis) -> str:
    r, inside = a.recipe, a.patches.candidates
    column = texture_column(r)
    least = r.min_edge_density * 100 if column is EDGES else r.min_keypoints
    values = column.values(a)[inside]
    rich = values >= least
    if not rich.any():
        highest, needed = column.text(np.nanmax(values)), column.text(least)
        has = f"{highest} keypoints" if column is KEYPOINTS else f"{highest} % edge pixels"
        least_words = f"{needed} {column.unit}".strip()
        return f"no window is kept; the highest has {has}, at least {least_words} are needed"
    highest_matches = int(a.patches.matches[inside][rich].max())
    return (
        f"no window is kept; of the {int(rich.sum()):,} with enough texture the highest has "
        f"{highest_matches} matches, at least {r.min_matches} are needed"
    )


def csv_of(a: Analysis, windows: Ints) -> str:
    """Return `windows` as CSV: a header, then a line each, in the order given."""
    columns = columns_of(a.recipe)
    header = [f"{one.name}_percent" if one is EDGES else one.name for one in columns]
    line = ",".join([*(f"%.{one.exact}f" for one in columns), "%s"])
    # Zero is added so that a rounded -0.0000 becomes 0.0000.
    fields = [(np.round(one.values(a)[windows], one.exact) + 0.0).tolist() for one in columns]
    words = [VERDICT_WORDS[verdict] for verdict in sorted(VERDICT_WORDS)]
    fields.append([words[verdict] for verdict in a.patches.verdict[windows].tolist()])
    rows = map(line.__mod__, zip(*fields, strict=True))
    return "\n".join([",".join([*header, VERDICT]), *rows]) + "\n"
