"""Whose a key is: the field's that is typed into, or the window's."""

from collections.abc import Callable, Sequence

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from srviewer.gui.widgets.focus import FollowsFocus

FIELDS = (QLineEdit, QAbstractSpinBox, QComboBox, QAbstractSlider, QCheckBox)
"""What edits a value."""

ARROWS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
}
"""The keys that step, and where to."""

_ENTER, _ESCAPE = (Qt.Key.Key_Return, Qt.Key.Key_Enter), Qt.Key.Key_Escape
_STANDARD, _WITH = QKeySequence.StandardKey, Qt.KeyboardModifier
_COMMANDS = _WITH.ControlModifier | _WITH.AltModifier | _WITH.MetaModifier
_OF_NUMBERS = frozenset("0123456789.,+-%")  # whether they are typed or chosen from a list
_OF_TEXTS = (  # Ctrl+E, which some systems move the cursor with, is none of them
    _STANDARD.Cut,
    _STANDARD.Copy,
    _STANDARD.Paste,
    _STANDARD.SelectAll,
    _STANDARD.Delete,
    _STANDARD.DeleteStartOfWord,
    _STANDARD.DeleteEndOfWord,
)
_MOVES = range(Qt.Key.Key_Home, Qt.Key.Key_Down + 1)  # with End and the arrows
# Where arrows have no other use than to scroll, or to lead the focus elsewhere.
_STEPPED_FROM = (QAbstractButton, QScrollArea, QLabel, QMainWindow)


