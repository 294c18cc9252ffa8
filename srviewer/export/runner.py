"""Many images to one data set: what is missing is done, what is there stays."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from srviewer.errors import Cancelled, ExportStopped, SrviewerError
from srviewer.export.data_set import DataSet
from srviewer.export.image import (
    Written,
    export_image,
    remove_leftovers,
    vanished,
)
from srviewer.export.options import Options, require_package, resolve
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input, Rooted, collect
from srviewer.runs.state import Clock, Failure, RunState
from srviewer.runs.work import work_through
from srviewer.runs.workers import lent_workers, own_workers


@dataclass(frozen=True, kw_only=True)
class ExportState(RunState):
    """How far an export is, besides what every run has.

    Attributes
    ----------
    out : Path
    exported : int
        Images that this run has done.
    pairs : int
        Written by this run, before any are chosen among all.
    in_set : int, optional
        Pairs in the data set, once it is complete.
    """

    out: Path
    exported: int = 0
    pairs: int = 0
    in_set: int | None = None

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.pairs / self.seconds if self.seconds else 0.0


def export(  # noqa: C901
    paths: Sequence[Path | Rooted],
    out: Path,
    recipe: Recipe,
    *,
    format: str = "bmp",
    options: Options | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    on_state: Callable[[ExportState], None] | None = None,
) -> ExportState:
    """Write the pairs of all images at `paths`, folders searched, into the data set `out`.

    Images that an earlier run of the same recipe finished there stay as they are. The result is
    the same, byte for byte, whatever the order, who does the work, or an interruption.

    Parameters
    ----------
    paths : sequence of Path or Rooted
    out : Path
        The data set's folder; it is made if need be.
    recipe : Recipe
    format : str
        One of `srviewer.export.options.FORMATS`.
    options : Options, optional
        How pairs are written and which are chosen.
    jobs : int, optional
        Processes; by default the number of cores, fewer where memory is short. With one, the
        work is done by threads of this process.
    executor : concurrent.futures.Executor, optional
        Does the work instead of processes.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers do it instead. They find the images and
        `out` under the same paths as this machine.
    overwrite : bool
        Replace a data set of another recipe, format or choice that `out` holds.
    progress : Progress, optional
        Told of the work within an image where this process does it; its tokens pause and cancel.
    on_state : callable, optional
        Given the state after each image, and when it is paused or goes on.

    Returns
    -------
    ExportState
        The final one. `cancelled` is set where the token was: images done by then are whole.

    Raises
    ------
    ExportError
        Where `out` cannot be used at all, a package is missing, no scheduler answers, or the pairs
        cannot be packed.
    OptionError
        For options that exclude each other.
    """
    options = resolve(format, options or Options(), recipe)
    require_package(format)
    progress = progress or Progress()
    say = on_state or (lambda state: None)
    clock = Clock(progress.pause)
    shared = executor is not None or scheduler is not None
    target = Target(out.absolute() if shared else out, recipe, format, options, shared)
    images, empty = collect(paths, out)
    if shared:  # workers may be at home in another folder
        images = [replace(image, path=image.path.absolute()) for image in images]
    lent = lent_workers(executor, scheduler)
    with (
        contextlib.closing(lent) if lent else contextlib.nullcontext(),
        DataSet(target, overwrite) as data_set,
    ):
        todo = data_set.missing(images)
        already = len(images) - len(todo)
        state = ExportState(
            out=out,
            images=len(images),
            done=already,
            already=already,
            failures=tuple(Failure(str(folder.path), folder.cause) for folder in empty),
        )
        say(state)

        def look() -> None:
            nonlocal state
            if clock.look() != state.paused:
                state = replace(state, paused=not state.paused, seconds=clock.seconds)
                say(state)

        halt = threading.Event()
        progress = replace(progress, on_wait=look)
        work = work_through(
            todo,
            functools.partial(_export, target=target),
            lent or own_workers(jobs, len(todo), progress),
            progress,
            stop=halt,
            on_death=lambda image: remove_leftovers([image], target),
            on_look=look,
        )
        # Whatever happens here, no worker writes any more when the data set is let go.
        with contextlib.closing(work) as outcomes:
            for image, outcome in outcomes:
                if isinstance(outcome, Cancelled):
                    # Others may have been finished meanwhile, and they count.
                    state = replace(state, cancelled=progress.cancel.is_set())
                    continue
                if isinstance(outcome, Written):
                    outcome = data_set.add(outcome)
                state = _after(state, image, outcome, clock.seconds)
                say(state)
                if isinstance(outcome, ExportStopped):
                    halt.set()
        if progress.cancel.is_set() and state.done < state.images:
            state = replace(state, cancelled=True)
        if not halt.is_set() and not state.cancelled and state.done == state.images:
            try:
                state = replace(state, in_set=data_set.complete(progress))
            except Cancelled:
                state = replace(state, cancelled=True)
    return replace(state, seconds=clock.seconds, paused=False)


def _export(image: Input, progress: Progress, *, target: Target) -> Written:
    if not target.out.is_dir():
        raise vanished(target)
    return export_image(image, target, progress)


def _after(
    state: ExportState, image: Input, outcome: Written | SrviewerError, seconds: float
) -> ExportState:
    state = replace(state, done=state.done + 1, seconds=seconds)
    if isinstance(outcome, Written):
        notes = tuple((outcome.image.name, note) for note in outcome.notes)
        return replace(
            state,
            exported=state.exported + 1,
            pairs=state.pairs + outcome.pairs,
            notes=state.notes + notes,
        )
    cause = str(outcome).removeprefix(f"{image.path}: ")
    return replace(state, failures=(*state.failures, Failure(str(image.path), cause)))
