"""Where each image's rows lie in a manifest: it is read strictly, and never as a whole."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from srviewer.errors import ExportError
from srviewer.export.manifest import COLUMNS, MANIFEST, Row
from srviewer.export.verification.findings import MANIFEST as KIND
from srviewer.export.verification.findings import Finding

_MOST = 20_000  # rows of one image that are taken at once


@dataclass(frozen=True)
class Rows:
    """Rows of one image, one after the other in the manifest.

    Attributes
    ----------
    image : str
    start, end : int
        Bytes.
    count : int
    before : int
        Rows of the same image before these.
    """

    image: str
    start: int
    end: int
    count: int
    before: int = 0

    def read(self, out: Path) -> list[Row]:
        """Return the rows."""
        with open(out / MANIFEST, "rb") as file:
            file.seek(self.start)
            data = file.read(self.end - self.start)
        return [row for row, _, _ in _parsed(io.BytesIO(data)) if not _faults(row)]


@dataclass
class Figures:
    """Of all rows of an image: their count, and sums of the metrics where they are finite."""

    count: int = 0
    finite: int = 0
    psnr: float = 0.0
    ssim: float = 0.0


@dataclass
class Index:
    """A manifest.

    Attributes
    ----------
    rows : list of Rows
        In order.
    images : mapping of str to Figures
    """

    rows: list[Rows] = field(default_factory=list)
    images: dict[str, Figures] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(figures.count for figures in self.images.values())


def read_index(out: Path, find: Callable[[Finding], None], check: Callable[[], None]) -> Index:
    """Return the index of the manifest of the data set `out`.

    Parameters
    ----------
    out : Path
    find : callable
        Given what is wrong with the manifest as a table: lines that are no rows, their order,
        rows that are there twice.
    check : callable
        Called now and then; may raise to end the reading.

    Raises
    ------
    ExportError
        Where it cannot be read.
    """
    index = Index()
    last: tuple[str, int, int] | None = None
    try:
        with open(out / MANIFEST, "rb") as file:
            for number, (row, start, end) in enumerate(_parsed(file), 1):
                if number % 1000 == 0:
                    check()
                if number == 1:
                    if tuple(row) != COLUMNS:
                        find(_fault(number, "not the columns", ",".join(COLUMNS), ",".join(row)))
                    continue
                fault = _faults(row)
                if fault:
                    find(_fault(number, *fault))
                    continue
                if last is not None and row.place <= last:
                    words = "the same pair twice" if row.place == last else "out of order"
                    find(_fault(number, f"{row.image} at x {row.x}, y {row.y}: {words}"))
                last = row.place
                _add(index, row, start, end)
    except (OSError, csv.Error) as error:
        raise ExportError(f"{out / MANIFEST}: cannot be read: {error}") from error
    return index


def _fault(number: int, what: str, expected: str = "", found: str = "") -> Finding:
    return Finding(KIND, f"{MANIFEST} line {number:,}", what, expected, found)


def _add(index: Index, row: Row, start: int, end: int) -> None:
    figures = index.images.setdefault(row.image, Figures())
    last = index.rows[-1] if index.rows else None
    if last and last.image == row.image and last.end == start and last.count < _MOST:
        index.rows[-1] = Rows(row.image, last.start, end, last.count + 1, last.before)
    else:
        index.rows.append(Rows(row.image, start, end, 1, figures.count))
    figures.count += 1
    figures.ssim += float(row.ssim)
    if math.isfinite(float(row.psnr)):
        figures.finite += 1
        figures.psnr += float(row.psnr)


def _parsed(lines: Iterable[bytes]) -> Iterator[tuple[Row, int, int]]:
    """Yield each record with its place in bytes; one of another length is filled or cut."""
    start = end = 0

    def texts() -> Iterator[str]:
        nonlocal end
        for line in lines:
            end += len(line)
            yield line.decode("utf-8", "surrogateescape")

    for found in csv.reader(texts()):
        width = len(COLUMNS)
        cells = found if len(found) == width else ["", f"{len(found)} cells", *[""] * (width - 2)]
        yield Row(*cells), start, end
        start = end


_WHOLE = ("x", "y", "width", "height", "scale", "keypoints", "matches")


def _faults(row: Row) -> tuple[str, str, str] | None:
    """Return what makes `row` no row: the words, what is expected and what is found."""
    if not row.image:
        return "not a row", f"{len(COLUMNS)} cells", row.hr
    for column in _WHOLE:
        value: str = getattr(row, column)
        if not (value.isascii() and value.removeprefix("-").isdecimal()):
            return column, "a whole number", repr(value)
    for column in ("psnr", "ssim"):
        value = getattr(row, column)
        try:
            if math.isnan(float(value)):
                raise ValueError(value)
        except ValueError:
            return column, "a number", repr(value)
    return None


def shares(index: Index, most: int) -> Iterator[list[Rows]]:
    """Yield the rows in groups of about `most`, those of one image mostly in one."""
    group: list[Rows] = []
    for rows in index.rows:
        group.append(rows)
        if sum(one.count for one in group) >= most:
            yield group
            group = []
    if group:
        yield group


def firsts(index: Index, folder_of: Callable[[str], str]) -> dict[int, int]:
    """Return, by the start of `Rows`, how many rows are before them in their image's folder."""
    seen: Counter[str] = Counter()
    found = {}
    for rows in index.rows:
        folder = folder_of(rows.image)
        found[rows.start] = seen[folder]
        seen[folder] += rows.count
    return found
