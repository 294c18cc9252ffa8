"""The export panel: a folder, a format, one button; then progress, and a summary."""

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
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.export.options import FORMATS, HELP, install_line
from srviewer.export.runner import ExportState
from srviewer.gui.model import Model
from srviewer.gui.workers import ExportRequest, ExportService


def default_folder() -> str:
    """Return where pairs go until a person chooses another folder, with ~ for the home folder."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    folder = Path(pictures or Path.home()) / "srviewer-pairs"
    if folder.is_relative_to(Path.home()):
        return str("~" / folder.relative_to(Path.home()))
    return str(folder)


def duration(seconds: float) -> str:
    """Return `seconds` as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _images(count: int) -> str:
    return f"{count:,} image" if count == 1 else f"{count:,} images"


class ExportPanel(QFrame):
    """Asks where to and in which format, starts the export and shows how it goes."""

    failed = Signal(str)
    done = Signal(str)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._model = model
        self.service = ExportService(self)
        self._state: ExportState | None = None
        self._cancelling = False
        self._request: ExportRequest | None = None
        self._build()
        self.service.started.connect(self._on_started)
        self.service.state_changed.connect(self._on_state)
        self.service.progressed.connect(self._on_progress)
        self.service.failed.connect(self._on_failed)
        self.service.refused.connect(self._ask_to_replace)
        self.service.done.connect(self._on_done)
        self.service.finished.connect(self._refresh)
        model.images_changed.connect(self._refresh)
        model.current_changed.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        title = QLabel("Export")
        title.setProperty("heading", True)
        self.folder = QLineEdit(default_folder())
        self.folder.setObjectName("export_folder")
        self.folder.setAccessibleName("Folder for the pairs")
        self.folder.setToolTip("the pairs go into this folder; it is made if need be")
        browse = QToolButton()
        browse.setText("...")
        browse.setToolTip("choose the folder")
        browse.clicked.connect(self._browse)
        self.format = QComboBox()
        self.format.setObjectName("export_format")
        self.format.setAccessibleName("Format")
        self._add_formats()
        self.images = QComboBox()
        self.images.setObjectName("export_images")
        self.images.setAccessibleName("Images")
        self.button = QPushButton("Export pairs")
        self.button.setObjectName("export")
        self.button.setProperty("primary", True)
        self.button.setToolTip("write the kept pairs with this recipe (Ctrl+E)")
        self.button.clicked.connect(self.start)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("cancel_export")
        self.cancel.clicked.connect(self._on_cancel)
        self.bar = QProgressBar()
        self.bar.setObjectName("export_progress")
        self.summary = QLabel()
        self.summary.setObjectName("export_summary")
        self.summary.setWordWrap(True)
        self.open_folder = QPushButton("Open folder")
        self.open_folder.setObjectName("open_folder")
        self.open_folder.clicked.connect(self._open)
        column.addWidget(title)
        for widgets in (
            (self.folder, browse),
            (self.images, self.format),
            (self.summary,),
            (self.open_folder,),
            (self.bar,),
            (self.button, self.cancel),  # last, so that they stay where they are
        ):
            row = QHBoxLayout()
            for place, widget in enumerate(widgets):
                row.addWidget(widget, 1 if place == 0 else 0)
            column.addLayout(row)
        for widget in (self.bar, self.summary, self.open_folder):
            widget.hide()

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
        running = self.service.running
        count = len(self._model.entries)
        chosen = self.images.currentIndex()
        self.images.clear()
        self.images.addItem("this image")
        if count > 1:
            self.images.addItem(f"all {count} images")
            self.images.setCurrentIndex(max(chosen, 0))
        self.button.setEnabled(count > 0 and not running)
        self.cancel.setEnabled(running and not self._cancelling)

    def start(self) -> None:
        """Export as the panel says."""
        current = self._model.current
        if current is None or self.service.running:
            return
        if not self.folder.text().strip():
            self._on_failed("export: the folder is empty; choose where the pairs go")
            return
        entries = self._model.entries if self.images.currentIndex() == 1 else [current]
        self._request = ExportRequest(
            tuple(entry.path for entry in entries),
            self._out,
            self._model.recipe,
            self.format.currentText(),
        )
        self.service.start(self._request)

    def _on_started(self) -> None:
        self._state = None
        self._cancelling = False
        self.bar.setRange(0, 0)
        self.bar.show()
        self.open_folder.hide()
        self._say("starting")
        self._refresh()

    def _on_cancel(self) -> None:
        self._cancelling = True
        self.cancel.setEnabled(False)
        self._say("cancelling")
        self.service.cancel()

    def _on_state(self, state: ExportState) -> None:
        self._state = state
        if state.images > 1:
            self.bar.setRange(0, state.images)
            self.bar.setValue(state.done)
            left = state.seconds_left
            time_left = f", {duration(left)} left" if left is not None else ""
            self._say(
                f"{state.done} of {state.images} images, {state.pairs:,} pairs, "
                f"{state.rate:,.0f} pairs/s{time_left}"
            )

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        """Show how far the one image or the packing is; images are shown by `_on_state`."""
        if stage == "pack":
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self._say(f"{done:,} of {total:,} pairs packed")
        elif self._state is not None and self._state.images == 1:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            words = {"write": "pairs written", "texture": "windows looked at"}
            self._say(f"{done:,} of {total:,} {words[stage]}" if stage in words else stage)

    def _on_failed(self, message: str) -> None:
        self.bar.hide()
        self._say(f"failed: {message}")
        self.failed.emit(message)

    def _ask_to_replace(self, message: str) -> None:
        self.bar.hide()
        self._say("the folder holds other pairs")
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
        self.bar.hide()
        self.open_folder.show()
        failed = len(state.failures)
        words = [
            "cancelled:" if state.cancelled else "",
            f"{state.pairs:,} pairs from {_images(state.exported)} in "
            f"{state.seconds:.1f} s, {state.rate:,.0f} pairs/s",
        ]
        if state.already and not state.exported and not failed:
            words = [f"{_images(state.already)} done already; nothing was missing"]
        elif state.already:
            words.append(f"; {_images(state.already)} done already")
        self._say(" ".join(filter(None, words)).replace(" ;", ";"))
        self.done.emit(f"{state.out}: {self.summary.text()}")
        if failed:
            causes = "\n".join(f"{f.image}: {f.cause}" for f in state.failures[:5])
            more = f"\nand {failed - 5} more" if failed > 5 else ""
            self.failed.emit(f"{_images(failed)} could not be exported:\n{causes}{more}")
        elif not state.pairs and not state.already and not state.cancelled:
            notes = "; ".join(note for _, note in state.notes)
            self._say(f"no pairs: {notes or 'no window in the box has enough in it'}")

    def _say(self, text: str) -> None:
        self.summary.setText(text)
        self.summary.show()

    def _open(self) -> None:
        if self._request is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._request.out.resolve())))
