"""From the kept matches to the box in HR and in LR."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.features import Matches
from srviewer.pipeline.opencv import cv2

FEWEST_MATCHES = 4
SIDES = ("left", "top", "right", "bottom")


class Box(NamedTuple):
    """A box in pixels; x1 and y1 are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


@dataclass(frozen=True, eq=False)
class Crop:
    """The box, or why there is none.

    Attributes
    ----------
    hr, lr : Box or None
        LR's is HR's divided by the scale, exactly.
    reason : str or None
        Why there is no box, in words and figures.
    corners : ndarray of int, shape (4,) or (0,)
        The matches at the top left, top right, bottom left and bottom right (crop ``corners``).
    """

    hr: Box | None
    lr: Box | None
    reason: str | None
    corners: Ints


NO_CORNERS: Ints = np.empty(0, np.int64)


def area_used(box: Box | None, size: tuple[int, int]) -> float:
    """Return the share of an image that its box covers, 0 without a box.

    Parameters
    ----------
    box : Box or None
        Of HR.
    size : (int, int)
        Width and height of the clean HR image, in pixels.
    """
    return 0.0 if box is None else box.width * box.height / (size[0] * size[1])


def find_box(
    matches: Matches | None,
    kept: Mask | None,
    *,
    size: tuple[int, int],
    scale: int,
    crop: str,
    error_margin: float,
    patch: int,
) -> Crop:
    """Find the box of an image of (width, height) `size` by the method `crop`.

    Parameters
    ----------
    matches : Matches or None
        Not looked at with crop ``whole``, as `kept` is not.
    kept : ndarray of bool, shape (M,), or None
        Which of them are consistent.
    size : (int, int)
        Of the clean HR image, in pixels.
    scale, crop, error_margin, patch
        As in the recipe.
    """
    if crop == "whole" or matches is None or kept is None:
        return _snapped((0, 0, *size), scale, patch, NO_CORNERS)
    index = np.flatnonzero(kept)
    if len(index) < FEWEST_MATCHES:
        few = f"{len(index)} consistent matches; a box needs at least {FEWEST_MATCHES}"
        return Crop(None, None, few, NO_CORNERS)
    hr = matches.hr_points.take(index, axis=0).astype(np.float64)
    if crop == "bounding":
        low, high = hr.min(axis=0), hr.max(axis=0)
        return _snapped((low[0], low[1], high[0], high[1]), scale, patch, NO_CORNERS)
    corners = _corner_matches(hr)
    hr_sides = _inner_sides(hr[corners])
    lr_sides = _inner_sides(matches.lr_points[index[corners]].astype(np.float64))
    reason = _disagreement(hr_sides, lr_sides, scale, error_margin)
    if reason:
        return Crop(None, None, reason, index[corners])
    return _snapped(hr_sides, scale, patch, index[corners])


def _corner_matches(points: Floats) -> Ints:
    """Return the hull vertices nearest to the corners: top left, top right, bottom left, right."""
    x, y = np.ascontiguousarray(points.T)
    left, top, right, bottom = x.min(), y.min(), x.max(), y.max()
    hull = points[cv2.convexHull(points.astype(np.float32), returnPoints=False).ravel()]
    corners = np.array([(left, top), (right, top), (left, bottom), (right, bottom)])
    distances = np.hypot(hull[:, 0] - corners[:, :1], hull[:, 1] - corners[:, 1:])
    found = []
    for distance in distances:
        # Several matches may be at one point, and OpenCV names any one of them. They and vertices
        # at the same distance are ties, which go to the lowest match index.
        nearest = hull[distance == distance.min()]
        found.append(min(((x == at[0]) & (y == at[1])).argmax() for at in nearest))
    return np.array(found, np.int64)


def _inner_sides(corners: Floats) -> tuple[float, float, float, float]:
    top_left, top_right, bottom_left, bottom_right = corners
    return (
        max(top_left[0], bottom_left[0]),
        max(top_left[1], top_right[1]),
        min(top_right[0], bottom_right[0]),
        min(bottom_left[1], bottom_right[1]),
    )


def _disagreement(
    hr_sides: tuple[float, ...], lr_sides: tuple[float, ...], scale: int, margin: float
) -> str | None:
    """Return in words the first side where |scale * l - h| > margin * h + scale, None without."""
    for name, h, low in zip(SIDES, hr_sides, lr_sides, strict=True):
        allowed = margin * h + scale
        if abs(scale * low - h) > allowed:
            return (
                f"sides disagree: {name}, {h:.1f} px in HR against {scale * low:.1f} px "
                f"({scale} x LR), {abs(scale * low - h):.2f} px apart; allowed is {allowed:.2f} px"
            )
    return None


def _snapped(
    sides: tuple[float, float, float, float], scale: int, patch: int, corners: Ints
) -> Crop:
    """Snap `sides` inward to multiples of `scale`."""
    x0, y0 = (int(-(-side // scale)) for side in sides[:2])
    x1, y1 = (int(side // scale) for side in sides[2:])
    hr = Box(x0 * scale, y0 * scale, x1 * scale, y1 * scale)
    if min(hr.width, hr.height) < patch:
        size = f"{max(hr.width, 0)} x {max(hr.height, 0)} px"
        reason = f"the box is {size}: smaller than a patch of {patch} x {patch} px"
        return Crop(None, None, reason, corners)
    return Crop(hr, Box(x0, y0, x1, y1), None, corners)
