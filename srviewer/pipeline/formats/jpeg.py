"""JPEG: Pillow reads what the header tells, libjpeg-turbo the pixels, with every warning it has.

JPEG has no checksum. Where the decoder meets data that no encoder writes, it goes on with what it
can make of it, and says so; Pillow does not pass that on.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_HEADER, MOST_SCANNED, require_size
from srviewer.pipeline.formats.raster import (
    Raster,
    Samples,
    damage_words,
    damaged,
    frames_words,
    told_by_exif,
)
from srviewer.wording import pixels_text

_COLOURS = {"Gray": 1, "RGB": 3, "YCbCr": 3, "CMYK": 4, "YCCK": 4}  # of the decoder
_NAMES = {1: "GRAY", 3: "RGB", 4: "CMYK"}
_STORED = {1: "grey", 3: "", 4: "CMYK"}
_CUT = "Premature end of JPEG file"
_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # what else can follow ff is among the pixels
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_SCAN, _LAST = 0xDA, 0xD9
_LOSSLESS, _JPEG_LS, _JFIF, _ADOBE = 0xC3, 0xF7, 0xE0, 0xEE


def read_jpeg(data: bytes) -> Raster:
    """Return what the JPEG file of the content `data` holds.

    Raises
    ------
    ReadError
        Where nothing can be decoded, or not in a bounded time.
    """
    told = _read_header(data)
    samples, damage = decode_jpeg(data)
    if samples.shape[2] == 4:
        samples = np.bitwise_not(samples)  # Adobe's way, and nobody else writes CMYK
    return Raster(
        samples,
        stored=_STORED[samples.shape[2]],
        profile=told.profile,
        orientation=told.orientation,
        taken=frames_words(told.frames),
        damage=(*told.damage, *damage),
        colour_notes=(told.colour_note,) if told.colour_note and not told.profile else (),
    )


@dataclass(frozen=True)
class _Header:
    profile: bytes = b""
    orientation: int = 1
    colour_note: str = ""
    frames: int = 1
    damage: tuple[str, ...] = ()


def _read_header(data: bytes) -> _Header:
    """Return what is told besides the pixels; nothing where that is damaged."""
    try:
        with PillowImage.open(io.BytesIO(data[:MOST_HEADER]), formats=["JPEG"]) as opened:
            orientation, colour_note, damage = told_by_exif(opened)
            profile, frames = opened.info.get("icc_profile") or b"", getattr(opened, "n_frames", 1)
            return _Header(profile, orientation, colour_note, frames, damage)
    except Exception:  # its pixels may be whole all the same
        return _Header(damage=(damage_words("what is told beside the pixels was left out"),))


def decode_jpeg(
    data: bytes, size: tuple[int, int] | None = None
) -> tuple[Samples, tuple[str, ...]]:
    """Return the samples of a JPEG stream, and what its decoder says of damage.

    Parameters
    ----------
    data : bytes
    size : (int, int), optional
        The (width, height) that it must have.

    Raises
    ------
    ReadError
        Where nothing can be decoded, or not in a bounded time.
    """
    _require_known(data)
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError):  # rare samplings of colours, besides damage
        return _by_pillow(data, size, "its header cannot be read"), ()
    _require_size(data, int(width), int(height), size)
    channels = _COLOURS.get(colours, 3)
    samples = np.empty((int(height), int(width), channels), np.uint8)
    try:
        simplejpeg.decode_jpeg(data, _NAMES[channels], buffer=samples)
    except ValueError as error:
        return _recovered(data, samples, str(error))
    if lacks_scans(data):
        return samples, (damage_words("scans are missing, and details of the picture with them"),)
    return samples, ()


def colours_of(data: bytes) -> str:
    """Return what colours the decoder takes those of a JPEG stream for, empty where unknown."""
    try:
        return str(simplejpeg.decode_jpeg_header(data, strict=False)[2])
    except (ValueError, KeyError):  # rare samplings of colours, besides damage
        return ""


def lacks_scans(data: bytes) -> bool:
    """Tell whether scans of a JPEG stream are missing, which its decoder says nothing of.

    What is cut between two scans and closed with an end marker is a picture, though a blurred one.
    """
    unknown: dict[int, list[int]] = {}  # of each component, the bits that coefficients still lack
    is_progressive = False
    for kind, body in _segments(data):
        if kind in _FRAMES:
            is_progressive = kind in _PROGRESSIVE
            unknown = {number: [1] * 64 for number in body[6::3]}
        elif kind == _SCAN and body:
            first, last, bits = body[-3:] if is_progressive else (0, 63, 0)
            for number in body[1:-3:2]:
                if number in unknown:
                    unknown[number][first : last + 1] = [bits & 15] * (last + 1 - first)
            if not any(map(any, unknown.values())):
                return False
    return bool(unknown)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of all that stands before the pixels and between scans."""
    at = 2
    while (found := _MARKER.search(data, at)) and (kind := found[1][0]) != _LAST:
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
        yield kind, data[found.end() + 2 : at]


