"""Pairs of HR and LR whose displacement is known exactly, and what harms an LR."""

import io
from functools import cache

import numpy as np
from PIL import Image

from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from tests.photos import as_source, crop

MARGIN = 12  # HR px around the pair, from which a moved LR takes its border
ANTIALIASED = (
    ("pil", "box"),
    ("pil", "bilinear"),
    ("pil", "bicubic"),
    ("pil", "lanczos"),
    ("matlab", "bilinear"),
    ("matlab", "bicubic"),
    ("matlab", "lanczos"),
    ("opencv", "area"),
)


def given_pair(
    photo: np.ndarray,
    scale: int,
    moved: tuple[float, float] = (0, 0),
    resizer: tuple[str, str] | None = ("pil", "bicubic"),
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return HR, LR and by how much LR's content is displaced, in LR px.

    LR is made of the photograph `moved` HR px further to the right and down, whole or halves: so
    its content lies that much to the left and up. Halves are interpolated by Fourier's theorem.
    Without a `resizer` every `scale`-th pixel is taken.
    """
    height, width = ((side - 2 * MARGIN) // scale * scale for side in photo.shape[:2])
    whole = np.floor(moved).astype(int)
    part = np.array(moved) - whole
    source = photo if not part.any() else _moved_by_part(photo, part)
    x, y = MARGIN + whole
    hr = np.ascontiguousarray(photo[MARGIN : MARGIN + height, MARGIN : MARGIN + width])
    taken = np.ascontiguousarray(source[y : y + height, x : x + width])
    displaced = -np.array(moved, float) / scale
    if resizer is None:
        decimated = np.ascontiguousarray(taken[::scale, ::scale])
        return hr, decimated, displaced + (scale - 1) / (2 * scale)
    size = width // scale, height // scale
    lr = resize(taken, size, resizer=resizer[0], filter=resizer[1], quantize_after=True)
    return hr, lr, displaced


def _moved_by_part(photo: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the photograph sampled `part` of a pixel further to the right and down."""
    height, width = photo.shape[:2]
    mirrored = np.pad(photo.astype(float), ((0, height), (0, width), (0, 0)), "symmetric")
    x, y = np.fft.fftfreq(2 * width), np.fft.fftfreq(2 * height)
    turn = np.exp(2j * np.pi * (x[None] * part[0] + y[:, None] * part[1]))
    spectrum = np.fft.fft2(mirrored, axes=(0, 1)) * turn[..., None]
    found = np.fft.ifft2(spectrum, axes=(0, 1)).real[:height, :width]
    return np.clip(np.round(found), 0, 255).astype(np.uint8)


HARMS = ("jpeg", "gain", "gamma", "noise")


def harmed(lr: np.ndarray, harms: tuple[str, ...], seed: int = 0) -> np.ndarray:
    """Return `lr` with gamma 1.3, gain 0.7 and offset 40, noise of sigma 4, and JPEG 50."""
    levels = lr.astype(float)
    if "gamma" in harms:
        levels = 255 * (levels / 255) ** 1.3
    if "gain" in harms:
        levels = 0.7 * levels + 40
    if "noise" in harms:
        levels = levels + np.random.default_rng(seed).normal(0, 4, levels.shape)
    found = np.clip(np.round(levels), 0, 255).astype(np.uint8)
    if "jpeg" in harms:
        buffer = io.BytesIO()
        Image.fromarray(found).save(buffer, "JPEG", quality=50)
        found = np.array(Image.open(buffer))
    return found


def reduced(hr: np.ndarray, scale: int = 4) -> np.ndarray:
    """Return `hr` reduced by Pillow's bicubic, to be written to."""
    size = hr.shape[1] // scale, hr.shape[0] // scale
    return resize(hr, size, resizer="pil", filter="bicubic", quantize_after=True).copy()


BLOCK = np.s_[18:54, 20:56]
"""The part of the LR of `pair_with_block` that lies elsewhere."""


def pair_with_block() -> tuple[np.ndarray, np.ndarray]:
    """Return HR of 320 x 320 px and its LR, of which `BLOCK` is moved by (1.5, 1) LR px."""
    hr = crop("astronaut", 120, 30, 320, 320)
    lr = reduced(hr)
    lr[BLOCK] = reduced(np.roll(hr, (4, 6), (0, 1)))[BLOCK]
    noise = np.random.default_rng(3).normal(0, 2, lr.shape)
    return hr, np.clip(np.round(0.9 * lr + noise), 0, 255).astype(np.uint8)


BLOCK_RECIPE = Recipe(
    crop="whole",
    keypoint_scope="image",
    min_keypoints=1,
    patch=48,
    stride=16,
    keep_windows="aligned",
)


@cache
def analysed_block() -> Analysis:
    """Return all that is known of it, made once."""
    hr, lr = pair_with_block()
    return analyse(as_source(hr), BLOCK_RECIPE, lr=lr)


def lies_in_block(x: np.ndarray, y: np.ndarray, patch: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which windows at HR px (x, y) lie wholly in `BLOCK`, and which wholly outside."""
    (top, bottom), (left, right) = ((4 * side.start, 4 * side.stop) for side in BLOCK)
    inside = (x >= left) & (x + patch <= right) & (y >= top) & (y + patch <= bottom)
    outside = (x >= right) | (x + patch <= left) | (y >= bottom) | (y + patch <= top)
    return inside, outside
