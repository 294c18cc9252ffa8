"""Arrays as Qt's pictures, and maps of numbers in colours."""

import contextlib
from collections.abc import Sequence
from threading import Thread

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from srviewer.gui.state.layers import Scale
from srviewer.gui.views.camera import Camera, Pane
from srviewer.pipeline.arrays import AnyImage, Image, to_uint8
from srviewer.pipeline.metrics import absolute_difference, signed_difference
from srviewer.pipeline.opencv import cv2

DIFFERENCE_MAP = cv2.COLORMAP_INFERNO
HEAT_MAP = cv2.COLORMAP_VIRIDIS
SIGNED_MAP = -1  # blue where it is below 0, orange above, dark at 0


def to_qimage(image: AnyImage) -> QImage:
    """Return `image`, shape (H, W, 3) RGB, 0..255, as a QImage that owns its pixels."""
    made, pixels = blank(image.shape[:2], QImage.Format.Format_RGB32)
    # Qt would hold up Python's other threads while it converts.
    cv2.cvtColor(to_uint8(image), cv2.COLOR_RGB2BGRA, dst=pixels)
    return made


def blank(
    shape: tuple[int, ...], layout: QImage.Format = QImage.Format.Format_RGBA8888_Premultiplied
) -> tuple[QImage, NDArray[np.uint8]]:
    """Return a QImage of (H, W) `shape`, four bytes a pixel, and these, shape (H, W, 4)."""
    made = QImage(shape[1], shape[0], layout)
    return made, np.frombuffer(made.bits(), np.uint8).reshape(*shape, 4)


USUAL = Scale()
_MOST_PREPARED = 12_000_000  # pixels of a version, which are 48 MB
DIFFERENCE_TOP = float(USUAL.top)  # grey levels; larger differences have the last colour


class Picture:
    """An image with smaller versions of itself, so that it is drawn fast and without aliasing.

    Parameters
    ----------
    image : ndarray, shape (H, W, 3)
        RGB, 0..255.
    size : (int, int)
        Width and height in HR pixels of the area that it covers, from (-0.5, -0.5).
    """

    def __init__(self, image: AnyImage, size: tuple[int, int]) -> None:
        self.pixels = image
        self.size = size
        self._halves = [to_uint8(image)]  # each half as large as the one before
        self._levels: dict[int, QImage] = {}  # those of them that were drawn or prepared

    def prepare(self, zoom: float) -> None:
        """Make the versions for coming closer than `zoom` meanwhile, but for the very large."""
        self._level(zoom)  # and the halves that they are made of
        sizes = (half.shape[0] * half.shape[1] for half in self._halves[:-1])
        closer = [number for number, pixels in enumerate(sizes) if pixels <= _MOST_PREPARED]
        if closer:
            Thread(target=self._prepare, args=(closer,), name="versions of a picture").start()

    def _prepare(self, levels: Sequence[int]) -> None:
        # Where there is no room for one, the frame that needs it tells.
        with contextlib.suppress(MemoryError, TypeError, cv2.error):
            for number in levels:
                self._level(2.0**-number)

    def _level(self, zoom: float) -> QImage:
        """Return the smallest version with at least one pixel for a screen pixel at `zoom`."""
        wanted, smallest = 0, min(self.pixels.shape[:2])
        while zoom * 2 ** (wanted + 1) <= 1 and smallest >> wanted > 2:
            wanted += 1
        while len(self._halves) <= wanted:
            height, width = self._halves[-1].shape[:2]
            half = (max(width // 2, 1), max(height // 2, 1))
            self._halves.append(cv2.resize(self._halves[-1], half, interpolation=cv2.INTER_AREA))
        if wanted not in self._levels:
            self._levels[wanted] = to_qimage(self._halves[wanted])
        return self._levels[wanted]

    def paint(self, painter: QPainter, camera: Camera, pane: Pane, ratio: float) -> None:
        """Draw into `pane`; `ratio` is how many device pixels a screen pixel has."""
        own_zoom = camera.zoom * ratio * self.size[0] / self.pixels.shape[1]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, own_zoom < 1)
        painter.drawImage(pane.area(camera, 0, 0, *self.size), self._level(own_zoom))

    def told_at(self, x: float, y: float) -> str | None:
        """Return in words what is drawn at the HR point (x, y), None outside."""
        height, width = self.pixels.shape[:2]
        column = int(np.floor((x + 0.5) * width / self.size[0]))
        row = int(np.floor((y + 0.5) * height / self.size[1]))
        inside = 0 <= column < width and 0 <= row < height
        return self._words(column, row) if inside else None

    def _words(self, column: int, row: int) -> str:
        red, green, blue = to_uint8(self.pixels[row, column])
        return f"{red} {green} {blue}"


class DifferencePicture(Picture):
    """The difference of two images of one size in colours; its values are grey levels."""

    def __init__(
        self, hr: AnyImage, upscaled: AnyImage, size: tuple[int, int], scale: Scale = USUAL
    ) -> None:
        super().__init__(difference_colors(hr, upscaled, scale), size)
        self._both = hr, upscaled
        self._signed = scale.signed

    def _words(self, column: int, row: int) -> str:
        hr, upscaled = (one[row : row + 1, column : column + 1] for one in self._both)
        measure = signed_difference if self._signed else absolute_difference
        levels = float(measure(hr, upscaled)[0, 0])
        sign = "+" if self._signed else ""
        return f"{levels:z{sign}.1f} grey {'level' if levels == 1 else 'levels'}"


def rgba_image(rgba: np.ndarray) -> QImage:
    """Return premultiplied RGBA, uint8 of shape (H, W, 4), as a QImage that owns its pixels."""
    made, pixels = blank(rgba.shape[:2])
    pixels[:] = rgba
    return made


def colored(values: NDArray[np.floating], top: float, colormap: int) -> Image:
    """Return `values`, shape (H, W), 0 to `top`, as RGB of shape (H, W, 3)."""
    levels = np.clip(values * (255 / max(top, 1e-9)), 0, 255).astype(np.uint8)
    colors: Image = _COLORS[colormap][levels]
    return colors


# OpenCV makes a colour map anew for each call, which would cost more than all else of a patch.
_COLORS = {
    one: cv2.applyColorMap(np.arange(256, dtype=np.uint8)[None], one)[0, :, ::-1].copy()
    for one in (DIFFERENCE_MAP, HEAT_MAP)
}


_NEGATIVE, _ZERO, _POSITIVE = (120, 190, 255), (16, 17, 19), (255, 160, 60)
_AT = np.arange(256)
_COLORS[SIGNED_MAP] = np.stack(
    [
        np.interp(_AT, (0, 127.5, 255), ends)
        for ends in zip(_NEGATIVE, _ZERO, _POSITIVE, strict=True)
    ],
    axis=-1,
).astype(np.uint8)


def difference_colors(a: AnyImage, b: AnyImage, scale: Scale = USUAL) -> Image:
    """Return the difference of two RGB images of one size in colours."""
    if scale.signed:
        return colored(signed_difference(a, b) + scale.top, 2 * scale.top, SIGNED_MAP)
    return colored(absolute_difference(a, b), scale.top, DIFFERENCE_MAP)
