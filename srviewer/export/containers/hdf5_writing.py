"""What is written of one side of the pairs into an HDF5 file."""

from __future__ import annotations

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


class Rows:
    """A dataset of values of one shape that come in any order: each has the index of its place.

    They lie in one piece of the file and are written there past HDF5, which would take 30 times
    as long for each.
    """

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
        from h5py import h5d, h5p, h5s, h5t

        made = h5p.create(h5p.DATASET_CREATE)
        made.set_layout(h5d.CONTIGUOUS)
        made.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        made.set_fill_time(h5d.FILL_TIME_NEVER)
        made.set_obj_track_times(False)
        space = h5s.create_simple((count, *shape))
        data_set = h5d.create(file.id, name.encode(), h5t.py_create(kind), space, made)
        self._written, self._side = written, side
        self._size = int(np.prod(shape)) * kind.itemsize
        self._start = data_set.get_offset() if count else 0

    def add(self, pair: Packed) -> None:
        """Write what `pair` has of this side to its place."""
        place: str = getattr(pair.row, self._side)
        self._written.seek(self._start + int(place.rpartition("/")[2]) * self._size)
        self._written.write(getattr(pair, self._side))

    def flush(self) -> None:
        """Do nothing: nothing waits."""


class Group:
    """A group with a dataset for each value, of any size: ``0``, ``1``, ..."""

    def __init__(
        self,
        file: Any,
        name: str,
        side: str,
        shaped: Callable[[int, int], tuple[int, ...]],
        kind: np.dtype[Any],
        hr: int,
        lr: int,
    ) -> None:
        self._group = file.create_group(name)
        self._side, self._shaped, self._type = side, shaped, kind
        self._shrink = hr // lr if side == "lr" else 1
        self._done = 0

    def add(self, pair: Packed) -> None:
        """Add what `pair` has of this side."""
        height, width = (int(n) // self._shrink for n in (pair.row.height, pair.row.width))
        values = np.frombuffer(getattr(pair, self._side), self._type)
        self._group.create_dataset(
            str(self._done), data=values.reshape(self._shaped(height, width)), track_times=False
        )
        self._done += 1

    def flush(self) -> None:
        """Do nothing: nothing waits."""
