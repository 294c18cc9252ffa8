"""The gallery with the row of tools above it, filled from the current image's analysis."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.views.gallery_area import Gallery
from srviewer.gui.views.gallery_bar import GalleryBar
from srviewer.gui.views.gallery_kind import WINDOWS, Kind
from srviewer.gui.views.marks import result_of, why_no_result
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.widgets.building import listed
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.columns import SortOrder
from srviewer.pipeline.window_columns import (
    COLUMNS,
    GIVEN_COLUMNS,
    ONLY_WITH,
    WindowColumn,
    columns_of,
)
from srviewer.pipeline.window_filter import LYING, choose, count_words, why_empty
from srviewer.wording import sentence

_UNSORTED = ("x", "y", "matches", "dx", "dy", "u95", "alignment", "verdict")
_SORTED_BY = tuple(one for one in COLUMNS if one.name not in _UNSORTED)


class GalleryView(QWidget):
    """A gallery of the current image's windows, and its tools.

    Signals
    -------
    picked(selected)
        A window was clicked.
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    picked = Signal(object)
    copied = Signal(str)

    def __init__(
        self, model: Model, excluding: Excluding | None = None, kind: Kind = WINDOWS
    ) -> None:
        super().__init__()
        self._kind = kind
        self.setObjectName(f"{kind.name}_view")
        self._model = model
        self._order = SortOrder()
        titles = (one.title if one.title.isupper() else one.title.lower() for one in _SORTED_BY)
        by_column = zip((f"By {one}" for one in titles), _SORTED_BY, strict=True)
        self.bar = GalleryBar(kind, [("By place", None), *by_column], kind.sort)
        self.show_box, self.sort_box = self.bar.show_box, self.bar.sort_box
        self.descending, self.size_slider = self.bar.descending, self.bar.size_slider
        self.count = self.bar.count
        self.gallery = Gallery(model, excluding or Excluding(model, self), kind)
        self.gallery.picked.connect(self.picked)
        self.gallery.copied.connect(self.copied)
        self.bar.shown.connect(self._show_others)
        self.bar.sorted.connect(self._sort_anew)
        self.bar.sized.connect(self.gallery.set_side)
        listed(self, self.bar, self.gallery)
        model.analysis_changed.connect(self._fill)
        model.current_changed.connect(self._fill)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        self._show_others()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing be found out that nobody sees."""
        super().hideEvent(event)
        self._model.want_alignment(self._kind.name, False)

    def _fill(self) -> None:
        a = result_of(self._model) if self.isVisible() else None
        if a is None:  # and while hidden no old analysis is held alive either
            self.gallery.show_windows(None, NO_ROWS, sentence(why_no_result(self._model)))
            self.count.setText("")
            return
        given = a.image.lr is not None
        columns, show = columns_of(a.recipe, given=given), self.show_box.currentData()
        self._offer(columns)
        self.bar.offer_lying(given)
        by = self.sort_box.currentData()
        column, descending = by if by in columns else None, self.descending.isChecked()
        order = self._order.of(column, a, len(a.windows), descending=descending)
        windows = choose(a, show, order=order)
        why = "" if len(windows) else sentence(why_empty(a, show))
        self.gallery.show_windows(a, windows, why)
        self.bar.say_count(*count_words(a, show, len(windows)))

    def _offer(self, columns: tuple[WindowColumn, ...]) -> None:
        for number, column in enumerate(_SORTED_BY, start=1):
            why_not = None if column in columns else f"known with {ONLY_WITH[column.name]} only"
            offer(self.sort_box, number, why_not)

    def _show_others(self) -> None:
        self._ask_for_alignment()
        self._fill()

    def _ask_for_alignment(self) -> None:
        show, by = self.show_box.currentData(), self.sort_box.currentData()
        wanted = show in LYING or by in GIVEN_COLUMNS
        self._model.want_alignment(self._kind.name, wanted and self.isVisible())

    def _sort_anew(self) -> None:
        self._ask_for_alignment()
        self._fill()
        self.gallery.scroll_to_selected()
