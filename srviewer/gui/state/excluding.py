"""Windows and images that a person leaves out, or takes in again: by key, by menu, from a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.exclusions import Window, load_exclusions, to_text, windows_at
from srviewer.pipeline.verdicts import EXCLUDED_WORDS
from srviewer.runs.folders import write_text
from srviewer.wording import counted


@dataclass(frozen=True, eq=False)
class Meant:
    """Windows that are to be excluded, or included again.

    Attributes
    ----------
    count : int
    excluded : bool
        Whether all of them are excluded.
    rejected : int
        Those that are not excluded and that something else rejects.
    places : callable
        Returns them by the content of their image.
    """

    count: int
    excluded: bool
    rejected: int
    places: Callable[[], Mapping[str, frozenset[Window]]]


NO_WINDOWS = Meant(0, excluded=False, rejected=0, places=dict)


class Excluding(QObject):
    """What a person does to the windows and the image that are looked at; each is a step of undo.

    Signals
    -------
    changed
        Other words may hold of what can be done.
    """

    changed = Signal()

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._of_set: Callable[[], Meant] | None = None
        self._images_of_set: Callable[[], Mapping[str, str]] | None = None
        for signal in (model.selection_changed, model.chosen_changed, model.analysis_changed):
            signal.connect(self.changed)

    # Windows

    def mean(self, of_set: Callable[[], Meant] | None) -> None:
        """Let windows of the whole set be meant, as `of_set` tells, or again the picture's."""
        self._of_set = of_set
        self.changed.emit()

    @property
    def windows(self) -> tuple[int, ...]:
        """Windows of the picture: those that are chosen together, else the one asked about."""
        selected, a = self._model.selection, self._analysis
        if a is None:
            return ()
        chosen = self._model.chosen
        if not chosen and selected is not None and selected.kind == "window":
            chosen = frozenset([selected.index])
        return tuple(sorted(one for one in chosen if one < len(a.windows)))

    @property
    def _analysis(self) -> Analysis | None:
        a = self._model.analysis
        return a if a is not None and a.has("windows") and a.has("patches") else None

    @property
    def meant(self) -> Meant:
        """The windows that are meant."""
        if self._of_set is not None:
            return self._of_set()
        a, mine = self._analysis, list(self.windows)
        if a is None or not mine:
            return NO_WINDOWS
        patch, scale = a.windows.patch, a.recipe.scale
        places = windows_at(a.windows.x[mine], a.windows.y[mine], patch, scale)
        rejected = ~a.patches.kept[mine] & ~a.patches.excluded[mine]
        return Meant(
            len(mine),
            places <= a.excluded.windows,
            int(np.count_nonzero(rejected)),
            lambda: {a.image.content: places},
        )

    @property
    def windows_words(self) -> str:
        """What `turn_windows` does."""
        meant = self.meant
        these = "the window" if meant.count < 2 else f"the {meant.count:,} windows"
        return f"Include {these} again" if meant.excluded else f"Exclude {these}"

    def turn_windows(self) -> None:
        """Exclude the windows that are meant, or include them again where all are excluded."""
        meant, exclusions = self.meant, self._model.exclusions
        if not meant.count:
            self._model.noted.emit("no window is selected: click one, or select several in a list")
            return
        exclude, count = not meant.excluded, 0
        for sha256, places in meant.places().items():
            before = exclusions.of(sha256)
            mine = before.changed(places, exclude=exclude)
            count += abs(len(mine.windows) - len(before.windows))
            exclusions = exclusions.changed(sha256, mine)
        self._model.use_exclusions(exclusions)
        did = EXCLUDED_WORDS if exclude else "included again"
        words = f"{counted(count, 'window')} {did}"
        if meant.rejected and exclude:
            which = "which is" if count == 1 else f"{meant.rejected:,}"
            words += f", {which} rejected anyway"
        already = meant.count - count
        if already > 0:
            words += f"; {already:,} {'was' if already == 1 else 'were'} already"
        self._model.noted.emit(f"{words}; Ctrl+Z takes it back")

    # Images

    def mean_images(self, of_set: Callable[[], Mapping[str, str]] | None) -> None:
        """Let images of the whole set be meant, as `of_set` tells, or again the one looked at."""
        self._images_of_set = of_set
        self.changed.emit()

    @property
    def images(self) -> Mapping[str, str]:
        """The names of the images that are meant, by their content."""
        if self._images_of_set is not None:
            return self._images_of_set()
        image, current = self._model.image, self._model.current
        return {} if image is None or current is None else {image.content: current.path.name}

    @property
    def image_is_out(self) -> bool:
        """Whether all images that are meant are excluded whole."""
        images, exclusions = self.images, self._model.exclusions
        return bool(images) and all(exclusions.of(one).whole for one in images)

    @property
    def image_words(self) -> str:
        """What `turn_image` does."""
        count = len(self.images)
        these = "the image" if count < 2 else f"the {count:,} images"
        return f"Include {these} again" if self.image_is_out else f"Exclude {these}"

    def turn_image(self) -> None:
        """Exclude the images that are meant with all their windows, or include them again."""
        images, exclusions = self.images, self._model.exclusions
        if not images:
            of_set = self._images_of_set is not None
            why = "no surveyed image is selected: click one" if of_set else "no image is there"
            self._model.noted.emit(f"{why} to exclude")
            return
        out = not self.image_is_out
        for content in images:
            exclusions = exclusions.changed(content, exclusions.of(content).with_image(out))
        self._model.use_exclusions(exclusions)
        words = EXCLUDED_WORDS if out else "included again"
        which = next(iter(images.values())) if len(images) == 1 else counted(len(images), "image")
        self._model.noted.emit(f"{which}: {words}; Ctrl+Z takes it back")

    # Files

    def open(self, path: Path) -> None:
        """Take what the file `path` holds in the place of what is excluded.

        Raises
        ------
        ExclusionError
        """
        self._model.use_exclusions(load_exclusions(path))
        self._model.noted.emit(f"{path.name}: {self._model.exclusions} excluded by hand")

    def save(self, path: Path) -> None:
        """Write what is excluded as the file `path`.

        Raises
        ------
        OSError
        """
        names = {entry.sha256: entry.path.name for entry in self._model.entries if entry.sha256}
        write_text(path.parent, path.name, to_text(self._model.exclusions, names))
