"""A small antialiased canvas for the pictures that the paint scripts of this folder produce.

Coordinates are pixels of the finished picture. Everything is painted several times larger and
reduced once at the end, which antialiases shapes and letters alike.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]

SHADOW: Colour = (38, 36, 58)
CREAM: Colour = (240, 231, 211)
STONE: Colour = (206, 192, 165)
IRON: Colour = (45, 50, 54)
GOLD: Colour = (222, 184, 112)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; `share` is how much of the second one."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(first, second, strict=True))
    return r, g, b


def lighten(colour: Colour, amount: float) -> Colour:
    """Add `amount` grey levels to a colour (negative darkens), clipped to 8 bits."""
    r, g, b = (int(min(255, max(0, round(v + amount)))) for v in colour)
    return r, g, b


def oval(cx: float, cy: float, rx: float, ry: float, count: int = 40) -> list[Point]:
    """Outline of an upright ellipse."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    xs, ys = cx + rx * np.cos(angles), cy + ry * np.sin(angles)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def rect(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """Outline of an upright rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


class Canvas:
    """Supersampled picture with the few brushes the scripts need.

    Parameters
    ----------
    width, height
        Size of the finished picture.
    seed
        Seed of `rng`, the only source of chance, so that a picture can be painted again exactly.
    factor
        How many times larger the picture is while it is painted.
    """

    def __init__(self, width: int, height: int, seed: int, factor: int = 3) -> None:
        self.size = (width, height)
        self.factor = factor
        self.rng = np.random.default_rng(seed)
        self.image = Image.new("RGB", (width * factor, height * factor))
        self.draw = ImageDraw.Draw(self.image)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.factor, y * self.factor) for x, y in points]

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon(self._scaled(points), fill=colour)

    def box(self, area: Box, colour: Colour, radius: float = 0) -> None:
        """Fill a rectangle, with rounded corners if `radius` is given."""
        x0, y0, x1, y1 = (v * self.factor for v in area)
        self.draw.rounded_rectangle((x0, y0, x1 - 1, y1 - 1), radius * self.factor, fill=colour)

    def disc(self, cx: float, cy: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill an upright ellipse."""
        f = self.factor
        self.draw.ellipse(((cx - rx) * f, (cy - ry) * f, (cx + rx) * f, (cy + ry) * f), fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a polyline."""
        pixels = max(1, round(width * self.factor))
        self.draw.line(self._scaled(points), fill=colour, width=pixels, joint="curve")

    def text(self, at: Point, words: str, size: float, colour: Colour, bold: float = 0) -> None:
        """Letter `words` centred on a point; `bold` thickens the strokes by that many pixels."""
        font = ImageFont.load_default(size=size * self.factor)
        (xy,) = self._scaled([at])
        self.draw.text(xy, words, colour, font, "mm", stroke_width=bold * self.factor)

    def soft(self, points: Sequence[Point], colour: Colour, strength: float, blur: float) -> None:
        """Blend a blurred polygon over the picture: shadows, clouds, light."""
        f, pad = self.factor, 3 * blur
        xs, ys = zip(*points, strict=True)
        left, top = round((min(xs) - pad) * f), round((min(ys) - pad) * f)
        right, bottom = round((max(xs) + pad) * f), round((max(ys) + pad) * f)
        mask = Image.new("L", (right - left, bottom - top))
        shape = [(x - left, y - top) for x, y in self._scaled(points)]
        ImageDraw.Draw(mask).polygon(shape, fill=round(255 * strength))
        self.image.paste(colour, (left, top), mask.filter(ImageFilter.GaussianBlur(blur * f)))

    def gradient(self, area: Box, stops: Sequence[tuple[float, Colour]]) -> None:
        """Fill a rectangle with colours graded from top to bottom between (y, colour) stops."""
        x0, y0, x1, y1 = (round(v * self.factor) for v in area)
        rows = np.arange(y0, y1) / self.factor
        ys, colours = [s[0] for s in stops], np.array([s[1] for s in stops], float)
        column = np.stack([np.interp(rows, ys, colours[:, i]) for i in range(3)], axis=-1)
        # Less than one grey level of noise hides the steps of a slow gradient.
        noise = self.rng.uniform(-0.5, 0.5, (y1 - y0, x1 - x0, 1))
        pixels = np.rint(np.clip(column[:, None] + noise, 0, 255)).astype(np.uint8)
        self.image.paste(Image.fromarray(pixels), (x0, y0))

    def mottle(self, area: Box, amount: float, cell: float) -> None:
        """Vary the brightness of a rectangle by smooth noise with features of `cell` pixels."""
        x0, y0, x1, y1 = (round(v * self.factor) for v in area)
        shape = (
            round((y1 - y0) / cell / self.factor) + 2,
            round((x1 - x0) / cell / self.factor) + 2,
        )
        coarse = Image.fromarray(self.rng.normal(0, amount, shape).astype(np.float32))
        noise = np.asarray(coarse.resize((x1 - x0, y1 - y0), Image.Resampling.BICUBIC))
        pixels = np.asarray(self.image.crop((x0, y0, x1, y1))) * (1 + noise[..., None])
        pixels = np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)
        self.image.paste(Image.fromarray(pixels), (x0, y0))

    def finished(self) -> Image.Image:
        """Reduce the picture to its final size."""
        return self.image.resize(self.size, Image.Resampling.LANCZOS)
