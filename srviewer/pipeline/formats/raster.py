"""What the decoder of a format hands over, before it becomes RGB."""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from srviewer.errors import ReadError

Samples = np.ndarray[Any, Any]  # of uint8 or uint16

BROKEN_PROFILE = "the colour profile is broken and was left out"
FLOATING = "floating-point pixels, whose range is not defined; save it as 8-bit"
LEFT_AS_STORED = ": colours left as stored"
_ORIENTATION = 0x0112
_OF_CAMERA, _COLOUR_SPACE, _ADOBE, _INTEROPERABLE = 0x8769, 0xA001, 2, 0xA005
_NOT_TOLD = 2  # of ITU-T H.273


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


_BROKEN_EXIF = damage_words("EXIF is broken, so that the orientation is not known")
BEYOND_PALETTE = damage_words("some pixels are of colours that its palette does not have")


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
    words = str(error)
    if words.startswith("Unsupported "):
        return ReadError(f"u{words[1:]}, which is not read; save it as PNG")
    return damaged(words or type(error).__name__)  # damaged files raise errors of every kind


def hdr(transfer: str) -> ReadError:
    """Return the error of a file in which `transfer` stands for light, not for a shade."""
    return ReadError(
        f"HDR ({transfer}), whose brightness has no meaning in 8 bits; convert it to SDR, for "
        "example sRGB"
    )


HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
"""By the number that ITU-T H.273 gives them."""


def cicp_note(name: str, primaries: int, transfer: int) -> str:
    """Return the note of colours that are told by the numbers of ITU-T H.273, empty for sRGB.

    Raises
    ------
    ReadError
        For HDR.
    """
    if transfer in HDR_TRANSFERS:
        raise hdr(HDR_TRANSFERS[transfer])
    is_srgb = primaries in (1, _NOT_TOLD) and transfer in (13, _NOT_TOLD)
    words = f"{name} (primaries {primaries}, transfer {transfer}){LEFT_AS_STORED}"
    return "" if is_srgb else words


def told_by_exif(source: bytes | PillowImage.Image) -> tuple[int, str, tuple[str, ...]]:
    """Return what EXIF tells: the orientation, a note of colours other than sRGB, and damage.

    They are 1 and empty where it tells nothing.

    Parameters
    ----------
    source : bytes or PIL.Image.Image
        The block itself, or what Pillow finds beside the pixels.
    """
    block = source if isinstance(source, bytes) else source.info.get("exif")
    orientation, is_known, is_adobe = 1, False, False
    with contextlib.suppress(Exception):  # the pixels may be whole all the same
        if isinstance(source, bytes):
            exif = PillowImage.Exif()
            exif.load(source)
        else:
            exif = source.getexif()
        is_known = _ORIENTATION in exif
        orientation = valid_orientation(exif.get(_ORIENTATION))
        space = exif.get_ifd(_OF_CAMERA).get(_COLOUR_SPACE)
        is_adobe = space == _ADOBE or exif.get_ifd(_INTEROPERABLE).get(1) == "R03"
    note = f"EXIF tells of Adobe RGB, without a colour profile{LEFT_AS_STORED}"
    is_lost = not is_known and isinstance(block, bytes) and _is_broken(block)
    return orientation, note if is_adobe else "", (_BROKEN_EXIF,) if is_lost else ()


def _is_broken(exif: bytes) -> bool:
    """Tell whether what the first directory of EXIF holds cannot be known."""
    exif = exif.removeprefix(b"Exif\0\0")
    order: Any = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    at = int.from_bytes(exif[4:8], order) if order else len(exif)
    count = int.from_bytes(exif[at : at + 2], order or "big")
    return bool(exif) and not 8 <= at < at + 2 + 12 * count <= len(exif)


def valid_orientation(value: object) -> int:
    """Return `value` where it is an orientation, otherwise 1."""
    if isinstance(value, bytes):
        value = int.from_bytes(value, "big")
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def frames_words(frames: int) -> str:
    """Return which of `frames` is taken, empty for one."""
    return f"first of {frames:,} frames taken" if frames > 1 else ""
