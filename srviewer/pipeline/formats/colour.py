"""Colour profiles to sRGB through LittleCMS: relative colorimetric, black points aligned."""

import functools
import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

from srviewer.pipeline.arrays import Image
from srviewer.pipeline.formats.limits import MOST_PROFILE
from srviewer.pipeline.formats.raster import HDR_TRANSFERS, hdr
from srviewer.pipeline.opencv import cv2

_STRIP = 1 << 20  # pixels that are converted at once
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_CHANNELS = {"RGB": (1, 3), "L": (1,), "CMYK": (4,)}
_OF_DEVICES = ("mntr", "scnr", "prtr", "spac")
_MOST_NAME = 80


class BrokenProfileError(ValueError):
    """A profile that cannot be used for the image that it is in."""


@dataclass(frozen=True)
class Profile:
    """A profile as it is used.

    Attributes
    ----------
    name : str
    mode : {'RGB', 'L', 'CMYK'}
        Of the pixels that it is for.
    transform : ImageCms.ImageCmsTransform or None
        To sRGB; None where that would change no colour.
    """

    name: str
    mode: str
    transform: Any


@functools.lru_cache(8)
def read_profile(data: bytes) -> Profile:
    """Return the ICC profile of the content `data`.

    Raises
    ------
    BrokenProfileError
        Where LittleCMS cannot use it, or it is for other colours than an image has.
    ReadError
        Where it says that the image is HDR.
    """
    _refuse_hdr(data)
    if len(data) > MOST_PROFILE:
        raise BrokenProfileError
    try:
        profile = ImageCms.getOpenProfile(io.BytesIO(data))
        told = profile.profile
        mode = _MODES.get(told.xcolor_space, "")
        if not mode or told.device_class not in _OF_DEVICES:
            raise BrokenProfileError
        transform = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        changes = mode == "CMYK" or _moves(transform, mode) > 1
        return Profile(_name(told.profile_description), mode, transform if changes else None)
    except BrokenProfileError:
        raise
    except Exception as error:  # LittleCMS and its reader have many
        raise BrokenProfileError from error


def _name(description: str | None) -> str:
    words = re.sub(r"[^\w!-~]+", " ", description or "").strip()
    return words[:_MOST_NAME] or "without a name"


def _refuse_hdr(data: bytes) -> None:
    """Raise where the profile's tag cicp tells a transfer function of HDR."""
    for number in range(min(int.from_bytes(data[128:132], "big"), 100)):
        entry = data[132 + 12 * number : 144 + 12 * number]
        at = int.from_bytes(entry[4:8], "big")
        if entry[:4] == b"cicp" and data[at : at + 4] == b"cicp":
            transfer = int.from_bytes(data[at + 9 : at + 10], "big")
            if transfer in HDR_TRANSFERS:
                raise hdr(HDR_TRANSFERS[transfer])


def _moves(transform: Any, mode: str) -> int:
    """Return by how many grey levels at most `transform` changes a colour."""
    if mode == "L":
        probe = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1)
    else:
        ramp = np.arange(0, 256, 15, dtype=np.uint8)
        probe = np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(-1, 1, 3)
    made = _converted(probe, transform, mode)
    return int(np.abs(made.astype(int) - probe).max())


def to_srgb(samples: Image, profile: Profile) -> Image:
    """Return `samples`, of 8 bits, in sRGB, or grey as it is where nothing changes.

    Raises
    ------
    BrokenProfileError
        Where the profile is for other colours than `samples` are.
    """
    if samples.shape[2] not in _CHANNELS[profile.mode]:
        raise BrokenProfileError
    if profile.transform is None:
        return samples
    if profile.mode == "RGB" and samples.shape[2] == 1:  # usual in PNG
        samples = cv2.cvtColor(samples, cv2.COLOR_GRAY2RGB)
    return _converted(samples, profile.transform, profile.mode)


def _converted(samples: Image, transform: Any, mode: str) -> Image:
    height, width = samples.shape[:2]
    made = np.empty((height, width, 3), np.uint8)
    step = max(1, _STRIP // width)
    for y in range(0, height, step):
        part = np.ascontiguousarray(samples[y : y + step])
        image = PillowImage.frombuffer(mode, (width, len(part)), part, "raw", mode, 0, 1)
        flat = np.frombuffer(transform.apply(image).tobytes(), np.uint8)
        made[y : y + step] = flat.reshape(-1, width, 3)
    return made
