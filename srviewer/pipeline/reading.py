"""An image file becomes RGB, uint8; every change on the way is a note."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline.apart import decoder
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.formats.bmp import read_bmp
from srviewer.pipeline.formats.finishing import finish
from srviewer.pipeline.formats.jpeg import read_jpeg
from srviewer.pipeline.formats.kinds import kind_of
from srviewer.pipeline.formats.opening import open_plain, read_plain
from srviewer.pipeline.formats.png import read_png
from srviewer.pipeline.formats.raster import Raster, Samples, decoder_error
from srviewer.pipeline.formats.tiff import read_tiff
from srviewer.pipeline.formats.with_pillow import decode_with_pillow
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import KNOBS
from srviewer.pipeline.suffixes import SUFFIXES as SUFFIXES
from srviewer.pipeline.suffixes import not_read
from srviewer.pipeline.threads import WhileUsed

READING = 5
"""Raise it when the same file gives other pixels: what was made before is not gone on with."""

_START = 4096  # bytes, by which every format is known


_NO_CHECKSUM: Future[str] = Future()
_NO_CHECKSUM.set_result("")


@dataclass(frozen=True, eq=False, repr=False)
class SourceImage:
    """An image as the pipeline takes it.

    Attributes
    ----------
    path : Path
        Where it came from.
    rgb : ndarray of uint8, shape (H, W, 3)
        Contiguous.
    notes : tuple of str
        What was changed to get there.
    colour : str
        The recipe's `colour` under which it was read; empty where every one gives the same.
    checksum : Future of str
        The SHA-256 of the file that it was read from, which may still be computed; empty for an
        array.
    lr : SourceImage or None
        Its given LR; None where the recipe's resizer is to make one.
    """

    path: Path
    rgb: Image
    notes: tuple[str, ...] = ()
    colour: str = ""
    checksum: Future[str] = _NO_CHECKSUM
    lr: SourceImage | None = None

    def __repr__(self) -> str:
        beside = "" if self.lr is None else f", LR {self.lr!r}"
        return f"<SourceImage {self.path}, {self.size[0]} x {self.size[1]} px{beside}>"

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file that it was read from; empty for an array."""
        return self.checksum.result()

    @property
    def content(self) -> str:
        """What tells it from others: the SHA-256 of its file, or of both files of a given pair."""
        return self.sha256 if self.lr is None else pair_content(self.sha256, self.lr.sha256)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def is_read_as(self, colour: str) -> bool:
        """Tell whether the recipe's `colour` would give the same pixels."""
        return self.colour in ("", colour) and (self.lr is None or self.lr.is_read_as(colour))

    def with_lr(self, lr: SourceImage) -> SourceImage:
        """Return it with `lr` as its given LR."""
        notes = (*self.notes, *(f"LR: {note}" for note in lr.notes))
        return replace(self, lr=lr, notes=notes)


def pair_content(hr: str, lr: str) -> str:
    """Return what tells a given pair from others, by the SHA-256 of its files; empty without."""
    return hashlib.sha256(f"{hr} {lr}".encode()).hexdigest() if hr and lr else ""


def _let_pillow_read_all() -> Callable[[], object]:
    """Lift Pillow's limit, since ours decides, and its warnings: what matters becomes a note."""
    stack = contextlib.ExitStack()
    stack.callback(setattr, PillowImage, "MAX_IMAGE_PIXELS", PillowImage.MAX_IMAGE_PIXELS)
    PillowImage.MAX_IMAGE_PIXELS = None
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", module=r"PIL\.")
    return stack.close


_pillow_reads_all = WhileUsed(_let_pillow_read_all)


def from_array(rgb: AnyImage) -> SourceImage:
    """Return an image that a script has in memory, called ``array`` where it has to be named.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        It is not copied where it is contiguous: leave it as it is.

    Raises
    ------
    ReadError
        For an array of another type or shape.
    """
    path = Path("array")
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        cause = f"{rgb.dtype} of shape {rgb.shape}"
        raise ReadError(cause, path=path, allowed="uint8 of shape (H, W, 3), red first")
    return SourceImage(path, np.ascontiguousarray(rgb))


