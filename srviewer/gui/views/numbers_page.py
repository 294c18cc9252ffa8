"""The page "About the numbers": what each stage computes, in a few lines with its formula."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QWidget,
)

from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.views.layers import VIEW_BY_NAME, VIEWS
from srviewer.gui.views.numbers_text import SECTIONS


class NumbersPage(QDialog):
    """The seven stages beside a page on them; `show_stage` turns to one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers_page")
        self.setWindowTitle("About the numbers")
        self.setModal(False)
        self._theme = current_theme()
        self._tops: list[float] = []
        self.stages = QListWidget()
        self.stages.setObjectName("numbers_stages")
        self.stages.setAccessibleName("Stages")
        for number, view in enumerate(VIEWS, start=1):
            item = QListWidgetItem(f"{number}  {view.title}")
            item.setData(Qt.ItemDataRole.UserRole, view.name)
            self.stages.addItem(item)
        self.stages.setFixedWidth(self.stages.sizeHintForColumn(0) + 40)
        self.page = QTextBrowser()
        self.page.setObjectName("numbers_text")
        self.page.setAccessibleName("About the numbers")
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.document().setDocumentMargin(24)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.stages)
        row.addWidget(self.page, 1)
        self.resize(820, 640)
        self.setMinimumSize(560, 360)
        self._write()
        self.stages.setCurrentRow(0)
        self.stages.currentItemChanged.connect(self._on_stage)
        self.page.verticalScrollBar().valueChanged.connect(self._on_scrolled)
