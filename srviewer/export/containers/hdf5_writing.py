"""How an HDF5 file is written: without meeting an error of the system, one side after the other."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from srviewer.export.containers.base import Packed
from srviewer.runs.folders import new_file

_CHUNK = 1 << 16  # bytes: a pair is read in one go, and so are its neighbours
_BLOCK = 1 << 22  # bytes of one dataset that wait to be written


class WrittenFile:
    """A new file for `h5py.File`; what the system refuses is raised when its ``with`` ends.

    HDF5 cannot close what it could not write: the handle stays, and at its exit the process dies of
    it (SIGSEGV). So it is told that all was done, and the file, which is not whole, is not used.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    refused : OSError, optional
        The first error.
    """

    def __init__(self, path: Path) -> None:
        self.refused: OSError | None = None
        self._path = path
        self._file = open(new_file(path, to_read=True), "r+b", buffering=0)  # noqa: SIM115
        self._at = 0
        self._end = 0  # as HDF5 believes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        try:
            self._file.close()
        except OSError as error:
            self._refuse(error)
        if self.refused:
            found = self.refused
            raise OSError(found.errno, found.strerror, str(self._path)) from found

    def _refuse(self, error: OSError) -> None:
        self.refused = self.refused or error

    # What HDF5 calls

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def write(self, data: Any) -> int:
        """Write all of `data`, or keep why that failed."""
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            self._file.seek(self._at)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._refuse(error)
        self._at += size
        self._end = max(self._end, self._at)
        return size

    def read(self, size: int) -> bytes:
        """Return `size` bytes, zeros where nothing was written."""
        data = bytearray(size)
        self.readinto(data)
        return bytes(data)

    def readinto(self, data: Any) -> int:
        """Fill `data`, with zeros where nothing was written."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            self._file.seek(self._at)
            while done < len(view):
                count = self._file.readinto(view[done:])
                if not count:
                    break
                done += count
        except OSError as error:
            self._refuse(error)
        view[done:] = bytes(len(view) - done)
        self._at += len(view)
        return len(view)

    def truncate(self, size: int) -> int:
        """Let the file have `size` bytes."""
        try:
            self._file.truncate(size)
        except OSError as error:
            self._refuse(error)
        self._end = size
        return size

    def flush(self) -> None:
        """Do nothing: nothing is held back."""


class Values(NamedTuple):
    """The values of one side of the pairs.

    Attributes
    ----------
    side : str
        ``hr`` or ``lr``.
    name : str
        Of their dataset or group.
    type : dtype
        What they are stored as.
    """

    side: str
    name: str
    type: np.dtype[Any]


class Column:
    """A dataset of values of one shape that grows block by block."""

    def __init__(self, file: Any, values: Values, shape: tuple[int, ...], count: int) -> None:
        size = int(np.prod(shape)) * values.type.itemsize
        chunk = max(1, _CHUNK // size)
        self._set = file.create_dataset(
            values.name, (count, *shape), values.type, maxshape=(None, *shape),
            chunks=(chunk, *shape), track_times=False,
        )  # fmt: skip
        self._values, self._shape = values, shape
        self._most = chunk * max(1, _BLOCK // (chunk * size))
        self._waiting: list[bytes] = []
        self._done = 0

    def add(self, pair: Packed) -> None:
        """Add what `pair` has of this side."""
        self._waiting.append(getattr(pair, self._values.side))
        if len(self._waiting) == self._most:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            block = np.frombuffer(b"".join(self._waiting), self._values.type)
            end = self._done + len(self._waiting)
            self._set[self._done : end] = block.reshape(-1, *self._shape)
            self._done, self._waiting = end, []


class _Direct:
    """Values that are written into the file past HDF5, which would take 30 times as long for each.

    A data set that lies in one piece is given its place when it is made.
    """

    def __init__(self, parent: Any, written: WrittenFile, values: Values) -> None:
        from h5py import h5d, h5p, h5t

        self._parent, self._written, self._values = parent.id, written, values
        self._kind = h5t.py_create(values.type)
        self._how = h5p.create(h5p.DATASET_CREATE)
        self._how.set_layout(h5d.CONTIGUOUS)
        self._how.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        self._how.set_fill_time(h5d.FILL_TIME_NEVER)
        self._how.set_obj_track_times(False)

    def _make(self, name: str, shape: tuple[int, ...]) -> int:
        """Make the data set `name`, and return where in the file it lies."""
        from h5py import h5d, h5s

        made = h5d.create(
            self._parent, name.encode(), self._kind, h5s.create_simple(shape), self._how
        )
        return int(made.get_offset()) if shape[0] else 0

    def _write(self, start: int, pair: Packed) -> None:
        self._written.seek(start)
        self._written.write(getattr(pair, self._values.side))

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class Rows(_Direct):
    """A dataset of values of one shape that come in any order: each has the index of its place."""

    def __init__(
        self, file: Any, written: WrittenFile, values: Values, shape: tuple[int, ...], count: int
    ) -> None:
        super().__init__(file, written, values)
        self._size = int(np.prod(shape)) * values.type.itemsize
        self._start = self._make(values.name, (count, *shape))

    def add(self, pair: Packed) -> None:
        """Write what `pair` has of this side to its place."""
        place: str = getattr(pair.row, self._values.side)
        self._write(self._start + int(place.rpartition("/")[2]) * self._size, pair)


class Group(_Direct):
    """A group with a dataset for each value, of any size: ``0``, ``1``, ..."""

    def __init__(
        self,
        file: Any,
        written: WrittenFile,
        values: Values,
        shaped: Callable[[int, int], tuple[int, ...]],
        shrink: int,
    ) -> None:
        super().__init__(file.create_group(values.name), written, values)
        self._shaped, self._shrink = shaped, shrink
        self._done = 0

    def add(self, pair: Packed) -> None:
        """Add what `pair` has of this side."""
        height, width = (int(n) // self._shrink for n in (pair.row.height, pair.row.width))
        self._write(self._make(str(self._done), self._shaped(height, width)), pair)
        self._done += 1
