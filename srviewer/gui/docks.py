"""The panels round the picture: where they are at first, and how they come back."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QWidget

from srviewer.gui.height_below import HeightBelow
from srviewer.gui.widgets.dock import Dock, lowest_edge, others_in_column

_VERSION = 3  # of a state: raise it with any panel that is added, renamed or removed
_WIDE = 1800  # px of the window, from which on the inspector stands beside the distributions
_LEFT, _RIGHT, _BELOW = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)
_WIDTHS = {_LEFT: 0.125, _RIGHT: 0.2}  # of the window's, at first, or what they need
_WIDEST = 340  # px
_TABS = "dock_tabs"
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


@dataclass(frozen=True)
class Panel:
    """A part of the window, and what it is called; the window's menus have it in this order.

    Attributes
    ----------
    name, title : str
    part : QWidget
    area : Qt.DockWidgetArea
        Where it is at first.
    aside : QWidget or None
        Stands in its title bar.
    """

    name: str
    title: str
    part: QWidget
    area: Qt.DockWidgetArea = _BELOW
    aside: QWidget | None = None


class Docks(QObject):
    """Puts panels into `window`, and knows which of them are open.

    Those below the picture, and the images, belong to the picture: they are there while it is.

    Signals
    -------
    changed
        Other panels are open.
    left
        The panel with the focus is about to go out of sight.

    Parameters
    ----------
    window : QMainWindow
    panels : tuple of Panel
        ``charts``, ``inspector`` and ``export`` among them, and ``images``, for several images.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, window: QMainWindow, panels: tuple[Panel, ...]) -> None:
        super().__init__(window)
        self._window = window
        self._areas = {one.name: one.area for one in panels}
        self.by_name: dict[str, Dock] = {}
        self._with_picture, self._several = True, False
        self._sides: dict[str, int] = {}  # widths given to those that nobody made wider
        self._height = HeightBelow(window)
        self._seen: list[Dock] = []  # when the picture was left, or all were hidden
        self._row: list[tuple[Dock, int]] = []  # what stood side by side then, with its width
        self.all_hidden = False
        self._before: dict[str, Dock | None] = {}  # what a panel was brought before
        self._covered: Dock | None = None  # by the inspector, until it gives way
        self._tidy = QTimer(self, singleShot=True, interval=0)
        self._tidy.timeout.connect(self._tidy_up)
        window.setDocumentMode(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        for area, corner in (
            (_LEFT, Qt.Corner.BottomLeftCorner),
            (_RIGHT, Qt.Corner.BottomRightCorner),
        ):
            window.setCorner(corner, area)
        for one in panels:
            # Tabs share their room, which the largest would else take from the picture for all.
            scrolls = one.area is _BELOW
            dock = Dock(window, one.name, one.title, one.part, one.aside, scrolls=scrolls)
            self.by_name[one.name] = dock
            for moved in (dock.changed, dock.topLevelChanged, dock.dockLocationChanged):
                moved.connect(self._on_changed)
            dock.left.connect(self.left)
        self.by_name["export"].installEventFilter(self)
        self.by_name["inspector"].visibilityChanged.connect(self._on_inspector)

    # Where they are

    @property
    def _shows_picture(self) -> bool:
        """Whether what stands round the picture is there for now."""
        return self._with_picture and not self.all_hidden

    @property
    def _is_wide(self) -> bool:
        return self._window.width() >= _WIDE

    def arrange(self) -> None:
        """Open all, each where it is at first."""
        window, first = self._window, self.by_name["charts"]
        for name, dock in self.by_name.items():
            if dock.isFloating():
                dock.setFloating(False)
            window.removeDockWidget(dock)
            area = self._areas[name]
            if area is _BELOW and dock is not first and not self._beside(dock):
                window.tabifyDockWidget(first, dock)
            else:
                window.addDockWidget(area, dock)
            dock.opened = True
            dock.set_room(True)  # what is not there has no size
        self._sides = self._side_widths()
        self._give_sides()
        self._height.begin()
        self._height.give([first])
        self._share_width()
        self._give_room()
        self._seen = [first]
        first.raise_()

    def _side_widths(self) -> dict[str, int]:
        """Return how wide the panels at the sides are at first in a window as wide as this."""
        shares = {name: _WIDTHS.get(area) for name, area in self._areas.items()}
        width = self._window.width()
        return {name: min(round(one * width), _WIDEST) for name, one in shares.items() if one}

    def _give_sides(self) -> None:
        docks = [self.by_name[name] for name in self._sides]
        widths = list(self._sides.values())
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    def _leave_moved_sides(self) -> None:
        """Leave panels at the sides alone from now on that a person has made wider or moved."""
        for name, given in list(self._sides.items()):
            dock = self.by_name[name]
            there = self._window.dockWidgetArea(dock) is self._areas[name]
            as_given = dock.width() == max(given, dock.minimumSizeHint().width())
            if dock.isFloating() or not there or (dock.isVisible() and not as_given):
                del self._sides[name]

    def _follow_sides(self) -> None:
        """Let panels at the sides keep their part of a window that has another width."""
        self._leave_moved_sides()
        now = self._side_widths()
        self._sides = {name: now[name] for name in self._sides}
        self._give_sides()

    def _share_width(self) -> None:
        """Give the distributions three parts of the width and the inspector beside them two."""
        if self._is_wide:
            both = [self.by_name["charts"], self.by_name["inspector"]]
            self._window.resizeDocks(both, [600, 400], Qt.Orientation.Horizontal)

    def _beside(self, dock: Dock) -> bool:
        return dock is self.by_name["inspector"] and self._is_wide

    def follow_size(self, before: int) -> None:
        """Let all keep their part of the window, and the inspector stand beside, or among, others.

        Parameters
        ----------
        before : int
            The window's width before it changed.
        """
        self._tidy.start()
        self._follow_sides()
        self._height.follow(self._seen_below(), self._all_below())
        inspector, first = self.by_name["inspector"], self.by_name["charts"]
        here = self._window.dockWidgetArea(inspector) is _BELOW and not inspector.isFloating()
        if not here or (before >= _WIDE) == self._is_wide:
            return
        if self._is_wide:
            self._window.addDockWidget(_BELOW, inspector)
            self._share_width()
        else:
            beside = [one for one in self._seen_below() if one is not inspector]
            self._window.tabifyDockWidget(first, inspector)
            (beside or [first])[0].raise_()

    def state(self) -> QByteArray:
        """Return where all are, for `restore`; what is inspected is not kept."""
        self.leave_inspector()
        for dock in self.by_name.values():
            dock.set_room(True)
        if not self._with_picture:
            self._raise_seen()
        state = self._window.saveState(_VERSION)
        self._give_room()
        return state

    def restore(self, state: QByteArray) -> None:
        """Put all where they were; where `state` makes no sense they stay."""
        if self._window.restoreState(state, _VERSION):
            for dock in self.by_name.values():
                dock.opened = not dock.isHidden()
            self._sides = self._side_widths()
            self._height.begin(unknown=True)
            self._give_room()
            self.changed.emit()

    # Which are there

    def show_picture(self, shown: bool) -> None:
        """Have the panels that belong to the picture, or leave their room to the data set."""
        if shown == self._with_picture:
            return
        if not shown and not self.all_hidden:
            self._note_seen()
        self._with_picture = shown
        covered = self._covered
        self._give_room()
        if shown:
            self._raise_seen()
        self._covered = covered  # which Qt's turning of pages is no reason to forget

    def turn_all(self) -> None:
        """Leave all the window to the picture, or have the panels again."""
        self.hide_all(not self.all_hidden)

    def hide_all(self, hidden: bool) -> None:
        """Have no panels for a while, whichever are open."""
        if hidden == self.all_hidden:
            return
        if hidden and self._with_picture:
            self._note_seen()
        self.all_hidden = hidden
        self._give_room()
        if not hidden and self._with_picture:
            self._raise_seen()
        self.changed.emit()

    def _note_seen(self) -> None:
        self._seen = [one for one in self.by_name.values() if one.is_seen]
        self._row = self._row_below()
        self._height.leave_moved(self._seen_below())

    def _row_below(self) -> list[tuple[Dock, int]]:
        """Return what stands side by side below the picture, with its width."""
        return [(one, one.width()) for one in self._seen_below()]

    def _seen_below(self) -> list[Dock]:
        return [one for one in self._all_below() if one.is_seen]

    def _all_below(self) -> list[Dock]:
        return [one for one in self.by_name.values() if self._stands_below(one)]

    def _stands_below(self, dock: Dock) -> bool:
        there = not dock.isHidden() and not dock.isFloating()
        return there and self._window.dockWidgetArea(dock) is _BELOW

    def _share_as(self, row: list[tuple[Dock, int]]) -> None:
        """Part the width below the picture as it was: Qt takes more from one than from another."""
        docks, widths = [one for one, _ in row], [width for _, width in row]
        if len(docks) > 1 and all(map(self._stands_below, docks)):
            self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    def show_images(self, several: bool) -> None:
        """Have the list of images; a single one has the room for itself."""
        self._leave_moved_sides()
        appears, self._several = several and not self._several, several
        row = self._row_below()
        self._give_room()
        if appears:
            self._give_sides()
        self._share_as(row)

    def _give_room(self) -> None:
        for name, dock in self.by_name.items():
            there = self.has_room_for(name) and (self._several or name != "images")
            dock.set_room(there and not self.all_hidden)

    def _raise_seen(self) -> None:
        """Bring those before others that were."""
        for dock in self._seen:
            dock.raise_()
        self._height.give(self._all_below())
        self._share_as(self._row)

    def show_floating(self, shown: bool) -> None:
        """Let panels that are windows of their own come and go with the window."""
        for dock in self.by_name.values():
            if dock.isFloating():
                dock.setVisible(shown and dock.is_wanted)

    def has_room_for(self, name: str) -> bool:
        """Tell whether a panel can be there now."""
        return self._with_picture or self._areas[name] is _RIGHT

    def turn(self, name: str) -> None:
        """Bring a panel before others; close it where it is there, and have those others again."""
        dock = self.by_name[name]
        if self.all_hidden:
            self.hide_all(False)
            dock.open()
        elif dock.is_seen:
            dock.shut()
            before = self._before.pop(name, None)
            if before is not None and before.is_wanted:
                before.raise_()
        else:
            self._before[name] = self._seen_before(dock)
            dock.open()

    def _seen_before(self, dock: Dock) -> Dock | None:
        """Return the panel that is seen where `dock` is behind it as a tab."""
        behind = self._window.tabifiedDockWidgets(dock)
        return next((one for one in self.by_name.values() if one in behind and one.is_seen), None)

    def enter(self, name: str) -> None:
        """Give the keyboard to a panel, opened where it is not seen; else turn it.

        So it is closed where it has the keyboard already, or nothing that takes it.
        """
        dock = self.by_name[name]
        entered = dock.is_seen and not dock.has_keyboard and dock.take_keyboard()
        if not entered:
            self.turn(name)
            if dock.opened:
                dock.take_keyboard()
        self.changed.emit()

    def show_inspector(self) -> None:
        """Bring the inspector before others where it stands among those below the picture."""
        dock = self.by_name["inspector"]
        below = self._window.dockWidgetArea(dock) is _BELOW and not dock.isFloating()
        if below and dock.opened and not dock.is_seen:
            covered = self._seen_before(dock)
            dock.raise_()
            self._covered = covered

    def leave_inspector(self) -> None:
        """Bring back what the inspector was brought before, where it is still seen itself."""
        inspector, covered = self.by_name["inspector"], self._covered
        self._covered = None
        if covered is not None and inspector in self._seen and not self._shows_picture:
            self._seen = [covered if one is inspector else one for one in self._seen]
            return
        beside = self._window.tabifiedDockWidgets(inspector)
        if covered is not None and covered.is_wanted and covered in beside:
            covered.raise_()

    def _on_inspector(self, seen: bool) -> None:
        """Forget what it covers once a person has turned to another panel; not where it closes."""
        if seen or not self._shows_picture:
            return
        covered, self._covered = self._covered, None
        if covered is not None and covered.is_wanted and not self.by_name["inspector"].opened:
            covered.raise_()

    def _on_changed(self, *_: object) -> None:
        self.changed.emit()
        self._tidy.start()

    def _tidy_up(self) -> None:
        """Let tabs be the titles of panels that have some."""
        for dock in self.by_name.values():
            others = self._window.tabifiedDockWidgets(dock)
            if not dock.isHidden():
                shown = any(not one.isHidden() for one in others)
                dock.set_tabbed(shown and not dock.isFloating())
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            if bar.objectName() != _TABS:  # Qt makes one for each place with tabs
                bar.setObjectName(_TABS)
                bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setDrawBase(False)
                bar.tabBarDoubleClicked.connect(partial(self._float, bar))
        self._fit_export()

    def _float(self, bar: QTabBar, index: int) -> None:
        """Take the panel of a tab out of the window, as a double-click on a title does."""
        for dock in self.by_name.values():
            if dock.windowTitle() == bar.tabText(index):
                dock.turn_floating()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look anew at how high the export has to be."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._tidy.start()
        return super().eventFilter(watched, event)

    def _fit_export(self) -> None:
        """Let it be as high as it needs to be, and what is above it have the rest.

        Qt makes a panel that needs more no higher than it was, and lets it reach beyond the window.
        """
        dock = self.by_name["export"]
        if dock.isHidden() or dock.isFloating():
            return
        beyond = dock.geometry().bottom() + 1 - lowest_edge(self._window)
        spare = dock.height() - dock.sizeHint().height()
        above = others_in_column(dock, self.by_name.values())
        if (spare or beyond > 0) and above:
            heights = [one.height() for one in above]
            heights[-1] += spare - max(beyond, 0)
            sizes = [max(one, 1) for one in [*heights, dock.height() - spare]]  # Qt warns of none
            self._window.resizeDocks([*above, dock], sizes, Qt.Orientation.Vertical)
