"""Where a person is asked how a preset of their own is called, and which is meant."""

from collections.abc import Callable

from PySide6.QtWidgets import QInputDialog, QLineEdit, QMessageBox, QWidget

from srviewer.gui.state.own_presets import OwnPresets
from srviewer.gui.widgets.asking import Asking


class PresetDialogs(Asking):
    """Asks, then keeps, renames or deletes."""

    def __init__(self, presets: OwnPresets, in_use: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._presets, self._in_use = parent, presets, in_use

    def keep(self) -> None:
        """Keep the recipe in use under a name that a person gives."""
        title, own = "Keep the recipe as a preset", self._presets.names
        proposed = self._in_use() if self._in_use() in own else ""
        name, given = QInputDialog.getText(
            self._window, title, "Name", QLineEdit.EchoMode.Normal, proposed
        )
        if not given:
            return
        if name.strip() in own and not self._may(f"Replace the preset {name.strip()}?"):
            return
        self._attempt(lambda: self._presets.keep(name), name)

    def rename(self) -> None:
        """Let a person call one of them otherwise."""
        old = self._chosen("Rename a preset")
        if old is None:
            return
        new, given = QInputDialog.getText(
            self._window, f"Rename {old}", "Name", QLineEdit.EchoMode.Normal, old
        )
        if given:
            self._attempt(lambda: self._presets.rename(old, new), new)

    def delete(self) -> None:
        """Let a person delete one of them."""
        name = self._chosen("Delete a preset")
        if name is not None:
            self._attempt(lambda: self._presets.delete(name), name)

    def _chosen(self, title: str) -> str | None:
        names = self._presets.names
        if not names:
            self.failed.emit("no preset of your own is kept; Recipe > Keep as a preset makes one")
            return None
        at = names.index(self._in_use()) if self._in_use() in names else 0
        name, given = QInputDialog.getItem(self._window, title, "Preset", names, at, False)
        return name if given else None

    def _may(self, question: str) -> bool:
        buttons = QMessageBox.StandardButton
        return QMessageBox.question(self._window, "Preset", question) == buttons.Yes

    def _attempt(self, what: Callable[[], object], name: str) -> None:
        self.attempt(what, f"preset {name}: {self._presets.folder}")
