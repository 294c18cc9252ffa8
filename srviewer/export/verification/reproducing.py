"""A data set made again from its recipe, its choice of pairs and its images, and compared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from srviewer.errors import Cancelled, ExportError, SrviewerError
from srviewer.export.checksums import CHECKSUMS, PAIR_CHECKSUMS
from srviewer.export.formats import container_of
from srviewer.export.manifest import EXPORT, MANIFEST, META, RECIPE, one_line
from srviewer.export.meta_info import list_files
from srviewer.export.runner import ExportState, export
from srviewer.export.verification.image_text import read_image_text
from srviewer.export.verification.pair_checks import Plan
from srviewer.export.verification.reading_back import (
    Hdf5,
    Lmdb,
    MissingError,
    Shards,
    UnreadableError,
    Wanted,
    stored,
)
from srviewer.export.verification.stored_checks import own_files
from srviewer.export.verification.verifying import read_options, require_data_set, unfinished_in
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.runs.inputs import Rooted, collect, images_in
from srviewer.runs.marks import fingerprint
from srviewer.runs.state import Failure

_BLOCK = 1 << 20  # bytes
_LOOK_EVERY = 100  # files between two looks at the cancel token


@dataclass(frozen=True)
class Difference:
    """A file of which the data set and what was made again differ.

    Attributes
    ----------
    name : str
    what : str
    only_bytes : bool
        Whether all values in it are the same, so that another version of a library wrote it.
    """

    name: str
    what: str
    only_bytes: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


@dataclass(frozen=True)
class Reproduced:
    """What came of making a data set again.

    Attributes
    ----------
    out : Path
        The data set.
    kept : Path, optional
        Where what was made again has been left.
    images, pairs, files, bytes : int
        Made again and compared.
    differences : tuple of Difference
    causes : tuple of str
        Images that are missing or have changed.
    failures : tuple of Failure
        Images that could not be exported again.
    seconds : float
        That the export took.
    """

    out: Path
    kept: Path | None
    images: int
    pairs: int
    files: int
    bytes: int
    differences: tuple[Difference, ...]
    causes: tuple[str, ...]
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def same(self) -> bool:
        """Whether every byte is the same."""
        return not self.differences


def reproduce(
    out: Path,
    images: Sequence[Path],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    keep: Path | None = None,
    progress: Progress | None = None,
    on_cause: Callable[[str], None] | None = None,
    on_state: Callable[[ExportState], None] | None = None,
) -> Reproduced:
    """Export again what the data set `out` was made of, and compare every file.

    Parameters
    ----------
    out : Path
    images : sequence of Path
        The images and folders that were exported; those that `out` does not know are left out.
    jobs, scheduler
        As `export` takes them.
    keep : Path, optional
        A new or empty folder that what is made stays in; without it, a folder beside `out` that
        is removed at the end.
    progress : Progress, optional
    on_cause : callable, optional
        Given each image that is missing or has changed, before anything is made.
    on_state : callable, optional
        As `export` takes it.

    Raises
    ------
    ExportError
        Where `out` is no data set or not finished, no image of it is there, or what is made
        cannot be written.
    Cancelled
    """
    progress = progress or Progress()
    say = on_cause or (lambda cause: None)
    require_data_set(out)
    unfinished = unfinished_in(out)
    if unfinished:
        raise ExportError(f"{out / unfinished.name}: {unfinished.what}")
    recipe = load_recipe(out / RECIPE)
    kind, options = read_options(out)
    given, causes = _images(out, images, progress)
    for cause in causes:
        say(cause)
    if not given:
        raise ExportError(f"{out}: none of its images is among those given")
    with _place(out, keep) as made:
        state = export(given, made, recipe, format=kind, options=options, jobs=jobs,
                       scheduler=scheduler, progress=progress, on_state=on_state)  # fmt: skip
        if state.cancelled:
            raise Cancelled("stopped as asked")
        compared = _compare_all(out, made, Plan(out, recipe, kind, options), progress)
    return Reproduced(
        out=out,
        kept=keep,
        images=state.images,
        pairs=state.pairs if state.in_set is None else state.in_set,
        files=compared.files,
        bytes=compared.bytes,
        differences=tuple(compared.differences),
        causes=tuple(causes),
        failures=tuple(state.failures),
        seconds=state.seconds,
    )


@dataclass
class _Compared:
    files: int = 0
    bytes: int = 0
    differences: list[Difference] = field(default_factory=list)


def _compare_all(out: Path, made: Path, plan: Plan, progress: Progress) -> _Compared:
    """Compare file by file; the names of all are never in memory at once."""
    found = _Compared()
    for name in _files(made, plan):
        if found.files % _LOOK_EVERY == 0:
            progress.check()
            progress.report("compare", found.files, found.files)
        found.files += 1
        found.bytes += (made / name).stat().st_size
        found.differences += _compare(out, made, name, plan)
    for number, name in enumerate(_files(out, plan)):
        if number % _LOOK_EVERY == 0:
            progress.check()
        if not (made / name).is_file():
            found.differences.append(Difference(name, "there, but not made again"))
    return found


def _images(
    out: Path, images: Sequence[Path], progress: Progress
) -> tuple[list[Path | Rooted], list[str]]:
    """Return those of `images` that `out` was made of, and what is missing or has changed."""
    texts = [read_image_text(path, out) for path in sorted((out / META).rglob("*.txt"))]
    wanted = {text.image: text.fingerprint for text in texts if text}
    places: dict[Path, Path | Rooted] = {}
    for folder in images:
        if folder.is_dir():
            places |= {path: Rooted(path, folder) for path in images_in(folder, leave_out=out)}
        else:
            places[folder] = folder
    found = {one_line(image.name): image.path for image in collect(list(places.values()), out)[0]}
    causes = []
    for image, mark in wanted.items():
        progress.check()
        if image not in found:
            causes.append(f"{image}: not among the images that were given")
            continue
        with suppress(SrviewerError):  # the export will say why it cannot be read
            if fingerprint(found[image]) != mark:
                causes.append(f"{found[image]}: has changed since {out} was made of it")
    return [places[path] for name, path in found.items() if name in wanted], causes


@contextmanager
def _place(out: Path, keep: Path | None) -> Iterator[Path]:
    """Give the folder to make the data set in, and remove it unless it is to be kept."""
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise ExportError(f"{keep}: not an empty folder; choose another to keep it in")
        yield keep
        return
    beside = out.resolve()
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{beside.name}-again-", dir=beside.parent))
    except OSError as error:
        raise ExportError(
            f"{beside.parent}: no folder can be made here: {error.strerror}; choose one with --keep"
        ) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _files(out: Path, plan: Plan) -> Iterator[str]:
    """Yield the files below `out` that an export of this kind writes."""
    for name in (RECIPE, EXPORT, MANIFEST, CHECKSUMS, PAIR_CHECKSUMS):
        if (out / name).is_file():
            yield name
    for path in (out / META).rglob("*.txt"):
        if read_image_text(path, out):
            yield path.relative_to(out).as_posix()
    container = container_of(plan.format, plan.options, plan.recipe)
    if container is not None:
        yield from (name for name in own_files(out, container) if not name.endswith("lock.mdb"))
        return
    for path in list_files(out):
        yield path.relative_to(out).as_posix()
    with stored(out, plan.format) as store:
        yield from store.names()


def _compare(out: Path, made: Path, name: str, plan: Plan) -> list[Difference]:
    one, other = out / name, made / name
    if not one.is_file():
        return [Difference(name, "made again, but not there")]
    place = _first_difference(one, other)
    if place is None:
        return []
    values = _values_differ(out, made, name, plan)
    if values is None:
        sizes = f"{one.stat().st_size:,} bytes there, {other.stat().st_size:,} made again"
        return [Difference(name, f"other from byte {place:,} on; {sizes}")]
    if values:
        return [Difference(f"{name}", words) for words in values]
    words = (
        f"other from byte {place:,} on, with the same values: "
        "another version of a library, or another machine, wrote them"
    )
    return [Difference(name, words, only_bytes=True)]


def _first_difference(one: Path, other: Path) -> int | None:
    """Return the first byte of which two files differ, None where they do not."""
    place = 0
    try:
        with open(one, "rb") as first, open(other, "rb") as second:
            while True:
                mine, yours = first.read(_BLOCK), second.read(_BLOCK)
                if mine != yours:
                    others = (
                        i for i, (a, b) in enumerate(zip(mine, yours, strict=False)) if a != b
                    )
                    return place + next(others, min(len(mine), len(yours)))
                if not mine:
                    return None
                place += len(mine)
    except OSError as error:
        raise ExportError(f"{error.filename}: {error.strerror}") from error


def _values_differ(out: Path, made: Path, name: str, plan: Plan) -> list[str] | None:
    """Return how the values in a file of pairs differ, None for a file of another kind."""
    if Path(name).suffix == ".toml" or name.endswith((".csv", ".txt", ".sha256")):
        return None
    with stored(out, plan.format) as one, stored(made, plan.format) as other:
        try:
            if isinstance(one, Lmdb) and isinstance(other, Lmdb):
                name = name.removesuffix("/data.mdb")
                both = {*one.keys(name), *other.keys(name)}
                places = [f"{name}/{key}" for key in sorted(both)]
            elif isinstance(one, Shards) and isinstance(other, Shards):
                both = {*one.members(name), *other.members(name)}
                places = [f"{name}/{member}" for member in sorted(both)]
            elif isinstance(one, Hdf5) and isinstance(other, Hdf5):
                places = sorted({*one.places(name), *other.places(name)})
            else:
                places = [name]
        except (MissingError, UnreadableError) as error:
            return [f"cannot be read: {error}"]
        found = []
        for place in places:
            values = []
            for side in (one, other):
                try:
                    values.append(_value(side.read(place), place, plan))
                except (MissingError, UnreadableError) as error:
                    values.append(str(error))
            if values[0] != values[1]:
                found.append(_words(place.removeprefix(name).strip("/"), *values))
        return found


def _value(data: bytes, place: str, plan: Plan) -> bytes | str:
    """Return what counts of a value: pixels, not how they were compressed."""
    if plan.format in ("hdf5", "srcnn-hdf5") or place.endswith(".json"):
        return data
    native = place.endswith(".lr.png") or "lr.lmdb/" in place or place.startswith("lr/")
    pixels = plan.layout.decode(data, "lr" if native else "hr")
    return f"{pixels}" if isinstance(pixels, Wanted) else pixels.tobytes()


def _words(place: str, mine: bytes | str, yours: bytes | str) -> str:
    what = f"{place}: " if place else ""
    if isinstance(mine, str):
        return f"{what}{mine}"
    if isinstance(yours, str):
        return f"{what}made again: {yours}"
    return f"{what}other values"
