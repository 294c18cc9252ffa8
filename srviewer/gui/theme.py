"""Colours and the style of the window, dark or light as the system is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLayout, QWidget

# Blue, orange and a pink (after Okabe and Ito) differ for people with any colour blindness; kept,
# rejected and excluded by hand differ in brightness and shape as well.
KEPT = QColor(105, 195, 245)
REJECTED = QColor(230, 116, 28)
EXCLUDED = QColor(232, 158, 205)
NEUTRAL = QColor(225, 225, 225)
BOX = QColor(255, 255, 255)


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, each as ``#rrggbb``."""

    window: str
    panel: str
    field: str
    line: str
    handle: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str


_COLORS = {  # of the dark theme and of the light one
    "window": ("#1e1f22", "#e9eaed"),
    "panel": ("#26282c", "#f6f7f8"),
    "field": ("#303338", "#ffffff"),
    "line": ("#3b3e44", "#cdd0d6"),
    "handle": ("#6d727b", "#8a8f98"),  # of scroll bars: three times as bright as their ground
    "text": ("#dfe1e5", "#1f2227"),
    "muted": ("#9a9fa8", "#646a74"),
    "accent": ("#3b8fd4", "#1f6fb5"),
    "on_accent": ("#ffffff", "#ffffff"),
    "warning": ("#eb9628", "#a85b00"),
}
DARK = Theme(**{name: dark for name, (dark, _) in _COLORS.items()})
LIGHT = Theme(**{name: light for name, (_, light) in _COLORS.items()})
CANVAS = QColor("#17181a")  # pictures are judged against the same dark grey in both themes


_choice = "system"


def current_theme() -> Theme:
    """Return the theme that was chosen, or else the one that the system asks for."""
    if _choice == "system":
        scheme = QApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if _choice == "light" else DARK


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
    app.setStyleSheet("")  # a palette costs several times as much where there is a style sheet
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


_unstyled: list[Callable[[], object]] | None = None


@contextmanager
def styled_at_the_end(window: QWidget) -> Iterator[None]:
    """Lay the style sheet over what is built in `window` once, when all of it is put together.

    Qt lays it over a part, and all that is in it, anew each time that it is put into another:
    building the window would take twice as long.
    """
    global _unstyled
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    sheet = app.styleSheet()
    app.setStyleSheet("")
    _unstyled = []
    try:
        yield
    finally:
        waiting, _unstyled = _unstyled, None
        app.setStyleSheet(sheet)
    # Some sizes were asked for, and are kept, while parts had no style yet.
    for layout in window.findChildren(QLayout):
        layout.invalidate()
    for part in window.findChildren(QWidget):
        part.updateGeometry()
    for measure in waiting:
        measure()


def once_styled(measure: Callable[[], object]) -> None:
    """Call what reads sizes that depend on the style sheet: now, or when it is laid over."""
    if _unstyled is None:
        measure()
    else:
        _unstyled.append(measure)


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
    """Return ``style.qss`` beside this file with the colours of `theme` filled in."""
    here = Path(str(files(__package__)))
    text = here.joinpath("style.qss").read_text("utf-8")
    return Template(text).substitute(asdict(theme), arrows=here.joinpath("arrows").as_posix())
