"""A line to type conditions on windows in, and a line that says what is wrong with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from srviewer.gui.theme import current_theme
from srviewer.pipeline.window_columns import NUMBERS, WindowColumn
from srviewer.pipeline.window_filter import Condition, ConditionError, parse_conditions

_PATIENCE = 700  # ms without a key, after which a condition is no longer being typed


class ConditionField(QLineEdit):
    """Holds the last conditions that were understood.

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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conditions: tuple[Condition, ...] = ()
        self._columns: tuple[WindowColumn, ...] = NUMBERS
        self._error = ""
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_PATIENCE)
        self._typing.timeout.connect(self._show_problem)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.setContentsMargins(8, 0, 8, 6)
        self.problem.hide()
        self.setAccessibleName("Conditions")
        self.setPlaceholderText("Conditions, as keypoints >= 12, psnr < 20")
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._on_text)
        self.editingFinished.connect(self._show_problem)

    def use_columns(self, columns: tuple[WindowColumn, ...]) -> None:
        """Let conditions be on these columns only."""
        if columns != self._columns or not self.toolTip():
            self._columns = columns
            self.setToolTip(
                "list only the windows that meet all conditions, as keypoints >= 12, psnr < 20\n"
                f"names: {', '.join(column.name for column in columns)}\n"
                "signs: < <= > >= = !="
            )
            self._parse()
            # The last good filter stays, but not on a column that is gone.
            self.conditions = tuple(one for one in self.conditions if one.column in columns)
            self._show_problem()

    def _on_text(self) -> None:
        self._parse()
        if self._error:
            self._typing.start()
        else:
            self._show_problem()
            self.understood.emit()

    def _parse(self) -> None:
        try:
            self.conditions = parse_conditions(self.text(), self._columns)
            self._error = ""
        except ConditionError as error:
            self._error = str(error)

    def _show_problem(self) -> None:
        self._typing.stop()
        self.problem.setText(self._error)
        self.problem.setStyleSheet(f"color: {current_theme().warning}")
        self.problem.setVisible(bool(self._error))
        self.setAccessibleDescription(self._error)
