"""An exported data set, read back and checked against its checksums, manifest and recipe."""

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from srviewer.errors import ExportError, SrviewerError, reason
from srviewer.export.checksums import (
    CHECKSUMS,
    PAIR_CHECKSUMS,
    Checksums,
    read_file_checksums,
    read_pair_checksums,
)
from srviewer.export.containers.base import Container
from srviewer.export.findings import Finding, Kind, VerifyState
from srviewer.export.how_to_train import wrong_how_to_train
from srviewer.export.image import write_errors
from srviewer.export.manifest import (
    EXCLUDED,
    EXPORT,
    MANIFEST,
    META,
    RECIPE,
    one_line,
    read_image_text,
    text_name,
)
from srviewer.export.manifest_rows import Span
from srviewer.export.options import read_record, require_package
from srviewer.export.settings_there import exclusions_there
from srviewer.export.target import Target, settings_of_a_set
from srviewer.export.verification.beginning import (
    require_data_set,
    require_lr_as_exported,
    target_of,
    unfinished_in,
)
from srviewer.export.verification.checking import PairToCheck, Share, check_file, check_share
from srviewer.export.verification.extras import extras
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.resizing import require_available
from srviewer.runs.folders import files_in, find, is_file
from srviewer.runs.inputs import GivenLR, Input, Rooted, as_paths, collect, possible_inputs
from srviewer.runs.run import Run
from srviewer.runs.state import Failure
from srviewer.runs.tasks import LazyItems, Workers
from srviewer.runs.workers import lent_workers, own_workers

_ROWS, _FILES = 1000, 500  # that a task takes


def verify(
    out: Path | str,
    *,
    images: Sequence[Path | str | Rooted] = (),
    lr: GivenLR | Path | str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = UNHEARD,
    on_state: Callable[[VerifyState], None] | None = None,
    on_finding: Callable[[Finding], object] = lambda finding: None,
) -> VerifyState:
    """Check the data set `out`: that all is there, readable, of the right size, and as written.

    Parameters
    ----------
    out : Path or str
    images : sequence of Path, str or Rooted
        The images and folders that were exported, to compare every row and pair with what the
        export makes of its image; an image that is not there is done without.
    lr : GivenLR, Path or str, optional
        Where the LR of the images come from, if they were given.
    jobs, scheduler
        Who does the work, as `srviewer.export.runner.export` takes them.
    progress : Progress, optional
        Its token cancels.
    on_state : callable, optional
        Given the state now and then.
    on_finding : callable, optional
        Given each thing that is wrong, as it is found.

    Returns
    -------
    VerifyState
        The final one.

    Raises
    ------
    ExportError
        Where `out` is no data set, or a package is missing, that of the recipe's resizer too.
    OptionError
        Where there are images without the LR that were given, or LR that were not.
    Cancelled
    """
    lr = GivenLR.of(lr)
    out, given = Path(out), as_paths(images)
    if scheduler is not None:  # whose workers may be at home in another folder
        out, given = out.absolute(), [one.absolute() for one in given]
        lr = lr and replace(lr, path=lr.path.absolute())
    with write_errors(out):
        require_data_set(out)
        run = Run(VerifyState(out=out), progress, on_state)
        verification = _Verification(run, out, on_finding)
        target = verification.target()
        if target is not None:
            if given:
                require_lr_as_exported(target, lr, given)
            verification.check(target, given, lr, jobs, scheduler)
    return run.end()


