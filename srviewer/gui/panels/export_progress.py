"""How far an export is and what came of it: a bar, a few lines, and the last failure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from srviewer.export.runner import ExportState
from srviewer.gui.panels import export_words as words
from srviewer.gui.panels.wrapped_label import WrappedLabel
from srviewer.gui.theme import current_theme
from srviewer.runs.state import Failure


class ExportProgress(QWidget):
    """Shows the state of an export; hidden before the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: ExportState | None = None
        self._work: tuple[str, int, int] | None = None
        self.bar = QProgressBar()
        self.bar.setObjectName("export_progress")
        self.bar.setAccessibleName("Progress of the export")
        self.open_folder = QPushButton("Open folder")
        self.open_folder.setObjectName("open_folder")
        self.open_folder.setToolTip("show the data set in the file manager")
        self.summary = WrappedLabel(lines=2)
        self.summary.setObjectName("export_summary")
        self.failures = _ElidedLines()
        self.failures.setObjectName("export_failures")
        # One is there while the export runs and the other afterwards, in the same place.
        row = QHBoxLayout()
        row.addWidget(self.bar)
        row.addWidget(self.open_folder)
        self.bar.setFixedHeight(self.open_folder.sizeHint().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.summary)
        column.addWidget(self.failures)
        column.addLayout(row)
        self.hide()

    def begin(self) -> None:
        """Show that an export starts."""
        self._state = self._work = None
        self.failures.hide()
        self.open_folder.hide()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.say("starting")

    def say(self, text: str) -> None:
        """Show `text`, without a bar where none runs."""
        self.summary.setText(text)
        self.show()

    def take(self, state: ExportState) -> None:
        """Note how far the images are."""
        self._state = state
        if state.failures:
            self.failures.show_failures(state.failures)

    def work(self, stage: str, done: int, total: int) -> None:
        """Note how far the one image, or the packing of all, is."""
        self._work = (stage, done, total)

    def show_running(self, *, paused: bool) -> None:
        """Show what was noted last."""
        state, work = self._state, self._work
        several = state is not None and state.images > 1
        if work is not None and (work[0] == "pack" or not several):
            text = words.work(*work)
            self._set_bar(*work[1:])
            self.say(f"paused: {text}" if paused else text)
        elif state is not None and several:
            self._set_bar(state.done, state.images)
            self.say(
                f"paused: {words.place(state)}; no other image is begun"
                if paused
                else words.running(state)
            )
        else:
            self.say("paused" if paused else "starting")

    def _set_bar(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def stop(self, text: str, *, folder: bool = False) -> None:
        """Show how it ended; `folder` offers to open the data set."""
        self.bar.hide()
        self.open_folder.setVisible(folder)
        self.say(text)


class _ElidedLines(QLabel):
    """Lines that are each cut to the width there is; the tooltip has all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def show_failures(self, failures: Sequence[Failure]) -> None:
        """Show how many there are, and the last."""
        self.setText(words.last_failure(failures))
        last = failures[-1]
        self.setToolTip(f"{last.image}: {last.cause}\nAll failures are in the log.")
        self.show()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        lines = self.text().count("\n") + 1
        return QSize(0, lines * self.fontMetrics().lineSpacing() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(current_theme().warning))
        metrics = self.fontMetrics()
        for row, line in enumerate(self.text().split("\n")):
            cut = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(0, row * metrics.lineSpacing() + metrics.ascent(), cut)
        painter.end()
