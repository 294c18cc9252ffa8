"""Controls in a column of panels, which can be scrolled where the others need the room."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QSizePolicy, QWidget

from srviewer.gui.widgets.dock import lowest_edge, others_in_column

_EDGES = 2  # px, as the style sheet draws them
# px of the controls' height: one row, and three and a half, which show that there are more. The
# other panels are left some more than the least they need where the controls have enough.
_LOWEST, _ENOUGH, _TO_SPARE = 26, 84, 120


class RoomyArea(QScrollArea):
    """Has the height of what is in it, or less where the other panels of the column need it.

    A panel with text that wraps is never made lower than it asks to be, so it asks for less.

    Parameters
    ----------
    inner : QWidget
        The controls.
    part : QWidget
        What this stands in: a part of a panel of the column.
    """

    def __init__(self, inner: QWidget, part: QWidget) -> None:
        super().__init__(part, widgetResizable=True)
        self._inner, self._part = inner, part
        self._most = _ENOUGH
        # What is asked for is known only when all layouts on the way to the window have followed.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._leave_room)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the control that has the focus
        self.setProperty("edged", True)  # a row that is cut is cut by an edge
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        """Return the size of what is in it, as high as it may be."""
        inner = self._inner.sizeHint()
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(inner.width() + bar, min(inner.height() + _EDGES, self._most))

    minimumSizeHint = sizeHint

    def follow(self) -> None:
        """Follow the room that the column has, now and later."""
        window = self.window()
        window.installEventFilter(self)  # again is no harm
        self._leave_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the room anew when the window, or a panel in it, changes."""
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._leave_room()  # at once, so that nothing reaches beyond a window made lower
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._soon.start()  # of what is in the area too: it follows amid a change
        return super().eventFilter(watched, event)

    def _dock(self) -> QDockWidget | None:
        at: QWidget | None = self._part
        while at is not None and not isinstance(at, QDockWidget):
            at = at.parentWidget()
        return at

    def _leave_room(self) -> None:
        """Be no higher than the other panels of the column leave room for."""
        dock = self._dock()
        window = dock.parentWidget() if dock is not None and dock.isVisible() else None
        if dock is None or not isinstance(window, QMainWindow):
            return
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        others = others_in_column(dock, window.findChildren(QDockWidget, options=direct))
        height = dock.height()
        if not dock.isFloating():
            # Not what all are high now: one that has just grown reaches beyond the window.
            height = lowest_edge(window) - min(one.y() for one in (dock, *others))
            height -= sum(one.minimumSizeHint().height() for one in others)
        shown = 0 if self.isHidden() else self.sizeHint().height()
        room = height - (dock.sizeHint().height() - shown)
        most = max(room - _TO_SPARE, min(room, _ENOUGH), _LOWEST)
        if most != self._most:
            self._most = most
            self.updateGeometry()
