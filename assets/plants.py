"""Leaves, flowers, grass and trees for the painted street scene."""

import numpy as np
from canvas import GOLD, Box, Canvas, Colour, Point, lighten, mix

LEAF_DARK: Colour = (40, 62, 42)
LEAF_LIGHT: Colour = (176, 184, 94)
BLOSSOMS: tuple[Colour, ...] = ((214, 92, 86), (240, 176, 150), (245, 230, 200), (196, 96, 140))


def leaf(c: Canvas, at: Point, length: float, angle: float, colour: Colour) -> None:
    """Paint one pointed leaf with a light half, so that large leaves show their fold."""
    along = np.array([np.cos(angle), np.sin(angle)]) * length
    across = np.array([-along[1], along[0]]) * c.rng.uniform(0.24, 0.36)
    start = np.array(at) - along / 2
    spine = [start + along * t for t in (0, 0.3, 0.65, 1)]
    bulge = (0, 1, 0.75, 0)
    one = [tuple(p + across * b) for p, b in zip(spine, bulge, strict=True)]
    other = [tuple(p - across * b) for p, b in zip(spine, bulge, strict=True)]
    c.polygon(one + other[::-1], colour)
    if length > 5:
        c.polygon([tuple(p) for p in spine] + other[::-1], lighten(colour, 13))


def foliage(c: Canvas, area: Box, count: int, size: float, dark: Colour, light: Colour) -> None:
    """Fill an ellipse with leaves, dark ones behind and below, lit from the upper left.

    Parameters
    ----------
    area
        Centre and radii of the ellipse.
    count
        Number of leaves.
    size
        Median length of a leaf.
    """
    cx, cy, rx, ry = area
    for i in range(count):
        depth = i / count
        radius, turn = np.sqrt(c.rng.uniform(0, 1)), c.rng.uniform(0, 2 * np.pi)
        dx, dy = radius * np.cos(turn), radius * np.sin(turn)
        # The lit leaves gather towards the sun, which gives each tuft its volume.
        x, y = cx + (dx - 0.16 * depth) * rx, cy + (dy - 0.2 * depth) * ry
        lit = 0.75 * depth - 0.22 * dx - 0.3 * dy + c.rng.normal(0, 0.17)
        length = size * float(np.clip(np.exp(c.rng.normal(0, 0.42)), 0.4, 2))
        colour = mix(dark, light, float(np.clip(lit, 0, 1)))
        leaf(c, (x, y), length, c.rng.uniform(0, np.pi), colour)


def flowers(c: Canvas, area: Box, leaves: int, blossoms: int, size: float) -> None:
    """Paint a tuft of leaves with blossoms of several colours on it."""
    cx, cy, rx, ry = area
    foliage(c, area, leaves, size, (50, 72, 46), (138, 158, 84))
    for _ in range(blossoms):
        x, y = cx + c.rng.uniform(-0.9, 0.9) * rx, cy - c.rng.uniform(-0.5, 0.9) * ry
        colour, r = BLOSSOMS[c.rng.integers(4)], c.rng.uniform(0.25, 0.42) * size
        for turn in np.arange(5) * 1.257 + c.rng.uniform(0, 1):
            shade = lighten(colour, c.rng.normal(0, 9))
            c.disc(x + r * np.cos(turn), y + r * np.sin(turn), r * 0.75, r * 0.75, shade)
        c.disc(x, y, r * 0.5, r * 0.5, GOLD)


def climber(c: Canvas, path: list[Point], size: float, blossoms: int) -> None:
    """Let a plant climb along a path; it thins out and turns lighter towards the end."""
    xs, ys = zip(*path, strict=True)
    steps = 22 * (len(path) - 1)
    for t in np.linspace(0, len(path) - 1, steps):
        share = t / (len(path) - 1)
        r = size * (1 - 0.5 * share) * c.rng.uniform(0.7, 1.15)
        x = float(np.interp(t, np.arange(len(xs)), xs)) + c.rng.normal(0, size * 0.3)
        y = float(np.interp(t, np.arange(len(ys)), ys)) + c.rng.normal(0, size * 0.2)
        light = mix((120, 146, 74), (172, 176, 92), share)
        foliage(c, (x, y, r, r), round(38 - 16 * share), 6.5, (44, 66, 44), light)
        if c.rng.uniform() < blossoms / steps:
            flowers(c, (x, y, r * 0.7, r * 0.7), 6, 4, 6.5)


