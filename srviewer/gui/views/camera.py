"""One camera for both panes: which HR point is in the middle of a pane, and how large a pixel is.

Points are in HR pixels, pixel centres at whole numbers, so pixel (0, 0) reaches from -0.5 to 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

ArrayLike = NDArray[np.floating]

CLOSEST, FARTHEST = 64.0, 1 / 64  # screen pixels for one HR pixel


@dataclass(frozen=True)
class Camera:
    """Where a person looks.

    Attributes
    ----------
    x, y : float
        The HR point in the middle of each pane.
    zoom : float
        Screen pixels (logical) for one HR pixel.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    def moved(self, dx: float, dy: float) -> Camera:
        """Return the camera after the picture was dragged by (dx, dy) screen pixels."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def zoomed(self, factor: float, dx: float = 0.0, dy: float = 0.0) -> Camera:
        """Return the camera closer by `factor`; what is (dx, dy) px from the middle stays there."""
        zoom = min(max(self.zoom * factor, FARTHEST), CLOSEST)
        change = 1 / self.zoom - 1 / zoom
        return Camera(self.x + dx * change, self.y + dy * change, zoom)

    def kept_on(self, size: tuple[int, int]) -> Camera:
        """Return the camera with its middle on an image of (width, height) `size`."""
        return replace(
            self,
            x=min(max(self.x, -0.5), size[0] - 0.5),
            y=min(max(self.y, -0.5), size[1] - 0.5),
        )


def fitting(size: tuple[int, int], pane: tuple[float, float], margin: float = 8) -> Camera:
    """Return the camera that shows all of an image of `size` in a pane of `pane` screen pixels."""
    room = max(pane[0] - 2 * margin, 1), max(pane[1] - 2 * margin, 1)
    zoom = min(room[0] / size[0], room[1] / size[1])
    return Camera((size[0] - 1) / 2, (size[1] - 1) / 2, min(max(zoom, FARTHEST), CLOSEST))


@dataclass(frozen=True)
class Pane:
    """A part of the canvas that shows one image: left, top, width and height in screen pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """The pane's middle on the screen."""
        return self.left + self.width / 2, self.top + self.height / 2

    def contains(self, x: float, y: float) -> bool:
        """Tell whether the screen point (x, y) is in the pane."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height

    def to_image(self, camera: Camera, x: float, y: float) -> tuple[float, float]:
        """Return the HR point under the screen point (x, y)."""
        middle = self.middle
        return camera.x + (x - middle[0]) / camera.zoom, camera.y + (y - middle[1]) / camera.zoom

    def to_screen(self, camera: Camera, points: ArrayLike) -> NDArray[np.float64]:
        """Return the screen points, shape (N, 2), of HR points of shape (N, 2)."""
        moved = points.astype(np.float64) - np.array([camera.x, camera.y], np.float64)
        return moved * camera.zoom + np.array(self.middle, np.float64)

    def area(self, camera: Camera, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """Return where HR pixels from (x0, y0) to before (x1, y1) are on the screen."""
        zoom, (across, down) = camera.zoom, self.middle
        left = (float(x0) - 0.5 - camera.x) * zoom + across
        right = (float(x1) - 0.5 - camera.x) * zoom + across
        top = (float(y0) - 0.5 - camera.y) * zoom + down
        bottom = (float(y1) - 0.5 - camera.y) * zoom + down
        return QRectF(left, top, right - left, bottom - top)

    def visible(self, camera: Camera, points: ArrayLike) -> NDArray[np.bool_]:
        """Return which HR points, shape (N, 2), are seen in the pane."""
        half = np.array([self.width, self.height]) / (2 * camera.zoom)
        seen: NDArray[np.bool_] = (np.abs(points - (camera.x, camera.y)) <= half).all(axis=1)
        return seen


def side_by_side(width: float, height: float, gap: float) -> tuple[Pane, Pane]:
    """Split a canvas of `width` x `height` screen pixels into two panes, `gap` between them."""
    half = max((width - gap) / 2, 1)
    return Pane(0, 0, half, height), Pane(half + gap, 0, half, height)


def stacked(width: float, height: float, gap: float) -> tuple[Pane, Pane]:
    """Split a canvas into two panes, one above the other; the rest as in `side_by_side`."""
    half = max((height - gap) / 2, 1)
    return Pane(0, 0, width, half), Pane(0, half + gap, width, half)


def lr_in_hr(points: ArrayLike, scale: int) -> NDArray[np.float64]:
    """Return where LR points, shape (N, 2), lie in HR pixels when LR is drawn at HR's scale."""
    return (points.astype(np.float64) + 0.5) * scale - 0.5
