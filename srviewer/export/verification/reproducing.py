"""A data set made again from its recipe, its choice of pairs and its images, and compared."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from srviewer.errors import Cancelled, ExportError, SrviewerError, reason
from srviewer.export.adopting import whole_rows
from srviewer.export.checksums import CHECKSUMS, PAIR_CHECKSUMS, read_file_checksums
from srviewer.export.containers.base import Reader, StoredError
from srviewer.export.containers.webdataset_pairs import figures_member
from srviewer.export.export_run import ExportState
from srviewer.export.image import write_errors
from srviewer.export.manifest import EXPORT, RECIPE, Row, image_texts, one_line
from srviewer.export.options import read_record
from srviewer.export.own_files import own_files
from srviewer.export.runner import export
from srviewer.export.target import Target, settings_of_a_set
from srviewer.export.verification.beginning import require_lr_as_exported, target_of_a_whole
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.resizing import require_available
from srviewer.runs.folders import find, is_file, scratch_folder
from srviewer.runs.inputs import GivenLR, Rooted, as_paths, collect, images_in
from srviewer.runs.marks import mark_files
from srviewer.runs.pairing import pair_images
from srviewer.runs.rooted import rooted

_BLOCK = 1 << 20  # bytes


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


class Cause(NamedTuple):
    """Why a data set may not be the same when it is made again: what it is about, and what."""

    name: str
    what: str

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
    export : ExportState
        The end of the second export.
    files, bytes : int
        Compared.
    differences : tuple of Difference
    causes : tuple of Cause
        Images that are missing or have changed.
    versions : tuple of str
        Libraries that were of another version; that ``export.toml`` tells so is no difference.
    """

    out: Path
    kept: Path | None
    export: ExportState
    files: int
    bytes: int
    differences: tuple[Difference, ...]
    causes: tuple[Cause, ...]
    versions: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        """How many were made again."""
        return self.export.pairs if self.export.in_set is None else self.export.in_set

    @property
    def same(self) -> bool:
        """Whether every byte is the same."""
        return not self.differences


def reproduce(
    out: Path | str,
    images: Sequence[Path | str | Rooted],
    *,
    lr: GivenLR | Path | str | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    keep: Path | None = None,
    progress: Progress = UNHEARD,
    on_cause: Callable[[Cause], object] = lambda cause: None,
    on_state: Callable[[ExportState], None] | None = None,
) -> Reproduced:
    """Export again what the data set `out` was made of, and compare every file.

    Parameters
    ----------
    out : Path or str
    images : sequence of Path, str or Rooted
        The images and folders that were exported; those that `out` does not know are left out.
    lr : GivenLR, Path or str, optional
        Where their LR come from, if they were given.
    jobs, scheduler
        As `export` takes them.
    keep : Path, optional
        A new or empty folder that what is made stays in; without it, a folder beside `out` that
        is removed at the end.
    progress : Progress, optional
    on_cause : callable, optional
        Given each image that is missing or has changed, before anything is made; and the folder
        that could not be removed, in the end.
    on_state : callable, optional
        As `export` takes it.

    Raises
    ------
    ExportError
        Where `out` is no data set or not finished, no image of it is there, or what is made
        cannot be written.
    OptionError
        Where the LR are missing that were given, or are there and were made.
    Cancelled
    """
    lr, out = GivenLR.of(lr), Path(out)
    with write_errors(out):
        target = target_of_a_whole(out)
        with settings_of_a_set(out / RECIPE):
            require_available(target.recipe.resizer)
        require_lr_as_exported(target, lr, images)
        given, causes = _images(out, as_paths(images), lr, progress)
        for cause in causes:
            on_cause(cause)
        if not given:
            raise ExportError("none of its images is among those given", path=out)
        with _folder(out, keep, on_cause) as made:
            state = export(given, made, target.recipe, format=target.format, options=target.options,
                           exclusions=target.exclusions, jobs=jobs, scheduler=scheduler,
                           progress=progress, on_state=on_state)  # fmt: skip
            if state.cancelled:
                raise Cancelled("stopped as asked")
            made_with = (read_record(one / EXPORT).made_with for one in (out, made))
            versions = tuple(_versions(*made_with))
            compared = _Comparison(target, replace(target, out=made), progress, bool(versions))
            compared.run()
        return Reproduced(
            out, keep, state, compared.files, compared.bytes, tuple(compared.differences),
            tuple(causes), versions,
        )  # fmt: skip


