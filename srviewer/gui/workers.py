"""Work in other threads: the analysis; the export has a module of its own.

Each worker is a QObject that lives in its thread. Its signals are connected to bound methods of
QObjects only, so that Qt hands them over to the right thread. Whatever happens, a worker tells
that it has finished.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from srviewer.errors import Cancelled, SrviewerError
from srviewer.pipeline.analysis import Analysis, analyse, is_instant, window_count
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import stages_reached

_REPORT_EVERY = 0.05  # seconds; a person sees no more


class Throttle:
    """Lets a report through when the last one is long enough ago, and a stage's first and last."""

    def __init__(self) -> None:
        self._last = 0.0
        self._stage = ""

    def lets(self, stage: str, done: int, total: int) -> bool:
        """Tell whether this report is to be passed on."""
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._last < _REPORT_EVERY:
            return False
        self._last, self._stage = now, stage
        return True


@dataclass(frozen=True, eq=False)
class AnalysisRequest:
    """What to read or analyse, and the token that makes it stop.

    Without an image, `path` is read and that is all: reading has a service of its own, so that a
    picture does not wait for the stages of the one before.
    """

    path: Path
    recipe: Recipe
    image: SourceImage | None = None
    previous: Analysis | None = None
    cancel: threading.Event = field(default_factory=threading.Event)


class _AnalysisWorker(QObject):
    image_read = Signal(object, object)
    stage_done = Signal(object, object)
    progressed = Signal(object, str, int, int)
    failed = Signal(object, str)
    finished = Signal(object)

    @Slot(object)
    def run(self, request: AnalysisRequest) -> None:
        try:
            self._analyse(request)
        except Cancelled:
            pass
        except SrviewerError as error:
            self.failed.emit(request, str(error))
        except MemoryError:
            self.failed.emit(request, f"{request.path}: not enough memory for this image")
        except Exception as error:  # an exception that leaves a slot would be lost
            self.failed.emit(request, f"{request.path}: {type(error).__name__}: {error}")
        finally:
            self.finished.emit(request)

    def _analyse(self, request: AnalysisRequest) -> None:
        throttle = Throttle()

        def report(stage: str, done: int, total: int) -> None:
            if throttle.lets(stage, done, total):
                self.progressed.emit(request, stage, done, total)

        progress = Progress(report, request.cancel)
        progress.check()
        if request.image is None:
            progress.report("read", 0, 1)
            self.image_read.emit(request, read_image(request.path))
            return
        analyse(
            request.image,
            request.recipe,
            previous=request.previous,
            progress=progress,
            on_stage=lambda analysis: self.stage_done.emit(request, analysis),
        )


class AnalysisService(QObject):
    """Reads or analyses one image at a time in a thread of its own.

    A new request ends the one before. All signals carry the request that they belong to.
    """

    image_read = Signal(object, object)
    stage_done = Signal(object, object)
    progressed = Signal(object, str, int, int)
    failed = Signal(object, str)
    finished = Signal(object)
    _requested = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = QThread()
        self._thread.setObjectName("analysis")
        self._worker = _AnalysisWorker()
        self._worker.moveToThread(self._thread)
        self._requested.connect(self._worker.run)
        for name in ("image_read", "stage_done", "progressed", "failed", "finished"):
            getattr(self._worker, name).connect(getattr(self, name))
        self.progressed.connect(self._on_progressed)
        self.current: AnalysisRequest | None = None
        self._stage = ""

    @Slot(object, str, int, int)
    def _on_progressed(self, request: AnalysisRequest, stage: str, done: int, total: int) -> None:
        if request is self.current:
            self._stage = stage

    def leads_to(self, image: SourceImage, recipe: Recipe) -> bool:
        """Tell whether what runs ends where only instant stages are missing for `recipe`."""
        return not self._lacking(image, recipe, all_of_them=True)

    def is_useful_for(self, image: SourceImage, recipe: Recipe) -> bool:
        """Tell whether the stage that runs gives a result that `recipe` can use."""
        return self._stage not in self._lacking(image, recipe, all_of_them=False)

    def _lacking(self, image: SourceImage, recipe: Recipe, *, all_of_them: bool) -> tuple[str, ...]:
        """Return the stages of what runs that are of no use for `recipe`."""
        if self.current is None or self.current.image is not image:
            return ("", self._stage)
        reached = stages_reached(self.current.recipe, recipe)
        if all_of_them:
            windows = window_count(image.size, recipe)
            return tuple(name for name in reached if not is_instant(name, recipe, windows))
        return (*reached, "")  # before its first stage begins, a new start costs nothing

    def start(self, request: AnalysisRequest) -> None:
        """Analyse as `request` says, instead of what runs now."""
        self.cancel()
        self.current, self._stage = request, ""
        if not self._thread.isRunning():
            self._thread.start()
        self._requested.emit(request)

    def cancel(self) -> None:
        """Ask what runs to stop."""
        if self.current is not None:
            self.current.cancel.set()
            self.current = None

    def stop(self, wait: int = 1000) -> bool:
        """Ask what runs to stop, and tell whether the thread has ended within `wait` ms."""
        self.cancel()
        self._thread.quit()
        return self._thread.wait(wait)
