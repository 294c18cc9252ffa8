"""What the decoder of a format hands over, before it becomes RGB."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from srviewer.errors import ReadError

Samples = np.ndarray[Any, Any]  # of uint8 or uint16

BROKEN_PROFILE = "the colour profile is broken and was left out"
_ORIENTATION = 0x0112


@dataclass(frozen=True, eq=False)
class Raster:
    """An image as its file has it; what is not RGB, 8 bits, becomes a note.

    Attributes
    ----------
    samples : ndarray of uint8 or uint16, shape (H, W, C)
        1 grey, 3 red, green and blue, or 4 inks, of which 0 is none.
    bits : int
        Samples go from 0 to ``2 ** bits - 1``.
    decoded_bits : int, optional
        What they go to where the decoder scaled them already.
    stored : str
        What the colours were, where they become RGB, as ``grey`` or ``palette``.
    profile : bytes
        The ICC profile; empty where there is none.
    orientation : int
        As EXIF counts; 1 where the samples are upright.
    taken : str
        Which of several frames or pages it is.
    damage, dropped, colour_notes : tuple of str
        What the decoder recovered or left out, what became of alpha and of other samples, and what
        there is to know of the colours.
    """

    samples: Samples
    bits: int = 8
    decoded_bits: int = 0
    stored: str = ""
    profile: bytes = b""
    orientation: int = 1
    taken: str = ""
    damage: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    colour_notes: tuple[str, ...] = ()


def damage_words(what: str) -> str:
    """Return how damage is told, as an error or, where its pixels can be had, as a note."""
    return f"damaged: {what}"


def damaged(what: str) -> ReadError:
    """Return the error of a file whose pixels are not whole."""
    return ReadError(damage_words(what))


def decoder_error(error: Exception) -> ReadError:
    """Return what a person is told of the `error` that a decoder raised over a file."""
    if isinstance(error, ReadError):
        return error
    if isinstance(error, MemoryError):
        return ReadError("not enough memory to read it")
    if isinstance(error, UnidentifiedImageError):  # it names an object by its address
        return damaged("its header cannot be read")
    return damaged(str(error) or type(error).__name__)  # damaged files raise errors of every kind


def hdr(transfer: str) -> ReadError:
    """Return the error of a file in which `transfer` stands for light, not for a shade."""
    return ReadError(
        f"HDR ({transfer}), whose brightness has no meaning in 8 bits; convert it to SDR, for "
        "example sRGB"
    )


HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
"""By the number that ITU-T H.273 gives them."""


def orientation_of(exif: bytes) -> int:
    """Return the orientation that an EXIF block tells, 1 where it is broken or tells none."""
    try:
        block = PillowImage.Exif()
        block.load(exif)
        return valid_orientation(block.get(_ORIENTATION))
    except Exception:  # the pixels may be whole all the same
        return 1


def orientation_in(opened: PillowImage.Image) -> int:
    """Return the orientation that Pillow finds in what is told beside the pixels."""
    try:
        return valid_orientation(opened.getexif().get(_ORIENTATION))
    except Exception:  # as above
        return 1


def valid_orientation(value: object) -> int:
    """Return `value` where it is an orientation, otherwise 1."""
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def frames_words(frames: int) -> str:
    """Return which of `frames` is taken, empty for one."""
    return f"first of {frames:,} frames taken" if frames > 1 else ""
