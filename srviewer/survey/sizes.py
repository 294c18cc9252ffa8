"""How many bytes a patch, and the kept pairs of a set, take on disk, by format."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srviewer.errors import OptionError
from srviewer.export.containers.pictures import encode_picture
from srviewer.export.options import FOLDERS, FORMATS, Options, of_format, resolve
from srviewer.export.selecting import validation_images
from srviewer.export.settling import for_split
from srviewer.export.target import Target
from srviewer.pipeline.arrays import Floats, Image, Ints, Mask
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.answer import Answer

_SUFFIXES = {"tiff": "tif"}
_FILES = tuple(name for name in FOLDERS if name != "bmp")  # whose size depends on the pixels
_CONTAINERS = {name: Target(Path(), Recipe(), name).container for name in FORMATS}


def encoded_sizes(bgr: Image, side: str) -> dict[str, float]:
    """Return the bytes on disk of a patch, by format; `side` is ``hr`` or ``lr``.

    `bgr` is uint8 (H, W, 3) in OpenCV's channel order. Formats are left out whose size does not
    depend on the pixels.
    """
    found: dict[str, float] = {
        name: len(encode_picture(bgr, _SUFFIXES.get(name, name))) for name in _FILES
    }
    for name, container in _CONTAINERS.items():
        if container is not None and container.by_pixels:
            found[name] = container.on_disk(len(container.encode(bgr, side)))
    return found


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
    nothing of a patch is left out, and so is one that an image with pairs was not measured in, or
    that holds no whole images where such are chosen. Whole images count by the area of their box.
    """
    found: dict[str, ExpectedSize] = {}
    options = for_split(options or Options())
    whole = _whole(answer, options)
    patches = np.where(whole, _areas(answer) / answer.recipe.patch**2, 1.0)  # in a pair
    for name in FORMATS:
        try:
            mine = resolve(name, of_format(name, options), answer.recipe)
        except OptionError:
            continue
        if mine.whole != options.whole:
            continue
        pairs = _chosen(np.where(whole, 1, answer.kept), mine)
        count = int(np.rint(pairs.sum()))
        size = _bytes(name, answer, mine, pairs * patches, count)
        if np.isfinite(size):
            about = name != "bmp" or bool(whole.any())
            found[name] = ExpectedSize(count, int(np.rint(size)), about)
    return found


def _areas(answer: Answer) -> Floats:
    """Return the pixels of HR in the box of each image."""
    x0, y0, x1, y1 = answer.boxes.T.astype(np.float64)
    areas: Floats = (x1 - x0) * (y1 - y0)
    return areas


def _whole(answer: Answer, options: Options) -> Mask:
    """Return which images give one pair of all that is in their box."""
    some = answer.kept > 0
    if options.whole != "validation":
        return some & (options.whole == "all")
    known = zip(answer.images, some, strict=True)
    contents = {image.name: image.sha256 for image, gives in known if gives}
    held = validation_images(contents, options.validation_share, options.seed, contents)
    return np.array([image.name in held for image in answer.images], dtype=bool)


def _chosen(kept: Ints, options: Options) -> Floats:
    """Return how many pairs of each image are chosen; among all, in proportion."""
    chosen = kept.astype(np.float64)
    if options.max_per_image is not None:
        chosen = np.minimum(chosen, options.max_per_image)
    total = chosen.sum()
    if options.max_pairs is not None and total > options.max_pairs:
        chosen *= options.max_pairs / total
    return chosen


def _bytes(format: str, answer: Answer, options: Options, patches: Floats, count: int) -> float:
    """Return what so many `patches` of each image take in `count` pairs."""
    target = Target(Path(), answer.recipe, format, options)
    container = target.container
    besides = container.besides(count) if container is not None else 0
    if format in _FILES or (container is not None and container.by_pixels):
        some = patches > 0
        return float(answer.encoded(format)[some] @ patches[some]) + besides
    hr = answer.recipe.patch
    lr = hr // target.shrink
    blank = np.zeros((hr, hr, 3), np.uint8)
    sides = (target.encode(blank, "hr"), target.encode(blank[:lr, :lr], "lr"))
    on_disk = container.on_disk if container is not None else float
    return float(patches.sum()) * sum(on_disk(len(side)) for side in sides) + besides
