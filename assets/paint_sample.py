"""Paint `sample.png`, the street scene on which the viewer opens when it is given no image.

The scene holds side by side what the pipeline treats differently: a smooth sky, bricks, lettering,
leaves of many sizes, grass and cobbles. No two bricks or leaves are the same, so a keypoint of the
reduced copy has one right match only, and every corner of the picture has details of its own.

Usage: ``python paint_sample.py [OUTPUT]``
"""

import sys
from pathlib import Path

import numpy as np
from canvas import IRON, SHADOW, Box, Canvas, Colour, lighten, mix, oval, rect
from house import GROUND, paint_house, paint_planters
from house import LEFT as HOUSE_LEFT
from plants import BLOSSOMS, flowers, foliage, grass, paint_branch, paint_shrubs, paint_tree

WIDTH, HEIGHT = 1200, 800
SEED = 1876
KERB = 696


def paint_sky(c: Canvas) -> None:
    """Grade the sky from blue to the warm haze above the hills, with a few soft clouds."""
    stops = [(0, (119, 161, 193)), (250, (172, 200, 211)), (480, (236, 224, 201))]
    c.gradient((0, 0, WIDTH, 620), stops)
    c.soft(oval(430, 470, 260, 130), (255, 232, 190), 0.55, 70)
    cloud(c, 640, 52, 1.25)
    cloud(c, 408, 214, 0.85)
    cloud(c, 930, 34, 0.8)
    cloud(c, 300, 62, 0.6)


def cloud(c: Canvas, x: float, y: float, size: float) -> None:
    """Paint a soft heap of cloud with a flat, faintly shaded base."""
    for dx, dy, r in ((-62, 4, 14), (-34, -6, 20), (0, -13, 26), (32, -5, 20), (64, 4, 13)):
        lobe = oval(x + dx * size, y + dy * size, 1.3 * r * size, r * size)
        c.soft(lobe, (250, 243, 232), 0.42, 5 * size)
    c.soft(oval(x, y + 12 * size, 84 * size, 9 * size), (188, 200, 208), 0.5, 6 * size)


def paint_hills(c: Canvas) -> None:
    """Paint three ridges that gain colour as they come nearer, with a village on the middle one."""
    xs = np.arange(0, 561, 4)
    for base, height, colour in (
        (500, 26, (168, 184, 186)),
        (530, 20, (142, 164, 150)),
        (556, 10, (122, 146, 112)),
    ):
        phase = c.rng.uniform(0, 6, 3)
        waves = sum(np.sin(xs / (150 / k) + phase[k - 1]) / k for k in (1, 2, 3))
        ridge = list(zip(xs.tolist(), (base - height * waves / 1.8).tolist(), strict=True))
        c.polygon([*ridge, (560, 640), (0, 640)], colour)
        if base == 530:
            paint_village(c)


def paint_village(c: Canvas) -> None:
    """Set small houses and a church in the haze."""
    for x in (318, 336, 351, 452, 470, 488):
        w, h = c.rng.uniform(11, 17), c.rng.uniform(9, 14)
        y = 545 + c.rng.uniform(-3, 4)
        c.box((x, y - h, x + w, y + 26), lighten((216, 204, 186), c.rng.normal(0, 7)))
        c.polygon([(x - 2, y - h), (x + w / 2, y - h - 8), (x + w + 2, y - h)], (170, 126, 110))
        c.box((x + w * 0.35, y - h + 3, x + w * 0.55, y - h + 7), (126, 124, 126))
    c.box((424, 496, 437, 556), (206, 196, 180))
    c.polygon([(422, 497), (430.5, 458), (439, 497)], (124, 134, 142))
    c.box((436, 520, 462, 556), (198, 188, 172))
    c.box((428.5, 503, 432.5, 511), (120, 120, 124))


