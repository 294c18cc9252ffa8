"""The run file of a data set: what is done, the rows of all pairs, and who is writing."""

import contextlib
import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from srviewer.errors import ExportError, InUseError, RunStopped
from srviewer.export.manifest import ImageText, Row, image_text
from srviewer.export.run_rows import KIND, LYING_COLUMN, WRONG, Known, Pair
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.texts import parse_json
from srviewer.runs.data_sets import RUN_FILE as RUN_FILE
from srviewer.runs.database import Database, sqlite_code
from srviewer.runs.folders import remove_file
from srviewer.runs.inputs import Input
from srviewer.runs.locks import process_with_lock
from srviewer.runs.marks import FileMark
from srviewer.runs.versions import VERSIONS

# What is said of the whole: whether what was there before is taken over; whether the container
# holds all pairs, and which files of a new one are to be put in place.
BEGUN, PACKED, PLACING = "begun", "packed", "placing"
_FAILURE = "failure "
_MOST_PLACED = 64 << 20  # bytes of text: the names of half a million files
_PAIR_COLUMNS = ", ".join(Pair._fields)
_OLDER_COLUMNS = _PAIR_COLUMNS.replace("lying", "''")
_TAKEN = "another export is writing into this folder: {}"
_IN_USE = "another program is using the run file of this folder"
_held: set[Path] = set()  # by this program


# Conditions for `RunFile.images`.
DONE, UNDER_WAY = "sha256 IS NOT NULL", "sha256 IS NULL"


def images_with(condition: str) -> str:
    """Return the condition of images that have a pair which `condition` holds for."""
    return f"EXISTS (SELECT 1 FROM pair WHERE image = id AND ({condition}))"


WITH_PAIRS = images_with("NOT dropped")


