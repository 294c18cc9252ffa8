"""What the export's folder holds, looked at in a thread, and what an export would do to it."""

from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from srviewer.errors import SrviewerError
from srviewer.export.held import Held, look
from srviewer.export.options import LABELS, Options
from srviewer.export.plan import Coming, Known, Plan, compare, known_of, plan
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted

_WAIT = 150  # ms after the last change: a path is typed letter by letter

Images = tuple[Path | Rooted, ...]


class ExportPlanner(QObject):
    """Knows what an export would find in its folder; a slow disk keeps nobody waiting.

    It works only while somebody looks: nothing is begun for a window that is closed.

    The folder and the images' files are looked at when others are meant. Recipe, format and
    options are held against what was found then, which takes no time.

    Attributes
    ----------
    problem : str
        Why nothing is known, empty where it is or will soon be.
    known : Known
        What the folder knows of each image in the list, whatever their recipe.

    Signals
    -------
    changed
        More is known, or less.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self._active = False
        self._about: Hashable = None
        self._images: Callable[[], Images] = tuple
        self._listed: Callable[[], Images] = tuple
        self._out = Path()
        self._found: tuple[Held, Coming] | None = None
        self.known = Known()
        self._runner = Runner("plan", Queue.REPLACE, self)
        self._runner.done.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)
        self._soon = QTimer(self, singleShot=True, interval=_WAIT)
        self._soon.timeout.connect(self._look)

    def set_active(self, active: bool) -> None:
        """Look into the folder for as long as somebody looks at what is said of it."""
        self._active = active
        if not active:
            self._soon.stop()
            self._runner.drop()
        elif self._found is None:
            self.look_again()

    def look_at(
        self,
        out: Path,
        which: Hashable,
        images: Callable[[], Images],
        listed: Callable[[], Images] = tuple,
    ) -> None:
        """Look at the folder `out` and at `images`, which are others where `which` is another.

        Of all that are `listed` it is told what the folder knows.
        """
        if (out, which) != self._about:
            self._about, self._out = (out, which), out
            self._images, self._listed = images, listed
            self.look_again()

    def look_at_nothing(self) -> None:
        """Know nothing: no folder or no image is meant."""
        if self._about is not None:
            self._about = None
            self.forget()

    def look_again(self) -> None:
        """Look at both anew: something was written."""
        self.forget()
        if self._about is not None and self._active:
            self._soon.start()

    def forget(self) -> None:
        """Know nothing, until something else is meant or it is to look again."""
        self._soon.stop()
        self._runner.drop()
        self._found, self.known, self.problem = None, Known(), ""
        self.changed.emit()

    @property
    def held(self) -> Held | None:
        """What the folder holds, None where that is not known (yet)."""
        return self._found[0] if self._found else None

    def plan(
        self, recipe: Recipe, format: str, options: Options, exclusions: Exclusions = NONE
    ) -> Plan | None:
        """Return what an export would do, None where that is not known (yet)."""
        return self._found and plan(*self._found, recipe, format, options, exclusions)

    def _look(self) -> None:
        work = partial(_look_at_both, self._out, self._images(), self._listed())
        self._runner.start(Job(work, path=self._out, needs="so many images"))

    def _on_done(self, found: tuple[Held, Coming, Known]) -> None:
        self._found, self.known = found[:2], found[2]
        self.changed.emit()

    def _on_failed(self, error: SrviewerError) -> None:
        self.problem = error.told(LABELS)
        self.changed.emit()


def _look_at_both(
    out: Path, images: Images, listed: Images, progress: Progress, tell: Tell
) -> tuple[Held, Coming, Known]:
    held = look(out, progress)
    return held, compare(held, images, progress), known_of(held, listed, progress)
