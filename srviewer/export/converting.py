"""A data set written in another form, of its own pairs: no image is looked at again."""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from srviewer.errors import ExportError, MisplacedError, OptionError
from srviewer.export.adopting import candidates
from srviewer.export.checksums import Checksums, read_checksums
from srviewer.export.containers.base import Reader, StoredError
from srviewer.export.data_set import DataSet
from srviewer.export.export_run import ExportRun, ExportState
from srviewer.export.image import Written, remove_leftovers, write_errors, write_pairs
from srviewer.export.manifest import EXPORT, GivenRow, Row
from srviewer.export.manifest_rows import Span
from srviewer.export.options import OPTIONS, Options, read_record, require_package, resolve
from srviewer.export.pairs import EncodedPair
from srviewer.export.run_rows import UNKNOWN, Pair
from srviewer.export.settings_there import how_there
from srviewer.export.settling import settled, unusual
from srviewer.export.target import Target
from srviewer.export.verification.beginning import target_of_a_whole
from srviewer.pipeline.knobs import Value
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.inputs import Input
from srviewer.runs.marks import FileMark
from srviewer.runs.searching import real
from srviewer.runs.tasks import LazyItems
from srviewer.runs.workers import lent_workers, own_workers
from srviewer.wording import counted

_CHOICES = tuple(
    name for name, knob in OPTIONS.items() if knob.group == "Choice" and name != "card"
)


@dataclass(frozen=True)
class Stored:
    """An image of a data set with the rows of its pairs.

    Attributes
    ----------
    image : Input
    content : str
        What tells what it held.
    text : str
        Its text file.
    kept : int
        Its pairs before any were chosen among those of all images.
    rows : tuple of Row
    digests : tuple of (str or None, str or None)
        The checksums of HR and LR of each row.
    """

    image: Input
    content: str
    text: str
    kept: int
    rows: tuple[Row, ...]
    digests: tuple[tuple[str | None, str | None], ...]

    @property
    def path(self) -> Path:
        """What it is called."""
        return self.image.path


def convert(
    source: Path | str,
    out: Path | str,
    *,
    format: str | None = None,
    named: Mapping[str, Value] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    overwrite: bool = False,
    progress: Progress = UNHEARD,
    on_state: Callable[[ExportState], None] | None = None,
) -> ExportState:
    """Write the pairs of the data set `source` into the data set `out`, in another form.

    What comes of it is what an export of the images in that form gives, byte for byte, and it goes
    on like one where it was stopped.

    Parameters
    ----------
    source : Path
    out : Path
    format : str, optional
        As `srviewer.export.runner.export` takes it.
    named : mapping of str to str, int or float, optional
        Options by name. Which pairs are chosen and which are for validation is as in `source`
        where it is not named.
    jobs, scheduler, overwrite, progress, on_state
        As `export` takes them.

    Raises
    ------
    ExportError
        Where `source` is no whole data set, does not hold what another form needs, or `out` cannot
        be used.
    OptionError
        For options that exclude each other.
    MisplacedError
        Where `out` is `source`, or one lies in the other.
    """
    source, out = Path(source), Path(out)
    if scheduler is not None:
        source = source.absolute()
    with write_errors(source):
        there = target_of_a_whole(source)
    places = real(source), real(out)
    if places[0] in (places[1], *places[1].parents) or places[1] in places[0].parents:
        cause = f"is, holds or lies in {source}, which is converted; choose a folder beside it"
        raise MisplacedError(cause, path=out)
    options = Options(**_chosen(there.options) | dict(named or {}))
    how = settled(format, options, there.recipe, how_there(out), of_images=False)
    _require_same_images(there.options, how.options)
    require_package(how.format)
    where = out.absolute() if scheduler is not None else out
    target = replace(there, out=where, format=how.format, options=how.options,
                     shared=scheduler is not None)  # fmt: skip
    _require_pixels(there, target)
    run = ExportRun(out, progress, on_state)
    run.note_first(out, unusual(how.options, there.recipe, out))
    found = _Found(there, run.progress)
    lent = lent_workers(None, scheduler)
    with (
        contextlib.closing(lent) if lent else contextlib.nullcontext(),
        write_errors(out),
        DataSet(target, overwrite) as data_set,
    ):
        run.take(found.images, data_set)
        unsure, _ = data_set.unsure(found.images)
        for image in unsure:
            data_set.compare(image, FileMark(UNKNOWN, UNKNOWN, found.content(image)))
        missing = data_set.missing(found.images)
        run.pass_over(found.images, missing)
        task = functools.partial(_convert, there=there, target=target, versions=found.versions)
        workers = lent or own_workers(jobs, len(missing), run.progress)
        with contextlib.closing(workers):
            items = LazyItems(len(missing), lambda number: found.stored(missing[number]))
            work = run.work(items, task, workers,
                            on_death=lambda one: remove_leftovers([one.image], target))  # fmt: skip
            for stored, outcome in work:
                run.add(stored.image, outcome, data_set)
        if run.is_done:
            run.complete(data_set)
            run.tell_each((out, note) for note in data_set.end_notes)
    return run.end()


