"""The brick house of the painted street scene and the bakery in it."""

import numpy as np
from canvas import CREAM, GOLD, SHADOW, STONE, Box, Canvas, Colour, Point, lighten, mix, rect
from plants import BLOSSOMS, climber, flowers, foliage

LEFT, RIGHT = 520, 1200
EAVES, GROUND = 152, 642
TEAL: Colour = (47, 86, 88)
BRICK: Colour = (171, 101, 77)


def bricks(c: Canvas, area: Box, width: float = 25, height: float = 8.6) -> None:
    """Lay a brick wall in running bond."""
    x0, y0, x1, y1 = area
    c.box(area, (190, 170, 148))
    for row, y in enumerate(np.arange(y0, y1 - 1, height)):
        x = x0 - width * (0.5 * (row % 2) + c.rng.uniform(0, 0.12))
        while x < x1:
            step = width * c.rng.uniform(0.9, 1.1)
            left, right = max(x + 0.7, x0), min(x + step - 0.7, x1)
            if right > left + 1:
                brick(c, (left, y + 0.7, right, min(y + height - 0.6, y1)))
            x += step


def brick(c: Canvas, area: Box) -> None:
    """Paint one worn brick of its own colour."""
    tone = mix(BRICK, (112, 68, 64), float(c.rng.beta(1, 2.6)))
    tone = mix(lighten(tone, c.rng.normal(0, 9)), (214, 158, 120), float(c.rng.beta(0.8, 3.4)))
    corners = [(x + c.rng.normal(0, 0.35), y + c.rng.normal(0, 0.3)) for x, y in rect(*area)]
    c.polygon(corners, tone)
    for _ in range(c.rng.integers(0, 4)):
        x, y = c.rng.uniform(area[0], area[2]), c.rng.uniform(area[1] + 1, area[3] - 1)
        rx, ry = c.rng.uniform(0.7, 2), c.rng.uniform(0.6, 1.4)
        c.disc(x, y, rx, ry, lighten(tone, c.rng.normal(0, 26)))


def paint_walls(c: Canvas) -> None:
    """Build the brick front with its corner stones."""
    bricks(c, (LEFT, EAVES, RIGHT, GROUND))
    for i, y in enumerate(range(EAVES + 4, GROUND, 27)):
        tone = lighten(STONE, c.rng.normal(0, 7))
        c.box((LEFT - 2, y, LEFT + (30 if i % 2 else 19), y + 25.5), tone, 1.5)
    front = (LEFT - 2, EAVES, RIGHT, GROUND)
    c.mottle(front, 0.06, 90)
    c.mottle(front, 0.03, 14)
    c.soft(rect(LEFT + 16, EAVES, RIGHT, EAVES + 18), SHADOW, 0.6, 7)
    c.soft(rect(LEFT + 40, EAVES + 40, LEFT + 190, GROUND), (255, 214, 150), 0.14, 40)
    c.soft(rect(1010, 560, RIGHT + 40, GROUND + 30), SHADOW, 0.25, 40)
    c.soft(rect(LEFT, GROUND - 10, RIGHT, GROUND + 6), SHADOW, 0.4, 6)


def paint_chimney(c: Canvas) -> None:
    """Put the chimney and its pots into the top right corner."""
    for x in (1118, 1141, 1164):
        c.polygon([(x - 7, 28), (x - 5.5, 8), (x + 5.5, 8), (x + 7, 28)], (184, 112, 82))
        c.polygon([(x + 1, 28), (x + 1, 8), (x + 5.5, 8), (x + 7, 28)], (150, 88, 68))
        c.box((x - 7, 6 + c.rng.uniform(-1, 1), x + 7, 10), (198, 130, 98))
    bricks(c, (1104, 30, 1180, 110), 18, 7)
    c.box((1099, 26, 1185, 33), STONE)
    c.soft(rect(1150, 33, 1180, 110), SHADOW, 0.4, 8)
    c.soft(rect(1104, 33, 1180, 38), SHADOW, 0.5, 2)


