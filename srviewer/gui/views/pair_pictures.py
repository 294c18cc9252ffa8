"""The pictures of an image and of its pair, and where the canvas puts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srviewer.gui.state.layers import Arrangement
from srviewer.gui.views.camera import Pane
from srviewer.gui.views.colormaps import difference_colors
from srviewer.gui.views.pictures import Picture
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.reading import SourceImage


@dataclass(frozen=True, eq=False)
class Placed:
    """A picture in a pane, of which only `clip` shows (left, top, width, height)."""

    picture: Picture
    pane: Pane
    clip: Pane
    caption: str


@dataclass(frozen=True)
class Pointed:
    """What lies under the pointer.

    Attributes
    ----------
    x, y : int
        HR pixel.
    hr, lr : (int, int, int) or None
        RGB values there.
    window : int or None
        Which window the pixel is nearest to the middle of.
    """

    x: int
    y: int
    hr: tuple[int, int, int] | None
    lr: tuple[int, int, int] | None
    window: int | None


class PairPictures:
    """An image, HR, LR, LR enlarged and the difference; the last two are made when first shown.

    Attributes
    ----------
    source, hr, lr : Picture or None
    """

    def __init__(self) -> None:
        self._image: SourceImage | None = None
        self._pair: Pair | None = None
        self._upscaled: Picture | None = None
        self._difference: Picture | None = None
        self.source: Picture | None = None
        self.hr: Picture | None = None
        self.lr: Picture | None = None

    def take(self, image: SourceImage | None, pair: Pair | None) -> None:
        """Hold the pictures of `image` and of its `pair`, as far as they are known."""
        if image is not self._image:
            self._image = image
            self.source = None if image is None else Picture(image.rgb, image.size)
        if pair is not self._pair:
            self._pair = pair
            self._upscaled = self._difference = self.hr = self.lr = None
            if pair is not None:
                self.hr, self.lr = Picture(pair.hr, pair.size), Picture(pair.lr, pair.size)

    def upscaled(self, pair: Pair) -> Picture:
        """Return LR enlarged."""
        if self._upscaled is None:
            self._upscaled = Picture(pair.upscaled, pair.size)
        return self._upscaled

    def difference(self, pair: Pair) -> Picture:
        """Return the difference of HR and LR enlarged, in colours."""
        if self._difference is None:
            colors = difference_colors(pair.hr, pair.upscaled)
            self._difference = Picture(colors, pair.size)
        return self._difference

    def pointed_at(self, x: float, y: float, window: int | None, *, single: bool) -> Pointed | None:
        """Return the values at the HR point (x, y), of the source where it is shown alone."""
        picture = self.source if single or self.hr is None else self.hr
        value = picture.value_at(x, y) if picture is not None else None
        if value is None:
            return None
        lr = self.lr.value_at(x, y) if self.lr is not None and not single else None
        return Pointed(int(np.floor(x + 0.5)), int(np.floor(y + 0.5)), value, lr, window)

    def source_placed(self, pane: Pane, caption: str) -> tuple[Placed, ...]:
        """Return the source alone."""
        return (Placed(self.source, pane, pane, caption),) if self.source is not None else ()

    def pair_placed(
        self,
        a: Analysis,
        panes: tuple[Pane, ...],
        arrangement: Arrangement,
        *,
        cut: int,
        flipped: bool,
    ) -> tuple[Placed, ...]:
        """Return the pictures of a pair with their captions.

        Parameters
        ----------
        a : Analysis
            Of which the pair was taken.
        panes : tuple of Pane
            HR's and LR's, or one for both.
        arrangement : Arrangement
        cut : int
            Screen pixels from the left where a swipe goes from HR to LR enlarged.
        flipped : bool
            Whether LR enlarged is in the place of HR.
        """
        pair, whole = a.pair, panes[0]
        assert self.hr is not None
        assert self.lr is not None
        up_caption = f"LR enlarged x{pair.scale}, {a.recipe.resizer} {a.recipe.filter}"
        hr_caption = "HR  {} x {} px".format(*pair.size)
        if arrangement is Arrangement.DIFFERENCE and not flipped:
            caption = "difference of HR and LR enlarged"
            return (Placed(self.difference(pair), whole, whole, caption),)
        if arrangement is Arrangement.SWIPE and not flipped:
            left = Pane(0, 0, cut, whole.height)
            right = Pane(cut, 0, whole.width - cut, whole.height)
            return (
                Placed(self.hr, whole, left, hr_caption),
                Placed(self.upscaled(pair), whole, right, up_caption),
            )
        first = Placed(self.hr, whole, whole, hr_caption)
        if flipped:
            first = Placed(self.upscaled(pair), whole, whole, up_caption)
        if len(panes) == 1:
            return (first,)
        height, width = pair.lr.shape[:2]
        lr_caption = f"LR  {width} x {height} px, drawn x{pair.scale}"
        return (first, Placed(self.lr, panes[1], panes[1], lr_caption))
