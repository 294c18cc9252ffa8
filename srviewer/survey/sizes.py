"""How many bytes a patch, and the kept pairs of a set, take on disk, by format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srviewer.errors import OptionError
from srviewer.export.containers.pictures import encode_packed, encode_picture
from srviewer.export.options import FOLDERS, FORMATS, Options, of_format, resolve
from srviewer.export.target import Target
from srviewer.pipeline.arrays import Floats, Image, Ints
from srviewer.survey.answer import Answer

_FILES = tuple(name for name in FOLDERS if name != "bmp")  # whose size depends on the pixels

_TAR_BLOCK = 512
_LMDB_PAGE, _LMDB_PAGE_HEAD = 4096, 16
_LMDB_INSIDE = 2000  # bytes: a larger value has pages of its own
_LMDB_NODE = 50  # bytes: a key and what goes with it
_LMDB_FULL = 0.7  # of a page is, when keys do not come in their order
_TAR_FIGURES = 1024  # bytes of a pair's JSON member: its header, and less than a block of figures
_TAR_RECORD = 10240  # bytes, whose multiple a shard is


def encoded_sizes(bgr: Image) -> dict[str, float]:
    """Return the bytes on disk of `bgr`, uint8 (H, W, 3) in OpenCV's channel order, by format."""
    found: dict[str, float] = {name: len(encode_picture(bgr, name)) for name in _FILES}
    png = len(encode_packed(bgr))
    return found | {"lmdb": _in_lmdb(png), "webdataset": _in_tar(png)}


def _in_tar(bytes: int) -> int:
    """Return what a member takes, with its header."""
    return _TAR_BLOCK + _up(bytes, _TAR_BLOCK)


def _in_lmdb(bytes: int) -> float:
    """Return about what a value takes, with its key."""
    if bytes <= _LMDB_INSIDE:
        return (bytes + _LMDB_NODE) / _LMDB_FULL
    return _up(bytes + _LMDB_PAGE_HEAD, _LMDB_PAGE) + _LMDB_NODE / _LMDB_FULL


def _up(bytes: int, unit: int) -> int:
    return -(-bytes // unit) * unit


@dataclass(frozen=True)
class ExpectedSize:
    """Bytes on disk in one format.

    Attributes
    ----------
    pairs : int
        After the choices of the options.
    bytes : int
        Of the files that hold the pairs, without the manifest and the text files.
    about : bool
        Whether it is an estimate; by a sample of each image where it depends on the pixels.
    """

    pairs: int
    bytes: int
    about: bool


def expected_sizes(answer: Answer, options: Options | None = None) -> dict[str, ExpectedSize]:
    """Return what the kept pairs of `answer` take on disk, by format.

    Options that a format does not have are passed over for it; a format whose options leave
    nothing of a patch is left out, and so is one that an image with pairs was not measured in.
    """
    found = {}
    for name in FORMATS:
        try:
            mine = resolve(name, of_format(name, options or Options()), answer.recipe)
        except OptionError:
            continue
        pairs = _chosen(answer.kept, mine)
        count = int(np.rint(pairs.sum()))
        size = _bytes(name, answer, mine, pairs, count)
        if np.isfinite(size):
            found[name] = ExpectedSize(count, int(np.rint(size)), about=name != "bmp")
    return found


def _chosen(kept: Ints, options: Options) -> Floats:
    """Return how many pairs of each image are chosen; among all, in proportion."""
    chosen = kept.astype(np.float64)
    if options.max_per_image is not None:
        chosen = np.minimum(chosen, options.max_per_image)
    total = chosen.sum()
    if options.max_pairs is not None and total > options.max_pairs:
        chosen *= options.max_pairs / total
    return chosen


def _bytes(format: str, answer: Answer, options: Options, pairs: Floats, count: int) -> float:
    target = Target(Path(), answer.recipe, format, options)
    hr = answer.recipe.patch
    lr = hr // target.shrink
    if format in (*_FILES, "lmdb", "webdataset"):
        some = pairs > 0
        size = float(answer.encoded(format)[some] @ pairs[some])
        if format == "webdataset":
            shards = max(1, -(-count // (options.shard_size or count or 1)))
            size += count * _TAR_FIGURES + shards * _TAR_RECORD / 2
        return size
    blank = np.zeros((hr, hr, 3), np.uint8)
    sides = (target.encode(blank, "hr"), target.encode(blank[:lr, :lr], "lr"))
    return count * sum(map(len, sides))