def _images(
    out: Path, images: Sequence[Path | Rooted], lr: GivenLR | None, progress: Progress
) -> tuple[list[Path | Rooted], list[Cause]]:
    """Return those of `images` that `out` was made of, and what is missing or has changed."""
    wanted = {told.image: told.sha256 for told in image_texts(out)}
    given: dict[Path, Path | Rooted] = {}
    if lr is not None:
        plain = [rooted(one).path for one in images]
        pairing = pair_images(plain, lr.path, lr.by_order, leave_out=out, progress=progress)
        given |= {pair.path: pair for pair in pairing.pairs}
    for folder in images if lr is None else ():
        if isinstance(folder, Rooted):
            given[folder.path] = folder
        elif os.path.isdir(folder):
            given |= {path: Rooted(path, folder) for path in images_in(folder, out, progress)}
        else:
            given[folder] = folder
    found = {
        one_line(image.name): image for image in collect(list(given.values()), out, progress)[0]
    }
    causes: list[Cause] = []
    for image, mark in progress.each(wanted.items()):
        if image not in found:
            causes.append(Cause(image, "not among the images that were given"))
            continue
        with suppress(SrviewerError):  # the export will say why it cannot be read
            if mark_files(found[image].files, progress).sha256 != mark:
                files = " or ".join(map(str, found[image].files))
                causes.append(Cause(files, f"has changed since {out} was made of it"))
    return [given[one.path] for name, one in found.items() if name in wanted], causes


@contextmanager
def _folder(out: Path, keep: Path | None, on_cause: Callable[[Cause], object]) -> Iterator[Path]:
    """Give the folder to make the data set in, and remove it unless it is to be kept."""
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise ExportError("not an empty folder; choose another to keep it in", path=keep)
        yield keep
        return
    beside = out.resolve()
    with ExitStack() as stack:
        try:
            made = stack.enter_context(
                scratch_folder(
                    beside.parent,
                    f".{beside.name}-again-",
                    lambda error: on_cause(Cause(error.filename, f"not removed: {error.strerror}")),
                )
            )
        except OSError as error:
            words = f"no folder can be made here: {error.strerror}; choose one with --keep"
            raise ExportError(words, path=beside.parent) from error
        yield made


def _versions(there: dict[str, str], here: dict[str, str]) -> Iterator[str]:
    """Yield in words which libraries are of another version."""
    for library in {**there, **here}:
        one, other = (versions.get(library, "of unknown version") for versions in (there, here))
        if one != other:
            yield f"{library} {one} there, {other} here"


