"""An exported data set, read back and checked against its manifest, recipe and choice of pairs."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srviewer.errors import ExportError, SrviewerError
from srviewer.export.data_set import unfinished
from srviewer.export.formats import container_of
from srviewer.export.manifest import EXPORT, MANIFEST, META, RECIPE, one_line
from srviewer.export.options import Options, read_export_toml, require_package
from srviewer.export.run_file import RUN_FILE
from srviewer.export.selecting import validation_images
from srviewer.export.verification import findings
from srviewer.export.verification.findings import Checked, Finding
from srviewer.export.verification.image_text import read_image_text
from srviewer.export.verification.manifest_index import Index, firsts, read_index, shares
from srviewer.export.verification.pair_checks import Piece, Plan, Share, check_share
from srviewer.export.verification.stored_checks import check_container, check_extras, check_lists
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.pipeline.resizing import require_available
from srviewer.runs.inputs import collect
from srviewer.runs.work import work_through
from srviewer.runs.workers import lent_workers, own_workers

_ROWS = 1000  # that a task takes


@dataclass(frozen=True)
class VerifyState:
    """How far a verification is, and what it has found.

    Attributes
    ----------
    out : Path
    format : str
        Empty where the data set does not say.
    images, pairs : int
        Rows' images and rows in the manifest.
    done : int
        Pairs that were dealt with.
    wrong : Counter of str
        Findings by kind.
    checked : Counter of str
        How many pairs each check was made on.
    not_found : tuple of str
        Images of the data set that were not among those given.
    seconds : float
    """

    out: Path
    format: str = ""
    images: int = 0
    pairs: int = 0
    done: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    not_found: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What remains at the rate so far, None before any pair is done."""
        return (self.pairs - self.done) / self.rate if self.rate else None


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
    """Check the data set `out`.

    Parameters
    ----------
    out : Path
    images : sequence of Path
        The images and folders that were exported, to compare every pair with what the pipeline
        makes of its image; an image that is not there is done without.
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
    progress = progress or Progress()
    run = _Verification(out, images, jobs, scheduler, progress, on_state, on_finding)
    return run.run()


class _Verification:
    def __init__(
        self,
        out: Path,
        images: Sequence[Path],
        jobs: int | None,
        scheduler: str | None,
        progress: Progress,
        on_state: Callable[[VerifyState], None] | None,
        on_finding: Callable[[Finding], None] | None,
    ) -> None:
        self._out, self._images = out, images
        self._jobs, self._scheduler = jobs, scheduler
        self._progress = progress
        self._say = on_state or (lambda state: None)
        self._tell = on_finding or (lambda finding: None)
        self._state = VerifyState(out)
        self._begun = time.monotonic()

    def run(self) -> VerifyState:
        require_data_set(self._out)
        unfinished = unfinished_in(self._out)
        if unfinished:
            self._find(unfinished)
        plan = self._plan()
        if plan and (self._out / MANIFEST).is_file():
            require_package(plan.format)
            require_available(plan.recipe.resizer)
            self._state = replace(self._state, format=plan.format)
            self._check(plan, whole=unfinished is None)
        elif plan and not unfinished:
            self._find(Finding(findings.MISSING, MANIFEST, "no such file"))
        self._state = replace(self._state, seconds=time.monotonic() - self._begun)
        return self._state

    def _find(self, finding: Finding) -> None:
        self._state = replace(self._state, wrong=self._state.wrong + Counter([finding.kind]))
        self._tell(finding)

    def _plan(self) -> Plan | None:
        try:
            recipe = load_recipe(self._out / RECIPE)
            kind, options = read_options(self._out)
            container_of(kind, options, recipe)  # raises where they exclude each other
        except SrviewerError as error:
            name = str(error).partition(":")[0].removeprefix(f"{self._out}/")
            words = str(error).removeprefix(f"{self._out / name}: ")
            self._find(Finding(findings.SETTINGS, name, words))
            return None
        return Plan(self._out, recipe, kind, options)

    def _check(self, plan: Plan, *, whole: bool) -> None:
        index = read_index(self._out, self._find, self._progress.check)
        self._state = replace(self._state, images=len(index.images), pairs=index.total)
        share, seed = plan.options.validation_share, plan.options.seed
        validation = validation_images(index.images, share, seed)
        self._check_pairs(plan, index, validation)
        if whole:
            self._check_texts(plan, index)
        self._progress.check()
        container = container_of(plan.format, plan.options, plan.recipe)
        if container is None:
            if whole:
                check_lists(plan, index, validation, self._find)
        else:
            counts = dict.fromkeys(("train/", "validation/") if validation else ("",), 0)
            for image, figures in index.images.items():
                counts[_folder(image, validation)] += figures.count
            check_container(plan, container, counts, self._find)
        self._progress.check()
        if whole or container is not None:
            doubtful = (findings.MISSING, findings.MANIFEST)
            certain = not any(self._state.wrong[kind] for kind in doubtful)
            check_extras(plan, index, certain, self._find)

    def _check_pairs(self, plan: Plan, index: Index, validation: frozenset[str]) -> None:
        tasks = self._shares(plan, index, validation)
        lent = lent_workers(None, self._scheduler)
        workers = lent or own_workers(self._jobs, len(tasks), self._progress)
        task = functools.partial(check_share, plan=plan)
        for share, outcome in work_through(tasks, task, workers, self._progress):
            if isinstance(outcome, Checked):
                for finding in outcome.findings:
                    self._find(finding)
                self._state = replace(
                    self._state,
                    done=self._state.done + outcome.pairs,
                    checked=self._state.checked + outcome.counts,
                    seconds=time.monotonic() - self._begun,
                )
                self._say(self._state)
            else:
                self._progress.check()
                image = share.pieces[0].rows.image
                self._find(Finding(findings.UNREADABLE, image, str(outcome)))
        self._progress.check()

    def _shares(self, plan: Plan, index: Index, validation: frozenset[str]) -> list[Share]:
        sources: dict[str, Path] = {}
        if self._images:
            sources = {image.name: image.path for image in collect(self._images, self._out)[0]}
            sources = {name: path for name, path in sources.items() if path.is_file()}
            missing = tuple(image for image in index.images if image not in sources)
            self._state = replace(self._state, not_found=missing)
        first = firsts(index, lambda image: _folder(image, validation))
        return [
            Share(
                self._out,
                tuple(
                    Piece(
                        rows,
                        _folder(rows.image, validation),
                        first[rows.start],
                        None if rows.before else index.images[rows.image],
                        sources.get(rows.image),
                    )
                    for rows in group
                ),
            )
            for group in shares(index, 1 if sources else _ROWS)
        ]

    def _check_texts(self, plan: Plan, index: Index) -> None:
        """Check what the texts of images say that have no pairs, and all of them together."""
        kept, told = 0, True
        images = {one_line(image) for image in index.images}
        for path in sorted((self._out / META).rglob("*.txt")):
            self._progress.check()
            text = read_image_text(path, self._out)
            if text is None:
                continue
            count = text.chosen(plan.options)
            told = told and count is not None
            kept += count or 0
            if count and text.image not in images and not plan.options.max_pairs:
                words = f"kept pairs: the manifest has none of {text.image}, this has {count:,}"
                self._find(Finding(findings.META_TEXT, text.name, words))
        most = plan.options.max_pairs
        if most and told and index.total != min(most, kept):
            expected = f"{min(most, kept):,}, by max_pairs and the texts of the images"
            self._find(
                Finding(findings.MANIFEST, MANIFEST, "pairs in all", expected, f"{index.total:,}")
            )


def _folder(image: str, validation: frozenset[str]) -> str:
    return ("validation/" if image in validation else "train/") if validation else ""


def require_data_set(out: Path) -> None:
    """Raise `ExportError` where `out` is not the folder of a data set."""
    names = (RECIPE, EXPORT, MANIFEST)
    if not out.is_dir():
        raise ExportError(f"{out}: no such folder")
    if not any((out / name).exists() for name in (*names, RUN_FILE)):
        raise ExportError(f"{out}: not a data set of srviewer, which has {', '.join(names)}")


def unfinished_in(out: Path) -> Finding | None:
    """Return what says that the export into `out` was not finished, None where nothing does."""
    name = unfinished(out)
    if name is None:
        return None
    return Finding(
        findings.INCOMPLETE,
        name,
        "the export is not finished: either it is under way, or it was stopped, and the same "
        "srviewer export command does what is missing",
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
        raise ExportError(f"{path}: {cause}") from error
    values: dict[str, Any] = read_export_toml(text, path)
    try:
        return values.pop("format"), Options(**values)
    except (TypeError, ExportError) as error:
        raise ExportError(f"{path}: {error}") from error
