"""The rows of the table of images, and the view that shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.data_set.rows import COLUMNS, NAMES, Rows, State, make_rows
from srviewer.gui.theme import DARK, current_theme
from srviewer.gui.views.window_rows import NO_WINDOWS, Header, RowsView
from srviewer.pipeline.arrays import Ints
from srviewer.survey.whole_set import WholeSet

_Index = QModelIndex | QPersistentModelIndex
_NAME, _NOTE = 0, len(NAMES) - 1
_SIZE = NAMES.index("pixels")
_PAIRS = NAMES.index("pairs")
_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.FontRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ForegroundRole,
    }
)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_HELP = {
    _NAME: "the image's place in its folder; click it, or press Enter, to look at the image",
    _NOTE: "why an image has no pairs or failed, and what was noted of it",
}


class ImagesModel(QAbstractTableModel):
    """The images of a set as rows; a cell becomes text only when it is looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Rows = make_rows(None, None)
        self._before = self.rows
        self.order: Ints = NO_WINDOWS
        self.marks: dict[State, QIcon] = {}
        self._whole: WholeSet | None = None
        self._bold = QFont()
        self._bold.setBold(True)

    def show(self, rows: Rows, whole: WholeSet | None) -> None:
        """Take these images; `arrange` shows them."""
        self._before = self.rows
        self.rows, self._whole = rows, whole

    def arrange(self, order: Ints) -> None:
        """Show these rows in this order; only columns that differ are painted again."""
        if len(order) != len(self.order):
            self.beginResetModel()
            self.order = order
            self.endResetModel()
            return
        first = _NAME
        before, rows = self._before, self.rows
        same = before.paths == rows.paths and np.array_equal(before.states, rows.states)
        if same and np.array_equal(order, self.order):
            first = NAMES.index("consistent")  # what stands before it depends on no threshold
        self.order = order
        if len(order):
            self.dataChanged.emit(self.index(0, first), self.index(len(order) - 1, _NOTE))

    def size_of(self, row: int) -> tuple[int, int] | None:
        """Return width and height of an image."""
        if self._whole is None or row >= self.rows.surveyed:
            return None
        return self._whole.images[row].size

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return how many images are shown."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the name, the numbers and the note."""
        return 0 if parent.isValid() else len(NAMES)

    def text(self, row: int, column: int) -> str:
        """Return what the cell of an image says."""
        if column == _NAME:
            return self.rows.names[row]
        if column == _NOTE:
            return self.rows.notes[row]
        if self.rows.states[row] == State.PENDING:
            return ""
        if column == _SIZE:
            size = self.size_of(row)
            return "{} x {}".format(*size) if size else "\N{EN DASH}"
        one = COLUMNS[column - 1]
        return one.text(float(self.rows.numbers[one.name][row]))

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role not in _ROLES or not index.isValid() or index.row() >= len(self.order):
            return None
        row, column = int(self.order[index.row()]), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column in (_NAME, _NOTE) else _RIGHT
        if role == Qt.ItemDataRole.FontRole:
            return self._bold if column == _PAIRS else None
        if role == Qt.ItemDataRole.ToolTipRole:
            note = self.rows.notes[row]
            return f"{self.rows.paths[row]}\n{note}" if note else str(self.rows.paths[row])
        if role == Qt.ItemDataRole.DecorationRole:
            return self.marks.get(State(self.rows.states[row])) if column == _NAME else None
        return self._color(row, column) if column in (_NAME, _NOTE) else None

    def _color(self, row: int, column: int) -> QColor | None:
        theme = current_theme()
        if column == _NAME:
            accent = QColor(theme.accent)
            return accent.lighter(135) if theme is DARK else accent
        if self.rows.states[row] == State.PENDING:
            return QColor(theme.muted)
        return QColor(theme.warning) if self.rows.states[row] != State.PAIRS else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column with its unit."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(NAMES):
            return None
        column = COLUMNS[section - 1] if section not in (_NAME, _NOTE) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title if column else ("Image" if section == _NAME else "Note")
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.help if column else _HELP[section]}\nclick to sort by it"
        return None


class _Header(Header):
    def is_left(self, section: int) -> bool:
        """Names and notes stand at the left."""
        return section in (_NAME, _NOTE)


class ImagesView(RowsView):
    """The table of images.

    Signals
    -------
    opened(row)
        An image's name was clicked, its row double-clicked, or Enter pressed in it.
    """

    opened = Signal(int)

    def __init__(self, model: ImagesModel) -> None:
        super().__init__(model)
        self.setObjectName("images_of_set")
        self.setAccessibleName("Images of the data set")
        self.setHorizontalHeader(_Header())
        self.horizontalHeader().setSortIndicatorClearable(False)
        self.setMouseTracking(True)
        self.doubleClicked.connect(self._on_double_click)
        self._pressed_at: QPoint | None = None

    def share_width(self) -> None:
        """Give numbers the room that they need, names half of the rest, notes the end."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        used = 0
        for section, column in enumerate(COLUMNS, start=1):
            title = metrics.horizontalAdvance(column.title) + 14  # and the arrow
            width = max(metrics.horizontalAdvance(column.widest) + 8, title)
            header.resizeSection(section, width)
            used += width
        rest = self.viewport().width() - used
        digit = metrics.horizontalAdvance("0")
        header.resizeSection(_NAME, min(max(rest // 2, 17 * digit), 36 * digit))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where, so that a drag over a name opens nothing."""
        super().mousePressEvent(event)
        self._pressed_at = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the image whose name was clicked."""
        super().mouseReleaseEvent(event)
        at, pressed = event.position().toPoint(), self._pressed_at
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        left = event.button() == Qt.MouseButton.LeftButton
        index = self.indexAt(at)
        if not (left and plain and index.isValid() and index.column() == _NAME) or pressed is None:
            return
        if self.indexAt(pressed) == index:
            self.opened.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that names can be clicked."""
        super().mouseMoveEvent(event)
        over = self.indexAt(event.position().toPoint()).column() == _NAME
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        """Leave no hand behind."""
        super().leaveEvent(event)
        self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current image by Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.column() != _NAME:  # the first click on a name has opened it
            self.opened.emit(index.row())
