"""What a chart draws, whatever it is the distribution of: bins, a threshold, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.recipe import KNOBS, Recipe, Value

# What the distributions are called, in full and shorter.
RATIO = ("Distance ratio of the matches", "Distance ratio")
DISPLACEMENT = ("Displacement of the matches", "Displacement")
KEYPOINTS = ("Keypoints a window", "Keypoints")
EDGES: tuple[str, ...] = ("Edge density",)

Range = tuple[float, float]


@dataclass(frozen=True)
class Threshold:
    """A knob, and where it stands in a chart: at ``origin + side * value`` for each side.

    Attributes
    ----------
    key : str
        The recipe's field.
    value : float
        What the recipe has.
    origin : float
    sides : tuple of int
        (1,) for a line, (-1, 1) for a band.
    digits : int
        Decimals that a drag rounds to.
    """

    key: str
    value: float
    origin: float
    sides: tuple[int, ...]
    digits: int

    @property
    def places(self) -> tuple[float, ...]:
        """Where it stands, one x for each side."""
        return tuple(map(self.place, self.sides))

    def place(self, side: int) -> float:
        """Return where the given side stands."""
        return self.origin + side * self.value

    def grabbed(self, x: float, reach: float) -> int | None:
        """Return the side that stands within `reach` of `x`, the nearest of them, or None."""
        # With a margin of 0 both edges stand at 1: the side of the pointer decides.
        distances = [
            (abs(place - x), side * (self.origin - x), side)
            for place, side in zip(self.places, self.sides, strict=True)
        ]
        distance, _, side = min(distances)
        return side if distance <= reach else None

    def value_at(self, x: float, side: int) -> Value:
        """Return the value that puts the given side at `x`, rounded and within the allowed."""
        return self._allowed(side * (x - self.origin))

    def stepped(self, steps: int) -> Value:
        """Return the value so many steps of the knob further."""
        return self._allowed(self.value + steps * KNOBS[self.key].step)

    def _allowed(self, value: float) -> Value:
        knob = KNOBS[self.key]
        inside = min(max(round(value, self.digits), knob.low), knob.high)
        return int(inside) if knob.kind is int else float(inside)


def match_threshold(recipe: Recipe) -> Threshold:
    """Return where the threshold for matches stands."""
    if recipe.consistency == "position":
        return Threshold("position_tolerance", recipe.position_tolerance, 0.0, (1,), 2)
    return Threshold("error_margin", recipe.error_margin, 1.0, (-1, 1), 3)


def texture_threshold(recipe: Recipe) -> Threshold:
    """Return where the threshold for the texture of windows stands."""
    if recipe.texture == "canny":
        return Threshold("min_edge_density", recipe.min_edge_density, 0.0, (1,), 3)
    # Bars stand on whole numbers, so the line that keeps N and more is at N - 0.5.
    return Threshold("min_keypoints", recipe.min_keypoints, -0.5, (1,), 0)


def threshold_text(threshold: Threshold) -> str:
    """Return what a threshold keeps, as "≥ 10"."""
    value = threshold.value
    most, least = "\N{LESS-THAN OR EQUAL TO}", "\N{GREATER-THAN OR EQUAL TO}"
    return {
        "position_tolerance": f"{most} {value:g} LR px",
        "error_margin": f"\N{PLUS-MINUS SIGN} {100 * value:.1f} %",
        "min_edge_density": f"{least} {100 * value:.1f} %",
        "min_keypoints": f"{least} {value}",
    }[threshold.key]


class Drawing(Protocol):
    """As much of a distribution as a chart draws."""

    @property
    def headings(self) -> tuple[str, ...]:
        """What it is, the longest first."""
        ...

    @property
    def value(self) -> str:
        """The figure that counts most."""
        ...

    @property
    def details(self) -> tuple[str, ...]:
        """The other figures, the longest first."""
        ...

    @property
    def axis(self) -> str:
        """What the values are."""
        ...

    @property
    def kind(self) -> Literal["match", "window"]:
        """What is counted."""
        ...

    @property
    def edges(self) -> Floats:
        """The edges of the bins, shape (B + 1,)."""
        ...

    @property
    def counts(self) -> tuple[Ints, Ints]:
        """How many values each bin holds and how many are kept, shape (B,) each."""
        ...

    @property
    def threshold(self) -> Threshold | None:
        """The threshold that cuts them."""
        ...

    @property
    def share(self) -> Floats | None:
        """The share kept with the threshold at each edge, shape (B + 1,)."""
        ...

    @property
    def zoom(self) -> float:
        """What the axis multiplies its numbers with."""
        ...


def range_of(d: Drawing) -> Range:
    """Return the first and the last edge."""
    return float(d.edges[0]), float(d.edges[-1])


def share_of(some: int, total: int, what: str) -> str:
    """Return `share_text` of counts; at least one value counts."""
    percent = 100 * some / total
    # A few of thousands are neither none nor all.
    rounded = round(percent) if some in (0, total) else min(max(round(percent), 1), 99)
    sign = "< " if 0 < percent < 0.5 else "> " if 99.5 < percent < 100 else ""
    return f"{some:,} of {total:,} {what}".rstrip() + f", {sign}{rounded} %"


def top_above(count: int) -> int:
    """Return a round number above `count`, a quarter of which is a whole number too."""
    wanted = max(count * 1.06, 4)
    tens = 10 ** int(np.floor(np.log10(wanted)))
    tops = (int(n * tens) for n in (1, 2, 3, 4, 6, 8, 10, 20))
    return next(top for top in tops if top >= wanted and top % 4 == 0)