def grass(c: Canvas, area: Box, count: int) -> None:
    """Grow blades of grass, the far ones first."""
    x0, y0, x1, y1 = area
    for y in np.sort(c.rng.uniform(y0, y1, count)):
        x, tall = c.rng.uniform(x0, x1), c.rng.uniform(4, 9)
        tone = float(np.clip(c.rng.normal(0.45, 0.25), 0, 1))
        tip = (x + c.rng.normal(0, 2.2), y - tall)
        c.polygon([(x - 0.7, y), tip, (x + 0.7, y)], mix((70, 92, 48), (172, 178, 96), tone))


def paint_tree(c: Canvas) -> None:
    """Paint the tree on the lawn, from trunk to outermost leaves."""
    bark: Colour = (92, 76, 62)
    left = [(150, 642), (168, 626), (175, 600), (179, 500), (180, 380)]
    right = [(206, 380), (207, 500), (211, 600), (218, 626), (236, 642)]
    c.polygon(left + right, bark)
    for end, width in (((70, 250), 9), ((120, 170), 9), ((290, 230), 9), ((245, 150), 8)):
        c.line([(192, 420), ((192 + end[0]) / 2, end[1] + 80), end], bark, width)
    for _ in range(460):
        x, y = c.rng.uniform(183, 203), c.rng.uniform(390, 626)
        flare = (x - 193) * max(0.0, y - 570) / 75
        tone = (206 - x) * 1.5 - 22 + c.rng.normal(0, 12)
        end_point = (x + flare * 1.3 + c.rng.normal(0, 1.5), y + c.rng.uniform(5, 18))
        c.line([(x + flare, y), end_point], lighten(bark, tone), 1)
    grass(c, (140, 634, 246, 645), 300)
    # A sunflower spiral with jitter spreads the tufts evenly, without a hole in the crown.
    index = np.arange(56) + 0.5
    radius, turn = np.sqrt(index / 56), index * 2.39996 + c.rng.normal(0, 0.3, 56)
    tufts = zip((radius * np.cos(turn)).tolist(), (radius * np.sin(turn)).tolist(), strict=True)
    # Lowest and rightmost first: the tufts nearer to the light overlap the others.
    for dx, dy in sorted(tufts, key=lambda t: -t[1] - 0.4 * t[0]):
        r = c.rng.uniform(30, 54)
        shade = float(np.clip(0.4 + 0.4 * dy + 0.25 * dx, 0, 1))
        light = mix(LEAF_LIGHT, (112, 136, 74), shade)
        foliage(c, (188 + 138 * dx, 252 + 140 * dy, r, r * 0.8), 190, 7.5, LEAF_DARK, light)


def paint_shrubs(c: Canvas) -> None:
    """Plant shrubs of several greens along the hedge."""
    for x, y, r, light in (
        (10, 590, 42, (150, 166, 96)),
        (62, 604, 34, (176, 180, 104)),
        (112, 614, 24, (136, 158, 100)),
        (300, 610, 26, (172, 176, 110)),
        (342, 600, 34, (142, 160, 92)),
        (386, 614, 22, (166, 178, 112)),
    ):
        foliage(c, (x, y, r, r * 0.85), round(r * 7), 7, (48, 70, 50), light)
        flowers(c, (x - r * 0.1, y - r * 0.2, r * 0.75, r * 0.55), 10, round(r * 0.45), 6)


def paint_branch(c: Canvas) -> None:
    """Let a branch hang into the top left corner."""
    bark: Colour = (78, 64, 54)
    c.line([(-5, 8), (40, 18), (84, 26), (132, 52)], bark, 3)
    c.line([(40, 18), (66, 44)], bark, 2)
    c.line([(84, 26), (116, 24)], bark, 1.6)
    for x, y, r in (
        (6, 14, 26),
        (34, 22, 20),
        (64, 42, 15),
        (78, 24, 16),
        (112, 24, 12),
        (106, 40, 13),
        (130, 54, 10),
    ):
        foliage(c, (x, y, r, r * 0.75), round(2.4 * r), 9, (54, 76, 46), (178, 182, 94))
