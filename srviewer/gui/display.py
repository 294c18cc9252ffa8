"""Whether a window can be opened here, found out before Qt is started: Qt itself would abort."""

import ctypes
import os
import sys
from pathlib import Path

_PACKAGES = {
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-image": "libxcb-image0",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-randr": "libxcb-randr0",
    "libxcb-render-util": "libxcb-render-util0",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-util": "libxcb-util1",
    "libxcb-xinerama": "libxcb-xinerama0",
    "libxcb-xkb": "libxcb-xkb1",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libxkbcommon": "libxkbcommon0",
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libfontconfig": "libfontconfig1",
    "libdbus-1": "libdbus-1-3",
    "libglib-2.0": "libglib2.0-0",
}
"""Debian's package by the library that Qt's X11 plugin needs."""


def why_no_window() -> str | None:
    """Return why no window can be opened, in words that say what to do; None where one can."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    wayland = os.environ.get("WAYLAND_DISPLAY")
    asked = platform.partition(":")[0].partition(";")[0]
    if asked.startswith("wayland") and not _serves_wayland(wayland or "wayland-0"):
        return f"no display: QT_QPA_PLATFORM is {platform!r}, and no such display can be reached"
    if not sys.platform.startswith("linux") or asked not in ("", "xcb"):
        return _missing_plugin(platform)
    if wayland and not platform and _serves_wayland(wayland):
        return None
    if not os.environ.get("DISPLAY"):
        unset = "neither DISPLAY nor WAYLAND_DISPLAY is set"
        if wayland and not platform:
            unset = f"WAYLAND_DISPLAY is {wayland!r}, which cannot be reached, DISPLAY is not set"
        return f"no display: {unset}. `srviewer export` and `srviewer snapshot` work without one"
    return _missing_library() or _unreachable_display()


def _serves_wayland(name: str) -> bool:
    """Tell whether the compositor's socket is there; Qt falls back to X11 where it is not."""
    return (Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name).is_socket()


def _plugins() -> Path:
    import PySide6

    return Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms"


def _missing_plugin(platform: str) -> str | None:
    """Return that Qt has no such platform, on which it would abort; None where it may have it."""
    names = [one.partition(":")[0] for one in platform.split(";")]
    there = [plugin.name for plugin in _plugins().glob("libq*.so")]
    if not there or any(name.startswith(f"libq{one}") for one in names for name in there):
        return None
    known = ", ".join(sorted(name[4:-3] for name in there))
    return f"no display: QT_QPA_PLATFORM is {platform!r}, and Qt has {known}"


def _missing_library() -> str | None:
    plugin = _plugins() / "libqxcb.so"
    if not plugin.exists():
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        library = str(error).partition(":")[0]
        package = _PACKAGES.get(library.partition(".so")[0])
        how = f"; on Debian: apt install {package}" if package else ""
        return f"Qt needs the library {library}, which is not installed{how}"
    return None


def _unreachable_display() -> str | None:
    """Return why the X server cannot be reached; Qt would abort on it."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "Qt needs the library libxcb.so.1; on Debian: apt install libxcb1"
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    if failed:
        xcb.xcb_disconnect(connection)
    # Otherwise it stays open: X servers start anew when their last client leaves, and refuse Qt
    # meanwhile, which a bare Xvfb did each time.
    return f"the display {os.environ['DISPLAY']!r} cannot be reached" if failed else None


if __name__ == "__main__":
    _reason = why_no_window()
    if _reason:
        sys.exit(f"srviewer: {_reason}")
