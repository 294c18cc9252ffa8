"""What a painted canvas shows, frozen: the pictures of a pair, where they are put, and all else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QSize

from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.layers import Arrangement, Layer, Scale
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.pictures import USUAL, DifferencePicture, Picture
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.reading import SourceImage
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
        large, small = "{} x {} px".format(*pair.size), f"{width} x {height} px"
        drawn, up = f"{lr}  {small}, drawn x{pair.scale}", f"LR enlarged x{pair.scale}"
        return cls(
            hr=((f"{hr}  {large}", f"HR  {large}", "HR"), "HR"),
            lr=((drawn, f"{lr}  {small}", f"LR  {small}", "LR"), "LR"),
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


_NO_PANE = Pane(0, 0, 1, 1)


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a painted canvas depends on.

    Attributes
    ----------
    size : QSize
        Of the canvas in screen pixels.
    ratio : float
        Device pixels for a screen pixel.
    placed : tuple of Placed
        The pictures.
    hr_pane, lr_pane : Pane
        Where HR and LR points are drawn: one pane where both images lie on each other.
    single : bool
        The source alone is shown, without findings.
    hovered : Selected or None
        The window under the pointer.
    other : Analysis or None
        Under the recipe that this one is compared with.
    scale : Scale
        Of the difference.
    opacities : mapping of Layer to float
        From 0 to 1, which those have that are not in it.
    displacement : DisplacementLook
        How arrows and the field are drawn.
    """

    size: QSize = field(default_factory=QSize)
    ratio: float = 1.0
    camera: Camera = field(default_factory=Camera)
    placed: tuple[Placed, ...] = ()
    hr_pane: Pane = _NO_PANE
    lr_pane: Pane = _NO_PANE
    arrangement: Arrangement = Arrangement.SIDE_BY_SIDE
    single: bool = True
    image: SourceImage | None = None
    analysis: Analysis | None = None
    layers: frozenset[Layer] = frozenset()
    selection: Selected | None = None
    hovered: Selected | None = None
    other: Analysis | None = None
    scale: Scale = USUAL
    opacities: Mapping[Layer, float] = field(default_factory=dict)
    displacement: DisplacementLook = field(default_factory=DisplacementLook)

    def opacity_of(self, layer: Layer) -> float:
        """Return how opaque `layer` is drawn, from 0 to 1."""
        return self.opacities.get(layer, 1.0)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The panes that findings are drawn in, each once."""
        return tuple(dict.fromkeys((self.hr_pane, self.lr_pane)))

    @property
    def findings(self) -> Analysis | None:
        """The analysis where there is something to draw of it."""
        ready = self.analysis is not None and self.analysis.has("pair") and not self.single
        return self.analysis if ready else None
