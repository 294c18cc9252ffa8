"""The rows of a data set, kept on disk: only where each image's rows lie is in memory."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from srviewer.errors import ExportError
from srviewer.export.manifest import (
    COLUMNS,
    JOURNAL,
    MANIFEST,
    Row,
    csv_text,
    journal_text,
    replacing,
)


class _Span(NamedTuple):
    """Lines of a file that hold rows of one image."""

    path: Path
    start: int
    end: int
    rows: int


class _Line(NamedTuple):
    row: Row
    start: int
    end: int


class RowLog:
    """The rows by image, as the manifest has them and the journal after it.

    A run notes in the journal which images it begins, and then what came of each, so that a run
    that is killed loses no finished image. An image's last entry in the journal counts, and counts
    more than the manifest.

    Parameters
    ----------
    out : Path
        The data set's folder.

    Attributes
    ----------
    noted : set of str
        The images that the journal has.

    Raises
    ------
    ExportError
        Where the manifest or the journal cannot be read.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / JOURNAL
        self._journal: io.FileIO | None = None
        self._spans: dict[str, list[_Span]] = {}
        self._repeated: set[str] = set()  # images of which a row may be there twice
        self._last_image: str | None = None
        self._places: set[str] = set()
        self.noted: set[str] = set()
        for line in _lines(out / MANIFEST):
            self._place(out / MANIFEST, line)
        for line in _lines(self._path):
            self.noted.add(line.row.image)
            if line.row.hr:
                self._place(self._path, line)
            else:  # the beginning of an entry
                self._spans[line.row.image] = []
                self._last_image = None
                self._repeated.discard(line.row.image)
        self._places.clear()

    def _place(self, path: Path, line: _Line) -> None:
        image = line.row.image
        spans = self._spans.setdefault(image, [])
        last = spans[-1] if spans else None
        if image != self._last_image:
            self._last_image, self._places = image, set()
        if line.row.hr in self._places or (last and last.end != line.start):
            self._repeated.add(image)
        self._places.add(line.row.hr)
        if last and last.path == path and last.end == line.start:
            spans[-1] = last._replace(end=line.end, rows=last.rows + 1)
        else:
            spans.append(_Span(path, line.start, line.end, 1))

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __contains__(self, image: str) -> bool:
        return image in self._spans

    def __getitem__(self, image: str) -> list[Row]:
        rows: dict[Row, None] = {}
        for span in self._spans.get(image, []):
            text = _read(span).decode("utf-8", "surrogateescape")
            rows |= dict.fromkeys(rows_in(text))
        return list(rows)

    def count(self, image: str) -> int:
        """Return how many rows `image` has, without reading them."""
        if image in self._repeated:
            return len(self[image])
        return sum(span.rows for span in self._spans.get(image, []))

    def first(self, image: str) -> Row | None:
        """Return the first row of `image`, without reading the others."""
        for span in self._spans.get(image, []):
            with open(span.path, "rb") as file:
                file.seek(span.start)
                lines = (line.decode("utf-8", "surrogateescape") for line in file)
                return Row(*next(csv.reader(lines)))
        return None

    def discard(self, image: str) -> None:
        """Forget the rows of `image`."""
        self._spans.pop(image, None)

    def clear(self) -> None:
        """Forget all rows and what was noted."""
        self._spans.clear()
        self.noted.clear()

    def begin(self) -> None:
        """Write the journal anew, with what counts of what was noted, and keep it open."""
        self.close()
        moved: dict[str, list[_Span]] = {}
        with replacing(self._path) as file:
            for image in self.noted:
                file.write(_encoded(journal_text(image, ())))
                start = file.tell()
                count = self.count(image)
                if image in self._repeated:
                    file.write(_encoded(csv_text(self[image])))
                else:
                    for span in self._spans.get(image, []):
                        file.write(_read(span))
                moved[image] = [_Span(self._path, start, file.tell(), count)] if count else []
        self._spans |= moved
        self._repeated -= moved.keys()
        self._journal = open(self._path, "ab", buffering=0)  # noqa: SIM115 - closed in close

    def add(self, image: str, entry: str, count: int) -> None:
        """Append what came of `image`.

        Parameters
        ----------
        image : str
        entry : str
            As `journal_text` makes it.
        count : int
            How many rows it has.

        Raises
        ------
        OSError
            With nothing added; `FileNotFoundError` where the journal is gone.
        """
        assert self._journal is not None
        if not os.fstat(self._journal.fileno()).st_nlink:
            raise FileNotFoundError(errno.ENOENT, "has vanished", str(self._path.parent))
        data = _encoded(entry)
        start = self._journal.seek(0, os.SEEK_END)
        try:
            view = memoryview(data)
            while view:
                view = view[self._journal.write(view) :]
        except OSError:
            self._journal.truncate(start)  # or the next entry would go on in a torn line
            raise
        self.noted.add(image)
        self._repeated.discard(image)
        first = start + len(_encoded(journal_text(image, ())))
        end = start + len(data)
        self._spans[image] = [_Span(self._path, first, end, count)] if count else []

    def close(self) -> None:
        """Add no more."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def rows_in(text: str) -> list[Row]:
    """Return the rows in a piece of a manifest or a journal, without lines of names."""
    lines = csv.reader(io.StringIO(text, newline=""))
    whole = (line for line in lines if len(line) == len(COLUMNS))
    return [Row(*line) for line in whole if line[1] and tuple(line) != COLUMNS]


def stream_rows(path: Path) -> Iterator[Row]:
    """Yield the whole rows in the manifest `path` one at a time; none where it does not exist.

    Raises
    ------
    ExportError
        Where it cannot be read.
    """
    return (line.row for line in _lines(path) if line.row.hr)


def _lines(path: Path) -> Iterator[_Line]:
    """Yield the rows in `path` with their place in bytes.

    A run that was killed may leave its last line torn; the image that it belongs to is not
    marked as done then.
    """
    try:
        with open(path, "rb") as file:
            start = end = 0

            def texts() -> Iterator[str]:
                nonlocal end
                for line in file:
                    end += len(line)
                    if end == len(line):
                        line = line.removeprefix(codecs.BOM_UTF8)  # as spreadsheets write it
                    if line.endswith(b"\n"):
                        yield line.decode("utf-8", "surrogateescape")

            for found in csv.reader(texts()):
                if len(found) == len(COLUMNS) and tuple(found) != COLUMNS:
                    yield _Line(_checked(Row(*found), path), start, end)
                start = end
    except FileNotFoundError:
        return
    except (OSError, csv.Error) as error:
        raise ExportError(f"{path}: not a manifest that can be read: {error}") from error


def _checked(row: Row, path: Path) -> Row:
    if row.hr:
        for key in ("x", "y", "keypoints"):
            value = getattr(row, key)
            if not value.isdecimal():
                raise ExportError(
                    f"{path}: {row.image}: {key} = {value!r}: allowed is a whole number"
                )
        for place in (row.hr, row.lr):
            if place.startswith("/") or ".." in place.split("/"):
                raise ExportError(f"{path}: {place!r}: allowed is a place within the data set")
    return row


def _read(span: _Span) -> bytes:
    with open(span.path, "rb") as file:
        file.seek(span.start)
        return file.read(span.end - span.start)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def write_rows(path: Path, images: Iterable[Iterable[Row]]) -> None:
    """Write the manifest `path`: the rows of one image after the other, in order.

    It holds either what it held before or all of them.
    """
    with replacing(path) as file:
        file.write(_encoded(csv_text([COLUMNS])))
        for rows in images:
            file.write(_encoded(csv_text(rows)))
