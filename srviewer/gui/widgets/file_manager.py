"""The way out of the window, to a file in its folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusConnection

_MANAGER = "org.freedesktop.FileManager1"
_BUS = "org.freedesktop.DBus"
_PATIENCE = 1000  # ms that the bus itself, which starts nothing for it, may take to answer


def show_file(path: Path) -> bool:
    """Show a file, selected where that can be asked for, or a folder; tell whether one opens."""
    path = Path(os.path.abspath(path))
    if path.is_file() and _select(path):
        return True
    folder = path if path.is_dir() else path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _select(path: Path) -> bool:
    """Ask the system's own file manager to select `path`; tell whether there was one to ask."""
    if sys.platform == "win32":
        return _start("explorer.exe", "/select,", QDir.toNativeSeparators(str(path)))
    if sys.platform == "darwin":
        return _start("open", "-R", str(path))
    try:
        from PySide6.QtDBus import QDBusConnection
    except ImportError:  # a Qt that was built without it
        return False
    return select_by_bus(path, QDBusConnection.sessionBus())


def _start(program: str, *arguments: str) -> bool:
    started = QProcess.startDetached(program, list(arguments))
    return bool(started[0] if isinstance(started, tuple) else started)


def select_by_bus(path: Path, bus: QDBusConnection) -> bool:
    """Ask whoever on `bus` is the file manager to select the file `path`, without waiting for it.

    False where nobody is, and none can be started.
    """
    from PySide6.QtDBus import QDBus, QDBusMessage

    if not bus.isConnected():
        return False
    known: list[str] = []
    for method in ("ListNames", "ListActivatableNames"):
        asked = QDBusMessage.createMethodCall(_BUS, "/org/freedesktop/DBus", _BUS, method)
        for found in bus.call(asked, QDBus.CallMode.Block, _PATIENCE).arguments():
            known += found if isinstance(found, list) else []
    if _MANAGER not in known:
        return False
    show = QDBusMessage.createMethodCall(
        _MANAGER, "/org/freedesktop/FileManager1", _MANAGER, "ShowItems"
    )
    place = bytes(QUrl.fromLocalFile(str(path)).toEncoded().data()).decode()
    show.setArguments([[place], ""])
    return bool(bus.send(show))
