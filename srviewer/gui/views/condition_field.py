"""A field for conditions on the rows of a table."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit

from srviewer.gui.widgets.building import EDGE, label, named
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.columns import Column
from srviewer.pipeline.conditions import Condition, ConditionError, parse_conditions

_BESIDE = 12  # px of the field beside its text
_NARROWEST = 110  # px, in which a condition can be read
_PATIENCE = 700  # ms without a key, after which a condition is no longer being typed


class ConditionField(QLineEdit):
    """A line to type conditions on rows in; it holds the last ones that were understood.

    Parameters
    ----------
    name : str
        Of the object and, with ``_problem``, of the line below it.
    rows : str
        What the rows are, "windows".
    example : str
        Conditions that make sense.

    Attributes
    ----------
    conditions : tuple of Condition
    problem : QLabel
        Says what is allowed, once a person has stopped typing; to be put below by the owner.

    Signals
    -------
    understood
        `conditions` is new.
    """

    understood = Signal()

    def __init__(self, name: str, rows: str, example: str) -> None:
        super().__init__(clearButtonEnabled=True)
        first = example.partition(",")[0]
        self._hints = (f"Conditions, as {example}", f"Conditions, as {first}", f"as {first}")
        self.conditions: tuple[Condition[Any], ...] = ()
        self._rows, self._example = rows, example
        self._columns: tuple[Column[Any], ...] = ()
        self._elsewhere: Mapping[str, str] = {}
        self._error = ""
        self._typing = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._typing.timeout.connect(self._show_problem)
        self.problem = label(f"{name}_problem", wraps=True, warns=True)
        self.problem.setContentsMargins(EDGE, 0, EDGE, 6)
        self.problem.hide()
        self.setMinimumWidth(_NARROWEST)
        named(self, f"{name}_filter", f"Conditions on {rows}")
        self.textChanged.connect(self._on_text)
        self.editingFinished.connect(self._show_problem)

    def use_columns(
        self, columns: tuple[Column[Any], ...], elsewhere: Mapping[str, str] | None = None
    ) -> None:
        """Let conditions be on these columns only; `elsewhere` is as in `parse_conditions`."""
        if columns != self._columns:
            self._columns, self._elsewhere = columns, elsewhere or {}
            self.setToolTip(
                f"list only the {self._rows} that meet all conditions, as {self._example}\n"
                f"names: {', '.join(column.name for column in columns)}\n"
                "signs: < <= > >= = !="
            )
            self._parse()
            # The last good filter stays, but not on a column that is gone.
            self.conditions = tuple(one for one in self.conditions if one.column in columns)
            self._show_problem()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of an example as there is room for."""
        super().resizeEvent(event)
        room = self.width() - _BESIDE
        self.setPlaceholderText(fitting(self.fontMetrics(), room, *self._hints))

    def _on_text(self) -> None:
        self._parse()
        if self._error:
            self._typing.start()
        else:
            self._show_problem()
            self.understood.emit()

    def _parse(self) -> None:
        try:
            self.conditions = parse_conditions(self.text(), self._columns, self._elsewhere)
            self._error = ""
        except ConditionError as error:
            self._error = str(error)

    def _show_problem(self) -> None:
        self._typing.stop()
        self.problem.setText(self._error)
        self.problem.setVisible(bool(self._error))
        self.setAccessibleDescription(self._error)
