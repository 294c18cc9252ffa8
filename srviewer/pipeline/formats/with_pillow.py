"""The formats that Pillow alone decodes: all but PNG, JPEG, TIFF and plain BMPs."""

import io
import re
from dataclasses import replace

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_PAGES, require_size
from srviewer.pipeline.formats.raster import (
    HDR_TRANSFERS,
    Raster,
    Samples,
    damaged,
    frames_words,
    hdr,
    orientation_in,
)
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.suffixes import register_extras

_DEEP = re.compile(r"(RGB|RGBA|RGBX|LA|L|I);16[BLN]?$")
_STORED = {
    **dict.fromkeys(("L", "LA", "La", "I"), "grey"),
    **dict.fromkeys(("P", "PA"), "palette"),
    "1": "black and white",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "LAB": "Lab",
    "HSV": "HSV",
}
_CODESTREAM = b"\xff\x4f\xff\x51"  # of a JPEG 2000, with or without boxes around it
_GIF_FRAME = b"\x21\xf9\x04"  # what stands before each frame of an animation
_STRIP = 1 << 20  # pixels that are copied at once
_BOXES = 1 << 16  # bytes at the start of an AVIF or JPEG 2000 in which its boxes are


def decode_with_pillow(data: bytes, format: str) -> Raster:
    """Return what the file of the content `data` holds.

    Parameters
    ----------
    data : bytes
    format : str
        By its name in Pillow; no other decoder is tried.

    Raises
    ------
    ReadError
        For an image that is too large, floating-point or HDR. What a decoder raises for damaged
        files passes through.
    """
    register_extras()
    depth = _told_depth(data, format)
    if format == "JPEG2000" and depth > 8:
        return _deep_jpeg_2000(data, depth)
    with PillowImage.open(io.BytesIO(data), formats=[format]) as opened:
        require_size(*opened.size, len(data))
        if opened.mode == "F":
            raise ReadError("floating-point pixels, whose range is not defined; save it as 8-bit")
        # Asked before Pillow loads: then it forgets the depth.
        depth = max(depth, _tile_depth(opened))
        # To count the frames of a GIF Pillow goes through all of them.
        many = format == "GIF" and data.count(_GIF_FRAME) > MOST_PAGES
        taken = f"first of more than {MOST_PAGES:,} frames taken" if many else ""
        frames = 1 if many else getattr(opened, "n_frames", 1)
        transparent = "transparency" in opened.info or opened.mode in (
            *("RGBA", "LA", "PA", "RGBa", "La"),
        )
        stored = _STORED.get(opened.mode, "grey" if opened.mode.startswith("I;16") else "")
        opened.load()
        return replace(
            _raster_of(opened, depth),
            stored=stored,
            profile=opened.info.get("icc_profile") or told_profile(data, format),
            orientation=orientation_in(opened),
            taken=taken or frames_words(frames),
            dropped=("alpha dropped",) if transparent else (),
        )


def _raster_of(image: PillowImage.Image, depth: int) -> Raster:
    if image.mode == "I" or image.mode.startswith("I;16"):
        deep = np.asarray(image)
        if deep.min() < 0 or deep.max() > 65535:
            cause = f"grey values from {deep.min()} to {deep.max()}"
            raise ReadError(cause, allowed="0 to 65535")
        samples = deep.astype(np.uint16)[..., None]
        return Raster(samples, bits=depth if depth > 8 else 16, decoded_bits=16)
    mode = image.mode if image.mode in ("L", "CMYK") else "RGB"
    return Raster(_array(image, mode), bits=depth, decoded_bits=8)


def _array(image: PillowImage.Image, mode: str) -> Samples:
    """Return the samples of `image` in `mode`, converted and copied some rows at a time."""
    made = np.empty((image.height, image.width, len(mode)), np.uint8)
    step = max(1, _STRIP // image.width)
    for y in range(0, image.height, step):
        rows = image.crop((0, y, image.width, min(y + step, image.height)))
        # np.asarray copies twice, which takes longer than to decode a BMP.
        flat = np.frombuffer(rows.convert(mode).tobytes(), np.uint8)
        made[y : y + step] = flat.reshape(rows.height, rows.width, -1)
    return made


def _tile_depth(opened: PillowImage.Image) -> int:
    """Return the bits that only Pillow's decoder knows of, 8 where it knows of none."""
    depth = 8
    for tile in getattr(opened, "tile", ()):
        args = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        if args and isinstance(args[0], str) and _DEEP.match(args[0]):
            depth = 16
        if tile[0].startswith("ppm") and len(args) > 1 and isinstance(args[1], int):
            depth = max(depth, args[1].bit_length())
    return depth


def _told_depth(data: bytes, format: str) -> int:
    """Return the bits that an AVIF or a JPEG 2000 tells of itself, at least 8."""
    start = data[:_BOXES]
    if format == "JPEG2000" and (at := data.find(_CODESTREAM)) >= 0:
        told = int.from_bytes(data[at + 42 : at + 43], "big")
        depth = (told & 0x7F) + 1
        if told & 0x80 or depth > 16:
            raise ReadError(f"{'signed' if told & 0x80 else f'{depth}-bit'} samples are not read")
        return max(8, depth)
    if format in ("AVIF", "HEIF"):
        if (at := start.find(b"colrnclx")) >= 0:
            transfer = int.from_bytes(start[at + 10 : at + 12], "big")
            if transfer in HDR_TRANSFERS:
                raise hdr(HDR_TRANSFERS[transfer])
        if (at := start.find(b"av1C")) >= 0 and start[at + 6] & 0x40:
            return 12 if start[at + 6] & 0x20 else 10
    return 8


def told_profile(data: bytes, format: str) -> bytes:
    """Return the colour profile of a BMP or a JPEG 2000, of which Pillow tells nothing."""
    if format == "BMP" and data[70:74] == b"DEBM" and int.from_bytes(data[14:18], "little") >= 124:
        at, size = (int.from_bytes(data[place : place + 4], "little") for place in (126, 130))
        return data[14 + at : 14 + at + size]
    at = data.find(b"colr", 0, _BOXES) if format == "JPEG2000" else -1
    if at < 4 or data[at + 4 : at + 5] != b"\2":  # the kind of colours is a profile
        return b""
    return data[at + 7 : at - 4 + int.from_bytes(data[at - 4 : at], "big")]


def _deep_jpeg_2000(data: bytes, depth: int) -> Raster:
    """Decode by OpenCV; Pillow makes black of values near white."""
    with PillowImage.open(io.BytesIO(data), formats=["JPEG2000"]) as opened:
        require_size(*opened.size, len(data))
        grey = opened.mode in ("L", "LA", "I", "I;16")
        transparent = opened.mode in ("LA", "RGBA")
    how = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), how | cv2.IMREAD_ANYDEPTH)
    if samples is None or samples.dtype != np.uint16:
        raise damaged("its compressed data cannot be decoded")
    return Raster(
        np.atleast_3d(samples),
        bits=depth,
        stored="grey" if grey else "",
        profile=told_profile(data, "JPEG2000"),
        dropped=("alpha dropped",) if transparent else (),
    )
