"""The formats of a data set: files of one patch each, or containers of all pairs."""

from __future__ import annotations

from srviewer.errors import ExportError
from srviewer.export.containers.base import Container
from srviewer.export.containers.hdf5_pairs import Hdf5Pairs
from srviewer.export.containers.lmdb_pairs import LmdbPairs
from srviewer.export.containers.webdataset_pairs import WebdatasetPairs
from srviewer.export.options import FORMATS, Options, resolve
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.recipe import Recipe

__all__ = ["FORMATS", "container_of", "encode"]

_OPTIONS: dict[str, list[int]] = {
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # above 100 means lossless
}


def encode(bgr: Image, format: str) -> bytes:
    """Return `bgr`, uint8 of shape (H, W, 3) in OpenCV's channel order, as a file's bytes."""
    done, data = cv2.imencode(f".{format}", bgr, _OPTIONS.get(format, []))
    if not done:
        raise ExportError(f"a patch of {bgr.shape[1]} x {bgr.shape[0]} px as {format} failed")
    return bytes(data)


def container_of(format: str, options: Options, recipe: Recipe) -> Container | None:
    """Return the container that `format` names, None for a folder format."""
    options = resolve(format, options, recipe)
    hr = recipe.patch
    lr = hr // recipe.scale if recipe.lr_layout == "native" else hr
    if format == "lmdb":
        return LmdbPairs(hr, lr)
    if format in ("hdf5", "srcnn-hdf5"):
        caffe = format == "srcnn-hdf5"
        return Hdf5Pairs(caffe, options.channels or "y", hr, lr, options.label_border or 0)
    if format == "webdataset":
        return WebdatasetPairs(options.shard_size or 1000)
    return None
