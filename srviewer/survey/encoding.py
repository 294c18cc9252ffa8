"""What a patch takes on disk in the formats where that depends on its pixels."""

from __future__ import annotations

from srviewer.export.containers.png import encode_png
from srviewer.export.formats import encode
from srviewer.pipeline.arrays import Image

FILES = ("png", "tiff", "webp")
ENCODED = (*FILES, "lmdb", "webdataset")

_TAR_BLOCK = 512
_LMDB_PAGE, _LMDB_PAGE_HEAD = 4096, 16
_LMDB_INSIDE = 2000  # bytes: a larger value has pages of its own
_LMDB_NODE = 50  # bytes: a key and what goes with it
_LMDB_FULL = 0.7  # of a page is, when keys do not come in their order


def encoded_sizes(bgr: Image) -> dict[str, float]:
    """Return the bytes on disk of `bgr`, uint8 (H, W, 3) in OpenCV's channel order, by format."""
    found: dict[str, float] = {name: len(encode(bgr, name)) for name in FILES}
    png = len(encode_png(bgr))
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
