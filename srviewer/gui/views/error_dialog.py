"""The dialog on an unexpected error: what happened, what to hand on, and that work goes on."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from srviewer.gui.widgets.building import filled, heading, label, named, push_button
from srviewer.gui.widgets.dialogs import Dialog
from srviewer.wording import counted


class ErrorDialog(Dialog):
    """Shows a report; nothing waits for it.

    Parameters
    ----------
    report : str
    file : Path or None
        Where the report was saved.
    problem : str
        Why it was not.
    parent : QWidget, optional
    """

    def __init__(
        self, report: str, file: Path | None, problem: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("error_dialog", "Unexpected error", parent)
        self._file, self._more = file, 0
        title = "srviewer met an error that it did not expect, and goes on."
        kept = (
            "Your images and the recipe are as they were. If something no longer answers, save the "
            "recipe and start anew. Please hand on the report below; nothing is sent by itself."
        )
        place = f"Saved as {file}" if file else f"The report was not saved: {problem}"
        self.report = QPlainTextEdit(report, readOnly=True)
        named(self.report, "error_report", "Report")
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.report.setFont(fixed)
        self.count = label("error_count", muted=True)
        self.place = label("error_place", place, muted=True, wraps=True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._build(heading(title), label("error_kept", kept, wraps=True))

    def _build(self, title: QWidget, kept: QWidget) -> None:
        tip = "the report, to the clipboard"
        copy = push_button("Copy report", "error_copy", tip, clicked=self._copy)
        tip = "show the saved report's folder"
        folder = push_button("Open folder", "error_folder", tip, clicked=self._open)
        folder.setVisible(self._file is not None)
        tip = "close this and go on"
        close = push_button("Go on", "error_close", tip, primary=True, clicked=self.accept)
        close.setDefault(True)
        buttons = filled(
            QHBoxLayout(), self.count, copy, folder, close, grows=self.count, spacing=6
        )
        parts = (title, kept, self.report, self.place, buttons)
        filled(QVBoxLayout(self), *parts, grows=self.report, margins=(16, 14, 16, 14), spacing=10)
        self.resize(680, 460)
        close.setFocus()

    def count_another(self) -> None:
        """Say that there was one more since; it is in the log."""
        self._more += 1
        self.count.setText(f"{counted(self._more, 'more error')} since, in the log")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _open(self) -> None:
        if self._file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file.parent)))
