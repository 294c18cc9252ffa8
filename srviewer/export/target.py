"""Where and how an export writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from srviewer.errors import ExclusionError, ExportError, OptionError, RecipeError
from srviewer.export.containers.base import Container, pair_key
from srviewer.export.containers.hdf5_pairs import Hdf5Pairs
from srviewer.export.containers.lmdb_pairs import LmdbPairs
from srviewer.export.containers.parquet_pairs import ParquetPairs
from srviewer.export.containers.pictures import decode_picture, encode_picture
from srviewer.export.containers.webdataset_pairs import WebdatasetPairs
from srviewer.export.findings import Finding
from srviewer.export.layout import SETS, Layout, layout_of
from srviewer.export.manifest import Row
from srviewer.export.manifest_rows import is_whole_size, stream_rows
from srviewer.export.options import Options, Record, resolve
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.recipe import Recipe


@dataclass(frozen=True)
class Target:
    """Where and how pairs are written.

    Attributes
    ----------
    out : Path
    recipe : Recipe
    format : str
    options : Options
    shared : bool
        Whether other machines write there too, of which one may be cut off and yet go on: files
        then appear under their names only when they are whole.
    exclusions : Exclusions
        What a person excluded, of images of the data set and maybe of others.
    given : bool
        Whether the LR of all images come from files; none of a data set does otherwise.
    """

    out: Path
    recipe: Recipe
    format: str
    options: Options = field(default_factory=Options)
    shared: bool = False
    exclusions: Exclusions = NONE
    given: bool = False

    @classmethod
    def recorded(
        cls, out: Path, recipe: Recipe, record: Record, exclusions: Exclusions = NONE
    ) -> Target:
        """Return where and how the data set `out` was written, which `record` tells.

        Raises
        ------
        OptionError
            Where format, options and recipe exclude each other.
        """
        how = record.format, record.options
        found = cls(out, recipe, *how, exclusions=exclusions, given=record.given)
        _ = found.container  # raises
        return found

    @property
    def shrink(self) -> int:
        """How many times smaller than HR the LR is that is stored."""
        return self.recipe.scale if self.recipe.lr_layout == "native" else 1

    @cached_property
    def layout(self) -> Layout:
        """Where the files of a folder format lie; a container has no need of it."""
        name = resolve(self.format, self.options, self.recipe).layout or "folders"
        splits = bool(self.options.validation_share)
        return layout_of(name, self.format, self.shrink, splits=splits)

    @cached_property
    def container(self) -> Container | None:
        """The container of the format, None for a folder format.

        Raises
        ------
        OptionError
            Where format, options and recipe exclude each other.
        """
        options = resolve(self.format, self.options, self.recipe)
        hr, lr = self.recipe.patch, self.recipe.patch // self.shrink
        if self.format == "lmdb":
            return LmdbPairs(hr, lr)
        if self.format in ("hdf5", "srcnn-hdf5"):
            caffe = self.format == "srcnn-hdf5"
            return Hdf5Pairs(
                hr,
                lr,
                caffe,
                options.channels or "y",
                options.label_border or 0,
                not caffe or options.axes == "nhwc",
                options.seed,
                options.whole,
            )
        if self.format == "webdataset":
            return WebdatasetPairs(hr, lr, options.shard_size or 1000)
        if self.format == "parquet":
            return ParquetPairs(hr, lr, options.shard_size or 1000, self.given)
        return None

    def places_at_first(self, stem: str, x: int, y: int) -> tuple[str, str]:
        """Return the columns ``hr`` and ``lr`` of a pair until it is where it belongs.

        Of a container both are the pair's key.
        """
        if self.container is not None:
            return (pair_key(stem, x, y),) * 2
        return self.layout.places(stem, x, y, self.layout.first)

    def set_of(self, hr: str) -> str:
        """Return the set in which HR lies at `hr`, the column of the manifest."""
        if self.container is not None:
            return next((name for name in SETS if hr.startswith(f"{name}/")), SETS[0])
        return self.layout.set_of(hr) or SETS[0]

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return a patch, uint8 (H, W, 3) in BGR, as it is stored; `side` is ``hr`` or ``lr``."""
        container = self.container
        return container.encode(bgr, side) if container else encode_picture(bgr, self.layout.suffix)

    def decode(self, data: bytes, side: str, row: Row | None = None) -> AnyImage:
        """Return the values of a patch, shape (H, W, C), from its stored bytes.

        Parameters
        ----------
        data : bytes
        side : {'hr', 'lr'}
        row : Row, optional
            Tells the size of a pair that is no window.

        Raises
        ------
        StoredError
        """
        size = self._size(row)
        if side == "lr":
            size = size[0] // self.shrink, size[1] // self.shrink
        if self.container:
            return self.container.decode(data, side, size)
        return decode_picture(data, size)

    def _size(self, row: Row | None) -> tuple[int, int]:
        """Return width and height of the HR of a pair, as far as `row` tells one that may be."""
        patch = self.recipe.patch
        if row is not None and self.has_whole:
            size = int(row.width), int(row.height)
            if is_whole_size(size, self.recipe):
                return size
        return patch, patch

    def rows(self, find: Callable[[Finding], object]) -> Iterator[tuple[Row, int, int]]:
        """Yield the rows of the manifest that is there, as `stream_rows` does."""
        return stream_rows(self.out, self.recipe, find, given=self.given, whole=self.has_whole)

    @property
    def told_by_text(self) -> bool:
        """Whether the rows of an image have something that its text alone tells."""
        return self.given or self.has_whole

    @property
    def has_whole(self) -> bool:
        """Whether any pair may be of a whole image."""
        return self.options.whole != "none"


@contextmanager
def settings_of_a_set(path: Path) -> Iterator[None]:
    """Raise what is wrong in the block with its settings as an `ExportError` about `path`.

    A data set has them from whoever made it: they are no wrong use of whoever reads it.
    """
    try:
        yield
    except (RecipeError, OptionError, ExclusionError) as error:
        raise error.turned_into(ExportError, path) from error
