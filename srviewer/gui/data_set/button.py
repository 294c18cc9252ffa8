"""The button beside the stages that leads to the data set and says how it stands."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton

from srviewer.gui.data_set.data_set import DataSet
from srviewer.gui.theme import current_theme

_TITLE = "8  Data set"


class DataSetButton(QToolButton):
    """A button like those of the stages; it is pressed while the data set is shown."""

    def __init__(self, data_set: DataSet) -> None:
        super().__init__()
        self._data_set = data_set
        self._count = ""
        self.setObjectName("show_data_set")
        self.setCheckable(True)
        self.setAccessibleName("Data set")
        self.setToolTip("all images as one set: survey them, and tune over all of them (8)")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        data_set.changed.connect(self.show_state)
        data_set.survey_changed.connect(self.show_state)
        self.show_state()

    @property
    def count(self) -> str:
        """What the button says below its title."""
        return self._count

    def show_state(self) -> None:
        """Say how the data set stands."""
        text = set_text(self._data_set)
        if text != self._count:
            self._count = text
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the stages' buttons."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("900 images, 88,000 pairs") + 18,
                     2 * metrics.lineSpacing() + 16)  # fmt: skip

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as the stages' buttons are drawn."""
        theme, painter, area = current_theme(), QPainter(self), self.rect()
        lit = self.isChecked() or self.underMouse() or self.hasFocus()
        painter.fillRect(area, QColor(theme.field if lit else theme.panel))
        if self.isChecked():
            painter.fillRect(area.adjusted(0, area.height() - 3, 0, 0), QColor(theme.accent))
        area = area.adjusted(10, 5, -6, -5)
        font = painter.font()
        font.setBold(self.isChecked())
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(area, top, _TITLE)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        line = self.fontMetrics().lineSpacing() + 1
        cut = self.fontMetrics().elidedText(self._count, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area.adjusted(0, line, 0, 0), top, cut)
        painter.end()


def set_text(data_set: DataSet) -> str:
    """Return in a few words how the data set stands."""
    count, state = data_set.count, data_set.state
    if data_set.survey.running:
        what = "paused" if data_set.survey.paused else "surveying"
        return f"{what} {state.done:,} of {state.images:,}" if state is not None else what
    images = f"{count:,} image{'s' * (count != 1)}"
    if data_set.is_current and data_set.findings is not None:
        return f"{images}, {data_set.findings.answer.totals.pairs:,} pairs"
    return images if count else ""
