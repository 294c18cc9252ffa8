"""The log: what happened, in words, with the time of each."""

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

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import EDGE, bar_of, label, listed, named, push_button
from srviewer.pipeline.suffixes import SUFFIXES
from srviewer.runs.folders import write_text
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

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[Line] = deque(maxlen=MOST_LINES)  # the oldest first
        empty = "Nothing has happened yet."
        view = QTextEdit(readOnly=True, undoRedoEnabled=False, placeholderText=empty)
        self.view = named(view, "log", "Log")
        self.view.setFrameShape(QTextEdit.Shape.NoFrame)
        self.view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.view.document().setDocumentMargin(EDGE)
        self.view.document().setMaximumBlockCount(MOST_LINES)
        self._at_end = True  # whether a person reads the newest
        bar = self.view.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._stay_at_end)
        self._count = label("log_count", muted=True)
        self._buttons = [
            push_button("Copy all", "log_copy", "all lines, as text, to the clipboard"),
            push_button("Clear", "log_clear", "forget all lines"),
            push_button("Save as text...", "log_save", "all lines to a text file"),
        ]
        for button, what in zip(self._buttons, (self.copy_all, self.clear, self.save), strict=True):
            button.clicked.connect(what)
        listed(self, bar_of(self._count, *self._buttons, grows=self._count, spacing=6), self.view)
        self.setFocusProxy(self.view)
        self._show_count()

    def text(self) -> str:
        """Return the whole log as plain text."""
        return "".join(f"{line.text()}\n" for line in self.lines)

    def add(self, kind: Kind, message: str) -> None:
        """Add `message` at the bottom, and show it unless a person has scrolled up."""
        line = Line(datetime.now(), kind, message)
        self.lines.append(line)
        bar = self.view.verticalScrollBar()
        at_end = self._at_end
        # Where the oldest line goes for it, what a person reads stays where it is.
        read = self.view.cursorForPosition(QPoint(0, 0)).block()
        before = self._top_of(read)
        self._write(line)
        kept = bar.value() + round(self._top_of(read) - before)
        bar.setValue(bar.maximum() if at_end else kept)
        self._show_count()

    def clear(self) -> None:
        """Forget all lines."""
        self.lines.clear()
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
        if Path(chosen).suffix.lower() in SUFFIXES:
            self.add("error", f"{chosen}: a log is a text; choose a name that is no image's")
            return
        try:
            write_text(Path(chosen).parent, Path(chosen).name, self.text())
        except OSError as error:
            self.add("error", f"{chosen}: {error.strerror or error}")
        else:
            self.add("done", f"log saved as {chosen}")

    def changeEvent(self, event: QEvent) -> None:
        """Write all lines again in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.view.clear()
            for line in self.lines:
                self._write(line)
            bar = self.view.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _on_scrolled(self, value: int) -> None:
        self._at_end = value >= self.view.verticalScrollBar().maximum()

    def _stay_at_end(self, _: int, last: int) -> None:
        """Keep the newest in sight when lines are wrapped anew: the panel has another width."""
        bar = self.view.verticalScrollBar()
        self._at_end = self._at_end or bar.value() >= last  # where all is seen, the end is too
        if self._at_end:
            bar.setValue(last)

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
        theme = current_theme()
        plain = theme.muted if line.kind == "info" else theme.text
        kinds = {"error": theme.warning, "done": theme.accent}
        # Weight as well as colour tells the kinds apart.
        weight = QFont.Weight.Normal if line.kind == "info" else QFont.Weight.DemiBold
        for text, color, weighs in (
            (f"{line.time:%H:%M:%S}\t", theme.muted, QFont.Weight.Normal),
            (f"{line.kind}\t", kinds.get(line.kind, plain), weight),
            (message, plain, QFont.Weight.Normal),
        ):
            look = QTextCharFormat()
            look.setForeground(QColor(color))
            look.setFontWeight(weighs)
            cursor.insertText(text, look)
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
        errors = sum(line.kind == "error" for line in self.lines)
        more = f", {counted(errors, 'error')}" if errors else ""
        self._count.setText(counted(len(self.lines), "line") + more)
        for button in self._buttons:
            button.setEnabled(bool(self.lines))
