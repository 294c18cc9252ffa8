"""What a data set holds, read back: the values of each pair, and the names of all that is there."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image as PillowImage

from srviewer.export.options import FOLDER_FORMATS, Options, resolve
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.metrics import luma
from srviewer.pipeline.recipe import Recipe

FOLDERS = ("", "train/", "validation/")
_OPEN_SHARDS = 2  # one of each side of a split


class MissingError(Exception):
    """A place that is not there; the message says where it was looked for."""


class UnreadableError(Exception):
    """A place whose content cannot be read; the message is the cause."""


@dataclass(frozen=True)
class Wanted:
    """A value of another shape or type than it should have."""

    expected: str
    found: str


@dataclass(frozen=True)
class Layout:
    """How the pixels of a pair lie in a data set.

    Attributes
    ----------
    format : str
    values : {'rgb', 'luma', 'rounded luma'}
        What is left of a patch: its pixels, its luma, or its luma rounded to whole numbers.
    hr, lr : int
        The sides of what is stored, in px.
    border : int
        What is cut from each side of HR.
    tolerance : float
        How far a stored value may lie from the one that it stands for.
    """

    format: str
    values: str
    hr: int
    lr: int
    border: int
    tolerance: float

    @staticmethod
    def of(format: str, options: Options, recipe: Recipe) -> Layout:
        """Return the layout of `format`."""
        options = resolve(format, options, recipe)
        native = recipe.lr_layout == "native"
        border = options.label_border or 0
        values, tolerance = "rgb", 0.0
        if options.channels == "y":
            values = "rounded luma" if format == "srcnn-hdf5" else "luma"
            # float32 around 235 is 1.5e-5 apart, and sums differ in their last bits by machine.
            tolerance = 0.0 if format == "srcnn-hdf5" else 2e-5
        lr = recipe.patch // recipe.scale if native else recipe.patch
        return Layout(format, values, recipe.patch - 2 * border, lr, border, tolerance)

    def kept(self, rgb: Image, side: str) -> AnyImage:
        """Return what is left of a patch, uint8 (H, W, 3): the same, or its luma as (H, W, 1)."""
        if side == "hr" and self.border:
            rgb = rgb[self.border : -self.border, self.border : -self.border]
        if self.values == "rgb":
            return rgb
        values = luma(rgb)[..., None]
        return np.floor(values + 0.5) if self.values == "rounded luma" else values

    def decode(self, data: bytes, side: str) -> AnyImage | Wanted:
        """Return the values in `data` as `kept` has them, or how they are not as they should be.

        Raises
        ------
        UnreadableError
        """
        length = self.hr if side == "hr" else self.lr
        if self.format not in ("hdf5", "srcnn-hdf5"):
            return _decoded(data, length)
        channels = 3 if self.values == "rgb" else 1
        float32 = self.format == "srcnn-hdf5" or self.values != "rgb"
        size = channels * length**2 * (4 if float32 else 1)
        if len(data) != size:
            return Wanted(f"{size:,} bytes of values", f"{len(data):,}")
        flat = np.frombuffer(data, "<f4" if float32 else "u1")
        planes = flat.reshape(channels, length, length)
        pixels: AnyImage = np.moveaxis(planes, 0, 2).astype(np.float64 if float32 else np.uint8)
        low, high = (0, 255) if self.values == "rgb" else (16, 235)
        if self.format == "srcnn-hdf5":
            levels = np.floor(pixels * 255 + 0.5)
            if not np.allclose(levels, pixels * 255, rtol=0, atol=1e-3):  # nan is not either
                return Wanted("multiples of 1/255", f"{_far(pixels * 255):.6g} / 255")
            pixels = levels.astype(np.uint8) if self.values == "rgb" else levels
        inside = (pixels >= low - self.tolerance) & (pixels <= high + self.tolerance)
        if not inside.all():
            return Wanted(f"values from {low} to {high}", f"{pixels[~inside][0]:.6g}")
        return pixels


def _far(values: AnyImage) -> float:
    """Return the value that is farthest from a whole number."""
    off = np.nan_to_num(np.abs(values - np.floor(values + 0.5)), nan=1.0)
    return float(values.flat[int(np.argmax(off))])


def _decoded(data: bytes, length: int) -> Image | Wanted:
    try:
        with PillowImage.open(io.BytesIO(data)) as opened:
            opened.load()
            size, mode = opened.size, opened.mode
            pixels = np.asarray(opened)
    except Exception as error:  # decoders meet damaged files with errors of every kind
        cause = str(error) or type(error).__name__
        raise UnreadableError(re.sub(r" <_io\.BytesIO.*>", "", cause)) from error
    if (*size, mode) != (length, length, "RGB"):
        return Wanted(f"{length} x {length} px RGB", f"{size[0]} x {size[1]} px {mode}")
    return pixels


class Stored(Protocol):
    """The pairs of a data set, by the places that the manifest names."""

    def read(self, place: str) -> bytes:
        """Return what is there.

        Raises
        ------
        MissingError, UnreadableError
        """
        ...

    def names(self) -> Iterator[str]:
        """Yield every place of a pair that is there, and what a run that was killed left."""
        ...


@contextmanager
def stored(out: Path, format: str) -> Iterator[Stored]:
    """Open the pairs of the data set `out`."""
    with ExitStack() as stack:
        if format in FOLDER_FORMATS:
            yield Files(out, format)
        elif format == "lmdb":
            yield Lmdb(out, stack)
        elif format == "webdataset":
            yield Shards(out, stack)
        else:
            yield Hdf5(out, stack)


class Files:
    """Folders ``hr`` and ``lr``."""

    def __init__(self, out: Path, format: str) -> None:
        self._out = out
        self._pair = re.compile(rf".*_x\d{{5,}}_y\d{{5,}}\.{format}", re.DOTALL)

    def read(self, place: str) -> bytes:
        """Return the bytes of a file."""
        try:
            return (self._out / place).read_bytes()
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # a NUL in a name
            raise MissingError("no such file") from error
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error

    def names(self) -> Iterator[str]:
        """Yield the names of patches below both folders."""
        for side in ("hr", "lr"):
            for folder, folders, files in os.walk(self._out / side):
                folders.sort()
                start = Path(folder).relative_to(self._out).as_posix()
                for name in sorted(files):
                    plain = re.sub(r"^\.(.*)\.[0-9a-f]{32}\.part$", r"\1", name, flags=re.DOTALL)
                    if self._pair.fullmatch(plain):
                        yield f"{start}/{name}"


class Lmdb:
    """Environments ``hr.lmdb`` and ``lr.lmdb``."""

    def __init__(self, out: Path, stack: ExitStack) -> None:
        self._out = out
        self._stack = stack
        self._open: dict[str, Any] = {}

    def _environment(self, name: str) -> Any:
        import lmdb

        if not (self._out / name / "data.mdb").is_file():
            raise MissingError(f"there is no {name}/data.mdb")
        try:
            if name not in self._open:
                path = str(self._out / name)
                self._open[name] = self._stack.enter_context(
                    lmdb.open(path, readonly=True, lock=False, readahead=False, create=False)
                )
            return self._open[name]
        except lmdb.Error as error:
            raise UnreadableError(f"{name}: {error}") from error

    def read(self, place: str) -> bytes:
        """Return the value of a key."""
        import lmdb

        start, mark, key = place.partition(".lmdb/")
        if not mark:
            raise MissingError("not a key of an environment")
        try:
            with self._environment(f"{start}.lmdb").begin(write=False) as transaction:
                value = transaction.get(key.encode("utf-8", "surrogateescape"))
        except lmdb.Error as error:
            raise UnreadableError(str(error)) from error
        if value is None:
            raise MissingError("no such key")
        return bytes(value)

    def keys(self, name: str) -> Iterator[str]:
        """Yield the keys of the environment `name`, in LMDB's order."""
        import lmdb

        try:
            with self._environment(name).begin(write=False) as transaction:
                for key in transaction.cursor().iternext(keys=True, values=False):
                    yield bytes(key).decode("utf-8", "surrogateescape")
        except lmdb.Error as error:
            raise UnreadableError(f"{name}: {error}") from error

    def names(self) -> Iterator[str]:
        """Yield the keys of all environments."""
        for folder in FOLDERS:
            for side in ("hr", "lr"):
                name = f"{folder}{side}.lmdb"
                if (self._out / name / "data.mdb").is_file():
                    for key in self.keys(name):
                        yield f"{name}/{key}"


