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
    """Tells when Space goes down and up in `window`; `canvas` looks after it itself.

    It sees every event of the program from when it is made until `end`.
    """

    changed = Signal(bool)

    def __init__(self, window: QWidget, canvas: QWidget) -> None:
        super().__init__(window)
        self._window, self._canvas = window, canvas
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def end(self) -> None:
        """Look at no event any more."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Space where nothing else does."""
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if event.type() in kinds and isinstance(event, QKeyEvent) and self._window.isActiveWindow():
            focus = QApplication.focusWidget()
            elsewhere = focus is not self._canvas and not isinstance(focus, _TAKES_SPACE)
            if event.key() == Qt.Key.Key_Space and elsewhere:
                if not event.isAutoRepeat():
                    self.changed.emit(event.type() == QEvent.Type.KeyPress)
                return True
        return super().eventFilter(watched, event)
