"""The table of windows: sorted by its headers, filtered by conditions, copied as CSV."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.condition_field import ConditionField
from srviewer.gui.views.marks import mark_icon, result_of, why_no_result
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import NO_ROWS, TableModel
from srviewer.gui.views.table_view import FLAGS, TableView
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import Verdict, window_verdict
from srviewer.pipeline.window_columns import columns_of, verdict_of
from srviewer.pipeline.window_filter import Show, choose, count_words, why_empty


class _View(TableView):
    def share_width(self) -> None:
        """Give the numbers columns of one width, and the verdict what is left."""
        wide = self.fontMetrics().horizontalAdvance("0")
        numbers = max(self.listed.columnCount() - 1, 1)
        width = (self.viewport().width() - 20 * wide) // numbers
        self.horizontalHeader().setDefaultSectionSize(min(max(width, 10 * wide), 16 * wide))


class WindowTable(Table):
    """Every window of the current image, with what is known of it."""

    more_orders = (("Place", None),)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        rows = TableModel(columns_of(Recipe()), window_verdict, verdict_of)
        view = _View(rows, "windows", "Windows of the image")
        super().__init__("table", view, Show, "windows", parent=parent)
        rows.setParent(self)
        self.setObjectName("window_table")
        self._model = model
        self._stale = True
        self._following = False
        self.filter = ConditionField()
        self.filter.setObjectName("table_filter")
        self.filter.problem.setObjectName("table_problem")
        self.lay_out(self.filter, self.filter.problem)
        self.filter.understood.connect(self.fill)
        view.asked.connect(self._ask)
        view.selectionModel().currentRowChanged.connect(self._on_current)
        model.analysis_changed.connect(self.fill)
        model.current_changed.connect(self.fill)
        model.selection_changed.connect(self._follow_selection)

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.fill()

    def make_marks(self) -> None:
        """Draw the marks in the colours of the palette."""
        ratio, palette = self.devicePixelRatioF(), self.palette()
        self.listed.marks = {
            one: mark_icon(one, palette, ratio, self.view.iconSize()) for one in Verdict
        }

    def is_same(self, before: Analysis, after: Analysis) -> bool:
        """Tell whether two analyses have the same windows."""
        return before.windows is after.windows

    def fill(self) -> None:
        """List the windows of the model's analysis, while they can be seen."""
        self._stale = not self.isVisible()
        a = None if self._stale else result_of(self._model)
        self.filter.use_columns(columns_of(self._model.recipe)[:-1])
        if a is None:  # and while hidden no old analysis is held alive either
            self._show(None, NO_ROWS)
            self.say_empty(why_no_result(self._model))
            self.count.setText("")
            return
        show, columns = self.show_box.currentData(), columns_of(a.recipe)
        order = self.ordered(a, columns, len(a.windows))
        windows = choose(a, show, self.filter.conditions, order=order)
        self._show(a, windows)
        self.say_empty("" if len(windows) else why_empty(a, show, self.filter.conditions))
        text, meaning = count_words(a, show, len(windows))
        self.count.setText(text)
        self.count.setToolTip(meaning)

    def _show(self, a: Analysis | None, windows: Ints) -> None:
        columns = columns_of(a.recipe) if a is not None else self.listed.columns
        self._following = True
        self.show_rows(a, columns, windows, len(a.windows) if a is not None else 0)
        self._following = False
        self._follow_selection()

    def sort_by(self, name: str | None, *, descending: bool = False) -> None:
        """Sort by the column `name`, as in a condition, or ``verdict``; None is by place."""
        super().sort_by(name, descending=descending)
        self._scroll_to_current()

    # The selection

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._ask(current.row())

    def _ask(self, row: int) -> None:
        if 0 <= row < len(self.listed.rows):
            window = int(self.listed.rows[row])
            self._model.select(Selected("window", window), go_there=True)

    def _follow_selection(self) -> None:
        """Show the window that is asked about, without asking for it in turn."""
        if self._stale or self.listed.source is None:
            return
        selected, row = self._model.selection, None
        if selected is not None and selected.kind == "window":
            row = self.listed.row_of(selected.index)
        current = self.view.currentIndex()
        if current.isValid() and current.row() == row:
            return
        self._following = True
        selection = self.view.selectionModel()
        if row is not None:
            among = selection.isRowSelected(row)
            how = FLAGS.NoUpdate if among else FLAGS.ClearAndSelect | FLAGS.Rows
            selection.setCurrentIndex(self.listed.index(row, 0), how)
            self._scroll_to_current()
        elif current.isValid():
            selection.clear()
        self._following = False

    def _scroll_to_current(self) -> None:
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())
