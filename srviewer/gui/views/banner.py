"""A strip above the picture that says what went wrong, or gives a hint."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from srviewer.gui.widgets.building import filled, label, named, tool_button


class Banner(QFrame):
    """Shows one message until it is closed or taken back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "banner", banner=True)
        self._label = label(wraps=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = tool_button("\N{MULTIPLICATION SIGN}", "", "Close the message")
        close.setAutoRaise(True)
        close.clicked.connect(self.hide)
        parts, margins = (self._label, close), (12, 6, 6, 6)
        row = filled(QHBoxLayout(self), *parts, grows=self._label, margins=margins, spacing=6)
        row.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """The message that is shown, empty without one."""
        return "" if self.isHidden() else self._label.text()

    def take_back(self, message: str) -> None:
        """Hide `message` where it is what is shown."""
        if self.text == message:
            self.hide()

    def say(self, message: str) -> None:
        """Show `message`."""
        self._label.setText(message)
        self.show()
