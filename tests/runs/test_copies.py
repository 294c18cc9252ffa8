"""Copies: equal files are found by content, re-encoded pictures by what they look like."""

from __future__ import annotations

import io
import shutil
from itertools import combinations

import numpy as np
import pytest
from PIL import Image as PillowImage

from srviewer.runs.copies import (
    MOST_BITS,
    equal_images,
    likely_copies,
    likeness,
    told,
    without_copies,
)
from srviewer.runs.inputs import collect
from tests.photos import crop, photo, save

PHOTOS = ("astronaut", "chelsea", "coffee", "motorcycle", "grass")


def encoded(rgb: np.ndarray, format: str, **options) -> np.ndarray:
    data = io.BytesIO()
    PillowImage.fromarray(rgb).save(data, format, **options)
    return np.asarray(PillowImage.open(data).convert("RGB"))


def halved(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(PillowImage.fromarray(rgb).reduce(2))


TWINS = {
    "JPEG 95": lambda rgb: encoded(rgb, "JPEG", quality=95),
    "JPEG 20": lambda rgb: encoded(rgb, "JPEG", quality=20),
    "WebP 60": lambda rgb: encoded(rgb, "WEBP", quality=60),
    "half": halved,
    "grey": lambda rgb: encoded(rgb, "JPEG", quality=50),
    "brighter": lambda rgb: (255 * (rgb / 255) ** 0.9 + 0.5).astype(np.uint8),
}


def bits(one: bytes, other: bytes) -> int:
    """Count the bits that differ, without numpy."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("name", PHOTOS)
def test_a_picture_encoded_again_looks_the_same(name, twin):
    rgb = photo(name)
    one, other = likeness(rgb), likeness(TWINS[twin](rgb))
    assert len(one) == len(other) == 32
    assert bits(one, other) <= MOST_BITS
    assert likely_copies([one, b"", other]) == [(0, 2)]


def test_other_pictures_and_crops_do_not():
    rgbs = [part for name in PHOTOS for part in (photo(name), photo(name)[40:, 60:])]
    found = [likeness(rgb) for rgb in rgbs]
    assert likely_copies(found) == []
    assert min(bits(one, other) for one, other in combinations(found, 2)) > 2 * MOST_BITS


@pytest.mark.parametrize("value", [0, 77, 255])
def test_flat_pictures_look_like_nothing(value):
    flat = np.full((80, 90, 3), value, np.uint8)
    assert likeness(flat) == b""


def test_all_near_ones_are_found_among_many():
    numbers = np.random.default_rng(0)
    rows = numbers.integers(0, 256, (400, 32), dtype=np.uint8)
    rows[:, -1] &= 254
    for at in range(0, 400, 4):  # each fourth has twins that differ in 0 to 20 bits
        flipped = np.unpackbits(rows[at])
        flipped[numbers.choice(255, at // 20, replace=False)] ^= 1
        rows[at + 1] = np.packbits(flipped)
    found = [row.tobytes() for row in rows]
    expected = [
        (one, other)
        for one, other in combinations(range(400), 2)
        if bits(found[one], found[other]) <= MOST_BITS
    ]
    assert likely_copies(found) == expected
    assert 80 <= len(expected) <= 100


def test_equal_content_is_told_by_name():
    contents = {"b.png": "1", "a.png": "1", "c.png": "2", "e/f.png": "1", "d.png": "3"}
    assert equal_images(contents) == [["a.png", "b.png", "e/f.png"]]
    assert told(["a.png", "b.png"]) == "2 files have equal content: a.png, b.png"
    assert told(list("abcdef")).endswith("a, b, c, d, e, ...")


def test_the_first_by_name_stays(tmp_path):
    save(crop("grass", 0, 0, 60, 60), tmp_path / "b.png")
    save(crop("coffee", 0, 0, 60, 60), tmp_path / "d.png")
    for name in ("a.png", "sub/c.png", "z.bmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(tmp_path / "b.png", tmp_path / name)
    (tmp_path / "missing.png").symlink_to(tmp_path / "nowhere")
    inputs, _ = collect([tmp_path, tmp_path / "missing.png"])
    kept, equal = without_copies(inputs)
    assert [image.name for image in kept] == ["a.png", "d.png", "missing.png"]
    assert equal == [["a.png", "b.png", "sub/c.png", "z.bmp"]]