class RunFile(Database):
    """The run file of the data set `out`, kept from all others until it is closed.

    With `looking`, what it holds is read without a lock, as of `Database`, and nothing is written.

    The system lets go of it when this process ends, however it does. Each change is one
    transaction in SQLite's log: a kill costs nothing that was finished, and a power failure leaves
    a whole file of a moment before.

    Attributes
    ----------
    is_new : bool
        Whether nothing was taken over yet of what the folder may hold.

    Raises
    ------
    ExportError
        Where another export keeps it, or it is no run file.
    """

    def __init__(self, out: Path, *, looking: bool = False) -> None:
        self._name, self._keeps = out.resolve() / RUN_FILE, False
        if looking:
            super().__init__(out / RUN_FILE, KIND, writing=False, looking=True)
            self._pair_columns = _PAIR_COLUMNS if self._tells_lying() else _OLDER_COLUMNS
            self.is_new = self.get(BEGUN) is None
            return
        if self._name in _held:
            raise InUseError(_TAKEN.format("this program"), path=out)
        try:
            super().__init__(out / RUN_FILE, KIND, writing=True, alone=True)
        except ExportError as error:
            if sqlite_code(error) == sqlite3.SQLITE_BUSY:
                cause = _TAKEN.format(who) if (who := _writer(out / RUN_FILE)) else _IN_USE
                raise InUseError(cause, path=out) from error
            raise
        _held.add(self._name)
        self._keeps = True
        try:
            self._pair_columns = _PAIR_COLUMNS
            if not self._tells_lying():
                self.execute(f"ALTER TABLE pair ADD COLUMN {LYING_COLUMN}")
            if any(self.first(f"SELECT EXISTS (SELECT 1 FROM {each})") for each in WRONG):
                raise ExportError("a damaged run file: values of other types", path=self.path)
            self.is_new = self.get(BEGUN) is None
            now = time.strftime("%Y-%m-%d %H:%M:%S")
            self.set("writer", f"process {os.getpid()} on {platform.node()} since {now}")
            # From here on nothing is written to the file itself until the log is full.
            self.execute("PRAGMA journal_mode = WAL")
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.execute("PRAGMA synchronous = NORMAL")
            self._identity = self.path.stat()
        except BaseException:
            self.close()
            raise

    def _tells_lying(self) -> bool:
        """Tell whether there is room for how windows lie, which older files have not."""
        return any(name == "lying" for _, name, *_ in self.rows("PRAGMA table_info(pair)"))

    def settle(self) -> None:
        """Let nothing but the file itself be left when it is closed; else nobody could tell.

        Raises
        ------
        ExportError
            Where the log cannot be written into the file; it stays then, and is read next time.
            Where something beside it cannot be removed.
        """
        if self.first("PRAGMA journal_mode = DELETE") != "delete":  # not every refusal is an error
            raise ExportError("its log cannot be written into it", path=self.path)
        # SQLite, still alone with the file, leaves what held its last change, and removes it when
        # it closes the file, but does not say where that fails.
        with self.explained():
            remove_file(self.path.parent, f"{self.path.name}-journal")

    def close(self) -> None:
        """Let others write; doing it twice does no harm."""
        if self._keeps:
            self._keeps = False
            _held.discard(self._name)
            with contextlib.suppress(ExportError):  # `settle` has told it, or it is not all
                self.settle()
        super().close()

    def is_there(self) -> bool:
        """Tell whether the file is still where it was made."""
        with contextlib.suppress(OSError):
            return os.path.samestat(self.path.stat(), self._identity)
        return False

    def get(self, key: str) -> str | None:
        """Return what `set` was given."""
        value: str | None = self.first("SELECT value FROM about WHERE key = ?", (key,))
        return value

    def set(self, key: str, value: str | None) -> None:
        """Remember `value` under `key`, or forget it."""
        self.execute("DELETE FROM about WHERE key = ?", (key,))
        if value is not None:
            self.execute("INSERT INTO about VALUES (?, ?)", (key, value))

    # Images

    def images(self, condition: str = "true") -> Iterator[Known]:
        """Yield the images that `condition` holds for, in the order of their names."""
        last = b""
        while True:  # not one long query, so that what it yields may be changed meanwhile
            found = self.rows(
                "SELECT name, stem, bytes, mtime_ns, sha256, kept, waits, "
                "(SELECT count(*) FROM pair WHERE image = id AND NOT dropped) FROM image "
                f"WHERE name > ? AND ({condition}) ORDER BY name LIMIT 500",
                (last,),
            )
            if not found:
                return
            last = found[-1][0]
            with self.damage_explained():
                known = [_known(*row) for row in found]
            yield from known

    def begin(self, images: Iterable[Input]) -> None:
        """Note that `images` are under way; of those that were done, the pairs are forgotten."""
        with self.transaction():
            for image in images:
                self._begin(image)

    def _begin(self, image: Input) -> int | None:
        """Note that `image` is under way, and return its number."""
        names = _bytes(image.name), _bytes(image.stem)
        self._delete_where("name = ?", names[0])
        self.set(f"{_FAILURE}{names[0].hex()}", None)
        return self.execute("INSERT INTO image (name, stem) VALUES (?, ?)", names).lastrowid

    def doubt(self, image: str | None = None) -> None:
        """Let `image`, or all, be done no more; pairs stay noted, so that they can be removed."""
        name = None if image is None else _bytes(image)
        self.execute("UPDATE image SET sha256 = NULL WHERE name = coalesce(?, name)", (name,))

    def forget_begun(self) -> None:
        """Forget all images that are not done, and their pairs."""
        with self.transaction():
            self._delete_where(UNDER_WAY)

    def _delete_where(self, condition: str, *values: bytes) -> None:
        mine = f"image IN (SELECT id FROM image WHERE {condition})"
        gone = self.execute(f"DELETE FROM pair WHERE {mine}", values)
        if gone.rowcount:
            self.set(PACKED, None)
        self.execute(f"DELETE FROM image WHERE {condition}", values)

    def clear(self) -> None:
        """Forget all images and pairs."""
        with self.transaction():
            for table in ("pair", "image"):
                self.execute(f"DELETE FROM {table}")
            self.execute("DELETE FROM about WHERE key != 'writer'")

    def add(
        self,
        image: Input,
        mark: FileMark,
        pairs: Sequence[Pair],
        text: str,
        *,
        waits: bool = False,
        kept: int | None = None,
        versions: dict[str, str] = VERSIONS,
    ) -> None:
        """Note all that came of `image`, which is done from then on.

        Parameters
        ----------
        image : Input
        mark : FileMark
        pairs : sequence of Pair
        text : str
            Its text file.
        waits : bool
            Whether they wait to be packed.
        kept : int, optional
            Pairs that it had, where some were left out to the benefit of other images.
        versions : dict of str to str
            Of the libraries that it was done with.

        Raises
        ------
        RunStopped
            Where the disk is full, with nothing noted.
        """
        kept = len(pairs) if kept is None else kept
        found = (mark.bytes, mark.mtime_ns, mark.sha256, kept, waits, json.dumps(versions))
        marks = ", ".join("?" * len(Pair._fields))
        try:
            with self.transaction():
                number = self._begin(image)
                self.execute(
                    "UPDATE image SET bytes = ?, mtime_ns = ?, sha256 = ?, kept = ?, waits = ?, "
                    "versions = ?, text = ? WHERE id = ?",
                    (*found, _bytes(text), number),
                )
                self.execute_many(
                    f"INSERT INTO pair (image, {_PAIR_COLUMNS}) VALUES (?, {marks})",
                    (
                        (number, y, x, _bytes(hr), _bytes(lr), *figures)
                        for y, x, hr, lr, *figures in pairs
                    ),
                )
                if waits and pairs:
                    self.set(PACKED, None)
        except ExportError as error:
            if sqlite_code(error) == sqlite3.SQLITE_FULL:
                cause = f"{error.cause}; make room, then export again into the same folder"
                raise RunStopped(cause, path=self.path) from error
            raise

    def update_mark(self, image: str, mark: FileMark) -> None:
        """Note another size or time of `image`, whose content is the same."""
        self.execute(
            "UPDATE image SET bytes = ?, mtime_ns = ? WHERE name = ?",
            (mark.bytes, mark.mtime_ns, _bytes(image)),
        )

    def stem(self, image: str) -> str | None:
        """Return the stem of `image`, None where there is none of this name."""
        found = self.rows("SELECT stem FROM image WHERE name = ?", (_bytes(image),))
        with self.damage_explained():
            return _text(found[0][0]) if found else None

    def text(self, image: str) -> str:
        """Return the text file of `image`."""
        query = "SELECT text FROM image WHERE name = ?"
        with self.damage_explained():
            return _text(self.first(query, (_bytes(image),)) or b"")

    def told(self, image: str) -> ImageText | None:
        """Return what the text file of `image` tells."""
        return image_text(self.text(image))

    def versions(self) -> dict[str, str]:
        """Return with which versions the images were done, several of one library in a row.

        Without any image those of now.
        """
        query = "SELECT DISTINCT versions FROM image WHERE sha256 IS NOT NULL ORDER BY versions"
        found: dict[str, dict[str, None]] = {}
        for (text,) in self.rows(query) or [(json.dumps(VERSIONS),)]:
            with self.damage_explained():
                for library, version in parse_json(text).items():
                    found.setdefault(str(library), {})[str(version)] = None
        return {library: ", ".join(versions) for library, versions in found.items()}

    def contents(self) -> frozenset[str]:
        """Return the SHA-256 of the images that are done."""
        found = self.rows("SELECT DISTINCT sha256 FROM image WHERE sha256 IS NOT NULL")
        return frozenset(sha256 for (sha256,) in found)

    def note_likeness(self, content: str, likeness: bytes) -> None:
        """Note what images with this content look like, as `srviewer.runs.copies` tells."""
        self.set(f"likeness {content}", likeness.hex())

    def likenesses(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield name, content and likeness of the images that are done, where that was noted."""
        query = (
            "SELECT name, sha256, value FROM image JOIN about ON key = 'likeness ' || sha256 "
            "ORDER BY name"
        )
        for name, content, value in self.rows(query):
            with self.damage_explained():
                yield _text(name), content, bytes.fromhex(value)

    # What failed

    def note_failure(self, image: str, mark: FileMark, cause: str) -> None:
        """Note why nothing came of `image`, whose file was as `mark` says, until it is done."""
        known = json.dumps([mark.bytes, mark.mtime_ns, cause])
        self.set(f"{_FAILURE}{_bytes(image).hex()}", known)

    def failures(self) -> dict[str, tuple[FileMark, str]]:
        """Return the images that nothing came of, each with its file as it was, and why."""
        found = {}
        query = "SELECT substr(key, ?), value FROM about WHERE key GLOB ?"
        for name, value in self.rows(query, (len(_FAILURE) + 1, f"{_FAILURE}*")):
            with self.damage_explained():
                size, mtime_ns, cause = parse_json(value)
                mark = FileMark(int(size), int(mtime_ns), "")
                found[_text(bytes.fromhex(name))] = mark, str(cause)
        return found

    # Pairs

    def pairs(self, image: str, condition: str = "true", most: int = -1) -> list[Pair]:
        """Return the first `most` pairs of `image` that `condition` holds for, -1 for all."""
        found = self.rows(
            f"SELECT {self._pair_columns} FROM pair WHERE image = "
            "(SELECT id FROM image WHERE name = ?) "
            f"AND ({condition}) ORDER BY y, x LIMIT ?",
            (_bytes(image), most),
        )
        with self.damage_explained():
            return [Pair(y, x, _text(hr), _text(lr), *rest) for y, x, hr, lr, *rest in found]

    def checksums(self, image: str) -> list[tuple[str, str, str, str]]:
        """Return where HR and LR of each pair of `image` are, and their SHA-256, empty if unknown.

        Not of pairs: twice as fast, for all pairs of a data set at its end.
        """
        found = self.rows(
            "SELECT hr, lr, coalesce(sha256_hr, x''), coalesce(sha256_lr, x'') FROM pair "
            "WHERE image = (SELECT id FROM image WHERE name = ?) ORDER BY y, x",
            (_bytes(image),),
        )
        with self.damage_explained():
            return [(_text(hr), _text(lr), one.hex(), other.hex()) for hr, lr, one, other in found]

    def manifest(self, recipe: Recipe, *, by_text: bool) -> Iterator[list[Row]]:
        """Yield the rows of one image after the other, as the manifest has them.

        `by_text` where the text of an image tells something of its rows.
        """
        for known in self.images(WITH_PAIRS):
            told = self.told(known.name) if by_text else None
            yield [pair.row(known.name, recipe, told) for pair in self.pairs(known.name)]

    def count_pairs(self, condition: str = "true") -> int:
        """Return how many pairs of all images `condition` holds for."""
        return int(self.first(f"SELECT count(*) FROM pair WHERE {condition}"))

    def drop_all_but(self, most: int | None) -> None:
        """Mark all pairs but the `most` with the most keypoints, of equal ones the first."""
        with self.transaction():
            self.execute("UPDATE pair SET dropped = 0 WHERE dropped")
            if most is not None and most < self.count_pairs():
                self.execute(
                    "UPDATE pair SET dropped = 1 WHERE (image, y, x) IN (SELECT image, y, x "
                    "FROM pair JOIN image ON id = image ORDER BY keypoints DESC, name, y, x "
                    "LIMIT -1 OFFSET ?)",
                    (most,),
                )

    def delete_dropped(self) -> None:
        """Forget the pairs that are marked."""
        self.execute("DELETE FROM pair WHERE dropped")

    def end_waiting(self) -> None:
        """Note that no image waits to be packed any more."""
        self.execute("UPDATE image SET waits = 0")

    def update(self, image: str, pairs: Iterable[Pair]) -> None:
        """Note where `pairs` of `image` lie now, and their checksums."""
        key = self.first("SELECT id FROM image WHERE name = ?", (_bytes(image),))
        self.execute_many(
            "UPDATE pair SET hr = ?, lr = ?, sha256_hr = ?, sha256_lr = ? "
            "WHERE image = ? AND y = ? AND x = ?",
            ((_bytes(pair.hr), _bytes(pair.lr), *pair[-2:], key, pair.y, pair.x) for pair in pairs),
        )

    # Files that hold many pairs

    def file_mark(self, name: str) -> FileMark | None:
        """Return the mark of a file of the data set as it was noted."""
        noted = self.get(f"file {name}")
        with self.damage_explained():
            if noted is None:
                return None
            size, mtime_ns, sha256 = parse_json(noted)
            bytes.fromhex(sha256)
            return FileMark(int(size), int(mtime_ns), sha256)

    def placing(self) -> frozenset[str] | None:
        """Return the files, or images with their set, that are to be put in place, or None."""
        noted = self.get(PLACING)
        with self.damage_explained():
            if noted is None:
                return None
            return frozenset(map(str, parse_json(noted, _MOST_PLACED)))

    def note_file(self, name: str, mark: FileMark) -> None:
        """Note the mark of a file of the data set."""
        self.set(f"file {name}", json.dumps([mark.bytes, mark.mtime_ns, mark.sha256]))

    def forget_files_but(self, names: Sequence[str]) -> None:
        """Forget the marks of files that a run which ended otherwise has made."""
        other = "key LIKE 'file %' AND key NOT IN (SELECT 'file ' || value FROM json_each(?))"
        self.execute(f"DELETE FROM about WHERE {other}", (json.dumps(names),))


def _known(
    name: bytes, stem: bytes, size: int, mtime_ns: int, sha256: str | None, kept: int, waits: int,
    pairs: int,
) -> Known:  # fmt: skip
    mark = None if sha256 is None else FileMark(size, mtime_ns, sha256)
    return Known(_text(name), _text(stem), mark, kept, pairs, bool(waits))


def _bytes(text: str) -> bytes:
    """Return `text` as the run file has it."""
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _writer(path: Path) -> str | None:
    """Return who keeps the run file `path`, read past the lock; None where that is not known.

    The file tells who wrote last, which may have ended: somebody else may keep it now.
    """
    with contextlib.suppress(sqlite3.Error, TypeError):
        base: Any = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(base):
            (who,) = base.execute("SELECT value FROM about WHERE key = 'writer'").fetchone()
        return who if str(who).startswith(f"process {process_with_lock(path)} on ") else None
    return None
