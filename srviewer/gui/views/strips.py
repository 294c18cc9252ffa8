"""HR, LR and their difference in a window as one small picture, and where a grid puts them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from srviewer.gui.views.pictures import difference_colors, to_qimage
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import AnyImage, Image, to_uint8
from srviewer.pipeline.opencv import cv2

GAP = 2  # pixels between the three pictures of a strip
_BACKGROUND = 24
_MOST_BYTES = 64 << 20  # more than all that the largest usual screen shows at once


Cut = tuple[Image, AnyImage, AnyImage]


def cut(a: Analysis, window: int) -> Cut:
    """Return HR, LR and enlarged LR in `window`, each RGB of its size."""
    here, step = a.windows.pixels(window), a.pair.scale
    in_lr = tuple(slice(side.start // step, -(-side.stop // step)) for side in here)
    return a.pair.hr[here], a.pair.lr[in_lr], a.pair.upscaled[here]


def pictures_of(patch: Cut, *, native: bool) -> tuple[Image, Image, Image]:
    """Return HR, LR, and the difference in colours, each RGB of its size.

    LR is that of its own size where it is `native`, else that of HR's.
    """
    hr, lr, upscaled = patch
    return hr, to_uint8(lr if native else upscaled), difference_colors(hr, upscaled)


def patches_of(a: Analysis, window: int, *, enlarged: bool = False) -> tuple[Image, Image, Image]:
    """Return HR, LR as an export writes it, and the difference in colours, each RGB of its size.

    LR is that of HR's size where it is to be `enlarged`, whatever is written.
    """
    native = a.recipe.lr_layout == "native" and not enlarged
    return pictures_of(cut(a, window), native=native)


def strip_of(
    a: Analysis, window: int, side: int, gap: int = GAP, *, enlarged: bool = False
) -> Image:
    """Return HR, LR and difference beside each other, each `side` pixels high and wide."""
    return strip_of_pictures(patches_of(a, window, enlarged=enlarged), side, gap)


def strip_of_pictures(pictures: tuple[Image, Image, Image], side: int, gap: int = GAP) -> Image:
    """Return `pictures` beside each other, each `side` pixels high and wide."""
    strip = np.full((side, 3 * side + 2 * gap, 3), _BACKGROUND, np.uint8)
    for number, patch in enumerate(pictures):
        left = number * (side + gap)
        strip[:, left : left + side] = _fitted(patch, side)
    return strip


def _fitted(patch: Image, side: int) -> Image:
    # Enlarged, every pixel of the patch is to be seen; made smaller, none is to be left out.
    how = cv2.INTER_NEAREST if side >= patch.shape[0] else cv2.INTER_AREA
    fitted: Image = cv2.resize(patch, (side, side), interpolation=how)
    return fitted


_FEWEST = 64  # strips that are kept, however large


class StripCache:
    """The strips that were drawn last, as Qt's pictures."""

    def __init__(self, *, enlarged: bool = False) -> None:
        self._enlarged = enlarged
        self._strips: dict[int, QImage] = {}  # the newest last
        self._key: tuple[object, ...] = ()

    def clear(self) -> None:
        """Forget all."""
        self._strips.clear()
        self._key = ()

    def strip(self, a: Analysis, window: int, side: int, ratio: float) -> QImage:
        """Return the strip of `window`, `side` screen pixels high, `ratio` device pixels each."""
        key = (a.pair, a.windows, a.recipe.lr_layout, side, ratio)

        def make(side: int, gap: int) -> Image:
            return strip_of(a, window, side, gap, enlarged=self._enlarged)

        return self.made(key, window, make, side, ratio)

    def made(
        self,
        key: tuple[object, ...],
        window: int,
        make: Callable[[int, int], Image],
        side: int,
        ratio: float,
    ) -> QImage:
        """Return the strip of `window`, which `make` makes of device pixels of side and gap.

        All strips are of one `key`, of which side and ratio are a part.
        """
        if key != self._key:
            self.clear()
            self._key = key
        strip = self._strips.pop(window, None)
        if strip is None:
            strip = to_qimage(make(round(side * ratio), round(GAP * ratio)))
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
