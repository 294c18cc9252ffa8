"""JPEG: Pillow reads what the header tells, libjpeg-turbo the pixels, with every warning it has.

JPEG has no checksum. Where the decoder meets data that no encoder writes, it goes on with what it
can make of it, and says so; Pillow does not pass that on.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_HEADER, MOST_SCANNED, require_size
from srviewer.pipeline.formats.raster import (
    Raster,
    Samples,
    damaged,
    frames_words,
    orientation_in,
)

_COLOURS = {"Gray": 1, "RGB": 3, "YCbCr": 3, "CMYK": 4, "YCCK": 4}  # of the decoder
_NAMES = {1: "GRAY", 3: "RGB", 4: "CMYK"}
_STORED = {1: "grey", 3: "", 4: "CMYK"}
_CUT = "Premature end of JPEG file"
_END = b"\xff\xd9"


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
        np.bitwise_not(samples, out=samples)  # Adobe's way, and nobody else writes CMYK
    return Raster(
        samples,
        stored=_STORED[samples.shape[2]],
        profile=told.profile,
        orientation=told.orientation,
        taken=frames_words(told.frames),
        damage=(*told.damage, *damage),
    )


@dataclass(frozen=True)
class _Header:
    profile: bytes = b""
    orientation: int = 1
    frames: int = 1
    damage: tuple[str, ...] = ()


def _read_header(data: bytes) -> _Header:
    """Return what is told besides the pixels; nothing where that is damaged."""
    try:
        with PillowImage.open(io.BytesIO(data[:MOST_HEADER]), formats=["JPEG"]) as opened:
            return _Header(
                opened.info.get("icc_profile") or b"",
                orientation_in(opened),
                getattr(opened, "n_frames", 1),
            )
    except Exception:  # its pixels may be whole all the same
        return _Header(damage=("damaged, what is told beside the pixels was left out",))


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
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    except (ValueError, KeyError) as error:  # a number of colours that it does not know
        raise damaged("its header cannot be read") from error
    width, height = int(width), int(height)
    if size is not None and size != (width, height):
        raise damaged(f"{width} x {height} px in place of {size[0]} x {size[1]}")
    require_size(width, height)
    _require_scans(data, width * height)
    channels = _COLOURS.get(colours, 3)
    samples = np.empty((height, width, channels), np.uint8)
    return samples, _decode_into(samples, data, _NAMES[channels])


def _decode_into(samples: Samples, data: bytes, colours: str) -> tuple[str, ...]:
    """Decode `data`, once where nothing is wrong with it; return what is."""
    try:
        simplejpeg.decode_jpeg(data, colours, buffer=samples)
    except ValueError as error:
        warning = str(error)
        if "precision" in warning:
            cause = f"{warning}, which is not read; save it as 8-bit JPEG or 16-bit PNG"
            raise ReadError(cause) from error
    else:
        return ()
    recovered = (f"damaged, what the decoder recovered was taken ({warning})",)
    try:  # only another try tells whether that was a warning or the end of it
        if _CUT in warning:
            simplejpeg.decode_jpeg(data + _END, colours, buffer=samples)
            return ("its end marker is missing",)
        simplejpeg.decode_jpeg(data, colours, buffer=samples, strict=False)
    except ValueError as error:
        if _CUT in warning:
            raise damaged(f"truncated ({warning})") from error
        _decode_by_pillow(samples, data, str(error))
    return recovered


def _decode_by_pillow(samples: Samples, data: bytes, cause: str) -> None:
    """Decode what simplejpeg gives up, though only what stands before the pixels is odd."""
    try:
        with PillowImage.open(io.BytesIO(data), formats=["JPEG"]) as opened:
            flat = np.frombuffer(opened.tobytes(), np.uint8)
            samples[...] = flat.reshape(samples.shape)
            if opened.mode == "CMYK":  # which Pillow has inverted
                np.bitwise_not(samples, out=samples)
    except Exception as error:
        raise damaged(cause) from error


def _require_scans(data: bytes, pixels: int) -> None:
    """Refuse a progressive file that is nothing but passes over all its pixels."""
    if b"\xff\xc2" in data or b"\xff\xca" in data:
        scans = data.count(b"\xff\xda")
        if scans * pixels > MOST_SCANNED:
            raise ReadError(f"{scans:,} scans of {pixels / 1e6:,.0f} megapixels are not read")
