"""The run file of a data set: what is done, the rows of all pairs, and who is writing."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from srviewer.errors import ExportError, RunStopped
from srviewer.export.manifest import Row
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.database import Database, Kind, is_busy, is_full
from srviewer.runs.inputs import Input
from srviewer.runs.marks import FileMark
from srviewer.runs.versions import VERSIONS

RUN_FILE = ".srviewer-export.sqlite"
# What is said of the whole: whether what was there before is taken over; whether the container
# holds all pairs, and which files of a new one are to be put in place.
BEGUN, PACKED, PLACING = "begun", "packed", "placing"
UNKNOWN = -1  # size and time of an image whose content alone is known

# Names are bytes, since they need not be text; as these bytes they sort as Python's strings do.
_TABLES = """
CREATE TABLE about (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    stem BLOB NOT NULL,
    bytes INTEGER,
    mtime_ns INTEGER,
    sha256 TEXT,
    kept INTEGER NOT NULL DEFAULT 0,
    waits INTEGER NOT NULL DEFAULT 0,
    versions TEXT NOT NULL DEFAULT '{}',
    text BLOB
);
CREATE TABLE pair (
    image INTEGER NOT NULL REFERENCES image,
    y INTEGER NOT NULL,
    x INTEGER NOT NULL,
    hr BLOB NOT NULL,
    lr BLOB NOT NULL,
    keypoints INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    psnr TEXT NOT NULL,
    ssim TEXT NOT NULL,
    sha256_hr BLOB,
    sha256_lr BLOB,
    dropped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (image, y, x)
) WITHOUT ROWID;
CREATE TABLE file (
    name TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) WITHOUT ROWID
