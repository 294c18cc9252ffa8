"""The pairs of one image, written to disk: the work of one task of an export."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import ExportError, ExportStopped, ReadError, SrviewerError
from srviewer.export.folders import make_below
from srviewer.export.manifest import Row, journal_text, meta_text
from srviewer.export.pairs import encoded_pairs
from srviewer.export.parts import PARTS, part_path, unfinished_part, write_part
from srviewer.export.row_log import rows_in
from srviewer.export.target import Target
from srviewer.pipeline.analysis import Analysis, analyse_file
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import Input

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Written:
    """What came of one image.

    Attributes
    ----------
    image : Input
    entry : str
        Its rows as the journal has them: one text passes between processes faster than rows do.
    pairs : int
    meta : str
    notes : tuple of str
    """

    image: Input
    entry: str
    pairs: int
    meta: str
    notes: tuple[str, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of its pairs."""
        return tuple(rows_in(self.entry))


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of the file `path`."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReadError(error.strerror or str(error), path=path) from error


def export_image(image: Input, target: Target, progress: Progress) -> Written:
    """Run the pipeline on `image` and write its pairs; nothing of it stays if that fails.

    Raises
    ------
    SrviewerError
        With the file and the cause in it; `ExportStopped` where no further image could be
        written either.
    """
    try:
        mark = fingerprint(image.path)
        analysis = analyse_file(image.path, target.recipe, every_window=False, progress=progress)
        write = _write_files if target.container is None else _write_part
        rows = tuple(write(analysis, image, target, progress))
    except MemoryError as error:
        raise ReadError("not enough memory for this image", path=image.path) from error
    except SrviewerError:
        raise
    except cv2.error as error:
        raise ReadError(f"OpenCV failed on it: {error.err}", path=image.path) from error
    meta = meta_text(analysis, image.name, mark)
    notes = analysis.notes
    if analysis.box.reason:
        notes = (*notes, f"no box, so no pairs: {analysis.box.reason}")
    return Written(image, journal_text(image.name, rows), len(rows), meta, notes)


def _write_files(
    analysis: Analysis, image: Input, target: Target, progress: Progress
) -> Iterator[Row]:
    for folder in ("hr", "lr") if analysis.patches.kept.any() else ():
        _make_folder(target.out, (target.out / folder / image.stem).parent)
    written: list[str] = []  # a Path would cost as much as the file itself
    try:
        for row, hr, lr in encoded_pairs(analysis, image, target, progress):
            for place, data in ((row.hr, hr), (row.lr, lr)):
                written.append(os.path.join(target.out, place))
                _write_file(written[-1], data, shared=target.shared)
            yield row
    except BaseException:
        # Another machine may have finished the same image meanwhile: its pairs are left alone.
        for path in written if not target.shared else ():
            Path(path).unlink(missing_ok=True)
        raise


def _write_part(
    analysis: Analysis, image: Input, target: Target, progress: Progress
) -> tuple[Row, ...]:
    """Write the payloads to a part; until they are packed, the rows hold their keys."""
    rows: list[Row] = []

    def payloads() -> Iterator[tuple[bytes, bytes]]:
        for row, hr, lr in encoded_pairs(analysis, image, target, progress):
            rows.append(row)
            yield hr, lr

    path = part_path(target.out, image.name)
    _make_folder(target.out, path.parent)
    try:
        write_part(path, payloads(), shared=target.shared)
    except OSError as error:
        raise write_error(path, error) from error
    return tuple(rows)


def remove_leftovers(images: Iterable[Input], target: Target) -> None:
    """Remove the pairs of `images` that processes have left behind which died over them."""
    if target.container is not None:
        for image in images:
            path = part_path(target.out, image.name)
            path.unlink(missing_ok=True)
            unfinished_part(path).unlink(missing_ok=True)
        return
    stems = {image.stem for image in images}
    for parent in {stem.rpartition("/")[0] for stem in stems}:
        for folder in (target.out / side / parent for side in ("hr", "lr")):
            for path in list(folder.iterdir()) if folder.is_dir() else ():
                stem = _stem_of(path.name, target.format)
                if stem is not None and (f"{parent}/{stem}" if parent else stem) in stems:
                    path.unlink(missing_ok=True)


def remove_unfinished(target: Target) -> None:
    """Remove what machines that share the folder were writing when they died."""
    for path in (target.out / PARTS).rglob("*.part"):
        path.unlink(missing_ok=True)
    for side in ("hr", "lr"):
        for path in (target.out / side).rglob(".*.part"):
            if _stem_of(path.name, target.format) is not None:
                path.unlink(missing_ok=True)


def _stem_of(name: str, format: str) -> str | None:
    """Return the stem of the image that a patch's file belongs to, None for any other file."""
    unfinished = re.fullmatch(r"\.(.*)\.[0-9a-f]{32}\.part", name, re.DOTALL)
    if unfinished:
        name = unfinished[1]
    found = re.fullmatch(rf"(.*)_x\d{{5,}}_y\d{{5,}}\.{format}", name, re.DOTALL)
    return found[1] if found else None


def _make_folder(out: Path, folder: Path) -> None:
    try:
        make_below(out, folder)
    except OSError as error:
        raise write_error(folder, error) from error


def _write_file(path: str, data: bytes, *, shared: bool = False) -> None:
    place = _unfinished(path) if shared else path
    try:
        handle = os.open(place, _NEW_FILE)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
        finally:
            os.close(handle)
        if shared:
            os.replace(place, path)
    except OSError as error:
        if shared:
            Path(place).unlink(missing_ok=True)
        raise write_error(Path(path), error) from error


def _unfinished(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{uuid.uuid4().hex}.part")


def vanished(target: Target) -> ExportStopped:
    """Return what is wrong where the data set's folder is gone while it is written to."""
    if target.shared:
        return ExportStopped(
            f"{target.out}: no such folder on {platform.node()}; it must be there on all machines"
        )
    return ExportStopped(f"{target.out}: the folder has vanished; export again, all is done anew")


def write_error(path: Path, error: OSError) -> ExportError:
    """Return `error` with the file that could not be written, and what to do about it."""
    cause = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        return ExportStopped(f"{path}: {cause}; make room, then export again into the same folder")
    return ExportError(f"{path}: {cause}")
