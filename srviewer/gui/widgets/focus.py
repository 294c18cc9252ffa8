"""Where the keyboard is: with what a person chose, and with the picture once that is gone."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QComboBox, QStackedWidget, QWidget


def belongs(widget: QWidget, window: QWidget) -> bool:
    """Tell whether `widget` is in `window`, or in a part of it that floats."""
    top = widget.window()
    owner = top.parentWidget()
    if top is window or owner is None:
        return top is window
    return top.windowType() == Qt.WindowType.Tool and owner.window() is window


class FollowsFocus(QObject):
    """An event filter on the widget of `window` that has the focus, and on no other.

    So that no event of anything else, which are many, takes Python's time.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self.watched: QWidget | None = None
        _application().focusChanged.connect(self._on_focus)
        self._on_focus(None, QApplication.focusWidget())

    def end(self) -> None:
        """Look at no event any more."""
        _application().focusChanged.disconnect(self._on_focus)
        self.follow(None)

    def follow(self, widget: QWidget | None) -> None:
        """Look at the events of `widget`."""
        if self.watched is not None and shiboken6.isValid(self.watched):
            self.watched.removeEventFilter(self)
        self.watched = widget
        if widget is not None:
            widget.installEventFilter(self)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if not shiboken6.isValid(self.window):
            return
        self.follow(now if now is not None and belongs(now, self.window) else None)


class FocusKeeper(QObject):
    """Keeps Qt from choosing what has the focus: the next in the tab order may be a field.

    Where the widget with the focus is hidden, switched off or gone, where nothing has the focus,
    and where something was chosen from a list that popped up, the keyboard goes home. Whoever
    calls `setFocus` does so because a person asked for it.

    Parameters
    ----------
    window : QWidget
    home : callable
        Returns the widget that the keyboard belongs to where nothing else has it.
    """

    def __init__(self, window: QWidget, home: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._last: QWidget | None = None
        self._stacks: list[QStackedWidget] = []
        _application().focusChanged.connect(self._on_focus)

    def end(self) -> None:
        """Leave the focus to Qt."""
        _application().focusChanged.disconnect(self._on_focus)

    def go_home(self) -> None:
        """Give the keyboard to the picture, or to what stands in its place."""
        home, active = self._home(), QApplication.activeWindow()
        usable = home.isVisible() and home.isEnabled()
        (home if usable else self._window).setFocus(Qt.FocusReason.OtherFocusReason)
        if active is not None and active is not self._window and belongs(active, self._window):
            left = active.focusWidget()  # a panel that floats keeps its own
            if left is not None:
                left.clearFocus()
            self._window.activateWindow()

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if not shiboken6.isValid(self._window):
            return  # a window that was never closed is gone with the program
        if now is None:
            self._on_none()
        elif belongs(now, self._window):
            self._on_one(before, now)

    def _on_none(self) -> None:
        if self._window.isActiveWindow() and QApplication.activePopupWidget() is None:
            if self._last is not None and shiboken6.isValid(self._last):
                self._watch_pages_around(self._last)  # it may be a page that is turned
            self.go_home()

    def _on_one(self, before: QWidget | None, now: QWidget) -> None:
        home = self._home()
        if now is self._window and not (home.isVisible() and home.isEnabled()):
            home.installEventFilter(self)
        last, self._last = self._last, now
        if last is None or last is now:
            if _is_list_of(before, now):
                self.go_home()
        elif not shiboken6.isValid(last):
            self.go_home()
        elif not (last.isVisible() and last.isEnabled()):
            self._watch_pages_around(last)
            self.go_home()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard to what it belongs to, which could not be seen a moment ago."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.EnabledChange):
            watched.removeEventFilter(self)
            if QApplication.focusWidget() is self._window:
                self.go_home()
        return False

    def _watch_pages_around(self, widget: QWidget) -> None:
        """Hear of pages that are turned: then Qt looks for a field on the new one."""
        parent = widget.parentWidget()
        while parent is not None:
            if isinstance(parent, QStackedWidget) and parent not in self._stacks:
                self._stacks.append(parent)
                parent.currentChanged.connect(self._on_page)
            parent = parent.parentWidget()

    def _on_page(self) -> None:
        stack, now = self.sender(), QApplication.focusWidget()
        if isinstance(stack, QStackedWidget) and now is not None and stack.isAncestorOf(now):
            self.go_home()


def paint_ring(painter: QPainter, area: QRect, color: str) -> None:
    """Show that what fills `area` has the keyboard."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(color), 2))
    painter.drawRect(area.adjusted(1, 1, -1, -1))
    painter.restore()


def _is_list_of(before: QWidget | None, now: QWidget) -> bool:
    """Tell whether `before` is in the list that popped up under the box `now`."""
    if before is None or not isinstance(now, QComboBox) or not shiboken6.isValid(before):
        return False
    return before.window().parentWidget() is now


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
