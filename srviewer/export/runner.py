"""Many images to one data set: what is missing is done, what is there stays."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path
from typing import Any

from srviewer.errors import Cancelled, ExportStopped, SrviewerError
from srviewer.export.data_set import DataSet
from srviewer.export.image import Target, Written, export_image, remove_leftovers
from srviewer.export.inputs import Input, collect
from srviewer.export.options import Options, require_package, resolve
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.threads import cores, use_threads

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
        Written by this run, before any are chosen among all.
    in_set : int, optional
        Pairs in the data set, once it is complete.
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
    in_set: int | None = None
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
    options: Options | None = None,
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
    format : str
        One of `srviewer.export.options.FORMATS`.
    options : Options, optional
        How pairs are written and which are chosen.
    jobs : int, optional
        Processes; the number of cores by default. One image is done by threads of this one.
    overwrite : bool
        Replace a data set of another recipe, format or choice that `out` holds.
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
        Where `out` cannot be used at all, a package is missing, or the pairs cannot be packed.
    OptionError
        For options that exclude each other.
    """
    options = resolve(format, options or Options(), recipe)
    require_package(format)
    progress = progress or Progress()
    begun = time.monotonic()
    target = Target(out, recipe, format, options)
    images, empty = collect(paths, out)
    with DataSet(target, overwrite) as data_set:
        todo = data_set.missing(images)
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
        whole = True
        halt = threading.Event()
        found = _outcomes(todo, target, jobs or cores(), progress, halt)
        with contextlib.closing(found) as outcomes:
            for image, outcome in outcomes:
                if isinstance(outcome, Cancelled):
                    # Others may have been finished meanwhile, and they count.
                    state = replace(state, cancelled=progress.cancel.is_set())
                    continue
                if isinstance(outcome, Written):
                    outcome = data_set.add(outcome)
                state = _after(state, image, outcome, time.monotonic() - begun)
                say(state)
                if isinstance(outcome, ExportStopped):
                    whole = False
                    halt.set()
        if whole and not state.cancelled and state.done == state.images:
            try:
                state = replace(state, in_set=data_set.complete(progress))
            except Cancelled:
                state = replace(state, cancelled=True)
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


Outcome = Written | Exception


def _outcomes(
    images: list[Input],
    target: Target,
    jobs: int,
    progress: Progress,
    halt: threading.Event,
) -> Generator[tuple[Input, Outcome], None, None]:
    """Yield what came of each image, as it comes.

    After a `Cancelled`, or when `halt` is set, no other image is begun; what was under way in
    other processes is yielded all the same.
    """
    if min(jobs, len(images)) <= 1:
        for image in images:
            outcome = _attempt(image, target, progress)
            yield image, outcome
            if isinstance(outcome, Cancelled) or halt.is_set():
                return
    else:
        jobs = min(jobs, len(images))
        yield from _outcomes_of_processes(images, target, jobs, progress, halt)


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
    images: list[Input],
    target: Target,
    jobs: int,
    progress: Progress,
    halt: threading.Event,
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
                if progress.cancel.is_set() or halt.is_set():
                    cancel.set()
                    waiting.clear()
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
