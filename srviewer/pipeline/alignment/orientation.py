"""LR mirrored, or turned by quarters."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.alignment.models import Frame
from srviewer.pipeline.arrays import Floats, Image, Size


@dataclass(frozen=True)
class Orientation:
    """How LR is turned back: mirrored left to right first, then turned anticlockwise.

    Attributes
    ----------
    mirrored : bool
    quarters : int
        Of a turn, anticlockwise as seen.
    """

    mirrored: bool = False
    quarters: int = 0

    def applied(self, image: Image) -> Image:
        """Return `image`, shape (H, W, 3), turned back."""
        image = image[:, ::-1] if self.mirrored else image
        return np.ascontiguousarray(np.rot90(image, self.quarters % 4))

    def points(self, points: Floats, size: Size) -> Floats:
        """Return where `points` of an image of (width, height) `size` are in it turned back."""
        width, height = size
        x, y = points.T
        if self.mirrored:
            x = width - 1 - x
        for _ in range(self.quarters % 4):
            x, y, width, height = y, width - 1 - x, height, width
        return np.column_stack([x, y])

    @property
    def words(self) -> str:
        """What LR is, as ``mirrored left to right``; empty where it is as it should be."""
        turned = {
            1: "clockwise by 90 degrees",
            2: "by 180 degrees",
            3: "anticlockwise by 90 degrees",
        }
        quarters = self.quarters % 4
        if not self.mirrored:
            return f"turned {turned[quarters]}" if quarters else ""
        if quarters == 2:
            return "mirrored top to bottom"
        return "mirrored left to right" + (f" and turned {turned[quarters]}" if quarters else "")


AS_IT_IS, MIRRORED = Orientation(), Orientation(mirrored=True)
EVERY = tuple(Orientation(mirrored, n) for mirrored in (False, True) for n in range(4))
"""Every orientation there is."""


def turned_by(frame: Frame, warp: Floats) -> int:
    """Return by how many quarters LR is turned clockwise against HR."""
    forward = np.linalg.inv(np.linalg.inv(frame.nominal) @ warp)
    angle = np.arctan2(forward[1, 0] - forward[0, 1], forward[0, 0] + forward[1, 1])
    return round(float(angle) / (np.pi / 2)) % 4
