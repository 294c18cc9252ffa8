"""The list of images."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from srviewer.gui.model import Model


class ImagesPanel(QFrame):
    """Shows the model's images and asks it to look at one."""

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._model = model
        title = QLabel("Images")
        title.setProperty("heading", True)
        title.setContentsMargins(12, 10, 12, 6)
        self.list = QListWidget()
        self.list.setObjectName("images")
        self.list.setAccessibleName("Images")
        self.list.currentRowChanged.connect(self._on_row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.list, 1)
        model.images_changed.connect(self._fill)
        model.current_changed.connect(self._mark)
        model.analysis_changed.connect(self._mark)
        self.hide()

    def _fill(self) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for entry in self._model.entries:
                item = QListWidgetItem(entry.path.name)
                item.setToolTip(str(entry.path))
                self.list.addItem(item)
        self._mark()
        self.setVisible(len(self._model.entries) > 1)  # a single picture has the room

    def _mark(self) -> None:
        current = self._model.current
        if current is None:
            return
        row = self._model.entries.index(current)
        item = self.list.item(row)
        if item is None:
            return
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(row)
        state = ""
        if current.error:
            state = "  cannot be used"
        elif current.analysis is not None and current.analysis.complete:
            state = f"  {int(current.analysis.patches.kept.sum()):,} pairs"
        item.setText(f"{current.path.name}{state}")
        item.setToolTip(current.error or str(current.path))

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._model.entries):
            self._model.look_at(self._model.entries[row])
