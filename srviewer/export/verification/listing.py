"""What a check found as a list: its columns, order and filter, as tables have them.

A new column is an entry of `COLUMNS`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from srviewer.errors import cut
from srviewer.export.findings import Finding, Kind
from srviewer.export.verification.reproducing import Cause, Difference
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.columns import Column

_VALUES, _BYTES, _IMAGE = "other values", "other bytes alone", "images"


class Show(Enum):
    """Which findings are listed; the value is what a person reads."""

    ALL = "all findings"
    PAIRS = "of pairs"
    REST = "of all else"


_OF_PAIRS = frozenset((set(Kind) - {Kind.EXTRA}) | {_VALUES, _BYTES})
_PAIR = re.compile(r"_x\d{5,}_y\d{5,}| at x \d+, y \d+")  # a patch's name, a row's


class Listed(NamedTuple):
    """A finding as it is listed: all of it in words."""

    kind: str
    name: str
    what: str
    expected: str = ""
    found: str = ""


def listed(one: Finding | Difference | Cause) -> Listed:
    """Return a finding, a difference, or what is said of an image, as it is listed."""
    if isinstance(one, Cause):
        return Listed(_IMAGE, cut(one.name, 400), cut(one.what, 400))
    if isinstance(one, Difference):
        return Listed(_BYTES if one.only_bytes else _VALUES, cut(one.name, 400), one.what)
    texts = (cut(text, 400) for text in (one.name, one.what, one.expected, one.found))
    return Listed(one.kind.value, *texts)


@dataclass(frozen=True, eq=False)
class ListedFindings:
    """Findings in the order in which they were found."""

    findings: Sequence[Listed] = ()
    _ranks: dict[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.findings)

    def texts(self, what: str) -> list[str]:
        """Return one field of all."""
        return [getattr(one, what) for one in self.findings]

    def ranks(self, what: str) -> Ints:
        """Return what sorts by a field, shape (n,)."""
        if what not in self._ranks:
            texts = np.array([text.casefold() for text in self.texts(what)], dtype=object)
            self._ranks[what] = np.argsort(np.argsort(texts, kind="stable"))
        return self._ranks[what]


def _column(name: str, help: str, title: str = "") -> Column[ListedFindings]:
    rank: Callable[[ListedFindings], Ints] = lambda of: of.ranks(name)  # noqa: E731
    return Column(
        name, help, rank, title=title, text=lambda of, row: str(getattr(of.findings[row], name)),
        left=True,
    )  # fmt: skip


COLUMNS = (
    _column("kind", "what the finding is about"),
    _column("name", "the file, the pair or the row; press Enter to open it", "Where"),
    _column("what", "what is wrong"),
    _column("expected", "what there should be"),
    _column("found", "what there is"),
)


def shown_of(findings: ListedFindings, show: Show) -> Mask:
    """Return which findings the filter lets through, shape (n,)."""
    of_pairs = np.array([_is_of_pair(one) for one in findings.findings], bool)
    every = np.ones(len(findings), bool)
    return {Show.ALL: every, Show.PAIRS: of_pairs, Show.REST: ~of_pairs}[show]


def _is_of_pair(one: Listed) -> bool:
    """Tell whether a finding is, by its name, of a patch or a row."""
    return one.kind in _OF_PAIRS and _PAIR.search(f"{one.name} {one.what}") is not None
