"""Pixels of the windows of a set, read in a thread of their own where somebody looks at them."""

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import Job, Queue, Runner
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.patches import Patch, PatchReader, pair_key
from srviewer.survey.record import SurveyedImage

_MOST_BYTES = 64 << 20  # of patches that are kept: 6,000 of 33 px

_Asked = OrderedDict[str, tuple[SurveyedImage, list[int]]]


class Patches(QObject):
    """The patches of a set that are looked at, those looked at last, and no others.

    `ready` tells that there are more of them, or that some cannot be read.
    """

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recipe = Recipe()
        self._made: OrderedDict[tuple[str, int], Patch] = OrderedDict()
        self._bytes = 0
        self._failed: dict[str, SrviewerError] = {}
        self._waiting: _Asked = OrderedDict()
        self._seen: frozenset[tuple[str, int]] = frozenset()  # these stay, however large
        self._reader = PatchReader()
        self._runner = Runner("patches", Queue.IN_TURN, self, QThread.Priority.LowPriority)
        self._runner.done.connect(self._on_made)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._go_on)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._go_on)

    def of(self, image: SurveyedImage, window: int) -> Patch | SrviewerError | None:
        """Return the patch of a window of `image`, why there is none, or None while it is read."""
        key = (image.sha256, window)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        return self._failed.get(image.sha256)

    def want(self, recipe: Recipe, wanted: Iterable[tuple[SurveyedImage, int]]) -> None:
        """See to it that these patches are there soon; what was wanted before is not any more.

        Parameters
        ----------
        recipe : Recipe
        wanted : iterable of (SurveyedImage, int)
            Windows, by their numbers in the image, in the order in which they are read.
        """
        if pair_key(recipe) != pair_key(self._recipe):
            self.forget()
        self._recipe = recipe
        self._waiting = OrderedDict()
        wanted = tuple(wanted)
        self._seen = frozenset((image.sha256, window) for image, window in wanted)
        for image, window in wanted:
            if (image.sha256, window) not in self._made and image.sha256 not in self._failed:
                self._waiting.setdefault(image.sha256, (image, []))[1].append(window)
        if self._waiting:
            self._soon.start()

    def forget(self) -> None:
        """Let go of all pixels, and of what could not be read: it may be there again."""
        self._runner.drop()
        self._made.clear()
        self._failed.clear()
        self._waiting = OrderedDict()
        self._bytes = 0
        self._reader = PatchReader()  # a job that still runs has the old one

    def rest(self) -> None:
        """Read no more, and let go of whole images; what could not be read is tried again later."""
        self._waiting = OrderedDict()
        self._failed.clear()
        self._reader = PatchReader()

    def _go_on(self) -> None:
        if not self._waiting or self._runner.busy:
            return
        _, (image, windows) = self._waiting.popitem(last=False)
        reader, recipe = self._reader, self._recipe
        work = lambda progress, _: reader.read(image, windows, recipe, progress)  # noqa: E731
        self._runner.start(Job(work, about=image.sha256, path=image.path))

    def _on_made(self, found: dict[int, Patch], job: Job) -> None:
        for window, patch in found.items():
            self._made[job.about, window] = patch
            self._bytes += patch.nbytes
        for key in [one for one in self._made if one not in self._seen]:  # the oldest first
            if self._bytes <= _MOST_BYTES:
                break
            self._bytes -= self._made.pop(key).nbytes
        self.ready.emit()

    def _on_failed(self, error: SrviewerError, job: Job) -> None:
        self._failed[job.about] = error
        self.ready.emit()
