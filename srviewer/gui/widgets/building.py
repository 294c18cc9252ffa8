"""Controls with their names, for tests, screen readers and the style sheet; rows of them."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QSize, Qt, SignalInstance
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTableWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.theme import once_styled
from srviewer.gui.widgets.flow import FlowLayout

W = TypeVar("W", bound=QWidget)
B = TypeVar("B", bound=QBoxLayout)

EDGE = 12  # px between the edge of a panel and what stands in it
_LOWEST_LIST = 72  # px


def named(widget: W, name: str, says: str = "", *, tip: str = "", **more: Any) -> W:
    """Return `widget` with its names, for whoever looks for them.

    Parameters
    ----------
    widget : QWidget
    name : str
        Its object name.
    says : str
        What a screen reader says; by default what is written on it.
    tip : str
        Its tooltip.
    **more
        Properties, those that the style sheet asks for (``muted``, ``primary``) and Qt's own, and
        what listens to signals, as PySide's constructors take them.
    """
    widget.setObjectName(name)
    if says:
        widget.setAccessibleName(says)
    if tip:
        widget.setToolTip(tip)
    for key, value in more.items():
        if isinstance(signal := getattr(widget, key, None), SignalInstance):
            signal.connect(value)
        else:
            widget.setProperty(key, value)
    if isinstance(widget, QLineEdit):
        for button in widget.findChildren(QToolButton):  # Qt's own, which has no name
            button.setAccessibleName("Clear")
    return widget


def restyle(widget: QWidget, property: str, value: bool) -> None:
    """Let the style sheet show `widget` anew where the `property` that it asks for is another."""
    if bool(widget.property(property)) != value:
        widget.setProperty(property, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def heading(text: str) -> QLabel:
    """Return a label in bold."""
    return named(label(text=text), "", heading=True)


def label(
    name: str = "", text: str = "", *, muted: bool = False, wraps: bool = False, **more: Any
) -> QLabel:
    """Return a label for plain text; the rest as in `named`."""
    made = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=wraps)
    return named(made, name, muted=muted, **more)


def push_button(text: str, name: str, help: str, **more: Any) -> QPushButton:
    """Return a button; the rest as in `named`."""
    return named(QPushButton(text), name, "", tip=help, **more)


def tool_button(text: str, name: str, says: str, *, tip: str = "", **more: Any) -> QToolButton:
    """Return a flat button with `text`; the rest as in `named`."""
    return named(QToolButton(), name, says, tip=tip, text=text, **more)


def progress_bar(name: str, says: str) -> QProgressBar:
    """Return a bar that writes its share as the window writes all others; as in `named`."""
    return named(QProgressBar(), name, says, format="%p %")


class IgnoresWheel:
    """A control that a wheel passes over: the panel scrolls, and nothing changes by accident.

    Nor does it get the keyboard by that, as it does from Qt.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # type: ignore[attr-defined]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the panel have it."""
        event.ignore()


class Combo(IgnoresWheel, QComboBox):
    """A list of choices that leaves the wheel to the panel."""


def combo_box(name: str, title: str, help: str, items: Iterable[tuple[str, object]]) -> QComboBox:
    """Return a box to choose from `items`, each a text and what it stands for."""
    made = named(Combo(), name, title, tip=help)
    for text, data in items:
        made.addItem(text, data)
    return made


