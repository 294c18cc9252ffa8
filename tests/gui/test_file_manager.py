"""A file is shown selected in the file manager, which is asked over the bus where there is one."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from srviewer.gui.widgets import file_manager

QtDBus = pytest.importorskip("PySide6.QtDBus")
needs_bus = pytest.mark.skipif(not shutil.which("dbus-daemon"), reason="no dbus-daemon")


class Manager(QObject):
    """Stands for a file manager, and notes what it is asked to show."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    @Slot("QStringList", str)
    def ShowItems(self, places: list[str], start: str) -> None:  # noqa: N802 - as it is called
        self.asked.append(places)


@pytest.fixture
def bus() -> Iterator[str]:
    """Return the address of a bus of our own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--nopidfile"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


@needs_bus
def test_the_file_manager_on_the_bus_is_asked_for_the_file_itself(
    qtbot: QtBot, bus: str, tmp_path: Path
) -> None:
    photo = tmp_path / "a photo, 100 %.png"
    photo.write_bytes(b"")
    connect = QtDBus.QDBusConnection.connectToBus
    mine, theirs = connect(bus, "mine"), connect(bus, "theirs")
    assert not file_manager.select_by_bus(photo, mine), "nobody is there yet"
    manager = Manager()
    path, way = "/org/freedesktop/FileManager1", QtDBus.QDBusConnection.RegisterOption
    theirs.registerService("org.freedesktop.FileManager1")
    interface = "org.freedesktop.FileManager1"
    assert theirs.registerObject(path, interface, manager, way.ExportAllSlots)
    assert file_manager.select_by_bus(photo, mine)
    qtbot.waitUntil(lambda: bool(manager.asked))
    assert manager.asked == [[f"file://{tmp_path}/a%20photo,%20100%20%25.png"]]
    for name in ("mine", "theirs"):
        QtDBus.QDBusConnection.disconnectFromBus(name)


@pytest.mark.parametrize(
    ("platform", "wanted"),
    [("win32", ["explorer.exe", "/select,"]), ("darwin", ["open", "-R"])],
)
def test_elsewhere_the_systems_own_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, wanted: list[str]
) -> None:
    started: list[list[str]] = []

    def start(program: str, *arguments: str) -> bool:
        started.append([program, *arguments])
        return True

    monkeypatch.setattr(file_manager.sys, "platform", platform)
    monkeypatch.setattr(file_manager, "_start", start)
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"")
    assert file_manager.show_file(photo)
    assert started == [[*wanted, str(photo)]]


def test_where_nobody_can_be_asked_the_folder_opens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())) or True
    )
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"")
    assert file_manager.show_file(photo)
    assert file_manager.show_file(tmp_path)
    assert file_manager.show_file(tmp_path / "gone.png")
    assert opened == [str(tmp_path)] * 3
