"""The table of matches: sorted by its headers, filtered by typed conditions, copied as CSV."""

from typing import Any

from srviewer.gui.state.model import Model
from srviewer.gui.views.picture_table import PictureTable
from srviewer.gui.views.table_model import TableModel
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column
from srviewer.pipeline.match_columns import COLUMNS, NUMBERS, SHOWN_COLUMNS
from srviewer.pipeline.match_filter import ShowMatches, choose, count_words, why_empty
from srviewer.pipeline.summary import match_verdict


class MatchTable(PictureTable):
    """Every match of the current image, with what the tests say of it."""

    def __init__(self, model: Model) -> None:
        rows = TableModel(SHOWN_COLUMNS, match_verdict)
        what = "matches", "ratio > 1.02, distance < 2000"
        super().__init__(model, "matches", rows, ShowMatches, "match", what)
        self.setObjectName("match_table")

    def is_same(self, before: Analysis, after: Analysis) -> bool:
        """Tell whether two analyses have the same matches."""
        return before.matches is after.matches

    def use_columns(self) -> tuple[Column[Any], ...]:
        """Return what is shown of matches under every recipe."""
        self.filter.use_columns(NUMBERS)
        return SHOWN_COLUMNS

    def list_rows(self, a: Analysis, columns: tuple[Column[Any], ...]) -> tuple[Ints, str]:
        """Return the matches to list, and why there are none; say how many there are."""
        show, conditions = self.show_box.currentData(), self.filter.conditions
        order = self.ordered(a, columns, len(a.matches))
        matches = choose(a, show, conditions, order)
        self.say_count(count_words(a, len(matches)))
        return matches, "" if len(matches) else why_empty(a, show, conditions)

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied, more than are shown."""
        return COLUMNS