def paint_roof(c: Canvas) -> None:
    """Cover the roof with slates, the upper rows over the lower ones, and hang the gutter."""
    top = 66
    slope = [(LEFT - 22, EAVES - 4), (LEFT + 31, top), (RIGHT, top), (RIGHT, EAVES - 4)]
    c.polygon(slope, (70, 74, 82))
    for y in np.arange(EAVES - 4, top - 1, -9.0):
        left = LEFT - 22 + (EAVES - y) * 0.62
        x = left - c.rng.uniform(0, 4)
        while x < RIGHT:
            w = c.rng.uniform(12, 16)
            tone = mix((98, 104, 116), (142, 122, 112), float(c.rng.beta(1, 2.4)))
            tone = lighten(tone, c.rng.normal(0, 12))
            c.box((max(x, left), y - 10, x + w - 0.8, y + c.rng.normal(0, 0.7)), tone, 1.6)
            c.line([(max(x, left), y + 0.4), (x + w - 1, y + 0.4)], lighten(tone, -44), 0.8)
            if c.rng.uniform() < 0.16:
                lichen(c, (max(x, left) + w / 2, y - 4))
            x += w
    c.box((LEFT + 30, top - 6, RIGHT, top + 3), (132, 112, 102), 2)
    for x in np.arange(LEFT + 44, RIGHT, 22) + c.rng.normal(0, 2, 29)[:30]:
        c.box((x, top - 7, x + 2, top + 3), (104, 88, 82))
    c.mottle((LEFT + 34, top + 3, RIGHT, EAVES - 6), 0.05, 40)
    c.box((LEFT - 26, EAVES - 6, RIGHT, EAVES + 3), (92, 100, 100), 3)
    c.box((LEFT - 26, EAVES - 6, RIGHT, EAVES - 3.5), (150, 156, 150), 1)


def lichen(c: Canvas, at: Point) -> None:
    """Let a patch of lichen grow on a slate."""
    tone = mix((176, 168, 132), (196, 158, 104), float(c.rng.uniform(0, 1)))
    x, y = at[0] + c.rng.normal(0, 3), at[1] + c.rng.normal(0, 1.5)
    for _ in range(c.rng.integers(1, 4)):
        r = c.rng.uniform(0.7, 1.9)
        c.disc(x + c.rng.normal(0, 1.6), y + c.rng.normal(0, 1), r, r * 0.75, tone)


def pane(c: Canvas, area: Box) -> None:
    """Glaze a window: dark room, reflected sky and a curtain."""
    x0, y0, x1, y1 = area
    c.gradient(area, [(y0, (128, 150, 160)), (y1, (58, 68, 78))])
    lean = (y1 - y0) * 0.35
    glare = [(x0 + 4, y0), (x0 + 20, y0), (x0 + 20 - lean, y1), (x0 + 4 - lean, y1)]
    c.polygon([(max(x, x0), y) for x, y in glare], (142, 164, 170))
    for i in range(5):
        for side in (x0 + i * 3, x1 - i * 3 - 3):
            tone = lighten((222, 212, 192), c.rng.normal(-14 if i % 2 else 2, 6))
            c.polygon(
                [(side, y0), (side + 3, y0), (side + 3, y1 - 6 * i), (side, y1 - 6 * i)], tone
            )


