"""Clean dimensions, and the HR/LR pair."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from srviewer.errors import ImageTooSmallError
from srviewer.pipeline.arrays import AnyImage, Floats, Image, to_uint8
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.resizing import resize


@dataclass(frozen=True, eq=False)
class Straightened:
    """How one side of a given pair was resampled onto the other.

    Attributes
    ----------
    side : {'hr', 'lr'}
        That was resampled.
    filter : str
        The interpolation.
    model : str
    warp : ndarray, shape (3, 3)
        LR pixels to HR pixels, of both images as they were read.
    cut : (int, int, int, int)
        How many px of HR's new grid were cut off, having no source: left, top, right, bottom.
    residual : float
        Root mean square of the matches that agree, in LR px.
    inliers : float
        Their share of all matches.
    disagreement : float
        Of the two estimators, in LR px.
    left : float
        How far nine of ten cells of the picture are surely off at most, in LR px.
    wrong : float
        Share of the picture that lies elsewhere or holds something else.
    """

    side: str
    filter: str
    model: str
    warp: Floats
    cut: tuple[int, int, int, int]
    residual: float
    inliers: float
    disagreement: float
    left: float
    wrong: float

    @property
    def figures(self) -> str:
        """How well the warp fits, in words."""
        elsewhere = f", {self.wrong:.0%} of the picture elsewhere" if self.wrong else ""
        return (
            f"residual {self.residual:.3f} LR px over {self.inliers:.0%} of the matches, "
            f"estimators {self.disagreement:.3f} LR px apart, nine of ten cells within "
            f"{self.left:.3f} LR px{elsewhere}"
        )

    @property
    def cut_words(self) -> str:
        """What was cut off of HR's new grid, in words; empty where nothing was."""
        if len(set(self.cut)) == 1:
            return f"{self.cut[0]} px at each side" if self.cut[0] else ""
        sides = zip(self.cut, ("left", "top", "right", "bottom"), strict=True)
        return ", ".join(f"{px} px at the {side}" for px, side in sides if px)


@dataclass(frozen=True, eq=False)
class Pair:
    """A sharp image and its reduction, made of it or given.

    Attributes
    ----------
    hr : ndarray of uint8, shape (H, W, 3)
        The clean image; H and W are multiples of `scale`.
    lr : ndarray, shape (H / scale, W / scale, 3)
        uint8, or float32 in 0..255 (not clipped) where the resizer does not quantise.
    upscaled : ndarray, shape (H, W, 3)
        `lr` enlarged to the size of `hr` by the recipe's resizer, uint8 or float32 likewise.
    scale : int
    given : bool
        Whether `lr` came from a file and not from the resizer.
    straightened : Straightened or None
        What was done to a given pair.
    """

    hr: Image
    lr: AnyImage
    upscaled: AnyImage
    scale: int
    given: bool = False
    straightened: Straightened | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of HR in pixels."""
        return self.hr.shape[1], self.hr.shape[0]


def clean_size(width: int, height: int, scale: int) -> tuple[int, int]:
    """Return the largest (width, height) not above the given ones that `scale` divides."""
    return width - width % scale, height - height % scale


def require_room(width: int, height: int, *, scale: int, patch: int) -> None:
    """Raise `ImageTooSmallError` where the clean image has no room for one patch."""
    clean_width, clean_height = clean_size(width, height, scale)
    if min(clean_width, clean_height) < patch:
        trimmed = (
            f", {clean_width} x {clean_height} px when trimmed to multiples of {scale}:"
            if (clean_width, clean_height) != (width, height)
            else ","
        )
        raise ImageTooSmallError(
            f"the image is {width} x {height} px{trimmed} smaller than one patch of "
            f"{patch} x {patch} px"
        )


def make_pair(rgb: Image, *, scale: int, **how: Any) -> Pair:
    """Trim `rgb`, shape (H, W, 3), to clean dimensions, reduce it by `scale` and enlarge it again.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
    scale : int
        How many times smaller LR is.
    **how
        As `srviewer.pipeline.resizing.resize` takes it.
    """
    width, height = clean_size(rgb.shape[1], rgb.shape[0], scale)
    hr = np.ascontiguousarray(rgb[:height, :width])
    lr = resize(hr, (width // scale, height // scale), **how)
    return Pair(hr, lr, resize(lr, (width, height), **how), scale)


def grey(image: AnyImage) -> Image:
    """Return `image`, shape (H, W, 3), as uint8 grey, shape (H, W), as OpenCV weighs RGB."""
    result: Image = cv2.cvtColor(to_uint8(image), cv2.COLOR_RGB2GRAY)
    return result
