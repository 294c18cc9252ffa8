"""Controls with their names, and rows of them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


def label(name: str = "", text: str = "", *, muted: bool = False, wraps: bool = False) -> QLabel:
    """Return a label for plain text."""
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if muted:
        made.setProperty("muted", True)
    return made


def push_button(text: str, name: str, help: str) -> QPushButton:
    """Return a button."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setToolTip(help)
    return made


def combo_box(name: str, title: str, help: str, items: Iterable[tuple[str, object]]) -> QComboBox:
    """Return a box to choose from `items`, each a text and what it stands for."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(help)
    for text, data in items:
        made.addItem(text, data)
    return made


def even_heights(*controls: QWidget) -> None:
    """Make the controls of a row equally high, which styles do not."""
    height = max(control.sizeHint().height() for control in controls)
    for control in controls:
        control.setFixedHeight(height)


def bar_of(*controls: QWidget, grows: QWidget | None = None, spacing: int = 8) -> QHBoxLayout:
    """Return a row of `controls` above a list; `grows` takes the room that is left."""
    row = QHBoxLayout()
    row.setContentsMargins(8, 6, 8, 6)
    row.setSpacing(spacing)
    for control in controls:
        row.addWidget(control, 1 if control is grows else 0)
    return row


def stacked(parent: QWidget, *parts: QWidget | QBoxLayout, spacing: int = 0) -> QVBoxLayout:
    """Put `parts` below each other into `parent`, the last one with the room that is left."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part, 1 if part is parts[-1] else 0)
        else:
            column.addLayout(part)
    return column
