"""A label whose text wraps and is never cut."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel


class WrappedLabel(QLabel):
    """Has just the height that its text needs at the width it is given.

    Layouts within layouts lose the height of a text that wraps: this label asks for it itself.

    Parameters
    ----------
    lines : int
        At least so many are held free, so that numbers that grow move nothing.
    """

    def __init__(self, lines: int = 1) -> None:
        super().__init__()
        self._lines = lines
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

    def setText(self, text: str) -> None:
        """Show `text`."""
        super().setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # heightForWidth counts it in
        least = self._lines * self.fontMetrics().lineSpacing()
        self.setFixedHeight(max(self.heightForWidth(self.width()), least))
