"""The field for the export's folder, which shows where that is, wherever the program started."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QWidget

from srviewer.gui.state.export_settings import ExportSettings, default_folder
from srviewer.gui.widgets.building import named, tool_button


class FolderField(QLineEdit):
    """Shows the folder; a relative one becomes the absolute one it means when it is left.

    Attributes
    ----------
    browse : QToolButton
        Lets a person choose a folder instead.
    """

    def __init__(self, settings: ExportSettings) -> None:
        super().__init__(settings.folder)
        tip = "the pairs go into this folder; it is made if need be"
        named(self, "export_folder", "Folder for the pairs", tip=tip)
        self._settings = settings
        self.browse = tool_button(
            "...", "", "Choose the folder for the pairs", tip="choose the folder", boxed=True
        )
        self.browse.clicked.connect(self.choose)
        self.textChanged.connect(settings.use_folder)
        self.editingFinished.connect(settings.settle_folder)
        settings.changed.connect(self._show)

    def _show(self) -> None:
        if self.text() != self._settings.folder:  # the cursor stays where it is
            self.setText(self._settings.folder)

    def choose(self) -> None:
        """Let a person choose the folder."""
        at, beside = self._settings.out, self._settings.beside
        if beside is not None and self.text() in ("", default_folder()) and not at.exists():
            at = beside / at.name
        dialog = FolderDialog(self, at)
        if dialog.exec():
            self.setText(dialog.selectedFiles()[0])
        dialog.deleteLater()


class FolderDialog(QFileDialog):
    """Asks for a folder, which may be a new one: it is made by who writes into it.

    Those of systems, and Qt's for folders, take none that is not there.
    """

    def __init__(self, parent: QWidget, at: Path) -> None:
        super().__init__(parent, "Folder for the pairs")
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setOption(QFileDialog.Option.ShowDirsOnly)
        self.setFileMode(QFileDialog.FileMode.AnyFile)
        self.setLabelText(QFileDialog.DialogLabel.FileName, "Folder:")
        self.setLabelText(QFileDialog.DialogLabel.Accept, "Choose")
        whole = at.absolute()
        there = next((one for one in whole.parents if one.is_dir()), whole)  # / is in no other
        self.setDirectory(str(there))
        self.selectFile(str(whole.relative_to(there)) if whole != there else "")

    def accept(self) -> None:
        """Take the folder that is named: one that is there is not entered, but taken."""
        QDialog.accept(self)
