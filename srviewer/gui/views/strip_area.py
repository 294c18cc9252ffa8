"""A grid of windows as strips: what is drawn where.

Only what is seen is drawn, so that hundreds of thousands of windows take no longer than a few.
"""

from abc import abstractmethod
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea

from srviewer.gui.views.gallery_kind import Kind
from srviewer.gui.views.marks import MARK, mark_color, paint_mark
from srviewer.gui.views.strips import GAP, Grid, StripCache
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.widgets.building import named
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import TextureMeasure
from srviewer.pipeline.verdicts import Verdict
from srviewer.survey.patches import Patch
from srviewer.wording import counted, number_text

_PADDING = 5


class StripArea(QAbstractScrollArea):
    """Shows the windows that it is given, in their order, and which are selected.

    What the windows are of, an image or a set, is up to the classes that derive from it.

    Attributes
    ----------
    windows : ndarray of int64
        The numbers of the windows that are shown, in order.
    why_empty : str
        What is said instead of windows.
    """

    titled = False
    """Whether a window has a line of its own that says what it is of."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind
        self.windows = NO_ROWS
        self.why_empty = ""
        self._side = kind.sides[1]
        self._width = -1  # px, of the viewport when it was laid out last
        self._cache = StripCache()
        named(self, kind.name, kind.title)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)

    # For what derives

    @property
    @abstractmethod
    def current(self) -> int | None:
        """The window that is asked about, shown or not."""

    @property
    @abstractmethod
    def chosen(self) -> Ints:
        """The windows that are selected together, ascending; empty where it is one alone."""

    @property
    @abstractmethod
    def pictured(self) -> tuple[object, Recipe]:
        """What the numbers of windows, and their pixels, are of, and the recipe."""

    @abstractmethod
    def patch(self, window: int) -> Patch | str:
        """Return the pixels of a window, or in words why there are none, or none yet."""

    @abstractmethod
    def verdict(self, window: int) -> Verdict:
        """Return the verdict on a window."""

    @abstractmethod
    def captions(self, window: int) -> tuple[str, str, str]:
        """Return texture, PSNR and SSIM of a window."""

    @abstractmethod
    def words(self, window: int) -> str:
        """Return all that there is to say of a window."""

    @property
    def tells_lying(self) -> bool:
        """Whether windows have a line that says how they lie."""
        return False

    def lies(self, window: int) -> str:
        """Return how a window of a given pair lies."""
        return ""

    def title(self, window: int) -> str:
        """Return what a window is of."""
        return ""

    # What is shown

    def show_rows(self, windows: Ints, why_empty: str, *, anew: bool) -> None:
        """Show `windows`, or why there are none; `anew` from the top."""
        self.windows, self.why_empty = windows, why_empty
        self._lay_out()
        if anew:
            self.verticalScrollBar().setValue(0)
            self.scroll_to_selected()
        self.show_selection()

    def set_side(self, side: int) -> None:
        """Draw each picture `side` screen pixels high and wide, and keep what is in view."""
        kept = self._kept_in_view(self.grid)
        self._side = side
        self._lay_out(kept)
        self.viewport().update()

    def _kept_in_view(self, grid: Grid) -> int | None:
        """Return what is to stay in view: the selected window if it is, else the first seen."""
        seen = self._in_view(grid)
        number = self.selected
        return number if number in seen else next(iter(seen), None)

    @property
    def grid(self) -> Grid:
        """Where the windows lie, in pixels below the top of the first row's margin."""
        width = 3 * self._side + 2 * GAP + 2 * _PADDING
        lines = (1 if self._one_line else 2) + self.titled + self.tells_lying
        height = self._side + 2 * _PADDING + 3 + lines * self.fontMetrics().lineSpacing()
        return Grid(len(self.windows), self.viewport().width(), (width, height))

    @property
    def _one_line(self) -> bool:
        """Whether there is room for all captions of a window beside each other."""
        widest = MARK + 6 + self.fontMetrics().horizontalAdvance("000 keypoints   00.0 dB   0.00")
        return widest <= 3 * self._side + 2 * GAP

    def _lay_out(self, keep: int | None = None) -> None:
        """Fit the scroll bar to the grid, with the window at the place `keep` in view."""
        grid, bar = self.grid, self.verticalScrollBar()
        bar.setRange(0, max(grid.height - self.viewport().height(), 0))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(grid.step[1] // 3, 1))  # a notch of the wheel is three: one row
        if keep is not None:
            self._scroll_to(keep)

    def _in_view(self, grid: Grid | None = None) -> range:
        top = self.verticalScrollBar().value()
        return (grid or self.grid).seen(top, top + self.viewport().height())

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the windows out anew."""
        # The event has no old size where it comes late, as this was hidden when it was resized.
        before, self._width = self._width, event.size().width()
        moves = before != self._width
        kept = self._kept_in_view(replace(self.grid, width=before)) if moves else None
        super().resizeEvent(event)
        self._lay_out(kept)

    def sizeHint(self) -> QSize:
        """Return room for two rows."""
        return QSize(800, 220)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted already; only what comes into view is painted."""
        self.viewport().scroll(dx, dy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the windows that the event's area touches."""
        painter = QPainter(self.viewport())
        self._paint(painter, event.rect())

    def render_to(self, painter: QPainter) -> None:
        """Draw what is shown into a file or another picture of the gallery's size."""
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
        painter.setFont(self.font())
        self._paint(painter, self.viewport().rect())

    def _paint(self, painter: QPainter, area: QRect) -> None:
        if not len(self.windows):
            self._paint_empty(painter)
            return
        top, grid, current = self.verticalScrollBar().value(), self.grid, self.current
        seen = grid.seen(area.top() + top, area.bottom() + top)
        chosen = np.isin(self.windows[seen.start : seen.stop], self.chosen)
        for number, among in zip(seen, chosen.tolist(), strict=True):
            cell, window = grid.rect(number).translated(0, -top), int(self.windows[number])
            if cell.intersects(area):
                if among or window == current:
                    self._paint_chosen(painter, cell, outlined=window == current)
                self._paint_cell(painter, window, cell)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(16, 8, -16, -8), flags, self.why_empty)

    def _paint_cell(self, painter: QPainter, window: int, cell: QRect) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        left, top = cell.left() + _PADDING, cell.top() + _PADDING
        self._paint_strip(painter, window, QPoint(left, top))
        verdict = self.verdict(window)
        line = self.fontMetrics().lineSpacing()
        below = QRect(left, top + self._side + 3, cell.width() - 2 * _PADDING, line)
        painter.setPen(palette.color(role.WindowText))
        if self.titled:
            middle, metrics = Qt.TextElideMode.ElideMiddle, self.fontMetrics()
            title = metrics.elidedText(self.title(window), middle, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, title)
            below.translate(0, line)
        mark = QRectF(below.left(), below.top() + (line - MARK) / 2, MARK, MARK)
        paint_mark(painter, mark, verdict, mark_color(verdict, palette))
        painter.setPen(palette.color(role.WindowText))
        below.setLeft(below.left() + MARK + 6)
        texture, *quality = self.captions(window)
        lines = [[texture, *quality]] if self._one_line else [[texture], quality]
        for texts in [*lines, [self.lies(window)]] if self.tells_lying else lines:
            words = "   ".join(texts)
            text = fitting(self.fontMetrics(), below.width(), words, words.replace("SSIM ", ""))
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, text)
            below.translate(0, line)

    def _paint_strip(self, painter: QPainter, window: int, at: QPoint) -> None:
        patch, (source, _) = self.patch(window), self.pictured
        if isinstance(patch, Patch):
            how = self._side, self.devicePixelRatioF()
            strip = self._cache.strip(source, window, patch, *how, native=self._is_native)
            painter.drawImage(at, strip)
            return
        room = QRect(at, QSize(3 * self._side + 2 * GAP, self._side))
        painter.fillRect(room, self.palette().color(QPalette.ColorRole.Mid))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(4, 2, -4, -2), flags, patch)

    @property
    def _is_native(self) -> bool:
        """Whether LR is shown in its own size."""
        return self.pictured[1].lr_layout == "native" and not self.kind.enlarged

    def _paint_chosen(self, painter: QPainter, cell: QRect, *, outlined: bool) -> None:
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        inside = QColor(accent)
        inside.setAlpha(70 if self.hasFocus() else 35)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, 2) if outlined else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(inside)
        painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    # The selection

    @property
    def selected(self) -> int | None:
        """Where among those shown the window is that is asked about, None where it is not."""
        return self._place_of(self.current)

    def _place_of(self, window: int | None) -> int | None:
        if window is None:
            return None
        found = np.flatnonzero(self.windows == window)
        return int(found[0]) if len(found) else None

    def scroll_to_selected(self) -> None:
        """Bring the selected window into view where it is among those shown."""
        number = self.selected
        if number is not None:
            self._scroll_to(number)

    def show_selection(self) -> None:
        """Show what is selected, and tell it."""
        self.viewport().update()
        number, count = self.selected, len(self.chosen)
        words = self.why_empty if number is None else self.words(int(self.windows[number]))
        some = f"{counted(count, 'window')} selected\n" if count else ""
        self.setAccessibleDescription(f"{some}{words}")

    def _scroll_to(self, number: int) -> None:
        cell, bar, grid = self.grid.rect(number), self.verticalScrollBar(), self.grid
        top, bottom = cell.top() - grid.margin, cell.bottom() + grid.margin
        if top < bar.value() or bottom - top > self.viewport().height():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())


def caption_texts(
    measure: TextureMeasure, value: float, psnr: float, ssim: float
) -> tuple[str, str, str]:
    """Return what stands below a window: its texture, its PSNR and its SSIM."""
    if measure.share:
        texture = f"{number_text(value * 100, 1, unknown='not counted')} % {measure.quantity}"
    else:
        texture = measure.words(value)
    return texture, f"{number_text(psnr, 1)} dB", f"SSIM {number_text(ssim, 2)}"
