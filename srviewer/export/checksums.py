"""The checksums of a data set: of its files, as ``sha256sum`` has them, and of packed pairs."""

import csv
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from srviewer.errors import ExportError, reason
from srviewer.export.manifest import csv_text
from srviewer.pipeline.texts import lines_of
from srviewer.runs.folders import file_in, is_file, replacing

CHECKSUMS, PAIR_CHECKSUMS = "checksums.sha256", "checksums-pairs.csv"

_ESCAPES = {b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r"}  # sha256sum's own
_ESCAPED = {written: plain for plain, written in _ESCAPES.items()}
_TO_ESCAPE, _TO_READ = re.compile(rb"[\\\n\r]"), re.compile(rb"\\[\\nr]")
_COLUMNS = ("hr", "lr", "sha256_hr", "sha256_lr")
_DIGEST = re.compile(r"(?:[0-9a-f]{64})?")
_LINE = re.compile(rb"(\\?)([0-9a-f]{64}) [ *](.+)\n", re.DOTALL)


def write_checksums(out: Path, known: Iterable[tuple[str, str]]) -> None:
    """Write ``checksums.sha256`` into the data set `out`; ``sha256sum -c`` there accepts it.

    Parameters
    ----------
    out : Path
    known : iterable of (str, str)
        Each file's name, relative to `out` with ``/``, and its SHA-256, in the order of the lines:
        all files of the data set but this one and what a run keeps for itself.
    """
    with replacing(out, CHECKSUMS) as file:
        for name, digest in known:
            plain = _encoded(name)
            written = _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], plain)
            mark = b"\\" if written != plain else b""
            file.write(b"%s%s  %s\n" % (mark, digest.encode("ascii"), written))


def write_pair_checksums(out: Path, known: Iterable[tuple[str, str, str, str]]) -> None:
    """Write ``checksums-pairs.csv``: where HR and LR of each pair lie, and their SHA-256."""
    with replacing(out, PAIR_CHECKSUMS) as file:
        file.write(csv_text([_COLUMNS]).encode("ascii"))
        for row in known:
            file.write(_encoded(csv_text([row])))


def read_file_checksums(out: Path) -> Iterator[tuple[str, str]]:
    """Yield the files that ``checksums.sha256`` names, each with its SHA-256.

    Raises
    ------
    ExportError
        About a line that is none, or where it cannot be read.
    """
    try:
        with open(file_in(out, CHECKSUMS), "rb") as file:
            for number, line in enumerate(lines_of(file), 1):
                found = _LINE.fullmatch(line)
                if not found:
                    raise ExportError(f"line {number:,} is not a checksum", path=CHECKSUMS)
                name = found[3]
                if found[1]:
                    name = _TO_READ.sub(lambda escape: _ESCAPED[escape[0]], name)
                yield name.decode("utf-8", "surrogateescape"), found[2].decode("ascii")
    except (OSError, ValueError) as error:
        raise ExportError(reason(error), path=CHECKSUMS) from error


def read_pair_checksums(out: Path) -> Iterator[tuple[str, str]]:
    """Yield the places that ``checksums-pairs.csv`` names, each with the SHA-256 of its payload.

    Raises
    ------
    ExportError
        About a row that is none, or where it cannot be read.
    """
    try:
        with open(file_in(out, PAIR_CHECKSUMS), "rb") as file:
            texts = (line.decode("utf-8", "surrogateescape") for line in lines_of(file))
            for number, row in enumerate(csv.reader(texts), 1):
                if number == 1 and tuple(row) == _COLUMNS:
                    continue
                if len(row) != len(_COLUMNS) or not all(map(_DIGEST.fullmatch, row[2:])):
                    raise ExportError(f"line {number:,} is not a checksum", path=PAIR_CHECKSUMS)
                yield from zip(row[:2], row[2:], strict=True)
    except (OSError, ValueError, csv.Error) as error:
        raise ExportError(reason(error), path=PAIR_CHECKSUMS) from error


def read_checksums(out: Path) -> Iterator[tuple[str, str]]:
    """Yield what is known of the pairs of `out`: places in a container, else files."""
    if is_file(out, PAIR_CHECKSUMS):
        yield from read_pair_checksums(out)
    elif is_file(out, CHECKSUMS):
        yield from read_file_checksums(out)


class Checksums:
    """Names of files and places of pairs with their checksums; they stay on disk."""

    def __init__(self) -> None:
        self._names = sqlite3.connect("")  # a file without a name that goes with the connection
        self._names.execute("CREATE TABLE names (name BLOB PRIMARY KEY, sha256 TEXT, is_pair INT)")

    def add(self, known: Iterable[tuple[str, str | None]], *, pairs: bool) -> None:
        """Note the checksums `known`, of `pairs` or of files; None for what has no checksum."""
        try:
            self._names.executemany(
                "INSERT INTO names VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET is_pair = ?",
                ((_encoded(name), digest, pairs, pairs) for name, digest in known),
            )
        except sqlite3.Error as error:
            cause = f"no room for the names of all pairs, among temporary files: {error}"
            raise ExportError(cause, path=tempfile.gettempdir()) from error

    def __contains__(self, name: str) -> bool:
        return self._found(name) is not None

    def __getitem__(self, name: str) -> str | None:
        """Return the checksum of `name`, None where there is none."""
        found = self._found(name)
        return found[0] if found else None

    def _found(self, name: str) -> Any:
        query = "SELECT sha256 FROM names WHERE name = ?"
        return self._names.execute(query, (_encoded(name),)).fetchone()

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the files that have a checksum and are not named as a place of a pair."""
        query = "SELECT name, sha256 FROM names WHERE NOT is_pair ORDER BY name"
        for name, digest in self._names.execute(query):
            yield name.decode("utf-8", "surrogateescape"), digest


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
