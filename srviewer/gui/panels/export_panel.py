"""The export panel: what goes where, how it is written, and one button that starts it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import ConflictError, SrviewerError
from srviewer.export.options import FORMATS, HELP, install_line
from srviewer.export.runner import ExportState, export
from srviewer.gui.jobs.images_run import ImagesRun
from srviewer.gui.panels import export_messages as messages
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_progress import ExportProgress
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import beside, filled, heading, named, push_button, tool_button
from srviewer.gui.widgets.controls import offer
from srviewer.gui.widgets.run_buttons import RunButtons


def default_folder() -> str:
    """Return where pairs go until a person chooses another folder, with ~ for the home folder."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    folder = Path(pictures or Path.home()) / "srviewer-pairs"
    if folder.is_relative_to(Path.home()):
        return str("~" / folder.relative_to(Path.home()))
    return str(folder)


class ExportPanel(QFrame):
    """Asks what to export, where to and how, starts it and shows how it goes.

    Signals
    -------
    failed(message)
        The export could not be done at all.
    chosen(options, format)
        Something else is chosen of how pairs are written, and it is allowed.
    """

    failed = Signal(str)
    chosen = Signal(object, str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "", panel=True)
        self._model = model
        self.run = ImagesRun("export", self)
        self._start_again: partial[ExportState] | None = None  # what was started last
        self._build()
        self.run.failed.connect(self._on_failed)
        self.run.done.connect(self._on_done)
        self.run.finished.connect(self._refresh)
        self.choices.changed.connect(self._on_chosen)
        model.images_changed.connect(self._refresh)
        model.current_changed.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        tip = "the pairs go into this folder; it is made if need be"
        line = QLineEdit(default_folder())
        self.folder = named(line, "export_folder", "Folder for the pairs", tip=tip)
        says, tip = "Choose the folder for the pairs", "choose the folder"
        browse = tool_button("...", "", says, tip=tip)
        browse.clicked.connect(self._browse)
        self.images = named(QComboBox(), "export_images", "Images")
        self.choices = ExportChoices(self._model)
        self.format = named(QComboBox(), "export_format", "Format")
        self._add_formats()
        self.progress = ExportProgress(self.run)
        self.progress.open_folder.clicked.connect(self._open)
        tip = "write the kept pairs with this recipe (Ctrl+E)"
        self.button = push_button("Export pairs", "export", tip, primary=True)
        self.button.clicked.connect(self.start)
        run_buttons = RunButtons(self.run, "export", self)
        filled(
            QVBoxLayout(self),
            heading("Export"),
            beside(self.folder, browse, grows=self.folder),
            beside(self.images, self.format, grows=self.images),
            self.choices,
            self.progress,
            # Last, so that they stay where they are.
            beside(self.button, run_buttons.pause, run_buttons.cancel, grows=self.button),
            margins=(12, 8, 12, 12),
            spacing=6,
        )

    def _add_formats(self) -> None:
        """Offer all formats; those whose package is missing are grey and say what installs it."""
        self.format.addItems(list(FORMATS))
        for row, name in enumerate(FORMATS):
            missing = install_line(name)
            offer(self.format, row, missing and f"to use it: {missing}", HELP[name])
        self.format.currentTextChanged.connect(self._tell_format)
        self._tell_format(self.format.currentText())

    def _tell_format(self, name: str) -> None:
        self.format.setToolTip(HELP.get(name, ""))
        self.choices.show_format(name)

    def restore(self, folder: str | None, format: str | None) -> None:
        """Go on with the folder and the format of the last time."""
        if folder is not None:
            self.folder.setText(folder)
        if format in FORMATS and install_line(format) is None:
            self.format.setCurrentText(format)

    @property
    def _folder(self) -> Path:
        return Path(os.path.expanduser(self.folder.text().strip()))

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the pairs", str(self._folder))
        if chosen:
            self.folder.setText(chosen)

    def _refresh(self) -> None:
        count = len(self._model.entries)
        chosen = self.images.currentIndex()
        self.images.clear()
        self.images.addItem("this image")
        if count > 1:
            self.images.addItem(f"all {count:,} images")
            self.images.setCurrentIndex(max(chosen, 0))
        self._refresh_button()

    def _refresh_button(self) -> None:
        ready = bool(self._model.entries) and not self.choices.problem
        self.button.setEnabled(ready and not self.run.busy)

    def _on_chosen(self) -> None:
        self._refresh_button()
        if not self.choices.problem:
            self.chosen.emit(self.choices.remembered, self.format.currentText())

    def start(self) -> None:
        """Export as the panel says."""
        current = self._model.current
        if current is None or self.run.busy:
            return
        if self.choices.problem:
            self._say_failed(f"export: {self.choices.problem}")
            return
        if not self.folder.text().strip():
            self._say_failed("export: the folder is empty; choose where the pairs go")
            return
        entries = self._model.entries if self.images.currentIndex() == 1 else [current]
        self._start_again = partial(
            export,
            tuple(entry.source for entry in entries),
            self._folder,
            self._model.recipe,
            format=self.format.currentText(),
            options=self.choices.options,
            jobs=self.choices.jobs,
        )
        self._start(self._start_again)

    def go_on(self, export: partial[ExportState]) -> None:
        """Start an export that was broken off, whatever the panel says by now."""
        self._start_again = export
        self._start(export)

    def _start(self, export: partial[ExportState]) -> None:
        self.progress.begin()
        self.run.begin(export)
        self._refresh()

    def _on_failed(self, error: SrviewerError) -> None:
        if isinstance(error, ConflictError):
            self._ask_to_replace(error)
        else:
            self._say_failed(str(error))

    def _say_failed(self, message: str) -> None:
        self.progress.stop(f"failed: {message}")
        self.failed.emit(message)

    def _ask_to_replace(self, error: ConflictError) -> None:
        self.progress.stop("the folder holds other pairs")
        asked = "Replace them, or keep them and choose another folder?"
        box = QMessageBox(self, text=f"{error.path}: {error.cause}", informativeText=asked)
        box.setObjectName("replace_box")
        box.setWindowTitle("Replace the pairs in this folder?")
        confirm = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep them", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        keep.clicked.connect(self._ask_for_another_folder)
        confirm.clicked.connect(self._replace)
        box.finished.connect(box.deleteLater)
        box.open()

    def _ask_for_another_folder(self) -> None:
        self.folder.setFocus()
        self.folder.selectAll()

    def _replace(self) -> None:
        if self.run.busy:  # the refused try is about to end
            once = Qt.ConnectionType.SingleShotConnection
            self.run.finished.connect(self._start_replacing, once)
        else:
            self._start_replacing()

    def _start_replacing(self) -> None:
        """Start what was refused, whatever the panel says by now."""
        if self._start_again is not None:
            self._start(partial(self._start_again, overwrite=True))

    def _on_done(self, state: ExportState) -> None:
        self.progress.stop(messages.outcome(state), folder=True)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(self.run.state.out)))