def paint_lawn(c: Canvas) -> None:
    """Grow the lawn and the hedge between the hills and the pavement."""
    c.box((0, 596, HOUSE_LEFT, GROUND + 6), (92, 112, 62))
    for left in range(-10, HOUSE_LEFT + 30, 24):
        r = c.rng.uniform(21, 29)
        foliage(c, (left + c.rng.normal(0, 6), 587, r, r), 120, 5.5, (44, 66, 44), (146, 162, 88))
    grass(c, (0, 606, HOUSE_LEFT, GROUND + 4), 5200)
    for _ in range(280):
        x, y = c.rng.uniform(0, HOUSE_LEFT - 4), c.rng.uniform(606, GROUND)
        r = c.rng.uniform(0.8, 1.9)
        c.disc(x, y, r, r * 0.85, BLOSSOMS[c.rng.choice(4, p=(0.1, 0.15, 0.65, 0.1))])
    c.soft(oval(250, 634, 130, 10), SHADOW, 0.5, 6)


def paint_verge(c: Canvas) -> None:
    """Let the lawn overgrow the edge of the pavement."""
    grass(c, (0, GROUND - 3, HOUSE_LEFT - 4, GROUND + 4), 1000)


def paint_pavement(c: Canvas) -> None:
    """Lay flagstones, the kerb and their grit."""
    c.box((0, GROUND, WIDTH, KERB + 12), (128, 120, 110))
    for y, deep in ((GROUND + 1, 15), (GROUND + 17, 19), (GROUND + 37, 22)):
        x = -c.rng.uniform(0, 60)
        while x < WIDTH:
            w = c.rng.uniform(52, 96)
            c.box((x, y, x + w - 1.4, y + deep), lighten((188, 177, 158), c.rng.normal(0, 6)), 1.5)
            x += w
    grit(c, (0, GROUND, WIDTH, KERB), 2800, 0.95)
    x = -20.0
    while x < WIDTH:
        w = c.rng.uniform(70, 120)
        c.box((x, KERB - 1, x + w - 1.2, KERB + 6), lighten((208, 198, 180), c.rng.normal(0, 5)), 1)
        c.box((x, KERB + 5, x + w - 1.2, KERB + 13), lighten((140, 132, 124), c.rng.normal(0, 5)))
        x += w
    c.mottle((0, GROUND, WIDTH, KERB + 12), 0.04, 50)


def grit(c: Canvas, area: Box, count: int, size: float) -> None:
    """Scatter grains, dark and light."""
    for _ in range(count):
        x, y = c.rng.uniform(area[0], area[2]), c.rng.uniform(area[1], area[3])
        r = size * c.rng.uniform(0.5, 1.5)
        tone = mix((104, 96, 90), (204, 194, 176), float(c.rng.uniform(0, 1)))
        c.disc(x, y, r, r * 0.7, tone)


def paint_cobbles(c: Canvas) -> None:
    """Pave the street; the rows grow towards the viewer."""
    c.box((0, KERB + 12, WIDTH, HEIGHT), (84, 80, 80))
    y, deep = KERB + 13.0, 8.0
    while y < HEIGHT:
        x = -c.rng.uniform(0, 20)
        while x < WIDTH:
            w = deep * c.rng.uniform(1.3, 2.0)
            cobble(c, (x, y, x + w - 1.2, y + deep - 1))
            x += w
        y, deep = y + deep, deep * 1.1
    grit(c, (0, KERB + 14, WIDTH, HEIGHT), 2600, 0.9)
    c.mottle((0, KERB + 12, WIDTH, HEIGHT), 0.07, 70)
    for _ in range(90):
        x, y = c.rng.uniform(0, WIDTH), c.rng.choice((KERB + 13, KERB + 21, KERB + 39, KERB + 60))
        grass(c, (x, y, x + 9, y + 3), 9)
    c.soft(rect(-40, KERB + 10, WIDTH + 40, KERB + 18), SHADOW, 0.45, 4)


