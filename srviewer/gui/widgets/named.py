"""Names of widgets, for whoever looks for them: tests, screen readers, the style sheet."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QLabel, QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str, says: str = "", *, tip: str = "", **properties: bool) -> W:
    """Return `widget` with its names.

    Parameters
    ----------
    widget : QWidget
    name : str
        Its object name.
    says : str
        What a screen reader says; by default what is written on it.
    tip : str
        Its tooltip.
    **properties
        What the style sheet asks for: ``muted``, ``primary``.
    """
    widget.setObjectName(name)
    if says:
        widget.setAccessibleName(says)
    if tip:
        widget.setToolTip(tip)
    for key, value in properties.items():
        widget.setProperty(key, value)
    return widget


def heading(text: str) -> QLabel:
    """Return a label in bold."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label
