"""The pictures of an image and of its pair, and where the canvas puts them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from srviewer.gui.state.layers import Arrangement, Scale
from srviewer.gui.views.camera import Pane
from srviewer.gui.views.pictures import USUAL, DifferencePicture, Picture
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.recipe import Recipe


@dataclass(frozen=True)
class Titles:
    """What the pictures are called: on each its caption, and its name beside its values.

    Of a caption shorter ones follow, for where there is less room.
    """

    hr: tuple[tuple[str, ...], str]
    lr: tuple[tuple[str, ...], str]
    upscaled: tuple[tuple[str, ...], str]
    difference: str
    signed: str

    @classmethod
    def of(cls, pair: Pair, recipe: Recipe) -> Titles:
        """Return those of a pair that was made by `recipe`."""
        height, width = pair.lr.shape[:2]
        straight = pair.straightened.side if pair.straightened else ""
        hr = "HR (straightened)" if straight == "hr" else "HR"
        lr = "LR (given)" if pair.given else "LR"
        lr = "LR (straightened)" if straight == "lr" else lr
        small, up = f"{lr}  {width} x {height} px", f"LR enlarged x{pair.scale}"
        return cls(
            hr=(("{}  {} x {} px".format(hr, *pair.size),), "HR"),
            lr=((f"{small}, drawn x{pair.scale}", small), "LR"),
            upscaled=((f"{up}, {recipe.resizing}", up), "LR enlarged"),
            difference="difference of HR and LR enlarged",
            signed="HR minus LR enlarged",
        )


@dataclass(frozen=True, eq=False)
class Placed:
    """A picture in a pane, of which only `clip` shows (left, top, width, height).

    It has the first of `captions` that there is room for, and is called `name` beside its values.
    """

    picture: Picture
    pane: Pane
    clip: Pane
    captions: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Pointed:
    """What lies under the pointer.

    Attributes
    ----------
    x, y : int
        HR pixel.
    values : tuple of (str, str)
        What the pictures that are drawn there are called, and their values.
    window : int or None
        Which window the pixel is nearest to the middle of.
    """

    x: int
    y: int
    values: tuple[tuple[str, str], ...]
    window: int | None


class PairPictures:
    """HR, LR, LR enlarged and the difference, each made when it is first shown.

    Parameters
    ----------
    pair : Pair
    titles : Titles, optional
        By default those of a pair.
    """

    def __init__(self, pair: Pair, titles: Titles | None = None) -> None:
        self.pair = pair
        self._titles = titles
        self._difference: tuple[Scale, Picture] | None = None

    @cached_property
    def hr(self) -> Picture:
        """HR."""
        return Picture(self.pair.hr, self.pair.size)

    @cached_property
    def lr(self) -> Picture:
        """LR, drawn at HR's scale."""
        return Picture(self.pair.lr, self.pair.size)

    @cached_property
    def upscaled(self) -> Picture:
        """LR enlarged."""
        return Picture(self.pair.upscaled, self.pair.size)

    def difference(self, scale: Scale) -> Picture:
        """Return the difference of HR and LR enlarged, in the colours of `scale`."""
        if self._difference is None or self._difference[0] != scale:
            pair = self.pair
            self._difference = scale, DifferencePicture(pair.hr, pair.upscaled, pair.size, scale)
        return self._difference[1]

    def placed(
        self,
        recipe: Recipe,
        panes: tuple[Pane, ...],
        how: Arrangement,
        cut: int,
        *,
        flipped: bool,
        scale: Scale = USUAL,
    ) -> tuple[Placed, ...]:
        """Return the pictures with their captions.

        Parameters
        ----------
        recipe : Recipe
            By which the pair was made.
        panes : tuple of Pane
            HR's and LR's, or one for both.
        how : Arrangement
        cut : int
            Screen pixels from the left where a swipe goes from HR to LR enlarged.
        flipped : bool
            Whether LR enlarged is in the place of HR.
        scale : Scale
            Of the difference.
        """
        titles, whole = self._titles or Titles.of(self.pair, recipe), panes[0]
        if flipped:
            first = Placed(self.upscaled, whole, whole, *titles.upscaled)
        elif how is Arrangement.DIFFERENCE:
            words = titles.signed if scale.signed else titles.difference
            first = Placed(self.difference(scale), whole, whole, (words,), "difference")
        elif how is Arrangement.SWIPE:
            left = Pane(0, 0, cut, whole.height)
            right = Pane(cut, 0, whole.width - cut, whole.height)
            swiped = Placed(self.hr, whole, left, *titles.hr)
            return swiped, Placed(self.upscaled, whole, right, *titles.upscaled)
        else:
            first = Placed(self.hr, whole, whole, *titles.hr)
        if len(panes) == 1:
            return (first,)
        return first, Placed(self.lr, panes[1], panes[1], *titles.lr)
