"""What the sizes of HR and LR say by themselves: the scale, and whether they fit."""

from __future__ import annotations

from dataclasses import dataclass

from srviewer.errors import PairSizeError
from srviewer.pipeline.alignment.models import Frame
from srviewer.pipeline.arrays import Size
from srviewer.pipeline.given_pairs import require_fit


@dataclass(frozen=True)
class Sizes:
    """The sizes of a given pair.

    Attributes
    ----------
    hr, lr : (int, int)
        Width and height.
    scale : int
        The whole number nearest to the two ratios, at least 1.
    """

    hr: Size
    lr: Size
    scale: int

    @classmethod
    def of(cls, hr: Size, lr: Size) -> Sizes:
        """Return the sizes with the scale that is nearest to their ratios."""
        mean = sum(h / low for h, low in zip(hr, lr, strict=True)) / 2
        return cls(hr, lr, max(1, round(mean)))

    @property
    def left_over(self) -> tuple[int, int]:
        """How many px HR is wider and higher than `scale` times LR."""
        wide, high = (h - self.scale * low for h, low in zip(self.hr, self.lr, strict=True))
        return wide, high

    @property
    def fit(self) -> bool:
        """Whether HR has only to be trimmed by less than `scale` px at the right and bottom."""
        return all(0 <= more < self.scale for more in self.left_over)

    @property
    def frame(self) -> Frame:
        """Where LR's pixels are by the sizes: by the scale where they fit, else by each ratio."""
        if self.fit:
            return Frame(self.lr, (float(self.scale), float(self.scale)))
        return Frame(self.lr, (self.hr[0] / self.lr[0], self.hr[1] / self.lr[1]))

    @property
    def covered(self) -> Size:
        """Width and height of the part of HR that LR is of, by the sizes alone."""
        return (self.scale * self.lr[0], self.scale * self.lr[1]) if self.fit else self.hr

    @property
    def is_enlarged(self) -> bool:
        """Whether LR has more pixels than HR."""
        return self.lr[0] * self.lr[1] > self.hr[0] * self.hr[1]

    @property
    def trim(self) -> str:
        """Which side would have to be trimmed by how much, in words; empty where they fit."""
        return self.trim_at(self.scale)

    def trim_at(self, scale: int) -> str:
        """Return the same at another `scale`."""
        try:
            require_fit(self.hr, self.lr, scale=scale)
        except PairSizeError as error:
            return error.cause
        return ""
