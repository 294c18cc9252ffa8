"""The run that writes a data set, whether of images or of the pairs of another one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from srviewer.errors import RunStopped, SrviewerError
from srviewer.export.data_set import DataSet
from srviewer.export.image import Written
from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import Input
from srviewer.runs.run import Run
from srviewer.runs.state import Failure, RunState


@dataclass(frozen=True, kw_only=True)
class ExportState(RunState):
    """How far an export is, besides what every run has.

    Attributes
    ----------
    out : Path
    exported, with_pairs : int
        Images that this run has done, and those of them that gave any pair.
    pairs : int
        Written by this run, before any are chosen among all.
    in_set : int, optional
        Pairs in the data set, once it is complete.
    for_validation : (int, int), optional
        The images of it that are for validation, and their pairs, where a share of them is.
    """

    out: Path
    exported: int = 0
    with_pairs: int = 0
    pairs: int = 0
    in_set: int | None = None
    for_validation: tuple[int, int] | None = None

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.pairs / self.seconds if self.seconds else 0.0


class ExportRun(Run[ExportState]):
    """Such a run under way: who calls it says which images there are, and what is done of each."""

    def __init__(
        self, out: Path, progress: Progress, on_state: Callable[[ExportState], None] | None
    ) -> None:
        super().__init__(ExportState(out=out), progress, on_state)

    @property
    def is_done(self) -> bool:
        """Whether all images are dealt with."""
        return self.state.done == self.state.images and not self.halt.is_set()

    def take(
        self, images: Sequence[Input], data_set: DataSet, failures: Iterable[Failure] = ()
    ) -> None:
        """Have these `images`, besides those that cannot be read, and the data set's notes."""
        notes = self.state.notes.plus(*((str(self.state.out), note) for note in data_set.notes))
        failed = self.state.failures.plus(*failures)
        self.state = replace(self.state, images=len(images), failures=failed, notes=notes)

    def pass_over(self, images: Sequence[Input], missing: Sequence[Input]) -> None:
        """Count those of `images` that are in the data set already: all that are not `missing`."""
        left = {image.name for image in missing}
        there = [image.path for image in images if image.name not in left]
        self.tell(done=len(there), already=len(there), dealt=self.state.dealt.plus(*there))

    def add(self, image: Input, outcome: Written | SrviewerError, data_set: DataSet) -> None:
        """Enter what came of `image` into the data set, and count it."""
        state = self.state
        notes: Collection[str] = ()
        exported, some, pairs = state.exported, state.with_pairs, state.pairs
        if isinstance(outcome, Written):
            outcome = data_set.add(outcome)
        if isinstance(outcome, Written):
            notes, exported, pairs = outcome.notes, exported + 1, pairs + len(outcome.pairs)
            some += bool(outcome.pairs)
        if isinstance(outcome, SrviewerError) and not isinstance(outcome, RunStopped):
            data_set.note_failure(image, Failure.of(image.path, outcome).cause)
        self.count(image, outcome, *notes, exported=exported, with_pairs=some, pairs=pairs)

    def complete(self, data_set: DataSet) -> None:
        """Write what all images share."""
        count = data_set.complete(self.progress)
        held = data_set.for_validation()
        self.state = replace(self.state, in_set=count, for_validation=held)

    def tell_each(self, notes: Iterable[tuple[Path | str, str]]) -> None:
        """Tell what is noted at the end, of a folder or an image each."""
        for what, words in notes:
            self.note(what, words)
            self.tell()
