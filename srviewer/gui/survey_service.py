"""The survey and the answers from its file, each in a thread of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from srviewer.errors import Cancelled, SrviewerError
from srviewer.gui.data_set.findings import look_over
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted
from srviewer.runs.workers import default_jobs
from srviewer.survey.key import survey_differences
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import WholeSet, load

Images = tuple[Path | Rooted, ...]


def jobs_beside_a_window() -> int:
    """Return how many processes a survey takes: the window keeps a core to itself."""
    return max(default_jobs() - 1, 1)


@dataclass(frozen=True)
class SurveyRequest:
    """Which images to survey into which file; those that failed before are tried again if asked."""

    images: Images
    file: Path
    recipe: Recipe
    retry_failed: bool = False


class _SurveyWorker(QObject):
    state_changed = Signal(object)
    failed = Signal(str)
    done = Signal(object)
    finished = Signal()

    def __init__(
        self, request: SurveyRequest, cancel: threading.Event, pause: threading.Event
    ) -> None:
        super().__init__()
        self._request = request
        self._progress = Progress(cancel=cancel, pause=pause)

    @Slot()
    def run(self) -> None:
        request = self._request
        try:
            state = survey(
                request.images,
                request.file,
                request.recipe,
                jobs=jobs_beside_a_window(),
                retry_failed=request.retry_failed,
                progress=self._progress,
                on_state=self.state_changed.emit,
            )
            self.done.emit(state)
        except SrviewerError as error:
            self.failed.emit(str(error))
        except Exception as error:  # an exception that leaves a slot would be lost
            self.failed.emit(f"unexpected {type(error).__name__}: {error}")
        finally:
            self.finished.emit()


class SurveyService(QObject):
    """Runs one survey at a time in a thread of its own, the same `survey` as the command line."""

    started = Signal()
    state_changed = Signal(object)
    failed = Signal(str)
    done = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: QThread | None = None
        self._worker: _SurveyWorker | None = None
        self._cancel = threading.Event()
        self._pause = threading.Event()

    @property
    def running(self) -> bool:
        """Whether a survey runs, paused or not."""
        return self._thread is not None

    @property
    def paused(self) -> bool:
        """Whether a survey runs and was asked to pause."""
        return self.running and self._pause.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether a survey runs and was asked to stop."""
        return self.running and self._cancel.is_set()

    def start(self, request: SurveyRequest) -> None:
        """Start the survey; nothing happens while another runs."""
        if self.running:
            return
        self._cancel, self._pause = threading.Event(), threading.Event()
        self._thread = QThread()
        self._thread.setObjectName("survey")
        self._worker = _SurveyWorker(request, self._cancel, self._pause)
        self._worker.moveToThread(self._thread)
        for name in ("state_changed", "failed", "done"):
            getattr(self._worker, name).connect(getattr(self, name))
        self._worker.finished.connect(self._clean_up)
        self._thread.started.connect(self._worker.run)
        self._thread.start()
        self.started.emit()

    def pause(self) -> None:
        """Let the survey begin no other image; those under way elsewhere are finished."""
        if self.running and not self._cancel.is_set():
            self._pause.set()

    def resume(self) -> None:
        """Let a paused survey go on."""
        self._pause.clear()

    def cancel(self) -> None:
        """Ask the survey to stop; images that are done stay."""
        self._cancel.set()
        self._pause.clear()  # only now, so that what waits begins nothing more

    def stop(self, wait: int = 1000) -> bool:
        """Cancel, and tell whether the thread has ended within `wait` ms."""
        self.cancel()
        if self._thread is None:
            return True
        self._thread.quit()
        return self._thread.wait(wait)

    @Slot()
    def _clean_up(self) -> None:
        if self._thread is not None:
            self._thread.quit()
            self._thread.wait()
            self._thread = self._worker = None
            self.finished.emit()


