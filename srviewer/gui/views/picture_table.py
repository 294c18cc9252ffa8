"""The tables of what can be asked about in the picture: its windows, and its matches."""

from abc import abstractmethod
from types import ModuleType
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QMenu

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.results import result_of, why_no_result
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.condition_field import ConditionField
from srviewer.gui.views.gallery_kind import offer_lying
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import NO_ROWS, TableModel
from srviewer.gui.views.table_view import FLAGS, TableView, room_for
from srviewer.gui.widgets.menus import add_excluding
from srviewer.pipeline import match_filter, window_filter
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column
from srviewer.pipeline.match_columns import COLUMNS, NUMBERS, SHOWN_COLUMNS
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import match_verdict, window_verdict
from srviewer.pipeline.window_columns import ONLY_WITH, columns_of


class PictureTableView(TableView):
    """Numbers in columns of one width, and a verdict; a click asks."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the current row again by a click on it."""
        before = self.currentIndex().row()
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at.isValid() and at.row() == before:
            self.asked.emit(before)

    def share_width(self) -> None:
        """Give numbers columns of one width, or what a title needs; the verdict has the rest."""
        metrics, room = self.fontMetrics(), self.viewport().width()
        wide = metrics.horizontalAdvance("0")
        *numbers, verdict = self.listed.columns
        needed = [
            max(
                *(7 * wide, room_for(metrics, one.heading)),
                metrics.horizontalAdvance(one.widest) + 3 * wide if one.widest else 0,
            )
            for one in numbers
        ]
        words = metrics.horizontalAdvance(verdict.widest) + self.iconSize().width() + 2 * wide
        *needed, _ = self.leave_out([*needed, words], room)
        spare = (room - max(words, 20 * wide) - sum(needed)) // max(sum(map(bool, needed)), 1)
        for section, least in enumerate(needed):
            if least:
                width = max(least, min(least + spare, 16 * wide))
                self.horizontalHeader().resizeSection(section, width)


class PictureTable(Table):
    """Rows of the model's analysis; the row that is asked about is what the model asks about.

    Parameters
    ----------
    model : Model
    name : str
        Of the widgets' object names.
    rows : TableModel
    filters : module
        Says which rows may be listed: `match_filter` or `window_filter`.
    kind : str
        What a row is, as in `Selected`.
    what : (str, str)
        What the rows are, as an analysis has them, and conditions that make sense on them.
    """

    def __init__(
        self,
        model: Model,
        name: str,
        rows: TableModel,
        filters: ModuleType,
        kind: Literal["match", "window"],
        what: tuple[str, str],
    ) -> None:
        plural, example = what
        view = PictureTableView(rows, plural, f"{plural.capitalize()} of the image")
        super().__init__(name, view, filters.Show, plural)
        self.setObjectName(f"{kind}_table")
        self._model, self._filters = model, filters
        self._kind, self._things = kind, plural
        self._stale = True
        self._following = False
        self.filter = ConditionField(name, plural, example)
        self.lay_out(self.filter, self.filter.problem)
        self.setFocusProxy(view)
        self.filter.understood.connect(self.fill)
        view.selectionModel().currentRowChanged.connect(self._on_current)
        model.analysis_changed.connect(self.fill)
        model.selection_changed.connect(self._follow_selection)

    # For what derives

    @abstractmethod
    def use_columns(self) -> tuple[Column[Any], ...]:
        """Return the columns that are shown now; conditions are on what they have in numbers."""

    def is_same(self, before: Analysis, after: Analysis) -> bool:
        """Tell whether the rows of two analyses are the same things."""
        return getattr(before, self._things) is getattr(after, self._things)

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.fill()

    def fill(self) -> None:
        """List the rows of the model's analysis, while they can be seen."""
        was_stale, self._stale = self._stale, not self.isVisible()
        if was_stale and self._stale:
            return
        a = None if self._stale else result_of(self._model)
        columns = self.use_columns()
        if a is None:  # and while hidden no old analysis is held alive either
            self._show(None, columns, NO_ROWS)
            self.say_empty(why_no_result(self._model))
            self.count.setText("")
            return
        filters, conditions = self._filters, self.filter.conditions
        show = self.show_box.currentData()
        order = self.ordered(a, columns, len(getattr(a, self._things)))
        rows = filters.choose(a, show, conditions, order=order)
        text, meaning = filters.count_words(a, show, len(rows))
        self.count.setText(text)
        self.count.setToolTip(meaning)
        self._show(a, columns, rows)
        self.say_empty("" if len(rows) else filters.why_empty(a, show, conditions))

    def _show(self, a: Analysis | None, columns: tuple[Column[Any], ...], rows: Ints) -> None:
        self._following = True
        self.show_rows(a, columns, rows)
        self._following = False
        self._follow_selection()

    def sort_by(self, name: str | None, *, descending: bool = False) -> None:
        """Sort by the column `name`, as in a condition, or ``verdict``; None is by place."""
        super().sort_by(name, descending=descending)
        self._scroll_to_current()

    # The selection

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and not self._following:
            self._on_asked(current.row())

    def ask(self, row: int) -> None:
        """Let the model ask about it."""
        self._model.select(Selected(self._kind, row), go_there=True)

    def _follow_selection(self) -> None:
        """Show what is asked about, without asking for it in turn."""
        if self._stale or self.listed.source is None:
            return
        selected, row = self._model.selection, None
        if selected is not None and selected.kind == self._kind:
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


