"""A raster becomes upright RGB of 8 bits; here alone the notes are written, in their order."""

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.formats.colour import BrokenProfileError, read_profile, to_srgb
from srviewer.pipeline.formats.raster import BROKEN_PROFILE, Raster, Samples
from srviewer.pipeline.opencv import cv2

_STRIP = 1 << 20  # pixels that are scaled at once


def finish(raster: Raster, colour: str) -> tuple[Image, tuple[str, ...]]:
    """Return contiguous RGB and the notes of all that was changed.

    Parameters
    ----------
    raster : Raster
    colour : {'srgb', 'as_stored'}
        Whether a colour profile is followed.
    """
    notes = [raster.taken, *raster.damage]
    if raster.bits > 8:
        notes.append(f"{raster.bits}-bit scaled to 8-bit")
    notes += [*raster.dropped, *raster.colour_notes]
    samples = _to_8_bits(raster.samples, raster.decoded_bits or raster.bits)
    if raster.profile:
        samples, note = _followed(samples, raster.profile, colour)
        notes.append(note)
    if raster.stored:
        notes.append(f"{raster.stored} converted to RGB")
    rgb = _to_rgb(samples)
    if raster.orientation > 1:
        rgb = _turned(rgb, raster.orientation)
        notes.append(f"EXIF orientation {raster.orientation} applied")
    return np.ascontiguousarray(rgb), tuple(filter(None, notes))


def _to_8_bits(samples: Samples, bits: int) -> Image:
    """Return ``round(v / most * 255)``, half up, where `most` is the largest of so many bits."""
    if bits == 8:
        return samples
    most = (1 << bits) - 1
    made = np.empty(samples.shape, np.uint8)
    if bits == 16:
        step = max(1, _STRIP // samples.shape[1])
        for y in range(0, len(samples), step):
            rows = samples[y : y + step]
            scaled = cv2.convertScaleAbs(rows.reshape(len(rows), -1), alpha=1 / 257)
            made[y : y + step] = scaled.reshape(rows.shape)
        return made
    table = ((np.arange(most + 1) * 510 + most) // (2 * most)).astype(np.uint8)
    return np.take(table, samples, out=made)


def _followed(samples: Image, profile: bytes, colour: str) -> tuple[Image, str]:
    """Return what the colour profile makes of `samples`, and the note of it."""
    try:
        known = read_profile(profile)
        if colour == "as_stored":
            return samples, f"colour profile {known.name} left out" if known.transform else ""
        made = to_srgb(samples, known)
    except BrokenProfileError:
        return samples, BROKEN_PROFILE
    return made, f"colour profile {known.name} converted to sRGB" if known.transform else ""


def _to_rgb(samples: Image) -> Image:
    height, width, channels = samples.shape
    if channels == 3:
        return samples
    if channels == 1:
        rgb: Image = cv2.cvtColor(samples, cv2.COLOR_GRAY2RGB)
        return rgb
    if channels != 4:
        raise ReadError(f"{channels} colours a pixel are not read")
    inks = np.ascontiguousarray(samples)
    image = PillowImage.frombuffer("CMYK", (width, height), inks, "raw", "CMYK", 0, 1)
    return np.frombuffer(image.convert("RGB").tobytes(), np.uint8).reshape(height, width, 3)


def _turned(rgb: Image, orientation: int) -> Image:
    if orientation >= 5:
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return rgb
