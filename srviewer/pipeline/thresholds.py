"""Thresholds that stand in a distribution: the knob, where its line is, what it keeps in words."""

import math
from dataclasses import dataclass

from srviewer.pipeline.recipe import KNOBS, Recipe, Value
from srviewer.pipeline.textures import TEXTURES


@dataclass(frozen=True)
class Threshold:
    """A knob, and where it stands among the values: at ``origin + side * value`` for each side.

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
    def lines(self) -> tuple[float, ...]:
        """Where it stands, one x for each side."""
        return tuple(map(self.line, self.sides))

    def line(self, side: int) -> float:
        """Return where the given side stands."""
        return self.origin + side * self.value

    def shown(self, low: float, high: float) -> tuple[float, ...]:
        """Return where its lines are drawn on an axis; one that is beyond stands at the border."""
        return tuple(min(max(line, low), high) for line in self.lines)

    def grabbed(
        self, x: float, reach: float, axis: tuple[float, float] = (-math.inf, math.inf)
    ) -> int | None:
        """Return the side that is drawn within `reach` of `x`, the nearest of them, or None."""
        # With a margin of 0 both edges stand at 1: the side of the pointer decides.
        distances = [
            (abs(line - x), side * (self.origin - x), side)
            for line, side in zip(self.shown(*axis), self.sides, strict=True)
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

    @property
    def text(self) -> str:
        """What it keeps, as "≥ 10"."""
        if self.key == "position_tolerance":
            return f"\N{LESS-THAN OR EQUAL TO} {self.value:g} LR px"
        sign = "\N{GREATER-THAN OR EQUAL TO}" if len(self.sides) == 1 else "\N{PLUS-MINUS SIGN}"
        number = f"{100 * self.value:.1f} %" if KNOBS[self.key].percent else f"{self.value}"
        return f"{sign} {number}"

    @property
    def needed(self) -> str:
        """The same in words, as "at least 10 needed"."""
        if self.key == "position_tolerance":
            return f"at most {self.value:g} LR px off"
        number = f"{100 * self.value:.1f} %" if KNOBS[self.key].percent else f"{self.value}"
        return f"at least {number} needed" if len(self.sides) == 1 else f"at most {number} off"


_STANDING: dict[str, tuple[str, float, tuple[int, ...], int]] = {
    "ratio": ("error_margin", 1.0, (-1, 1), 3),
    "displacement": ("position_tolerance", 0.0, (1,), 2),
    **{
        # Bars stand on whole numbers, so the line that keeps N and more is at N - 0.5.
        one.quantity: (one.threshold, 0.0 if one.share else -0.5, (1,), 3 if one.share else 0)
        for one in TEXTURES.values()
    },
}
CUT = frozenset(_STANDING)
"""The names of the distributions that a threshold stands in."""


def threshold_in(name: str, recipe: Recipe) -> Threshold:
    """Return where the threshold stands that cuts the distribution `name`, one of `CUT`."""
    key, origin, sides, digits = _STANDING[name]
    return Threshold(key, getattr(recipe, key), origin, sides, digits)