class MatchTable(PictureTable):
    """Every match of the current image, with what the tests say of it."""

    def __init__(self, model: Model) -> None:
        rows = TableModel(SHOWN_COLUMNS, match_verdict)
        what = "matches", "ratio > 1.02, distance < 2000"
        super().__init__(model, "matches", rows, match_filter, "match", what)

    def use_columns(self) -> tuple[Column[Any], ...]:
        """Return what is shown of matches under every recipe."""
        self.filter.use_columns(NUMBERS)
        return SHOWN_COLUMNS

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied, more than are shown."""
        return COLUMNS


class WindowTable(PictureTable):
    """Every window of the current image, with what is known of it."""

    more_orders = (("Place", None),)

    def __init__(self, model: Model, excluding: Excluding) -> None:
        rows = TableModel(columns_of(Recipe()), window_verdict)
        what = "windows", "keypoints >= 12, psnr < 20"
        super().__init__(model, "table", rows, window_filter, "window", what)
        self._excluding = excluding
        self._filling = False
        self.view.selectionModel().selectionChanged.connect(self._on_chosen)
        model.chosen_changed.connect(self._follow_chosen)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the selected rows be what is excluded together."""
        super().showEvent(event)
        self._model.want_alignment("table", True)
        self._on_chosen()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing be done to rows that nobody sees."""
        super().hideEvent(event)
        self._model.want_alignment("table", False)
        self._model.choose(frozenset())

    def use_columns(self) -> tuple[Column[Any], ...]:
        """Return what the recipe's analyses have something for."""
        columns = self._columns()
        self.filter.use_columns(tuple(one for one in columns if one.text is None), ONLY_WITH)
        offer_lying(self.show_box, self._is_given)
        return tuple(one for one in columns if one.shown)

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied, more than are shown."""
        return self._columns()

    def _columns(self) -> tuple[Column[Any], ...]:
        return columns_of(self._model.recipe, given=self._is_given)

    @property
    def _is_given(self) -> bool:
        image = self._model.image
        return image is not None and image.lr is not None

    def _show(self, a: Analysis | None, columns: tuple[Column[Any], ...], rows: Ints) -> None:
        self._filling = True
        super()._show(a, columns, rows)
        self._filling = False
        if a is not None:
            self._on_chosen()

    # What is excluded by hand

    def _on_chosen(self) -> None:
        """Let several selected rows be what is excluded together."""
        if self._filling or self._following or not self.isVisible():
            return
        rows = self.view.selected_rows()
        self._model.choose(frozenset(rows.tolist()) if len(rows) > 1 else frozenset())

    def _follow_chosen(self) -> None:
        """Select what was chosen in the gallery, without choosing it in turn."""
        chosen = self._model.chosen
        if self.isVisible() and chosen and chosen != frozenset(self.view.selected_rows().tolist()):
            self._following = True
            self.view.select(np.array(sorted(chosen), np.int64))
            self._following = False

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer to exclude the selected windows, or to include them again."""
        add_excluding(menu, self._excluding)
        menu.addSeparator()
