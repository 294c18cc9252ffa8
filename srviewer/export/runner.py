"""Many images to one data set: what is missing is done, what is there stays."""

import contextlib
import functools
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from srviewer.errors import Cancelled, ExportError, ReadError, SrviewerError
from srviewer.export.data_set import DataSet
from srviewer.export.export_run import ExportRun, ExportState
from srviewer.export.image import Written, export_image, remove_leftovers, vanished, write_errors
from srviewer.export.options import Options, require_package
from srviewer.export.run_rows import Known
from srviewer.export.sample import is_sample, require_no_other_files
from srviewer.export.settings_there import how_there
from srviewer.export.settling import settled, unusual
from srviewer.export.target import Target
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs import copies
from srviewer.runs.data_sets import is_data_set
from srviewer.runs.inputs import GivenLR, Input, Rooted, are_given, collect
from srviewer.runs.marks import FileMark, mark_files
from srviewer.runs.placement import require_apart
from srviewer.runs.processes import Processes
from srviewer.runs.tasks import Workers
from srviewer.runs.workers import lent_workers, own_workers


def export(
    paths: Sequence[Path | str | Rooted],
    out: Path | str,
    recipe: Recipe,
    *,
    format: str | None = None,
    options: Options | None = None,
    lr: GivenLR | Path | str | None = None,
    exclusions: Exclusions = NONE,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    overwrite: bool = False,
    progress: Progress = UNHEARD,
    on_state: Callable[[ExportState], None] | None = None,
    begun: Processes | None = None,
) -> ExportState:
    """Write the pairs of all images at `paths`, folders searched, into the data set `out`.

    Images that an earlier run of the same recipe finished there stay as they are. The result is
    the same, byte for byte, whatever the order, who does the work, or an interruption.

    Parameters
    ----------
    paths : sequence of Path, str or Rooted
    out : Path or str
        The data set's folder; it is made if need be.
    recipe : Recipe
    format : str, optional
        One of `srviewer.export.options.FORMATS`; without it that which the profile's trainer
        reads, or `out` holds, or PNG.
    options : Options, optional
        How pairs are written and which are chosen.
    lr : GivenLR, Path or str, optional
        Where the LR of all images come from; without it the recipe's resizer makes those of
        images that have none. A data set has pairs of one kind.
    exclusions : Exclusions
        What a person excluded by hand; the data set keeps those of its images.
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
    begun : Processes, optional
        Those to do the work, begun already; who began them closes them, whatever comes of it.
        Not with `executor` or `scheduler`.

    Returns
    -------
    ExportState
        The final one. `cancelled` is set where the token was: images done by then are whole.

    Raises
    ------
    ExportError
        Where `out` cannot be used at all, a package is missing, or the pairs cannot be packed.
    RunError
        Where two images have the same name, LR are given of some images alone or cannot be paired,
        no scheduler answers, the workers are gone, or the disk is full when all is put in place.
    OptionError
        For options that exclude each other.
    MisplacedError
        Where `out` is, or lies above, a folder of images that were given or found, or holds other
        pairs than those of the painted sample, which is to be exported.
    """
    lr = GivenLR.of(lr)
    out = Path(out)
    how = settled(format, options or Options(), recipe, how_there(out))
    options = how.options
    require_package(how.format)
    shared = executor is not None or scheduler is not None
    where = out.absolute() if shared else out
    run = ExportRun(out, progress, on_state)
    run.note_first(out, unusual(options, recipe, out))
    try:
        require_apart(out, [*paths, lr.path] if lr else paths)
        own = out if is_data_set(out) else None  # what it holds are no photographs
        images, failures = collect(
            paths, own, run.progress, lr=lr, elsewhere=shared, on_note=run.note
        )
        require_apart(out, images)
        require_no_other_files(out, (image.path for image in images))
        given = are_given(images, lr)
        if options.duplicates == "drop":
            images, equal = copies.without_copies(images, run.progress)
            for names in equal:
                run.note(names[0], f"{copies.told(names)}; the others are dropped")
        sample = any(is_sample(image.path) for image in run.progress.each(images))
    except Cancelled:
        return replace(run.end(), cancelled=True)
    target = Target(where, recipe, how.format, options, shared, exclusions, given)
    lent = lent_workers(executor, scheduler)
    with (
        contextlib.closing(lent) if lent else contextlib.nullcontext(),
        write_errors(out),
        DataSet(target, overwrite, sample=sample) as data_set,
    ):
        run.take(images, data_set, failures)
        unsure, new = data_set.unsure(images)
        workers = lent or own_workers(jobs, len(unsure) + new, run.progress, begun)
        # Whatever happens here, no worker writes any more when the data set is let go.
        with contextlib.closing(workers):
            exporting = _Exporting(run, target, data_set, workers)
            if not exporting.compare(unsure):
                return replace(run.end(), cancelled=True)
            missing = exporting.do_missing(images)
            while run.is_done and (moved := data_set.moved()):
                exporting.do_moved(moved, images, missing)
            if run.is_done:
                workers.end()
                try:
                    run.complete(data_set)
                    equal, alike = data_set.equal_images(), data_set.alike_images(run.progress)
                    run.tell_each((names[0], copies.told(names)) for names in equal)
                    run.tell_each((out, note) for note in data_set.end_notes)
                    run.tell_each((names[0], copies.told_likely(names)) for names in alike)
                except Cancelled:
                    run.state = replace(run.state, cancelled=True)
    return run.end()


