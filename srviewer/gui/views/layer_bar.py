"""The bar above the picture: what is drawn over it, and how HR and LR are arranged."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from srviewer.gui.state.layers import Arrangement, Layer
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import combo_box, filled, label, tool_button


class LayerBar(QWidget):
    """Shows the model's layers and asks it for others; `arranged` tells a chosen arrangement."""

    arranged = Signal(object)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._buttons: dict[Layer, QToolButton] = {}
        self._headings: list[QLabel] = []
        row = filled(QHBoxLayout(self), margins=(6, 6, 6, 6), spacing=4)
        for group, layers in groupby(Layer, attrgetter("group")):
            if group:
                self._headings.append(label(text=group, muted=True))
                row.addWidget(self._headings[-1])
            for layer in layers:
                row.addWidget(self._button(layer))
            row.addSpacing(6)
        row.addStretch(1)
        tip = "hold Space to see LR enlarged in the place of HR"
        ways = [(one.value, one) for one in Arrangement]
        self._arrangement = combo_box("arrangement", "Arrangement of HR and LR", tip, ways)
        self._arrangement.activated.connect(self._on_arrangement)
        row.addWidget(self._arrangement)
        self._wide = self.sizeHint().width()
        model.view_changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the headings out where the buttons need their room."""
        if self.isVisible():
            self._wide = max(self._wide, self._width_with_headings())
        for heading in self._headings:
            heading.setVisible(event.size().width() >= self._wide)

    def _width_with_headings(self) -> int:
        hidden = [one.sizeHint().width() + 4 for one in self._headings if one.isHidden()]
        return self.sizeHint().width() + sum(hidden)

    def _button(self, layer: Layer) -> QToolButton:
        tip = f"{layer.drawn} or not ({layer.keys})"
        name = f"layer_{layer.name.lower()}"
        button = tool_button(layer.text, name, layer.words, tip=tip, layer=True)
        button.setCheckable(True)
        show = self._model.show_layer
        button.clicked.connect(lambda shown: show(layer, shown))
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
