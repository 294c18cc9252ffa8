"""Where the data set is in the window: in the place of the picture, beside the recipe."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from srviewer.gui.data_set.button import DataSetButton
from srviewer.gui.data_set.data_set import DataSet
from srviewer.gui.data_set.view import DataSetView
from srviewer.gui.model import Model
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.panels.images_panel import ImagesPanel
from srviewer.gui.settings import Settings
from srviewer.gui.views.stage_bar import StageBar
from srviewer.survey import messages


class DataSetPlace(QObject):
    """Puts picture and data set into one place, and tells the parts around of the set.

    Parameters
    ----------
    model : Model
    images : ImagesPanel
        Leaves its room to the data set, which lists the images itself.
    stages : StageBar
        Marks no stage while the data set is shown.
    export : ExportPanel
        Says in which format pairs are exported, and which.

    Signals
    -------
    failed(message)
        What a person is to be told at once.
    image_failed(message), noted(message)
        What belongs into the log.
    """

    failed = Signal(str)
    image_failed = Signal(str)
    noted = Signal(str)

    def __init__(
        self,
        model: Model,
        images: ImagesPanel,
        stages: StageBar,
        export: ExportPanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._images = model, images
        self._stages, self._export = stages, export
        self._picture: QWidget | None = None
        self._focus: QWidget | None = None
        self._wanted = False  # it was shown the last time
        self._view: DataSetView | None = None
        self._settings = Settings.none()
        self.data_set = DataSet(model, self)
        self.button = DataSetButton(self.data_set)
        self.pages = QStackedWidget()
        self._connect()

    def _connect(self) -> None:
        data_set, export = self.data_set, self._export
        self.button.clicked.connect(self.show)
        self._images.survey_asked.connect(self.survey)
        data_set.failed.connect(self._on_failed)
        data_set.image_failed.connect(self.image_failed)
        data_set.done.connect(self.noted)
        data_set.changed.connect(self._tell)
        data_set.survey_changed.connect(self._tell)
        self._model.images_changed.connect(self._on_images)
        export.choices.changed.connect(self._tell_export)
        export.format.currentTextChanged.connect(self._tell_export)
        self._tell_export()

    def put_beside(self, picture: QWidget, focus: QWidget) -> None:
        """Let the data set take the place of `picture`, in which `focus` takes the keys."""
        self._picture, self._focus = picture, focus
        self.pages.addWidget(picture)

    @property
    def view(self) -> DataSetView:
        """The page; it is made when it is first asked for, so that the window opens sooner."""
        if self._view is None:
            self._view = view = DataSetView(self._model, self.data_set)
            settings = self._settings
            view.table.restore(settings.data_set_sort, settings.data_set_show)
            view.restore(settings.splitter("data_set"), settings.wanted_pairs)
            view.opened.connect(self._look_at)
            view.table.copied.connect(self.noted)
            self.pages.addWidget(view)
        return self._view

    @property
    def shown(self) -> bool:
        """Whether the data set is shown."""
        return self._view is not None and self.pages.currentWidget() is self._view

    def show(self, shown: bool) -> None:
        """Show the data set, or the picture again."""
        self._wanted = False
        self.button.setChecked(shown)
        if shown == self.shown or self._picture is None or self._focus is None:
            return
        self._images.set_aside(shown)
        self._stages.set_aside(shown)
        self.pages.setCurrentWidget(self.view if shown else self._picture)
        (self.view.table.view if shown else self._focus).setFocus()

    def toggle(self) -> None:
        """Show the other one."""
        self.show(not self.shown)

    def survey(self) -> None:
        """Survey all images; what is looked at stays."""
        self.data_set.start_survey()

    # What is remembered

    def restore(self, settings: Settings) -> None:
        """Go on as it was left; the data set is shown once there are several images."""
        self._wanted = settings.data_set_shown
        self._settings = settings
        self._tell_export()

    def remember(self, settings: Settings) -> None:
        """Keep how it is left."""
        settings.data_set_shown = self._wanted or self.shown
        if self._view is None:
            return
        settings.data_set_sort = self._view.table.sorted_by
        settings.data_set_show = self._view.table.show_only
        settings.wanted_pairs = self._view.cards.wish.wanted.value()
        settings.set_splitter("data_set", self._view.splitter.saveState())

    # Telling the parts around

    def _on_failed(self, message: str) -> None:
        """Tell what went wrong where the data set itself does not say it."""
        (self.image_failed if self.shown else self.failed).emit(message)

    def _look_at(self, path: Path) -> None:
        if self.data_set.look_at(path):
            self.show(False)

    def _on_images(self) -> None:
        if self._wanted and len(self._model.entries) > 1:
            self.show(True)
        self._tell()

    def _tell(self) -> None:
        self.button.show_state()
        one, survey = self.data_set, self.data_set.survey
        self._images.tell_of_set(
            messages.of_the_list(
                one.count, one.pending, one.state, runs=survey.running, paused=survey.paused
            )
        )

    def _tell_export(self) -> None:
        if not self._export.choices.problem:
            options = self._export.choices.remembered
            self.data_set.use_options(options, self._export.format.currentText())
