"""An exported data set, read back and checked against its checksums, manifest and recipe."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srviewer.errors import ExportError, SrviewerError
from srviewer.export.checksums import (
    CHECKSUMS,
    PAIR_CHECKSUMS,
    Checksums,
    read_file_checksums,
    read_pair_checksums,
)
from srviewer.export.containers.base import Container, StoredError
from srviewer.export.data_set import unfinished
from srviewer.export.manifest import EXPORT, MANIFEST, RECIPE, one_line, read_image_text
from srviewer.export.naming import text_path
from srviewer.export.options import Options, read_export_toml, require_package
from srviewer.export.own_files import container_files, own_files, pair_files
from srviewer.export.run_file import RUN_FILE
from srviewer.export.target import Target
from srviewer.export.verification.checking import (
    PairToCheck,
    Share,
    check_file,
    check_share,
    reader_of,
)
from srviewer.export.verification.findings import Check, Checked, Finding, Kind, finding_of
from srviewer.export.verification.manifest_rows import Span, stream_rows
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.pipeline.resizing import require_available
from srviewer.runs.inputs import Input, collect, possible_inputs
from srviewer.runs.state import Clock, RunState
from srviewer.runs.work import Work
from srviewer.runs.workers import lent_workers, own_workers

# What is in the folder while an export lasts, and after one that was stopped.
_ROWS, _FILES = 1000, 500  # that a task takes


@dataclass(frozen=True, kw_only=True)
class VerifyState(RunState):
    """How far a verification is, and what it has found; `done` counts pairs.

    Attributes
    ----------
    out : Path
    format : str
        Empty where the data set does not say.
    pairs : int
        Rows in the manifest, of `images`.
    checksums : bool
        Whether the data set has them.
    wrong : Counter of Kind
        Findings by kind.
    checked : Counter of Check
        On how many pairs each check was made.
    not_found : tuple of str
        Images of the data set that were not among those given.
    """

    out: Path
    format: str = ""
    pairs: int = 0
    checksums: bool = False
    wrong: Counter[Kind] = field(default_factory=Counter)
    checked: Counter[Check] = field(default_factory=Counter)
    not_found: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return self.pairs

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.done / self.seconds if self.seconds else 0.0


def verify(
    out: Path,
    *,
    images: Sequence[Path] = (),
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    on_state: Callable[[VerifyState], None] | None = None,
    on_finding: Callable[[Finding], None] | None = None,
) -> VerifyState:
    """Check the data set `out`: that all is there, readable, of the right size, and as written.

    Parameters
    ----------
    out : Path
    images : sequence of Path
        The images and folders that were exported, to compare every row and pair with what the
        export makes of its image; an image that is not there is done without.
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
        Where `out` is no data set, or a package is missing.
    RecipeError
        Where the recipe's resizer is not installed.
    Cancelled
    """
    if scheduler is not None:  # whose workers may be at home in another folder
        out, images = out.absolute(), [path.absolute() for path in images]
    require_data_set(out)
    run = _Verification(out, progress or Progress(), on_state, on_finding)
    target = run.target()
    if target is not None:
        run.check(target, images, jobs, scheduler)
    return run.state


class _Shares(Sequence[Share]):
    """The shares of a verification; rows are read as their share is handed over.

    Parameters
    ----------
    out : Path
    first : list of Share
        Those without rows.
    groups : list of list of Span
        The rows of each of the others.
    checksums : Checksums
    sources : mapping of str to Input
        The file of each image that is there.
    """

    def __init__(
        self,
        out: Path,
        first: list[Share],
        groups: list[list[Span]],
        checksums: Checksums,
        sources: dict[str, Input],
    ) -> None:
        self._out, self._first, self._groups = out, first, groups
        self._checksums, self._sources = checksums, sources

    def __len__(self) -> int:
        return len(self._first) + len(self._groups)

    def __getitem__(self, number: Any) -> Any:
        if number < len(self._first):
            return self._first[number]
        spans = self._groups[number - len(self._first)]
        rows = [row for span in spans for row in span.read(self._out)]
        pairs = [PairToCheck(row, (self._checksums[row.hr], self._checksums[row.lr]))
                 for row in rows]  # fmt: skip
        return Share(self._out / rows[0].hr, pairs, source=self._sources.get(rows[0].image))


class _Verification:
    """A verification under way."""

    def __init__(
        self,
        out: Path,
        progress: Progress,
        on_state: Callable[[VerifyState], None] | None,
        on_finding: Callable[[Finding], None] | None,
    ) -> None:
        self._out, self._progress = out, progress
        self._say = on_state or (lambda state: None)
        self._tell = on_finding or (lambda finding: None)
        self._clock = Clock(progress.pause)
        self._container: Container | None = None
        self._checksums = Checksums()
        self._told: set[int] = set()  # hashes of findings
        self._damaged: set[str] = set()  # files that something was told about
        self._unfinished = unfinished_in(out)
        self.state = VerifyState(out=out)
        if self._unfinished:
            self._find(self._unfinished)

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, seconds=self._clock.seconds, **changes)

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
        self._set(wrong=self.state.wrong + Counter([finding.kind]))
        self._tell(finding)

    def target(self) -> Target | None:
        """Return how the data set was written, None where it does not say or has no manifest."""
        name = RECIPE
        try:
            recipe = load_recipe(self._out / RECIPE)
            name = EXPORT
            kind, options = read_options(self._out)
            target = Target(self._out, recipe, kind, options)
            self._container = target.container  # raises where they exclude each other
        except SrviewerError as error:
            self._find(Finding(Kind.SETTINGS, name, error.sentence))
            return None
        require_package(kind)
        require_available(recipe.resizer)
        self._set(format=kind)
        if (self._out / MANIFEST).is_file():
            return target
        if not self._unfinished:
            self._find(Finding(Kind.MISSING, MANIFEST, "no such file"))
        return None

    def check(
        self, target: Target, images: Sequence[Path], jobs: int | None, scheduler: str | None
    ) -> None:
        """Check everything."""
        if not self._unfinished:
            self._read_checksums()
        named: Counter[str] = Counter()  # values in each file of a container
        groups = self._read_manifest(target.recipe, named, by_image=bool(images))
        sources = self._sources(images)
        files = list(self._checksums.files())
        changed = self._work(
            [
                Share(self._out / files[start][0], files=files[start : start + _FILES])
                for start in range(0, len(files), _FILES)
            ],
            target, jobs, scheduler,
        )  # fmt: skip
        others: list[Share] = []  # images without pairs
        if images:
            with_pairs = {group[0].image for group in groups}
            self._set(not_found=tuple(sorted(with_pairs - sources.keys())))
            others = [Share(one.path, source=one) for name, one in sources.items()
                      if name not in with_pairs]  # fmt: skip
        if any(finding.name.endswith(".mdb") for finding in changed):
            groups.clear()  # LMDB maps the file: what is damaged may end the process that reads it
        shares = _Shares(self._out, others, groups, self._checksums, sources)
        self._work(shares, target, jobs, scheduler)
        if not self._unfinished:
            self._check_extras(target, named, {finding.name for finding in changed})
        for finding in changed:
            if finding.name not in self._damaged:
                self._find(finding)
        self._set()

    def _read_checksums(self) -> None:
        """Take in the checksums; those of pairs only where their own file is as it was written."""
        if not (self._out / CHECKSUMS).is_file():
            return
        try:
            self._checksums.add(read_file_checksums(self._out), pairs=False)
            self._set(checksums=True)
        except ExportError as error:
            self._checksums = Checksums()
            self._find(Finding(Kind.CHECKSUM, CHECKSUMS, error.cause))
            return
        digest = self._checksums[PAIR_CHECKSUMS]
        if digest is not None:
            found = check_file(self._out, PAIR_CHECKSUMS, digest)
            if found:
                self._find(found)
            else:
                self._checksums.add(read_pair_checksums(self._out), pairs=True)

    def _read_manifest(
        self, recipe: Recipe, named: Counter[str], *, by_image: bool
    ) -> list[list[Span]]:
        """Return where the rows lie that each task takes; count values in `named` by their file."""
        groups: dict[str | int, list[Span]] = {}
        images: set[str] = set()
        pairs = 0
        for row, start, end in stream_rows(self._out, recipe, self._find):
            if pairs % _ROWS == 0:
                self._progress.check()
            spans = groups.setdefault(row.image if by_image else pairs // _ROWS, [])
            if spans and spans[-1].end == start:
                spans[-1] = replace(spans[-1], end=end)
            else:
                spans.append(Span(row.image, start, end))
            for name in (row.hr, row.lr):
                if self._container is None:
                    self._checksums.add_pair(name)
                else:
                    named[self._container.file(name)] += 1
            images.add(row.image)
            pairs += 1
        self._set(images=len(images), pairs=pairs)
        return list(groups.values())

    def _sources(self, images: Sequence[Path]) -> dict[str, Input]:
        """Return those of `images` that the data set was made of, by their names in it."""
        found = {}
        for image in collect(images, self._out)[0] if images else ():
            for known in possible_inputs(image.name):
                told = read_image_text(text_path(self._out, known.stem))
                if image.path.is_file() and told and told.image == one_line(image.name):
                    found[image.name] = replace(known, path=image.path)
        return found

    def _work(
        self, shares: Sequence[Share], target: Target, jobs: int | None, scheduler: str | None
    ) -> list[Finding]:
        """Check `shares`, and return which files as a whole are not what was written."""
        changed: list[Finding] = []
        task = functools.partial(check_share, target=target)
        workers = lent_workers(None, scheduler) or own_workers(jobs, len(shares), self._progress)
        work = Work(shares, task, workers, self._progress, on_look=self._clock.look)
        for share, outcome in work:
            if isinstance(outcome, Checked):
                for finding in outcome.findings:
                    if share.files and finding.kind == Kind.CHECKSUM:
                        changed.append(finding)
                    else:
                        self._find(finding)
                self._set(done=self.state.done + outcome.pairs,
                          checked=self.state.checked + outcome.counts)  # fmt: skip
                self._say(self.state)
            else:
                self._progress.check()
                name = share.path.relative_to(self._out).as_posix()
                self._find(Finding(Kind.UNREADABLE, name, str(outcome)))
        self._progress.check()
        return changed

    def _check_extras(self, target: Target, named: Counter[str], changed: set[str]) -> None:
        """Tell of what is there, looks like the data set's own, and is not known to it."""
        known = self._checksums
        if self.state.checksums:
            for name in own_files(self._out, target.format, self._container):
                if name not in known:
                    self._find(Finding(Kind.EXTRA, name, f"{CHECKSUMS} does not name it"))
        elif self._container is None:
            for name in pair_files(self._out, target.format):
                if name not in known:
                    self._find(Finding(Kind.EXTRA, name, "the manifest has no such pair"))
        if self._container is None:
            return
        with reader_of(target) as reader:
            for file in container_files(self._out, self._container):
                if self.state.checksums and file not in changed:
                    continue  # as it was written
                try:
                    more = reader.entries(file) - named[file]
                    if more > 0:
                        words = f"{more:,} more in it than the manifest names"
                        self._find(Finding(Kind.EXTRA, file, words))
                except StoredError as error:
                    self._find(finding_of(error, file))


def require_data_set(out: Path) -> None:
    """Raise `ExportError` where `out` is not the folder of a data set."""
    names = (RECIPE, EXPORT, MANIFEST)
    if not out.is_dir():
        raise ExportError("no such folder", path=out)
    if not any((out / name).exists() for name in (*names, RUN_FILE)):
        raise ExportError(f"not a data set of srviewer, which has {', '.join(names)}", path=out)


def unfinished_in(out: Path) -> Finding | None:
    """Return what says that the export into `out` was not finished, None where nothing does."""
    name = unfinished(out)
    if name is None:
        return None
    return Finding(
        Kind.INCOMPLETE,
        name,
        "the export is not finished: either it is under way, or it was stopped, and the "
        "same srviewer export command does what is missing",
    )


def read_options(out: Path) -> tuple[str, Options]:
    """Return the format and the choice of pairs of the data set `out`.

    Raises
    ------
    ExportError
        Naming the file.
    """
    path = out / EXPORT
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ExportError(cause or str(error), path=path) from error
    values: dict[str, Any] = read_export_toml(text, path)
    try:
        return values.pop("format"), Options(**values)
    except (TypeError, ExportError) as error:
        raise ExportError(f"{error}", path=path) from error