def cobble(c: Canvas, area: Box) -> None:
    """Paint one rounded stone, lit from the upper left."""
    x0, y0, x1, y1 = area
    tone = mix((130, 126, 126), (166, 148, 130), float(c.rng.uniform(0, 1)))
    tone = lighten(tone, c.rng.normal(0, 10))
    deep = y1 - y0
    c.box((x0, y0 + c.rng.uniform(0, 1), x1, y1), lighten(tone, -24), deep * 0.36)
    c.box((x0 + 0.4, y0 + 0.3, x1 - 1.2, y1 - deep * 0.2), tone, deep * 0.34)
    sx, sy = c.rng.uniform(0.28, 0.48), c.rng.uniform(0.26, 0.4)
    cx, cy = x0 + (x1 - x0) * sx, y0 + deep * sy
    c.disc(cx, cy, (x1 - x0) * 0.22, deep * 0.16, lighten(tone, 15))


def paint_lamp(c: Canvas) -> None:
    """Stand the street lamp at the kerb."""
    x = 448
    c.soft(oval(x + 26, 690, 34, 4), SHADOW, 0.5, 3)
    c.box((x - 3, 330, x + 3, 690), IRON)
    c.box((x - 2, 330, x - 0.6, 690), lighten(IRON, 46))
    for y, half, tall in ((676, 9, 16), (660, 6, 16), (560, 5, 6), (400, 5, 5), (334, 6, 5)):
        c.box((x - half, y, x + half, y + tall), lighten(IRON, 8), 2)
    c.line([(x - 20, 352), (x + 20, 352)], IRON, 2.4)
    c.polygon([(x - 9, 330), (x - 15, 284), (x + 15, 284), (x + 9, 330)], IRON)
    c.polygon([(x - 7, 327), (x - 12, 287), (x - 1, 287), (x - 1, 327)], (250, 226, 168))
    c.polygon([(x + 7, 327), (x + 12, 287), (x + 1, 287), (x + 1, 327)], (232, 196, 128))
    c.polygon([(x - 18, 285), (x - 7, 268), (x + 7, 268), (x + 18, 285)], lighten(IRON, 10))
    c.disc(x, 264, 3, 5, IRON)
    flowers(c, (x - 20, 374, 15, 14), 70, 12, 6)
    flowers(c, (x + 20, 374, 15, 14), 70, 12, 6)


def paint_bicycle(c: Canvas) -> None:
    """Lean a bicycle against the wall."""
    back, front, y, r = (1048.0, 1142.0, 632.0, 33.0)
    blue: Colour = (58, 98, 122)
    c.soft(oval(1098, 664, 86, 5), SHADOW, 0.55, 4)
    for x in (back, front):
        for turn in np.arange(14) * 2 * np.pi / 14 + c.rng.uniform(0, 1):
            c.line([(x, y), (x + r * np.cos(turn), y + r * np.sin(turn))], (196, 190, 180), 0.7)
        ring = oval(x, y, r, r, 90)
        c.line([*ring, ring[0]], (40, 38, 40), 3)
        c.disc(x, y, 3, 3, IRON)
    seat, crank, head = (1072.0, 578.0), (1090.0, 632.0), (1128.0, 580.0)
    for a, b in (
        ((back, y), seat),
        ((back, y), crank),
        (seat, crank),
        (crank, head),
        ((1075.0, 588.0), head),
        (head, (front, y)),
    ):
        c.line([a, b], blue, 3.4)
    c.line([head, (1124, 564), (1136, 558), (1146, 563)], IRON, 2.6)
    c.line([seat, (1070, 570)], IRON, 2.6)
    c.polygon([(1056, 565), (1086, 566), (1084, 571), (1060, 572)], (108, 70, 50))
    c.disc(*crank, 7, 7, IRON)
    c.disc(*crank, 4, 4, (170, 166, 158))
    c.box((1134, 572, 1166, 594), (170, 128, 82), 3)
    for i in range(7):
        c.line([(1136 + 4.6 * i, 573), (1137 + 4.2 * i, 593)], (124, 88, 56), 1)
    flowers(c, (1150, 568, 17, 9), 45, 11, 6)


