"""The gallery with the row of tools above it: what it shows, in which order, how large."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.views.gallery_area import LARGEST, SMALLEST, USUAL, Gallery
from srviewer.gui.views.marks import result_of, why_no_result
from srviewer.gui.views.pictures import DIFFERENCE_MAP, DIFFERENCE_TOP, colored, to_qimage
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.widgets.building import bar_of, combo_box, even_heights, label, named, stacked
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.columns import SortOrder
from srviewer.pipeline.window_columns import COLUMNS, ONLY_WITH, WindowColumn, columns_of
from srviewer.pipeline.window_filter import Show, choose, count_words, why_empty
from srviewer.wording import sentence

_SHOWN = (Show.KEPT, Show.REJECTED, Show.EXCLUDED, Show.IN_BOX)
_STEP = 11  # pixels: a third of the article's patch, so that sizes are whole multiples now and then
_SORTED_BY = tuple(one for one in COLUMNS if one.name not in ("x", "y", "matches", "verdict"))
_UP, _DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"


class GalleryView(QWidget):
    """The gallery of the current image's windows, and its tools.

    Signals
    -------
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    copied = Signal(str)

    def __init__(
        self, model: Model, excluding: Excluding | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_view")
        self._model = model
        self._order = SortOrder()
        self.gallery = Gallery(model, excluding or Excluding(model, self))
        self.gallery.copied.connect(self.copied)
        stacked(self, self._bar(), self.gallery)
        model.analysis_changed.connect(self._fill)
        model.current_changed.connect(self._fill)

    def _bar(self) -> QHBoxLayout:
        self.show_box = combo_box(
            "gallery_show",
            "Windows to show",
            "which windows are shown",
            ((sentence(one.value), one) for one in _SHOWN),
        )
        self.show_box.currentIndexChanged.connect(self._fill)
        self.count = label("gallery_count")
        sort, size, legend = self._make_sort(), self._make_size(), _Legend()
        even_heights(self.show_box, *sort)
        return bar_of(self.show_box, *sort, size, self.count, legend, grows=legend)

    def _make_sort(self) -> tuple[QWidget, ...]:
        titles = (one.title if one.title.isupper() else one.title.lower() for one in _SORTED_BY)
        by_column = zip((f"By {one}" for one in titles), _SORTED_BY, strict=True)
        orders = [("By place", None), *by_column]
        self.sort_box = combo_box(
            "gallery_sort", "Sorted by", "what the windows are sorted by", orders
        )
        self.sort_box.currentIndexChanged.connect(self._sort_anew)
        tip = "ascending; click for descending"
        self.descending = named(QToolButton(), "gallery_descending", "Descending", tip=tip)
        self.descending.setCheckable(True)
        self.descending.setText(_UP)
        self.descending.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.descending.toggled.connect(self._on_direction)
        return self.sort_box, self.descending

    def _make_size(self) -> QSlider:
        slider, tip = QSlider(Qt.Orientation.Horizontal), "how large the pictures are drawn"
        self.size_slider = named(slider, "gallery_size", "Size of the pictures", tip=tip)
        self.size_slider.setRange(SMALLEST // _STEP, LARGEST // _STEP)
        self.size_slider.setPageStep(3)
        self.size_slider.setValue(USUAL // _STEP)
        self.size_slider.setFixedWidth(90)
        self.size_slider.valueChanged.connect(self._on_size)
        return self.size_slider

    # Filling

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        a = result_of(self._model) if self.isVisible() else None
        if a is None:  # and while hidden no old analysis is held alive either
            self.gallery.show_windows(None, NO_ROWS, sentence(why_no_result(self._model)))
            self.count.setText("")
            return
        columns, show = columns_of(a.recipe), self.show_box.currentData()
        self._offer(columns)
        by = self.sort_box.currentData()
        column, descending = by if by in columns else None, self.descending.isChecked()
        order = self._order.of(column, a, len(a.windows), descending=descending)
        windows = choose(a, show, order=order)
        why = "" if len(windows) else sentence(why_empty(a, show))
        self.gallery.show_windows(a, windows, why)
        text, meaning = count_words(a, show, len(windows))
        self.count.setText(text)
        self.count.setToolTip(meaning)

    def _offer(self, columns: tuple[WindowColumn, ...]) -> None:
        for number, column in enumerate(_SORTED_BY, start=1):
            why_not = None if column in columns else f"known with {ONLY_WITH[column.name]} only"
            offer(self.sort_box, number, why_not)

    def _sort_anew(self) -> None:
        self._fill()
        self.gallery.scroll_to_selected()

    def _on_direction(self, descending: bool) -> None:
        self.descending.setText(_DOWN if descending else _UP)
        now, other = ("descending", "ascending")[:: 1 if descending else -1]
        self.descending.setToolTip(f"{now}; click for {other}")
        self._sort_anew()

    def _on_size(self, steps: int) -> None:
        self.gallery.set_side(steps * _STEP)


class _Legend(QWidget):
    """Says what a strip holds, and which colour of the difference is how much; if there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gallery_legend")
        # A narrow window hides the legend; the legend does not keep a window from being narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._before, self._after = "HR | LR | difference  0", f"{DIFFERENCE_TOP:g}+ levels"
        self.setToolTip(
            "each strip is HR, LR as it is exported, and the difference of HR and upscaled LR:\n"
            f"its mean over the channels in grey levels; {DIFFERENCE_TOP:g} and more look alike"
        )
        ramp = np.linspace(0, 1, 256)[None]
        self._ramp = to_qimage(colored(ramp, 1, DIFFERENCE_MAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics, bar, gap = self.fontMetrics(), 64, 7
        after = metrics.horizontalAdvance(self._after)
        needed = metrics.horizontalAdvance(self._before) + after + bar + 2 * gap
        if needed > self.width():
            return
        area = self.rect().adjusted(self.width() - needed, 0, 0, 0)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, self._before)
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, self._after)
        left, height = area.right() - after - gap - bar, metrics.ascent()
        painter.drawImage(QRect(left, area.center().y() - height // 2, bar, height), self._ramp)
        painter.end()
