"""A row of the manifest against the recipe, the text file of its image, and its place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from srviewer.export.containers.base import Container, pair_key
from srviewer.export.manifest import Row
from srviewer.export.naming import pair_paths
from srviewer.export.verification.findings import MANIFEST, UNREADABLE, Finding
from srviewer.export.verification.image_text import ImageText
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import possible_inputs


def check_row(row: Row, recipe: Recipe, text: ImageText | None) -> Iterator[Finding]:
    """Yield what in `row` cannot be under `recipe`, or in the image that `text` is about."""
    for column, expected in _wrong(row, recipe, text):
        yield Finding(MANIFEST, _name(row), column, expected, getattr(row, column))


def _name(row: Row) -> str:
    return f"{row.image} at x {row.x}, y {row.y}"


def _wrong(row: Row, recipe: Recipe, text: ImageText | None) -> Iterator[tuple[str, str]]:
    """Yield each column that is wrong, and what is expected."""
    patch, stride = recipe.patch, recipe.stride
    for column, value in (("width", patch), ("height", patch), ("scale", recipe.scale)):
        if int(getattr(row, column)) != value:
            yield column, f"{value}"
    clean, box = (text.clean, text.box) if text else (None, None)
    x, y = int(row.x), int(row.y)
    for column, start, side in (("x", x, 0), ("y", y, 1)):
        if start < 0 or start % stride:
            yield column, f"a multiple of stride, {stride}"
        elif clean and start + patch > clean[side]:
            yield column, f"a window in the clean image, {clean[0]} x {clean[1]} px"
        elif box and not box[side] <= start <= box[side + 2] - patch:
            yield column, f"a window in the HR box, {' '.join(map(str, box))}"
    if recipe.texture == "sift" and int(row.keypoints) < recipe.min_keypoints:
        yield "keypoints", f"at least min_keypoints, {recipe.min_keypoints}"
    if int(row.matches) < recipe.min_matches:
        yield "matches", f"at least min_matches, {recipe.min_matches}"
    if not abs(float(row.ssim)) <= 1:
        yield "ssim", "a number from -1 to 1"


def check_place(
    row: Row,
    text: ImageText | None,
    *,
    format: str,
    container: Container | None,
    folder: str,
    index: int,
) -> Finding | None:
    """Return how the places in `row` are not those that an export gives the pair.

    Parameters
    ----------
    row : Row
    text : ImageText, optional
        Of its image.
    format : str
    container : Container, optional
        Of the format.
    folder : str
        That its image's pairs are in.
    index : int
        Rows before it in that folder.
    """
    stems = [text.stem] if text else [one.stem for one in possible_inputs(row.image)]
    x, y = int(row.x), int(row.y)
    places = [
        pair_paths(stem, x, y, format)
        if container is None
        else container.places(folder, pair_key(stem, x, y), index)
        for stem in stems
    ]
    if (row.hr, row.lr) in places:
        return None
    expected, found = (" and ".join(pair) for pair in (places[0], (row.hr, row.lr)))
    return Finding(MANIFEST, _name(row), "places of the pair", expected, found)


_NUMBERS = ("x", "y", "scale", "keypoints", "matches", "psnr", "ssim")


def figures_place(row: Row) -> str:
    """Return the member of a shard that repeats the figures of `row`."""
    return row.hr.removesuffix(".hr.png") + ".json"


def check_figures(row: Row, data: bytes) -> Finding | None:
    """Return how `data`, the member `figures_place`, differs from `row`."""
    place = figures_place(row)
    numbers = {column: float(getattr(row, column)) for column in _NUMBERS}
    expected = {"image": row.image} | {
        column: value if math.isfinite(value) else None for column, value in numbers.items()
    }
    try:
        found = json.loads(data)
    except ValueError as error:
        return Finding(UNREADABLE, place, f"not JSON: {error}")
    if found == expected:
        return None
    if not isinstance(found, dict) or found.keys() != expected.keys():
        return Finding(MANIFEST, place, "keys", ", ".join(expected), ", ".join(found))
    key = next(key for key, value in expected.items() if found[key] != value)
    return Finding(MANIFEST, place, key, f"{expected[key]}", f"{found[key]}")
