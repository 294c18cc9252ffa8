"""The button beside the stages that leads to the data set and says how it stands."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy

from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.layers import VIEWS
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.titled_button import TitledButton
from srviewer.wording import counted


class DataSetButton(TitledButton):
    """A button like those of the stages; it is pressed while the data set is shown."""

    def __init__(self, model: Model, data_set: DataSet) -> None:
        super().__init__(len(VIEWS) + 1, "Data set", "show_data_set")
        self._model, self._data_set = model, data_set
        self.setToolTip("all images as one set: survey them, and tune over all of them (8)")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(model.show_data_set)
        for changed in (data_set.changed, data_set.survey.state_changed, model.page_changed):
            changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.setChecked(self._model.data_set_shown)
        self.say(set_text(self._data_set))

    def sizeHint(self) -> QSize:
        """Return the height of the stages' buttons, and room for large numbers."""
        width = self.fontMetrics().horizontalAdvance("900 images, 88,000 pairs") + 18
        return QSize(width, super().sizeHint().height())


def set_text(data_set: DataSet) -> str:
    """Return in a few words how the data set stands."""
    count, state = data_set.count, data_set.survey.state
    if data_set.survey.busy:
        what = "paused" if data_set.survey.paused else "surveying"
        return f"{what} {state.done:,} of {state.images:,}" if state is not None else what
    images = counted(count, "image")
    if data_set.is_current and data_set.overview is not None:
        return f"{images}, {counted(data_set.overview.answer.totals.pairs, 'pair')}"
    return images if count else ""
