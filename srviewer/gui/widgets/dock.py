"""A panel that a person can move, put behind another as a tab, take out, and close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from srviewer.gui.widgets.building import filled, label, named, tool_button
from srviewer.gui.widgets.field_keys import FIELDS

D = TypeVar("D", bound=QDockWidget)
_LOWEST = 120  # px of a part that is scrolled
_AS_NEEDED = Qt.ScrollBarPolicy.ScrollBarAsNeeded


class _TitleBar(QWidget):
    """What a panel is called, and two buttons; of no height while a tab says it already."""

    def __init__(self, dock: Dock, aside: QWidget | None) -> None:
        super().__init__()
        named(self, "", dock_title=True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = dock.windowTitle()
        self._tabbed = False
        apart = tool_button("\N{NORTH EAST ARROW}", "", f"{title}: a window of its own", dock=True)
        apart.setToolTip("take it out of the window, or put it back (double-click)")
        apart.clicked.connect(dock.turn_floating)
        close = tool_button("\N{MULTIPLICATION SIGN}", "", f"Close {title}", dock=True)
        close.setToolTip("close it; View > Panels has it")
        close.clicked.connect(dock.shut)
        says = label(text=title)
        self._buttons = (apart, close)
        for button in self._buttons:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        parts = [says, *([aside] if aside else []), apart, close]
        self._row = filled(QHBoxLayout(self), *parts, grows=says, margins=(12, 3, 4, 3), spacing=4)

    def set_tabbed(self, tabbed: bool) -> bool:
        """Have a height or none; tell whether that is new."""
        if tabbed == self._tabbed:
            return False
        self._tabbed = tabbed
        for button in self._buttons:  # Tab would lead to what has no height
            button.setVisible(not tabbed)
        self.updateGeometry()
        return True

    def sizeHint(self) -> QSize:
        return QSize(0, 0) if self._tabbed else self._row.sizeHint()

    minimumSizeHint = sizeHint


def lowest_edge(window: QMainWindow) -> int:
    """Return where the docks at the sides of `window` end; one that is too high reaches beyond."""
    bar = window.statusBar()
    return window.height() - (bar.height() if bar.isVisible() else 0)  # which is pushed out too


def others_in_column(dock: QDockWidget, docks: Iterable[D]) -> list[D]:
    """Return those of `docks` that are seen above and below `dock`."""
    # One behind another as a tab lies beyond the window's edge.
    return [one for one in docks if one is not dock and one.isVisible() and one.x() == dock.x()]


class _ScrolledPart(QScrollArea):
    """Has a bar where the part is higher than the room.

    Qt keeps a bar that was needed once where the part is high only because of the bar's width.
    """

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_LOWEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the room."""
        super().resizeEvent(event)
        self._leave_bar_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the part needs."""
        followed = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._leave_bar_out()
        return followed

    def _leave_bar_out(self) -> None:
        """Have no bar where the part fits without one."""
        part, room = self.widget(), self.maximumViewportSize()
        if part is None:
            return
        high = part.heightForWidth(room.width()) if part.hasHeightForWidth() else 0
        fits = max(high, part.minimumSizeHint().height()) <= room.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else _AS_NEEDED
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)


class Dock(QDockWidget):
    """A panel with a slim title bar. What stands in it is hidden while nobody can see it.

    It is in the window where a person has left it open and the window has room for it.

    Signals
    -------
    changed
        It was opened, closed, shown, or is no longer to be seen.
    left
        It had the focus and is about to go out of sight.

    Parameters
    ----------
    window : QMainWindow
    name : str
        Of the object, after ``dock_``.
    title : str
    part : QWidget
    aside : QWidget, optional
        Stands in the title bar.
    scrolls : bool
        Whether it may have less room than the part needs, which then is scrolled.
    """

    changed = Signal()
    left = Signal()

    def __init__(
        self,
        window: QMainWindow,
        name: str,
        title: str,
        part: QWidget,
        aside: QWidget | None = None,
        *,
        scrolls: bool = False,
    ) -> None:
        super().__init__(title, window)
        self.part = part
        named(self, f"dock_{name}", title)
        self.opened = True
        self._has_room = True
        self._expected = False  # the keyboard comes into it once it is seen
        # Qt puts a panel behind others beyond the window's edge, where it counts as visible.
        self._pages = QStackedWidget()
        self._title_bar = _TitleBar(self, aside)
        # The part comes last: whatever is put somewhere is styled anew with all that is in it.
        self.setTitleBarWidget(self._title_bar)
        self.setWidget(self._pages)
        self._pages.addWidget(QWidget())
        if scrolls:
            area = _ScrolledPart()
            self._pages.addWidget(area)
            area.setWidget(part)
        else:
            self._pages.addWidget(part)
        self.visibilityChanged.connect(self._on_visibility)
        self.topLevelChanged.connect(self._on_floating)

    @property
    def is_seen(self) -> bool:
        """Whether it is shown, and behind no other."""
        return not self.isHidden() and self._pages.currentIndex() == 1

    def open(self) -> None:
        """Let it be in the window, and before others."""
        self.opened = True
        self.follow()
        self.raise_()
        self.changed.emit()

    def set_room(self, has_room: bool) -> None:
        """Leave it out of the window, or let it be there if a person has it open."""
        self._has_room = has_room
        self.follow()

    @property
    def has_keyboard(self) -> bool:
        """Whether the widget with the focus is in it."""
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def take_keyboard(self) -> bool:
        """Give the focus to its main part, once it is seen; tell whether there is one now.

        That is its focus proxy, or else its first control. One that edits a value is passed over:
        the next key may be meant for the window.
        """
        self._expected = not self.is_seen
        stop = None if self._expected else next(filter(_is_entered, self._stops()), None)
        if stop is not None:
            self.activateWindow()
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return stop is not None

    def _stops(self) -> Iterator[QWidget]:
        main, stop = self.part.focusProxy(), self.part.nextInFocusChain()
        if main is not None:
            yield main
        while stop is not None and stop is not self.part:
            if self.part.isAncestorOf(stop):
                yield stop
            stop = stop.nextInFocusChain()

    @property
    def is_wanted(self) -> bool:
        """Whether a person has left it open and the window has room for it."""
        return self.opened and self._has_room

    def follow(self) -> None:
        """Be shown or not."""
        shown = self.is_wanted
        if shown == self.isHidden():
            if not shown:
                self._leave()
            self.setVisible(shown)

    def set_tabbed(self, tabbed: bool) -> None:
        """Show no title where a tab shows it."""
        if self._title_bar.set_tabbed(tabbed):
            layout = self.layout()
            assert layout is not None
            layout.invalidate()
            layout.setGeometry(self.rect())  # which else waits for another size

    def shut(self) -> None:
        """Be closed by a person.

        Qt's own `close` does nothing for a panel that was once closed outside of the window.
        """
        self._leave()
        self.opened = False
        self.hide()
        self.changed.emit()

    def turn_floating(self) -> None:
        """Be a window of its own, or a part of the window again.

        Qt leaves it where it stood, where it would hide what takes its place: it goes over the
        picture.
        """
        stood = self.mapToGlobal(QPoint())
        self.setFloating(not self.isFloating())
        window = self.parentWidget()
        picture = window.centralWidget() if isinstance(window, QMainWindow) else None
        if picture is not None and self.isFloating():
            inside, room = picture.mapFromGlobal(stood), picture.size() - self.size()
            x = max(min(inside.x(), room.width()), 0)
            y = max(min(inside.y(), room.height()), 0)
            self.move(picture.mapToGlobal(QPoint(x, y)))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember that a person does not want it."""
        super().closeEvent(event)
        self.shut()

    def _on_visibility(self, seen: bool) -> None:
        if not seen:
            self._leave()
        self._pages.setCurrentIndex(int(seen))
        if seen and self._expected:
            self.take_keyboard()
        self.changed.emit()

    def _on_floating(self, floats: bool) -> None:
        """Be seen as a window of its own: Qt does not tell so of what was behind another."""
        if floats and self.isVisible() and not self.is_seen:
            self._on_visibility(True)

    def _leave(self) -> None:
        self._expected = False
        if self.has_keyboard:
            self.left.emit()


def _is_entered(widget: QWidget) -> bool:
    """Tell whether a panel that is asked for by its key begins here."""
    policy = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    usable = widget.isVisible() and widget.isEnabled()
    return bool(policy) and usable and not isinstance(widget, FIELDS)
