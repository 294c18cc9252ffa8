"""Windows and images that a person leaves out, or takes in again: by key, by menu, from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.exclusions import Window, load_exclusions, to_text
from srviewer.pipeline.verdicts import EXCLUDED_WORDS, Verdict
from srviewer.runs.folders import write_text
from srviewer.wording import counted


class Excluding(QObject):
    """What a person does to the windows and the image that are looked at; each is a step of undo.

    Signals
    -------
    changed
        Other words may hold of what can be done.
    noted(message)
        What was done, in words for the person.
    """

    changed = Signal()
    noted = Signal(str)

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        for signal in (model.selection_changed, model.chosen_changed, model.analysis_changed):
            signal.connect(self.changed)

    # Windows

    @property
    def windows(self) -> tuple[int, ...]:
        """The windows that are meant: those that are chosen together, else the one asked about."""
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

    def _places(self) -> frozenset[Window]:
        a = self._analysis
        if a is None:
            return frozenset()
        patch, scale = a.windows.patch, a.recipe.scale
        places = ((int(a.windows.x[one]), int(a.windows.y[one])) for one in self.windows)
        return frozenset(Window(x, y, patch, scale) for x, y in places)

    @property
    def takes_in(self) -> bool:
        """Whether all windows that are meant are excluded, so that they are included again."""
        places, a = self._places(), self._analysis
        return a is not None and bool(places) and places <= a.excluded.windows

    @property
    def windows_words(self) -> str:
        """What `turn_windows` does."""
        count = len(self.windows)
        these = "the window" if count < 2 else f"the {count:,} windows"
        return f"Include {these} again" if self.takes_in else f"Exclude {these}"

    def turn_windows(self) -> None:
        """Exclude the windows that are meant, or include them again where all are excluded."""
        a, places, include = self._analysis, self._places(), self.takes_in
        if a is None or not places:
            self.noted.emit("no window is selected: click one, or select several in the table")
            return
        mine = a.excluded.changed(places, exclude=not include)
        self._model.use_exclusions(self._model.exclusions.changed(a.image.content, mine))
        words = (
            f"{counted(len(places), 'window')} {'included again' if include else EXCLUDED_WORDS}"
        )
        rejected = len(places) - self._count_kept_otherwise()
        if rejected and not include:
            words += f", {'which is' if len(places) == 1 else f'{rejected:,}'} rejected anyway"
        self.noted.emit(f"{words}; Ctrl+Z takes it back")

    def _count_kept_otherwise(self) -> int:
        """Return how many of the windows that are meant nothing rejects but that they are out."""
        a = self._analysis
        mine = list(self.windows)
        return 0 if a is None else int((a.patches.verdict[mine] == Verdict.EXCLUDED).sum())

    # The image

    @property
    def image_is_out(self) -> bool:
        """Whether the whole image is excluded."""
        image = self._model.image
        return image is not None and self._model.excluded_of(image).whole

    @property
    def image_words(self) -> str:
        """What `turn_image` does."""
        return "Include the image again" if self.image_is_out else "Exclude the image"

    def turn_image(self) -> None:
        """Exclude the current image with all its windows, or include it again."""
        image, current = self._model.image, self._model.current
        if image is None or current is None:
            self.noted.emit("no image is there to exclude")
            return
        out = not self.image_is_out
        mine = self._model.excluded_of(image).with_image(out)
        self._model.use_exclusions(self._model.exclusions.changed(image.content, mine))
        words = EXCLUDED_WORDS if out else "included again"
        self.noted.emit(f"{current.path.name}: {words}; Ctrl+Z takes it back")

    # Files

    def open(self, path: Path) -> None:
        """Take what the file `path` holds in the place of what is excluded.

        Raises
        ------
        ExclusionError
        """
        self._model.use_exclusions(load_exclusions(path))
        self.noted.emit(f"{path.name}: {self._model.exclusions} excluded by hand")

    def save(self, path: Path) -> None:
        """Write what is excluded as the file `path`.

        Raises
        ------
        OSError
        """
        names = {entry.sha256: entry.path.name for entry in self._model.entries if entry.sha256}
        write_text(path.parent, path.name, to_text(self._model.exclusions, names))
