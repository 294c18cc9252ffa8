"""Many images to one data set: what is missing is done, what is there stays."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path
from typing import Any, TextIO

from srviewer.errors import Cancelled, ExportError, ExportStopped, SrviewerError
from srviewer.export.formats import FORMATS
from srviewer.export.image import (
    Target,
    Written,
    export_image,
    fingerprint,
    remove_leftovers,
    write_error,
)
from srviewer.export.inputs import Input, collect
from srviewer.export.manifest import (
    MANIFEST,
    META,
    RECIPE,
    Row,
    csv_text,
    fingerprint_in,
    manifest_text,
    read_rows,
    write_text,
)
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from srviewer.pipeline.threads import cores, use_threads

JOURNAL = ".manifest.part"  # rows of the images done so far, while a run lasts
_POLL = 0.1  # seconds between two looks at the cancel token


@dataclass(frozen=True)
class Failure:
    """An image that could not be exported, and why."""

    image: str
    cause: str


@dataclass(frozen=True)
class ExportState:
    """How far an export is.

    Attributes
    ----------
    images, done, already, exported : int
        Images in all; those dealt with (failed ones too); those of them found done at the start;
        those that this run has done.
    pairs : int
        Written by this run.
    failures : tuple of Failure
    notes : tuple of (image, note)
    seconds : float
        Since the start.
    cancelled : bool
    """

    out: Path
    images: int = 0
    done: int = 0
    already: int = 0
    exported: int = 0
    pairs: int = 0
    failures: tuple[Failure, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    cancelled: bool = False

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.pairs / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What remains at the rate so far, None before the first image is done."""
        worked = self.done - self.already
        if not worked:
            return None
        return self.seconds / worked * (self.images - self.done)


def export(
    paths: Sequence[Path],
    out: Path,
    recipe: Recipe,
    *,
    format: str = "bmp",
    jobs: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    on_state: Callable[[ExportState], None] | None = None,
) -> ExportState:
    """Write the pairs of all images at `paths`, folders searched, into the data set `out`.

    Images that an earlier run of the same recipe finished there stay as they are. The result is
    the same, byte for byte, whatever the order, the number of processes or an interruption.

    Parameters
    ----------
    paths : sequence of Path
    out : Path
        The data set's folder; it is made if need be.
    recipe : Recipe
    format : {'bmp', 'png', 'tiff', 'webp'}
    jobs : int, optional
        Processes; the number of cores by default. One image is done by threads of this one.
    overwrite : bool
        Replace a data set of another recipe or format that `out` holds.
    progress : Progress, optional
        Told of the work within an image where this process does it; its token cancels.
    on_state : callable, optional
        Given the state after each image.

    Returns
    -------
    ExportState
        The final one. `cancelled` is set where the token was: images done by then are whole.

    Raises
    ------
    ExportError
        Where `out` cannot be used at all.
    """
    if format not in FORMATS:
        raise ExportError(f"format = {format!r}: allowed is one of {', '.join(FORMATS)}")
    progress = progress or Progress()
    begun = time.monotonic()
    target = Target(out, recipe, format)
    images, empty = collect(paths, out)
    with _DataSet(target, overwrite) as data_set:
        todo = [image for image in images if not data_set.has(image)]
        already = len(images) - len(todo)
        state = ExportState(
            out,
            len(images),
            already,
            already,
            failures=tuple(Failure(str(folder.path), folder.cause) for folder in empty),
        )
        say = on_state or (lambda state: None)
        say(state)
        with contextlib.closing(_outcomes(todo, target, jobs or cores(), progress)) as outcomes:
            for image, outcome in outcomes:
                if isinstance(outcome, Cancelled):
                    state = replace(state, cancelled=True)
                    break
                if isinstance(outcome, Written):
                    outcome = data_set.add(outcome)
                state = _after(state, image, outcome, time.monotonic() - begun)
                say(state)
                if isinstance(outcome, ExportStopped):
                    break
    return replace(state, seconds=time.monotonic() - begun)


def _after(
    state: ExportState, image: Input, outcome: Written | Exception, seconds: float
) -> ExportState:
    state = replace(state, done=state.done + 1, seconds=seconds)
    if isinstance(outcome, Written):
        notes = tuple((outcome.image.name, note) for note in outcome.notes)
        return replace(
            state,
            exported=state.exported + 1,
            pairs=state.pairs + len(outcome.rows),
            notes=state.notes + notes,
        )
    cause = str(outcome).removeprefix(f"{image.path}: ")
    return replace(state, failures=(*state.failures, Failure(str(image.path), cause)))