class FieldKeys(FollowsFocus):
    """The one rule for keys in fields, whatever field and whatever action.

    The keys of the window's actions are the window's, but for those that edit a text where one is
    being typed; they take what was typed and leave the field, as Return does. Esc gives the old
    value back and leaves it. A click on a button does not keep the keyboard. Lists, charts and the
    like say themselves which keys they take.

    Parameters
    ----------
    window : QWidget
    actions : sequence of QAction
        Their keys are the window's, also while they are switched off.
    leave : callable
        Gives the keyboard to the picture.
    leave_for : callable
        Does so before the action that it is called with.
    steps : callable
        Tells whether arrow keys step from one thing to the next.

    Signals
    -------
    stepped(step)
        An arrow key was pressed where it has no other use.
    """

    stepped = Signal(int)

    def __init__(
        self,
        window: QWidget,
        actions: Sequence[QAction],
        leave: Callable[[], None],
        leave_for: Callable[[QAction], None],
        steps: Callable[[], bool],
    ) -> None:
        self._actions, self._leave, self._steps = actions, leave, steps
        self._leave_for = leave_for
        self._entered: object = None
        self._clicks = _ClicksElsewhere(window)
        super().__init__(window)

    def follow(self, widget: QWidget | None) -> None:
        """Look at the keys of `widget`, and remember what it holds."""
        super().follow(widget)
        line = line_of(widget)
        self._clicks.follow(widget)
        if isinstance(widget, QSpinBox | QDoubleSpinBox):
            self._entered = widget.value()
        else:
            self._entered = line.text() if line is not None else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the widget that has the focus, and clicks on a button."""
        kind = event.type()
        if not isinstance(watched, QWidget):
            return False
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return self._on_claim(watched, event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_press(watched, event)
        if kind == QEvent.Type.MouseButtonRelease and isinstance(watched, QAbstractButton):
            watched.event(event)
            if watched.hasFocus():
                self._leave()
            return True
        return False

    def _on_claim(self, field: QWidget, event: QKeyEvent) -> bool:
        """Say whether `field` wants the key, before any action is asked."""
        if not isinstance(field, FIELDS):
            return False
        if event.key() in (*_ENTER, _ESCAPE):
            event.accept()
            return True
        asked = self._asked_by(event)
        if not asked:
            return False
        if edits(field, event):
            event.accept()
        else:
            take_typed(field)  # what is done is done with it
            for action in asked:
                if action.isEnabled():
                    self._leave_for(action)
            event.ignore()
        return True

    def _on_press(self, field: QWidget, event: QKeyEvent) -> bool:
        if event.key() in ARROWS and isinstance(field, _STEPPED_FROM):
            return self._on_arrow(field, event)
        if not isinstance(field, FIELDS):
            return False
        if event.key() in _ENTER:
            if isinstance(field, QAbstractSpinBox):
                take_typed(field)
            else:
                field.event(event)
        elif event.key() == _ESCAPE:
            self._give_back(field)
        elif _chooses_unseen(field, event):
            return True
        else:  # the key of an action that is switched off edits nothing either
            return bool(self._asked_by(event)) and not edits(field, event)
        event.accept()
        self._leave()
        return True

    def _on_arrow(self, widget: QWidget, event: QKeyEvent) -> bool:
        if event.modifiers() & ~_WITH.KeypadModifier:
            return False
        if self._steps():
            self.stepped.emit(ARROWS[event.key()])
            return True
        if isinstance(widget, QAbstractButton):
            widget.event(event)
            now = QApplication.focusWidget()
            if not (isinstance(now, QAbstractButton) and now.parent() is widget.parent()):
                widget.setFocus()  # arrows lead from button to button, and nowhere else
            return True
        return False

    def _give_back(self, field: QWidget) -> None:
        if isinstance(field, QSpinBox | QDoubleSpinBox):
            # A number that counts as it is typed is that of before; another is not taken yet.
            kept = self._entered if field.keyboardTracking() else field.value()
            field.setValue(kept)  # type: ignore[arg-type]
        elif isinstance(field, QLineEdit) and field.text() != self._entered:
            field.setText(str(self._entered))

    def _asked_by(self, event: QKeyEvent) -> list[QAction]:
        """Return the actions that have this key."""
        with_ = event.modifiers() & ~_WITH.KeypadModifier
        pressed = [QKeySequence(event.key() | with_.value)]
        if not event.text().isalpha():  # where a sign needs Shift, people mean the sign
            pressed.append(QKeySequence(event.key() | (with_ & ~_WITH.ShiftModifier).value))
        return [one for one in self._actions if any(keys in pressed for keys in one.shortcuts())]


class _ClicksElsewhere(QObject):
    """Lets a number count that is being typed as soon as anything else is clicked.

    A button of a tool bar takes no focus, so that the field would never be left. All events are
    looked at only between the first letter and the first click.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._field: QAbstractSpinBox | None = None

    def follow(self, widget: QWidget | None) -> None:
        """Hear what is typed into `widget`, where it is a number."""
        self._end()
        if self._field is not None and shiboken6.isValid(self._field):
            self._field.lineEdit().textEdited.disconnect(self._begin)
        self._field = widget if isinstance(widget, QAbstractSpinBox) else None
        if self._field is not None:
            self._field.lineEdit().textEdited.connect(self._begin)

    def _begin(self) -> None:
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def _end(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what was typed before a click reaches anything else."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            field = self._field
            if field is not None and shiboken6.isValid(field):
                if watched is field or field.isAncestorOf(watched):
                    return False
                take_typed(field)
            self._end()
        return False


def line_of(widget: QWidget | None) -> QLineEdit | None:
    """Return the line of text in `widget` that can be typed into."""
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        return widget.lineEdit()
    return widget if isinstance(widget, QLineEdit) else None


def take_typed(field: QWidget) -> None:
    """Let a number count that was typed and not taken yet."""
    if isinstance(field, QAbstractSpinBox):
        field.interpretText()


def edits(field: QWidget, event: QKeyEvent) -> bool:
    """Tell whether this key edits the text in `field`."""
    line = line_of(field)
    if line is None:
        # Signs choose in a list that is open, which has the keyboard itself.
        return isinstance(field, QAbstractSlider | QComboBox) and event.key() in _MOVES
    if event.matches(_STANDARD.Undo):
        return line.isUndoAvailable()
    if event.matches(_STANDARD.Redo):
        return line.isRedoAvailable()
    if event.modifiers() & _COMMANDS:
        return any(map(event.matches, _OF_TEXTS))
    if _is_typed(event):
        return isinstance(field, QLineEdit) or event.text() in _OF_NUMBERS
    return event.key() in _MOVES or event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


def _chooses_unseen(field: QWidget, event: QKeyEvent) -> bool:
    """Tell whether the key would choose in a list that is not open; Space opens it."""
    is_list = isinstance(field, QComboBox) and not field.isEditable()
    return is_list and _is_typed(event) and event.key() != Qt.Key.Key_Space


def _is_typed(event: QKeyEvent) -> bool:
    """Tell whether the key is a letter, a digit or a sign."""
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & _COMMANDS
