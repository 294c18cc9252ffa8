"""The field for the export's folder, which shows where that is, wherever the program started."""

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QWidget

from srviewer.gui.widgets.building import named, tool_button
from srviewer.runs.home import expanded, home


class FolderField(QLineEdit):
    """Holds a folder; a relative one is shown as the absolute one it means when it is left.

    Attributes
    ----------
    browse : QToolButton
        Lets a person choose a folder instead.
    images : Path or None
        The folder beside which a new one is likely to be wanted.
    """

    def __init__(self) -> None:
        super().__init__(default_folder())
        tip = "the pairs go into this folder; it is made if need be"
        named(self, "export_folder", "Folder for the pairs", tip=tip)
        self.images: Path | None = None
        self.browse = tool_button(
            "...", "", "Choose the folder for the pairs", tip="choose the folder", boxed=True
        )
        self.browse.clicked.connect(self.choose)
        self.editingFinished.connect(self.settle)

    @property
    def path(self) -> Path:
        """The folder that is meant."""
        return Path(expanded(absolute(self.text())))

    def settle(self) -> None:
        """Show the folder that is meant."""
        self.setText(absolute(self.text()))

    def choose(self) -> None:
        """Let a person choose the folder."""
        at = self.path
        if self.images is not None and self.text() in ("", default_folder()) and not at.exists():
            at = self.images / at.name
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


def default_folder() -> str:
    """Return where pairs go until a person chooses another folder, with ~ for the home folder."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    mine = home()
    folder = Path(pictures or mine or "") / "srviewer-pairs"
    if mine is not None and folder.is_relative_to(mine):
        return str("~" / folder.relative_to(mine))
    return str(folder)


def absolute(text: str) -> str:
    """Return the folder that was typed as `text`, as it is found from everywhere."""
    text = text.strip()
    if not text or os.path.isabs(expanded(text)):
        return text
    # A link in it may lead elsewhere, so that .. is not simply the name before.
    whole = os.path.join(os.getcwd(), text)
    return os.path.realpath(whole) if ".." in Path(text).parts else os.path.normpath(whole)
