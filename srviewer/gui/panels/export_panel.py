"""The export panel: what goes where, how it is written, and one button that starts it."""

import os

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout

from srviewer.errors import ConflictError
from srviewer.export.export_run import ExportState
from srviewer.export.plan import Known
from srviewer.export.session import SCOPES
from srviewer.gui.panels.export_button import ExportButton
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_folder import FolderField
from srviewer.gui.panels.export_progress import ExportProgress
from srviewer.gui.panels.export_told import ExportTold, ask_to_replace
from srviewer.gui.panels.format_box import FormatBox
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.exporting import Exporting
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import Combo, beside, even_heights, filled, named, tool_button
from srviewer.gui.widgets.controls import offer_texts

_WAIT = 60  # ms between two looks at the counts while a threshold is pulled


class ExportPanel(QFrame):
    """Asks what to export, where to and how, starts it and shows how it goes.

    Signals
    -------
    known(known)
        What the folder knows of each image under this recipe.
    """

    known = Signal(object)

    def __init__(self, model: Model, data_set: DataSet, exporting: Exporting) -> None:
        super().__init__()
        named(self, "", panel=True)
        self._model, self._data_set = model, data_set
        self._settings, self._exporting = exporting.settings, exporting
        self._told = ExportTold(model, data_set, exporting)
        self._soon = QTimer(self, singleShot=True, interval=_WAIT)
        self._build()
        self._connect()
        self._refresh()

    # Building

    def _build(self) -> None:
        settings = self._settings
        self.folder = FolderField(settings)
        self.images = named(Combo(), "export_images", "Images")
        self.choices = ExportChoices(settings)
        self.format = FormatBox(settings)
        self.progress = ExportProgress(self._exporting.run)
        self.button = ExportButton(settings, self.folder)
        tip = "copy what this button does as a command, as Python or as a recipe"
        self.copy_as = tool_button("Copy", "copy_as", "Copy the export as", tip=tip, boxed=True)
        self.copy_as.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        even_heights(self.button, self.copy_as)
        even_heights(self.folder, self.folder.browse, self.images, self.format)
        filled(
            QVBoxLayout(self),
            beside(self.folder, self.folder.browse, grows=self.folder),
            beside(self.images, self.format, grows=self.images),
            self.choices,
            self.progress,
            # Last, so that it stays where it is.
            beside(self.button, self.copy_as, grows=self.button),
            margins=(12, 4, 12, 7),
            spacing=4,
        )

    def _connect(self) -> None:
        model, exporting = self._model, self._exporting
        self.button.asked.connect(exporting.start)
        self.progress.open_folder.clicked.connect(self._open)
        self.progress.suit.clicked.connect(self._told.suit)
        self.images.activated.connect(self._on_scope)
        exporting.outdated.connect(self.progress.clear)
        exporting.failed.connect(self._on_failed)
        exporting.refused.connect(self._on_refused)
        exporting.run.began.connect(self.progress.begin)
        exporting.run.state_changed.connect(self._refresh_button)
        exporting.run.done.connect(self._on_done)
        of_images = model.images_changed, model.current_changed, model.page_changed
        for changed in (*of_images, self._settings.changed):
            changed.connect(self._refresh)
        known = model.analysis_changed, self._data_set.changed, exporting.planner.changed
        for changed in (*known, model.recipe_changed, exporting.run.finished):
            changed.connect(self._show_soon)
        self._soon.timeout.connect(self._show)

    def _on_scope(self, row: int) -> None:
        self._settings.use_scope(SCOPES[row])

    # Showing

    def _refresh(self) -> None:
        count = len(self._model.entries)
        words = ["this image", *([f"all {count:,} images"] if count > 1 else [])]
        offer_texts(self.images, words)
        self.images.setCurrentIndex(int(self._settings.takes_all))
        self._refresh_button()
        self._show_soon()

    def _refresh_button(self) -> None:
        ready = bool(self._model.entries) and not self._settings.problem
        self.button.setEnabled(ready and not self._exporting.run.busy)

    def _show_soon(self) -> None:
        """Show what is known in a moment: a threshold that is pulled changes it at each frame."""
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        plan, told, planner = self._exporting.plan(), self._told, self._exporting.planner
        quiet = told.has_given_up(plan)
        self.button.show_plan(told.what(plan), plan, planner.problem, quiet=quiet)
        problem = f"{self._settings.problem}." if self._settings.problem else planner.problem
        self.progress.show_plan(plan, problem, told.more(plan), told.suits())
        of_this_recipe = plan is not None and not plan.replaces
        self.known.emit(planner.known if of_this_recipe else Known())

    def showEvent(self, event: QShowEvent) -> None:
        """Look into the folder while it matters."""
        super().showEvent(event)
        self._exporting.planner.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Begin nothing for nobody."""
        super().hideEvent(event)
        self._exporting.planner.set_active(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much on the button as there is room for."""
        super().resizeEvent(event)
        self._show_soon()

    # The export

    def _on_failed(self, message: str) -> None:
        self.progress.stop(f"failed: {message}", warns=True)

    def _on_refused(self, error: ConflictError) -> None:
        self.progress.stop("the folder holds other pairs")
        ask_to_replace(self, error).clicked.connect(self._exporting.replace)

    def _on_done(self, state: ExportState) -> None:
        self.progress.stop(self._told.outcome(state), folder=True)

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(self._exporting.run.state.out)))
