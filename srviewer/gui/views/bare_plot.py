"""What every plot draws in: a box of values with axes."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QFont

from srviewer.gui.theme import Theme

_ACTIVATIONS = QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate
_CELLS = {"left": (0, 0), "bottom": (1, 1), "right": (0, 2)}  # round the box


class BarePlot(pg.GraphicsView):  # type: ignore[misc]
    """A box of values with axes; it takes no gesture, as these belong to the frame around it.

    Parameters
    ----------
    axes : sequence of AxisItem
    margins : (int, int, int, int)
    **box
        Of the ViewBox.
    """

    def __init__(
        self, axes: Sequence[pg.AxisItem], margins: tuple[int, int, int, int], **box: bool
    ) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.scene().installEventFilter(self)
        self.axes = tuple(axes)
        # A PlotItem would bring seven menus with it that are never shown and outlive it.
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0, **box)
        self._box.disableAutoRange()
        layout = self.centralLayout
        layout.setSpacing(0)
        layout.setContentsMargins(*margins)
        layout.addItem(self._box, 0, 1)
        for axis in axes:
            axis.linkToView(self._box)
            axis.enableAutoSIPrefix(False)  # 0.8 stays 0.8, not 800 thousandths
            layout.addItem(axis, *_CELLS[axis.orientation])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep from the scene that it is active, of which nothing here depends.

        Each plot that is shown or hidden would be marked as a whole, and the window be painted once
        for each of them.
        """
        return event.type() in _ACTIVATIONS or bool(super().eventFilter(watched, event))

    def add_items(self, *items: pg.GraphicsObject) -> None:
        """Draw `items`, each above those before it."""
        for height, item in enumerate(items):
            item.setZValue(height)
            self._box.addItem(item, ignoreBounds=True)

    def settle(self) -> None:
        """Give the box the room that there is now: what is drawn goes by its width."""
        self.resizeEvent(None)
        self.centralLayout.activate()

    def style_axes(self, theme: Theme, font: QFont) -> None:
        """Give ground and axes the colours of `theme` and the size of `font`."""
        self.setBackground(theme.panel)
        for axis in self.axes:
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=4)
            axis.label.setFont(font)

    def point_at(self, at: QPoint) -> QPointF:
        """Return the values under a point of this widget."""
        point: QPointF = self._box.mapSceneToView(self.mapToScene(at))
        return point
