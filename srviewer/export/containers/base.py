"""What every container can do, how it is read back, and the keys by which its pairs are known."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, NamedTuple

from srviewer.errors import ExportError, reason
from srviewer.export.findings import Kind
from srviewer.export.manifest import Row
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.runs.folders import is_file

FOLDERS = ("", "train/", "validation/")  # that containers lie in, relative to the data set
_UNSAFE = re.compile(rb"[^A-Za-z0-9/_-]")
_LONGEST_KEY = 500  # bytes; LMDB takes 511
_MOST_OPEN = 4  # files: both sides of a split


class StoredError(ExportError):
    """A value, or the file that holds it, cannot be read; `path` is its name in the data set.

    Attributes
    ----------
    kind : Kind
        Of what a check finds.
    """

    kind = Kind.UNREADABLE


class NotThereError(StoredError):
    """A value, or the file or folder that would hold it, is not there."""

    kind = Kind.MISSING


class ShapeError(StoredError):
    """A value is of another size or type than the recipe makes: `value`, not `allowed`."""

    kind = Kind.SHAPE


def other_shape(found: str, wanted: str) -> ShapeError:
    """Return the error of a value that is `found`, not `wanted`."""
    return ShapeError("not what the recipe makes", value=found, allowed=wanted)


class Packed(NamedTuple):
    """A pair as it goes into a container: its row, its key, and its payloads."""

    row: Row
    key: str
    hr: bytes
    lr: bytes


@dataclass(frozen=True)
class Container(ABC):
    """A format that holds all pairs in few files.

    What the manifest names is a file, relative to the data set, and the key of a value in it.

    Attributes
    ----------
    hr, lr : int
        The sides of the patches in pixels.
    own : re.Pattern
        Of the files that it makes, relative to where `write` writes.
    mark : str
        What a place has between the name of the file and the key, with the end of the name.
    data : str
        What completes the name to that of the file that holds the values.
    by_pixels : bool
        Whether the length of a payload depends on the pixels, so that it is measured by a sample.
    """

    hr: int
    lr: int

    own: ClassVar[re.Pattern[str]]
    mark: ClassVar[str]
    data: ClassVar[str] = ""
    by_pixels: ClassVar[bool] = False

    def file(self, place: str) -> str:
        """Return the file that holds what is at `place`, relative to the same folder."""
        return place.partition(self.mark)[0] + self.mark.rstrip("/") + self.data

    def is_own(self, name: str) -> bool:
        """Tell whether a file `name`, relative to the data set, may be one that it made."""
        return re.fullmatch(f"({'|'.join(FOLDERS)})({self.own.pattern})", name) is not None

    @abstractmethod
    def encode(self, bgr: Image, side: str) -> bytes:
        """Return the payload of a patch, uint8 (H, W, 3) in BGR; `side` is ``hr`` or ``lr``."""

    @abstractmethod
    def decode(self, data: bytes, side: str, size: tuple[int, int]) -> AnyImage:
        """Return the values in a payload of `side`, shape (H, W, C), as they were before.

        `size` is width and height of the patch that was stored.

        Raises
        ------
        StoredError
            Where they cannot be read, `ShapeError` where they are others.
        """

    @abstractmethod
    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the manifest's columns ``hr`` and ``lr`` of the pair `index` in `folder`."""

    def order(self, count: int) -> Sequence[int]:
        """Return at which index each of `count` pairs lies, which are in the manifest's order."""
        return range(count)

    @abstractmethod
    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write `count` pairs into `folder`, which exists, as they come."""

    def on_disk(self, payload: int) -> float:
        """Return about how many bytes a payload of so many takes, with its key."""
        return payload

    def besides(self, count: int) -> float:
        """Return about how many bytes there are besides the payloads of `count` pairs."""
        return 0

    @abstractmethod
    def open(self, path: Path) -> Any:
        """Open a file for reading; what is returned has a method `close`."""

    @abstractmethod
    def value(self, opened: Any, key: str) -> bytes:
        """Return the value of `key` in what `open` has returned; `NotThereError` without any."""

    @abstractmethod
    def count(self, opened: Any) -> int:
        """Return how many values of pairs there are in what `open` has returned."""


class Reader:
    """Reads back what the data set `out` holds, by the places that its manifest names.

    Files are opened as they are asked for and stay open, a few at a time, until the end of the
    ``with``; one that could not be opened is not tried again.

    Parameters
    ----------
    out : Path
    container : Container, optional
        None for a folder format, whose places are files.
    """

    def __init__(self, out: Path, container: Container | None) -> None:
        self._out = out
        self._container = container
        self._files: dict[str, Any] = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._close_down_to(0)

    def value(self, place: str) -> bytes:
        """Return what is stored at `place`.

        Raises
        ------
        StoredError
            About `place`, or about the whole file or folder that it would be in.
        """
        container = self._container
        with _errors_about(place):
            if container is None:
                return require_file(self._out, place).read_bytes()
            if container.mark not in place:
                raise NotThereError("not a place in a container")
            key = place.partition(container.mark)[2]
            return container.value(self._opened(container, container.file(place)), key)

    def count(self, file: str) -> int:
        """Return how many values of pairs `file`, relative to the data set, holds."""
        with _errors_about(file):
            if self._container is None or file.endswith(".txt"):  # a list of keys
                return 0
            return self._container.count(self._opened(self._container, file))

    def _opened(self, container: Container, file: str) -> Any:
        """Return `file`, relative to the data set, as the container opens it."""
        if file not in self._files:
            self._close_down_to(_MOST_OPEN - 1)
            try:
                with _errors_about(file):
                    self._files[file] = container.open(require_file(self._out, file))
            except StoredError as error:
                self._files[file] = error
        found = self._files[file]
        if isinstance(found, StoredError):
            raise found.with_traceback(None)
        return found

    def _close_down_to(self, most: int) -> None:
        while len(self._files) > most:
            file = self._files.pop(next(iter(self._files)))
            if not isinstance(file, StoredError):
                file.close()


def require_file(out: Path, name: str) -> Path:
    """Return the path of the file `name` in `out`.

    Raises
    ------
    StoredError
        Where it is no plain file, `NotThereError` where it is not there; about a folder above it
        if it is for that.
    """
    try:
        if is_file(out, name):
            return out / name
    except OSError as error:
        about = Path(error.filename or out / name)
        path = about.relative_to(out) if about.is_relative_to(out) else name
        raise StoredError(reason(error), path=path) from error
    for folder in reversed(PurePosixPath(name).parents[:-1]):
        if not (out / folder).is_dir():
            raise NotThereError("no such folder", path=Path(folder))
    raise NotThereError("no such file", path=name)


@contextmanager
def _errors_about(name: str) -> Iterator[None]:
    """Turn every error into a `StoredError` that is about `name`."""
    try:
        yield
    except StoredError as error:
        raise error.about(name) from error.__cause__
    except Exception as error:  # what libraries say of damaged files is of every kind
        raise StoredError(reason(error) or type(error).__name__, path=name) from error


def pair_key(stem: str, x: int, y: int) -> str:
    """Return the key of a pair: its name in ASCII without dots, all others as ``%`` and hex.

    BasicSR takes what comes before the first dot of a line as the key and encodes it as ASCII;
    webdataset and datasets split a member's name at the first dot.
    """
    name = stem.encode("utf-8", "surrogateescape")
    escaped = _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], name).decode("ascii")
    # webdataset passes over folders like __this__, and datasets over files that begin so.
    escaped = re.sub("(^|/)__", r"\1%5F_", escaped)
    place = f"_x{x:05d}_y{y:05d}"
    if len(escaped) + len(place) > _LONGEST_KEY:
        digest = hashlib.sha256(name).hexdigest()[:32]
        escaped = f"{escaped[: _LONGEST_KEY - len(place) - 34]}%-{digest}"
    return escaped + place
