"""The formats that Pillow alone decodes: all but PNG, JPEG, TIFF and plain BMPs."""

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_PAGES, require_size
from srviewer.pipeline.formats.raster import (
    BEYOND_PALETTE,
    FLOATING,
    Raster,
    Samples,
    damage_words,
    damaged,
    frames_words,
    told_by_exif,
)
from srviewer.pipeline.formats.told import CODESTREAM, Told, told_of
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.suffixes import register_extras
from srviewer.wording import counted

_DEEP = re.compile(r"(RGB|RGBA|RGBX|LA|L|I);16[BLN]?$")
_PNM = re.compile(rb"P[1-7]\s")  # of which several may stand one after the other
_STORED = {
    **dict.fromkeys(("L", "LA", "La", "I"), "grey"),
    **dict.fromkeys(("P", "PA"), "palette"),
    "1": "black and white",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "LAB": "Lab",
    "HSV": "HSV",
}
_GIF_FRAME = b"\x21\xf9\x04"  # what stands before each frame of an animation
_STRIP = 1 << 20  # pixels that are copied at once


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
    told = told_of(data, format)
    if told.palette is not None:
        return _of_palette(data, told, told.palette)
    if format == "JPEG2000" and told.bits > 8:
        return _deep_jpeg_2000(data, told)
    with PillowImage.open(io.BytesIO(data), formats=[format]) as opened:
        require_size(*opened.size, len(data))
        if opened.mode == "F":
            raise ReadError(FLOATING)
        # Asked before Pillow loads: then it forgets the depth, and how long the palette was.
        depth = told.bits if told.bits < 8 else max(told.bits, _tile_depth(opened))
        colours = _palette_size(opened)
        damage: tuple[str, ...] = ()
        if format == "PPM":
            scaled, damage = _of_ppm(opened, data)
            if scaled is not None:
                return scaled
        if depth < 8 and opened.mode not in ("L", "LA", "RGB", "RGBA"):
            raise ReadError(f"{opened.mode} of {depth} bits, which is not read; save it as RGB")
        if depth > 8 and opened.mode == "LA":  # pillow-jxl takes each byte of them for a sample
            cause = f"grey with alpha of {depth} bits in {format}"
            raise ReadError(f"{cause}, which is not read; save it as PNG")
        # To count the frames of a GIF Pillow goes through all of them.
        many = format == "GIF" and data.count(_GIF_FRAME) > MOST_PAGES
        taken = f"first of more than {MOST_PAGES:,} frames taken" if many else told.taken
        frames = 1 if many else getattr(opened, "n_frames", 1)
        transparent = "transparency" in opened.info or opened.mode in (
            *("RGBA", "LA", "PA", "RGBa", "La"),
        )
        # What lies beside the frame of a GIF is nobody's.
        tiles = getattr(opened, "tile", ()) if format == "GIF" else ()
        beside = any(box != (0, 0, *opened.size) for _, box, *_ in tiles)
        stored = _STORED.get(opened.mode, "grey" if opened.mode.startswith("I;16") else "")
        opened.load()
        orientation, exif_note, broken = told_by_exif(opened)
        profile = opened.info.get("icc_profile") or told.profile
        alpha = ("alpha dropped",) if transparent or beside or told.has_alpha else ()
        notes = () if profile else tuple(filter(None, (*told.colour_notes, exif_note)))
        is_beyond = opened.mode == "P" and colours <= int(np.asarray(opened).max())
        return replace(
            _raster_of(opened, depth),
            stored=stored,
            profile=profile,
            orientation=orientation,
            taken=taken or frames_words(frames),
            damage=(*damage, *broken, *((BEYOND_PALETTE,) if is_beyond else ())),
            dropped=(*told.dropped, *alpha),
            colour_notes=notes,
        )


def _of_ppm(opened: PillowImage.Image, data: bytes) -> tuple[Raster | None, tuple[str, ...]]:
    """Return the pixels of a binary PNM with a maximum of its own, and what is wrong with any.

    Pillow goes through them one by one in Python.
    """
    tiles: Any = getattr(opened, "tile", None)
    codec, _, at, args = tiles[0]
    if codec == "ppm_plain":
        return None, ()
    mode, most = args if codec == "ppm" else (args, 0)
    width, height, channels = *opened.size, 3 if mode == "RGB" else 1
    kind = np.dtype(">u2" if most > 255 or "16" in mode else "u1")
    size = width * height * channels * kind.itemsize
    if mode.startswith("1"):
        size = height * -(-width // 8)
    damage, scaled = [], None
    end = at + size
    rest = data[end : end + _STRIP]
    if rest.strip() and not _PNM.match(rest):
        over = counted(len(data) - end, "byte")
        what = f"{over} left over, so that its header may be wrong"
        damage.append(damage_words(what))
    if most:
        if len(data) < end:
            raise damaged("truncated")
        samples = np.frombuffer(data, kind, size // kind.itemsize, at)
        if samples.max() > most:
            what = f"samples above its maximum of {most} were taken for that"
            damage.append(damage_words(what))
        values = np.minimum(np.arange(1 << 8 * kind.itemsize), most)
        table = ((values * 510 + most) // (2 * most)).astype(np.uint8)
        scaled = Raster(
            table[samples].reshape(height, width, channels),
            bits=max(8, most.bit_length()),
            decoded_bits=8,
            stored="" if channels == 3 else "grey",
            damage=tuple(damage),
        )
    return scaled, tuple(damage)


def _palette_size(opened: PillowImage.Image) -> int:
    """Return how many colours the palette of an image has that is not loaded yet."""
    if opened.palette is None:
        return 256
    mode = opened.palette.rawmode or opened.palette.mode
    return len(opened.palette.palette) // (2 if ";" in mode else len(mode))


def _raster_of(image: PillowImage.Image, depth: int) -> Raster:
    if depth < 8:  # Pillow has moved them up
        moved = _array(image, "L" if image.mode in ("L", "LA") else "RGB")
        return Raster(moved >> (8 - depth), bits=depth)
    if image.mode == "I" or image.mode.startswith("I;16"):
        deep = np.asarray(image)
        if deep.min() < 0 or deep.max() > 65535:
            cause = f"grey values from {deep.min()} to {deep.max()}"
            raise ReadError(cause, allowed="0 to 65535")
        samples = deep.astype(np.uint16)[..., None]
        return Raster(samples, bits=depth if depth > 8 else 16, decoded_bits=16)
    mode = {"L": "L", "LA": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
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
    return depth


def _of_palette(data: bytes, told: Told, palette: Samples) -> Raster:
    """Return a JPEG 2000 of the colours in `palette`, which its decoder is not shown.

    Pillow leaves out those that are there twice, and knows neither greys nor other depths.
    """
    found = decode_with_pillow(data[data.find(CODESTREAM) :], "JPEG2000")
    numbers, last = found.samples[..., 0], len(palette) - 1
    return Raster(
        np.ascontiguousarray(palette[np.minimum(numbers, last), :3]),
        bits=max(8, told.bits),
        decoded_bits=told.bits,
        stored="palette",
        profile=told.profile,
        damage=(BEYOND_PALETTE,) if int(numbers.max()) > last else (),
        dropped=("alpha dropped",) if palette.shape[1] == 4 else (),
        colour_notes=told.colour_notes,
    )


def _deep_jpeg_2000(data: bytes, told: Told) -> Raster:
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
        bits=told.bits,
        stored="grey" if grey else "",
        profile=told.profile,
        colour_notes=told.colour_notes,
        dropped=("alpha dropped",) if transparent else (),
    )
