"""What a person does to a grid of windows by mouse and keys: select, ask, copy, exclude."""

from abc import abstractmethod

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.views.gallery_kind import Kind
from srviewer.gui.views.pictures import to_qimage
from srviewer.gui.views.strip_area import StripArea
from srviewer.gui.views.strips import strip_of
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.views.table_view import takes_key
from srviewer.gui.widgets.building import context_menu
from srviewer.gui.widgets.menus import add_excluding
from srviewer.pipeline.arrays import Ints
from srviewer.survey.patches import Patch

_COPIED_SIDE = 132  # pixels that a copied patch has at least, so that it can be looked at
_SHIFT, _CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class StripGrid(StripArea):
    """A grid of windows of which a person selects one or several, by mouse and keys.

    Signals
    -------
    picked(what)
        A window was clicked.
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    picked = Signal(object)
    copied = Signal(str)

    def __init__(self, excluding: Excluding, kind: Kind) -> None:
        super().__init__(kind)
        self._excluding = excluding
        self._anchor: int | None = None  # the window that Shift selects from

    # For what derives

    @abstractmethod
    def take(self, chosen: Ints, current: int | None) -> None:
        """Let these be selected together, and `current` be asked about; empty: it alone."""

    @abstractmethod
    def ask(self, window: int) -> None:
        """Do what Enter asks for."""

    # Selecting

    def _select(self, number: int, modifiers: Qt.KeyboardModifier) -> None:
        """Select the window at a place; with Shift all up to it, with Ctrl beside the others."""
        window = int(self.windows[number])
        chosen, one = self.chosen, self.current
        if not len(chosen) and one is not None and self.selected is not None:
            chosen = np.array([one])
        if modifiers & _SHIFT:
            start = self._place_of(self._anchor if self._anchor is not None else one)
            ends = sorted((number if start is None else start, number))
            some = np.sort(self.windows[ends[0] : ends[1] + 1])
            chosen = np.union1d(chosen, some) if modifiers & _CONTROL else some
            self._anchor = window if start is None else int(self.windows[start])
            self.take(chosen if len(chosen) > 1 else NO_ROWS, window)
        elif modifiers & _CONTROL:
            chosen = np.setxor1d(chosen, [window])
            self._anchor = window
            others = chosen[np.argsort(np.abs(chosen - window), kind="stable")]
            now = window if window in chosen else next(iter(others.tolist()), None)
            self.take(chosen if len(chosen) > 1 else NO_ROWS, now)
        else:
            self._anchor = window
            self.take(NO_ROWS, window)

    def select_all(self) -> None:
        """Select all windows that are shown."""
        if len(self.windows) > 1:
            at = self.selected
            self.take(np.sort(self.windows), int(self.windows[at or 0]))

    def _is_chosen(self, window: int) -> bool:
        return bool(np.isin(window, self.chosen))

    # Mouse and keys

    def _number_at(self, point: QPoint) -> int | None:
        return self.grid.number_at(point.x(), point.y() + self.verticalScrollBar().value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the window under the pointer."""
        number = self._number_at(event.position().toPoint())
        if number is None or event.button() == Qt.MouseButton.MiddleButton:
            return
        left, window = event.button() == Qt.MouseButton.LeftButton, int(self.windows[number])
        modifiers = event.modifiers() if left else Qt.KeyboardModifier.NoModifier
        if left or not self._is_chosen(window):  # a menu is about all that are selected
            self._select(number, modifiers)
        if left and not modifiers & (_SHIFT | _CONTROL):
            self.clicked(window)

    def clicked(self, window: int) -> None:
        """Do what a click asks for, besides that the window is selected."""

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell of the window under the pointer."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return bool(super().viewportEvent(event))
        number = self._number_at(event.pos())
        if number is None:
            QToolTip.hideText()
        else:
            cell = self.grid.rect(number).translated(0, -self.verticalScrollBar().value())
            words = self.words(int(self.windows[number]))
            QToolTip.showText(event.globalPos(), words, self.viewport(), cell)
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
        """Move the selection, ask again, select all, or copy."""
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self.ask(int(self.windows[self.selected]))
        else:
            self._move(key, event)

    def _move(self, key: Qt.Key, event: QKeyEvent) -> None:
        target = self._target(key)
        if target is None:
            event.ignore()
        else:
            self._select(target, event.modifiers() & _SHIFT)
            self._scroll_to(target)

    def first_place(self) -> int:
        """Return the place where keys begin while nothing is selected: the first that is seen."""
        return next(iter(self._in_view()), 0)

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
            start = last if key == Qt.Key.Key_End else self.first_place()
            return 0 if key == Qt.Key.Key_Home else start
        return min(max(number + steps[key], 0), last)

    # Copying, and what is done to windows

    def copy(self) -> None:
        """Copy HR, LR and difference of the selected window as a picture."""
        number = self.selected
        patch = None if number is None else self.patch(int(self.windows[number]))
        if isinstance(patch, Patch):
            side = len(patch.hr) * -(-_COPIED_SIDE // len(patch.hr))  # each pixel in whole steps
            strip = strip_of(patch, side, native=self._is_native)
            QGuiApplication.clipboard().setImage(to_qimage(strip))
            self.copied.emit("HR, LR and difference copied as a picture")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the copy, and to exclude the windows or include them again."""
        menu = context_menu(self, f"{self.kind.name}_menu")
        add_excluding(menu, self._excluding)
        menu.addSeparator()
        menu.addAction("Select all\tCtrl+A", self.select_all).setEnabled(len(self.windows) > 1)
        action = menu.addAction("Copy HR, LR and difference as a picture\tCtrl+C", self.copy)
        action.setEnabled(self.selected is not None)
        menu.popup(event.globalPos())
