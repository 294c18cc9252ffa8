"""What a threshold of the windows one step up or down would keep of an image."""

from typing import NamedTuple

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import KNOBS, Value


class NextStep(NamedTuple):
    """The next value of a threshold, and how many more pairs it keeps; fewer are below 0."""

    key: str
    value: Value
    more: int

    @property
    def words(self) -> str:
        """What it brings or loses, as "at 11: 12 fewer"."""
        change = f"{abs(self.more):,} {'more' if self.more > 0 else 'fewer'}"
        return f"at {self._value}: {change if self.more else 'the same'}"

    @property
    def short(self) -> str:
        """The same where there is little room, as "-12 at 11", with a minus sign."""
        change = f"{self.more:+,}".replace("-", "\N{MINUS SIGN}") if self.more else "0"
        return f"{change} at {self._value}"

    @property
    def _value(self) -> str:
        return KNOBS[self.key].said(self.value)


def next_steps(a: Analysis) -> dict[str, tuple[NextStep, ...]]:
    """Return for each threshold the steps down and up, where there are any; ``patches`` has run."""
    texture, patches, recipe = a.texture, a.patches, a.recipe
    values = {texture.measure.threshold: texture.deciding, "min_matches": patches.matches}
    fails = {key: one < getattr(recipe, key) for key, one in values.items()}
    kept = np.count_nonzero(patches.kept)
    found: dict[str, tuple[NextStep, ...]] = {}
    for key, mine in values.items():
        others = [one for other, one in fails.items() if other != key]
        among = mine[patches.by_thresholds & ~np.logical_or.reduce(others)]
        found[key] = tuple(
            NextStep(key, value, int(np.count_nonzero(among >= value) - kept))
            for value in _beside(key, getattr(recipe, key))
        )
    return found


def _beside(key: str, value: float) -> list[Value]:
    """Return the values one step of the knob below and above, as far as they are allowed."""
    knob = KNOBS[key]
    moved = (min(max(round(value + by * knob.step, 9), knob.low), knob.high) for by in (-1, 1))
    return [knob.kind(one) for one in moved if one != value]
