"""A button with a title, and below it what there is to say of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import named


class TitledButton(QToolButton):
    """One of the buttons along the top; it is checked while what it leads to is shown.

    With the property ``aside`` it is not marked, though it is checked.
    """

    def __init__(self, number: int, title: str, name: str) -> None:
        super().__init__()
        named(self, name, title, stage=True)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._title = f"{number}  {title}"
        self._said = ("", "", False)  # count, time, and whether it warns

    def say(self, count: str, *, time: str = "", warns: bool = False) -> None:
        """Say `count` below the title, after a ! where it `warns`, and `time` beside it."""
        if (count, time, warns) != self._said:
            self._said = count, time, warns
            self.setAccessibleDescription(count)
            self.update()

    @property
    def count(self) -> str:
        """What the button says below its title."""
        return self._said[0]

    def sizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(96, 2 * self.fontMetrics().lineSpacing() + 16)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the texts over what the style draws."""
        super().paintEvent(event)
        theme, (count, time, warns) = current_theme(), self._said
        painter = QPainter(self)
        line = self.fontMetrics().lineSpacing()
        area = self.rect().adjusted(10, 5, -6, -5)
        font = painter.font()
        font.setBold(self.isChecked() and not self.property("aside"))
        painter.setFont(font)
        painter.setPen(theme.text)
        left_top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(area, left_top, self._title)
        title_width = QFontMetrics(font).horizontalAdvance(self._title)
        font.setBold(False)
        painter.setFont(font)
        if title_width + self.fontMetrics().horizontalAdvance(time) + 12 <= area.width():
            painter.setPen(theme.muted)
            right_top = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(area, right_top, time)
        painter.setPen(theme.warning if warns else theme.muted)
        text = f"! {count}" if warns else count
        elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area.adjusted(0, line + 1, 0, 0), left_top, elided)
        painter.end()