def paint_window(c: Canvas, x: float, y: float) -> None:
    """Set an upstairs window with shutters and a flower box into the wall."""
    w, h = 70, 116
    c.soft(rect(x - 32, y + 4, x + w + 42, y + h + 12), SHADOW, 0.45, 6)
    c.box((x - 8, y - 14, x + w + 8, y), lighten(STONE, 8), 1)
    c.box((x - 1, y - 1, x + w + 1, y + h), CREAM)
    pane(c, (x + 5, y + 5, x + w - 5, y + h - 4))
    c.box((x + w / 2 - 2, y, x + w / 2 + 2, y + h), CREAM)
    for share in (0.34, 0.67):
        c.box((x, y + h * share - 1.5, x + w, y + h * share + 1.5), CREAM)
    c.soft(rect(x, y, x + w, y + 7), SHADOW, 0.6, 2.5)
    for left in (x - 33, x + w + 2):
        shutter(c, (left, y - 2, left + 31, y + h + 2))
    c.box((x - 10, y + h, x + w + 10, y + h + 6), lighten(STONE, 12), 1)
    c.box((x - 4, y + h - 6, x + w + 4, y + h + 9), (128, 92, 68), 1.5)
    c.soft(rect(x - 4, y + h + 9, x + w + 6, y + h + 17), SHADOW, 0.5, 4)
    for dx in np.arange(4, w, 13):
        flowers(c, (x + dx, y + h - 10 + c.rng.normal(0, 2), 12, 10), 34, 6, 5.5)


def shutter(c: Canvas, area: Box) -> None:
    """Hang one louvred shutter."""
    x0, y0, x1, y1 = area
    c.box(area, (98, 128, 124), 1)
    for y in np.arange(y0 + 6, y1 - 8, 5.2):
        c.box((x0 + 4, y, x1 - 4, y + 3), lighten((120, 150, 144), c.rng.normal(0, 5)))
        c.box((x0 + 4, y + 3, x1 - 4, y + 4.2), (66, 92, 92))
    middle = (y0 + y1) / 2
    c.box((x0, middle - 4, x1, middle + 4), (98, 128, 124))


def paint_shop(c: Canvas) -> None:
    """Build the bakery: frame, lit window, awning and the sign above."""
    x0, x1 = 566, 886
    c.soft(rect(x0, 380, x1 + 14, GROUND), SHADOW, 0.45, 8)
    c.box((x0, 374, x1, GROUND), TEAL)
    c.gradient((x0 + 16, 440, x1 - 16, 600), [(470, (86, 58, 42)), (600, (160, 112, 72))])
    for i, y in enumerate((526, 594)):
        c.box((x0 + 16, y, x1 - 16, y + 4), (118, 82, 56))
        c.soft(rect(x0 + 16, y + 4, x1 - 16, y + 8), SHADOW, 0.4, 2)
        paint_loaves(c, x0 + 24, x1 - 24, y, i)
    c.text((x0 + 87, 552), "fresh every", 19, CREAM, 0.3)
    c.text((x0 + 232, 552), "morning", 24, CREAM, 0.4)
    for x in (x0 + 14, (x0 + x1) / 2 - 3, x1 - 20):
        c.box((x, 440, x + 6, 604), lighten(TEAL, 16))
    for x in np.linspace(x0 + 16, x1 - 94, 4):
        c.box((x, 609, x + 78, GROUND - 6), lighten(TEAL, -14), 1)
        c.box((x + 2, 611, x + 77, GROUND - 7), lighten(TEAL, 9), 1)
    c.box((x0 - 6, 366, x1 + 6, 374), lighten(TEAL, 22), 2)
    c.text(((x0 + x1) / 2, 396), "HOLLIS & DAUGHTER", 27, GOLD, 0.7)
    c.text(((x0 + x1) / 2, 421), "bread  ·  cakes  ·  coffee   since 1871", 13, CREAM, 0.2)
    paint_awning(c, x0 - 4, x1 + 4)


