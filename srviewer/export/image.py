"""The pairs of one image, written to disk: the work of one task of an export."""

import contextlib
import errno
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import ExportError, RunStopped, SrviewerError, reason
from srviewer.export.containers.base import FOLDERS
from srviewer.export.manifest import META, meta_text
from srviewer.export.meta_info import BY_FOLDER
from srviewer.export.pairs import EncodedPair, encoded_pairs
from srviewer.export.run_rows import Known, Pair
from srviewer.export.spool import SPOOL, new_spool, spool_name
from srviewer.export.target import Target
from srviewer.pipeline.analysis import analyse_file, failures_of
from srviewer.pipeline.progress import Progress
from srviewer.runs.copies import likeness
from srviewer.runs.folders import (
    files_in,
    half_written,
    is_folder,
    make_folder,
    new_file,
    part_beside,
    remove_file,
)
from srviewer.runs.inputs import Input
from srviewer.runs.marks import FileMark, mark_files

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Written:
    """What came of one image.

    Attributes
    ----------
    image : Input
    mark : FileMark
        Of the image file.
    pairs : tuple of Pair
    text : str
        Its text file.
    notes : tuple of str
    likeness : bytes
        What it looks like, as `srviewer.runs.copies.likeness` tells.
    kept : int, optional
        Pairs that it had, where some were left out to the benefit of other images.
    versions : mapping of str to str, optional
        Of the libraries that made them, where those are not the ones of now.
    """

    image: Input
    mark: FileMark
    pairs: tuple[Pair, ...]
    text: str
    notes: tuple[str, ...]
    likeness: bytes = b""
    kept: int | None = None
    versions: Mapping[str, str] | None = None


def export_image(
    image: Input, target: Target, progress: Progress, *, whole: bool = False
) -> Written:
    """Run the pipeline on `image` and write its pairs; nothing of it stays if that fails.

    With `whole` the whole box is its one pair, if it keeps any.

    Raises
    ------
    SrviewerError
        With the file and the cause in it; `RunStopped` where no further image could be
        written either.
    """
    with failures_of(image.path):
        mark = mark_files(image.files, progress)
        analysis = analyse_file(
            image.path,
            target.recipe,
            lr=image.lr,
            exclusions=target.exclusions,
            every_window=False,
            look_at_alignment=True,
            progress=progress,
        )
        made = encoded_pairs(analysis, image, target, progress, whole=whole)
        pairs = tuple(write_pairs(made, image, target, some=bool(analysis.patches.kept.any())))
    text = meta_text(analysis, image.name, mark.sha256, image.lr_name, whole=whole)
    notes = analysis.notes
    if analysis.box.reason:
        notes = (*notes, f"no box, so no pairs: {analysis.box.reason}")
    return Written(image, mark, pairs, text, notes, likeness(analysis.pair.hr))


def write_pairs(
    made: Iterable[EncodedPair], image: Input, target: Target, *, some: bool
) -> Iterator[Pair]:
    """Write the pairs of `image` as they are made, and yield them.

    `some` tells whether there are any.
    """
    write = _write_files if target.container is None else _write_spool
    return write(made, image, target, some)


def _write_files(
    made: Iterable[EncodedPair], image: Input, target: Target, some: bool
) -> Iterator[Pair]:
    layout = target.layout
    places = layout.places(image.stem, 0, 0, layout.first)
    for parent in {place.rpartition("/")[0] for place in places if some}:
        with write_errors(target.out / parent):
            make_folder(target.out, parent)
    written: list[str] = []  # a Path would cost as much as the file itself
    try:
        for pair, hr, lr in made:
            for name, data in ((pair.hr, hr), (pair.lr, lr)):
                path = os.path.join(target.out, name)
                _write_file(path, data, shared=target.shared)
                written.append(path)
            yield pair
    except BaseException:
        # Another machine may have finished the same image meanwhile: its pairs are left alone.
        for path in written if not target.shared else ():
            with contextlib.suppress(OSError):  # the next run removes what stays
                os.unlink(path)
        raise


def _write_spool(
    made: Iterable[EncodedPair], image: Input, target: Target, some: bool
) -> Iterator[Pair]:
    """Write the payloads to the spool; until they are packed, the pairs hold their keys."""
    with write_errors(target.out / spool_name(image.name)):
        make_folder(target.out, SPOOL)
        with new_spool(target.out, image.name) as write:
            for pair, hr, lr in made:
                write(hr, lr)
                yield pair


def leftovers(images: Iterable[Input | Known], target: Target) -> Iterator[str]:
    """Yield the files of `images` that processes may have left behind which died over them."""
    if target.container is not None:
        yield from (spool_name(image.name) for image in images)
        return
    layout, starts = target.layout, dict[str, set[str]]()
    for image in images:
        for folder in layout.parents(image.stem):
            starts.setdefault(folder, set()).update(layout.starts(image.stem))
    for folder, mine in starts.items():
        there = is_folder(target.out, folder)
        for name in os.listdir(target.out / folder) if there else ():
            if layout.start_of(name) in mine:
                yield f"{folder}/{name}"


def remove_leftovers(images: Iterable[Input | Known], target: Target) -> None:
    """Remove what `leftovers` names."""
    for name in leftovers(images, target):
        remove_file(target.out, name)


def unfinished(target: Target) -> Iterator[str]:
    """Yield what processes and machines that share the folder were writing when they died."""
    roots = [root for root, _ in target.layout.roots] if target.container is None else []
    beside = {part.rstrip("/") for part in FOLDERS} | {root.rpartition("/")[0] for root in roots}
    for folder in sorted(beside):  # lists, cards and containers lie there
        if not folder or is_folder(target.out, folder):
            inside = f"{folder}/" if folder else ""
            yield from half_written(f"{inside}{name}" for name in os.listdir(target.out / folder))
    for folder in (META, BY_FOLDER, SPOOL, *(roots if target.shared else ())):
        yield from half_written(list(files_in(target.out, folder)))


def _write_file(path: str, data: bytes, *, shared: bool = False) -> None:
    """Write `data` as the file `path`, whose folder was looked at; nothing stays if that fails."""
    beside = part_beside(path) if shared else path
    try:
        handle = new_file(beside)
        try:
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(handle, view) :]
            finally:
                os.close(handle)
            if shared:
                os.replace(beside, path)
        except OSError:
            with contextlib.suppress(OSError):  # what went wrong first is what is told
                os.unlink(beside)
            raise
    except OSError as error:
        raise write_error(Path(path), error) from error


def vanished(target: Target) -> RunStopped:
    """Return what is wrong where the data set's folder is gone while it is written to."""
    if target.shared:
        cause = f"no such folder on {platform.node()}; it must be there on all machines"
    else:
        cause = "the folder has vanished; export again, all is done anew"
    return RunStopped(cause, path=target.out)


def write_error(path: Path, error: OSError) -> SrviewerError:
    """Return `error` with the file that could not be written, and what to do about it."""
    cause = reason(error)
    if error.errno in _NO_ROOM:
        return RunStopped(f"{cause}; make room, then export again into the same folder", path=path)
    if error.errno == errno.EROFS:
        return RunStopped(f"{cause}; choose a folder that can be written to", path=path)
    return ExportError(cause, path=path)


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Raise what the system refuses in the block as an error about the file, `path` if unknown."""
    try:
        yield
    except OSError as error:
        raise write_error(Path(error.filename or path), error) from error
