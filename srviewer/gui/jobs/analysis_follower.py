"""An analysis that follows a recipe: at once where that takes no time, else in a thread."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell, as_error
from srviewer.pipeline.analysis import (
    Analysis,
    analyse,
    is_instant,
    refresh,
    require_usable,
    window_count,
)
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import STAGE_NAMES, stages_reached
from srviewer.pipeline.window_alignment import KnownAlignments


class AnalysisFollower(QObject):
    """Brings one analysis to a recipe.

    Attributes
    ----------
    analysis : Analysis or None
        What is known under the recipe so far.

    Signals
    -------
    stage_done
        A stage in the thread has ended, and more is known.
    progressed(stage, done, total)
    failed(error)
        A stage could not be run, or the image has no room for one patch; `analysis` is None.
    """

    stage_done = Signal()
    progressed = Signal(str, int, int)
    failed = Signal(object)

    def __init__(
        self,
        recipe: Callable[[], Recipe],
        excluded: Callable[[SourceImage], Excluded],
        looks_at_alignment: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.analysis: Analysis | None = None
        self._recipe = recipe  # returns the one that is to be followed
        self._excluded = excluded  # returns what is excluded of an image
        self._looks = looks_at_alignment  # tells whether somebody wants to know how windows lie
        self._stage = ""
        self._known = KnownAlignments()  # a pair that is shown again is not aligned again
        self._runner = Runner("analysis", Queue.REPLACE, self)
        self._runner.told.connect(self._on_stage_done)
        self._runner.progressed.connect(self._on_progressed)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._on_finished)

    def follow(self, start: Analysis) -> None:
        """Bring `start` to the recipe of now: instant stages at once, the others in the thread."""
        recipe = self._recipe()
        try:
            require_usable(start.image, recipe)
            self.analysis = self._refreshed(start, recipe)
        except Exception as error:
            self._runner.drop()
            self._on_failed(as_error(error, start.image.path))
            return
        if self.analysis.finished:
            self._runner.drop()
        elif not (self._leads_to(self.analysis) or self._is_useful_for(self.analysis)):
            self._start(self.analysis)

    def _refreshed(self, start: Analysis, recipe: Recipe) -> Analysis:
        excluded = self._excluded(start.image)
        return refresh(start, recipe, excluded, look_at_alignment=self._looks())

    def forget(self) -> None:
        """Ask what runs to end, and know nothing."""
        self._runner.drop()
        self.analysis = None

    def _start(self, start: Analysis) -> None:
        image = start.image
        exclusions = Exclusions({image.content: start.excluded})

        def work(progress: Progress, tell: Tell) -> None:
            analyse(
                image,
                start.recipe,
                exclusions=exclusions,
                previous=start,
                look_at_alignment=start.look_at_alignment,
                known=self._known,
                progress=progress,
                on_stage=tell,
            )

        self._stage = ""
        self._runner.start(Job(work, about=start, path=start.image.path))

    def _lacking(self, wanted: Analysis) -> tuple[str, ...] | None:
        """Return what a change from what runs to `wanted` reaches, None for another image."""
        job = self._runner.current
        if job is None or job.about.image is not wanted.image:
            return None
        reached = stages_reached(job.about.recipe, wanted.recipe)
        ends = replace(job.about, box=wanted.box)  # without one it looks at how the pair lies
        asked = tuple(name for name in STAGE_NAMES if not ends.is_due(name))
        return tuple(name for name in (*reached, *asked) if wanted.is_due(name))

    def _leads_to(self, wanted: Analysis) -> bool:
        """Tell whether what runs ends where only instant stages are missing for `wanted`."""
        lacking = self._lacking(wanted)
        if lacking is None:
            return False
        windows = window_count(wanted.image.size, wanted.recipe)
        return all(is_instant(one, wanted.recipe, windows) for one in lacking)

    def _is_useful_for(self, wanted: Analysis) -> bool:
        """Tell whether the stage that runs gives a result that `wanted` can use.

        Before its first stage begins, a new start costs nothing.
        """
        lacking = self._lacking(wanted)
        return lacking is not None and self._stage not in (*lacking, "")

    def _on_stage_done(self, analysis: Analysis) -> None:
        now = self._recipe(), self._excluded(analysis.image), self._looks()
        is_wanted = (analysis.recipe, analysis.excluded, analysis.look_at_alignment) == now
        self.analysis = analysis if is_wanted else self._refreshed(analysis, now[0])
        if not self._leads_to(self.analysis):  # that stage was of use, the rest would not be
            self._start(self.analysis)
        self.stage_done.emit()

    def _on_progressed(self, stage: str, done: int, total: int) -> None:
        self._stage = stage
        self.progressed.emit(stage, done, total)

    def _on_failed(self, error: Exception) -> None:
        self.analysis = None
        self.failed.emit(error)

    def _on_finished(self) -> None:
        if self.analysis is not None and not self.analysis.finished:
            self._start(self.analysis)
