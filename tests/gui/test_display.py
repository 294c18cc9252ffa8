"""Where no window can be opened, the program says why instead of aborting."""

import ctypes
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from srviewer.gui import display
from srviewer.gui.display import why_no_window

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks X11 and Wayland, which Linux has"
)
NOWHERE = ":98765"
VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_a_display_the_variables_are_named() -> None:
    reason = why_no_window()
    assert reason is not None
    assert "no display" in reason
    assert "DISPLAY" in reason
    assert "WAYLAND_DISPLAY" in reason
    assert "srviewer export" in reason, "what works all the same"


def test_a_display_that_nobody_serves_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_missing_library", lambda: None)
    monkeypatch.setenv("DISPLAY", NOWHERE)
    reason = why_no_window()
    assert reason is not None
    assert repr(NOWHERE) in reason
    assert "cannot be reached" in reason


def test_a_wayland_socket_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    monkeypatch.chdir(tmp_path)  # a socket's whole path may be too long for the system
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("wayland-7")
        assert why_no_window() is None
    (tmp_path / "wayland-7").unlink()
    assert "'wayland-7', which cannot be reached" in str(why_no_window())


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:port=5901"])
def test_a_platform_without_a_display_needs_none(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert why_no_window() is None


def test_a_platform_that_qt_has_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    assert "QT_QPA_PLATFORM is 'nonsense', and Qt has" in str(why_no_window())
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense;offscreen")
    assert why_no_window() is None


def test_the_x11_platform_needs_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert "no display" in str(why_no_window())


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_have_a_display_of_their_own(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert why_no_window() is None


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libEGL.so.1", "libegl1"),
        ("libGL.so.1", "libgl1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, library: str, package: str
) -> None:
    def load(name: str) -> object:
        raise OSError(f"{library}: cannot open shared object file: No such file or directory")

    monkeypatch.setenv("DISPLAY", NOWHERE)
    monkeypatch.setattr(ctypes, "CDLL", load)
    reason = why_no_window()
    assert reason is not None
    assert f"Qt needs the library {library}" in reason
    assert reason.endswith(f"apt install {package}")


def test_an_unknown_library_is_named_without_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> object:
        raise OSError("libnew.so.3: cannot open shared object file")

    monkeypatch.setenv("DISPLAY", NOWHERE)
    monkeypatch.setattr(ctypes, "CDLL", load)
    reason = why_no_window()
    assert reason is not None
    assert "libnew.so.3" in reason
    assert "apt" not in reason


@pytest.mark.parametrize(
    "shown",
    [{}, {"DISPLAY": NOWHERE}, {"WAYLAND_DISPLAY": "gone"}],
    ids=["no display", "unreachable X11", "unreachable Wayland"],
)
@pytest.mark.parametrize("module", ["srviewer", "srviewer.gui.display"])
def test_the_program_says_so_and_ends_in_order(
    environment: dict[str, str], shown: dict[str, str], module: str
) -> None:
    bare = {key: value for key, value in environment.items() if key not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-m", module],
        env=bare | shown,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 1, "not an abort by Qt"
    assert done.stderr.startswith("srviewer: ")
    named = next(iter(shown.values()), "DISPLAY")
    assert named in done.stderr or "apt install" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