@dataclass(frozen=True, eq=False)
class Question:
    """What a recipe makes of these images.

    Attributes
    ----------
    images : tuple of Path or Rooted
    file : Path
        Their survey.
    recipe : Recipe
    whole : WholeSet, optional
        What is known of them.
    reads : bool
        Whether the file is to be read first; what `whole` holds is not read again.
    cancel : threading.Event
    """

    images: Images
    file: Path
    recipe: Recipe
    whole: WholeSet | None = None
    reads: bool = True
    cancel: threading.Event = field(default_factory=threading.Event, init=False)

    def is_about_the_same(self, other: Question) -> bool:
        """Tell whether both look at one survey of the same images."""
        same = self.images == other.images and self.file == other.file
        return same and not survey_differences(self.recipe, other.recipe)


class _AnswerWorker(QObject):
    read = Signal(object, object)
    answered = Signal(object, object)
    failed = Signal(object, str)
    finished = Signal(object)

    @Slot(object)
    def run(self, question: Question) -> None:
        try:
            self._answer(question)
        except Cancelled:
            pass
        except SrviewerError as error:
            self.failed.emit(question, str(error))
        except MemoryError:
            words = f"not enough memory for the survey of {len(question.images):,} images"
            self.failed.emit(question, f"{question.file}: {words}")
        except Exception as error:  # an exception that leaves a slot would be lost
            self.failed.emit(question, f"unexpected {type(error).__name__}: {error}")
        finally:
            self.finished.emit(question)

    def _answer(self, question: Question) -> None:
        progress = Progress(cancel=question.cancel)
        progress.check()
        whole = question.whole
        if whole is None or question.reads:
            found = load(
                question.file, question.images, question.recipe, previous=whole, progress=progress
            )
            if whole is None or not _is_same(whole, found):  # else it has its answers ready
                whole = found
            self.read.emit(question, whole)
        if not whole.images:
            return
        self.answered.emit(question, look_over(whole, question.recipe, progress))


def _is_same(one: WholeSet, other: WholeSet) -> bool:
    """Tell whether two sets know the same of the same images."""
    if survey_differences(one.recipe, other.recipe) or one.images != other.images:
        return False
    rest = (one.failures, one.pending, one.other)
    return rest == (other.failures, other.pending, other.other)


class AnswerService(QObject):
    """Answers one question at a time in a thread of its own; the newest that waits comes next.

    What is answered for a threshold that is pulled is shown, though it moves on meanwhile: so
    what runs is stopped only where it is of no use.
    """

    read = Signal(object, object)
    answered = Signal(object, object)
    failed = Signal(object, str)
    finished = Signal()
    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = QThread()
        self._thread.setObjectName("answers")
        self._worker = _AnswerWorker()
        self._worker.moveToThread(self._thread)
        self._asked.connect(self._worker.run)
        for name in ("read", "answered", "failed"):
            getattr(self._worker, name).connect(getattr(self, name))
        self._worker.finished.connect(self._on_finished)
        self._current: Question | None = None
        self._next: Question | None = None

    @property
    def busy(self) -> bool:
        """Whether a question is not answered yet."""
        return self._current is not None or self._next is not None

    @property
    def reads(self) -> bool:
        """Whether a file is being read, or will be."""
        waiting = (self._current, self._next)
        return any(question is not None and question.reads for question in waiting)

    def ask(self, question: Question) -> None:
        """Answer `question` as soon as what runs has ended."""
        self._next = question
        if self._current is None:
            self._start_next()
        elif not self._current.is_about_the_same(question):
            self._current.cancel.set()

    def cancel(self) -> None:
        """Stop answering."""
        self._next = None
        if self._current is not None:
            self._current.cancel.set()

    def stop(self, wait: int = 1000) -> bool:
        """Stop answering, and tell whether the thread has ended within `wait` ms."""
        self.cancel()
        self._thread.quit()
        stopped = self._thread.wait(wait)
        if stopped:  # before what was asked has begun, perhaps: then nothing tells of its end
            self._current = None
        return stopped

    def _start_next(self) -> None:
        self._current, self._next = self._next, None
        if self._current is not None:
            if not self._thread.isRunning():
                self._thread.start()
            self._asked.emit(self._current)

    @Slot(object)
    def _on_finished(self, question: Question) -> None:
        if question is self._current:
            self._start_next()
            self.finished.emit()
