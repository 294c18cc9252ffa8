"""The rows of any table; a cell becomes text only when it is looked at."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QIcon

from srviewer.errors import renamed
from srviewer.export.options import LABELS
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.verdicts import Verdict

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NO_ROWS: Ints = np.empty(0, np.int64)


class TableModel(QAbstractTableModel):
    """Rows of a source in some order, and what its columns know of them.

    Parameters
    ----------
    tip : callable
        Takes the source and a row of it and returns the tooltip.
    color : callable, optional
        Takes the source, a row and a column and returns the colour of the text there, None for
        the usual one.

    Attributes
    ----------
    source : object or None
    rows : ndarray of int64
        The rows of the source that are shown, in order.
    columns : tuple of Column
    marks : dict
        The pictures of the marks, by verdict.
    """

    def __init__(
        self,
        columns: tuple[Column[Any], ...],
        tip: Callable[[Any, int], str],
        color: Callable[[Any, int, Column[Any]], QColor | None] | None = None,
    ) -> None:
        super().__init__()
        self.source: Any = None
        self.rows, self.columns = NO_ROWS, columns
        self.marks: dict[Verdict | None, QIcon] = {}
        self._tip, self._color = tip, color
        self._values: list[Values | None] = []
        self._bold = QFont()
        self._bold.setBold(True)

    def show(self, source: Any, columns: tuple[Column[Any], ...], rows: Ints) -> None:
        """Show these `rows` of a source."""
        self.beginResetModel()
        self._take(source, columns, rows)
        self.endResetModel()

    def _take(self, source: Any, columns: tuple[Column[Any], ...], rows: Ints) -> None:
        self.source, self.columns, self.rows = source, columns, rows
        self._values = [
            None if column.text or source is None else column.values(source) for column in columns
        ]

    def renew(self, source: Any, columns: tuple[Column[Any], ...], rows: Ints, seen: slice) -> bool:
        """Show new results in the rows as they are; tell whether these are the right rows.

        Only what differs in the rows `seen` is told, so that little is painted while a threshold
        is pulled; other rows are asked for when they come into view.
        """
        if columns != self.columns or not np.array_equal(rows, self.rows):
            return False
        before = self._looks(rows[seen])
        self._take(source, columns, rows)
        for number, (was, now) in enumerate(zip(before, self._looks(rows[seen]), strict=True)):
            changed = [row for row, look in enumerate(now) if look != was[row]]
            if changed:
                top, bottom = (self.index(seen.start + changed[end], number) for end in (0, -1))
                self.dataChanged.emit(top, bottom)
        return True

    def _looks(self, rows: Ints) -> list[list[object]]:
        """Return for each column all that its cells in these rows are painted by."""
        return [
            [self._look(row, column) for row in rows.tolist()]
            if values is None
            else values[rows].tolist()
            for column, values in zip(self.columns, self._values, strict=True)
        ]

    def _look(self, row: int, column: Column[Any]) -> tuple[object, ...]:
        """Return all that a cell with a text of its own is painted by."""
        assert column.text is not None
        mark = column.mark(self.source, row) if column.mark else None
        color = self._color(self.source, row, column) if self._color else None
        return column.text(self.source, row), mark, color

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def row_of(self, number: int) -> int | None:
        """Return which row shows the source's row `number`, None where none does."""
        found = np.flatnonzero(self.rows == number)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or self.source is None:
            return None
        row, column = int(self.rows[index.row()]), self.columns[index.column()]
        if role == _Role.DisplayRole:
            if column.text is not None:
                return column.text(self.source, row)
            values = self._values[index.column()]
            return column.number(values[row]) if values is not None else None
        if role == _Role.TextAlignmentRole:
            return _LEFT if column.left else _RIGHT
        if role == _Role.ToolTipRole:
            return self._tip(self.source, row)
        if role == _Role.FontRole:
            return self._bold if column.bold else None
        if role == _Role.DecorationRole:
            return self.marks.get(column.mark(self.source, row)) if column.mark else None
        if role == _Role.ForegroundRole and self._color:
            return self._color(self.source, row, column)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Return the name of a column with its unit."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return column.heading
        return (
            f"{renamed(column.help, LABELS)}\nclick to sort by it"
            if role == _Role.ToolTipRole
            else None
        )
