"""The gallery: HR, LR and their difference in each window, drawn only where they are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.gallery_kind import WINDOWS, Kind
from srviewer.gui.views.marks import MARK, mark_color, paint_mark
from srviewer.gui.views.pictures import to_qimage
from srviewer.gui.views.strips import GAP, Grid, StripCache, strip_of
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.views.table_view import takes_key
from srviewer.gui.widgets.building import context_menu, named
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.verdicts import Verdict
from srviewer.wording import counted, number_text

_PADDING = 5
_COPIED_SIDE = 132  # pixels that a copied patch has at least, so that it can be looked at


class Gallery(QAbstractScrollArea):
    """Shows the windows that it is given, in their order.

    A click or a key selects a window in the model; a window that is selected elsewhere is
    scrolled to.

    Attributes
    ----------
    windows : ndarray of int64
        The numbers of the windows that are shown, in order.
    why_empty : str
        What is said instead of windows.

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
        excluding: Excluding,
        kind: Kind = WINDOWS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._model = model
        self._excluding = excluding
        self._analysis: Analysis | None = None
        self.windows = NO_ROWS
        self.why_empty = ""
        self._side = kind.sides[1]
        self._cache = StripCache(enlarged=kind.enlarged)
        named(self, kind.name, kind.title)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        model.selection_changed.connect(self._follow_selection)

    # What is shown

    def show_windows(self, a: Analysis | None, windows: Ints, why_empty: str = "") -> None:
        """Show `windows` of `a`, or in words why there are none."""
        same = a is not None and self._analysis is not None and a.pair is self._analysis.pair
        self._analysis, self.windows, self.why_empty = a, windows, why_empty
        if a is None:
            self._cache.clear()
        self._lay_out()
        if not same:
            self.verticalScrollBar().setValue(0)
            self.scroll_to_selected()
        self._show_selection()

    def set_side(self, side: int) -> None:
        """Draw each picture `side` screen pixels high and wide, and keep what is in view."""
        anchor = self._anchor(self.grid)
        self._side = side
        self._lay_out(anchor)
        self.viewport().update()

    def _anchor(self, grid: Grid) -> int | None:
        """Return what is to stay in view: the selected window if it is, else the first seen."""
        seen = self._in_view(grid)
        number = self.selected
        return number if number in seen else next(iter(seen), None)

    @property
    def grid(self) -> Grid:
        """Where the windows lie, in pixels below the top of the first row's margin."""
        width = 3 * self._side + 2 * GAP + 2 * _PADDING
        lines = 1 if self._one_line else 2
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
        before = event.oldSize().width()
        moves = before != event.size().width()
        anchor = self._anchor(replace(self.grid, width=before)) if moves else None
        super().resizeEvent(event)
        self._lay_out(anchor)

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
        if self._analysis is None or not len(self.windows):
            self._paint_empty(painter)
            return
        top, grid, selected = self.verticalScrollBar().value(), self.grid, self.selected
        for number in grid.seen(area.top() + top, area.bottom() + top):
            cell = grid.rect(number).translated(0, -top)
            if cell.intersects(area):
                self._paint_cell(painter, self._analysis, number, cell, chosen=number == selected)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(16, 8, -16, -8), flags, self.why_empty)

    def _paint_cell(
        self, painter: QPainter, a: Analysis, number: int, cell: QRect, *, chosen: bool
    ) -> None:
        window = int(self.windows[number])
        palette, role = self.palette(), QPalette.ColorRole
        if chosen:
            self._paint_chosen(painter, cell)
        strip = self._cache.strip(a, window, self._side, self.devicePixelRatioF())
        left, top = cell.left() + _PADDING, cell.top() + _PADDING
        painter.drawImage(QPoint(left, top), strip)
        verdict = Verdict(int(a.patches.verdict[window]))
        line = self.fontMetrics().lineSpacing()
        below = QRect(left, top + self._side + 3, cell.width() - 2 * _PADDING, line)
        mark = QRectF(below.left(), below.top() + (line - MARK) / 2, MARK, MARK)
        paint_mark(painter, mark, verdict, mark_color(verdict, palette))
        painter.setPen(palette.color(role.WindowText))
        below.setLeft(below.left() + MARK + 6)
        texture, *quality = captions(a, window)
        lines = [[texture, *quality]] if self._one_line else [[texture], quality]
        for texts in lines:
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, "   ".join(texts))
            below.translate(0, line)

    def _paint_chosen(self, painter: QPainter, cell: QRect) -> None:
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        inside = QColor(accent)
        inside.setAlpha(70 if self.hasFocus() else 35)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent, 2))
        painter.setBrush(inside)
        painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    # The selection

    @property
    def selected(self) -> int | None:
        """Where among those shown the selected window is, None where it is not."""
        selected = self._model.selection
        if selected is None or selected.kind != "window":
            return None
        found = np.flatnonzero(self.windows == selected.index)
        return int(found[0]) if len(found) else None

    def scroll_to_selected(self) -> None:
        """Bring the selected window into view where it is among those shown."""
        number = self.selected
        if number is not None:
            self._scroll_to(number)

    def _follow_selection(self) -> None:
        if self._analysis is not None:
            self.scroll_to_selected()
            self._show_selection()

    def _show_selection(self) -> None:
        self.viewport().update()
        number = self.selected
        words = self.why_empty if number is None else self._words(number)
        self.setAccessibleDescription(words)

    def _words(self, number: int) -> str:
        a, window = self._analysis, int(self.windows[number])
        assert a is not None
        texture, psnr, ssim = captions(a, window)
        at = f"window at x {a.windows.x[window]}, y {a.windows.y[window]} px"
        matches = counted(int(a.patches.matches[window]), "match", "matches")
        held = f"{texture}, {matches}, PSNR {psnr}, SSIM {ssim}"
        return f"{at}\n{window_verdict(a, window)}\n{held}"

    def _scroll_to(self, number: int) -> None:
        cell, bar, grid = self.grid.rect(number), self.verticalScrollBar(), self.grid
        top, bottom = cell.top() - grid.margin, cell.bottom() + grid.margin
        if top < bar.value() or bottom - top > self.viewport().height():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())

    def _ask(self, number: int) -> None:
        self._model.select(Selected("window", int(self.windows[number])), go_there=True)

    # Mouse and keys

    def _number_at(self, point: QPoint) -> int | None:
        return self.grid.number_at(point.x(), point.y() + self.verticalScrollBar().value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the window under the pointer."""
        number = self._number_at(event.position().toPoint())
        if number is not None and event.button() != Qt.MouseButton.MiddleButton:
            self._ask(number)
            self.picked.emit(self._model.selection)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell of the window under the pointer."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return bool(super().viewportEvent(event))
        number = self._number_at(event.pos())
        if number is None:
            QToolTip.hideText()
        else:
            cell = self.grid.rect(number).translated(0, -self.verticalScrollBar().value())
            QToolTip.showText(event.globalPos(), self._words(number), self.viewport(), cell)
        return True

    def event(self, event: QEvent) -> bool:
        """Keep the keys of a list from the window's menus, and follow the font and theme."""
        if takes_key(event):
            event.accept()
            return True
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._lay_out()
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection, ask again, or copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        target = self._target(Qt.Key(event.key()))
        if target is None:
            event.ignore()
        else:
            self._ask(target)
            self._scroll_to(target)

    def _target(self, key: Qt.Key) -> int | None:
        """Return where `key` leads to, None for any other key and in an empty gallery."""
        columns, last = self.grid.columns, len(self.windows) - 1
        page = max(self.viewport().height() // self.grid.step[1], 1) * columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -last,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Return: 0,
            Qt.Key.Key_Enter: 0,
        }
        if key not in steps or last < 0:
            return None
        number = self.selected
        if number is None:  # the first key starts with what is seen
            start = last if key == Qt.Key.Key_End else next(iter(self._in_view()), 0)
            return 0 if key == Qt.Key.Key_Home else start
        return min(max(number + steps[key], 0), last)

    # Copying

    def copy(self) -> None:
        """Copy HR, LR and difference of the selected window as a picture."""
        number, a = self.selected, self._analysis
        if number is None or a is None:
            return
        patch = a.windows.patch
        side = patch * -(-_COPIED_SIDE // patch)
        strip = strip_of(a, int(self.windows[number]), side, enlarged=self.kind.enlarged)
        QGuiApplication.clipboard().setImage(to_qimage(strip))
        self.copied.emit("HR, LR and difference copied as a picture")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the copy, and to exclude the window or include it again."""
        menu = context_menu(self, f"{self.kind.name}_menu")
        if self._excluding.windows:
            menu.addAction(f"{self._excluding.windows_words}\tX", self._excluding.turn_windows)
            menu.addSeparator()
        action = menu.addAction("Copy HR, LR and difference as a picture\tCtrl+C", self.copy)
        action.setEnabled(self.selected is not None)
        menu.popup(event.globalPos())


def captions(a: Analysis, window: int) -> tuple[str, str, str]:
    """Return what stands below a window: its texture, its PSNR and its SSIM."""
    psnr, ssim = float(a.quality.psnr[window]), float(a.quality.ssim[window])
    measure, value = a.texture.measure, a.texture.deciding[window]
    if measure.share:
        texture = f"{number_text(value * 100, 1, unknown='not counted')} % {measure.quantity}"
    else:
        texture = measure.words(value)
    return texture, f"{number_text(psnr, 1)} dB", number_text(ssim, 2)