class _Verification:
    """A verification under way."""

    def __init__(self, run: Run[VerifyState], out: Path, tell: Callable[[Finding], object]) -> None:
        self._run, self._out, self._tell = run, out, tell
        self._container: Container | None = None
        self._checksums = Checksums()
        self._told: set[int] = set()  # hashes of findings
        self._damaged: set[str] = set()  # files that something was told about
        self._made_with: dict[str, str] = {}
        self._of_set: Counter[str] = Counter()  # pairs
        self._unfinished = unfinished_in(out)
        if self._unfinished:
            self._find(self._unfinished)

    def _find(self, finding: Finding) -> None:
        """Tell `finding`, once: a container that cannot be opened fails in every task."""
        if hash(finding) in self._told:
            return
        self._told.add(hash(finding))
        self._damaged.add(finding.name)
        if self._container is not None:
            self._damaged.add(self._container.file(finding.name))
        if finding.kind in (Kind.MANIFEST, Kind.METRICS):
            self._damaged.add(MANIFEST)
        self._run.tell(quietly=True, wrong=self._run.state.wrong + Counter([finding.kind]))
        self._tell(finding)

    def target(self) -> Target | None:
        """Return how the data set was written, None where it does not say or has no manifest."""
        if not all(map(self._is_plain, (RECIPE, EXPORT, EXCLUDED))):
            return None
        try:
            target = replace(target_of(self._out), exclusions=exclusions_there(self._out))
        except ExportError as error:
            name = error.path.name if error.path else EXPORT
            self._find(Finding(Kind.SETTINGS, name, error.sentence))
            return None
        self._container = target.container
        self._made_with = read_record(self._out / EXPORT).made_with
        require_package(target.format)
        with settings_of_a_set(self._out / RECIPE):
            require_available(target.recipe.resizer)
        self._run.tell(quietly=True, format=target.format)
        if not self._is_plain(MANIFEST):
            return None
        if find(self._out, MANIFEST):
            return target
        if not self._unfinished:
            self._find(Finding(Kind.MISSING, MANIFEST, "no such file"))
        return None

    def _is_plain(self, name: str) -> bool:
        """Tell whether `name` is a plain file or not there, and what it is otherwise."""
        try:
            is_file(self._out, name)
        except OSError as error:
            self._find(Finding(Kind.UNREADABLE, name, reason(error)))
            return False
        return True

    def check(
        self,
        target: Target,
        images: Sequence[Path | Rooted],
        lr: GivenLR | None,
        jobs: int | None,
        scheduler: str | None,
    ) -> None:
        """Check everything."""
        if not self._unfinished:
            self._read_checksums()
        named: Counter[str] = Counter()  # values in each file of a container
        groups = self._read_manifest(target, named, by_image=bool(images))
        sources = self._sources(images, lr)
        with_pairs = {group[0].image for group in groups} if images else set()
        self._run.tell(quietly=True, not_found=tuple(sorted(with_pairs - sources.keys())))
        files = list(self._checksums.files())
        firsts = range(0, len(files), _FILES)
        shares = [Share(self._out / files[n][0], files=files[n : n + _FILES]) for n in firsts]
        others = [Share(source.path, source=source) for name, source in sources.items()
                  if name not in with_pairs]  # fmt: skip

        def share_of(number: int) -> Share:
            rows = [row for span in groups[number] for row in span.read(self._out)]
            pairs = [
                PairToCheck(row, (self._checksums[row.hr], self._checksums[row.lr])) for row in rows
            ]
            return Share(self._out / rows[0].hr, pairs, source=sources.get(rows[0].image))

        tasks = len(shares) + len(others) + len(groups)
        workers = lent_workers(None, scheduler) or own_workers(jobs, tasks, self._run.progress)
        with contextlib.closing(workers):
            changed = self._work(shares, target, workers)
            if any(finding.name.endswith(".mdb") for finding in changed):
                groups.clear()  # LMDB maps the file: damaged, it may end the process that reads it
            self._work(others, target, workers)
            self._work(LazyItems(len(groups), share_of), target, workers)
        if not self._unfinished:
            for extra in extras(
                target,
                self._checksums,
                named,
                has_checksums=self._run.state.checksums,
                changed={finding.name for finding in changed},
            ):
                self._find(extra)
            found = wrong_how_to_train(target, self._of_set)
            if found:
                self._find(found)
        for finding in changed:
            if finding.name not in self._damaged:
                self._find(finding)

    def _read_checksums(self) -> None:
        """Take in the checksums; those of pairs only where their own file is as it was written."""
        if not self._is_plain(CHECKSUMS):
            return
        if not is_file(self._out, CHECKSUMS):
            if self._made_with:  # versions that wrote no checksums noted none either
                words = "no such file, though all exports write it"
                self._find(Finding(Kind.MISSING, CHECKSUMS, words))
            return
        try:
            self._checksums.add(read_file_checksums(self._out), pairs=False)
        except ExportError as error:
            self._checksums = Checksums()
            self._find(Finding(Kind.CHECKSUM, CHECKSUMS, error.cause))
            return
        self._run.tell(quietly=True, checksums=True)
        digest = self._checksums[PAIR_CHECKSUMS]
        if digest is not None:
            found = check_file(self._out, PAIR_CHECKSUMS, digest)
            if found:
                self._find(found)
                return
            try:
                self._checksums.add(read_pair_checksums(self._out), pairs=True)
            except ExportError as error:
                self._find(Finding(Kind.CHECKSUM, PAIR_CHECKSUMS, error.cause))

    def _read_manifest(
        self, target: Target, named: Counter[str], *, by_image: bool
    ) -> list[list[Span]]:
        """Return where the rows lie that each task takes; count values in `named` by their file."""
        groups: dict[str | int, list[Span]] = {}
        images: set[str] = set()
        pairs = 0
        for row, start, end in self._run.progress.each(target.rows(self._find)):
            spans = groups.setdefault(row.image if by_image else pairs // _ROWS, [])
            if spans and spans[-1].end == start:
                spans[-1] = replace(spans[-1], end=end)
            else:
                spans.append(Span(row.image, start, end, target.given))
            places = row.hr, row.lr
            if self._container is None:
                self._checksums.add(((name, None) for name in places), pairs=True)
            else:
                named.update(map(self._container.file, places))
            images.add(row.image)
            self._of_set[target.set_of(row.hr)] += 1
            pairs += 1
        self._run.tell(quietly=True, images=len(images), in_all=self._count_images(), pairs=pairs)
        return list(groups.values())

    def _count_images(self) -> int:
        """Return how many images have a text, 0 where that cannot be seen."""
        with contextlib.suppress(OSError):
            return sum(name.endswith(".txt") for name in files_in(self._out, META))
        return 0

    def _sources(self, images: Sequence[Path | Rooted], lr: GivenLR | None) -> dict[str, Input]:
        """Return those of `images` that the data set was made of, by their names in it."""
        found: dict[str, Input] = {}
        given = collect(images, self._out, lr=lr)[0] if images else ()
        for image in given:
            for known in possible_inputs(image.name):
                told = read_image_text(self._out, text_name(known.stem))
                if image.path.is_file() and told and told.image == one_line(image.name):
                    found[image.name] = replace(known, path=image.path, lr=image.lr)
        others = tuple(image.name for image in given if image.name not in found)
        self._run.tell(quietly=True, not_in_set=others)
        return found

    def _work(self, shares: Sequence[Share], target: Target, workers: Workers) -> list[Finding]:
        """Check `shares`, and return which files as a whole are not what was written."""
        changed: list[Finding] = []
        task = functools.partial(check_share, target=target)
        for share, outcome in self._run.work(shares, task, workers):
            if isinstance(outcome, SrviewerError):
                self._run.progress.check()
                name = share.path.as_posix().removeprefix(f"{self._out.as_posix()}/")
                cause = Failure.of(share.path, outcome).cause  # the name is said once
                self._find(Finding(Kind.UNREADABLE, name, cause))
                continue
            for finding in outcome.findings:
                if share.files and finding.kind == Kind.CHECKSUM:
                    changed.append(finding)
                else:
                    self._find(finding)
            state = self._run.state
            self._run.tell(
                done=state.done + len(share.pairs), checked=state.checked + outcome.counts
            )
        self._run.progress.check()
        return changed
