"""The pair that a finding is about, as it is stored."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srviewer.errors import ExportError
from srviewer.export.containers.base import Reader, StoredError
from srviewer.export.image import write_errors
from srviewer.export.manifest import MANIFEST, Row
from srviewer.export.manifest_rows import row_name
from srviewer.export.target import Target
from srviewer.export.verification.beginning import target_of
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.folders import find


@dataclass(frozen=True, eq=False)
class StoredPair:
    """A pair of a data set.

    Attributes
    ----------
    out : Path
    row : Row
        What the manifest says of it.
    hr, lr : ndarray, uint8, shape (H, W, 3), or None
        RGB; None where it cannot be read.
    problems : tuple of str
        Why not, a line each.
    """

    out: Path
    row: Row
    hr: Image | None
    lr: Image | None
    problems: tuple[str, ...] = ()


def stored_pair(out: Path, name: str, progress: Progress = UNHEARD) -> StoredPair | None:
    """Return the pair that a finding's `name` is about, None where it is about something else.

    Parameters
    ----------
    out : Path
        The data set.
    name : str
        A file, a value in a container, a row, or a line of the manifest.
    progress : Progress, optional

    Raises
    ------
    ExportError
        Where the data set cannot be read at all.
    """
    with write_errors(out):
        if not find(out, MANIFEST):
            return None
        target = target_of(out)
        rows = target.rows(lambda finding: None)
        for number, (row, _, _) in enumerate(progress.each(rows), 2):
            line = f"{MANIFEST} line {number:,}"
            if name in (row.hr, row.lr, row_name(row), line):
                return _read(target, row)
    return None


def _read(target: Target, row: Row) -> StoredPair:
    problems: list[str] = []
    pictures: list[Image | None] = []
    with Reader(target.out, target.container) as reader:
        for side, place in (("hr", row.hr), ("lr", row.lr)):
            try:
                pictures.append(_as_rgb(target.decode(reader.value(place), side, row)))
            except ExportError as error:
                pictures.append(None)
                cause = error.sentence if isinstance(error, StoredError) else str(error)
                problems.append(f"{side.upper()}: {cause}")
    return StoredPair(target.out, row, pictures[0], pictures[1], tuple(problems))


def _as_rgb(values: AnyImage) -> Image:
    """Return stored values, luma as grey."""
    grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(grey, (*grey.shape[:2], 3)))
