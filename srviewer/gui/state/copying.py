"""Copy as: what an export of the window would be as text, made in a thread, for the clipboard."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from srviewer.errors import ExportError, SrviewerError, shown_path
from srviewer.export.copy_as import (
    LONGEST,
    Order,
    command_line,
    folders_as_whole,
    python_lines,
    recipe_toml,
    with_given_lr,
)
from srviewer.export.options import LABELS
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.pipeline.exclusions import Exclusions, to_text
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import make_folders, remove_file, write_text
from srviewer.runs.inputs import images_in
from srviewer.runs.rooted import rooted

_MOST_KEPT = 50  # files with what was excluded when a text was copied
_KEPT = re.compile(r"excluded-[0-9a-f]{8}\.txt")


@dataclass(frozen=True)
class Kind:
    """A text that an export can be.

    Attributes
    ----------
    title : str
        In menus.
    done : str
        What is said once it is in the clipboard.
    make : callable
    """

    title: str
    done: str
    make: Callable[[Order], str]


KINDS = {
    "command": Kind("&Command line", "the command line is in the clipboard", command_line),
    "python": Kind("&Python lines", "the lines of Python are in the clipboard", python_lines),
    "toml": Kind("Recipe as &TOML", "the recipe is in the clipboard as TOML", recipe_toml),
}


class Copying(QObject):
    """Puts an export as text into the clipboard.

    Parameters
    ----------
    folder : Path
        For the file with what is excluded by hand, which a text can only name.

    Signals
    -------
    noted(message), failed(message)
        How it went, in words for the person.
    """

    noted = Signal(str)
    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._runner = Runner("copying", Queue.REPLACE, self)
        self._runner.done.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether a text is being made: a folder may be on a disk that takes its time."""
        return self._runner.busy

    def copy(self, kind: str, order: Order, exclusions: Exclusions) -> None:
        """Copy `order`, in which `exclusions` have no file yet."""
        work = partial(_text, kind, order, exclusions, self._folder)
        self._runner.start(Job(work, about=kind, needs="so many images"))

    def _on_done(self, made: tuple[str, Path | None], job: Job) -> None:
        text, file = made
        QGuiApplication.clipboard().setText(text)
        words = KINDS[job.about].done
        self.noted.emit(words if file is None else f"{words}; it reads {shown_path(file)}")

    def _on_failed(self, error: SrviewerError) -> None:
        self.failed.emit(error.told(LABELS))


def _text(
    kind: str, order: Order, exclusions: Exclusions, folder: Path, progress: Progress, tell: Tell
) -> tuple[str, Path | None]:
    order = with_given_lr(order, progress)
    if order.lr is None:
        roots = {rooted(one).root for one in order.sources}
        listed = {root: images_in(root, progress=progress) for root in roots if root is not None}
        order = folders_as_whole(order, listed)
    if exclusions:
        order = replace(order, exclude=keep_exclusions(exclusions, folder))
    text = KINDS[kind].make(order)
    if kind == "command" and len(text) > LONGEST:
        raise ExportError(
            f"the command would have {len(text):,} characters, more than a shell takes; "
            "copy the lines of Python, or export the whole folder"
        )
    return text, order.exclude


def _clear_away(folder: Path) -> None:
    """Remove the oldest of such files, which no text that was copied lately reads."""
    files = [one for one in folder.iterdir() if _KEPT.fullmatch(one.name) and one.is_file()]
    files.sort(key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for old in files[_MOST_KEPT:]:
        remove_file(folder, old.name)


def keep_exclusions(exclusions: Exclusions, folder: Path) -> Path:
    """Return the file with just these exclusions, whatever is excluded later."""
    text = to_text(exclusions)
    name = f"excluded-{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
    try:
        make_folders(folder)
        write_text(folder, name, text)
        _clear_away(folder)
    except OSError as failure:
        raise ExportError(failure.strerror or str(failure), path=folder / name) from failure
    return folder / name
