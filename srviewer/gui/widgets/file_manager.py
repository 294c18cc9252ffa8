"""The way out of the window, to the folder of a file."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_folder_of(path: Path) -> bool:
    """Show the folder of a file, or a folder itself, in the file manager; tell whether it opens."""
    folder = path if path.is_dir() else path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(folder)))