class Hdf5:
    """Files ``pairs.h5``."""

    def __init__(self, out: Path, stack: ExitStack) -> None:
        self._out = out
        self._stack = stack
        self._open: dict[str, Any] = {}
        self._datasets: dict[tuple[str, str], tuple[Any, int]] = {}

    def file(self, path: str) -> Any:
        """Return the open file `path`."""
        import h5py

        if not (self._out / path).is_file():
            raise MissingError(f"there is no {path}")
        try:
            if path not in self._open:
                self._open[path] = self._stack.enter_context(h5py.File(self._out / path, "r"))
            return self._open[path]
        except OSError as error:
            raise UnreadableError(f"{path}: {error}") from error

    def read(self, place: str) -> bytes:
        """Return the values at an index of a dataset."""
        try:
            path, name, index = place.rsplit("/", 2)
            number = int(index)
        except ValueError:
            raise MissingError("not an index of a dataset") from None
        dataset, length = self._dataset(path, name)
        if not 0 <= number < length:
            raise MissingError("no such index")
        try:
            return bytes(dataset[number].tobytes())
        except Exception as error:  # what filters and drivers of HDF5 say is of every kind
            raise UnreadableError(str(error)) from error

    def _dataset(self, path: str, name: str) -> tuple[Any, int]:
        if (path, name) not in self._datasets:  # h5py takes its time to find one
            found = self.file(path).get(name)
            self._datasets[path, name] = found, 0 if found is None else len(found)
        return self._datasets[path, name]

    def places(self, path: str) -> Iterator[str]:
        """Yield the indices of every dataset of the file `path`."""
        file = self.file(path)
        for name in sorted(file):
            for number in range(len(file[name])):
                yield f"{path}/{name}/{number}"

    def names(self) -> Iterator[str]:
        """Yield the indices of every dataset of all files."""
        for folder in FOLDERS:
            path = f"{folder}pairs.h5"
            if (self._out / path).is_file():
                yield from self.places(path)


