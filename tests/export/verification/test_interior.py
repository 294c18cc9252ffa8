"""What a patch decides alone, against the resize of whole images."""

from __future__ import annotations

import numpy as np
import pytest

from srviewer.export.verification.interior import (
    NOWHERE,
    Span,
    enlarged,
    is_regular,
    known_lr,
    reduced,
)
from srviewer.pipeline.arrays import to_uint8
from srviewer.pipeline.pairing import Pair, make_pair
from srviewer.pipeline.recipe import FILTERS, Recipe
from srviewer.pipeline.resizing import available_libraries
from tests.photos import crop

KINDS = [(r, f) for r in FILTERS for f in FILTERS[r]]
NOISE = np.random.default_rng(5).integers(0, 256, (150, 171, 3), dtype=np.uint8)


def recipe_of(resizer: str, filter: str, scale: int, layout: str, **more) -> Recipe:
    if resizer not in available_libraries():
        pytest.skip(f"{resizer} is not installed")
    patch = 60 // scale * scale
    return Recipe(
        resizer=resizer, filter=filter, scale=scale, lr_layout=layout, patch=patch, stride=patch,
        **more,
    )  # fmt: skip


def pair_of(rgb: np.ndarray, recipe: Recipe) -> Pair:
    return make_pair(rgb, scale=recipe.scale, resizer=recipe.resizer, filter=recipe.filter,
                     quantize_after=recipe.quantize_after)  # fmt: skip


def places(pair: Pair, recipe: Recipe) -> list[tuple[int, int]]:
    """Return windows in the middle, at two corners and, where cells allow, across them."""
    step = recipe.scale if recipe.lr_layout == "native" else 1
    width, height = pair.size
    last = (width - recipe.patch, height - recipe.patch)
    inside = [(x // step * step, y // step * step) for x, y in ((23, 34), (38, 29), (41, 40))]
    return [(0, 0), last, (inside[0][0], 0), *inside]


def off(pair: Pair, recipe: Recipe, x: int, y: int) -> np.ndarray:
    """Return how far the part that the window decides is from the whole image's."""
    patch, (width, height) = recipe.patch, pair.size
    hr = pair.hr[y : y + patch, x : x + patch]
    part = reduced(hr, Span(x, x + patch, width), Span(y, y + patch, height), recipe)
    whole = to_uint8(pair.lr if recipe.lr_layout == "native" else pair.upscaled)
    there = whole[part.y :, part.x :][: part.pixels.shape[0], : part.pixels.shape[1]]
    assert there.shape == part.pixels.shape
    return np.abs(there.astype(int) - to_uint8(part.pixels))


@pytest.mark.parametrize("quantize", [True, False])
@pytest.mark.parametrize("layout", ["native", "upscaled"])
@pytest.mark.parametrize(("resizer", "filter"), KINDS)
def test_a_patch_alone_gives_there_what_the_image_gives(resizer, filter, layout, quantize):
    for scale in (2, 3, 4, 5, 6, 8):
        recipe = recipe_of(resizer, filter, scale, layout, quantize_after=quantize)
        for rgb in (NOISE, crop("coffee", 200, 100, 171, 150)):
            pair = pair_of(rgb, recipe)
            for x, y in places(pair, recipe):
                found = off(pair, recipe, x, y)
                # Sums that end in one half are rounded the other way now and then.
                assert found.size == 0 or found.max() <= 1, (scale, x, y)
                assert (found > 0).mean() < 0.1 if found.size else True


@pytest.mark.parametrize("filter", ["bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("resizer", ["pil", "matlab"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_no_pixel_beyond_is_decided(resizer, filter, scale):
    recipe = recipe_of(resizer, filter, scale, "native")
    start, stop = 10 * scale, 10 * scale + recipe.patch
    span = Span(start, stop, NOWHERE)
    first, end = known_lr(span, recipe)
    rng = np.random.default_rng(1)
    decided = np.zeros(64, bool)
    decided[first:end] = True
    changed = np.zeros(64, bool)
    for _ in range(8):  # what lies beyond the patch changes, and so does all that looks there
        rows = []
        one = rng.integers(0, 256, (8 * scale, 64 * scale, 3), dtype=np.uint8)
        other = one.copy()
        other[:, :start] = 255 - one[:, :start]
        other[:, stop:] = 255 - one[:, stop:]
        rows = [pair_of(rgb, recipe).lr for rgb in (one, other)]
        changed |= (rows[0] != rows[1]).any(axis=(0, 2))
    np.testing.assert_array_equal(changed, ~decided)


def test_known_pixels_of_a_plain_case():
    # Bicubic of Pillow widened by 4 looks 8 px to each side of LR pixel i at 4 i + 1.5.
    recipe = recipe_of("pil", "bicubic", 4, "native")
    assert known_lr(Span(40, 73, NOWHERE), recipe) == (12, 16)
    assert known_lr(Span(0, 33, NOWHERE), recipe) == (0, 6)
    assert known_lr(Span(40, 72, 72), recipe) == (12, 18)


@pytest.mark.parametrize(("resizer", "filter"), KINDS)
def test_enlarging_a_patch_alone(resizer, filter):
    for scale in (2, 3, 4, 6):
        recipe = recipe_of(resizer, filter, scale, "native")
        pair = pair_of(NOISE, recipe)
        for x, y in places(pair, recipe):
            spans = (Span(x, x + recipe.patch, pair.size[0]), Span(y, y + recipe.patch,
                                                                   pair.size[1]))  # fmt: skip
            ends = (slice(s.start // scale, s.stop // scale) for s in reversed(spans))
            part = enlarged(pair.lr[tuple(ends)], *spans, recipe)
            height, width = part.pixels.shape[:2]
            assert height * width > 0
            there = pair.upscaled[part.y : part.y + height, part.x : part.x + width]
            assert np.abs(there.astype(int) - part.pixels).max() <= 1


def test_a_patch_that_decides_nothing():
    recipe = recipe_of("pil", "lanczos", 8, "upscaled")
    hr = NOISE[:56, :56]
    span = Span(24, 80, NOWHERE)
    assert reduced(hr, span, span, recipe).pixels.size == 0


def test_nearest_pixels_are_regular_at_usual_scales():
    for resizer in ("pil", "opencv", "matlab"):
        for scale in (2, 3, 4, 6, 8):
            assert is_regular(resizer, "nearest", scale)
    # k * (1 / 49) in floats is below a whole number for k = 49.
    assert not is_regular("opencv", "nearest", 49)
