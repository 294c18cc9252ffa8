"""Which export runs, of what its outcome is, and what the next one would find."""

from collections.abc import Hashable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from srviewer.errors import ConflictError, SrviewerError
from srviewer.export.export_run import ExportState
from srviewer.export.options import LABELS
from srviewer.export.plan import Plan
from srviewer.export.settling import How
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.state.export_planner import ExportPlanner
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.model import Model


class Exporting(QObject):
    """Starts exports, knows how long an outcome counts, and looks into the folder of the next one.

    Attributes
    ----------
    settings : ExportSettings
        What the next export is.
    run : ImagesRun
    planner : ExportPlanner
    last : partial or None
        The export that was started last, whatever is chosen by now.

    Signals
    -------
    failed(message)
        The export could not be done at all.
    refused(error)
        The folder holds other pairs.
    outdated
        What was said of the last export is about something else than what is chosen now.
    """

    failed = Signal(str)
    refused = Signal(object)
    outdated = Signal()

    def __init__(self, model: Model, settings: ExportSettings) -> None:
        super().__init__(settings)
        self._model, self.settings = model, settings
        self.run = ImagesRun("export", self)
        self.planner = ExportPlanner(self)
        self.last: partial[ExportState] | None = None
        self._about: Hashable = None  # of which the outcome is
        self._has_outcome = False
        self.run.began.connect(self._on_began)
        self.run.failed.connect(self._on_failed)
        self.run.finished.connect(self._on_finished)
        self.planner.changed.connect(self._follow_folder)
        of_images = model.images_changed, model.current_changed, model.page_changed
        for changed in (*of_images, model.recipe_changed, settings.changed):
            changed.connect(self._follow)

    # Starting

    def start(self) -> None:
        """Export what is chosen, or tell why that cannot be."""
        settings = self.settings
        if self._model.current is None or self.run.busy:
            return
        settings.settle_folder()
        refusal = settings.problem or settings.refusal
        if refusal:
            self._fail(f"export: {refusal}")
            return
        self._about = settings.all_that_is_chosen()
        self.go_on(settings.export())

    def go_on(self, export: partial[ExportState]) -> None:
        """Start an export, whose arguments are all but who hears of it, whatever is chosen."""
        self.last = export
        self.run.begin(export)

    def replace(self) -> None:
        """Start the export that was refused, over the pairs that are there."""
        if self.run.busy:  # the refused try is about to end
            once = Qt.ConnectionType.SingleShotConnection
            self.run.finished.connect(self._start_replacing, once)
        else:
            self._start_replacing()

    def _start_replacing(self) -> None:
        if self.last is not None:
            self.run.begin(partial(self.last, overwrite=True))

    # The last one

    @property
    def is_of_what_is_chosen(self) -> bool:
        """Whether nothing else was chosen since it was started."""
        return self.settings.all_that_is_chosen() == self._about

    def failed_before(self) -> int:
        """Return how many of the images failed in it, if it was with the same recipe."""
        state = self.run.state
        if self.last is None or state is None or self._model.recipe != self.last.args[2]:
            return 0
        failed = {one.image for one in state.failures}
        return sum(str(one.path) in failed for one in self.settings.entries())

    def _fail(self, message: str) -> None:
        if not self.run.busy:
            self._keep_outcome()
        self.failed.emit(message)

    def _keep_outcome(self) -> None:
        self._has_outcome, self._about = True, self.settings.all_that_is_chosen()

    def _on_began(self) -> None:
        self._has_outcome = False
        self.outdated.emit()  # what was said of the one before
        self.planner.forget()

    def _on_failed(self, error: SrviewerError) -> None:
        if isinstance(error, ConflictError):
            self.refused.emit(error)
        else:
            self._fail(error.told(LABELS))

    def _on_finished(self) -> None:
        """Look at what is in the folder now; an outcome of other choices is told all the same."""
        if self.last is not None:
            self._keep_outcome()
        self.planner.look_again()
        self._follow()

    # The next one

    def plan(self) -> Plan | None:
        """Return what it would do, None where that is not known (yet) or cannot be."""
        model, settings = self._model, self.settings
        if model.current is None or settings.problem:
            return None
        how = settings.format, settings.options
        return self.planner.plan(model.recipe, *how, model.exclusions)

    def _follow(self) -> None:
        """Follow what is chosen: what was said of something else goes."""
        settings = self.settings
        if self._has_outcome and not self.is_of_what_is_chosen:
            self._has_outcome = False
            self.outdated.emit()
        if self.run.busy:
            return
        if self._model.current is not None and settings.folder.strip():
            which, sources = settings.which(), settings.sources
            self.planner.look_at(settings.out, which, sources, self._model.sources)
        else:
            self.planner.look_at_nothing()
        self._follow_folder()

    def _follow_folder(self) -> None:
        """Go on with format and options of what the folder holds, where none is chosen."""
        held = self.planner.held
        if held is not None and not self.run.busy:
            there = held.there
            self.settings.follow_folder(How(there.format, there.options) if there else None)
