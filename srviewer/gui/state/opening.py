"""How images come into the list: files, and folders, which are looked through in a thread."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.errors import SrviewerError, shown_path
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import why_no_image
from srviewer.runs.inputs import GivenLR, Rooted, images_in
from srviewer.runs.pairing import Pairing, pair_images
from srviewer.runs.two_given import as_pairs
from srviewer.wording import counted

_MAY_BE_A_PAIR = "opened as two images; if they are HR and LR: File > Open pair..."

_Found = tuple[list[Path | Rooted], list[str], list[str], list[Path]]
"""Images, why nothing came of the rest, what is noted, and what is missing."""


class Opening(QObject):
    """Opens files and folders one after the other; a folder may be on a disk that takes its time.

    Signals
    -------
    failed(message)
        Folders without images, or one that cannot be looked through.

    Parameters
    ----------
    model : Model
    settings : Settings
        Remember what is opened.
    parent : QObject, optional
    """

    failed = Signal(str)

    def __init__(self, model: Model, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._settings = model, settings
        self._sample: Entry | None = None
        self._looked_at: Path | None = None
        self._runner = Runner("opening", Queue.IN_TURN, self)
        self._runner.progressed.connect(self._on_progressed)
        self._runner.done.connect(self._on_found)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(model.tell_what_runs)

    @property
    def busy(self) -> bool:
        """Whether something asked for is not in the list yet."""
        return self._runner.busy

    def open(
        self, paths: Sequence[Path], *, replace: bool = False, maybe_pairs: bool = False
    ) -> None:
        """Add images, and those in folders, to the list, or `replace` it; look at the first.

        The list stays where none are found. With `maybe_pairs`, two of them may be HR and LR.
        """
        self._settings.add_recent(paths)
        look = _look_at_two if maybe_pairs and len(paths) == 2 else _look_through
        work = partial(look, tuple(paths))
        self._runner.start(Job(work, about=replace, needs="so many images"))

    def open_pairs(self, hr: Sequence[Path], lr: GivenLR, *, replace: bool = False) -> None:
        """Add images with their given LR to the list, or `replace` it; look at the first."""
        work = partial(_pair_up, tuple(hr), lr)
        self._runner.start(Job(work, about=replace, needs="so many images"))

    def open_sample(self, sample: Path) -> None:
        """Look at the sample until a person opens pictures of their own."""
        self._model.add_images([sample])
        self._sample = self._model.current

    def begin_at(self, looked_at: Path | None) -> None:
        """Look at this image, where it is among the first that a person opens."""
        self._looked_at = looked_at

    @property
    def looked_at(self) -> Path | None:
        """The image that a person looks at, or else the one that they would begin at."""
        current = self._model.current
        if current is None or current is self._sample:
            return self._looked_at
        return current.path.absolute()

    def tell(self, message: str) -> None:
        """Have `message` be told after what is asked for: the next image would take it away."""
        if self.busy:
            self._runner.start(Job(lambda progress, tell: ([], [message], [], []), about=False))
        else:
            self.failed.emit(message)

    def reopen(self, images: Sequence[Path | Rooted], *, replace: bool = False) -> None:
        """Add images that were found before, or `replace` the list by them."""
        self._take(([*images], [], [], []), replace=replace)

    def cancel(self) -> None:
        """Open nothing more of what was asked for."""
        if self.busy:
            self._runner.drop()
            self._model.tell_what_runs()

    def _on_progressed(self, stage: str, done: int, total: int) -> None:
        self._model.running_changed.emit(f"looking for images, {done:,} found", 0, 1)

    def _on_found(self, found: _Found, job: Job) -> None:
        self._take(found, replace=bool(job.about))

    def _take(self, found: _Found, *, replace: bool) -> None:
        images, causes, notes, missing = found
        if missing:  # the reading tells of it
            self._settings.forget_recent(missing)
        before = 0 if replace else len(self._model.entries)
        gone = self._looked_at in [path.absolute() for path in missing]
        looked_at = None if gone else self._looked_at
        self._model.add_images(images, replace=replace and bool(images), look_at=looked_at)
        if images:
            self._looked_at = None
        if images and self._sample is not None:
            self._model.remove(self._sample)  # it has no place among a person's own pictures
            self._sample = None
            before = 0
        if before and images:
            self._model.noted.emit(_added(len(self._model.entries) - before, len(images)))
        for note in notes:
            self._model.noted.emit(note)
        if causes:
            self.failed.emit("\n".join(causes))

    def _on_failed(self, error: SrviewerError) -> None:
        self.failed.emit(str(error))


def _look_through(paths: tuple[Path, ...], progress: Progress, tell: Tell) -> _Found:
    """Return the images at `paths`, what is none, what was passed over, what is missing."""
    images: list[Path | Rooted] = []
    missing: list[Path] = []
    causes: list[str] = []
    notes: list[str] = []

    def report(stage: str, done: int, total: int) -> None:
        progress.report("list", len(images) + done, 0)  # nobody knows how many there are

    for path in paths:
        if not os.path.isdir(path):
            cause = why_no_image(path)
            if cause is not None:
                causes.append(str(cause))
                continue
            images.append(path)
            missing += [path] if _is_missing(path) else []
            continue
        progress.report("list", len(images), 0)
        found = images_in(
            path,
            progress=replace(progress, report=report),
            on_note=lambda words, path=path: notes.append(f"{shown_path(path)}: {words}"),  # type: ignore[misc]
        )
        images += (Rooted(image, path) for image in found)
        if not found:
            causes.append(f"{shown_path(path)}: no images in this folder")
    return images, causes, notes, missing


def _added(new: int, asked: int) -> str:
    """Return in words how many images came into the list, of `asked`."""
    there = f"; {asked - new:,} in the list already" if asked > new else ""
    return f"{counted(new, 'image')} added{there}"


def _pair_up(hr: tuple[Path, ...], lr: GivenLR, progress: Progress, tell: Tell) -> _Found:
    """Return the pairs, and who has no partner."""
    return _found(pair_images(hr, lr.path, lr.by_order, progress=progress))


def _look_at_two(paths: tuple[Path, ...], progress: Progress, tell: Tell) -> _Found:
    """Return the pairs that two files or folders are, or else what is in them."""
    one, other = paths
    hints: list[str] = []
    pairing = as_pairs(one, other, progress, lambda: hints.append(_MAY_BE_A_PAIR))
    if pairing is not None:
        return _found(pairing)
    images, causes, notes, missing = _look_through(paths, progress, tell)
    return images, causes, [*notes, *hints], missing


def _found(pairing: Pairing) -> _Found:
    """Return the pairs, each of the first that have no partner, and how many of both there are.

    Raises
    ------
    RunError
        Where nothing can be paired.
    """
    pairing.require_pairs()
    alone = len(pairing.without_partner)
    words = f"{counted(len(pairing.pairs), 'pair')} with a given LR"
    if alone:
        words += f"; {counted(alone, 'image')} without a partner, the first in the log"
    return list(pairing.pairs), [], [*pairing.told(), words], []


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False  # such as one in a folder that may not be looked into
    return False