def paint_loaves(c: Canvas, x0: float, x1: float, y: float, shelf: int) -> None:
    """Fill a shelf with loaves, rolls and tins."""
    x = x0
    while x < x1 - 8:
        w, h = c.rng.uniform(11, 30), c.rng.uniform(9, 17) - 2 * shelf
        crust = mix((168, 104, 54), (222, 170, 104), float(c.rng.uniform(0, 1)))
        c.disc(x + w / 2, y - h / 2, w / 2, h / 2 + 1, lighten(crust, -30))
        c.disc(x + w / 2 - 0.8, y - h / 2 - 1, w / 2 - 1.2, h / 2 - 0.5, crust)
        for cut in np.arange(x + 5, x + w - 4, 5):
            c.line([(cut, y - h * 0.75), (cut + 3, y - h * 0.35)], lighten(crust, 42), 1.3)
        if c.rng.uniform() < 0.45:
            c.box((x + w / 2 - 4, y - 1, x + w / 2 + 4, y + 4.5), CREAM, 0.6)
            c.box((x + w / 2 - 2.5, y + 1, x + w / 2 + 2.5, y + 2), (110, 84, 66))
        x += w + c.rng.uniform(0.5, 5)


def paint_awning(c: Canvas, x0: float, x1: float) -> None:
    """Stretch the striped awning, with its scalloped edge and the shade it throws."""
    top, bottom, count = 436, 484, 17
    c.soft(rect(x0 + 8, bottom, x1 + 6, bottom + 26), SHADOW, 0.62, 7)
    upper, lower = np.linspace(x0 + 6, x1 - 6, count + 1), np.linspace(x0 - 8, x1 + 8, count + 1)
    for i in range(count):
        tone = lighten((182, 84, 70) if i % 2 else CREAM, c.rng.normal(0, 3))
        corners = [(upper[i], top), (upper[i + 1], top), (lower[i + 1], bottom), (lower[i], bottom)]
        middle, half = (lower[i] + lower[i + 1]) / 2, (lower[i + 1] - lower[i]) / 2
        c.disc(middle, bottom, half, 9, lighten(tone, -26))
        c.polygon(corners, tone)
    c.soft(rect(x0 - 4, bottom - 10, x1 + 4, bottom), SHADOW, 0.22, 5)
    c.soft(rect(x0, top - 2, x1, top + 5), SHADOW, 0.5, 3)


def paint_door(c: Canvas) -> None:
    """Hang the panelled front door with its fanlight and step."""
    x, y, w = 920, 424, 76
    red: Colour = (142, 62, 54)
    c.soft(rect(x - 8, y, x + w + 16, GROUND), SHADOW, 0.45, 6)
    c.box((x - 9, y - 8, x + w + 9, GROUND), lighten(STONE, 6), 2)
    c.box((x, y, x + w, GROUND), (64, 40, 38))
    c.gradient((x + 4, y + 4, x + w - 4, y + 34), [(y, (150, 168, 172)), (y + 34, (88, 100, 106))])
    for turn in np.linspace(0, np.pi, 7):
        tip = (x + w / 2 + 36 * np.cos(turn), y + 35 - 32 * np.sin(turn))
        c.line([(x + w / 2, y + 35), tip], CREAM, 1.6)
    c.box((x, y + 34, x + w, y + 39), CREAM)
    c.box((x + 3, y + 41, x + w - 3, GROUND), red)
    for px in (x + 10, x + w / 2 + 3):
        for top, bottom in ((y + 76, y + 128), (y + 148, y + 202)):
            c.box((px, top, px + 25, bottom), lighten(red, -26), 1)
            c.box((px + 2, top + 2.5, px + 25, bottom), lighten(red, 13), 1)
    c.text((x + w / 2, y + 59), "14", 19, GOLD, 0.4)
    c.box((x + 26, y + 134, x + 50, y + 141), GOLD, 1)
    c.disc(x + w - 9, y + 140, 3, 3, GOLD)
    c.soft(rect(x, y, x + w, y + 10), SHADOW, 0.5, 4)
    c.box((x - 14, GROUND - 8, x + w + 14, GROUND + 3), lighten(STONE, 10), 1.5)
    c.box((x - 14, GROUND - 1, x + w + 14, GROUND + 3), lighten(STONE, -38), 1.5)


