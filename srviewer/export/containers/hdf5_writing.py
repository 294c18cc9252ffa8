"""What is written of one side of the pairs into an HDF5 file."""

from collections.abc import Callable
from typing import Any

import numpy as np

from srviewer.export.containers.base import Packed
from srviewer.export.containers.written_file import WrittenFile

_CHUNK = 1 << 16  # bytes: a pair is read in one go, and so are its neighbours
_BLOCK = 1 << 22  # bytes of one dataset that wait to be written


class Column:
    """A dataset of values of one shape that grows block by block."""

    def __init__(
        self,
        file: Any,
        written: WrittenFile,
        name: str,
        side: str,
        shape: tuple[int, ...],
        kind: np.dtype[Any],
        count: int,
    ) -> None:
        size = int(np.prod(shape)) * kind.itemsize
        chunk = max(1, _CHUNK // size)
        self._set = file.create_dataset(
            name, (count, *shape), kind, maxshape=(None, *shape), chunks=(chunk, *shape),
            track_times=False,
        )  # fmt: skip
        self._side, self._shape, self._type = side, shape, kind
        self._most = chunk * max(1, _BLOCK // (chunk * size))
        self._waiting: list[bytes] = []
        self._done = 0

    def add(self, pair: Packed) -> None:
        """Add what `pair` has of this side."""
        self._waiting.append(getattr(pair, self._side))
        if len(self._waiting) == self._most:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            block = np.frombuffer(b"".join(self._waiting), self._type)
            end = self._done + len(self._waiting)
            self._set[self._done : end] = block.reshape(-1, *self._shape)
            self._done, self._waiting = end, []


class _Direct:
    """Values that are written into the file past HDF5, which would take 30 times as long for each.

    A data set that lies in one piece is given its place when it is made.
    """

    def __init__(self, parent: Any, written: WrittenFile, side: str, kind: np.dtype[Any]) -> None:
        from h5py import h5d, h5p, h5t

        self._parent, self._written, self._side = parent.id, written, side
        self._kind = h5t.py_create(kind)
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
        self._written.write(getattr(pair, self._side))

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class Rows(_Direct):
    """A dataset of values of one shape that come in any order: each has the index of its place."""

    def __init__(
        self,
        file: Any,
        written: WrittenFile,
        name: str,
        side: str,
        shape: tuple[int, ...],
        kind: np.dtype[Any],
        count: int,
    ) -> None:
        super().__init__(file, written, side, kind)
        self._size = int(np.prod(shape)) * kind.itemsize
        self._start = self._make(name, (count, *shape))

    def add(self, pair: Packed) -> None:
        """Write what `pair` has of this side to its place."""
        place: str = getattr(pair.row, self._side)
        self._write(self._start + int(place.rpartition("/")[2]) * self._size, pair)


class Group(_Direct):
    """A group with a dataset for each value, of any size: ``0``, ``1``, ..."""

    def __init__(
        self,
        file: Any,
        written: WrittenFile,
        name: str,
        side: str,
        shaped: Callable[[int, int], tuple[int, ...]],
        kind: np.dtype[Any],
        shrink: int,
    ) -> None:
        super().__init__(file.create_group(name), written, side, kind)
        self._shaped, self._shrink = shaped, shrink
        self._done = 0

    def add(self, pair: Packed) -> None:
        """Add what `pair` has of this side."""
        height, width = (int(n) // self._shrink for n in (pair.row.height, pair.row.width))
        self._write(self._make(str(self._done), self._shaped(height, width)), pair)
        self._done += 1
