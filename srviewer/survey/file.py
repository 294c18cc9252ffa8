"""The survey's file: SQLite, written by any number of programs at once.

It keeps SQLite's rollback journal rather than a write-ahead log: a log needs memory that programs
share, which network folders do not have; it leaves two more files beside the survey; and a
reader needs to write them. A record is one short transaction, so programs wait for each other
for milliseconds, and a program that is killed leaves whole records only.
"""

import json
import os
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

from srviewer.errors import RecipeError, SurveyError, cut
from srviewer.pipeline.patching import grid
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.texts import parse_json
from srviewer.pipeline.textures import TEXTURES
from srviewer.runs.database import Database, Kind
from srviewer.runs.marks import FileMark
from srviewer.runs.versions import VERSIONS
from srviewer.survey.key import survey_differences, survey_fields
from srviewer.survey.record import Content, Outline, Record, read_content

SCHEMA = 2
APPLICATION = 0x73725376  # "srSv": tells a survey from other programs' SQLite files

_COUNTED = "width height clean_width clean_height keypoints_hr keypoints_lr matches"
_OUTLINE_KINDS = {
    **dict.fromkeys([*_COUNTED.split(), "window_rows", "window_columns"], "INTEGER"),
    "notes": "TEXT",
    "seconds": "REAL",
    "encoded": "TEXT",
}
_TABLES = f"""
CREATE TABLE recipe (
    id INTEGER PRIMARY KEY,
    computes TEXT NOT NULL,
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
    {", ".join(f"{name} {kind} NOT NULL" for name, kind in _OUTLINE_KINDS.items())},
    UNIQUE (recipe, sha256)
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
) WITHOUT ROWID
"""
_KIND = Kind("survey", APPLICATION, SCHEMA, _TABLES, SurveyError)
# Surveys of the first srviewers have no such tables: their records are of other computations.
_LATER = (
    "CREATE TABLE IF NOT EXISTS made_with (versions TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS part (image INTEGER NOT NULL REFERENCES image, "
    "name TEXT NOT NULL, kind TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (image, name))",
    "CREATE TABLE IF NOT EXISTS likeness (image INTEGER PRIMARY KEY REFERENCES image, bits BLOB)",
)
Source = Path | tuple[Path, ...]
"""The file of an image, or both files of a given pair."""
_OUTLINE = ", ".join(_OUTLINE_KINDS)


