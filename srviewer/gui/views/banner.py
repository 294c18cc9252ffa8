"""A strip above the picture that says what went wrong, gives a hint, or offers something."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout

from srviewer.gui.widgets.building import filled, label, named, push_button, tool_button

_MOST_BESIDE = 4  # lines of words beside a button; of more, it stands below them
_AROUND = 60  # px that margins and the button that closes take


class Banner(QFrame):
    """Shows one message until it is closed or taken back.

    Signals
    -------
    answered(yes)
        What was offered is taken, or closed.
    """

    answered = Signal(bool)

    def __init__(self, name: str = "banner") -> None:
        super().__init__()
        named(self, name, banner=True)
        self._label = label(wraps=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = push_button("", f"{name}_button", "", clicked=lambda: self._end(True))
        close = tool_button("\N{MULTIPLICATION SIGN}", "", "Close the message", autoRaise=True)
        close.clicked.connect(lambda: self._end(False))
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        filled(self._words, self._label, self._button, grows=self._label, spacing=6)
        parts, margins = (self._words, close), (12, 6, 6, 6)
        row = filled(QHBoxLayout(self), *parts, grows=self._words, margins=margins, spacing=6)
        row.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange words and button by the width there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Leave the whole width to words that would be a narrow column beside the button."""
        beside = self.width() - _AROUND - self._button.sizeHint().width()
        high = self._label.heightForWidth(max(beside, 1))
        below = high > _MOST_BESIDE * self.fontMetrics().lineSpacing()
        way = QBoxLayout.Direction
        self._words.setDirection(way.TopToBottom if below else way.LeftToRight)

    def _end(self, yes: bool) -> None:
        offered = not self._button.isHidden()
        self.hide()
        if offered:
            self.answered.emit(yes)

    @property
    def text(self) -> str:
        """The message that is shown, empty without one."""
        return "" if self.isHidden() else self._label.text()

    def take_back(self, message: str) -> None:
        """Hide `message` where it is what is shown."""
        if self.text == message:
            self.hide()

    def say(self, message: str) -> None:
        """Show `message`."""
        self._show(message, "")

    def ask(self, message: str, button: str, tip: str = "") -> None:
        """Show `message`, and a button that takes what it offers."""
        self._show(message, button, tip)

    def _show(self, message: str, button: str, tip: str = "") -> None:
        self._label.setText(message)
        self._button.setText(button)
        self._button.setToolTip(tip)
        self._button.setVisible(bool(button))
        self._arrange()
        self.show()