def paint_board(c: Canvas) -> None:
    """Stand the chalk board with today's cakes before the shop."""
    c.soft(oval(536, 692, 52, 5), SHADOW, 0.55, 4)
    c.polygon(
        [
            (494, 694),
            (502, 592),
            (562, 592),
            (570, 694),
            (563, 694),
            (561, 684),
            (503, 684),
            (501, 694),
        ],
        (146, 106, 72),
    )
    c.polygon([(502, 680), (507, 597), (557, 597), (562, 680)], (52, 58, 56))
    for y, words, size in (
        (608, "TODAY", 13),
        (625, "plum tart", 10.5),
        (638, "rye & honey", 9),
        (650, "lemon buns", 9.5),
        (668, "2.40", 14),
    ):
        c.text((532, y), words, size, (230, 226, 212), 0.2)


def paint_corners(c: Canvas) -> None:
    """Fill the bottom corners with stones and plants close to the viewer."""
    for x, y, r in ((26, 778, 30), (70, 792, 20), (1172, 780, 34), (1128, 794, 18)):
        c.soft(oval(x + 8, y + 8, r * 1.2, r * 0.6), SHADOW, 0.6, 5)
        c.disc(x, y, r, r * 0.72, (132, 126, 118))
        c.soft(oval(x - r * 0.25, y - r * 0.2, r * 0.5, r * 0.3), (206, 198, 182), 0.8, r * 0.15)
    # Blossoms of many sizes: the large ones are still distinct in the reduced copy.
    for x, y, r, size in (
        (4, 738, 26, 9),
        (30, 756, 30, 11),
        (70, 778, 26, 8),
        (10, 776, 30, 15),
        (46, 792, 28, 13),
        (100, 797, 20, 10),
        (1196, 740, 26, 9),
        (1170, 758, 30, 11),
        (1132, 782, 26, 8),
        (1192, 778, 30, 15),
        (1156, 794, 28, 13),
        (1100, 797, 20, 10),
    ):
        flowers(c, (x, y, r, r * 0.75), round(900 / size), round(110 / size), size)


def paint_light(c: Canvas) -> None:
    """Throw the shade of the tree over the street and warm the whole picture a little."""
    turns = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    waves = sum(
        c.rng.uniform(0, 0.07) * np.sin(k * turns + c.rng.uniform(0, 6)) for k in range(3, 20)
    )
    xs, ys = 300 + 190 * (1 + waves) * np.cos(turns), 700 + 44 * (1 + waves) * np.sin(turns)
    c.soft(list(zip(xs.tolist(), ys.tolist(), strict=True)), SHADOW, 0.34, 3)
    c.soft(rect(0, 0, WIDTH, HEIGHT), (255, 214, 150), 0.05, 1)


def paint_birds(c: Canvas) -> None:
    """Let a few swifts cross the sky."""
    for x, y, s in ((372, 92, 9), (404, 74, 7), (438, 108, 6), (1010, 30, 6)):
        c.line(
            [
                (x - s, y - s * 0.5),
                (x - s * 0.3, y - s * 0.3),
                (x, y),
                (x + s * 0.4, y - s * 0.4),
                (x + s, y - s * 0.35),
            ],
            (70, 76, 88),
            1.6,
        )


PAINTERS = (
    paint_sky, paint_birds, paint_hills, paint_lawn, paint_house, paint_pavement, paint_cobbles,
    paint_verge, paint_shrubs, paint_tree, paint_branch, paint_light, paint_planters,
    paint_bicycle, paint_board, paint_lamp, paint_corners
)  # fmt: skip


def paint_scene(seed: int = SEED) -> Canvas:
    """Paint everything, the far things first."""
    c = Canvas(WIDTH, HEIGHT, seed)
    for step, paint in enumerate(PAINTERS):
        # Chance of its own for each painter: a change in one leaves the others as they are.
        c.rng = np.random.default_rng((seed, step))
        paint(c)
    return c


def main() -> None:
    """Write the picture next to this script, or where the first argument says."""
    default = Path(__file__).with_name("sample.png")
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    paint_scene().finished().save(output, optimize=True)


if __name__ == "__main__":
    main()
