"""The table of windows: sorted by its headers, filtered by typed conditions, copied as CSV."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import current_theme
from srviewer.gui.views.marks import result_of, why_no_result
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import NO_ROWS, TableModel
from srviewer.gui.views.table_view import FLAGS, TableView
from srviewer.gui.widgets.building import label, named
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.window_columns import NUMBERS, WindowColumn, columns_of
from srviewer.pipeline.window_filter import (
    Condition,
    ConditionError,
    Show,
    choose,
    count_words,
    parse_conditions,
    why_empty,
)

_PATIENCE = 700  # ms without a key, after which a condition is no longer being typed


class ConditionField(QLineEdit):
    """A line to type conditions on windows in; it holds the last ones that were understood.

    Attributes
    ----------
    conditions : tuple of Condition
    problem : QLabel
        Says what is allowed, once a person has stopped typing; to be put below by the owner.

    Signals
    -------
    understood
        `conditions` is new.
    """

    understood = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        hint = "Conditions, as keypoints >= 12, psnr < 20"
        super().__init__(parent, placeholderText=hint, clearButtonEnabled=True)
        self.conditions: tuple[Condition, ...] = ()
        self._columns: tuple[WindowColumn, ...] = NUMBERS
        self._error = ""
        self._typing = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._typing.timeout.connect(self._show_problem)
        self.problem = label("table_problem", wraps=True)
        self.problem.setContentsMargins(8, 0, 8, 6)
        self.problem.hide()
        named(self, "table_filter", "Conditions")
        self.textChanged.connect(self._on_text)
        self.editingFinished.connect(self._show_problem)

    def use_columns(self, columns: tuple[WindowColumn, ...]) -> None:
        """Let conditions be on these columns only."""
        if columns != self._columns or not self.toolTip():
            self._columns = columns
            self.setToolTip(
                "list only the windows that meet all conditions, as keypoints >= 12, psnr < 20\n"
                f"names: {', '.join(column.name for column in columns)}\n"
                "signs: < <= > >= = !="
            )
            self._parse()
            # The last good filter stays, but not on a column that is gone.
            self.conditions = tuple(one for one in self.conditions if one.column in columns)
            self._show_problem()

    def _on_text(self) -> None:
        self._parse()
        if self._error:
            self._typing.start()
        else:
            self._show_problem()
            self.understood.emit()

    def _parse(self) -> None:
        try:
            self.conditions = parse_conditions(self.text(), self._columns)
            self._error = ""
        except ConditionError as error:
            self._error = str(error)

    def _show_problem(self) -> None:
        self._typing.stop()
        self.problem.setText(self._error)
        self.problem.setStyleSheet(f"color: {current_theme().warning}")
        self.problem.setVisible(bool(self._error))
        self.setAccessibleDescription(self._error)


class _View(TableView):
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the current row again by a click on it."""
        before = self.currentIndex().row()
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at.isValid() and at.row() == before:
            self.asked.emit(before)

    def share_width(self) -> None:
        """Give the numbers columns of one width, and the verdict what is left."""
        wide = self.fontMetrics().horizontalAdvance("0")
        numbers = max(self.listed.columnCount() - 1, 1)
        width = (self.viewport().width() - 20 * wide) // numbers
        self.horizontalHeader().setDefaultSectionSize(min(max(width, 10 * wide), 16 * wide))


class WindowTable(Table):
    """Every window of the current image, with what is known of it."""

    more_orders = (("Place", None),)

    def __init__(
        self, model: Model, excluding: Excluding | None = None, parent: QWidget | None = None
    ) -> None:
        rows = TableModel(columns_of(Recipe()), window_verdict)
        view = _View(rows, "windows", "Windows of the image")
        super().__init__("table", view, Show, "windows", parent=parent)
        self.setObjectName("window_table")
        self._model = model
        self._excluding = excluding or Excluding(model, self)
        self._stale = True
        self._following = self._filling = False
        self.filter = ConditionField()
        self.lay_out(self.filter, self.filter.problem)
        self.filter.understood.connect(self.fill)
        view.asked.connect(self._ask)
        view.selectionModel().currentRowChanged.connect(self._on_current)
        view.selectionModel().selectionChanged.connect(self._on_chosen)
        model.analysis_changed.connect(self.fill)
        model.current_changed.connect(self.fill)
        model.selection_changed.connect(self._follow_selection)

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.fill()
        self._on_chosen()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing be done to rows that nobody sees."""
        super().hideEvent(event)
        self._model.choose(frozenset())

    def is_same(self, before: Analysis, after: Analysis) -> bool:
        """Tell whether two analyses have the same windows."""
        return before.windows is after.windows

    def fill(self) -> None:
        """List the windows of the model's analysis, while they can be seen."""
        self._stale = not self.isVisible()
        a = None if self._stale else result_of(self._model)
        columns, show = columns_of(self._model.recipe), self.show_box.currentData()
        self.filter.use_columns(columns[:-1])
        if a is None:  # and while hidden no old analysis is held alive either
            self._show(None, columns, NO_ROWS)
            self.say_empty(why_no_result(self._model))
            self.count.setText("")
            return
        order = self.ordered(a, columns, len(a.windows))
        windows = choose(a, show, self.filter.conditions, order=order)
        self._show(a, columns, windows)
        self.say_empty("" if len(windows) else why_empty(a, show, self.filter.conditions))
        text, meaning = count_words(a, show, len(windows))
        self.count.setText(text)
        self.count.setToolTip(meaning)

    def _show(self, a: Analysis | None, columns: tuple[WindowColumn, ...], windows: Ints) -> None:
        self._following = self._filling = True
        self.show_rows(a, columns, windows)
        self._following = self._filling = False
        if a is not None:
            self._on_chosen()
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

    def _on_chosen(self) -> None:
        """Let several selected rows be what is excluded together."""
        if self._filling:
            return
        rows = self.view.selected_rows()
        self._model.choose(frozenset(rows.tolist()) if len(rows) > 1 else frozenset())

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer to exclude the selected windows, or to include them again."""
        if self._excluding.windows:
            menu.addAction(f"{self._excluding.windows_words}\tX", self._excluding.turn_windows)
            menu.addSeparator()

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
