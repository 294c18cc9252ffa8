"""The table of windows: sorted by its headers, filtered by conditions, copied as CSV."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.model import Model, Selected
from srviewer.gui.views.condition_field import ConditionField
from srviewer.gui.views.window_choice import (
    VERDICT,
    Show,
    SortOrder,
    choose,
    columns_of,
    count_words,
    csv_of,
    why_empty,
)
from srviewer.gui.views.window_lists import (
    even_heights,
    mark_icon,
    result_of,
    sentence,
    why_no_result,
)
from srviewer.gui.views.window_rows import NO_WINDOWS, RowsView, WindowsModel
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.verdicts import Verdict

_MOST_RUNS = 500  # pieces of a selection, above which only the current row stays selected
_FLAGS = QItemSelectionModel.SelectionFlag


class WindowTable(QWidget):
    """Every window of the current image, with what is known of it.

    Signals
    -------
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    copied = Signal(str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("window_table")
        self._model = model
        self._sort: tuple[str | None, bool] = (None, False)  # column, descending
        self._order = SortOrder()
        self._stale = True
        self._following = False
        self._build()
        self._connect()

    def _build(self) -> None:
        self.show_box = QComboBox()
        self.show_box.setObjectName("table_show")
        self.show_box.setAccessibleName("Windows to list")
        self.show_box.setToolTip("which windows are listed")
        for one in Show:
            self.show_box.addItem(sentence(one.value), one)
        self.filter = ConditionField()
        self.filter.setObjectName("table_filter")
        self.filter.problem.setObjectName("table_problem")
        self.count = QLabel()
        self.count.setObjectName("table_count")
        self.copy_button = QPushButton("Copy as CSV")
        self.copy_button.setObjectName("table_copy")
        self.copy_button.setToolTip("copy the selected rows, or all listed where none is (Ctrl+C)")
        self.rows = WindowsModel(self)
        self.view = RowsView(self.rows)
        self.empty = QLabel()
        self.empty.setObjectName("table_empty")
        self.empty.setProperty("muted", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addWidget(self.filter.problem)
        column.addWidget(self.pages, 1)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.show_box)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        row.addWidget(self.copy_button)
        even_heights(self.show_box, self.filter, self.copy_button)
        return row

    def _connect(self) -> None:
        self.show_box.currentIndexChanged.connect(self._fill)
        self.filter.understood.connect(self._fill)
        self.copy_button.clicked.connect(self.copy)
        self.view.copy_wanted.connect(self.copy)
        self.view.asked.connect(self._ask)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._on_header)
        self._model.analysis_changed.connect(self._fill)
        self._model.current_changed.connect(self._fill)
        self._model.selection_changed.connect(self._follow_selection)

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._make_marks()

    def _make_marks(self) -> None:
        ratio, palette = self.devicePixelRatioF(), self.palette()
        self.rows.marks = {
            one: mark_icon(one, palette, ratio, self.view.iconSize()) for one in Verdict
        }

    def _fill(self) -> None:
        self._stale = not self.isVisible()
        if self._stale:
            self.rows.show(None, NO_WINDOWS)  # holds no old analysis alive either
            return
        if not self.rows.marks:
            self._make_marks()
        a, show = result_of(self._model), self.show_box.currentData()
        self.filter.use_columns(columns_of(self._model.recipe))
        if a is None:
            self._show_rows(None, NO_WINDOWS)
            self._show_empty(why_no_result(self._model))
            return
        name, descending = self._sort
        order = self._order.of(a, name, descending=descending)
        windows = choose(a, show, self.filter.conditions, order=order)
        self._show_rows(a, windows)
        self._show_empty("" if len(windows) else why_empty(a, show, self.filter.conditions))
        text, meaning = count_words(a, show, len(windows))
        self.count.setText(text)
        self.count.setToolTip(meaning)

    def _show_empty(self, why: str) -> None:
        """Say `why` there are no rows; where it is empty, there are."""
        self.empty.setText(sentence(why))
        self.pages.setCurrentWidget(self.empty if why else self.view)
        self.copy_button.setEnabled(not why)
        self.count.setText("")

    def _show_rows(self, a: Analysis | None, windows: Ints) -> None:
        before = self.rows.analysis
        same = a is not None and before is not None and a.windows is before.windows
        self._show_indicator()
        if same and a is not None and self.rows.renew(a, windows, self.view.seen_rows()):
            return
        selected = self.selected_windows() if same else NO_WINDOWS
        place = self.view.verticalScrollBar().value()
        self._following = True
        self.rows.show(a, windows)
        self.view.share_width()
        self._show_indicator()  # among columns that may be new
        self._select_again(selected)
        self._following = False
        self._follow_selection()
        if same:  # a threshold that is pulled does not move the rows under a person's eyes
            self.view.verticalScrollBar().setValue(place)

    # Sorting

    def _show_indicator(self) -> None:
        (name, descending), names = self._sort, self.rows.names
        header = self.view.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        with QSignalBlocker(header):
            header.setSortIndicator(names.index(name) if name in names else -1, order)

    def _on_header(self, section: int, order: Qt.SortOrder) -> None:
        names = self.rows.names
        name = names[section] if 0 <= section < len(names) else None
        self.sort_by(name, descending=order == Qt.SortOrder.DescendingOrder)

    def sort_by(self, name: str | None, *, descending: bool = False) -> None:
        """Sort by the column `name`, as in a condition, or ``verdict``; None is by place."""
        self._sort = (name, descending)
        self._fill()
        self._scroll_to_current()

    # The selection

    def selected_windows(self) -> Ints:
        """Return the numbers of the windows whose rows are selected, from top to bottom."""
        ranges = self.view.selected_ranges()
        parts = [self.rows.windows[top:end] for top, end in ranges]
        return np.concatenate(parts) if parts else NO_WINDOWS

    def _select_again(self, windows: Ints) -> None:
        if not len(windows) or self.rows.analysis is None:
            return
        marked = np.zeros(len(self.rows.analysis.windows), bool)
        marked[windows] = True
        rows = np.flatnonzero(marked[self.rows.windows])
        starts = np.flatnonzero(np.diff(rows, prepend=-2) > 1)
        if not len(rows) or len(starts) > _MOST_RUNS:
            return
        selection = QItemSelection()
        for start, end in pairwise([*starts.tolist(), len(rows)]):
            top, bottom = int(rows[start]), int(rows[end - 1])
            selection.select(self.rows.index(top, 0), self.rows.index(bottom, 0))
        self.view.selectionModel().select(selection, _FLAGS.ClearAndSelect | _FLAGS.Rows)

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._ask(current.row())

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.rows.windows):
            window = int(self.rows.windows[row])
            self._model.select(Selected("window", window), go_there=True)

    def _follow_selection(self) -> None:
        """Show the window that is asked about, without asking for it in turn."""
        if self._stale or self.rows.analysis is None:
            return
        selected, row = self._model.selection, None
        if selected is not None and selected.kind == "window":
            row = self.rows.row_of(selected.index)
        current = self.view.currentIndex()
        if current.isValid() and current.row() == row:
            return
        self._following = True
        selection = self.view.selectionModel()
        if row is not None:
            among = selection.isRowSelected(row)
            how = _FLAGS.NoUpdate if among else _FLAGS.ClearAndSelect | _FLAGS.Rows
            selection.setCurrentIndex(self.rows.index(row, 0), how)
            self._scroll_to_current()
        elif current.isValid():
            selection.clear()
        self._following = False

    def _scroll_to_current(self) -> None:
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())

    # Copying

    def copy(self) -> None:
        """Copy the selected rows as CSV, all that are listed where none is selected."""
        chosen = self.selected_windows()
        self._copy(chosen if len(chosen) else self.rows.windows)

    def copy_all(self) -> None:
        """Copy all rows that are listed as CSV."""
        self._copy(self.rows.windows)

    def _copy(self, windows: Ints) -> None:
        if self.rows.analysis is None or not len(windows):
            return
        text = csv_of(self.rows.analysis, windows)
        mime = QMimeData()
        mime.setText(text)
        mime.setData("text/csv", text.encode())
        QGuiApplication.clipboard().setMimeData(mime)
        rows = "1 row" if len(windows) == 1 else f"{len(windows):,} rows"
        self.copied.emit(f"{rows} copied as CSV")

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("table_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = len(self.selected_windows())
        some = menu.addAction("Copy the selected rows as CSV\tCtrl+C", self.copy)
        some.setEnabled(chosen > 0)
        menu.addAction(f"Copy all {len(self.rows.windows):,} listed as CSV", self.copy_all)
        sort = menu.addMenu("Sort by")
        titles: list[tuple[str, str | None]] = [("Place", None)]
        titles += [(column.title, column.name) for column in self.rows.columns]
        for title, name in [*titles, ("Verdict", VERDICT)]:
            action = sort.addAction(title, self._on_sort_action)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == self._sort[0])
        sort.addSeparator()
        reverse = sort.addAction("Descending", self._on_reverse)
        reverse.setCheckable(True)
        reverse.setChecked(self._sort[1])
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _on_sort_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.sort_by(action.data(), descending=self._sort[1])

    def _on_reverse(self) -> None:
        self.sort_by(self._sort[0], descending=not self._sort[1])
