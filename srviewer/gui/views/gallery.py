"""The gallery with the row of tools above it: what it shows, in which order, how large."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.views.gallery_area import Gallery
from srviewer.gui.views.gallery_kind import WINDOWS, Kind
from srviewer.gui.views.marks import result_of, why_no_result
from srviewer.gui.views.pictures import DIFFERENCE_MAP, DIFFERENCE_TOP, colored, to_qimage
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.widgets.building import bar_of, combo_box, even_heights, label, named, stacked
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.columns import SortOrder
from srviewer.pipeline.window_columns import COLUMNS, ONLY_WITH, WindowColumn, columns_of
from srviewer.pipeline.window_filter import choose, count_words, why_empty
from srviewer.wording import sentence

_STEP = 11  # pixels: a third of the article's patch, so that sizes are whole multiples now and then
_SORTED_BY = tuple(one for one in COLUMNS if one.name not in ("x", "y", "matches", "verdict"))
_UP, _DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"


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
        self,
        model: Model,
        excluding: Excluding | None = None,
        kind: Kind = WINDOWS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._name = kind, kind.name
        self.setObjectName(f"{kind.name}_view")
        self._model = model
        self._order = SortOrder()
        self.gallery = Gallery(model, excluding or Excluding(model, self), kind)
        self.gallery.picked.connect(self.picked)
        self.gallery.copied.connect(self.copied)
        stacked(self, self._bar(), self.gallery)
        model.analysis_changed.connect(self._fill)
        model.current_changed.connect(self._fill)

    def _bar(self) -> QHBoxLayout:
        self.show_box = combo_box(
            f"{self._name}_show",
            "Windows to show",
            "which windows are shown",
            ((sentence(one.value), one) for one in self._kind.shows),
        )
        self.show_box.currentIndexChanged.connect(self._fill)
        self.count = label(f"{self._name}_count")
        sort, size, legend = self._make_sort(), self._make_size(), _Legend(self._kind)
        even_heights(self.show_box, *sort)
        bar = bar_of(self.show_box, *sort, size, self.count, legend, grows=legend)
        self.show_box.setHidden(len(self._kind.shows) == 1)
        return bar

    def _make_sort(self) -> tuple[QWidget, ...]:
        titles = (one.title if one.title.isupper() else one.title.lower() for one in _SORTED_BY)
        by_column = zip((f"By {one}" for one in titles), _SORTED_BY, strict=True)
        orders = [("By place", None), *by_column]
        self.sort_box = combo_box(
            f"{self._name}_sort", "Sorted by", "what the windows are sorted by", orders
        )
        self.sort_box.setCurrentIndex([None, *_SORTED_BY].index(self._kind.sort))
        self.sort_box.currentIndexChanged.connect(self._sort_anew)
        tip = "ascending; click for descending"
        self.descending = named(QToolButton(), f"{self._name}_descending", "Descending", tip=tip)
        self.descending.setCheckable(True)
        self.descending.setText(_UP)
        self.descending.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.descending.toggled.connect(self._on_direction)
        return self.sort_box, self.descending

    def _make_size(self) -> QSlider:
        slider, tip = QSlider(Qt.Orientation.Horizontal), "how large the pictures are drawn"
        name, (smallest, usual, largest) = f"{self._name}_size", self._kind.sides
        self.size_slider = named(slider, name, "Size of the pictures", tip=tip)
        self.size_slider.setRange(smallest // _STEP, largest // _STEP)
        self.size_slider.setPageStep(3)
        self.size_slider.setValue(usual // _STEP)
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

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.setObjectName(f"{kind.name}_legend")
        # A narrow window hides the legend; the legend does not keep a window from being narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        lr, which = ("LR enlarged", "LR enlarged") if kind.enlarged else ("LR", "LR as exported")
        self._before, self._after = f"HR | {lr} | difference  0", f"{DIFFERENCE_TOP:g}+ levels"
        self.setToolTip(
            f"each strip is HR, {which}, and the difference of HR and enlarged LR:\n"
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
