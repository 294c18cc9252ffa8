"""HR, LR and their difference in a window as one small picture, and where a grid puts them."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from srviewer.gui.views.pictures import difference_colors, to_qimage
from srviewer.pipeline.arrays import Image, to_uint8
from srviewer.pipeline.opencv import cv2
from srviewer.survey.patches import Patch

GAP = 2  # pixels between the three pictures of a strip
_BACKGROUND = 24
_MOST_BYTES = 64 << 20  # more than all that the largest usual screen shows at once


def pictures_of(patch: Patch, *, native: bool) -> tuple[Image, Image, Image]:
    """Return HR, LR, and the difference in colours, each RGB of its size.

    LR is that of its own size where it is `native`, else that of HR's.
    """
    hr, lr, upscaled = patch
    return hr, to_uint8(lr if native else upscaled), difference_colors(hr, upscaled)


def strip_of(patch: Patch, side: int, gap: int = GAP, *, native: bool) -> Image:
    """Return `pictures_of` a patch beside each other, each `side` pixels high and wide."""
    strip = np.full((side, 3 * side + 2 * gap, 3), _BACKGROUND, np.uint8)
    for number, picture in enumerate(pictures_of(patch, native=native)):
        left = number * (side + gap)
        strip[:, left : left + side] = _fitted(picture, side)
    return strip


def _fitted(picture: Image, side: int) -> Image:
    # Enlarged, every pixel of the patch is to be seen; made smaller, none is to be left out.
    how = cv2.INTER_NEAREST if side >= picture.shape[0] else cv2.INTER_AREA
    fitted: Image = cv2.resize(picture, (side, side), interpolation=how)
    return fitted


_FEWEST = 64  # strips that are kept, however large


class StripCache:
    """The strips that were drawn last, as Qt's pictures."""

    def __init__(self) -> None:
        self._strips: dict[int, QImage] = {}  # the newest last
        self._key: tuple[object, ...] = ()

    def clear(self) -> None:
        """Forget all."""
        self._strips.clear()
        self._key = ()

    def strip(
        self, source: object, window: int, patch: Patch, side: int, ratio: float, *, native: bool
    ) -> QImage:
        """Return the strip of a `patch`, `side` screen pixels high, `ratio` device pixels each.

        Windows are known by their numbers among those of one `source`.
        """
        key = (source, native, side, ratio)
        if key != self._key:
            self.clear()
            self._key = key
        strip = self._strips.pop(window, None)
        if strip is None:
            made = strip_of(patch, round(side * ratio), round(GAP * ratio), native=native)
            strip = to_qimage(made)
            strip.setDevicePixelRatio(ratio)
        self._strips[window] = strip
        # At least a screenful: what is seen at once must not push itself out.
        if len(self._strips) * strip.sizeInBytes() > _MOST_BYTES and len(self._strips) > _FEWEST:
            del self._strips[next(iter(self._strips))]
        return strip


@dataclass(frozen=True)
class Grid:
    """Cells of one size, row by row, as many in a row as fit into `width`.

    Attributes
    ----------
    count : int
    width : int
        Of the view, in pixels.
    cell : (int, int)
        Width and height.
    gap, margin : int
        Between cells, at least, and around all.
    """

    count: int
    width: int
    cell: tuple[int, int]
    gap: int = 8
    margin: int = 8

    @property
    def columns(self) -> int:
        """Cells in a row."""
        room = self.width - 2 * self.margin + self.gap
        return max(room // (self.cell[0] + self.gap), 1)

    @property
    def step(self) -> tuple[int, int]:
        """From one cell to the next, to the right and down; spare room goes between the cells."""
        spare = self.width - 2 * self.margin - self.columns * (self.cell[0] + self.gap) + self.gap
        each = max(spare, 0) // (self.columns - 1) if self.columns > 1 else 0
        return self.cell[0] + self.gap + min(each, 2 * self.gap), self.cell[1] + self.gap

    @property
    def height(self) -> int:
        """Of all rows with the margins."""
        rows = -(-self.count // self.columns)
        return 2 * self.margin + rows * self.step[1] - self.gap if self.count else 0

    def rect(self, number: int) -> QRect:
        """Return where a cell lies."""
        row, column = divmod(number, self.columns)
        across, down = self.step
        return QRect(self.margin + column * across, self.margin + row * down, *self.cell)

    def number_at(self, x: int, y: int) -> int | None:
        """Return the number of the cell at the point (x, y), None beside the cells."""
        return next((one for one in self.seen(y, y) if self.rect(one).contains(x, y)), None)

    def seen(self, top: int, bottom: int) -> range:
        """Return the numbers of the cells in the rows between the heights `top` and `bottom`."""
        down = self.step[1]
        first, past = (top - self.margin) // down, (bottom - self.margin) // down + 1
        return range(max(first * self.columns, 0), max(min(past * self.columns, self.count), 0))
