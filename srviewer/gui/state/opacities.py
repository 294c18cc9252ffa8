"""How opaque each layer over the picture is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from srviewer.gui.state.layers import Layer


class Opacities(QObject):
    """The opacities of layers, from 0 to 1, and 1 for those that nobody has changed.

    Attributes
    ----------
    by_layer : dict of Layer to float
        Those that were changed.

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.by_layer: dict[Layer, float] = {}

    def of(self, layer: Layer) -> float:
        """Return how opaque `layer` is."""
        return self.by_layer.get(layer, 1.0)

    def set(self, layer: Layer, opacity: float) -> None:
        """Draw `layer` so opaque."""
        self.restore({**self.by_layer, layer: opacity})

    def reset(self) -> None:
        """Draw all layers as they are at first."""
        self.restore({})

    def restore(self, by_layer: Mapping[Layer, float]) -> None:
        """Draw layers so opaque, and those that are not among them as they are at first."""
        self.by_layer = dict(by_layer)
        self.changed.emit()
