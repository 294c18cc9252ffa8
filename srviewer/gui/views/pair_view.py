"""The picture with the bar of its layers: it shows what the model says."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.layers import Arrangement, Layer
from srviewer.gui.state.model import Model
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.layer_bar import LayerBar
from srviewer.gui.widgets.building import stacked


class PairView(QWidget):
    """Keeps the canvas at the model's image, layers and selection, and at recipe B if it is shown.

    Parameters
    ----------
    model : Model
    comparison : Comparison
    parent : QWidget, optional
    """

    def __init__(self, model: Model, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._comparison = model, comparison
        self.layer_bar = LayerBar(model)
        self.canvas = PairCanvas()
        stacked(self, self.layer_bar, self.canvas)
        self.layer_bar.arranged.connect(self.arrange)
        self.canvas.picked.connect(model.select)
        self.canvas.stepped.connect(model.step_selection)
        model.go_requested.connect(self.canvas.go_to)
        model.current_changed.connect(self.canvas.clear)
        model.analysis_changed.connect(self._show_analysis)
        model.view_changed.connect(self._show_view)
        model.selection_changed.connect(self._show_view)
        comparison.changed.connect(self._show_view)
        self._show_view()

    def arrange(self, arrangement: Arrangement) -> None:
        """Put HR and LR beside each other, on each other, or show their difference."""
        self.layer_bar.show_arrangement(arrangement)
        self.canvas.set_arrangement(arrangement)

    def _show_analysis(self) -> None:
        current, analysis, image = self._model.current, self._model.analysis, self._model.image
        if image is not None:
            self.canvas.show_image(image, analysis)
        error = current.error if current is not None else None  # the title names the file
        self.canvas.set_problem(error.sentence if error is not None else None)

    def _show_view(self) -> None:
        self.canvas.set_single(self._model.view.name == "source")
        self.canvas.set_layers(self._model.layers)
        self.canvas.set_selection(self._model.selection)
        self._comparison.want("picture", Layer.COMPARISON in self._model.layers)
        self.canvas.set_other(self._comparison.analysis)
