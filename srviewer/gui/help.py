"""What the menu Help shows: keys, numbers, the version."""

import platform

import PySide6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QMessageBox

from srviewer import __version__
from srviewer.gui.actions import GESTURES, Menus
from srviewer.gui.state.model import Model
from srviewer.gui.views.numbers_page import NumbersPage
from srviewer.gui.views.shortcut_sheet import ShortcutSheet
from srviewer.runs.versions import VERSIONS

_ICON = 64  # px
_TOLD = ("OpenCV", "Pillow", "numpy", "PySide6", "Python")


class Help(QObject):
    """Opens the windows of help over `window`; they are gone when they are closed."""

    def __init__(self, model: Model, menus: Menus, window: QMainWindow) -> None:
        super().__init__(window)
        self._model, self._menus, self._window = model, menus, window

    def show_keys(self) -> None:
        """Show all keys and gestures."""
        ShortcutSheet(self._menus.actions, GESTURES, self._window).show()

    def show_numbers(self) -> None:
        """Show what the numbers of the stage mean that is looked at."""
        model = self._model
        page = NumbersPage(model, self._window)
        page.show()
        page.show_stage("data_set" if model.data_set_shown else model.view.name)

    def show_about(self) -> None:
        """Show which srviewer this is."""
        what = "The window on the pipeline that makes super-resolution training pairs."
        here = {**VERSIONS, "PySide6": PySide6.__version__, "Python": platform.python_version()}
        others = ", ".join(f"{name} {here[name]}" for name in _TOLD)
        # As one text: Qt makes a box no wider than its first, and breaks another one to that.
        text = f"srviewer {__version__}\n\n{what}\n\n{others}\n\nFree under the MIT License"
        box = QMessageBox(self._window, text=text)
        box.setIconPixmap(self._window.windowIcon().pixmap(_ICON, _ICON))
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setWindowTitle("About srviewer")
        box.finished.connect(box.deleteLater)
        box.open()
