"""The view of a table: its header, its selection, its keys."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from srviewer.gui.views.marks import MARK
from srviewer.gui.views.table_model import NO_ROWS, TableModel
from srviewer.gui.widgets.building import named
from srviewer.pipeline.arrays import Ints

_Index = QModelIndex | QPersistentModelIndex
FLAGS = QItemSelectionModel.SelectionFlag
_TEXT_MARGIN = 3  # pixels, as the style has it in cells
_ARROW = 18  # pixels for the arrow beside a name
INDENT = 14  # pixels between the numbers and a text
_MOST_RUNS = 500  # pieces of a selection, above which only the current row stays selected
_MOVES = range(Qt.Key.Key_Home, Qt.Key.Key_PageDown + 1)  # with End, the arrows and Page Up
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def takes_key(event: QEvent) -> bool:
    """Tell whether a list uses this key itself, whatever the window's menus say."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    copies = event.matches(QKeySequence.StandardKey.Copy)
    return copies or (event.key() in _MOVES and not event.modifiers() & _COMMANDS)


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

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        return QSize(super().sizeHint().width(), self.fontMetrics().height() + 8)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        """Draw the name of a column, and the arrow where it is sorted by."""
        palette, role = self.palette(), QPalette.ColorRole
        painter.fillRect(rect, palette.color(role.Button))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, palette.color(role.Mid))
        model = self.model()
        assert isinstance(model, TableModel)
        column = model.columns[logical_index]
        title, left = column.heading, column.left
        area = rect.adjusted(INDENT if left else 0, 0, -_TEXT_MARGIN, 0)
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


def room_for(metrics: QFontMetrics, heading: str) -> int:
    """Return the width that the name of a column needs, with its arrow."""
    return metrics.horizontalAdvance(heading) + _ARROW + _TEXT_MARGIN


class Indented(QStyledItemDelegate):
    """Writes the texts of a column without marks below its name, which stands away from numbers."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Leave room where other texts have a mark."""
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.decorationSize = QSize(INDENT - 3 * _TEXT_MARGIN, 1)


class TableView(QTableView):
    """Rows that are selected, copied and asked about.

    Signals
    -------
    asked(row)
        Enter was pressed in a row, or what a view takes for the same.
    copy_wanted
    """

    asked = Signal(int)
    copy_wanted = Signal()

    def __init__(self, rows: TableModel, name: str, title: str) -> None:
        super().__init__(showGrid=False, wordWrap=False, cornerButtonEnabled=False)
        self.listed = rows
        self.setModel(rows)
        named(self, name, title)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(MARK + INDENT - _TEXT_MARGIN, MARK))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalHeader(Header())
        self._indented = Indented(self)
        self.indent_texts()
        beside = self.verticalHeader()
        beside.hide()
        beside.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        beside.setDefaultSectionSize(self.fontMetrics().height() + 5)

    def indent_texts(self) -> None:
        """Write texts below their names, in whichever columns they are by now."""
        for number, column in enumerate(self.listed.columns):
            is_plain = column.left and column.mark is None
            how = self._indented if is_plain else self.itemDelegate()
            self.setItemDelegateForColumn(number, how)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns as wide as there is room."""
        super().resizeEvent(event)
        self.share_width()

    def share_width(self) -> None:
        """Give each column the room that it needs; the last one takes what is left."""

    def leave_out(self, widths: Sequence[int], room: int) -> list[int]:
        """Hide columns that can be spared until the `widths` of the others fit into `room`.

        What is sorted by stays. The widths are returned, 0 of those that are hidden.
        """
        header, left = self.horizontalHeader(), list(widths)
        columns, by = self.listed.columns, header.sortIndicatorSection()
        spared = [n for n, one in enumerate(columns) if one.spare and n != by]
        for section in sorted(spared, key=lambda one: -columns[one].spare):
            if sum(left) > room:
                left[section] = 0
        for section, width in enumerate(left):
            if header.isSectionHidden(section) == bool(width):
                header.setSectionHidden(section, not width)
        return left

    @property
    def left_out(self) -> int:
        """How many columns there is no room for."""
        return self.horizontalHeader().hiddenSectionCount()

    def seen_rows(self) -> slice:
        """Return the rows that are in view."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height())
        return slice(max(first, 0), last + 1 if last >= 0 else self.model().rowCount())

    def selected_ranges(self) -> list[tuple[int, int]]:
        """Return the first row and the one past the last of each run of selected rows."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        # A row counts once, however many of its cells a range holds.
        return sorted({(one.top(), one.bottom() + 1) for one in ranges})

    def selected_rows(self) -> Ints:
        """Return the numbers of the selected rows in the model's source, from top to bottom."""
        parts = (self.listed.rows[top:end] for top, end in self.selected_ranges())
        return np.concatenate([NO_ROWS, *parts])

    def select(self, wanted: Ints) -> None:
        """Select the rows that show these of the source; none where they lie too scattered."""
        rows = np.flatnonzero(np.isin(self.listed.rows, wanted))
        gaps = np.flatnonzero(np.diff(rows) > 1)
        if not len(rows) or len(gaps) >= _MOST_RUNS:
            return
        selection = QItemSelection()
        for run in np.split(rows, gaps + 1):
            ends = (self.listed.index(int(run[end]), 0) for end in (0, -1))
            selection.select(*ends)
        self.selectionModel().select(selection, FLAGS.ClearAndSelect | FLAGS.Rows)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: to look through 100,000 rows for a digit helps nobody."""

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a list from the window's menus."""
        if takes_key(event):
            event.accept()
            return True
        return bool(super().event(event))

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