class SurveyFile(Database):
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
        super().__init__(path, _KIND, writing=writing)
        # A texture measure that a record does not know makes it one of other computations, too.
        self._computes = f"{computes} {' '.join(TEXTURES)}"
        self._grid = partial(grid, patch=recipe.patch, stride=recipe.stride)
        self._folder = os.path.join(os.path.dirname(os.path.abspath(path)), "")
        try:
            self._recipe = self._recipe_number(recipe, writing)
            if writing:
                for statement in _LATER:
                    self.execute(statement)
        except BaseException:
            self.close()
            raise

    def _recipe_number(self, recipe: Recipe, writing: bool) -> int:
        """Return by which number the tables know `recipe`, -1 where they do not."""
        key = (self._computes, json.dumps(survey_fields(recipe), sort_keys=True))
        find = "SELECT id FROM recipe WHERE computes = ? AND fields = ?"
        found = self.first(find, key)
        if found is None and writing:
            add = "INSERT OR IGNORE INTO recipe (computes, fields) VALUES (?, ?)"
            self.execute(add, key)
            found = self.first(find, key)
        return -1 if found is None else int(found)

    def stored_path(self, source: Source) -> bytes:
        """Return how the file table names an image: by its path from the survey's own folder on.

        So the survey stays good when its folder is moved. Bytes, as a name need not be text. That
        of a given pair has both paths.
        """
        files = (source,) if isinstance(source, Path) else source
        return b"\0".join(map(self._stored, files))

    def _stored(self, path: Path) -> bytes:
        whole = os.path.abspath(path)
        if os.path.normcase(whole).startswith(os.path.normcase(self._folder)):
            whole = whole[len(self._folder) :]
        return os.fsencode(whole.replace(os.sep, "/"))

    def known_mark(self, path: Source, bytes: int, mtime_ns: int) -> FileMark | None:
        """Return the mark of a file that is as it was, None where it is new or has changed."""
        query = "SELECT sha256 FROM file WHERE path = ? AND bytes = ? AND mtime_ns = ?"
        sha256 = self.first(query, (self.stored_path(path), bytes, mtime_ns))
        return FileMark(bytes, mtime_ns, sha256) if sha256 else None

    def has_size(self, bytes: int) -> bool:
        """Tell whether any known file has so many bytes; another one's content must be new."""
        return bool(self.first("SELECT EXISTS (SELECT 1 FROM file WHERE bytes = ?)", (bytes,)))

    def note_file(self, path: Source, mark: FileMark) -> None:
        """Remember the content of the file `path`."""
        self.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
            (self.stored_path(path), mark.bytes, mark.mtime_ns, mark.sha256),
        )

    def _settle(self, path: Source, mark: FileMark) -> None:
        self.note_file(path, mark)
        self.execute(
            "DELETE FROM claim WHERE recipe = ? AND path = ?",
            (self._recipe, self.stored_path(path)),
        )

    def add(self, path: Source, record: Record) -> bool:
        """Keep the record of the file `path`; return whether it was not there yet."""
        line, mark = record.outline, record.mark
        with self.transaction(), self.large_values():
            self._settle(path, mark)
            self.execute(
                "DELETE FROM failure WHERE recipe = ? AND sha256 = ?", (self._recipe, mark.sha256)
            )
            values = (
                *(self._recipe, mark.sha256, *line.size, *line.clean_size),
                *(line.keypoints_hr, line.keypoints_lr, line.matches, line.rows, line.columns),
                *(json.dumps(line.notes), line.seconds, json.dumps(dict(line.encoded))),
            )
            done = self.execute(
                f"INSERT OR IGNORE INTO image (recipe, sha256, {_OUTLINE}) "
                f"VALUES ({', '.join('?' * len(values))})",
                values,
            )
            if not done.rowcount:
                return False
            self.execute("INSERT OR IGNORE INTO made_with VALUES (?)", (json.dumps(VERSIONS),))
            parts = record.content.items()
            self.execute_many(
                "INSERT INTO part VALUES (?, ?, ?, ?)",
                [(done.lastrowid, name, part.dtype.str, part.tobytes()) for name, part in parts],
            )
            self.execute("INSERT INTO likeness VALUES (?, ?)", (done.lastrowid, record.likeness))
        return True

    def add_failure(self, path: Source, mark: FileMark, cause: str) -> None:
        """Keep why the file `path` failed, unless another program has its record."""
        with self.transaction():
            self._settle(path, mark)
            if not self.has(mark.sha256):
                self.execute(
                    "INSERT OR REPLACE INTO failure VALUES (?, ?, ?)",
                    (self._recipe, mark.sha256, cause),
                )

    def claim(self, path: Source, owner: str, *, anyway: bool) -> bool:
        """Note that `owner` begins the file `path`, and return whether it may.

        It may not where another owner has noted so, unless `anyway` is set.
        """
        with self.transaction():
            self.execute(
                f"INSERT OR {'REPLACE' if anyway else 'IGNORE'} INTO claim VALUES (?, ?, ?)",
                (self._recipe, self.stored_path(path), owner),
            )
            query = "SELECT owner FROM claim WHERE recipe = ? AND path = ?"
            return bool(self.first(query, (self._recipe, self.stored_path(path))) == owner)

    def release(self, owner: str) -> None:
        """Take the claims of `owner` back."""
        self.execute("DELETE FROM claim WHERE owner = ?", (owner,))

    def has(self, sha256: str) -> bool:
        """Tell whether there is a record of this content."""
        query = "SELECT EXISTS (SELECT 1 FROM image WHERE recipe = ? AND sha256 = ?)"
        return bool(self.first(query, (self._recipe, sha256)))

    def failure(self, sha256: str) -> str | None:
        """Return why this content failed, None where it did not."""
        query = "SELECT cause FROM failure WHERE recipe = ? AND sha256 = ?"
        cause = self.first(query, (self._recipe, sha256))
        return None if cause is None else _cause(cause)

    def made_with(self) -> list[dict[str, str]]:
        """Return with which versions the records were made, of any recipe."""
        found = []
        for (text,) in self.rows("SELECT versions FROM made_with"):
            with suppress(ValueError):
                found.append(parse_json(text))
        return [versions for versions in found if isinstance(versions, dict)]

    def has_others(self) -> bool:
        """Tell whether there are records of versions that computed otherwise."""
        others = "SELECT 1 FROM image JOIN recipe ON recipe.id = image.recipe WHERE computes != ?"
        return bool(self.first(f"SELECT EXISTS ({others})", (self._computes,)))

    def files(self) -> dict[bytes, FileMark]:
        """Return the marks of all known files by what `stored_path` gives."""
        rows = self.rows("SELECT path, bytes, mtime_ns, sha256 FROM file")
        return {path: FileMark(*mark) for path, *mark in rows}

    def outlines(self) -> dict[str, tuple[int, Outline]]:
        """Return number and outline of every record, by content."""
        rows = self.rows(
            f"SELECT id, sha256, {_OUTLINE} FROM image WHERE recipe = ?", (self._recipe,)
        )
        return {sha256: (number, self._outline(number, values)) for number, sha256, *values in rows}

    def _outline(self, number: int, values: list[object]) -> Outline:
        try:
            outline = Outline.from_row(values)
            if self._grid(outline.clean_size) != (outline.columns, outline.rows):
                raise ValueError("its windows do not fit its size")
        except ValueError as error:
            raise self._damaged(number, error) from error
        return outline

    def _damaged(self, number: int, error: Exception) -> SurveyError:
        return SurveyError(f"the record {number} is damaged: {cut(str(error))}", path=self.path)

    def likenesses(self) -> dict[int, bytes]:
        """Return what the images look like, by the number of their record."""
        if not self.first("SELECT count(*) FROM sqlite_master WHERE name = 'likeness'"):
            return {}
        found = self.rows("SELECT image, bits FROM likeness")
        return {number: bits for number, bits in found if isinstance(bits, bytes)}

    def failures(self) -> dict[str, str]:
        """Return the causes of all failures, by content."""
        query = "SELECT sha256, cause FROM failure WHERE recipe = ?"
        return {sha256: _cause(cause) for sha256, cause in self.rows(query, (self._recipe,))}

    def nearest(self, recipe: Recipe, known: Collection[str]) -> Recipe | None:
        """Return the recipe nearest to `recipe` that there are records of these contents under.

        The nearest differs in the fewest fields; among those, most contents are known under it.
        """
        rows = self.rows(
            "SELECT fields, sha256 FROM image JOIN recipe ON recipe.id = image.recipe "
            "WHERE computes = ?",
            (self._computes,),
        )
        counts = Counter(fields for fields, sha256 in rows if sha256 in known)
        found = []
        for fields, count in counts.items():
            # Of an older srviewer, with knobs that are gone; or no fields of a recipe at all.
            with suppress(RecipeError, TypeError, ValueError):
                other = recipe.replace(**parse_json(fields))
                found.append((len(survey_differences(recipe, other)), -count, fields, other))
        return min(found)[-1] if found else None

    def content(self, number: int, outline: Outline) -> Content:
        """Return the content of the record `number`; its arrays cannot be written to."""
        with self.large_values():
            rows = self.rows("SELECT name, kind, bytes FROM part WHERE image = ?", (number,))
        try:
            return read_content(outline, rows)
        except (TypeError, ValueError) as error:
            raise self._damaged(number, error) from error


def _cause(stored: object) -> str:
    return cut(str(stored), 1000)
