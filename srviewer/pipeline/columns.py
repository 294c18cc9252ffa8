"""What a table is made of: columns, each with its name, unit, text, CSV and order of rows.

A table shows the rows of some source (the windows of an analysis, the images of a set); a column
knows what each of them has.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.verdicts import Verdict
from srviewer.wording import number_text

S = TypeVar("S")
Values = NDArray[Any]  # integer or floating, shape (N,)


@dataclass(frozen=True)
class Column(Generic[S]):
    """Something that is known of each row of a source.

    Attributes
    ----------
    name : str
        As conditions have it, in a CSV file, and in what is remembered.
    help : str
        What it is, for people.
    values : callable
        Takes the source and returns what rows are sorted by, shape (N,): the number of each row
        in `unit`, nan where it is not known, or the rank of its text.
    decimals, exact : int
        Decimals on screen and in a CSV file.
    title, unit : str
        For people; the title is the name unless it is another.
    unknown : (str, str)
        What stands for nan on screen and in a CSV file.
    text : callable, optional
        Takes the source and a row and returns what is shown there instead of the number.
    csv : callable, optional
        The same for a CSV file.
    header : str, optional
        In a CSV file; by default the name, and empty for a column that is only shown.
    shown : bool
        Whether it is on screen and not only in a CSV file.
    left, bold : bool
        Whether texts stand at the left, and are bold.
    mark : callable, optional
        Takes the source and a row and returns the verdict by whose mark the text there is
        marked, None for room without a mark.
    widest : str
        Text that there is to be room for.
    spare : int
        Which columns a narrow table does without first: those with the most; 0 always stays.
    """

    name: str
    help: str
    values: Callable[[S], Values]
    decimals: int = 0
    exact: int = 0
    title: str = ""
    unit: str = ""
    unknown: tuple[str, str] = ("", "")
    text: Callable[[S, int], str] | None = None
    csv: Callable[[S, int], str] | None = None
    header: str | None = None
    shown: bool = True
    left: bool = False
    bold: bool = False
    mark: Callable[[S, int], Verdict | None] | None = None
    widest: str = ""
    spare: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or self.name.capitalize())

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    def number(self, value: float) -> str:
        """Return `value` as it is shown."""
        return number_text(value, self.decimals, unknown=self.unknown[0])

    def fields(self, source: S, rows: Sequence[int]) -> list[str]:
        """Return what `rows` have in a CSV file."""
        write = self.csv or self.text
        if write is not None:
            return [write(source, row) for row in rows]
        values = self.values(source)[np.asarray(rows, np.int64)]
        # Zero is added so that a rounded -0.0000 becomes 0.0000.
        rounded = np.round(values, self.exact) + 0.0
        texts = list(map(f"%.{self.exact}f".__mod__, rounded.tolist()))
        for row in np.flatnonzero(np.isnan(values)).tolist():
            texts[row] = self.unknown[1]
        return texts


def csv_of(columns: Sequence[Column[S]], source: S, rows: Ints) -> str:
    """Return `rows` of `source` as CSV: a header, then a line each, in the order given."""
    written = [column for column in columns if column.header != ""]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.header or column.name for column in written])
    chosen = rows.tolist()
    fields = [column.fields(source, chosen) for column in written]
    writer.writerows(zip(*fields, strict=True))
    return out.getvalue()


class SortOrder:
    """The order of all rows by some number, computed again only for other numbers.

    A threshold that is pulled chooses other rows thirty times a second and leaves their order.
    """

    def __init__(self) -> None:
        self._by: Values | None = None
        self._descending = False
        self._order: Ints | None = None

    def of(self, column: Column[S] | None, source: S, count: int, *, descending: bool) -> Ints:
        """Return all `count` rows of `source` sorted by `column`; None is as they come."""
        if column is None:
            return np.arange(count)[:: -1 if descending else 1]
        by = column.values(source)
        if self._order is None or by is not self._by or descending != self._descending:
            # Negated and not reversed, so that equal ones keep their order; nan is last either way.
            self._order = np.argsort(-by if descending else by, kind="stable")
            self._by, self._descending = by, descending
        return self._order
