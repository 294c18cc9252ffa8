"""The title of a chart."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.labels import fitting

_NARROWEST = 112  # px


class ChartHeader(QWidget):
    """The title of a chart in two lines: what it is and its figure, then the details."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: tuple[str, ...] = ("",)
        self.details: tuple[str, ...] = ("",)
        self.value = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the height of two lines."""
        return QSize(_NARROWEST, 2 * self.fontMetrics().lineSpacing())

    minimumSizeHint = sizeHint  # the lines do not shrink

    def show_text(
        self, headings: tuple[str, ...], value: str = "", details: tuple[str, ...] = ("",)
    ) -> None:
        """Show these words: of `headings` and `details` the first that there is room for."""
        self.headings, self.value, self.details = headings, value, details
        self.setAccessibleName(headings[0])
        self.setAccessibleDescription(f"{value} {details[0]}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the two lines."""
        theme, painter = current_theme(), QPainter(self)
        line = self.rect()
        line.setHeight(self.fontMetrics().lineSpacing())
        self._write(painter, line.translated(0, line.height()), theme.muted, self.details)
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, self.value)
        used = painter.fontMetrics().horizontalAdvance(self.value + "  ") if self.value else 0
        self._write(painter, line.adjusted(0, 0, -used, 0), theme.text, self.headings)
        painter.end()

    def _write(self, painter: QPainter, area: QRect, color: str, choices: tuple[str, ...]) -> None:
        text = fitting(painter.fontMetrics(), area.width(), *choices)
        painter.setPen(QColor(color))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft, text)