def _chosen(options: Options) -> dict[str, Any]:
    """Return those of `options` that say which pairs there are."""
    return {name: value for name, value in asdict(options).items() if name in _CHOICES}


def _require_same_images(there: Options, here: Options) -> None:
    """Raise where other images would be whole than those that are."""
    keys = ["whole"] if there.whole == "none" else ["whole", "validation_share", "seed"]
    for key in keys:
        value, allowed = getattr(here, key), getattr(there, key)
        if value != allowed:
            cause = "the pairs stay as they are, of windows or of whole images"
            raise OptionError(cause, key=key, value=value, allowed=f"{allowed}")


def _require_pixels(there: Target, target: Target) -> None:
    """Raise where the data set holds less of each pair than another form does."""
    mine, theirs = (resolve(one.format, one.options, one.recipe) for one in (target, there))
    less = theirs.channels == "y" or bool(theirs.label_border)
    keys = ("channels", "label_border")
    same = there.format == target.format and all(
        getattr(mine, key) == getattr(theirs, key) for key in keys
    )
    if less and not same:
        what = "the brightness" if theirs.channels == "y" else "labels without their borders"
        cause = f"holds {what} alone, of which nothing else can be made; export the images anew"
        raise OptionError(cause, path=there.out)


class _Found:
    """The images of a data set; their rows are read when they are wanted."""

    def __init__(self, there: Target, progress: Progress) -> None:
        self._there = there
        self._known: dict[str, tuple[str, str, int]] = {}
        self._spans: dict[str, Span] = {}
        self.images: list[Input] = []
        self.versions = read_record(there.out / EXPORT).made_with
        self._sums = Checksums()
        self._sums.add(read_checksums(there.out), pairs=True)
        most = there.options.max_per_image
        for image, told, rows in progress.each(candidates(there)):
            if told is None:
                cause = "has no text file, so that its pairs are not known to be whole"
                raise ExportError(f"{image.name} {cause}", path=there.out)
            kept = min(told.pairs, most or told.pairs)
            if kept != len(rows) and there.options.max_pairs is None:
                cause = f"{image.name} has {len(rows):,} of {counted(kept, 'pair')}"
                raise ExportError(cause, path=there.out)
            one = replace(image, path=there.out / image.name, lr=None)
            self._known[image.name] = told.sha256, told.text, kept
            self.images.append(one)
            if rows:
                (_, start, _), (_, _, end) = rows[0], rows[-1]
                self._spans[image.name] = Span(image.name, start, end, there.given)
        self.images.sort(key=lambda image: image.name)

    def content(self, image: Input) -> str:
        """Return what tells what `image` held."""
        return self._known[image.name][0]

    def stored(self, image: Input) -> Stored:
        """Return `image` with its rows."""
        span = self._spans.get(image.name)
        rows = tuple(span.read(self._there.out)) if span else ()
        digests = tuple((self._sums[row.hr], self._sums[row.lr]) for row in rows)
        return Stored(image, *self._known[image.name], rows, digests)


def _convert(
    stored: Stored, progress: Progress, *, there: Target, target: Target, versions: dict[str, str]
) -> Written:
    """Write the pairs of an image; nothing of it stays if that fails."""
    with Reader(there.out, there.container) as reader:
        made = progress.each(_encoded(stored, reader, there, target))
        pairs = tuple(write_pairs(made, stored.image, target, some=bool(stored.rows)))
    mark = FileMark(UNKNOWN, UNKNOWN, stored.content)
    return Written(stored.image, mark, pairs, stored.text, (), kept=stored.kept, versions=versions)


def _encoded(
    stored: Stored, reader: Reader, there: Target, target: Target
) -> Iterator[EncodedPair]:
    as_is = there.format == target.format and there.options.channels == "y"  # luma alone
    for row, digests in zip(stored.rows, stored.digests, strict=True):
        data = []
        for side, place, digest in zip(("hr", "lr"), row[1:3], digests, strict=True):
            value = reader.value(place)
            if digest is not None and hashlib.sha256(value).hexdigest() != digest:
                raise StoredError("other bytes than the export wrote", path=place)
            pixels = there.decode(value, side, row)
            data.append(value if as_is else target.encode(pixels[..., ::-1], side))
        x, y = int(row.x), int(row.y)
        names = target.places_at_first(stored.image.stem, x, y)
        sums = (hashlib.sha256(one).digest() for one in data)
        counts = int(row.keypoints), int(row.matches)
        figures = row.psnr, row.ssim, " ".join(row.lying) if isinstance(row, GivenRow) else ""
        yield EncodedPair(Pair(y, x, *names, *counts, *figures, *sums), *data)
