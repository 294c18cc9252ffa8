"""The bar above the picture: what is drawn over it, and how HR and LR are arranged."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from srviewer.gui.state.layers import FADING, Arrangement, Layer
from srviewer.gui.state.model import Model
from srviewer.gui.views.opacity import add_sliders, pop_up
from srviewer.gui.widgets.building import combo_box, filled, label, tool_button

_SPACING, _MARGIN = 4, 6  # px
_EVERY = frozenset(range(4))
# The ways in which the bar takes less and less room: all buttons; the matches behind a button with
# a menu; the windows too; all layers behind one button.
_FULL, _MATCHES, _WINDOWS, _ALL = range(4)
_FOLDED_FROM = {"Matches": _MATCHES, "Windows": _WINDOWS}


class LayerBar(QWidget):
    """Shows the model's layers and asks it for others; `arranged` tells a chosen arrangement."""

    arranged = Signal(object)

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._buttons: dict[Layer, QToolButton] = {}
        self._folded: dict[QToolButton, dict[Layer, QAction]] = {}  # buttons with menus
        self._parts: list[tuple[QWidget, frozenset[int]]] = []  # and the ways that they stand in
        margins = (_MARGIN, 6, _MARGIN, 6)
        self._row = filled(QHBoxLayout(self), margins=margins, spacing=_SPACING)
        self._add(self._menu_button("Layers", Layer), {_ALL})
        for group, layers in groupby(Layer, attrgetter("group")):
            self._add_group(group, list(layers))
        self._row.addStretch(1)
        tip = "hold Space to see LR enlarged in the place of HR"
        ways = [(one.value, one) for one in Arrangement]
        self._arrangement = combo_box("arrangement", "Arrangement of HR and LR", tip, ways)
        self._arrangement.activated.connect(self._on_arrangement)
        self._add(self._arrangement, _EVERY)
        model.view_changed.connect(self._show)
        self._show()
        self._fold(_FULL)

    def _add(self, part: QWidget, ways: Iterable[int]) -> None:
        self._row.addWidget(part)
        self._parts.append((part, frozenset(ways)))

    def _add_group(self, group: str, layers: list[Layer]) -> None:
        folded_from = _FOLDED_FROM.get(group, _ALL)
        if group:
            self._add(label(text=group, muted=True), range(folded_from))
            self._add(self._menu_button(group, layers), range(folded_from, _ALL))
        for layer in layers:
            self._add(self._button(layer), range(folded_from))
        self._row.addSpacing(6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put into menus what has no room."""
        super().resizeEvent(event)
        ways = (way for way in range(_ALL) if self._needed(way) <= event.size().width())
        self._fold(next(ways, _ALL))

    def minimumSizeHint(self) -> QSize:
        """Return the size at which all layers are behind one button."""
        return QSize(self._needed(_ALL), super().minimumSizeHint().height())

    def _needed(self, way: int) -> int:
        """Return the width that the bar needs in one of its ways."""
        shown = [part.sizeHint().width() for part, ways in self._parts if way in ways]
        return sum(shown) + (len(shown) + 6) * _SPACING + 2 * _MARGIN

    def _fold(self, way: int) -> None:
        for part, ways in self._parts:
            part.setVisible(way in ways)

    def _menu_button(self, text: str, layers: Iterable[Layer]) -> QToolButton:
        tip = f"which {text.lower()} are drawn"
        button = tool_button(text, f"layers_{text.lower()}", text, tip=tip, layer=True)
        button.setCheckable(True)  # it is marked where one of them is drawn
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        actions = {layer: menu.addAction(layer.words) for layer in layers}
        for layer, action in actions.items():
            action.setCheckable(True)
            action.triggered.connect(lambda shown, one=layer: self._model.show_layer(one, shown))
        add_sliders(menu, self._model, actions)
        button.setMenu(menu)
        self._folded[button] = actions
        return button

    def _button(self, layer: Layer) -> QToolButton:
        tip = f"{layer.drawn} or not ({layer.keys})"
        tip += "; right-click: how opaque" if layer in FADING else ""
        name = f"layer_{layer.name.lower()}"
        button = tool_button(layer.text, name, layer.words, tip=tip, layer=True, checkable=True)
        show = self._model.show_layer
        button.clicked.connect(lambda shown: show(layer, shown))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda at: pop_up(button, self._model, layer, at))
        self._buttons[layer] = button
        return button

    def show_arrangement(self, arrangement: Arrangement) -> None:
        """Show which arrangement is chosen."""
        self._arrangement.setCurrentText(arrangement.value)

    def _on_arrangement(self) -> None:
        self.arranged.emit(self._arrangement.currentData())

    def _show(self) -> None:
        for layer, button in self._buttons.items():
            button.setChecked(layer in self._model.layers)
        for button, actions in self._folded.items():
            for layer, action in actions.items():
                action.setChecked(layer in self._model.layers)
            button.setChecked(any(action.isChecked() for action in actions.values()))
