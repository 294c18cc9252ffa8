"""Space, held wherever the focus is, unless it means something there."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTextEdit,
    QWidget,
)

from srviewer.gui.widgets.focus import FollowsFocus

_TAKES_SPACE = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTextEdit)


class HeldSpace(FollowsFocus):
    """Tells when Space goes down and up in `window`, until `end`."""

    changed = Signal(bool)

    def __init__(self, window: QWidget) -> None:
        self._held = False
        super().__init__(window)

    def follow(self, widget: QWidget | None) -> None:
        """Look at the keys of `widget`; without one the key may be let go in another program."""
        super().follow(widget)
        if widget is None:
            self._hold(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Space where nothing else does; once it is held, wherever the focus has gone."""
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Space:
            return False
        if isinstance(watched, _TAKES_SPACE) and not self._held:
            return False
        if not event.isAutoRepeat():
            self._hold(event.type() == QEvent.Type.KeyPress)
        return True

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self.changed.emit(held)
