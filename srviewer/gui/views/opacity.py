"""How opaque each layer over the picture is: sliders, for its menu and for all layers."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QMenu,
    QSlider,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from srviewer.gui.state.layers import FADING, Layer
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import (
    EDGE,
    beside,
    context_menu,
    filled,
    label,
    named,
    push_button,
)
from srviewer.gui.widgets.dialogs import Dialog

_STEP = 5  # percent


class OpacitySliders(QWidget):
    """A line for each of `layers`: its name, a slider, and the percent."""

    def __init__(
        self, model: Model, layers: Iterable[Layer], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._rows: dict[Layer, tuple[QSlider, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 6, 12, 6)
        grid.setHorizontalSpacing(10)
        grid.setColumnMinimumWidth(2, self.fontMetrics().horizontalAdvance("100 %") + 4)
        for row, layer in enumerate(one for one in layers if one in FADING):
            slider = QSlider(Qt.Orientation.Horizontal)
            named(slider, f"opacity_{layer.name.lower()}", f"Opacity of {layer.words.lower()}")
            slider.setRange(0, 100 // _STEP)
            slider.setPageStep(4)
            slider.setMinimumWidth(140)
            slider.valueChanged.connect(lambda value, one=layer: self._set(one, value))
            percent = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, part in enumerate(
                (label(text=_SHORT.get(layer, layer.words)), slider, percent)
            ):
                grid.addWidget(part, row, column)
            self._rows[layer] = slider, percent
        model.opacities.changed.connect(self._show)
        self._show()

    @property
    def is_empty(self) -> bool:
        """Whether none of the layers can be faded."""
        return not self._rows

    def _set(self, layer: Layer, value: int) -> None:
        opacities = self._model.opacities
        opacities.use({**opacities.value, layer: value * _STEP / 100})

    def _show(self) -> None:
        for layer, (slider, percent) in self._rows.items():
            value = self._model.opacities.value.get(layer, 1.0)
            with QSignalBlocker(slider):
                slider.setValue(round(100 * value / _STEP))
            percent.setText(f"{100 * value:.0f} %")


_SHORT = {Layer.HEAT: "Heat map"}
"""Names where several stand below each other, if they are not a layer's `words`."""


def add_sliders(menu: QMenu, model: Model, layers: Iterable[Layer]) -> None:
    """Put the sliders of `layers` into `menu`, below what is in it."""
    sliders = OpacitySliders(model, layers, menu)
    if not sliders.is_empty:
        menu.addSection("Opacity")
        action = QWidgetAction(menu)
        action.setDefaultWidget(sliders)
        menu.addAction(action)


def pop_up(owner: QWidget, model: Model, layer: Layer, at: QPoint) -> None:
    """Show the slider of `layer` at a point of `owner`."""
    menu = context_menu(owner, "opacity_menu")
    add_sliders(menu, model, [layer])
    if menu.isEmpty():
        menu.deleteLater()
    else:
        menu.popup(owner.mapToGlobal(at))


class OpacityDialog(Dialog):
    """All sliders, beside the picture that they change."""

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__("opacity_dialog", "Opacity of layers", parent)
        tip, clear = "draw all layers as at first", partial(model.opacities.use, {})
        all_of_it = push_button("All opaque", "all_opaque", tip, clicked=clear)
        sliders, below = OpacitySliders(model, Layer), beside(all_of_it)
        below.setContentsMargins(EDGE, 0, EDGE, 0)  # as the sliders have
        filled(QVBoxLayout(self), sliders, below, margins=(6, 6, 6, 10), spacing=6)