def _require_known(data: bytes) -> None:
    """Refuse what is not read, and what the decoder takes for other shades or colours."""
    told: dict[int, bytes] = {}
    for kind, body in _segments(data):
        if kind == _SCAN:
            break
        told.setdefault(kind, body)
    if _JPEG_LS in told:
        raise ReadError("JPEG-LS, which is not read; save it as PNG")
    bits = next((body[:1] for kind, body in told.items() if kind in _FRAMES), b"\x08")
    if bits not in (b"", b"\x08"):
        raise ReadError(f"JPEG of {bits[0]} bits is not read; save it as 8-bit JPEG or 16-bit PNG")
    if told.get(_LOSSLESS, b"")[5:6] == b"\3":  # without a mark it is YCbCr to some, RGB to others
        is_rgb = told.get(_ADOBE, b"")[:12:11] == b"A\0" and _JFIF not in told
        if not is_rgb:
            raise ReadError("lossless JPEG whose colours are not marked as RGB; save it as PNG")


def _require_size(data: bytes, width: int, height: int, size: tuple[int, int] | None) -> None:
    """Refuse what has another size than it must have, or takes all memory or all day."""
    if size is not None and size != (width, height):
        raise damaged(f"{width} x {height} px in place of {size[0]} x {size[1]}")
    require_size(width, height, len(data))
    if b"\xff\xc2" in data or b"\xff\xca" in data:  # progressive
        scans = data.count(b"\xff\xda")
        if scans * width * height > MOST_SCANNED:
            cause = f"{scans:,} scans of {pixels_text(width * height)} are not read"
            raise ReadError(cause)


def _recovered(data: bytes, samples: Samples, warning: str) -> tuple[Samples, tuple[str, ...]]:
    """Return what can be made of `data`, of which the decoder gave a `warning` or an error."""
    colours = _NAMES[samples.shape[2]]
    try:  # only another try tells which of the two it was
        if _CUT in warning:
            simplejpeg.decode_jpeg(data + _END, colours, buffer=samples)
            return samples, ("its end marker is missing",)
        simplejpeg.decode_jpeg(data, colours, buffer=samples, strict=False)
    except ValueError as error:
        if _CUT in warning:
            raise damaged(f"truncated ({warning})") from error
        # simplejpeg also gives up where only what stands before the pixels is odd.
        samples = _by_pillow(data, None, str(error))
    return samples, (damage_words(f"what the decoder recovered was taken ({warning})"),)


def _by_pillow(data: bytes, size: tuple[int, int] | None, cause: str) -> Samples:
    """Return what Pillow, which tells nothing of damage, decodes; raise `cause` if it cannot."""
    try:
        with PillowImage.open(io.BytesIO(data), formats=["JPEG"]) as opened:
            _require_size(data, *opened.size, size)
            flat = np.frombuffer(opened.tobytes(), np.uint8)
            samples = flat.reshape(opened.height, opened.width, -1)
            return np.bitwise_not(samples) if opened.mode == "CMYK" else samples  # as stored
    except ReadError:
        raise
    except Exception as error:
        raise damaged(cause) from error