def read_image(
    path: Path | str, *, colour: str = "srgb", progress: Progress = UNHEARD
) -> SourceImage:
    """Read the image file `path`.

    EXIF orientation is applied; grey and palette become RGB, alpha is dropped, 16-bit is scaled
    to 8 as ``round(v / 257)``, colours with a profile are converted to sRGB, CMYK is converted, of
    several frames the first is taken and of a TIFF's pages the largest.

    Parameters
    ----------
    path : Path or str
    colour : {'srgb', 'as_stored'}
        The recipe's knob: whether a colour profile is followed.
    progress : Progress, optional
        Told of the kilobytes of a large file; its token stops between them, and a decoder that runs
        in a process apart.

    Raises
    ------
    ReadError
        Where the file is missing, empty, no plain file, no image that is read, damaged or too
        large.
    RecipeError
        For another `colour`.
    Cancelled
    """
    path = Path(path)
    KNOBS["colour"].checked(colour)
    data = read_plain(path, progress)
    checksum = checksum_of(data)
    try:
        with _pillow_reads_all:
            raster = _decode(data, path.suffix.lower(), progress)
            del data  # the pixels need the room
            rgb, notes = finish(raster, colour)
    except Cancelled:
        raise
    except Exception as error:
        raise decoder_error(error).about(path) from error
    return SourceImage(path, rgb, notes, colour if raster.profile else "", checksum)


def checksum_of(data: bytes) -> Future[str]:
    """Return the SHA-256 of `data`, computed beside its decoding: a BMP decodes in half the time.

    Who wants the pixels alone does not wait for it.
    """
    found: Future[str] = Future()

    def compute() -> None:
        found.set_result(hashlib.sha256(data).hexdigest())

    try:
        Thread(target=compute, name="checksum", daemon=True).start()
    except RuntimeError:  # no more threads are to be had
        compute()
    return found


def read_source(
    path: Path | str,
    lr: Path | str | None = None,
    *,
    colour: str = "srgb",
    progress: Progress = UNHEARD,
) -> SourceImage:
    """Read the image file `path`, and its given `lr` where there is one, as `read_image` does.

    Their checksums are known then: who names the source of an image asks for them at once, and
    a window must not wait for them.
    """
    image = read_image(path, colour=colour, progress=progress)
    if lr is not None:
        image = image.with_lr(read_image(lr, colour=colour, progress=progress))
    wait([one.checksum for one in (image, image.lr) if one is not None])
    return image


def why_no_image(path: Path) -> ReadError | None:
    """Return why a plain file is surely no image, None where only reading it can tell.

    It is asked of what a person names: a file that is called an image is read, and fails as that.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or not_read(suffix) is not None:
        return None
    try:
        with open_plain(path, "an image") as file:
            start = file.read(_START)
    except (ReadError, OSError):
        return None
    try:
        kind_of(start, suffix)
    except ReadError as error:
        return error.about(path)
    return None


# What these do is bounded by their own limits, which cannot be said of all of Pillow's decoders.
_BOUNDED: dict[str, Callable[[bytes], Raster]] = {
    "PNG": read_png,
    "JPEG": read_jpeg,
    "BMP": read_bmp,
    "TIFF": read_tiff,
}


_APART = f"{__name__}:read_apart"


def _decode(data: bytes, suffix: str, progress: Progress) -> Raster:
    kind = kind_of(data, suffix)
    if kind in _BOUNDED:
        return _BOUNDED[kind](data)
    facts, (samples, profile) = decoder().call(_APART, data, {"format": kind}, progress)
    told: dict[str, Any] = {
        key: tuple(fact) if isinstance(fact, list) else fact for key, fact in facts.items()
    }
    return Raster(samples, profile=profile.tobytes(), **told)


def read_apart(data: bytes, *, format: str) -> tuple[dict[str, Any], list[Samples]]:
    """Return what `decode_with_pillow` makes of `data`, as one process tells it to another."""
    try:
        with _pillow_reads_all:
            raster = decode_with_pillow(data, format)
    except Exception as error:
        raise decoder_error(error) from error
    facts = {**vars(raster)}
    samples, profile = facts.pop("samples"), np.frombuffer(bytearray(facts.pop("profile")), "u1")
    return facts, [samples, profile]
