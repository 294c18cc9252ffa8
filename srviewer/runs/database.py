"""SQLite files that runs keep beside a person's images: there is one way to open them."""

import contextlib
import errno
import os
import re
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from srviewer.errors import SrviewerError, reason
from srviewer.runs.folders import file_in, make_folders, new_file, remove_file

try:
    import fcntl
except ImportError:  # not on Windows, where locks always work
    fcntl = None  # type: ignore[assignment]

BESIDE = ("-journal", "-wal", "-shm")  # what SQLite may keep beside a file, after its name
# Tables of plain columns, and indexes on them. What else SQLite knows, such as views, triggers and
# columns that are computed, are programs, which may take hours and all memory.
_PLAIN = re.compile(
    r"""
    CREATE\ TABLE\ \w+\ ?\(
        (?: [\w\s,] | (?: UNIQUE | PRIMARY\ KEY )\ \([\w\s,]+\) | DEFAULT\ '(?: \{\} )?' )+
    \)(?: \s+ WITHOUT\ ROWID )? \s*
    | CREATE\ INDEX\ \w+\ ON\ \w+\ \([\w\s,]+\)
    """,
    re.VERBOSE,
)
_LONGEST_DEFINITION = 4000  # characters; ours have up to 700
NO_LOCKS = (
    "locks do not work on this share: nothing but your care keeps two programs from writing to "
    "this file at once"
)
_MOST_BYTES = 128 << 20  # of a value that is not said to be large; half of it may be names
WAIT = 60.0  # seconds for another program's transaction
# A journal that ends so names another file, which SQLite deletes; none of ours ever does.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
_PROBE = re.compile(r"\.srviewer-[0-9a-f]{32}\.probe")
_UNWRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    name : str
        As ``survey``.
    application, schema : int
        Tell it from other SQLite files, and from what a newer srviewer makes.
    tables : str
        The statements that make an empty file one of this kind.
    error : type
        Of what goes wrong with it.
    """

    name: str
    application: int
    schema: int
    tables: str
    error: type[SrviewerError]


class Database:
    """A file that is open, in the thread that opened it.

    Parameters
    ----------
    path : Path
    kind : Kind
    writing : bool
        Make the file and its folder if need be; without it the file must be there.
    alone : bool
        Keep all others out, readers too, until it is closed or this process ends.
    looking : bool
        Take no lock and write nothing, not even a file beside it: nobody is kept waiting, and what
        another program is about to write, or a killed one has not put in place, is not seen. So
        what is found is for a person to read, and nothing is to be decided by it.

    Attributes
    ----------
    has_locks : bool
        Whether anything keeps two programs from writing at the same time.

    Raises
    ------
    SrviewerError
        Of the kind's type, where the file cannot be used; its cause is `sqlite3.OperationalError`
        with the code SQLITE_BUSY where another program keeps it.
    """

    def __init__(
        self,
        path: Path,
        kind: Kind,
        *,
        writing: bool,
        alone: bool = False,
        looking: bool = False,
    ) -> None:
        self.path = path
        self._kind = kind
        with self.explained():
            if writing:
                make_folders(path.parent)
            for suffix in ("", *BESIDE):
                file_in(path.parent, f"{path.name}{suffix}", to_change=True)
            self._refuse_planted_journal(Path(f"{path}-journal"))
            self.has_locks = looking or _locks_work(path.parent, path.parent.stat().st_dev)
            # Even a reader may have to take back what a killed program has not finished.
            how = "rwc" if writing else "ro" if looking else "rw"
            locks = "&immutable=1" if looking else "" if self.has_locks else "&nolock=1"
            self._connection = sqlite3.connect(
                f"{Path(os.path.abspath(path)).as_uri()}?mode={how}{locks}",
                timeout=0 if alone else WAIT,
                isolation_level=None,
                uri=True,
            )
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
        try:
            with self.explained():
                if alone:
                    self.execute("PRAGMA locking_mode = EXCLUSIVE")
                    self.execute("BEGIN EXCLUSIVE")
                    self.execute("ROLLBACK")
                self._require(writing)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _refuse_planted_journal(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_NAMES_ANOTHER)))
            if file.read() == _NAMES_ANOTHER:
                raise self._kind.error(
                    "a journal that would delete another file, which srviewer never writes",
                    path=path,
                )

    def _require(self, writing: bool) -> None:
        """Make an empty file one of this kind, and raise where it is of another."""
        name, schema = self._kind.name, self._kind.schema
        self.execute("PRAGMA trusted_schema = OFF")
        if writing and self._is_new():
            with self.transaction():
                if self._is_new():  # still, now that no other program can make it one
                    for statement in self._kind.tables.split(";"):
                        self.execute(statement)
                    self.execute(f"PRAGMA application_id = {self._kind.application}")
                    self.execute(f"PRAGMA user_version = {schema}")
        if self.pragma("application_id") != self._kind.application:
            raise self._kind.error(f"not a {name} of srviewer; it is left as it is", path=self.path)
        version = self.pragma("user_version")
        if version > schema:
            raise self._kind.error(
                f"made by a newer srviewer ({name} version {version}); this one reads versions "
                f"up to {schema}",
                path=self.path,
            )
        query = "SELECT substr(sql, 1, ?) FROM sqlite_master WHERE sql IS NOT NULL"
        definitions = self.rows(query, (_LONGEST_DEFINITION,))
        if not all(isinstance(sql, str) and _PLAIN.fullmatch(sql) for (sql,) in definitions):
            raise self._kind.error(f"not a {name} of srviewer; it is left as it is", path=self.path)

    def _is_new(self) -> bool:
        """Tell whether the file is as empty as SQLite makes it."""
        nothing = self.first("SELECT count(*) = 0 FROM sqlite_master")
        return bool(nothing) and self.pragma("application_id") == 0

    def pragma(self, name: str) -> int:
        """Return the whole number that SQLite keeps under `name`, as set if it has ``= N``."""
        return int(self.first(f"PRAGMA {name}"))

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Execute one statement."""
        with self.explained():
            return self._connection.execute(statement, values)

    def rows(self, query: str, values: Any = ()) -> list[Any]:
        """Return all rows that `query` finds."""
        with self.explained():
            return self._connection.execute(query, values).fetchall()

    def first(self, query: str, values: Any = ()) -> Any:
        """Return the first value of the first row that `query` finds, None where it finds none."""
        found = self.rows(query, values)
        return found[0][0] if found else None

    def execute_many(self, statement: str, values: Any) -> None:
        """Execute one statement for each of `values`."""
        with self.explained():
            self._connection.executemany(statement, values)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the block or nothing; other programs wait meanwhile."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # SQLite has ended it itself when the disk is full; where the file cannot be written any
            # more, whoever opens it next takes it back.
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def large_values(self) -> Iterator[None]:
        """Let values be as large in the block as SQLite has them."""
        before = self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 0x7FFFFFFF)
        try:
            yield
        finally:
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)

    @contextlib.contextmanager
    def damage_explained(self) -> Iterator[None]:
        """Raise where the block finds values in the file that this program has not put there."""
        try:
            yield
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            cause = f"a damaged {self._kind.name}: {error}"
            raise self._kind.error(cause, path=self.path) from error

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what goes wrong in the block as an error of the kind."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            cause, path = reason(error), self.path
            if isinstance(error, OSError):
                path = Path(error.filename or path)
            elif _primary(error) in _UNWRITABLE and _is_read_only(path.parent):
                cause = f"{os.strerror(errno.EROFS)}; choose a place that can be written to"
            elif "not a database" in cause:
                cause = f"not a {self._kind.name}: no SQLite file; it is left as it is"
            raise self._kind.error(cause, path=path) from error


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # what is above tells more


