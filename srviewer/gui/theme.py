"""Colours and the style of the window, dark or light as the system is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

# Blue and orange (after Okabe and Ito) differ for people with any colour blindness; kept and
# rejected differ in brightness and shape as well.
KEPT = QColor(105, 195, 245)
REJECTED = QColor(230, 116, 28)
NEUTRAL = QColor(225, 225, 225)
BOX = QColor(255, 255, 255)


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, each as ``#rrggbb``."""

    window: str
    panel: str
    field: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str


DARK = Theme(
    window="#1e1f22",
    panel="#26282c",
    field="#303338",
    line="#3b3e44",
    text="#dfe1e5",
    muted="#9a9fa8",
    accent="#3b8fd4",
    on_accent="#ffffff",
    warning="#eb9628",
)
LIGHT = Theme(
    window="#e9eaed",
    panel="#f6f7f8",
    field="#ffffff",
    line="#cdd0d6",
    text="#1f2227",
    muted="#646a74",
    accent="#1f6fb5",
    on_accent="#ffffff",
    warning="#a85b00",
)
CANVAS = QColor("#17181a")  # pictures are judged against the same dark grey in both themes


_choice = "system"


def current_theme() -> Theme:
    """Return the theme that was chosen, or else the one that the system asks for."""
    if _choice != "system":
        return LIGHT if _choice == "light" else DARK
    app = QApplication.instance()
    light = Qt.ColorScheme.Light
    if isinstance(app, QApplication) and app.styleHints().colorScheme() == light:
        return LIGHT
    return DARK


def choose_theme(name: str) -> None:
    """Follow the system (``system``), or be ``dark`` or ``light`` whatever the system is.

    Qt's own switch does nothing where the desktop has no platform theme, so it is not used.
    """
    global _choice
    changed, _choice = _choice != name, name
    app = QApplication.instance()
    if changed and isinstance(app, QApplication):
        apply_theme(app)


def apply_theme(app: QApplication) -> None:
    """Give `app` the palette and the style sheet of the current theme."""
    theme = current_theme()
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.panel,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.BrightText: theme.warning,
        role.Mid: theme.line,
        role.Light: theme.line,
        role.Dark: theme.window,
    }
    for one, color in colors.items():
        palette.setColor(one, QColor(color))
    disabled = QPalette.ColorGroup.Disabled
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, one, QColor(theme.muted))
    return palette


def _style_sheet(theme: Theme) -> str:
    return f"""
    QToolTip {{ border: 1px solid {theme.line}; padding: 4px; }}
    QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; }}
    QMenuBar {{ background: {theme.window}; padding: 2px 4px; }}
    QStatusBar {{ background: {theme.window}; }}
    QStatusBar::item {{ border: 0; }}
    QScrollArea {{ border: 0; background: {theme.panel}; }}
    QScrollArea > QWidget > QWidget {{ background: {theme.panel}; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[heading="true"], QLabel[changed="true"] {{ font-weight: 600; }}
    QFrame[panel="true"] {{ background: {theme.panel}; border: 0; }}
    QFrame[banner="true"] {{ background: {theme.panel}; border: 0;
        border-left: 4px solid {theme.warning}; }}
    QPushButton {{ padding: 5px 12px; border: 1px solid {theme.line}; border-radius: 4px;
        background: {theme.field}; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:focus {{ border-color: {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.muted}; }}
    QPushButton[primary="true"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; font-weight: 600; }}
    QPushButton[primary="true"]:disabled {{ background: {theme.field}; color: {theme.muted};
        border-color: {theme.line}; }}
    QToolButton[stage="true"] {{ border: 0; border-bottom: 3px solid transparent;
        padding: 5px 4px 4px 10px; text-align: left; background: {theme.panel}; }}
    QToolButton[stage="true"]:hover {{ background: {theme.field}; }}
    QToolButton[stage="true"]:focus {{ background: {theme.field}; }}
    QToolButton[stage="true"]:checked {{ border-bottom-color: {theme.accent};
        background: {theme.field}; }}
    QToolButton[stage="true"][aside="true"]:checked {{ border-bottom-color: transparent;
        background: {theme.panel}; }}
    QToolButton[layer="true"] {{ border: 1px solid {theme.line}; border-radius: 4px;
        padding: 2px 5px; background: transparent; color: {theme.text}; }}
    QToolButton[layer="true"]:hover {{ background: {theme.field}; }}
    QToolButton[layer="true"]:checked {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QListWidget {{ border: 0; background: {theme.panel}; outline: 0; }}
    QProgressBar {{ border: 1px solid {theme.line}; border-radius: 3px; text-align: center;
        background: {theme.field}; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 2px; }}
    """
