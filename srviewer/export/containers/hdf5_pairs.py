"""One HDF5 file, in the layouts of SRCNN for PyTorch, for Caffe and for TensorFlow."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srviewer.export.containers.base import (
    FOLDERS,
    Container,
    NotThereError,
    Packed,
    StoredError,
    other_shape,
)
from srviewer.export.containers.hdf5_writing import Column, Group, Rows, Values, WrittenFile
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.metrics import luma
from srviewer.runs.folders import write_text

FILE, LIST = "pairs.h5", "pairs.txt"
_UNLOCKED = {"locking": False}  # some shares have no locks, and the run file keeps others out


@dataclass(frozen=True)
class Hdf5Pairs(Container):
    """The formats hdf5 and srcnn-hdf5.

    ========== ======== ================= ===========================================
    format     channels holds             of type and shape
    ========== ======== ================= ===========================================
    hdf5       y        ``lr``, ``hr``    float32, N x H x W, luma in 16..235
    hdf5       y, whole groups of them    float32, H x W, in ``lr/0``, ``lr/1``, ...
    hdf5       rgb      groups of them    uint8, H x W x 3, in ``lr/0``, ``lr/1``, ...
    srcnn-hdf5 y        ``data, label``   float32, N x 1 x H x W, rounded luma / 255
    srcnn-hdf5 rgb      ``data, label``   float32, N x 3 x H x W, RGB / 255
    ========== ======== ================= ===========================================

    Groups are what readers take whose images are not of one size. The rows of srcnn-hdf5 come in
    an order of the seed, as Caffe takes them as they lie, and a list names the file to it; its
    channels may come last, as TensorFlow has them.

    Attributes
    ----------
    caffe : bool
        The layout of srcnn-hdf5.
    channels : {'rgb', 'y'}
    border : int
        What is cut from each side of HR.
    channels_last : bool
    seed : int
        Decides the order of the rows of srcnn-hdf5.
    whole : {'none', 'validation', 'all'}
        Which files have whole images.
    """

    caffe: bool
    channels: str
    border: int = 0
    channels_last: bool = False
    seed: int = 0
    whole: str = "none"

    own = re.compile(f"{re.escape(FILE)}|{re.escape(LIST)}")
    mark = f"{FILE}/"

    @property
    def names(self) -> dict[str, str]:
        """The dataset or group of each side."""
        return {"hr": "label", "lr": "data"} if self.caffe else {"hr": "hr", "lr": "lr"}

    def shape(self, side: str) -> tuple[int, ...]:
        """Return the shape of a value in the dataset of `side`."""
        length = self.hr - 2 * self.border if side == "hr" else self.lr
        return self._shaped(length, length)

    def _shaped(self, height: int, width: int) -> tuple[int, ...]:
        channels = 3 if self.channels == "rgb" else 1
        if channels == 1 and not self.caffe:
            return height, width
        return (height, width, channels) if self.channels_last else (channels, height, width)

    @property
    def type(self) -> np.dtype[Any]:
        """What the values are stored as."""
        return np.dtype("<f4" if self.caffe or self.channels == "y" else "u1")

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return the values of a patch as they lie in the file."""
        if side == "hr" and self.border:
            bgr = bgr[self.border : -self.border, self.border : -self.border]
        values: Any = bgr[..., ::-1]
        if self.channels == "y":
            values = luma(values)
        elif not self.channels_last:
            values = np.moveaxis(values, 2, 0)
        if self.caffe:  # MATLAB's luma of an 8-bit image has 8 bits
            values = np.floor(values + 0.5) / 255 if self.channels == "y" else values / 255
        return np.ascontiguousarray(values, self.type).tobytes()

    def decode(self, data: bytes, side: str, size: tuple[int, int]) -> AnyImage:
        """Return the pixels, or their luma as floats."""
        border = self.border if side == "hr" else 0
        width, height = (length - 2 * border for length in size)
        shape = self._shaped(height, width)
        wanted = int(np.prod(shape)) * self.type.itemsize
        if len(data) != wanted:
            raise other_shape(f"{len(data):,}", f"{wanted:,} bytes of values")
        values = np.frombuffer(data, self.type)
        if self.channels == "y":
            values = values.reshape(height, width, 1)
        else:
            values = values.reshape(shape)
            values = values if self.channels_last else np.moveaxis(values, 0, 2)
        if self.caffe:
            values = np.floor(values * np.float64(255) + 0.5)
        return values.astype(np.uint8 if self.channels == "rgb" else np.float64)

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the indices in the two datasets or groups, after the file that they are in."""
        start = f"{folder}{FILE}"
        return f"{start}/{self.names['hr']}/{index}", f"{start}/{self.names['lr']}/{index}"

    def order(self, count: int) -> Sequence[int]:
        """Return where each of `count` pairs comes: in srcnn-hdf5 by the seed alone."""
        if not self.caffe:
            return super().order(count)
        digests = (hashlib.sha256(f"{self.seed}\n{n}".encode()).digest() for n in range(count))
        keys = np.fromiter((int.from_bytes(digest[:8]) for digest in digests), np.uint64, count)
        found: list[int] = np.argsort(keys, kind="stable").tolist()
        return found

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write the file, and for Caffe the list of it, seen from the data set."""
        import h5py

        options = {"libver": ("earliest", "v108"), "track_order": False}
        with (
            WrittenFile(folder / FILE) as written,
            h5py.File(written, "w", **options) as file,
        ):
            columns = [self._column(folder, file, written, side, count) for side in ("lr", "hr")]
            for pair in pairs:
                if written.refused:
                    break
                for column in columns:
                    column.add(pair)
            for column in columns:
                column.flush()
        if self.caffe:
            inside = f"{folder.name}/" if f"{folder.name}/" in FOLDERS else ""
            write_text(folder, LIST, f"{inside}{FILE}\n")

    def _column(
        self, folder: Path, file: Any, written: WrittenFile, side: str, count: int
    ) -> Column | Group | Rows:
        values = Values(side, self.names[side], self.type)
        is_whole = self.whole == "all" or f"{folder.name}/" == f"{self.whole}/"
        if is_whole or self._is_grouped:
            shrink = self.hr // self.lr if side == "lr" else 1
            return Group(file, written, values, self._shaped, shrink)
        if self.caffe:
            return Rows(file, written, values, self.shape(side), count)
        return Column(file, values, self.shape(side), count)

    @property
    def _is_grouped(self) -> bool:
        """Whether windows too have a dataset each."""
        return self.channels == "rgb" and not self.caffe

    def open(self, path: Path) -> Any:
        """Open the file."""
        import h5py

        return h5py.File(path, "r", **_UNLOCKED)

    def value(self, opened: Any, key: str) -> bytes:
        """Return the values at an index of a dataset or a group."""
        name, _, index = key.rpartition("/")
        is_index = index.isdecimal() and len(index) < 19
        found = self._found(opened, name) if name in self.names.values() else None
        if found is None or not is_index or int(index) >= len(found):
            raise NotThereError("no such index of a dataset")
        if hasattr(found, "dtype"):
            return bytes(found[int(index)].tobytes())
        value = _own(found, index)
        if value is None:
            raise NotThereError("no such dataset in the group")
        if not hasattr(value, "dtype") or (value.dtype, value.ndim) != (self.type, self._ndim):
            raise other_shape(_told(value), f"{self.type}, of {self._ndim} axes")
        return bytes(value[()].tobytes())

    @property
    def _ndim(self) -> int:
        return len(self._shaped(1, 1))

    def _found(self, opened: Any, name: str) -> Any:
        """Return the dataset or group `name`, None without it; its values lie in this file."""
        found = _own(opened, name)
        if found is None:
            return None
        is_array = hasattr(found, "dtype")
        if self._is_grouped if is_array else not self._may_be_grouped:
            wanted = "a group" if self._is_grouped else "a dataset"
            raise StoredError(f"{name} is not {wanted}")
        side = next(side for side, called in self.names.items() if called == name)
        wanted_shape = self.type, self.shape(side)
        if is_array and (found.dtype, found.shape[1:]) != wanted_shape:
            words = "{}, {}".format(*wanted_shape)
            raise other_shape(f"{found.dtype}, {found.shape[1:]}", words)
        return found

    @property
    def _may_be_grouped(self) -> bool:
        return self._is_grouped or self.whole != "none"

    def count(self, opened: Any) -> int:
        """Return how many values both datasets or groups have together."""
        found = [self._found(opened, name) for name in self.names.values()]
        return sum(len(one) for one in found if one is not None)


def _own(parent: Any, name: str) -> Any:
    """Return what is called `name` in `parent`, None without it; it lies in this file alone."""
    import h5py

    link = parent.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise StoredError(f"{name} is a link, which is not followed")
    found = parent[name]
    if isinstance(found, h5py.Group):
        return found
    if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual:
        raise StoredError(f"{name} is no dataset with values of its own")
    return found


def _told(value: Any) -> str:
    return f"{value.dtype}, {value.shape}" if hasattr(value, "dtype") else "a group"
