"""Paint `icon.png`, the application icon: a sharp tile matched with its pixelated copy.

Usage: ``python paint_icon.py [OUTPUT]``
"""

import sys
from pathlib import Path

import numpy as np
from canvas import Canvas, Colour, lighten, mix, rect
from PIL import Image, ImageDraw

SIZE = 256
GREY: Colour = (43, 46, 51)
BLUE: Colour = (59, 130, 196)
ORANGE: Colour = (232, 145, 45)
PALE: Colour = (236, 240, 244)

TILE = 98.0
SHARP_AT = (30.0, 30.0)
COARSE_AT = (128.0, 128.0)
# Inner crossings of the two checkers, where a detector would put its keypoints.
KEYPOINTS = ((79.0, 79.0), (177.0, 177.0))


def paint_tile(c: Canvas, corner: tuple[float, float], cells: int, sharp: bool) -> None:
    """Paint a checker tile; the coarse one only keeps the mean of what each cell shows."""
    x0, y0 = corner
    c.soft(rect(x0 + 2, y0 + 5, x0 + TILE + 2, y0 + TILE + 5), (14, 15, 18), 0.7, 6)
    step = TILE / cells
    for row, col in np.ndindex(cells, cells):
        if sharp:
            colour = BLUE if (row + col) % 2 == 0 else PALE
        else:
            # Mean of a two by two checker seen through cells that straddle its edges.
            across, down = (np.clip(1.2 * (2 * i + 1 - cells) / cells, -1, 1) for i in (col, row))
            colour = mix(BLUE, PALE, float(0.5 - 0.5 * across * down))
            colour = mix(colour, GREY, 0.12)
        x, y = x0 + col * step, y0 + row * step
        c.box((x, y, x + step, y + step), colour)


def paint_match(c: Canvas) -> None:
    """Join the two keypoints."""
    c.line(KEYPOINTS, GREY, 13)
    c.line(KEYPOINTS, ORANGE, 7)
    for x, y in KEYPOINTS:
        c.disc(x, y, 18, 18, GREY)
        c.disc(x, y, 14.5, 14.5, ORANGE)
        c.disc(x, y, 6, 6, lighten(PALE, 12))


def rounded_mask(factor: int = 4) -> Image.Image:
    """Return the rounded square outside which the icon is transparent."""
    mask = Image.new("L", (SIZE * factor, SIZE * factor))
    inset, last = 4 * factor, (SIZE - 4) * factor - 1
    ImageDraw.Draw(mask).rounded_rectangle((inset, inset, last, last), 52 * factor, fill=255)
    return mask.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def paint_icon() -> Image.Image:
    """Paint the whole icon."""
    c = Canvas(SIZE, SIZE, seed=1, factor=4)
    c.gradient((0, 0, SIZE, SIZE), [(0, lighten(GREY, 16)), (SIZE, lighten(GREY, -10))])
    paint_tile(c, SHARP_AT, 2, sharp=True)
    paint_tile(c, COARSE_AT, 6, sharp=False)
    paint_match(c)
    icon = c.finished().convert("RGBA")
    icon.putalpha(rounded_mask())
    return icon


def main() -> None:
    """Write the icon next to this script, or where the first argument says."""
    default = Path(__file__).with_name("icon.png")
    paint_icon().save(sys.argv[1] if len(sys.argv) > 1 else default, optimize=True)


if __name__ == "__main__":
    main()
