"""Windows of their own that are gone once they are closed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from srviewer.gui.widgets.building import named


class Dialog(QDialog):
    """A dialog with its names, which is gone when it is closed."""

    def __init__(self, name: str, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        named(self, name, title)
        self.setWindowTitle(title)
