"""The export panel: what goes where, how it is written, and one button that starts it."""

import os
from collections.abc import Hashable, Sequence
from functools import partial

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout

from srviewer.errors import ConflictError, SrviewerError
from srviewer.export.copy_as import Order
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS
from srviewer.export.plan import Known
from srviewer.export.runner import export
from srviewer.export.session import SCOPES
from srviewer.export.session import ExportChoices as Chosen
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.panels.export_button import ExportButton
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.panels.export_folder import FolderField
from srviewer.gui.panels.export_progress import ExportProgress
from srviewer.gui.panels.export_starter import ExportStarter, ExportTold, ask_to_replace
from srviewer.gui.panels.format_box import FormatBox
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.export_planner import ExportPlanner, Images
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import Combo, beside, even_heights, filled, named, tool_button

_WAIT = 60  # ms between two looks at the counts while a threshold is pulled
_ALL = SCOPES[1]


class ExportPanel(QFrame):
    """Asks what to export, where to and how, starts it and shows how it goes.

    Attributes
    ----------
    scope : {'this', 'all'} or None
        Which images a person has said are exported; None where that follows what is looked at.

    Signals
    -------
    failed(message)
        The export could not be done at all.
    chosen(options, format)
        Something else is chosen of how pairs are written, and it is allowed.
    outdated
        What was said of the last export is about something else than what is chosen now.
    known(known)
        What the folder knows of each image under this recipe.
    """

    failed = Signal(str)
    chosen = Signal(object, str)
    outdated = Signal()
    known = Signal(object)

    def __init__(self, model: Model, data_set: DataSet) -> None:
        super().__init__()
        named(self, "", panel=True)
        self._model, self._data_set = model, data_set
        self.scope: str | None = None
        self.run = ImagesRun("export", self)
        self._starter = ExportStarter(self.run, self)
        self._about: Hashable = None  # of which the outcome is
        self._images_were = 0  # how often the list has changed
        self._folder_opened = False  # and not files alone
        self._planner = ExportPlanner(self)
        self._soon = QTimer(self, singleShot=True, interval=_WAIT)
        self._build()
        self._connect()
        self._refresh()

    # Building

    def _build(self) -> None:
        self.folder = FolderField()
        self.images = named(Combo(), "export_images", "Images")
        self.choices = ExportChoices(self._model)
        self.format = FormatBox()
        told = (self._model, self._data_set, self._planner, self._starter, self.choices)
        self._told = ExportTold(*told)
        self._follow_profile()
        self.choices.show_format(self.format.currentText())
        self.progress = ExportProgress(self.run)
        self.button = ExportButton(self.folder)
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
        self.folder.textChanged.connect(self._follow)
        self.images.activated.connect(self._on_scope)
        self.format.currentTextChanged.connect(self.choices.show_format)
        self.run.began.connect(self._on_began)
        self.run.state_changed.connect(self._refresh_button)
        self.run.failed.connect(self._on_failed)
        self.run.done.connect(self._on_done)
        self.run.finished.connect(self._on_finished)
        self.choices.changed.connect(self._on_chosen)
        model.images_changed.connect(self._on_images)
        model.current_changed.connect(self._refresh)
        model.page_changed.connect(self._refresh)
        model.recipe_changed.connect(self._follow)
        for more_known in (model.analysis_changed, self._data_set.changed, self._planner.changed):
            more_known.connect(self._show_soon)
        self._soon.timeout.connect(self._show)

    # Following trainer and folder

    def _follow_profile(self) -> None:
        """Offer the formats that the trainer reads whom pairs are for."""
        self.format.follow_profile(self.choices.profile.value())

    def _follow_folder(self) -> None:
        """Go on with format and options of what the folder holds, where none is chosen."""
        held = self._planner.held
        if held is None or self.run.busy:
            return
        there = held.there
        self.choices.follow_folder(there.options if there is not None else None)
        trained = self.choices.profile.value() is not None
        self.format.follow_folder(there.format if there is not None else None, trained=trained)

    def restore(self, folder: str | None, format: str | None, scope: str | None = None) -> None:
        """Go on with the folder, the format and the images of the last time."""
        if folder is not None:
            self.folder.setText(folder)
            self.folder.settle()
        self.format.restore(format)
        self.scope = scope
        self._refresh()

    # What is chosen

    @property
    def _takes_all(self) -> bool:
        """Whether all images are exported: as was said, or as what is looked at suggests."""
        entries = self._model.entries
        if len(entries) < 2 or self.scope is not None:
            return len(entries) > 1 and self.scope == _ALL
        return self._model.data_set_shown or self._folder_opened

    def _entries(self) -> Sequence[Entry]:
        current = self._model.current
        if self._takes_all:
            return self._model.entries
        return (current,) if current is not None else ()

    def _sources(self) -> Images:
        return tuple(entry.source for entry in self._entries())

    def _which(self) -> Hashable:
        """Return what tells the images from others."""
        current = self._model.current
        return self._images_were, None if self._takes_all else current and current.path

    def _all_that_is_chosen(self) -> Hashable:
        return (
            str(self.folder.path),
            self._which(),
            self.format.currentText(),
            self.choices.remembered,  # what the folder settles is no choice
            self._model.recipe,
            self._model.exclusions,
        )

    def _on_scope(self, row: int) -> None:
        self.scope = SCOPES[row]
        self._refresh()

    def _on_images(self) -> None:
        self._images_were += 1
        entries = self._model.entries
        self._folder_opened = any(one.root is not None for one in entries)
        self.folder.images = next(((one.root or one.path).parent for one in entries), None)
        self._refresh()

    def _on_chosen(self) -> None:
        self._follow_profile()
        self._follow()
        if not self.choices.problem:
            self.chosen.emit(self.choices.remembered, self.format.currentText())

    # Showing

    def _refresh(self) -> None:
        count = len(self._model.entries)
        words = ["this image", *([f"all {count:,} images"] if count > 1 else [])]
        if words != [self.images.itemText(row) for row in range(self.images.count())]:
            self.images.clear()
            self.images.addItems(words)
        self.images.setCurrentIndex(int(self._takes_all))
        self._follow()

    def _follow(self) -> None:
        """Follow what is chosen: what was said of something else goes."""
        if self.progress.has_outcome and self._all_that_is_chosen() != self._about:
            self.progress.clear()
            self.outdated.emit()
        if not self.run.busy:
            if self._model.current is not None and self.folder.text().strip():
                self._planner.look_at(
                    self.folder.path, self._which(), self._sources, self._model.sources
                )
            else:
                self._planner.look_at_nothing()
        self._refresh_button()
        self._show_soon()

    def _refresh_button(self) -> None:
        ready = bool(self._model.entries) and not self.choices.problem
        self.button.setEnabled(ready and not self.run.busy)

    def _show_soon(self) -> None:
        """Show what is known in a moment: a threshold that is pulled changes it at each frame."""
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        self._follow_folder()
        plan = None
        if self._model.current is not None and not self.choices.problem:
            options = self.choices.options
            recipe, exclusions = self._model.recipe, self._model.exclusions
            plan = self._planner.plan(recipe, self.format.currentText(), options, exclusions)
        entries, told, problem = self._entries(), self._told, self._planner.problem
        given_up = told.has_given_up(plan, entries)
        texts = told.what(plan, entries, several=self._takes_all)
        self.button.show_plan(texts, plan, problem, quiet=given_up)
        problem = f"{self.choices.problem}." if self.choices.problem else problem
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

    # As text

    def chosen_now(self) -> Chosen:
        """Return what is chosen, for a session."""
        self.folder.settle()
        folder = self.folder.path if self.folder.text() else None
        how = self.format.currentText(), self.scope, self.choices.remembered, self.choices.jobs
        return Chosen(folder, *how)

    def choose(self, chosen: Chosen) -> None:
        """Take what a session has chosen."""
        self.choices.restore(chosen.options, chosen.jobs)
        folder = str(chosen.folder) if chosen.folder else None
        self.restore(folder, chosen.format, chosen.scope)

    def order(self) -> Order | None:
        """Return the export that the button would start; None, with the reason told, if none."""
        self.folder.settle()
        reason = self.choices.problem
        if self._model.current is None:
            reason = "no image is there"
        elif not self.folder.text():
            reason = "the folder is empty; choose where the pairs go"
        if reason:
            self.failed.emit(f"copy: {reason}")
            return None
        return Order(
            self._sources(),
            self.folder.path,
            self._model.recipe,
            self._model.preset,
            self.format.currentText(),
            self.choices.options,
            self.choices.jobs,
        )

    # The export

    def start(self) -> None:
        """Export as the panel says."""
        if self._model.current is None or self.run.busy:
            return
        self.folder.settle()
        if self.choices.problem:
            self._say_failed(f"export: {self.choices.problem}")
            return
        if not self.folder.text():
            self._say_failed("export: the folder is empty; choose where the pairs go")
            return
        run = partial(
            export,
            self._sources(),
            self.folder.path,
            self._model.recipe,
            format=self.format.currentText(),
            options=self.choices.options,
            exclusions=self._model.exclusions,
            jobs=self.choices.jobs,
        )
        self._about = self._all_that_is_chosen()
        self._starter.start(run)

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
            self._about = self._all_that_is_chosen()
        self.progress.stop(f"failed: {message}", warns=True)
        self.failed.emit(message)

    def _ask_to_replace(self, error: ConflictError) -> None:
        self.progress.stop("the folder holds other pairs")
        ask_to_replace(self, error).clicked.connect(self._starter.replace)

    def _on_done(self, state: ExportState) -> None:
        words = self._starter.outcome(state)
        if self._all_that_is_chosen() != self._about:  # meanwhile
            words = f"{state.out}: {words}"
        self.progress.stop(words, folder=True)

    def _on_finished(self) -> None:
        """Look at what is in the folder now; an outcome of other choices is told all the same."""
        if self.progress.has_outcome:
            self._about = self._all_that_is_chosen()
        self._planner.look_again()
        self._refresh()

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.abspath(self.run.state.out)))
