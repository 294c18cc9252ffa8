"""One HDF5 file of two datasets, in the layouts of SRCNN for PyTorch and for Caffe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srviewer.export.containers.base import (
    Container,
    NotThereError,
    Packed,
    StoredError,
    other_shape,
)
from srviewer.export.containers.written_file import WrittenFile
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.metrics import luma

FILE = "pairs.h5"
_UNLOCKED = {"locking": False}  # some shares have no locks, and the run file keeps others out
_CHUNK = 1 << 16  # bytes: a pair is read in one go, and so are its neighbours
_BLOCK = 1 << 22  # bytes of one dataset that wait to be written


@dataclass(frozen=True)
class Hdf5Pairs(Container):
    """The formats hdf5 and srcnn-hdf5.

    ========== ======== ================= ===========================================
    format     channels datasets          of type and shape
    ========== ======== ================= ===========================================
    hdf5       y        ``lr``, ``hr``    float32, N x H x W, luma in 16..235
    hdf5       rgb      ``lr``, ``hr``    uint8, N x 3 x H x W
    srcnn-hdf5 y        ``data, label``   float32, N x 1 x H x W, rounded luma / 255
    srcnn-hdf5 rgb      ``data, label``   float32, N x 3 x H x W, RGB / 255
    ========== ======== ================= ===========================================

    Attributes
    ----------
    caffe : bool
        The layout of srcnn-hdf5.
    channels : {'rgb', 'y'}
    border : int
        What is cut from each side of HR.
    """

    caffe: bool
    channels: str
    border: int = 0

    own = re.compile(re.escape(FILE))
    mark = f"{FILE}/"

    @property
    def names(self) -> dict[str, str]:
        """The dataset of each side."""
        return {"hr": "label", "lr": "data"} if self.caffe else {"hr": "hr", "lr": "lr"}

    def _length(self, side: str) -> int:
        return self.hr - 2 * self.border if side == "hr" else self.lr

    def shape(self, side: str) -> tuple[int, ...]:
        """Return the shape of a value in the dataset of `side`."""
        length = self._length(side)
        if self.channels == "rgb":
            return 3, length, length
        return (1, length, length) if self.caffe else (length, length)

    @property
    def type(self) -> np.dtype[Any]:
        """What the values are stored as."""
        return np.dtype("<f4" if self.caffe or self.channels == "y" else "u1")

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return the values of a patch as they lie in the dataset."""
        if side == "hr" and self.border:
            bgr = bgr[self.border : -self.border, self.border : -self.border]
        rgb = bgr[..., ::-1]
        values: Any = luma(rgb) if self.channels == "y" else np.moveaxis(rgb, 2, 0)
        if self.caffe:  # MATLAB's luma of an 8-bit image has 8 bits
            values = np.floor(values + 0.5) / 255 if self.channels == "y" else values / 255
        return np.ascontiguousarray(values, self.type).tobytes()

    def decode(self, data: bytes, side: str) -> AnyImage:
        """Return the pixels, or their luma as floats."""
        channels, length = 3 if self.channels == "rgb" else 1, self._length(side)
        wanted = channels * length**2 * self.type.itemsize
        if len(data) != wanted:
            raise other_shape(f"{len(data):,}", f"{wanted:,} bytes of values")
        values = np.moveaxis(np.frombuffer(data, self.type).reshape(channels, length, length), 0, 2)
        if self.caffe:
            values = np.floor(values * np.float64(255) + 0.5)
        return values.astype(np.uint8 if self.channels == "rgb" else np.float64)

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the indices in the two datasets, after the file that they are in."""
        start = f"{folder}{FILE}"
        return f"{start}/{self.names['hr']}/{index}", f"{start}/{self.names['lr']}/{index}"

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write the file in blocks of chunks."""
        import h5py

        options = {"libver": ("earliest", "v108"), "track_order": False}
        with (
            WrittenFile(folder / FILE) as written,
            h5py.File(written, "w", **options) as file,
        ):
            columns = [_Column(file, self, side, count) for side in ("lr", "hr")]
            for pair in pairs:
                if written.refused:
                    break
                for column in columns:
                    column.add(pair)
            for column in columns:
                column.flush()

    def open(self, path: Path) -> Any:
        """Open the file."""
        import h5py

        return h5py.File(path, "r", **_UNLOCKED)

    def value(self, opened: Any, key: str) -> bytes:
        """Return the values at an index of a dataset."""
        name, _, index = key.rpartition("/")
        is_index = index.isdecimal() and len(index) < 19
        dataset = self._dataset(opened, name) if name in self.names.values() else None
        if dataset is None or not is_index or int(index) >= len(dataset):
            raise NotThereError("no such index of a dataset")
        return bytes(dataset[int(index)].tobytes())

    def _dataset(self, opened: Any, name: str) -> Any:
        """Return the dataset `name`, None without it; its values lie in this file alone."""
        import h5py

        link = opened.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise StoredError(f"{name} is a link, which is not followed")
        dataset = opened[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
            raise StoredError(f"{name} is no dataset with values of its own")
        side = next(side for side, called in self.names.items() if called == name)
        wanted = self.type, self.shape(side)
        if (dataset.dtype, dataset.shape[1:]) != wanted:
            raise other_shape(f"{dataset.dtype}, {dataset.shape[1:]}", "{}, {}".format(*wanted))
        return dataset

    def count(self, opened: Any) -> int:
        """Return the lengths of both datasets together."""
        found = [self._dataset(opened, name) for name in self.names.values()]
        return sum(len(dataset) for dataset in found if dataset is not None)


class _Column:
    """A dataset that grows block by block."""

    def __init__(self, file: Any, container: Hdf5Pairs, side: str, count: int) -> None:
        name, shape, kind = container.names[side], container.shape(side), container.type
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
        self._waiting.append(getattr(pair, self._side))
        if len(self._waiting) == self._most:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            block = np.frombuffer(b"".join(self._waiting), self._type)
            end = self._done + len(self._waiting)
            self._set[self._done : end] = block.reshape(-1, *self._shape)
            self._done, self._waiting = end, []
