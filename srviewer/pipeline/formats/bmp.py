"""BMP: most lie in the file as they are, and to copy them once takes longer than to decode them."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_RUNS, require_size
from srviewer.pipeline.formats.raster import Raster, Samples, damage_words, damaged
from srviewer.pipeline.formats.told import told_of
from srviewer.pipeline.formats.with_pillow import decode_with_pillow
from srviewer.pipeline.opencv import cv2
from srviewer.wording import size_text


def read_bmp(data: bytes) -> Raster:
    """Return what the BMP file of the content `data` holds.

    Raises
    ------
    ReadError
        Where it is too large or cut. What Pillow raises for damaged files passes through.
    """
    with PillowImage.open(io.BytesIO(data), formats=["BMP"]) as opened:
        require_size(*opened.size)
        plain = _plain(opened, data) if opened.mode == "RGB" else None
        damage: tuple[str, ...] = ()
        for codec, _, at, args in getattr(opened, "tile", ()):
            if codec == "bmp_rle":
                if len(data) - at > MOST_RUNS:
                    size = size_text(len(data) - at)
                    raise ReadError(f"run lengths of {size}", allowed=size_text(MOST_RUNS))
                damage = _told_by_runs(data[at:], *opened.size, bool(args[1]))
    if plain is None:
        found = decode_with_pillow(data, "BMP")
        return replace(found, damage=(*damage, *found.damage))
    told = told_of(data, "BMP")
    return Raster(plain, profile=told.profile, colour_notes=told.colour_notes)


def _plain(opened: PillowImage.Image, data: bytes) -> Samples | None:
    """Return 24 bits a pixel that are not compressed, None for others."""
    for codec, box, offset, args in getattr(opened, "tile", ()):
        if codec == "raw" and box == (0, 0, *opened.size) and args[0] == "BGR":
            shape, strides = (opened.height, opened.width, 3), (args[1], 3, 1)
            try:
                stored: Samples = np.ndarray(shape, np.uint8, data, offset, strides)
            except (TypeError, ValueError) as error:  # it reaches beyond the file
                raise damaged("truncated") from error
            rgb: Samples = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
            return cv2.flip(rgb, 0, rgb) if args[2] < 0 else rgb
    return None


def _told_by_runs(data: bytes, width: int, height: int, is_4_bits: bool) -> tuple[str, ...]:
    """Return what is to be told of run lengths, of which Pillow takes what it can."""
    x = y = at = 0
    are_beyond = leave_out = False
    while at + 1 < len(data):
        count, value = data[at : at + 2]
        at += 2
        if count or value > 2:  # a colour many times, or many colours once
            x += count or value
            size = 0 if count else -(-value // 2) if is_4_bits else value
            at += size + size % 2
            are_beyond |= x > width or y >= height
        elif value == 2:  # colours are left out
            x, y, at = x + data[at], y + data[at + 1], at + 2
            leave_out = True
        else:
            leave_out |= x < width and y < height
            if value == 1:
                leave_out |= y < height - 1
                break
            x, y = 0, y + 1
    found = {
        damage_words("runs of colours do not fit its rows"): are_beyond,
        "pixels that no run tells of were filled": leave_out,
    }
    return tuple(words for words, is_so in found.items() if is_so)
