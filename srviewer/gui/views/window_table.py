"""The table of windows: sorted by its headers, filtered by typed conditions, copied as CSV."""

from typing import Any

import numpy as np
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.views.picture_table import PictureTable
from srviewer.gui.views.table_model import TableModel
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.window_columns import ONLY_WITH, columns_of
from srviewer.pipeline.window_filter import LYING, ONLY_GIVEN, Show, choose, count_words, why_empty


class WindowTable(PictureTable):
    """Every window of the current image, with what is known of it."""

    more_orders = (("Place", None),)

    def __init__(self, model: Model, excluding: Excluding | None = None) -> None:
        rows = TableModel(columns_of(Recipe()), window_verdict)
        what = "windows", "keypoints >= 12, psnr < 20"
        super().__init__(model, "table", rows, Show, "window", what)
        self.setObjectName("window_table")
        self._excluding = excluding or Excluding(model, self)
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

    def is_same(self, before: Analysis, after: Analysis) -> bool:
        """Tell whether two analyses have the same windows."""
        return before.windows is after.windows

    def use_columns(self) -> tuple[Column[Any], ...]:
        """Return what the recipe's analyses have something for."""
        columns, given = self._columns(), self._is_given
        self.filter.use_columns(tuple(one for one in columns if one.text is None), ONLY_WITH)
        for show in LYING:
            offer(self.show_box, self.show_box.findData(show), None if given else ONLY_GIVEN)
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

    def list_rows(self, a: Analysis, columns: tuple[Column[Any], ...]) -> tuple[Ints, str]:
        """Return the windows to list, and why there are none; say how many there are."""
        show, conditions = self.show_box.currentData(), self.filter.conditions
        order = self.ordered(a, columns, len(a.windows))
        windows = choose(a, show, conditions, order=order)
        self.say_count(count_words(a, show, len(windows)))
        return windows, "" if len(windows) else why_empty(a, show, conditions)

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
        if self._excluding.meant.count:
            menu.addAction(f"{self._excluding.windows_words}\tX", self._excluding.turn_windows)
            menu.addSeparator()
