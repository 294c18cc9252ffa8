"""Pairs whose LR comes from a file: at which scale their sizes fit, and the pair itself."""

from pathlib import Path
from typing import Any

import numpy as np

from srviewer.errors import PairSizeError
from srviewer.pipeline.arrays import Image, Size
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.resizing import resize

_SIDES = ("right", "bottom")


def nearest_scale(hr: Size, lr: Size) -> int:
    """Return the whole number nearest to how many times HR is larger than LR, from 2 up."""
    ratio = (hr[0] / lr[0] + hr[1] / lr[1]) / 2
    knob = KNOBS["scale"]
    return int(min(max(round(ratio), knob.low), knob.high))


def at_own_scale(recipe: Recipe, hr: Size, lr: Size) -> Recipe:
    """Return `recipe` with the scale nearest to the sizes, unless it sets one.

    A scale that is not the default's was set by somebody.

    Raises
    ------
    RecipeError
        Where other knobs do not go with that scale.
    """
    if recipe.scale != KNOBS["scale"].default:
        return recipe
    return recipe.replace(scale=nearest_scale(hr, lr))


def require_fit(hr: Size, lr: Size, *, scale: int, path: Path | None = None) -> None:
    """Raise where HR is not `scale` times LR, or up to `scale` - 1 px more on a side.

    Parameters
    ----------
    hr, lr : (int, int)
        Width and height in pixels.
    scale : int
    path : Path, optional
        LR's file, which the error is about.

    Raises
    ------
    PairSizeError
        With what would have to be trimmed of which image.
    """
    trims = [_trims(high, low, scale) for high, low in zip(hr, lr, strict=True)]
    if all(off_lr == 0 and off_hr < scale for off_hr, off_lr in trims):
        return
    off_hr, off_lr = zip(*trims, strict=True)
    sizes = "HR is {} x {} px, LR {} x {} px".format(*hr, *lr)
    if min(hr[0] / lr[0], hr[1] / lr[1]) <= 1:
        smaller = "HR is not larger; are the two exchanged?"
        raise PairSizeError(f"{sizes}: {smaller}", path=path, hr=off_hr, lr=off_lr)
    words = "; ".join(_trim_words("HR", off_hr) + _trim_words("LR", off_lr))
    nearest = nearest_scale(hr, lr)
    others = "" if nearest == scale or not fits(hr, lr, nearest) else f"; scale {nearest} fits"
    raise PairSizeError(
        f"{sizes}, which is {hr[0] / lr[0]:.4g} and {hr[1] / lr[1]:.4g} times smaller; {words}"
        f"{others}",
        path=path,
        key="scale",
        value=scale,
        hr=off_hr,
        lr=off_lr,
    )


def fits(hr: Size, lr: Size, scale: int) -> bool:
    """Tell whether HR is `scale` times LR, or up to `scale` - 1 px more on a side."""
    return all(0 <= high - scale * low < scale for high, low in zip(hr, lr, strict=True))


def _trims(high: int, low: int, scale: int) -> tuple[int, int]:
    """Return by how much a side of HR and of LR would have to be trimmed."""
    low_trimmed = min(low, high // scale)
    return high - scale * low_trimmed, low - low_trimmed


def _trim_words(what: str, off: tuple[int, ...]) -> list[str]:
    sides = [f"{px} px at the {side}" for px, side in zip(off, _SIDES, strict=True) if px]
    return [f"{what} would have to be trimmed by {' and '.join(sides)}"] if sides else []


def give_pair(rgb: Image, lr: Image, *, scale: int, **how: Any) -> Pair:
    """Trim `rgb` to `scale` times the given `lr`, and enlarge that to the same size.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
    lr : ndarray of uint8, shape (h, w, 3)
        It stays as it is.
    scale : int
    **how
        As `srviewer.pipeline.resizing.resize`, which enlarges, takes it.

    Raises
    ------
    PairSizeError
        Where their sizes do not fit.
    """
    high, low = ((one.shape[1], one.shape[0]) for one in (rgb, lr))
    require_fit(high, low, scale=scale)
    width, height = (scale * side for side in low)
    hr = np.ascontiguousarray(rgb[:height, :width])
    return Pair(hr, lr, resize(lr, (width, height), **how), scale, given=True)