class _DataSet:
    """The folder of a data set while an export writes to it."""

    def __init__(self, target: Target, overwrite: bool) -> None:
        self._target = target
        self._journal: TextIO | None = None
        try:
            for folder in ("hr", "lr", META):
                (target.out / folder).mkdir(parents=True, exist_ok=True)
            self._rows = self._earlier_rows()
            if overwrite and self._conflict():
                self._clear()
            elif conflict := self._conflict():
                raise ExportError(f"{target.out}: {conflict}; choose another folder or overwrite")
            write_text(target.out / RECIPE, to_toml(target.recipe))
            self._journal = open(  # noqa: SIM115 - closed in __exit__
                target.out / JOURNAL, "a", encoding="utf-8", errors="surrogateescape", newline=""
            )
        except OSError as error:
            raise write_error(Path(error.filename or target.out), error) from error

    def __enter__(self) -> _DataSet:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Put the manifest in place; rows stay in the journal where that fails."""
        assert self._journal is not None
        with contextlib.suppress(OSError):
            self._journal.close()
        rows = [row for rows in self._rows.values() for row in rows]
        path = self._target.out / MANIFEST
        try:
            write_text(path, manifest_text(rows))
            (self._target.out / JOURNAL).unlink(missing_ok=True)
        except OSError as error:
            raise write_error(path, error) from error

    def _earlier_rows(self) -> dict[str, list[Row]]:
        rows: dict[str, dict[Row, None]] = {}
        for name in (MANIFEST, JOURNAL):
            for row in read_rows(self._target.out / name):
                rows.setdefault(row.image, {})[row] = None
        return {image: list(found) for image, found in rows.items()}

    def _conflict(self) -> str | None:
        path = self._target.out / RECIPE
        if path.exists():
            differences = load_recipe(path).differences(self._target.recipe)
            if differences:
                words = (f"{key} {there} there, {here} here" for key, (there, here) in
                         differences.items())  # fmt: skip
                return f"holds pairs of another recipe ({'; '.join(words)})"
        for rows in self._rows.values():
            there = Path(rows[0].hr).suffix[1:]
            if there != self._target.format:
                return f"holds pairs in format {there}, not {self._target.format}"
        return None

    def _clear(self) -> None:
        """Remove what the earlier export wrote, and nothing else."""
        out = self._target.out
        for rows in self._rows.values():
            self._remove_files(rows)
        for path in (out / META).rglob("*.txt"):
            if fingerprint_in(path):
                path.unlink()
        for name in (MANIFEST, JOURNAL):
            (out / name).unlink(missing_ok=True)
        self._rows = {}

    def _meta(self, image: Input) -> Path:
        return self._target.out / META / f"{image.stem}.txt"

    def has(self, image: Input) -> bool:
        """Tell whether `image` was done already; the remains of a changed one are removed."""
        there = fingerprint_in(self._meta(image))
        if there is not None:
            with contextlib.suppress(SrviewerError):
                if there == fingerprint(image.path):
                    return True
        self._remove_files(self._rows.pop(image.name, []))
        return False

    def _remove_files(self, rows: Sequence[Row]) -> None:
        for row in rows:
            for place in (row.hr, row.lr):
                (self._target.out / place).unlink(missing_ok=True)

    def add(self, written: Written) -> Written | ExportError:
        """Note what was written; the image counts as done once its text file is there."""
        meta = self._meta(written.image)
        try:
            assert self._journal is not None
            self._journal.write(csv_text(written.rows))
            self._journal.flush()
            meta.parent.mkdir(parents=True, exist_ok=True)
            write_text(meta, written.meta)
        except OSError as error:
            self._remove_files(written.rows)
            return write_error(meta, error)
        self._rows[written.image.name] = list(written.rows)
        return written


Outcome = Written | Exception


def _outcomes(
    images: list[Input], target: Target, jobs: int, progress: Progress
) -> Generator[tuple[Input, Outcome], None, None]:
    """Yield what came of each image, as it comes; after `Cancelled` there is no more."""
    if min(jobs, len(images)) <= 1:
        for image in images:
            outcome = _attempt(image, target, progress)
            yield image, outcome
            if isinstance(outcome, Cancelled):
                return
    else:
        yield from _outcomes_of_processes(images, target, min(jobs, len(images)), progress)


def _attempt(image: Input, target: Target, progress: Progress) -> Outcome:
    try:
        progress.check()
        return export_image(image, target, progress)
    except SrviewerError as error:
        return error
    except Exception as error:  # whatever one image does, the others are still exported
        return SrviewerError(f"{image.path}: unexpected {type(error).__name__}: {error}")


_worker_cancel: ProcessEvent | None = None


def _start_worker(cancel: ProcessEvent) -> None:
    global _worker_cancel
    _worker_cancel = cancel
    use_threads(1)
    # Ctrl+C reaches every process of the terminal; the first one tells the others to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(image: Input, target: Target) -> Outcome:
    progress: Any = Progress(cancel=_worker_cancel)  # type: ignore[arg-type]
    return _attempt(image, target, progress)


def _outcomes_of_processes(
    images: list[Input], target: Target, jobs: int, progress: Progress
) -> Generator[tuple[Input, Outcome], None, None]:
    context = multiprocessing.get_context("spawn")  # a fork would copy Qt's and OpenCV's threads
    cancel = context.Event()
    waiting = deque(images)
    deaths: dict[Input, int] = {}
    most_running = 2 * jobs
    while waiting:
        running: dict[Future[Outcome], Input] = {}
        pool = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_start_worker, initargs=(cancel,)
        )
        try:
            while waiting or running:
                while waiting and len(running) < most_running:
                    image = waiting.popleft()
                    running[pool.submit(_work, image, target)] = image
                finished, _ = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
                for future in finished:
                    outcome = future.result()
                    image = running.pop(future)
                    yield image, outcome
                    if isinstance(outcome, Cancelled):
                        return
                if progress.cancel.is_set():
                    cancel.set()
                    if not running:
                        return
        except BrokenProcessPool:
            # Some process died, and with it all that were running. Each is tried once more alone.
            pool.shutdown(wait=True)
            for image in running.values():
                remove_leftovers(image, target)
                deaths[image] = deaths.get(image, 0) + 1
                if deaths[image] < 3:
                    waiting.append(image)
                else:
                    yield (
                        image,
                        SrviewerError(
                            f"{image.path}: the process that worked on it died three times, "
                            "perhaps for want of memory"
                        ),
                    )
            jobs = most_running = 1
        finally:
            cancel.set()
            pool.shutdown(wait=True, cancel_futures=True)
            cancel.clear()
