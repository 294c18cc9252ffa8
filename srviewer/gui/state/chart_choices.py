"""How all charts draw: the scale of their heights, and whether long tails are left out."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from srviewer.pipeline.arrays import Floats, Ints

Ticks = list[tuple[float, str]]


class CountScale(Enum):
    """How high a bar of so many stands; the value is what a person reads."""

    ROOT = "square root"
    LINEAR = "linear"
    LOG = "logarithmic"

    @property
    def mark(self) -> str:
        """What stands at the axis."""
        return {CountScale.ROOT: "\N{SQUARE ROOT} scale", CountScale.LINEAR: "linear"}.get(
            self, "log scale"
        )

    @property
    def help(self) -> str:
        """What heights are, in a sentence."""
        return {
            CountScale.ROOT: "Heights are square roots of the counts, so that a few beside many "
            "are seen.",
            CountScale.LINEAR: "Heights are the counts.",
        }.get(self, "Heights are logarithms of 1 + the counts.")

    def heights(self, counts: Ints, top: int) -> Floats:
        """Return the heights of bars of so many values, 0..1, where `top` has 1."""
        if self is CountScale.LOG:
            heights: Floats = np.log1p(counts) / np.log1p(top)
            return heights
        parts: Floats = counts / top
        return np.sqrt(parts) if self is CountScale.ROOT else parts

    def ticks(self, top: int, *, short: bool = False) -> Ticks:
        """Return where counts are written at the axis, as height and text; `top` divides by 4.

        In `short`, thousands are written as k and millions as M.
        """
        if self is CountScale.LOG:
            tens = (10**power for power in range(len(str(top))))
            some = [0, *(ten for ten in tens if 2 * ten < top), top]
        else:
            some = [0, top // 4 if self is CountScale.ROOT else top // 2, top]
        heights = self.heights(np.array(some), top).tolist()
        write = _short if short else "{:,}".format
        return [(height, write(count)) for height, count in zip(heights, some, strict=True)]


def _short(count: int) -> str:
    for unit, mark in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit:
            return f"{count / unit:.3g}{mark}"
    return f"{count}"


@dataclass(frozen=True)
class ChartChoices:
    """What a person chose for all charts.

    Attributes
    ----------
    scale : CountScale
    entire : bool
        Whether axes reach to the furthest value.
    """

    scale: CountScale = CountScale.ROOT
    entire: bool = False