def _is_read_only(folder: Path) -> bool:
    """Tell whether `folder` is on a file system that nothing can be written to."""
    with contextlib.suppress(OSError, AttributeError):  # not on Windows
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    return False


def sqlite_code(error: SrviewerError) -> int | None:
    """Return SQLite's code of what `error` came from, None where that was something else."""
    return getattr(error.__cause__, "sqlite_errorcode", None)


@cache
def _locks_work(folder: Path, device: int) -> bool:
    """Tell whether a file in `folder` can be locked, as far as can be tried.

    SQLite calls the lack of locks "busy" or an I/O error. It is tried on a file of its own: to
    close a file would let go of all locks that this process has on it.
    """
    if fcntl is None:
        return True
    probe = folder / f".srviewer-{uuid.uuid4().hex}.probe"
    try:
        with open(new_file(probe), "wb") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _WITHOUT_LOCKS
    finally:
        _remove_probes(folder, probe.name)
    return True


def _remove_probes(folder: Path, mine: str) -> None:
    """Remove the probe `mine` and those that programs have left which were killed over theirs."""
    names = [mine]
    with contextlib.suppress(OSError):
        remove_file(folder, mine)
        names = os.listdir(folder)
    for name in filter(_PROBE.fullmatch, names):
        with contextlib.suppress(OSError):
            remove_file(folder, name)
