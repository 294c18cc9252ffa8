"""The log: what happened, in words, with the time of each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFileDialog, QTextEdit, QWidget

from srviewer.export.manifest import write_text
from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.widgets.building import bar_of, label, push_button, stacked
from srviewer.wording import counted

Kind = Literal["error", "note", "done", "info"]
MOST_LINES = 2_000
_GAP = 14  # px between the columns


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    time: datetime
    kind: Kind
    message: str

    def text(self) -> str:
        """Return it as plain text; further lines of the message are indented."""
        head = f"{self.time:%Y-%m-%d %H:%M:%S}  {self.kind:<5}  "
        return head + f"\n{' ' * len(head)}".join(self.message.splitlines() or [""])


class LogPanel(QWidget):
    """A list of messages, the newest at the bottom, that can be copied and saved as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[Line] = deque(maxlen=MOST_LINES)
        self._theme = current_theme()
        self._build()
        self._show_count()

    def _build(self) -> None:
        self.view = QTextEdit()
        self.view.setObjectName("log")
        self.view.setAccessibleName("Log")
        self.view.setReadOnly(True)
        self.view.setUndoRedoEnabled(False)
        self.view.setFrameShape(QTextEdit.Shape.NoFrame)
        self.view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.view.setPlaceholderText("Nothing has happened yet.")
        self.view.document().setDocumentMargin(8)
        self.view.document().setMaximumBlockCount(MOST_LINES)
        self._count = label("log_count", muted=True)
        self.copy_button = push_button(
            "Copy all", "log_copy", "all lines, as text, to the clipboard"
        )
        self.clear_button = push_button("Clear", "log_clear", "forget all lines")
        self.save_button = push_button("Save as text...", "log_save", "all lines to a text file")
        self.copy_button.clicked.connect(self.copy_all)
        self.clear_button.clicked.connect(self.clear)
        self.save_button.clicked.connect(self.save)
        buttons = (self.copy_button, self.clear_button, self.save_button)
        stacked(self, bar_of(self._count, *buttons, grows=self._count, spacing=6), self.view)
        self.setFocusProxy(self.view)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that the log holds, the oldest first."""
        return tuple(self._lines)

    def text(self) -> str:
        """Return the whole log as plain text."""
        return "".join(f"{line.text()}\n" for line in self._lines)

    def add(self, kind: Kind, message: str) -> None:
        """Add `message` at the bottom, and show it unless a person has scrolled up."""
        line = Line(datetime.now(), kind, message)
        self._lines.append(line)
        bar = self.view.verticalScrollBar()
        if bar.value() >= bar.maximum():
            self._write(line)
            bar.setValue(bar.maximum())
        else:
            # Where the oldest line goes for it, what a person reads stays where it is.
            read = self.view.cursorForPosition(QPoint(0, 0)).block()
            before = self._top_of(read)
            self._write(line)
            bar.setValue(bar.value() + round(self._top_of(read) - before))
        self._show_count()

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()
        self.view.clear()
        self._show_count()

    def copy_all(self) -> None:
        """Copy the whole log as text."""
        QGuiApplication.clipboard().setText(self.text())

    def save(self) -> None:
        """Let a person choose a file and write the whole log to it."""
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save the log", "srviewer-log.txt", "Text (*.txt);;All files (*)"
        )
        if not chosen:
            return
        try:
            write_text(Path(chosen), self.text())
        except OSError as error:
            self.add("error", f"{chosen}: {error.strerror or error}")
        else:
            self.add("done", f"log saved as {chosen}")

    def changeEvent(self, event: QEvent) -> None:
        """Write all lines again in the colours of another theme."""
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if event.type() in kinds and self._theme is not current_theme():
            self._theme = current_theme()
            self.view.clear()
            for line in self._lines:
                self._write(line)
            bar = self.view.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _write(self, line: Line) -> None:
        """Append `line` as one paragraph whose further lines hang below the message."""
        cursor = QTextCursor(self.view.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if not self.view.document().isEmpty():
            cursor.insertBlock()
        cursor.setBlockFormat(self._paragraph())
        # Inserted as text with a format: a file name is never read as HTML. The line separator
        # keeps a message of several lines one paragraph.
        message = "\N{LINE SEPARATOR}".join(line.message.splitlines())
        theme = self._theme
        cursor.insertText(f"{line.time:%H:%M:%S}\t", _format(theme.muted))
        cursor.insertText(f"{line.kind}\t", _kind_format(line.kind, theme))
        color = theme.muted if line.kind == "info" else theme.text
        cursor.insertText(message, _format(color))
        cursor.endEditBlock()

    def _paragraph(self) -> QTextBlockFormat:
        bold = QFont(self.view.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)  # the widest that a column can get
        time = metrics.horizontalAdvance("00:00:00") + _GAP
        word = max(metrics.horizontalAdvance(kind) for kind in get_args(Kind)) + _GAP
        hang = time + word
        paragraph = QTextBlockFormat()
        paragraph.setLeftMargin(hang)
        paragraph.setTextIndent(-hang)
        tabs = [QTextOption.Tab(time, QTextOption.TabType.LeftTab)]
        paragraph.setTabPositions([*tabs, QTextOption.Tab(hang, QTextOption.TabType.LeftTab)])
        paragraph.setBottomMargin(2)
        return paragraph

    def _top_of(self, block: QTextBlock) -> float:
        return self.view.document().documentLayout().blockBoundingRect(block).top()

    def _show_count(self) -> None:
        errors = sum(line.kind == "error" for line in self._lines)
        lines = len(self._lines)
        more = f", {counted(errors, 'error')}" if errors else ""
        self._count.setText(counted(lines, "line") + more)
        for button in (self.copy_button, self.clear_button, self.save_button):
            button.setEnabled(lines > 0)


def _kind_format(kind: Kind, theme: Theme) -> QTextCharFormat:
    """Return how the word for `kind` looks: weight as well as colour tells them apart."""
    colors = {
        "error": theme.warning,
        "note": theme.text,
        "done": theme.accent,
        "info": theme.muted,
    }
    return _format(colors[kind], bold=kind != "info")


def _format(color: str, *, bold: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(QColor(color))
    result.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return result