def paint_poster(c: Canvas) -> None:
    """Paste the poster of the summer fair on the wall."""
    x0, y0, x1, y1 = 1040, 396, 1150, 548
    c.soft(rect(x0 + 2, y0 + 4, x1 + 6, y1 + 6), SHADOW, 0.5, 4)
    c.polygon([(x0, y0 + 1), (x1, y0), (x1 + 1, y1), (x0 + 1, y1 + 1)], (238, 226, 198))
    c.box((x0 + 5, y0 + 5, x1 - 5, y0 + 62), (62, 104, 116))
    c.text((1095, y0 + 22), "SUMMER", 20, CREAM, 0.6)
    c.text((1095, y0 + 46), "FAIR", 25, GOLD, 0.8)
    for i, (words, size) in enumerate(
        (
            ("Saturday 14 June", 12),
            ("on the green, from noon", 8.5),
            ("music · pies · lanterns", 9.5),
        )
    ):
        c.text((1095, y0 + 74 + 13.5 * i), words, size, (60, 52, 50), 0.15)
    for i, x in enumerate(np.linspace(x0 + 14, x1 - 14, 6)):
        y = y0 + 121 + 5 * np.sin(i * 2.1)
        c.disc(x, y, 6, 7.5, BLOSSOMS[i % 4])
        c.line([(x, y - 7), (x, y0 + 110)], (110, 96, 84), 0.8)
    c.text((1095, y1 - 10), "all welcome, no ticket needed", 6.5, (90, 78, 72), 0.1)
    c.mottle((x0, y0, x1, y1), 0.025, 20)


def paint_climbers(c: Canvas) -> None:
    """Grow ivy up the corner of the house and a rose around the door."""
    climber(c, [(532, 640), (528, 520), (536, 400), (530, 270), (546, 180), (680, 168)], 17, 0)
    climber(c, [(540, 372), (600, 356), (690, 352), (770, 360)], 11, 16)
    climber(c, [(1016, 640), (1014, 520), (1012, 420), (964, 402), (910, 408)], 13, 34)
    climber(c, [(962, 404), (944, 350), (938, 270), (950, 196), (990, 178), (1080, 172)], 14, 34)


def paint_planters(c: Canvas) -> None:
    """Set wooden troughs with flowers before the shop and a clipped bay tree at the door."""
    for x0, x1 in ((596, 712), (742, 858)):
        c.soft(rect(x0 + 4, GROUND + 12, x1 + 12, GROUND + 20), SHADOW, 0.6, 4)
        c.box((x0, GROUND - 12, x1, GROUND + 16), (122, 92, 70), 2)
        for y in (GROUND - 4, GROUND + 6):
            c.box((x0, y, x1, y + 1.3), (88, 64, 50))
        for x in np.arange(x0 + 8, x1 - 2, 11.0):
            flowers(c, (x, GROUND - 16 + c.rng.normal(0, 2), 12, 11), 40, 7, 6)
    c.soft(rect(892, GROUND + 16, 926, GROUND + 22), SHADOW, 0.6, 4)
    c.box((900, 590, 904, 636), (94, 76, 60))
    c.polygon([(888, 626), (916, 626), (912, 660), (892, 660)], (178, 108, 80))
    c.polygon([(906, 626), (916, 626), (912, 660), (904, 660)], (150, 88, 68))
    c.box((886, 622, 918, 630), (190, 120, 90), 1.5)
    foliage(c, (902, 578, 24, 24), 260, 5.5, (40, 62, 42), (150, 168, 92))


def paint_house(c: Canvas) -> None:
    """Build the house from the back to the front."""
    paint_walls(c)
    paint_chimney(c)
    paint_roof(c)
    for x in (600, 800, 1010):
        paint_window(c, x, 204)
    for paint in (paint_shop, paint_door, paint_poster, paint_climbers):
        paint(c)