"""
WITH_PAIRS = "EXISTS (SELECT 1 FROM pair WHERE image = id AND NOT dropped)"
_KIND = Kind("run file", 0x73725278, 1, _TABLES, ExportError)  # "srRx"
_PAIR = "y, x, hr, lr, keypoints, matches, psnr, ssim, sha256_hr, sha256_lr"
_held: set[Path] = set()  # by this program


class Pair(NamedTuple):
    """A pair as the run file has it; `hr` and `lr` are its files, or equal keys until packed."""

    y: int
    x: int
    hr: str
    lr: str
    keypoints: int
    matches: int
    psnr: str
    ssim: str
    sha256_hr: bytes | None = None
    sha256_lr: bytes | None = None

    def row(self, image: str, recipe: Recipe) -> Row:
        """Return its row in the manifest."""
        side, scale = str(recipe.patch), str(recipe.scale)
        figures = (str(self.keypoints), str(self.matches), self.psnr, self.ssim)
        return Row(image, self.hr, self.lr, str(self.x), str(self.y), side, side, scale, *figures)


class Known(NamedTuple):
    """What the run file has of an image.

    Attributes
    ----------
    name, stem : str
    mark : FileMark, optional
        None where the image was begun and is not done.
    kept, pairs : int
        Its pairs when it was done, and those of them that are in the data set.
    waits : bool
        Whether they wait to be packed.
    """

    name: str
    stem: str
    mark: FileMark | None
    kept: int
    pairs: int
    waits: bool

    @property
    def is_cut(self) -> bool:
        """Whether pairs were left out to the benefit of other images."""
        return self.pairs < self.kept

    @property
    def input(self) -> Input:
        """The image, without its path."""
        return Input(Path(self.name), self.name, self.stem)


class Adopted(NamedTuple):
    """An image of a data set without run file, as its text file tells.

    Attributes
    ----------
    name, stem, sha256 : str
    kept : int
        Pairs that it had when it was done.
    text : str
    versions : mapping of str to str
    may_be_cut : bool
        Whether pairs of it may have been left out to the benefit of other images.
    """

    name: str
    stem: str
    sha256: str
    kept: int
    text: str
    versions: dict[str, str]
    may_be_cut: bool


class RunFile:
    """The run file of the data set `out`, kept from all others until it is closed.

    The system lets go of it when this process ends, however it does. Each change is one
    transaction in SQLite's log: a kill costs nothing that was finished, and a power failure leaves
    a whole file of a moment before.

    Raises
    ------
    ExportError
        Where another export keeps it, or it is no run file.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / RUN_FILE
        self._name = out.resolve() / RUN_FILE
        if self._name in _held:
            raise _taken(out, "this program")
        try:
            self._base = Database(self._path, _KIND, writing=True, alone=True)
        except ExportError as error:
            if is_busy(error):
                raise _taken(out, _writer(self._path)) from error
            raise
        _held.add(self._name)
        self.has_locks = self._base.has_locks
        self.is_new = self.get(BEGUN) is None
        self.set("writer", f"process {os.getpid()} on {platform.node()} since {_now()}")
        # From here on nothing is written to the file itself until the log is full.
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._base.execute("PRAGMA synchronous = NORMAL")
        found = self._path.stat()
        self._identity = found.st_dev, found.st_ino

    def close(self) -> None:
        """Let others write; doing it twice does no harm."""
        if self._name in _held:
            _held.discard(self._name)
            with contextlib.suppress(ExportError):  # the log stays then, and is read next time
                self._base.execute("PRAGMA journal_mode = DELETE")
            self._base.close()

    def is_there(self) -> bool:
        """Tell whether the file is still where it was made."""
        with contextlib.suppress(OSError):
            found = self._path.stat()
            return (found.st_dev, found.st_ino) == self._identity
        return False

    def get(self, key: str) -> str | None:
        """Return what `set` was given."""
        value: str | None = self._base.first("SELECT value FROM about WHERE key = ?", (key,))
        return value

    def set(self, key: str, value: str | None) -> None:
        """Remember `value` under `key`, or forget it."""
        self._base.execute("DELETE FROM about WHERE key = ?", (key,))
        if value is not None:
            self._base.execute("INSERT INTO about VALUES (?, ?)", (key, value))

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Do all of a block or nothing."""
        return self._base.transaction()

    # Images

    def images(self, condition: str = "true") -> Iterator[Known]:
        """Yield the images that `condition` holds for, in the order of their names."""
        last = b""
        while True:  # not one long query, so that what it yields may be changed meanwhile
            found = self._base.rows(
                "SELECT name, stem, bytes, mtime_ns, sha256, kept, waits, "
                "(SELECT count(*) FROM pair WHERE image = id AND NOT dropped) FROM image "
                f"WHERE name > ? AND ({condition}) ORDER BY name LIMIT 500",
                (last,),
            )
            for name, stem, size, mtime_ns, sha256, kept, waits, pairs in found:
                last = name
                mark = None if sha256 is None else FileMark(size, mtime_ns, sha256)
                yield Known(_text(name), _text(stem), mark, kept, pairs, bool(waits))
            if not found:
                return

    def known(self, image: str) -> Known | None:
        """Return what is known of `image`, None where it was never begun."""
        return next(self.images(f"name = x'{_bytes(image).hex()}'"), None)

    def begin(self, images: Iterable[Input]) -> None:
        """Note that `images` are under way; of those that were done, the pairs are forgotten."""
        with self.transaction():
            for image in images:
                self._delete(image.name)
                self._base.execute(
                    "INSERT INTO image (name, stem) VALUES (?, ?)",
                    (_bytes(image.name), _bytes(image.stem)),
                )

    def doubt(self, condition: str) -> None:
        """Let the images that `condition` holds for be done no more; their pairs stay noted."""
        self._base.execute(f"UPDATE image SET sha256 = NULL WHERE {condition}")

    def doubt_image(self, image: str) -> None:
        """Let `image` be done no more; its pairs stay noted, so that they can be removed."""
        self.doubt(f"name = x'{_bytes(image).hex()}'")

    def forget_begun(self) -> None:
        """Forget all images that are not done, and their pairs."""
        with self.transaction():
            self._delete_where("sha256 IS NULL")

    def _delete(self, image: str) -> None:
        self._delete_where(f"name = x'{_bytes(image).hex()}'")

    def _delete_where(self, condition: str) -> None:
        gone = self._base.execute(
            f"DELETE FROM pair WHERE image IN (SELECT id FROM image WHERE {condition})"
        )
        if gone.rowcount:
            self.set(PACKED, None)
        self._base.execute(f"DELETE FROM image WHERE {condition}")

    def clear(self) -> None:
        """Forget all images and pairs."""
        with self.transaction():
            for table in ("pair", "image", "file"):
                self._base.execute(f"DELETE FROM {table}")
            self._base.execute("DELETE FROM about WHERE key != 'writer'")

    def add(
        self,
        image: Input,
        mark: FileMark,
        pairs: Iterable[Pair],
        text: str,
        *,
        waits: bool = False,
        kept: int | None = None,
        versions: dict[str, str] = VERSIONS,
    ) -> None:
        """Note all that came of `image`, which is done from then on.

        Raises
        ------
        RunStopped
            Where the disk is full, with nothing noted.
        """
        values = (mark.bytes, mark.mtime_ns, mark.sha256, waits, json.dumps(versions))
        try:
            with self.transaction():
                self._delete(image.name)
                number = self._base.execute(
                    "INSERT INTO image (name, stem, bytes, mtime_ns, sha256, waits, versions, "
                    "text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (_bytes(image.name), _bytes(image.stem), *values, _bytes(text)),
                ).lastrowid
                self._base.execute_many(
                    f"INSERT INTO pair (image, {_PAIR}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        (number, y, x, _bytes(hr), _bytes(lr), *figures)
                        for y, x, hr, lr, *figures in pairs
                    ),
                )
                if waits:
                    self.set(PACKED, None)
                self._base.execute(
                    "UPDATE image SET kept = coalesce(?, (SELECT count(*) FROM pair "
                    "WHERE image = id)) WHERE id = ?",
                    (kept, number),
                )
        except ExportError as error:
            if is_full(error):
                raise RunStopped(
                    f"{error.cause}; make room, then export again into the same folder",
                    path=self._path,
                ) from error
            raise

    def update_mark(self, image: str, mark: FileMark) -> None:
        """Note another size or time of `image`, whose content is the same."""
        self._base.execute(
            "UPDATE image SET bytes = ?, mtime_ns = ? WHERE name = ?",
            (mark.bytes, mark.mtime_ns, _bytes(image)),
        )

    def text(self, image: str) -> str:
        """Return the text file of `image`."""
        query = "SELECT text FROM image WHERE name = ?"
        return _text(self._base.first(query, (_bytes(image),)) or b"")

    def versions(self) -> dict[str, str]:
        """Return with which versions the images were done, several of one library in a row.

        Without any image those of now.
        """
        query = "SELECT DISTINCT versions FROM image WHERE sha256 IS NOT NULL ORDER BY versions"
        found: dict[str, dict[str, None]] = {}
        for (text,) in self._base.rows(query) or [(json.dumps(VERSIONS),)]:
            for library, version in json.loads(text).items():
                found.setdefault(library, {})[version] = None
        return {library: ", ".join(versions) for library, versions in found.items()}

    # Pairs

    def pairs(self, image: str, condition: str = "true", most: int = -1) -> list[Pair]:
        """Return the first `most` pairs of `image` that `condition` holds for, -1 for all."""
        found = self._base.rows(
            f"SELECT {_PAIR} FROM pair WHERE image = (SELECT id FROM image WHERE name = ?) "
            f"AND ({condition}) ORDER BY y, x LIMIT ?",
            (_bytes(image), most),
        )
        return [Pair(y, x, _text(hr), _text(lr), *rest) for y, x, hr, lr, *rest in found]

    def first_pair(self, image: str) -> Pair | None:
        """Return the first pair of `image`."""
        found = self.pairs(image, most=1)
        return found[0] if found else None

    def count_pairs(self, condition: str = "true") -> int:
        """Return how many pairs of all images `condition` holds for."""
        return int(self._base.first(f"SELECT count(*) FROM pair WHERE {condition}"))

    def drop_all_but(self, most: int | None) -> None:
        """Mark all pairs but the `most` with the most keypoints, of equal ones the first."""
        with self.transaction():
            self._base.execute("UPDATE pair SET dropped = 0 WHERE dropped")
            if most is not None and most < self.count_pairs():
                self._base.execute(
                    "UPDATE pair SET dropped = 1 WHERE (image, y, x) IN (SELECT image, y, x "
                    "FROM pair JOIN image ON id = image ORDER BY keypoints DESC, name, y, x "
                    "LIMIT -1 OFFSET ?)",
                    (most,),
                )

    def delete_dropped(self) -> None:
        """Forget the pairs that are marked."""
        self._base.execute("DELETE FROM pair WHERE dropped")

    def end_waiting(self) -> None:
        """Note that no image waits to be packed any more."""
        self._base.execute("UPDATE image SET waits = 0")

    def settle(self, image: str, pairs: Iterable[Pair]) -> None:
        """Note where `pairs` of `image` lie now that they are packed."""
        key = self._base.first("SELECT id FROM image WHERE name = ?", (_bytes(image),))
        self._base.execute_many(
            "UPDATE pair SET hr = ?, lr = ? WHERE image = ? AND y = ? AND x = ?",
            ((_bytes(pair.hr), _bytes(pair.lr), key, pair.y, pair.x) for pair in pairs),
        )

    def set_sums(self, image: str, pairs: Iterable[Pair]) -> None:
        """Note the checksums of `pairs` of `image`."""
        self._base.execute_many(
            "UPDATE pair SET sha256_hr = ?, sha256_lr = ? "
            "WHERE image = (SELECT id FROM image WHERE name = ?) AND y = ? AND x = ?",
            ((pair.sha256_hr, pair.sha256_lr, _bytes(image), pair.y, pair.x) for pair in pairs),
        )

    # What other files tell

    def adopt_pair(self, image: str, stem: str, pair: Pair) -> None:
        """Take over a pair of an image that is not done yet; one that is there already stays."""
        self._base.execute(
            "INSERT OR IGNORE INTO image (name, stem) VALUES (?, ?)", (_bytes(image), _bytes(stem))
        )
        y, x, hr, lr, *figures = pair
        self._base.execute(
            f"INSERT OR IGNORE INTO pair (image, {_PAIR}) "
            "VALUES ((SELECT id FROM image WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_bytes(image), y, x, _bytes(hr), _bytes(lr), *figures),
        )

    def adopt_image(self, adopted: Adopted) -> bool:
        """Let an image be done, and tell whether it is, with all pairs that it should have."""
        name, stem, text = map(_bytes, (adopted.name, adopted.stem, adopted.text))
        self._base.execute("INSERT OR IGNORE INTO image (name, stem) VALUES (?, ?)", (name, stem))
        done = self._base.execute(
            "UPDATE image SET stem = ?, sha256 = ?, bytes = ?, mtime_ns = ?, kept = ?, text = ?, "
            "versions = ? WHERE name = ? AND "
            "(? OR ? = (SELECT count(*) FROM pair WHERE image = id))",
            (
                *(stem, adopted.sha256, UNKNOWN, UNKNOWN, adopted.kept, text),
                *(json.dumps(adopted.versions), name, adopted.may_be_cut, adopted.kept),
            ),
        )
        return bool(done.rowcount)

    def adopt_sums(self, known: Iterable[tuple[str, str]]) -> None:
        """Take over the checksums of pairs, by what names HR and LR."""
        self._base.execute("CREATE TEMP TABLE sums (name BLOB PRIMARY KEY, sha256 BLOB)")
        self._base.execute_many(
            "INSERT OR IGNORE INTO sums VALUES (?, ?)",
            ((_bytes(name), bytes.fromhex(digest)) for name, digest in known),
        )
        self._base.execute(
            "UPDATE pair SET sha256_hr = (SELECT sha256 FROM sums WHERE name = hr), "
            "sha256_lr = (SELECT sha256 FROM sums WHERE name = lr)"
        )
        self._base.execute("DROP TABLE sums")

    # Files that hold many pairs

    def file_mark(self, name: str) -> FileMark | None:
        """Return the mark of a file of the data set as it was noted."""
        query = "SELECT bytes, mtime_ns, sha256 FROM file WHERE name = ?"
        found = self._base.rows(query, (name,))
        return FileMark(*found[0]) if found else None

    def note_file(self, name: str, mark: FileMark) -> None:
        """Note the mark of a file of the data set."""
        self._base.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
            (name, mark.bytes, mark.mtime_ns, mark.sha256),
        )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _taken(out: Path, writer: str) -> ExportError:
    return ExportError(f"another export is writing into this folder: {writer}", path=out)


def _writer(path: Path) -> str:
    """Return who keeps the run file `path`, read past the lock."""
    with contextlib.suppress(sqlite3.Error):
        base: Any = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(base):
            return str(base.execute("SELECT value FROM about WHERE key = 'writer'").fetchone()[0])
    return "another program"
