"""The export panel: what goes where, how it is written, and one button that starts it."""

import os
from collections.abc import Hashable
from functools import partial

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout

from srviewer.errors import ConflictError, SrviewerError
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS
from srviewer.export.plan import Known
from srviewer.export.session import SCOPES
from srviewer.export.settling import How
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.panels.export_button import ExportButton
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_folder import FolderField
from srviewer.gui.panels.export_progress import ExportProgress
from srviewer.gui.panels.export_starter import ExportStarter, ExportTold, ask_to_replace
from srviewer.gui.panels.format_box import FormatBox
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.export_planner import ExportPlanner
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import Combo, beside, even_heights, filled, named, tool_button

_WAIT = 60  # ms between two looks at the counts while a threshold is pulled


class ExportPanel(QFrame):
    """Asks what to export, where to and how, starts it and shows how it goes.

    Signals
    -------
    failed(message)
        The export could not be done at all.
    outdated
        What was said of the last export is about something else than what is chosen now.
    known(known)
        What the folder knows of each image under this recipe.
    """

    failed = Signal(str)
    outdated = Signal()
    known = Signal(object)

    def __init__(self, model: Model, data_set: DataSet, settings: ExportSettings) -> None:
        super().__init__()
        named(self, "", panel=True)
        self._model, self._data_set, self._settings = model, data_set, settings
        self.run = ImagesRun("export", self)
        self._starter = ExportStarter(self.run, self)
        self._about: Hashable = None  # of which the outcome is
        self._planner = ExportPlanner(self)
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
        told = (self._model, self._data_set, self._planner, self._starter, settings)
        self._told = ExportTold(*told)
        self.progress = ExportProgress(self.run)
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
        model = self._model
        self.button.asked.connect(self.start)
        self.progress.open_folder.clicked.connect(self._open)
        self.progress.suit.clicked.connect(self._told.suit)
        self.images.activated.connect(self._on_scope)
        self.run.began.connect(self._on_began)
        self.run.state_changed.connect(self._refresh_button)
        self.run.failed.connect(self._on_failed)
        self.run.done.connect(self._on_done)
        self.run.finished.connect(self._on_finished)
        self._settings.changed.connect(self._refresh)
        model.images_changed.connect(self._refresh)
        model.current_changed.connect(self._refresh)
        model.page_changed.connect(self._refresh)
        model.recipe_changed.connect(self._follow)
        for more_known in (model.analysis_changed, self._data_set.changed, self._planner.changed):
            more_known.connect(self._show_soon)
        self._soon.timeout.connect(self._show)

    def _on_scope(self, row: int) -> None:
        self._settings.use_scope(SCOPES[row])

    # Showing

    def _refresh(self) -> None:
        count = len(self._model.entries)
        words = ["this image", *([f"all {count:,} images"] if count > 1 else [])]
        if words != [self.images.itemText(row) for row in range(self.images.count())]:
            self.images.clear()
            self.images.addItems(words)
        self.images.setCurrentIndex(int(self._settings.takes_all))
        self._follow()

    def _follow(self) -> None:
        """Follow what is chosen: what was said of something else goes."""
        if self.progress.has_outcome and self._settings.all_that_is_chosen() != self._about:
            self.progress.clear()
            self.outdated.emit()
        if not self.run.busy:
            settings = self._settings
            if self._model.current is not None and settings.folder.strip():
                self._planner.look_at(
                    settings.out, settings.which(), settings.sources, self._model.sources
                )
            else:
                self._planner.look_at_nothing()
        self._refresh_button()
        self._show_soon()

    def _refresh_button(self) -> None:
        ready = bool(self._model.entries) and not self._settings.problem
        self.button.setEnabled(ready and not self.run.busy)

    def _show_soon(self) -> None:
        """Show what is known in a moment: a threshold that is pulled changes it at each frame."""
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        settings = self._settings
        held = self._planner.held
        if held is not None and not self.run.busy:
            there = held.there
            settings.follow_folder(How(there.format, there.options) if there else None)
        plan = None
        if self._model.current is not None and not settings.problem:
            recipe, exclusions = self._model.recipe, self._model.exclusions
            plan = self._planner.plan(recipe, settings.format, settings.options, exclusions)
        entries, told, problem = settings.entries(), self._told, self._planner.problem
        given_up = told.has_given_up(plan, entries)
        texts = told.what(plan, entries, several=settings.takes_all)
        self.button.show_plan(texts, plan, problem, quiet=given_up)
        problem = f"{settings.problem}." if settings.problem else problem
        self.progress.show_plan(plan, problem, told.more(plan, entries), told.suits())
        of_this_recipe = plan is not None and not plan.replaces
        self.known.emit(self._planner.known if of_this_recipe else Known())

    def showEvent(self, event: QShowEvent) -> None:
        """Look into the folder while it matters."""
        super().showEvent(event)
        self._planner.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Begin nothing for nobody."""
        super().hideEvent(event)
        self._planner.set_active(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much on the button as there is room for."""
        super().resizeEvent(event)
        self._show_soon()

    # The export

    def start(self) -> None:
        """Export as the panel says."""
        if self._model.current is None or self.run.busy:
            return
        settings = self._settings
        settings.settle_folder()
        refusal = settings.problem or settings.refusal
        if refusal:
            self._say_failed(f"export: {refusal}")
            return
        self._about = settings.all_that_is_chosen()
        self._starter.start(settings.export())

    def go_on(self, export: partial[ExportState]) -> None:
        """Start an export that was broken off, whatever the panel says by now."""
        self._starter.start(export)

    def _on_began(self) -> None:
        self.outdated.emit()  # what was said of the one before
        self._planner.forget()
        self.progress.begin()

    def _on_failed(self, error: SrviewerError) -> None:
        if isinstance(error, ConflictError):
            self._ask_to_replace(error)
        else:
            self._say_failed(error.told(LABELS))

    def _say_failed(self, message: str) -> None:
        if not self.run.busy:
            self._about = self._settings.all_that_is_chosen()
        self.progress.stop(f"failed: {message}", warns=True)
        self.failed.emit(message)

    def _ask_to_replace(self, error: ConflictError) -> None:
        self.progress.stop("the folder holds other pairs")
        ask_to_replace(self, error).clicked.connect(self._starter.replace)

    def _on_done(self, state: ExportState) -> None:
        words = self._starter.outcome(state)
        if self._settings.all_that_is_chosen() != self._about:  # meanwhile
            words = f"{state.out}: {words}"
        self.progress.stop(words, folder=True)

    def _on_finished(self) -> None:
        """Look at what is in the folder now; an outcome of other choices is told all the same."""
        if self.progress.has_outcome:
            self._about = self._settings.all_that_is_chosen()
        self._planner.look_again()
        self._refresh()

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(self.run.state.out)))
