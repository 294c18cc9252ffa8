"""The rows of the table of windows, and the view that shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QIcon,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from srviewer.gui.views.window_choice import VERDICT, Column, Values, columns_of
from srviewer.gui.views.window_lists import MARK, takes_key
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import VERDICT_WORDS, Verdict, window_verdict

_Index = QModelIndex | QPersistentModelIndex
_VERDICT_HELP = "why the window is kept or not; the first reason that holds"
_TEXT_MARGIN = 3  # pixels, as the style has it in cells
_INDENT = 14  # pixels between the numbers and the verdict
NO_WINDOWS: Ints = np.empty(0, np.int64)


class WindowsModel(QAbstractTableModel):
    """The windows of an analysis as rows; a cell becomes text only when it is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.analysis: Analysis | None = None
        self.windows = NO_WINDOWS
        self.columns: tuple[Column, ...] = columns_of(Recipe())
        self.marks: dict[Verdict, QIcon] = {}
        self._values: list[Values] = []

    def show(self, a: Analysis | None, windows: Ints) -> None:
        """Show the windows with these numbers, in this order."""
        self.beginResetModel()
        self.analysis, self.windows, self._values = a, windows, []
        if a is not None:
            self.columns = columns_of(a.recipe)
            self._values = [column.values(a) for column in self.columns]
        self.endResetModel()

    def renew(self, a: Analysis, windows: Ints, seen: slice) -> bool:
        """Show new results in the rows as they are; tell whether these are the right rows.

        Only what differs in the rows `seen` is told, so that little is painted while a threshold
        is pulled; other rows are asked for when they come into view.
        """
        before = self.analysis
        same_columns = self.columns == columns_of(a.recipe)
        if before is None or not same_columns or not np.array_equal(windows, self.windows):
            return False
        rows = windows[seen]
        old = [*self._values, before.patches.verdict]
        self.analysis, self._values = a, [column.values(a) for column in self.columns]
        new = [*self._values, a.patches.verdict]
        for column, (was, now) in enumerate(zip(old, new, strict=True)):
            differs = np.flatnonzero(was[rows] != now[rows]) + seen.start
            if len(differs):
                first, last = int(differs[0]), int(differs[-1])
                self.dataChanged.emit(self.index(first, column), self.index(last, column))
        return True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, the verdict last."""
        return (*(column.name for column in self.columns), VERDICT)

    def row_of(self, window: int) -> int | None:
        """Return the row that shows `window`, None where none does."""
        found = np.flatnonzero(self.windows == window)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return how many windows are shown."""
        return 0 if parent.isValid() else len(self.windows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the numbers and the verdict."""
        return 0 if parent.isValid() else len(self.columns) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        a = self.analysis
        if a is None or not index.isValid():
            return None
        window, column = int(self.windows[index.row()]), index.column()
        is_verdict = column == len(self.columns)
        if role == Qt.ItemDataRole.DisplayRole:
            if is_verdict:
                return VERDICT_WORDS[Verdict(int(a.patches.verdict[window]))]
            return self.columns[column].text(self._values[column][window])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if is_verdict else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole and is_verdict:
            return self.marks.get(Verdict(int(a.patches.verdict[window])))
        if role == Qt.ItemDataRole.ToolTipRole:
            return window_verdict(a, window)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column with its unit."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section <= len(self.columns):
            return None
        column = self.columns[section] if section < len(self.columns) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading if column else "Verdict"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.help if column else _VERDICT_HELP}\nclick to sort by it"
        return None


class Header(QHeaderView):
    """Names above their numbers, with room for the arrow of the column that is sorted by."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setStretchLastSection(True)
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def is_left(self, section: int) -> bool:
        """Tell whether the cells of a column stand at its left."""
        return section == self.count() - 1

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 8)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        """Draw the name of a column, and the arrow where it is sorted by."""
        palette, role = self.palette(), QPalette.ColorRole
        painter.fillRect(rect, palette.color(role.Button))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, palette.color(role.Mid))
        title = str(self.model().headerData(logical_index, self.orientation()))
        left = self.is_left(logical_index)
        area = rect.adjusted(_INDENT if left else 0, 0, -_TEXT_MARGIN, 0)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        painter.setPen(palette.color(role.ButtonText))
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, title)
        if logical_index == self.sortIndicatorSection():
            wide = self.fontMetrics().horizontalAdvance(title)
            middle = area.left() + wide + 9 if left else area.right() - wide - 9
            self._paint_arrow(painter, QPointF(middle, rect.center().y()))

    def _paint_arrow(self, painter: QPainter, middle: QPointF) -> None:
        rising = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        tip = -3 if rising else 3
        ends = [QPointF(0, tip), QPointF(-4, -tip), QPointF(4, -tip)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        painter.drawPolygon(QPolygonF([middle + end for end in ends]))
        painter.restore()


class RowsView(QTableView):
    """`asked` tells a row that is clicked or entered while it is already the current one."""

    asked = Signal(int)
    copy_wanted = Signal()

    def __init__(self, rows: QAbstractTableModel) -> None:
        super().__init__()
        self.setModel(rows)
        self.setObjectName("windows")
        self.setAccessibleName("Windows of the image")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setIconSize(QSize(MARK + _INDENT - _TEXT_MARGIN, MARK))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalHeader(Header())
        beside = self.verticalHeader()
        beside.hide()
        beside.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        beside.setDefaultSectionSize(self.fontMetrics().height() + 5)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns as wide as there is room."""
        super().resizeEvent(event)
        self.share_width()

    def share_width(self) -> None:
        """Give the numbers columns of one width, and the verdict what is left."""
        wide = self.fontMetrics().horizontalAdvance("0")
        numbers = max(self.model().columnCount() - 1, 1)
        width = (self.viewport().width() - 20 * wide) // numbers
        self.horizontalHeader().setDefaultSectionSize(min(max(width, 10 * wide), 16 * wide))

    def seen_rows(self) -> slice:
        """Return the rows that are in view."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height())
        return slice(max(first, 0), last + 1 if last >= 0 else self.model().rowCount())

    def selected_ranges(self) -> list[tuple[int, int]]:
        """Return the first row and the one past the last of each run of selected rows."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(place) for place in range(selection.count())]
        # A row counts once, however many of its cells a range holds.
        return sorted({(one.top(), one.bottom() + 1) for one in ranges})

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: to look through 100,000 rows for a digit helps nobody."""

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a list from the window's menus."""
        if takes_key(event):
            event.accept()
            return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of a click on the current row too."""
        before = self.currentIndex()
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if (
            event.button() == Qt.MouseButton.LeftButton
            and at.isValid()
            and at.row() == before.row()
        ):
            self.asked.emit(at.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the ends, ask again, copy."""
        last = self.model().rowCount() - 1
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif plain and last >= 0 and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.selectRow(0 if event.key() == Qt.Key.Key_Home else last)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
