"""What is in the middle of the window: the picture with all that belongs to it, or the data set."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.gui.views.data_set_page import DataSetView


class Pages(QStackedWidget):
    """Shows the page that the model says.

    The data set's page is made when it is first asked for, so that the window opens sooner.

    Parameters
    ----------
    model : Model
    data_set : DataSet
    settings : Settings
        What the data set's page was left with.
    picture : QWidget
        The other page.
    focus : QWidget
        What takes the keys there.

    Signals
    -------
    noted(message)
        What belongs into the log.
    """

    noted = Signal(str)

    def __init__(
        self, model: Model, data_set: DataSet, settings: Settings, picture: QWidget, focus: QWidget
    ) -> None:
        super().__init__()
        self._model, self._data_set, self._settings = model, data_set, settings
        self._picture, self._focus = picture, focus
        self.addWidget(picture)
        model.page_changed.connect(self._show)

    def _show(self) -> None:
        page = self.view if self._model.data_set_shown else self._picture
        if page is not self.currentWidget():
            self.setCurrentWidget(page)
            (self._focus if page is self._picture else self.view.table.view).setFocus()

    @cached_property
    def view(self) -> DataSetView:
        """The data set's page."""
        view = DataSetView(self._model, self._data_set)
        view.restore(self._settings)
        view.opened.connect(self._data_set.look_at)
        view.table.copied.connect(self.noted)
        self.addWidget(view)
        return view

    def remember(self, settings: Settings) -> None:
        """Keep how the data set's page is left."""
        if self.count() > 1:  # it was made
            self.view.remember(settings)
