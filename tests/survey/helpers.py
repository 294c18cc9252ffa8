"""What the survey's tests share."""

import sqlite3
from pathlib import Path

import numpy as np

from srviewer.pipeline.recipe import Recipe
from tests.photos import crop, save

# Few windows, so that an image takes a tenth of a second.
RECIPE = Recipe(stride=16, min_keypoints=6)


def save_set(folder: Path) -> Path:
    """Write images of every kind below `folder`: with and without matches, box, detail."""
    save(crop("motorcycle", 100, 150, 281, 230), folder / "motor.png")
    save(crop("astronaut", 130, 200, 260, 271), folder / "sub" / "man.bmp")
    save(crop("chelsea", 90, 40, 280, 240), folder / "sub" / "cat.png")
    # Half of it is one colour: its windows are their own reduction, so their PSNR is infinite.
    half = crop("motorcycle", 400, 200, 300, 200)
    half[:, 200:] = half[0, 0]
    save(half, folder / "half.png")
    save(np.full((80, 90, 3), 77, np.uint8), folder / "flat.png")  # no keypoint, so no box
    save(crop("grass", 0, 0, 40, 40), folder / "tiny.png")  # room for a window, hardly for a match
    return folder


def contents(file: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return every record of a survey file by content and recipe, without the time it took."""
    columns = (
        "width, height, clean_width, clean_height, keypoints_hr, keypoints_lr, matches, "
        "window_rows, window_columns, notes, encoded, "
        "(SELECT group_concat(name || hex(bytes)) FROM part WHERE image = image.id)"
    )
    with sqlite3.connect(file) as base:
        rows = base.execute(
            f"SELECT sha256, fields, {columns} FROM image JOIN recipe ON recipe.id = image.recipe"
        ).fetchall()
        count = base.execute("SELECT count(*) FROM image").fetchone()[0]
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    base.close()
    found = {(sha256, fields): tuple(rest) for sha256, fields, *rest in rows}
    assert len(found) == len(rows) == count
    return found
