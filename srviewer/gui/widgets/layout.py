"""Widgets beside and below each other, without gaps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget


def column(*widgets: QWidget, grows: QWidget | None = None) -> QWidget:
    """Return a widget with `widgets` below each other; `grows` takes the room."""
    return _held(QVBoxLayout(), widgets, grows, spacing=0)


def row(*widgets: QWidget, grows: QWidget | None = None) -> QWidget:
    """Return a widget with `widgets` beside each other; `grows` takes the room."""
    return _held(QHBoxLayout(), widgets, grows, spacing=1)


def _held(
    layout: QBoxLayout, widgets: tuple[QWidget, ...], grows: QWidget | None, spacing: int
) -> QWidget:
    holder = QWidget()
    holder.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget is grows else 0)
    return holder


def splitter(orientation: Qt.Orientation, *parts: tuple[QWidget, int, int]) -> QSplitter:
    """Return a splitter of `parts`: each a widget, its stretch and its least size."""
    made = QSplitter(orientation)
    made.setHandleWidth(1)
    made.setChildrenCollapsible(False)
    for index, (part, stretch, least) in enumerate(parts):
        if orientation is Qt.Orientation.Horizontal:
            part.setMinimumWidth(least)
        else:
            part.setMinimumHeight(least)
        made.addWidget(part)
        made.setStretchFactor(index, stretch)
    return made