class Shards:
    """Shards of format webdataset."""

    def __init__(self, out: Path, stack: ExitStack) -> None:
        self._out = out
        self._open: OrderedDict[str, tuple[tarfile.TarFile, dict[str, tarfile.TarInfo]]]
        self._open = OrderedDict()
        stack.callback(self._close, 0)

    def _close(self, left: int) -> None:
        while len(self._open) > left:
            self._open.popitem(last=False)[1][0].close()

    def _shard(self, name: str) -> tuple[tarfile.TarFile, dict[str, tarfile.TarInfo]]:
        if name not in self._open:
            self._close(_OPEN_SHARDS - 1)
            try:
                shard = tarfile.open(self._out / name, "r:")  # noqa: SIM115 - closed in _close
                self._open[name] = shard, {member.name: member for member in shard.getmembers()}
            except FileNotFoundError as error:
                raise MissingError(f"there is no {name}") from error
            except (OSError, tarfile.TarError) as error:
                raise UnreadableError(f"{name}: {error}") from error
        return self._open[name]

    def read(self, place: str) -> bytes:
        """Return the bytes of a member."""
        start, mark, member = place.partition(".tar/")
        if not mark:
            raise MissingError("not a member of a shard")
        shard, members = self._shard(f"{start}.tar")
        if member not in members:
            raise MissingError("no such member")
        try:
            file = shard.extractfile(members[member])
            data = file.read() if file else b""
        except (OSError, tarfile.TarError) as error:
            raise UnreadableError(str(error)) from error
        if len(data) != members[member].size:
            raise UnreadableError("the shard ends within it")
        return data

    def members(self, name: str) -> list[str]:
        """Return the names of the members of a shard, those twice that are there twice."""
        return self._shard(name)[0].getnames()

    def names(self) -> Iterator[str]:
        """Yield the members of all shards, those twice that are there twice."""
        for folder in FOLDERS:
            for path in sorted((self._out / folder).glob("pairs-*.tar")):
                name = f"{folder}{path.name}"
                for member in self.members(name):
                    yield f"{name}/{member}"
