"""The export panel: what goes where, how it is written, and one button that starts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.export.options import FORMATS, HELP, install_line
from srviewer.export.runner import ExportState
from srviewer.gui.export_service import ExportRequest, ExportService
from srviewer.gui.model import Model
from srviewer.gui.panels import export_words as words
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_progress import ExportProgress


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
    image_failed(message)
        An image could not be exported, told as it happens.
    incomplete(message)
        The export has ended, and some images could not be exported.
    done(message)
        The export has ended, with what came of it.
    """

    failed = Signal(str)
    image_failed = Signal(str)
    incomplete = Signal(str)
    done = Signal(str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._model = model
        self.service = ExportService(self)
        self._told = 0  # failures of this export that the log has
        self._request: ExportRequest | None = None
        self._build()
        self.service.started.connect(self._on_started)
        self.service.state_changed.connect(self._on_state)
        self.service.progressed.connect(self._on_progress)
        self.service.failed.connect(self._on_failed)
        self.service.refused.connect(self._ask_to_replace)
        self.service.done.connect(self._on_done)
        self.service.finished.connect(self._refresh)
        self.choices.changed.connect(self._refresh_buttons)
        model.images_changed.connect(self._refresh)
        model.current_changed.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        title = QLabel("Export")
        title.setProperty("heading", True)
        self.folder = QLineEdit(default_folder())
        self.folder.setObjectName("export_folder")
        self.folder.setAccessibleName("Folder for the pairs")
        self.folder.setToolTip("the pairs go into this folder; it is made if need be")
        browse = QToolButton()
        browse.setText("...")
        browse.setAccessibleName("Choose the folder for the pairs")
        browse.setToolTip("choose the folder")
        browse.clicked.connect(self._browse)
        self.images = QComboBox()
        self.images.setObjectName("export_images")
        self.images.setAccessibleName("Images")
        self.choices = ExportChoices(self._model)
        self.format = QComboBox()
        self.format.setObjectName("export_format")
        self.format.setAccessibleName("Format")
        self._add_formats()
        self.progress = ExportProgress()
        self.progress.open_folder.clicked.connect(self._open)
        self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        column.addWidget(title)
        column.addLayout(_row(self.folder, browse))
        column.addLayout(_row(self.images, self.format))
        column.addWidget(self.choices)
        column.addWidget(self.progress)
        # Last, so that they stay where they are.
        column.addLayout(_row(self.button, self.pause, self.cancel))

    def _make_buttons(self) -> None:
        self.button = QPushButton("Export pairs")
        self.button.setObjectName("export")
        self.button.setProperty("primary", True)
        self.button.setToolTip("write the kept pairs with this recipe (Ctrl+E)")
        self.button.clicked.connect(self.start)
        self.pause = QPushButton("Resume")
        self.pause.setObjectName("pause_export")
        self.pause.setMinimumWidth(self.pause.sizeHint().width())  # so that nothing moves
        self.pause.setToolTip("begin no other image until it is pressed again")
        self.pause.clicked.connect(self._on_pause)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("cancel_export")
        self.cancel.setToolTip("stop; what is done stays, and the next export goes on from there")
        self.cancel.clicked.connect(self._on_cancel)

    def _add_formats(self) -> None:
        """Offer all formats; those whose package is missing are grey and say what installs it."""
        items = QStandardItemModel(self.format)
        for name in FORMATS:
            item = QStandardItem(name)
            missing = install_line(name)
            item.setEnabled(missing is None)
            item.setToolTip(HELP[name] if missing is None else f"to use it: {missing}")
            items.appendRow(item)
        self.format.setModel(items)
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
    def _out(self) -> Path:
        return Path(self.folder.text().strip()).expanduser()

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the pairs", str(self._out))
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
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        running, stopping = self.service.running, self.service.cancelled
        problem = self.choices.problem
        self.button.setEnabled(bool(self._model.entries) and not running and not problem)
        self.pause.setText("Resume" if self.service.paused else "Pause")
        self.pause.setEnabled(running and not stopping)
        self.cancel.setEnabled(running and not stopping)

    def start(self) -> None:
        """Export as the panel says."""
        current = self._model.current
        if current is None or self.service.running:
            return
        if self.choices.problem:
            self._on_failed(f"export: {self.choices.problem}")
            return
        if not self.folder.text().strip():
            self._on_failed("export: the folder is empty; choose where the pairs go")
            return
        entries = self._model.entries if self.images.currentIndex() == 1 else [current]
        self._request = ExportRequest(
            tuple(entry.source for entry in entries),
            self._out,
            self._model.recipe,
            self.format.currentText(),
            self.choices.options,
            self.choices.jobs,
        )
        self.service.start(self._request)

    def _on_started(self) -> None:
        self._told = 0
        self.progress.begin()
        self._refresh()

    def _on_pause(self) -> None:
        if self.service.paused:
            self.service.resume()
        else:
            self.service.pause()
        self._refresh_buttons()
        self._show_running()

    def _on_cancel(self) -> None:
        self.service.cancel()
        self._refresh_buttons()
        self._show_running()

    def _show_running(self) -> None:
        if self.service.cancelled:
            self.progress.say("cancelling")
        else:
            self.progress.show_running(paused=self.service.paused)

    def _on_state(self, state: ExportState) -> None:
        self._tell_failures(state)
        self.progress.take(state)
        self._show_running()

    def _tell_failures(self, state: ExportState) -> None:
        """Tell those that are new; the last state comes twice."""
        for failure in state.failures[self._told :]:
            self.image_failed.emit(f"{failure.image}: {failure.cause}")
        self._told = len(state.failures)

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self.progress.work(stage, done, total)
        self._show_running()

    def _on_failed(self, message: str) -> None:
        self.progress.stop(f"failed: {message}")
        self.failed.emit(message)

    def _ask_to_replace(self, message: str) -> None:
        self.progress.stop("the folder holds other pairs")
        box = QMessageBox(self)
        box.setObjectName("replace_box")
        box.setWindowTitle("Replace the pairs in this folder?")
        box.setText(message.rpartition(";")[0])
        box.setInformativeText("Replace them, or keep them and choose another folder?")
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
        if self.service.running:  # the thread of the refused try is about to end
            self.service.finished.connect(self._replace_once)
        else:
            self._start_replacing()

    def _replace_once(self) -> None:
        self.service.finished.disconnect(self._replace_once)
        self._start_replacing()

    def _start_replacing(self) -> None:
        """Start what was refused, whatever the panel says by now."""
        if self._request is not None:
            self._request = replace(self._request, overwrite=True)
            self.service.start(self._request)

    def _on_done(self, state: ExportState) -> None:
        self._tell_failures(state)
        self.progress.take(state)
        self.progress.stop(words.outcome(state), folder=True)
        self.done.emit(f"{state.out}: {words.outcome(state)}")
        if state.failures:
            self.incomplete.emit(words.all_failures(state.failures))

    def _open(self) -> None:
        if self._request is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._request.out.resolve())))


def _row(*widgets: QWidget) -> QHBoxLayout:
    """Return `widgets` beside each other; the first takes the room."""
    row = QHBoxLayout()
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 1 if place == 0 else 0)
    return row
