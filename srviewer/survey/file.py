"""The survey's file: SQLite, written by any number of programs at once.

It keeps SQLite's rollback journal rather than a write-ahead log: a log needs memory that programs
share, which network folders do not have; it leaves two more files beside the survey; and a
reader needs to write them. A record is one short transaction, so programs wait for each other
for milliseconds, and a program that is killed leaves whole records only.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from srviewer.errors import RecipeError, SurveyError
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.key import survey_differences, survey_fields
from srviewer.survey.record import CONTENT_NAMES, Content, FileMark, Outline, Record

SCHEMA = 1
APPLICATION = 0x73725376  # "srSv": tells a survey from other programs' SQLite files
_WAIT = 60  # seconds for another program's transaction

_TABLES = f"""
CREATE TABLE recipe (
    id INTEGER PRIMARY KEY,
    computes INTEGER NOT NULL,
    fields TEXT NOT NULL,
    UNIQUE (computes, fields)
);
CREATE TABLE file (
    path BLOB PRIMARY KEY,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_by_bytes ON file (bytes);
CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    recipe INTEGER NOT NULL REFERENCES recipe,
    sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    clean_width INTEGER NOT NULL,
    clean_height INTEGER NOT NULL,
    keypoints_hr INTEGER NOT NULL,
    keypoints_lr INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    window_rows INTEGER NOT NULL,
    window_columns INTEGER NOT NULL,
    notes TEXT NOT NULL,
    seconds REAL NOT NULL,
    encoded TEXT NOT NULL,
    UNIQUE (recipe, sha256)
);
CREATE TABLE content (
    image INTEGER PRIMARY KEY REFERENCES image,
    {", ".join(f"{name} BLOB NOT NULL" for name in CONTENT_NAMES)}
);
CREATE TABLE failure (
    recipe INTEGER NOT NULL REFERENCES recipe,
    sha256 TEXT NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (recipe, sha256)
) WITHOUT ROWID;
CREATE TABLE claim (
    recipe INTEGER NOT NULL REFERENCES recipe,
    path BLOB NOT NULL,
    owner TEXT NOT NULL,
    PRIMARY KEY (recipe, path)
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
"""
_OUTLINE = (
    "width, height, clean_width, clean_height, keypoints_hr, keypoints_lr, matches, "
    "window_rows, window_columns, notes, seconds, encoded"
)


class SurveyFile:
    """A survey file that is open, in the thread that opened it.

    Parameters
    ----------
    path : Path
    recipe : Recipe
        Records are read and written under what matters in it.
    computes : int
        The version of what computes the records.
    writing : bool
        Make the file and its folder if need be; without it the file must be there and is only
        read.

    Raises
    ------
    SurveyError
        Where the file is no survey, is of a newer srviewer, or cannot be opened.
    """

    def __init__(self, path: Path, recipe: Recipe, computes: int, *, writing: bool) -> None:
        self.path = path
        self._computes = computes
        self._folder = Path(os.path.abspath(path)).parent
        with self._explained():
            if writing:
                path.parent.mkdir(parents=True, exist_ok=True)
            # Even a reader may have to take back what a killed program has not finished.
            how = "rwc" if writing else "rw"
            place = Path(os.path.abspath(path)).as_uri()
            self._base = sqlite3.connect(
                f"{place}?mode={how}", timeout=_WAIT, isolation_level=None, uri=True
            )
        try:
            with self._explained():
                self._require_survey(writing)
                self._recipe = self._recipe_number(recipe, computes, writing)
        except BaseException:
            self._base.close()
            raise

    def __enter__(self) -> SurveyFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            cause = str(error)
            if isinstance(error, OSError):
                cause = error.strerror or cause
            elif "not a database" in cause:
                cause = "not a survey: no SQLite file; it is left as it is"
            raise SurveyError(f"{self.path}: {cause}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do all of the block or nothing; other programs wait meanwhile."""
        with self._explained():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:  # SQLite ends it itself when the disk is full
                    self._base.execute("ROLLBACK")
                raise

    def _require_survey(self, writing: bool) -> None:
        if self._is_new() and writing:
            with self._transaction():
                if self._is_new():  # still, now that no other program can make it one
                    for statement in _TABLES.split(";"):
                        self._base.execute(statement)
        if self._pragma("application_id") != APPLICATION:
            raise SurveyError(f"{self.path}: not a survey of srviewer; it is left as it is")
        version = self._pragma("user_version")
        if version > SCHEMA:
            raise SurveyError(
                f"{self.path}: made by a newer srviewer (survey version {version}); this one "
                f"reads versions up to {SCHEMA}"
            )

    def _is_new(self) -> bool:
        """Tell whether the file is as empty as SQLite makes it."""
        nothing = self._base.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0]
        return bool(nothing) and self._pragma("application_id") == 0

    def _pragma(self, name: str) -> int:
        return int(self._base.execute(f"PRAGMA {name}").fetchone()[0])

    def _recipe_number(self, recipe: Recipe, computes: int, writing: bool) -> int:
        """Return by which number the tables know `recipe`, -1 where they do not."""
        key = (computes, json.dumps(survey_fields(recipe), sort_keys=True))
        find = "SELECT id FROM recipe WHERE computes = ? AND fields = ?"
        found = self._base.execute(find, key).fetchone()
        if found is None and writing:
            with self._transaction():
                self._base.execute(
                    "INSERT OR IGNORE INTO recipe (computes, fields) VALUES (?, ?)", key
                )
                found = self._base.execute(find, key).fetchone()
        return -1 if found is None else int(found[0])

    def _place(self, path: Path) -> bytes:
        """Return how the file table names `path`: from the survey's own folder where it is in it.

        So the survey stays good when its folder is moved. Bytes, as a name need not be text.
        """
        whole = Path(os.path.abspath(path))
        inside = whole.is_relative_to(self._folder)
        return os.fsencode((whole.relative_to(self._folder) if inside else whole).as_posix())

    def known_mark(self, path: Path, bytes: int, mtime_ns: int) -> FileMark | None:
        """Return the mark of a file that is as it was, None where it is new or has changed."""
        with self._explained():
            found = self._base.execute(
                "SELECT sha256 FROM file WHERE path = ? AND bytes = ? AND mtime_ns = ?",
                (self._place(path), bytes, mtime_ns),
            ).fetchone()
        return FileMark(bytes, mtime_ns, found[0]) if found else None

    def has_size(self, bytes: int) -> bool:
        """Tell whether any known file has so many bytes; another one's content must be new."""
        with self._explained():
            query = "SELECT EXISTS (SELECT 1 FROM file WHERE bytes = ?)"
            return bool(self._base.execute(query, (bytes,)).fetchone()[0])

    def note_file(self, path: Path, mark: FileMark) -> None:
        """Remember the content of the file `path`."""
        with self._transaction():
            self._note_file(path, mark)

    def _settle(self, path: Path, mark: FileMark) -> None:
        self._note_file(path, mark)
        self._base.execute(
            "DELETE FROM claim WHERE recipe = ? AND path = ?", (self._recipe, self._place(path))
        )

    def _note_file(self, path: Path, mark: FileMark) -> None:
        self._base.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
            (self._place(path), mark.bytes, mark.mtime_ns, mark.sha256),
        )

    def add(self, path: Path, record: Record) -> bool:
        """Keep the record of the file `path`; return whether it was not there yet."""
        line, mark = record.outline, record.mark
        with self._transaction():
            self._settle(path, mark)
            self._base.execute(
                "DELETE FROM failure WHERE recipe = ? AND sha256 = ?", (self._recipe, mark.sha256)
            )
            values = (
                *(self._recipe, mark.sha256, *line.size, *line.clean_size),
                *(line.keypoints_hr, line.keypoints_lr, line.matches, line.rows, line.columns),
                *(json.dumps(line.notes), line.seconds, json.dumps(dict(line.encoded))),
            )
            done = self._base.execute(
                f"INSERT OR IGNORE INTO image (recipe, sha256, {_OUTLINE}) "
                f"VALUES ({', '.join('?' * len(values))})",
                values,
            )
            if not done.rowcount:
                return False
            blobs = record.content.to_bytes()
            self._base.execute(
                f"INSERT INTO content (image, {', '.join(blobs)}) VALUES (?{', ?' * len(blobs)})",
                (done.lastrowid, *blobs.values()),
            )
        return True

    def add_failure(self, path: Path, mark: FileMark, cause: str) -> None:
        """Keep why the file `path` failed, unless another program has its record."""
        with self._transaction():
            self._settle(path, mark)
            if not self._has(mark.sha256):
                self._base.execute(
                    "INSERT OR REPLACE INTO failure VALUES (?, ?, ?)",
                    (self._recipe, mark.sha256, cause),
                )

    def claim(self, path: Path, owner: str, *, anyway: bool) -> bool:
        """Note that `owner` begins the file `path`, and return whether it may.

        It may not where another owner has noted so, unless `anyway` is set.
        """
        with self._transaction():
            self._base.execute(
                f"INSERT OR {'REPLACE' if anyway else 'IGNORE'} INTO claim VALUES (?, ?, ?)",
                (self._recipe, self._place(path), owner),
            )
            found = self._base.execute(
                "SELECT owner FROM claim WHERE recipe = ? AND path = ?",
                (self._recipe, self._place(path)),
            ).fetchone()
        return bool(found[0] == owner)

    def release(self, owner: str) -> None:
        """Take the claims of `owner` back."""
        with self._transaction():
            self._base.execute("DELETE FROM claim WHERE owner = ?", (owner,))

    def has(self, sha256: str) -> bool:
        """Tell whether there is a record of this content."""
        with self._explained():
            return self._has(sha256)

    def _has(self, sha256: str) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM image WHERE recipe = ? AND sha256 = ?)"
        return bool(self._base.execute(query, (self._recipe, sha256)).fetchone()[0])

    def failure(self, sha256: str) -> str | None:
        """Return why this content failed, None where it did not."""
        with self._explained():
            found = self._base.execute(
                "SELECT cause FROM failure WHERE recipe = ? AND sha256 = ?",
                (self._recipe, sha256),
            ).fetchone()
        return found[0] if found else None

    def files(self) -> dict[bytes, FileMark]:
        """Return the marks of all known files by the names that `place` gives them."""
        with self._explained():
            rows = self._base.execute("SELECT path, bytes, mtime_ns, sha256 FROM file").fetchall()
        return {path: FileMark(*mark) for path, *mark in rows}

    def place(self, path: Path) -> bytes:
        """Return the name of `path` in `files`."""
        return self._place(path)

    def outlines(self) -> dict[str, tuple[int, Outline]]:
        """Return number and outline of every record, by content."""
        with self._explained():
            rows = self._base.execute(
                f"SELECT id, sha256, {_OUTLINE} FROM image WHERE recipe = ?", (self._recipe,)
            ).fetchall()
            return {sha256: (number, _outline(values)) for number, sha256, *values in rows}

    def failures(self) -> dict[str, str]:
        """Return the causes of all failures, by content."""
        with self._explained():
            return dict(
                self._base.execute(
                    "SELECT sha256, cause FROM failure WHERE recipe = ?", (self._recipe,)
                ).fetchall()
            )

    def nearest(self, recipe: Recipe, known: Collection[str]) -> Recipe | None:
        """Return the recipe nearest to `recipe` that there are records of these contents under.

        The nearest differs in the fewest fields; among those, most contents are known under it.
        """
        with self._explained():
            rows = self._base.execute(
                "SELECT fields, sha256 FROM image JOIN recipe ON recipe.id = image.recipe "
                "WHERE computes = ?",
                (self._computes,),
            ).fetchall()
        counts = Counter(fields for fields, sha256 in rows if sha256 in known)
        found = []
        for fields, count in counts.items():
            with suppress(RecipeError):  # of an older srviewer, with knobs that are gone
                other = recipe.replace(**json.loads(fields))
                found.append((len(survey_differences(recipe, other)), -count, fields, other))
        return min(found)[-1] if found else None

    def content(self, number: int, outline: Outline) -> Content:
        """Return the content of the record `number`."""
        query = f"SELECT {', '.join(CONTENT_NAMES)} FROM content WHERE image = ?"
        with self._explained():
            row = self._base.execute(query, (number,)).fetchone()
        try:
            blobs: dict[str, Any] = dict(zip(CONTENT_NAMES, row, strict=True))
            return Content.from_bytes(outline, blobs)
        except (TypeError, ValueError) as error:
            raise SurveyError(f"{self.path}: the record {number} is damaged") from error


def _outline(values: list[Any]) -> Outline:
    width, height, clean_width, clean_height, hr, lr, matches, rows, columns = values[:9]
    notes, seconds, encoded = values[9:]
    sizes = (width, height), (clean_width, clean_height)
    told = tuple(json.loads(notes))
    return Outline(*sizes, hr, lr, matches, rows, columns, told, seconds, json.loads(encoded))
