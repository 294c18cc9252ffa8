"""How the LR of the current given pair lies on its HR, found in a thread while somebody looks."""

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, QThread, Signal

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.model import Model
from srviewer.pipeline.features import SiftSettings
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.aligning import Found, align_images

_MOST_KEPT = 200  # pairs: each is some figures and a sentence

Key = tuple[object, ...]


class PairAlignment(QObject):
    """The summary of ``srviewer align`` of the pair that is looked at; each is kept.

    It begins once the image is analysed, which has the processor first, or cannot be.

    Attributes
    ----------
    stage : str
        What is done now; empty where nothing is.
    share : float or None
        How much of the stage is done, where that is known.
    cancelled : bool
        The current pair was stopped by hand: only `start` goes on.

    Signals
    -------
    changed
        Something of this may be another, for whatever reason.
    """

    changed = Signal()

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._wanted = False
        self._known: OrderedDict[Key, Found | SrviewerError] = OrderedDict()
        self.stage = ""
        self.share: float | None = None
        self.cancelled = False
        self._runner = Runner("aligning", Queue.REPLACE, self, QThread.Priority.LowPriority)
        self._runner.progressed.connect(self._on_progress)
        self._runner.done.connect(self._on_known)
        self._runner.failed.connect(self._on_known)
        self._runner.finished.connect(self.changed)
        model.current_changed.connect(self._on_current)
        model.analysis_changed.connect(self._follow)

    @property
    def is_there(self) -> bool:
        """Whether there is an image, and it can be used."""
        current = self._model.current
        return current is not None and current.error is None

    @property
    def is_given(self) -> bool:
        """Whether the current image is a given pair."""
        return self._model.current is not None and self._model.current.lr is not None

    @property
    def busy(self) -> bool:
        """Whether the current pair is being aligned."""
        return self._runner.busy

    @property
    def found(self) -> Found | None:
        """What is known of the current pair, as `align_files` returns it but for the files."""
        known = self._known.get(self._key())
        return known if isinstance(known, dict) else None

    @property
    def error(self) -> SrviewerError | None:
        """Why nothing can be known of it."""
        entry = self._model.current
        if entry is not None and entry.image is None:
            return entry.error
        known = self._known.get(self._key())
        return known if isinstance(known, SrviewerError) else None

    def want(self, wanted: bool) -> None:
        """Align the current pair, and others that are looked at, as long as somebody looks."""
        self._wanted = wanted
        if wanted:
            self._follow()

    def start(self) -> None:
        """Align the current pair, also after it was stopped."""
        self.cancelled = False
        self._follow()

    def cancel(self) -> None:
        """Stop, until `start` or another pair."""
        self._stop()
        self.cancelled = True
        self.changed.emit()

    def _stop(self) -> None:
        self._runner.drop()
        self.stage, self.share = "", None

    def _on_current(self) -> None:
        self._stop()
        self.cancelled = False
        self._follow()

    def _key(self) -> Key:
        """Return all that the alignment depends on; empty where there is no pair yet."""
        image, recipe = self._model.image, self._model.recipe
        if image is None or image.lr is None:
            return ()
        files = image.content or id(image)
        settings = SiftSettings.of(vars(recipe))
        return (files, image.colour, settings, recipe.resizer, recipe.filter)

    def _is_ready(self) -> bool:
        entry, a = self._model.current, self._model.analysis
        unusable = entry is not None and entry.error is not None
        return bool(self._key()) and (unusable or (a is not None and a.complete))

    def _follow(self) -> None:
        """Align what is to be aligned; tell it also where it is known already.

        An image that was let go is known again only once it has been read again.
        """
        job = self._runner.current
        if job is not None and job.about != self._key():
            self._stop()
        if self._is_due() and not self.busy:
            self._begin()
        self.changed.emit()

    def _is_due(self) -> bool:
        asked = self._wanted and not self.cancelled
        return asked and self._key() not in self._known and self._is_ready()

    def _begin(self) -> None:
        image, recipe = self._model.image, self._model.recipe
        if image is not None and image.lr is not None:
            self.stage, self.share = "aligning", None
            work = partial(_align, image, image.lr, recipe)
            about = self._key()
            self._runner.start(Job(work, about=about, path=image.path, needs="aligning this pair"))

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self.stage, self.share = stage, done / total if total > 1 else None
        self.changed.emit()

    def _on_known(self, known: Found | SrviewerError, job: Job) -> None:
        self._known[job.about] = known
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        self.stage, self.share = "", None
        self.changed.emit()


def _align(hr: SourceImage, lr: SourceImage, recipe: Recipe, progress: Progress, _: Tell) -> Found:
    return align_images(hr, lr, recipe, progress)
