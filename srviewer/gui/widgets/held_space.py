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

    It sees every event of the program from when it is made until `end`.
    """

    changed = Signal(bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._held = False
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def end(self) -> None:
        """Look at no event any more."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Space where nothing else does; once it is held, wherever the focus has gone."""
        if watched is self._window and event.type() == QEvent.Type.WindowDeactivate:
            self._hold(False)  # the key may be let go in another program
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Space:
            return False
        means_something = isinstance(QApplication.focusWidget(), _TAKES_SPACE) and not self._held
        if not self._window.isActiveWindow() or means_something:
            return False
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not event.isAutoRepeat():
            self._hold(event.type() == QEvent.Type.KeyPress)
        return True

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self.changed.emit(held)
