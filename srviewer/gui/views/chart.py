"""A distribution, of one image or of a whole set, whose threshold is pulled."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QVBoxLayout

from srviewer.gui.state.chart_choices import ChartChoices, CountScale
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.gui.theme import current_theme
from srviewer.gui.views.chart_header import ChartHeader
from srviewer.gui.views.chart_model import KINDS, ChartModel, chart_model, help_of
from srviewer.gui.views.plot_frame import CLICK, PlotFrame
from srviewer.gui.widgets.building import context_menu, filled
from srviewer.gui.widgets.field_keys import ARROWS
from srviewer.gui.widgets.menus import add_choice
from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.distributions import Distribution, Made, Range
from srviewer.pipeline.recipe import Recipe

if TYPE_CHECKING:
    from srviewer.gui.views.chart_plot import ChartPlot

AROUND = 6  # px beside a chart
_GRAB = 8  # screen pixels beside a threshold where it is taken hold of
_LINE = 3  # screen pixels from a threshold's line where a click is on it
_FIGURES = 0.8  # of the font's size
_STILL = 2  # the same, beside a threshold: what moves further pulls it
_STEPS: dict[int, int] = ARROWS | {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}  # up is more here

Make = Callable[[Range | None], Made]
"""Makes a distribution, within a range that is to be kept where there is one."""


class Chart(PlotFrame):
    """Shows a distribution, lets a person pull its threshold and pick one of its values.

    Parameters
    ----------
    name : str
    kind : str
        Which of `KINDS` it is called by where there is no distribution.
    choices : Shared of ChartChoices
        How all charts draw.
    pulled, shared : bool
        As in `ChartPlot`.

    Signals
    -------
    changed(key, value)
        A threshold was moved to a value.
    picked(selected)
        A match or a window was asked about.
    stepped(step)
        The next match or window is asked about, which this chart does not count.
    bar_asked(bar, kept)
        The windows of a bar, one of `Distribution.filled`, are asked for where none is known by
        itself: the kept ones, those that are not, or with None all.
    """

    changed = Signal(str, object)
    picked = Signal(object)
    stepped = Signal(int)
    bar_asked = Signal(int, object)

    def __init__(
        self,
        name: str,
        kind: str,
        choices: Shared[ChartChoices],
        *,
        pulled: bool = False,
        shared: bool = False,
    ) -> None:
        super().__init__(f"chart_{name}")
        self._has = {"pulled": pulled, "shared": shared}
        self.setMouseTracking(True)
        self._kind = KINDS[kind]
        self._choices = choices
        choices.changed.connect(self._draw)
        self._side: int | None = None  # of the threshold that is dragged
        self._offset = 0.0
        self._closed = False  # both edges of its band lie upon each other
        self._pressed: QPoint | None = None
        self._pulled = False
        self._make: Make | None = None
        self._recipe = Recipe()
        self._selected: int | None = None
        self._bar: float | None = None  # a value of the bar whose windows are listed
        self._inspects = False  # a match or a window is asked about
        self._held = False  # the line was clicked, so that arrows move it
        self.model: ChartModel | None = None
        self.header = ChartHeader()
        margins = (AROUND, 5, AROUND, 3)
        filled(QVBoxLayout(self), self.header, self.place, grows=self.place, margins=margins)
        self.restyle()

    @cached_property
    def plot(self) -> "ChartPlot":
        """What draws the distribution, made with the first one."""
        from srviewer.gui.views.chart_plot import ChartPlot

        plot = ChartPlot(**self._has)
        self.put(plot)
        plot.restyle(current_theme(), self.sized_font(_FIGURES))
        plot.resized.connect(self._draw)
        return plot

    @property
    def distribution(self) -> Distribution | None:
        """What is drawn, None where there are words instead."""
        return self.model.distribution if self.model is not None else None

    # Showing

    def restyle(self) -> None:
        """Take the colours of the current theme."""
        self.header.setFont(self.sized_font(0.92))
        if self.has_plot:
            self.plot.restyle(current_theme(), self.sized_font(_FIGURES))
        self._draw()
        self.update()

    def say(self, words: str, more: str = "") -> None:
        """Show `words` instead of a distribution, with `more` in the tooltip."""
        self._make, self.model, self._side = None, None, None
        self.header.show_text(self._kind.headings)
        self.setAccessibleName(self._kind.headings[0])
        self.words = words
        self.place.hide()
        self.setToolTip(more)
        self.setAccessibleDescription(f"{self._kind.headings[0]}: {words}")
        self.update()

    def show_made(self, make: Make, recipe: Recipe) -> None:
        """Show what `make` returns, with the threshold where `recipe` has it.

        It is made again when the threshold is let go: the range need not be held any more then.
        """
        self._make, self._recipe = make, recipe
        # A range that grows would run from the pointer.
        shown = self.distribution if self._side is not None else None
        made = make(shown.range if shown is not None else None)
        if isinstance(made, str):
            self.say(made)
            return
        self.model, self.words = chart_model(made, recipe), ""
        if shown is not None and made.range != shown.range:
            self.model = replace(self.model, distribution=shown)
        self.place.show()
        self._draw()

    def _draw(self) -> None:
        if self.model is None:
            return
        self.header.show_text(self.model.kind.headings, self.model.value, self.model.details)
        self.setAccessibleName(self.model.kind.headings[0])
        scale = self._choices.value.scale
        self.plot.show_model(self.model, scale)
        self.setToolTip(help_of(self.model, scale, lists_bars=self._lists_bars))
        self.setAccessibleDescription(self.model.words)
        self._draw_mark()

    def show_selected(self, selected: Selected | None) -> None:
        """Mark the selected match or window, if this chart counts them."""
        self._inspects = selected is not None
        mine = selected is not None and selected.kind == self._kind.counted
        self._selected = selected.index if selected is not None and mine else None
        self._draw_mark()

    def mark_bar(self, bar: int | None) -> None:
        """Mark a bar of those that are drawn as the one whose windows are listed, or none."""
        d = self.distribution
        if d is None or bar is None:
            self._bar = None
        else:
            step = float(d.edges[1] - d.edges[0])
            self._bar = float(d.edges[0]) + (bar + 0.5) * step
        self._draw_mark()

    def _draw_mark(self) -> None:
        d, index, at = self.distribution, self._selected, self._bar
        members = d.members if d is not None else None
        if members is not None and index is not None:
            at = float(members.values[index]) if index < len(members.values) else float("nan")
        if self.has_plot:
            low, high = self.plot.inner_range
            self.plot.show_mark(None if at is None or isnan(at) else min(max(at, low), high))

    @property
    def words_area(self) -> QRect:
        """Where words are written: in the place of the plot."""
        return self.place.geometry().adjusted(6, 9, -7, -8)

    def paint_words(self, painter: QPainter) -> None:
        """Write the words, and frame the place of the plot."""
        painter.setPen(QColor(current_theme().line))
        painter.drawRect(self.words_area.adjusted(-6, -2, 6, 2))
        super().paint_words(painter)

    # Gestures

    def _side_at(self, at: QPoint, reach: int = _GRAB) -> int | None:
        threshold = self.model.threshold if self.model is not None else None
        if threshold is None:
            return None
        x, axis = self.plot.value_at(at)[0], self.plot.inner_range
        return threshold.grabbed(x, self.plot.width_of(reach), axis)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a threshold near the pointer."""
        model, at = self.model, self.in_plot(event)
        if model is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = at
        self._side = self._side_at(at)
        if self._side is not None and model.threshold is not None:
            lines = model.threshold.shown(*self.plot.inner_range)
            line = lines[model.threshold.sides.index(self._side)]
            self._offset = line - self.plot.value_at(at)[0]
            self._closed = len(lines) > 1 and min(lines) == max(lines)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the threshold, or show that it can be."""
        model, at = self.model, self.in_plot(event)
        if model is None:
            return
        if self._side is not None and model.threshold is not None:
            self._pulled = self._pulled or _moved(at, self._pressed) > _STILL
            if not self._pulled:
                return
            if self._closed and self._pressed is not None:  # that edge which is pulled outwards
                self._side, self._closed = 1 if at.x() > self._pressed.x() else -1, False
            low, high = model.distribution.range
            x = min(max(self.plot.value_at(at)[0] + self._offset, low), high)
            self.changed.emit(model.threshold.key, model.threshold.value_at(x, self._side))
        elif event.buttons() == Qt.MouseButton.NoButton:
            self.setCursor(self._shape_at(at))

    def _shape_at(self, at: QPoint) -> Qt.CursorShape:
        """Return the pointer over a threshold, over a bar that a click asks for, and elsewhere."""
        if self._side_at(at) is not None:
            return Qt.CursorShape.SplitHCursor
        d, is_inside = self.distribution, self.plot.rect().contains(at)
        asks = d is not None and is_inside and (d.members is not None or self._lists_bars)
        if asks and d is not None and d.all[d.bin_of(self.plot.value_at(at)[0])]:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.ArrowCursor

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the threshold; a click asks."""
        at, pressed, pulled = self.in_plot(event), self._pressed, self._pulled
        on_line = pulled or (_moved(at, pressed) <= CLICK and self._side_at(at, _LINE) is not None)
        self._pressed, self._side, self._pulled = None, None, False
        self._hold_line(on_line)
        if pulled and self._make is not None:
            self.show_made(self._make, self._recipe)
        elif not pulled and not on_line and _moved(at, pressed) <= CLICK:
            self._pick(at)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of the line."""
        super().focusOutEvent(event)
        self._hold_line(False)

    def _hold_line(self, held: bool) -> None:
        """Let arrow keys move the threshold, and show it."""
        if held != self._held:
            self._held = held
            self.plot.show_held(held)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step to the next value; move the threshold with Shift, or once its line was clicked."""
        model, step = self.model, _STEPS.get(event.key())
        far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        threshold = model.threshold if model is not None else None
        across = event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        if model is None or step is None:
            super().keyPressEvent(event)
        elif far or (self._held and across):
            if threshold is not None and across:
                self.changed.emit(threshold.key, threshold.stepped(step))
        elif self._inspects and self._selected is None:
            self.stepped.emit(ARROWS[event.key()])
        elif model.distribution.members is not None:
            self._ask(model.distribution.members.neighbour(self._selected, step))
        elif self._lists_bars:
            self._step_bar(model.distribution, step)

    @property
    def _lists_bars(self) -> bool:
        """Whether windows are counted that are known by their bars alone, as those of a set."""
        d = self.distribution
        return d is not None and d.members is None and self._kind.counted == "window"

    def _step_bar(self, d: Distribution, step: int) -> None:
        """Ask for the next bar that holds something, at first for the lowest."""
        bars, now = d.filled, self._bar
        if now is None:
            further = bars[:1]
        else:
            bar = int((now - d.edges[0]) // (d.edges[1] - d.edges[0]))
            further = [one for one in bars[::step] if (one - bar) * step > 0]
        if further:
            self.bar_asked.emit(further[0], None)

    def _pick(self, at: QPoint) -> None:
        """Ask for the nearest of the colour that was clicked, or above the bars for any."""
        d = self.distribution
        if d is None or not (d.members is not None or self._lists_bars):
            return
        x, height = self.plot.value_at(at)
        bin_, members = d.bin_of(x), d.members
        kept, total = self.plot.heights(d.kept[bin_]), self.plot.heights(d.all[bin_])
        part = None if height > total or not d.all[bin_] else bool(height <= kept)
        if members is None:
            self._pick_bar(d, x, bin_, part)
            return
        among = members.among
        if part is not None:
            among = members.kept if part else members.among & ~members.kept
        after = -1 if self._selected is None else self._selected
        self._ask(members.nearest(x, self._at_border(d, x, among), after))

    def _pick_bar(self, d: Distribution, x: float, bar: int, part: bool | None) -> None:
        """Ask for a bar that holds something, or at the border for what lies beyond it."""
        (low, high), reach, bars = d.range, self.plot.width_of(_GRAB), d.filled
        for end, is_near in ((-1, x < low + reach), (len(d.all), x > high - reach)):
            if is_near and end in bars:
                bar, part = end, None
        if bar in bars:
            self.bar_asked.emit(bar, part)

    def _at_border(self, d: Distribution, x: float, among: Mask) -> Mask:
        """Return those that lie beyond the border at `x`; `among` where it is none, or none do."""
        (low, high), reach = d.range, self.plot.width_of(_GRAB)
        values = d.members.values if d.members is not None else np.empty(0)
        outside = values > high if x > high - reach else (values < low) & (x < low + reach)
        beyond: Mask = among & outside & np.isfinite(values)
        return beyond if beyond.any() else among

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the scales, and the whole range."""
        menu, choices = context_menu(self, "chart_menu"), self._choices
        group = QActionGroup(menu)
        for scale in CountScale:
            use, chosen = partial(choices.change, scale=scale), scale is choices.value.scale
            group.addAction(add_choice(menu, _menu_text(scale), use, chosen=chosen))
        menu.addSeparator()
        entire = choices.value.entire
        turn = partial(choices.change, entire=not entire)
        add_choice(menu, "&Whole range, with long tails", turn, chosen=entire)
        menu.popup(event.globalPos())

    def _ask(self, index: int | None) -> None:
        if index is not None:
            self.picked.emit(Selected(self._kind.counted, index))


def _menu_text(scale: CountScale) -> str:
    letter = {CountScale.ROOT: "s", CountScale.LINEAR: "l"}.get(scale, "g")
    return f"Heights: {scale.value.replace(letter, '&' + letter, 1)}"


def _moved(at: QPoint, pressed: QPoint | None) -> float:
    return (at - pressed).manhattanLength() if pressed is not None else float("inf")
