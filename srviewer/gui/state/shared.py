"""A value that several parts of the window show, and the word that it is another."""

from dataclasses import replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class Shared(QObject, Generic[T]):
    """Holds a value that nothing changes but another in its place.

    Attributes
    ----------
    value

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, value: T, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = value

    def use(self, value: T) -> None:
        """Have `value`; who shows it hears of it where it is another."""
        if value != self.value:
            self.value = value
            self.changed.emit()

    def change(self, **fields: Any) -> None:
        """Have these fields of a frozen dataclass otherwise."""
        self.use(replace(self.value, **fields))  # type: ignore[type-var]
