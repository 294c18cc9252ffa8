"""The row of tools above a gallery: what it shows, in which order, how large."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QSlider, QWidget

from srviewer.gui.views.gallery_kind import Kind
from srviewer.gui.views.pictures import DIFFERENCE_MAP, DIFFERENCE_TOP, colored, to_qimage
from srviewer.gui.widgets.building import bar_of, combo_box, even_heights, label, named, tool_button
from srviewer.wording import sentence

_STEP = 11  # pixels: a third of the article's patch, so that sizes are whole multiples now and then
_UP, _DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"


class GalleryBar(QWidget):
    """The tools of a gallery.

    Signals
    -------
    shown
        Other windows are to be shown.
    sorted
        They are to be in another order.
    sized(side)
        Screen pixels of one picture's side.

    Parameters
    ----------
    kind : Kind
    orders : sequence of (str, object)
        What windows can be sorted by: a text, and what it stands for.
    sort : object
        What they are sorted by at first.
    """

    shown = Signal()
    sorted = Signal()
    sized = Signal(int)

    def __init__(self, kind: Kind, orders: Sequence[tuple[str, object]], sort: object) -> None:
        super().__init__()
        self._kind, self._name = kind, kind.name
        self.show_box = combo_box(
            f"{self._name}_show",
            "Windows to show",
            "which windows are shown",
            ((sentence(one.value), one) for one in kind.shows),
        )
        self.show_box.currentIndexChanged.connect(self.shown)
        self.count = label(f"{self._name}_count")
        self._make_sort(orders, sort)
        self._make_size()
        self._lay_out()

    def _lay_out(self) -> None:
        legend = _Legend(self._kind)
        even_heights(self.show_box, self.sort_box, self.descending)
        tools = (self.show_box, self.sort_box, self.descending, self.size_slider, self.count)
        self.setLayout(bar_of(*tools, legend, grows=legend))
        self.show_box.setHidden(len(self._kind.shows) == 1)

    def _make_sort(self, orders: Sequence[tuple[str, object]], sort: object) -> None:
        self.sort_box = combo_box(
            f"{self._name}_sort", "Sorted by", "what the windows are sorted by", orders
        )
        # What the texture is called depends on the recipe.
        self.sort_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sort_box.setCurrentIndex([by for _, by in orders].index(sort))
        self.sort_box.currentIndexChanged.connect(self.sorted)
        tip = "ascending; click for descending"
        button = tool_button(_UP, f"{self._name}_descending", "Descending", tip=tip, boxed=True)
        self.descending = button
        self.descending.setCheckable(True)
        self.descending.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.descending.toggled.connect(self._on_direction)

    def _make_size(self) -> None:
        slider, tip = QSlider(Qt.Orientation.Horizontal), "how large the pictures are drawn"
        name, (smallest, usual, largest) = f"{self._name}_size", self._kind.sides
        self.size_slider = named(slider, name, "Size of the pictures", tip=tip)
        self.size_slider.setRange(smallest // _STEP, largest // _STEP)
        self.size_slider.setPageStep(3)
        self.size_slider.setValue(usual // _STEP)
        self.size_slider.setFixedWidth(90)
        self.size_slider.valueChanged.connect(self._on_size)

    @property
    def choice(self) -> list[Any]:
        """What is shown and by what it is sorted, and whether descending, for `restore`."""
        by = self.sort_box.currentData() or ""
        return [self.show_box.currentData().value, by, self.descending.isChecked()]

    def restore(self, choice: list[Any]) -> None:
        """Choose what was chosen; what is not known is left as it is."""
        show, by, descending = choice
        shows = [one.value for one in self._kind.shows]
        orders = [self.sort_box.itemData(n) or "" for n in range(self.sort_box.count())]
        if show in shows and by in orders:
            self.show_box.setCurrentIndex(shows.index(show))
            self.sort_box.setCurrentIndex(orders.index(by))
            self.descending.setChecked(descending)

    def say_count(self, text: str, meaning: str = "") -> None:
        """Say how many windows are shown, and of what."""
        self.count.setText(text)
        self.count.setToolTip(meaning)

    def _on_direction(self, descending: bool) -> None:
        self.descending.setText(_DOWN if descending else _UP)
        now, other = ("descending", "ascending")[:: 1 if descending else -1]
        self.descending.setToolTip(f"{now}; click for {other}")
        self.sorted.emit()

    def _on_size(self, steps: int) -> None:
        self.sized.emit(steps * _STEP)


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