def context_menu(owner: QWidget, name: str) -> QMenu:
    """Return a menu over `owner`, gone when it is closed."""
    menu = named(QMenu(owner), name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def keep_width(button: QPushButton, widest: str) -> None:
    """Let `button` be as wide as it is with the text `widest`, so that nothing moves."""

    def measure() -> None:
        shown = button.text()
        button.setText(widest)
        button.setMinimumWidth(button.sizeHint().width())
        button.setText(shown)

    once_styled(measure)


def even_heights(*controls: QWidget) -> None:
    """Make the controls of a row equally high, which styles do not."""

    def measure() -> None:
        height = max(control.sizeHint().height() for control in controls)
        for control in controls:
            control.setFixedHeight(height)

    once_styled(measure)


def filled(
    layout: B,
    *parts: QWidget | QLayout,
    grows: QWidget | QLayout | Sequence[QWidget] | None = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 0,
) -> B:
    """Return `layout` with `parts` in it; `grows`, one or several, takes the room that is left."""
    growing = grows if isinstance(grows, Sequence) else (grows,)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for part in parts:
        stretch = 1 if part in growing else 0
        if isinstance(part, QWidget):
            layout.addWidget(part, stretch)
        else:
            layout.addLayout(part, stretch)
    return layout


def beside(
    *parts: QWidget | QLayout, grows: QWidget | QLayout | None = None, spacing: int = 6
) -> QHBoxLayout:
    """Return `parts` beside each other, without margins."""
    return filled(QHBoxLayout(), *parts, grows=grows, spacing=spacing)


def bar_of(
    *controls: QWidget, grows: QWidget | None = None, spacing: int = 8, edge: int = EDGE
) -> FlowLayout:
    """Return a row of `controls` above a list, in lines where it is narrow; `grows` takes room."""
    return FlowLayout(controls, grows, margins=(edge, 6, edge, 6), spacing=spacing)


def stacked(parent: QWidget, *parts: QWidget | QLayout, spacing: int = 0) -> QVBoxLayout:
    """Put `parts` below each other into `parent`, the last one with the room that is left."""
    grows = parts[-1] if isinstance(parts[-1], QWidget) else None
    return filled(QVBoxLayout(parent), *parts, grows=grows, spacing=spacing)


def listed(parent: QWidget, *parts: QWidget | QLayout) -> None:
    """Put `parts` below each other into `parent`: bars, and a list that may be as low as there is.

    What bars need follows their width, and Qt then asks for all that a list would like to have.
    """
    stacked(parent, *parts)
    last = parts[-1]
    if isinstance(last, QWidget):
        last.setMinimumHeight(_LOWEST_LIST)
        last.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)


def column(*widgets: QWidget, grows: QWidget | None = None) -> QWidget:
    """Return a widget with `widgets` below each other; `grows` takes the room."""
    holder = QWidget()
    filled(QVBoxLayout(holder), *widgets, grows=grows)
    return holder


def grid(
    parent: QWidget | None = None,
    *,
    spacing: tuple[int, int],
    grows: int | None = None,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> QGridLayout:
    """Return an empty grid, its `spacing` across and down; the column `grows` takes the room."""
    made = QGridLayout(parent)
    made.setContentsMargins(*margins)
    made.setHorizontalSpacing(spacing[0])
    made.setVerticalSpacing(spacing[1])
    if grows is not None:
        made.setColumnStretch(grows, 1)
    return made


def keep_room(widget: QWidget) -> None:
    """Let `widget` keep its room while it is hidden, so that nothing moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def rows_table(name: str, says: str, titles: Sequence[str]) -> QTableWidget:
    """Return an empty table to choose one of its rows, for a few of them."""
    made = named(QTableWidget(0, len(titles)), name, says)
    made.setHorizontalHeaderLabels(list(titles))
    made.verticalHeader().hide()
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    return made


class Pages(QStackedWidget):
    """Asks for the room that the shown page needs, where Qt's own asks for that of the largest."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return that of the page that is shown."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


def at_the_top(widget: QWidget) -> QWidget:
    """Return a widget with `widget` in it, no higher than it needs to be."""
    holder = named(QFrame(), "", panel=True)
    filled(QVBoxLayout(holder), widget).addStretch(1)
    return holder


def row(
    *widgets: QWidget, grows: QWidget | Sequence[QWidget] | None = None, spacing: int = 1
) -> QWidget:
    """Return a widget with `widgets` beside each other; `grows`, one or several, take the room."""
    holder = QWidget()
    filled(QHBoxLayout(holder), *widgets, grows=grows, spacing=spacing)
    return holder


def splitter(orientation: Qt.Orientation) -> QSplitter:
    """Return an empty splitter, for `divide`."""
    return QSplitter(orientation, handleWidth=1, childrenCollapsible=False)


def divide(splitter: QSplitter, *parts: tuple[QWidget, int, int]) -> None:
    """Put `parts` into `splitter`: each a widget, its stretch and its least size."""
    for index, (part, stretch, least) in enumerate(parts):
        if splitter.orientation() is Qt.Orientation.Horizontal:
            part.setMinimumWidth(least)
        else:
            part.setMinimumHeight(least)
        splitter.addWidget(part)
        splitter.setStretchFactor(index, stretch)
