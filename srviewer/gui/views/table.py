"""The table of windows: sorted by its headers, filtered by conditions, copied as CSV."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.model import Model, Selected
from srviewer.gui.theme import KEPT, REJECTED, current_theme
from srviewer.gui.views.window_choice import (
    VERDICT_WORDS,
    Column,
    Condition,
    ConditionError,
    Show,
    Values,
    choose,
    columns_of,
    count_words,
    csv_of,
    parse_conditions,
    verdict_ranks,
    why_empty,
)
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.patching import Verdict
from srviewer.pipeline.verdicts import window_verdict

_Index = QModelIndex | QPersistentModelIndex
_VERDICT = "verdict"
_VERDICT_HELP = "why the window is kept or not; the first reason that holds"
_NO_WINDOWS: Ints = np.empty(0, np.int64)
_MARK = 11  # screen pixels
_PATIENCE = 700  # ms without a key, after which a condition is no longer being typed
_MOST_RUNS = 500  # pieces of a selection, above which only the current row stays selected
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
        self._conditions: tuple[Condition, ...] = ()
        self._sort: tuple[str | None, bool] = (None, False)  # column, descending
        self._stale = True
        self._following = False
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_PATIENCE)
        self._error = ""
        self._build()
        self._connect()

    def _build(self) -> None:
        self.show_box = QComboBox()
        self.show_box.setObjectName("table_show")
        self.show_box.setAccessibleName("Windows to list")
        self.show_box.setToolTip("which windows are listed")
        for one in Show:
            self.show_box.addItem(one.value.capitalize(), one)
        self.filter = QLineEdit()
        self.filter.setObjectName("table_filter")
        self.filter.setAccessibleName("Conditions")
        self.filter.setPlaceholderText("Conditions: keypoints >= 12, psnr < 20")
        self.filter.setClearButtonEnabled(True)
        self.count = QLabel()
        self.count.setObjectName("table_count")
        self.copy_button = QPushButton("Copy as CSV")
        self.copy_button.setObjectName("table_copy")
        self.problem = QLabel()
        self.problem.setObjectName("table_problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.setContentsMargins(8, 0, 8, 6)
        self.problem.hide()
        self.data = WindowsModel(self)
        self.view = _View()
        self.view.setModel(self.data)
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
        column.addWidget(self.problem)
        column.addWidget(self.pages, 1)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.show_box)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        row.addWidget(self.copy_button)
        return row

    def _connect(self) -> None:
        self.show_box.activated.connect(self._fill)
        self.filter.textChanged.connect(self._on_text)
        self.filter.returnPressed.connect(self._show_problem)
        self._typing.timeout.connect(self._show_problem)
        self.copy_button.clicked.connect(self.copy)
        self.view.copy_wanted.connect(self.copy)
        self.view.asked.connect(self._ask)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.selectionModel().currentRowChanged.connect(self._on_current)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._on_header)
        self._model.analysis_changed.connect(self._refresh)
        self._model.current_changed.connect(self._refresh)
        self._model.selection_changed.connect(self._follow_selection)

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._make_marks()

    def _refresh(self) -> None:
        self._stale = not self.isVisible()
        if self._stale:
            self.data.show(None, _NO_WINDOWS)  # holds no old analysis alive either
            return
        if not self.data.marks:
            self._make_marks()
        self._parse()
        self._fill()

    def _fill(self) -> None:
        a = self._model.analysis
        if a is None or not a.complete:
            self._show_rows(None, _NO_WINDOWS)
            self._show_empty(why_no_result(self._model))
            return
        show = self.show_box.currentData()
        name, descending = self._sort
        windows = choose(a, show, self._conditions, by=self._keys(a), descending=descending)
        self._show_rows(a, windows)
        text, help = count_words(a, show, len(windows))
        self.count.setText(text)
        self.count.setToolTip(help)
        if not len(windows):
            self._show_empty(why_empty(a, show, self._conditions))
        else:
            self.pages.setCurrentWidget(self.view)
        self.copy_button.setEnabled(len(windows) > 0)

    def _show_empty(self, why: str) -> None:
        self.empty.setText(why[:1].upper() + why[1:])
        self.pages.setCurrentWidget(self.empty)
        self.copy_button.setEnabled(False)
        if self.data.analysis is None:
            self.count.setText("")

    def _keys(self, a: Analysis) -> Values | None:
        name, _ = self._sort
        found: list[Column] = [one for one in columns_of(a) if one.name == name]
        if found:
            return found[0].values(a)
        return verdict_ranks(a) if name == _VERDICT else None

    def _show_rows(self, a: Analysis | None, windows: Ints) -> None:
        before = self.data.analysis
        same = a is not None and before is not None and a.windows is before.windows
        selected = self.selected_windows() if same else _NO_WINDOWS
        place = self.view.verticalScrollBar().value()
        self._following = True
        self.data.show(a, windows)
        self.view.share_width()
        self._show_indicator()
        self._select_again(selected)
        self._following = False
        self.view.verticalScrollBar().setValue(place if same else 0)
        self._follow_selection()

    def _show_indicator(self) -> None:
        name, descending = self._sort
        names = [*(column.name for column in self.data.columns), _VERDICT]
        header = self.view.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        with QSignalBlocker(header):
            header.setSortIndicator(names.index(name) if name in names else -1, order)

    def _make_marks(self) -> None:
        ratio, palette = self.devicePixelRatioF(), self.palette()
        chosen = palette.color(QPalette.ColorRole.HighlightedText)
        for verdict in Verdict:
            icon = QIcon()
            icon.addPixmap(_mark_pixmap(verdict, mark_color(verdict, palette), ratio))
            icon.addPixmap(_mark_pixmap(verdict, chosen, ratio), QIcon.Mode.Selected)
            self.data.marks[verdict] = icon

    # Conditions

    def _on_text(self) -> None:
        self._parse()
        if not self._error:
            self._fill()

    def _parse(self) -> None:
        columns = columns_of(self._model.analysis)
        try:
            self._conditions = parse_conditions(self.filter.text(), columns)
            self._error = ""
        except ConditionError as error:
            self._error = str(error)
            # The last good filter stays, but not on a column that is gone.
            self._conditions = tuple(one for one in self._conditions if one.column in columns)
        self.filter.setToolTip(
            "List only windows that meet all conditions, as keypoints >= 12, psnr < 20\n"
            f"Names: {', '.join(column.name for column in columns)}"
        )
        if self._error and not self.problem.isVisible():
            self._typing.start()
        else:
            self._show_problem()

    def _show_problem(self) -> None:
        self._typing.stop()
        self.problem.setText(self._error)
        self.problem.setStyleSheet(f"color: {current_theme().warning}")
        self.problem.setVisible(bool(self._error))

    # Sorting

    def _on_header(self, section: int, order: Qt.SortOrder) -> None:
        names = [*(column.name for column in self.data.columns), _VERDICT]
        name = names[section] if 0 <= section < len(names) else None
        self.sort_by(name, descending=order == Qt.SortOrder.DescendingOrder)

    def sort_by(self, name: str | None, *, descending: bool = False) -> None:
        """Sort by the column `name`, as in a condition or ``verdict``; None is by place."""
        self._sort = (name, descending and name is not None)
        self._fill()
        self._scroll_to_current()

    # The selection

    def selected_windows(self) -> Ints:
        """Return the numbers of the windows whose rows are selected, from top to bottom."""
        ranges = [(one.top(), one.bottom() + 1) for one in self.view.selectionModel().selection()]
        if not ranges:
            return _NO_WINDOWS
        parts = [self.data.windows[top:end] for top, end in sorted(set(ranges))]
        return np.concatenate(parts)

    def _select_again(self, windows: Ints) -> None:
        if not len(windows) or self.data.analysis is None:
            return
        marked = np.zeros(len(self.data.analysis.windows), bool)
        marked[windows] = True
        rows = np.flatnonzero(marked[self.data.windows])
        starts = np.flatnonzero(np.diff(rows, prepend=-2) > 1)
        if not len(rows) or len(starts) > _MOST_RUNS:
            return
        selection = QItemSelection()
        for start, end in pairwise([*starts.tolist(), len(rows)]):
            top, bottom = int(rows[start]), int(rows[end - 1])
            selection.select(self.data.index(top, 0), self.data.index(bottom, 0))
        flags = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._ask(current.row())

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.data.windows):
            window = int(self.data.windows[row])
            self._model.select(Selected("window", window), go_there=True)

    def _follow_selection(self) -> None:
        """Show the window that is asked about, without asking for it in turn."""
        if self._stale or self.data.analysis is None:
            return
        selected = self._model.selection
        row = None
        if selected is not None and selected.kind == "window":
            row = self.data.row_of(selected.index)
        current = self.view.currentIndex()
        if current.isValid() and current.row() == row:
            return
        self._following = True
        selection, flags = self.view.selectionModel(), QItemSelectionModel.SelectionFlag
        if row is None:
            selection.clear()
        else:
            index = self.data.index(row, 0)
            kept = selection.isRowSelected(row)
            how = flags.NoUpdate if kept else flags.ClearAndSelect | flags.Rows
            selection.setCurrentIndex(index, how)
            self._scroll_to_current()
        self._following = False

    def _scroll_to_current(self) -> None:
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())

    # Copying

    def copy(self) -> None:
        """Copy the selected rows as CSV, all that are listed where none is selected."""
        chosen = self.selected_windows()
        self._copy(chosen if len(chosen) else self.data.windows)

    def _copy_all(self) -> None:
        self._copy(self.data.windows)

    def _copy(self, windows: Ints) -> None:
        if self.data.analysis is None or not len(windows):
            return
        text = csv_of(self.data.analysis, windows)
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
        menu.addAction("Copy the selected rows as CSV\tCtrl+C", self.copy)
        menu.addAction(f"Copy all {len(self.data.windows):,} listed as CSV", self._copy_all)
        sort = menu.addMenu("Sort by")
        titles = [("place", None), *((one.title, one.name) for one in self.data.columns)]
        for title, name in [*titles, ("Verdict", _VERDICT)]:
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
        self.sort_by(self.sender().data(), descending=self._sort[1])  # type: ignore[attr-defined]

    def _on_reverse(self) -> None:
        self.sort_by(self._sort[0], descending=not self._sort[1])