@dataclass(frozen=True)
class _Exporting:
    """What an export does with its images."""

    run: ExportRun
    target: Target
    data_set: DataSet
    workers: Workers

    def compare(self, unsure: Sequence[Input]) -> bool:
        """Read the files that look changed; return whether all were read."""
        read = 0
        for image, mark in self.run.work(unsure, _mark, self.workers):
            if isinstance(mark, SrviewerError) and not isinstance(mark, ReadError):
                raise mark  # it tells of the workers, and nothing of the image
            self.data_set.compare(image, mark)
            read += 1
            self.run.progress.report("compare", read, len(unsure))
        return read == len(unsure)

    def do_missing(self, images: Sequence[Input]) -> Sequence[Input]:
        """Export those of `images` that are not done, count them all, and return those."""
        whole = self.data_set.likely_whole(images)
        missing = self.data_set.missing(images)
        self.run.pass_over(images, missing)
        self._do(missing, whole)
        return missing

    def do_moved(
        self,
        moved: Sequence[tuple[Known, bool]],
        images: Sequence[Input],
        missing: Sequence[Input],
    ) -> None:
        """Export images again whose pairs are to be whole and are windows, or the other way round.

        They are counted once, as if each had been the right one at once; `missing` are those that
        were done in this run.
        """
        given = {image.name: image for image in images}
        for known, _ in moved:
            if known.name not in given:
                cause = (
                    f"{known.name} changes between training and validation by these images, and "
                    "then has other pairs; give it too"
                )
                raise ExportError(cause, path=self.target.out)
        again = [given[known.name] for known, _ in moved]
        self.data_set.undo(again)
        names, state = {image.name for image in missing}, self.run.state
        now = [known for known, _ in moved if known.name in names]
        self.run.tell(
            done=state.done - len(moved),
            already=state.already - (len(moved) - len(now)),
            exported=state.exported - len(now),
            with_pairs=state.with_pairs - len(now),
            pairs=state.pairs - sum(known.pairs for known in now),
        )
        self._do(again, {known.name for known, wanted in moved if wanted})

    def _do(self, images: Sequence[Input], whole: Collection[str]) -> None:
        """Export all `images`; of those named in `whole` the whole box is the one pair."""
        for as_whole in (False, True):
            group = [image for image in images if (image.name in whole) == as_whole]
            if not group or self.run.halt.is_set():
                continue
            task = functools.partial(_export, target=self.target, whole=as_whole)
            written = self.run.work(
                group,
                task,
                self.workers,
                on_death=lambda image: remove_leftovers([image], self.target),
            )
            for image, outcome in written:
                self.run.add(image, outcome, self.data_set)


def _mark(image: Input, progress: Progress) -> FileMark:
    return mark_files(image.files, progress)


def _export(image: Input, progress: Progress, *, target: Target, whole: bool) -> Written:
    if not target.out.is_dir():
        raise vanished(target)
    return export_image(image, target, progress, whole=whole)
