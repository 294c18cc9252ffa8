"""Copies: equal files are found by content, re-encoded pictures by what they look like."""

import io
import shutil
from itertools import combinations

import numpy as np
import pytest
from PIL import Image as PillowImage

from srviewer.runs import copies
from srviewer.runs.copies import (
    MOST_BITS,
    alike_images,
    equal_images,
    likely_copies,
    likeness,
    look_alike,
    told,
    told_likely,
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
    assert likely_copies([one, b"", other]) == [[0, 2]]


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
        [one, other]
        for one, other in combinations(range(400), 2)
        if bits(found[one], found[other]) <= MOST_BITS
    ]
    assert likely_copies(found) == expected
    assert 80 <= len(expected) <= 100


def test_a_chain_is_one_group_whatever_the_order():
    row = np.zeros(255, np.uint8)
    chain = []
    for step in range(6):  # each 16 bits from the next, the ends 80 from each other
        row[16 * step : 16 * step + 16] = 1
        chain.append(np.packbits(row).tobytes())
    stranger = np.packbits(np.arange(255) % 2 == 0).tobytes()
    for order in ([0, 1, 2, 3, 4, 5], [5, 0, 4, 1, 3, 2], [2, 5, 0, 3, 1, 4]):
        looks = [*(chain[at] for at in order), stranger]
        assert likely_copies(looks) == [[0, 1, 2, 3, 4, 5]]
    without_a_link = [chain[0], chain[1], chain[3], chain[4], chain[5]]
    assert likely_copies(without_a_link) == [[0, 1], [2, 3, 4]]


def test_thousands_of_frames_of_a_scene_are_compared_with_one_of_them(monkeypatch):
    numbers = np.random.default_rng(1)
    scenes = np.unpackbits(numbers.integers(0, 256, (3, 32), dtype=np.uint8), axis=1)
    rows = np.repeat(scenes, 2000, axis=0)
    for row in rows:
        row[numbers.choice(255, 5, replace=False)] ^= 1
    rows[:, :15] = rows[0, :15]  # so that all share a band, as pictures do that are not random
    rows[:, 255] = 0
    looks = [packed.tobytes() for packed in np.packbits(rows, axis=1)]
    compared = []
    table = copies._BITS_OF

    class Counting:
        def __getitem__(self, differ):
            compared.append(len(differ))
            return table[differ]

    monkeypatch.setattr(copies, "_BITS_OF", Counting())
    found = likely_copies(looks)
    assert [len(group) for group in found] == [2000] * 3
    assert found[1] == list(range(2000, 4000))
    assert sum(compared) < 60 * len(looks)  # each with each would be 2,000 times as many


def test_the_first_of_equal_content_stands_for_all_that_look_like_it():
    one, other = (likeness(TWINS[twin](photo("coffee"))) for twin in ("JPEG 95", "half"))
    images = [("a", "1", one), ("b", "1", one), ("c", "2", other), ("d", "3", b"")]
    assert alike_images(images) == [["a", "c"]]
    assert told_likely(["a", "c"]) == "2 images are likely copies: a, c"


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


def test_pictures_may_be_alike_where_one_is_much_smaller() -> None:
    rgb, other = photo("astronaut"), photo("coffee")
    small = np.asarray(PillowImage.fromarray(rgb).resize((64, 64), PillowImage.Resampling.BICUBIC))
    assert look_alike(likeness(rgb), likeness(small))
    assert not look_alike(likeness(other), likeness(small))
    assert not look_alike(b"", likeness(small))
    assert not look_alike(b"", b"")


def test_what_has_no_likeness_is_no_copy() -> None:
    assert likely_copies([b"", b"", b"odd", b"odd"]) == likely_copies([]) == []
