"""The bar above the picture: what is drawn over it, and how HR and LR are arranged."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from srviewer.gui.state.layers import LAYER_GROUPS, Arrangement, Layer
from srviewer.gui.state.model import Model


class LayerBar(QWidget):
    """Shows the model's layers and asks it for others; `arranged` tells a chosen arrangement."""

    arranged = Signal(object)

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._buttons: dict[Layer, QToolButton] = {}
        self._headings: list[QLabel] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(4)
        for group, layers in LAYER_GROUPS:
            if group:
                label = QLabel(group)
                label.setProperty("muted", True)
                row.addWidget(label)
                self._headings.append(label)
            for layer, text in layers:
                row.addWidget(self._button(layer, text))
            row.addSpacing(6)
        row.addStretch(1)
        row.addWidget(self._make_arrangement())
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

    def _button(self, layer: Layer, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setProperty("layer", True)
        button.setObjectName(f"layer_{layer.name.lower()}")
        button.setAccessibleName(layer.value)
        button.setToolTip(f"draw {layer.value[0].lower()}{layer.value[1:]} or not")
        button.clicked.connect(self._on_click)
        self._buttons[layer] = button
        return button

    def _make_arrangement(self) -> QComboBox:
        self._arrangement = QComboBox()
        self._arrangement.setObjectName("arrangement")
        self._arrangement.setAccessibleName("Arrangement of HR and LR")
        self._arrangement.setToolTip("hold Space to see LR enlarged in the place of HR")
        self._arrangement.addItems([one.value for one in Arrangement])
        self._arrangement.textActivated.connect(self._on_arrangement)
        return self._arrangement

    def show_arrangement(self, arrangement: Arrangement) -> None:
        """Show which arrangement is chosen."""
        self._arrangement.setCurrentText(arrangement.value)

    def _on_arrangement(self, name: str) -> None:
        self.arranged.emit(Arrangement(name))

    def _on_click(self) -> None:
        for layer, button in self._buttons.items():
            if button is self.sender():
                self._model.show_layer(layer, button.isChecked())

    def _show(self) -> None:
        for layer, button in self._buttons.items():
            button.setChecked(layer in self._model.layers)