@dataclass
class _Comparison:
    """Two data sets, compared file by file; the names of all are never in memory at once."""

    there: Target
    made: Target
    progress: Progress
    versions_differ: bool
    files: int = 0
    bytes: int = 0
    differences: list[Difference] = field(default_factory=list)

    def run(self) -> None:
        for name in self._names(self.made):
            self._count(name)
            self._compare(name)
        for name in self._names(self.there):
            if not is_file(self.made.out, name):
                self.differences.append(Difference(name, "there, but not made again"))
        for name in (PAIR_CHECKSUMS, CHECKSUMS):  # they differ wherever anything does
            if not (is_file(self.made.out, name) and find(self.there.out, name)):
                continue  # made by a version that wrote none
            self._count(name)
            if not self.differences:
                self._compare(name)

    def _count(self, name: str) -> None:
        self.progress.report("compare_files", self.files, self.files)
        self.files += 1
        self.bytes += (self.made.out / name).stat().st_size

    def _names(self, target: Target) -> Iterator[str]:
        for name in self.progress.each(own_files(target)):
            if name != PAIR_CHECKSUMS:
                yield name

    def _compare(self, name: str) -> None:
        one, other = self.there.out / name, self.made.out / name
        try:
            if not is_file(self.there.out, name):
                self.differences.append(Difference(name, "made again, but not there"))
                return
        except OSError as error:
            self.differences.append(Difference(name, reason(error)))
            return
        if self.versions_differ and (name == EXPORT or self._has_same_checksums(name)):
            return
        start = _first_difference(one, other)
        if start is None:
            return
        if Path(name).suffix in (".toml", ".csv", ".txt", ".sha256"):
            sizes = f"{one.stat().st_size:,} bytes there, {other.stat().st_size:,} made again"
            self.differences.append(Difference(name, f"other from byte {start:,} on; {sizes}"))
            return
        values = self._values_that_differ(name)
        if values:
            self.differences += [Difference(name, words) for words in values]
            return
        words = (
            f"other from byte {start:,} on, with the same values: "
            "another version of a library, or another machine, wrote them"
        )
        self.differences.append(Difference(name, words, only_bytes=True))

    def _has_same_checksums(self, name: str) -> bool:
        """Tell whether `name` is the list of checksums, and tells the same of all but versions."""
        lists = (read_file_checksums(target.out) for target in (self.there, self.made))
        return name == CHECKSUMS and all(
            one == other or one[0] == other[0] == EXPORT
            for one, other in zip_longest(*lists, fillvalue=("", ""))
        )

    def _values_that_differ(self, name: str) -> list[str]:
        """Return how the values in a file of pairs differ."""
        there, made = self.there, self.made
        with Reader(there.out, there.container) as one, Reader(made.out, made.container) as other:
            try:
                counts = one.count(name), other.count(name)
            except StoredError as error:
                return [f"cannot be read: {error.sentence}"]
            found = []
            if counts[0] != counts[1]:
                found.append("{:,} values there, {:,} made again".format(*counts))
            for place, side, row in self._places_in(name):
                mine, yours = (_value(reader, place, side, row, made) for reader in (one, other))
                if mine != yours:
                    key = place.partition(made.container.mark)[2] if made.container else ""
                    what = mine if isinstance(mine, str) else "other values"
                    found.append(f"{key}: {what}" if key else what)
            return found

    def _places_in(self, name: str) -> Iterator[tuple[str, str, Row]]:
        """Yield place, side and row of each value in the file `name` that was made again."""
        made, container = self.made, self.made.container
        for row in whole_rows(made.out, made.recipe, given=made.given, whole=made.has_whole):
            places = [(row.hr, "hr"), (row.lr, "lr")]
            if made.format == "webdataset":
                places.append((figures_member(row), "figures"))
            for place, side in places:
                if name == (container.file(place) if container else place):
                    yield place, side, row


def _first_difference(one: Path, other: Path) -> int | None:
    """Return the first byte of which two files differ, None where they do not."""
    start = 0
    try:
        with open(one, "rb") as first, open(other, "rb") as second:
            while True:
                mine, yours = first.read(_BLOCK), second.read(_BLOCK)
                if mine != yours:
                    pairs = enumerate(zip(mine, yours, strict=False))
                    others = (index for index, (a, b) in pairs if a != b)
                    return start + next(others, min(len(mine), len(yours)))
                if not mine:
                    return None
                start += len(mine)
    except OSError as error:
        raise ExportError(reason(error), path=error.filename) from error


def _value(reader: Reader, place: str, side: str, row: Row, target: Target) -> bytes | str:
    """Return what counts of a value: pixels, not how they were compressed; or what is wrong."""
    try:
        data = reader.value(place)
        return data if side == "figures" else target.decode(data, side, row).tobytes()
    except StoredError as error:
        return error.sentence
