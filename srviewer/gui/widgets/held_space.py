"""Space, held wherever the focus is, unless it means something there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTextEdit,
    QWidget,
)

_TAKES_SPACE = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTextEdit)


class HeldSpace(QObject):
    """Tells when Space goes down and up in `window`.

    Qt hands a key that means nothing in the widget with the focus to those round it, up to the
    window: only those are looked at, and all the program only while Space is held.

    Parameters
    ----------
    window : QWidget
    *parts : QWidget
        Parts of it that may be windows of their own, or that keep Space to themselves.
    """

    changed = Signal(bool)

    def __init__(self, window: QWidget, *parts: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._held = False
        self._watched = (window, *parts)
        for one in self._watched:
            one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Space where nothing else does; once it is held, wherever the focus has gone."""
        if watched is self._window and event.type() == QEvent.Type.WindowDeactivate:
            self._hold(False)  # the key may be let go in another program
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Space:
            return False
        means_something = isinstance(QApplication.focusWidget(), _TAKES_SPACE) and not self._held
        if QApplication.activeWindow() not in self._watched or means_something:
            return False
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not event.isAutoRepeat():
            self._hold(event.type() == QEvent.Type.KeyPress)
        return True

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            app = QApplication.instance()
            assert app is not None
            app.installEventFilter(self) if held else app.removeEventFilter(self)
            self.changed.emit(held)
