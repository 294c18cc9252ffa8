"""The question before pairs are replaced, the one act of an export that cannot be undone."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from srviewer.errors import ConflictError, renamed
from srviewer.export.options import LABELS
from srviewer.wording import counted


def ask_to_replace(parent: QWidget, error: ConflictError) -> QPushButton:
    """Ask whether the pairs that `error` is about are to go; return the button that says so."""
    pairs = counted(error.pairs, "pair") if error.pairs else "pairs"
    asked = f"Replace the {pairs} there, or keep them and choose another folder?"
    text = f"{error.path}: {renamed(error.cause, LABELS)}"
    box = QMessageBox(parent, text=text, informativeText=asked)
    box.setObjectName("replace_box")
    box.setWindowTitle("Replace the pairs in this folder?")
    confirm = box.addButton(f"Replace {pairs}", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("Keep them", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.finished.connect(box.deleteLater)
    box.open()
    return confirm
