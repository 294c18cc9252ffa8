"""One side of a given pair resampled, once, so that it lies on the other as the scale says.

The alignment gives a warp from LR pixels to HR pixels; a grid of exactly `scale` px an LR pixel is
laid through it, on HR or on LR. What has no source there is cut off the pair, at whole LR pixels,
so that every pixel of the pair that is left is one of an image. The warp comes from the two images
alone, and is rounded where sums in another order would show: it is the same in every process.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from srviewer.errors import StraightenError
from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.models import Frame, applied, inverse
from srviewer.pipeline.alignment.verdict import judge
from srviewer.pipeline.arrays import Floats, Image, Mask, Size
from srviewer.pipeline.given_pairs import give_pair
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.pairing import Pair, Straightened, make_pair
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.window_alignment import KnownAlignments, how_it_lies

OFF = "off"
MOST_RESIDUAL = 1.2
"""LR px, root mean square: matches spread evenly over the 2 LR px within which they count have 1.4.
A good part of the picture may lie elsewhere, within those, as windows are told apart."""
FEWEST_INLIERS = 0.2
"""Share of the matches; LR with noise, from every 4th pixel or of JPEG 50 have 0.5 and more."""
MOST_DISAGREEMENT = 0.25
"""LR px between the two estimators, by which a window counts as moved, beyond what chance does."""
_CHANCE = 2.0  # standard errors of what the matches say
MOST_LEFT = 0.1
"""LR px by which nine of ten cells may still be off, as within that a picture is aligned."""
MOST_WRONG = 0.5
"""Share of the picture that may lie elsewhere or hold something else."""
MOST_RESIZED = 1.6
"""Times that a side may be made larger or smaller: it is not blurred before, so more aliases."""
_WHOLE = 0.1  # of an HR px: an LR pixel that is as near to another whole number is of that scale
FIGURES = ("residual", "inliers", "disagreement", "left", "wrong")
"""Of a fit, by which it is judged."""

_INTERPOLATIONS = {
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
    "bilinear": cv2.INTER_LINEAR,
}
_REACH = 5  # px that an interpolation looks beyond
_TILE = 512  # px: bounds memory, and OpenCV takes no side beyond 32,767
_MOST_ROWS = 600  # that the kept part may begin or end at
# Decimals of a warp's entries: at 10,000 px from the origin each is worth about 1e-4 px.
_DECIMALS = np.array([[8, 8, 4], [8, 8, 4], [12, 12, 12]])


def pair_of(
    image: SourceImage,
    *,
    straighten: str,
    straighten_filter: str,
    progress: Progress = UNHEARD,
    known: KnownAlignments | None = None,
    **knobs: Any,
) -> Pair:
    """Return HR and LR of `image`: its given LR, straightened if asked, or one that is made.

    Parameters
    ----------
    image : SourceImage
    straighten, straighten_filter
        As in the recipe; made pairs lie as they should.
    progress : Progress, optional
    known : KnownAlignments, optional
        How pairs that were straightened before lie; this one is kept there too.
    **knobs
        What makes or enlarges LR, as in `make_pair`.

    Raises
    ------
    StraightenError
        Where no warp fits, or not well enough.
    PairSizeError
        Where the sizes of a given pair that is not to be straightened do not fit.
    """
    if image.lr is None:
        return make_pair(image.rgb, progress=progress, **knobs)
    hr, lr = image.rgb, image.lr.rgb
    if straighten == OFF:
        return give_pair(hr, lr, progress=progress, **knobs)
    try:
        found = how_it_lies(image, progress, known)
        hr, lr, told = straightened(
            hr, lr, knobs["scale"], straighten, straighten_filter, found, progress
        )
    except StraightenError as error:
        raise error.about(image.lr.path) from None
    return replace(give_pair(hr, lr, progress=progress, **knobs), straightened=told)


def note(told: Straightened) -> str:
    """Return in words what was done to a pair, and how well it fits."""
    cut = (
        f"; cut off, where no whole LR px has a source: {told.cut_words}" if told.cut_words else ""
    )
    done = f"{told.side.upper()} straightened by {told.model}, {told.filter}"
    return f"{done}: {told.figures}{cut}"


def straightened(
    hr: Image,
    lr: Image,
    scale: int,
    side: str,
    filter: str,
    found: Alignment | None = None,
    progress: Progress = UNHEARD,
) -> tuple[Image, Image, Straightened]:
    """Return both sides, one of them resampled, and what was done.

    Parameters
    ----------
    hr, lr : ndarray of uint8, shape (H, W, 3)
        Of any sizes.
    scale : int
        HR px an LR pixel, afterwards.
    side : {'hr', 'lr'}
        That is resampled.
    filter : str
        The interpolation.
    found : Alignment, optional
        How they lie, where that is known.
    progress : Progress, optional
        Asked between the parts of the picture whether to stop.
    """
    found = align(hr, lr, progress=progress) if found is None else found
    told = _accepted(found, scale, side, filter)
    high, low = found.sizes.hr, found.sizes.lr
    if side == "hr":
        size, step, source = low, scale, high
        warp = told.warp @ inverse(_nominal(scale))
    else:
        size, step, source = (high[0] // scale, high[1] // scale), 1, low
        warp = inverse(told.warp) @ _nominal(scale)
    x0, y0, x1, y1 = _kept(warp, size, step, source, side)
    wide, tall = (scale * cells for cells in low) if side == "hr" else high
    told = replace(told, cut=(scale * x0, scale * y0, wide - scale * x1, tall - scale * y1))
    within = warp @ np.array([[1, 0, step * x0], [0, 1, step * y0], [0, 0, 1.0]])
    wanted = step * (x1 - x0), step * (y1 - y0)
    if side == "hr":
        return resampled(hr, within, wanted, filter, progress), _part(lr, x0, y0, x1, y1), told
    kept = _part(hr, *(scale * edge for edge in (x0, y0, x1, y1)))
    return kept, resampled(lr, within, wanted, filter, progress), told


def _nominal(scale: int) -> Floats:
    """Return where LR's pixels are in HR when they lie as they should."""
    return Frame((1, 1), (float(scale), float(scale))).nominal


def _part(image: Image, x0: int, y0: int, x1: int, y1: int) -> Image:
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def _accepted(a: Alignment, scale: int, side: str, filter: str) -> Straightened:
    """Return what is known of the fit; raise where it is too poor."""
    verdict = judge(a).sentence

    def refused(why: str, figures: dict[str, float]) -> StraightenError:
        return StraightenError(
            f"the pair cannot be straightened: {why}", key="straighten", value=side, figures=figures
        )

    if a.warp is None or a.figures is None or a.orientation.words:
        back = "; turn it back in the file" if a.orientation.words else ""
        raise refused(f"{verdict}{back}", {"explained": a.explained})
    if a.sift is None or a.disagreement is None:
        one = "matches of keypoints" if a.sift is None else "ECC"
        raise refused(f"{one} find nothing to hold the warp against; {verdict}", {})
    told = Straightened(
        side,
        filter,
        a.model,
        _rounded(a.warp),
        (0, 0, 0, 0),
        residual=a.sift.residual,
        inliers=float(a.sift.inliers.mean()),
        disagreement=a.disagreement,
        left=_left(a),
        wrong=0.0 if a.field is None else a.field.wrong_share,
    )
    figures = {name: getattr(told, name) for name in FIGURES}
    poor = [words for holds, words in _needed(told, int(a.sift.inliers.sum())) if not holds]
    if poor:
        raise refused(f"the fit is poor: {told.figures}; needed is {', '.join(poor)}", figures)
    pixel = float(np.mean(a.figures.magnification))
    resized = pixel / scale
    sizes = "HR is {} x {} px, LR {} x {} px".format(*a.sizes.hr, *a.sizes.lr)
    nearest = "an LR pixel is {:.4g} x {:.4g} HR px".format(*a.figures.magnification)
    if not 1 / MOST_RESIZED <= resized <= MOST_RESIZED:
        most = f"more than {MOST_RESIZED} times larger or smaller"
        words = f"{sizes}, {nearest}, so scale {scale} would make a side {most}"
        raise refused(words, figures)
    # Of a folder's pairs one may be of another scale than the first, which all are exported at.
    if abs(pixel - scale) > 1 - _WHOLE:
        fits = f"scale {round(pixel)} fits, not {scale}"
        raise refused(f"{sizes}, {nearest}: {fits}", figures)
    return told


def _needed(told: Straightened, matches: int) -> tuple[tuple[bool, str], ...]:
    """Return what a fit to so many `matches` has to be, and whether it is."""
    apart = MOST_DISAGREEMENT + _CHANCE * told.residual / max(matches, 1) ** 0.5
    return (
        (told.residual <= MOST_RESIDUAL, f"a residual of at most {MOST_RESIDUAL} LR px"),
        (told.inliers >= FEWEST_INLIERS, f"at least {FEWEST_INLIERS:.0%} of the matches"),
        (told.disagreement <= apart, f"estimators at most {apart:.2f} LR px apart"),
        (told.left <= MOST_LEFT, f"nine of ten cells within {MOST_LEFT} LR px"),
        (told.wrong <= MOST_WRONG, f"at most {MOST_WRONG:.0%} of the picture elsewhere"),
    )


def _rounded(warp: Floats) -> Floats:
    result = np.empty((3, 3))
    for place, decimals in np.ndenumerate(_DECIMALS):
        result[place] = round(float(warp[place]), int(decimals))
    return result + 0.0  # no -0.0


def _left(a: Alignment) -> float:
    """Return how far nine of ten cells are surely off at most, but for those that are wrong."""
    if a.field is None:
        return 0.0
    known = a.field.told & ~a.field.wrong & np.isfinite(a.field.u95)
    off = np.hypot(*a.field.moved[known].T) - a.field.u95[known]
    return float(np.percentile(np.maximum(off, 0), 90)) if known.any() else 0.0


def _kept(
    warp: Floats, size: Size, step: int, source: Size, side: str
) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 of the largest part whose pixels all lie within the source image.

    Parameters
    ----------
    warp : ndarray, shape (3, 3)
        From the new grid to the source.
    size : (int, int)
        Columns and rows of cells of `step` x `step` px of the new grid.
    source : (int, int)
        Width and height of the source image.
    """
    columns, rows = size
    first, past = np.zeros(rows, int), np.zeros(rows, int)
    for row in range(rows):
        inside = np.flatnonzero(_has_source(warp, row, columns, step, source))
        if len(inside):
            first[row], past[row] = inside[0], inside[-1] + 1
    tried = np.unique(np.linspace(0, rows - 1, min(rows, _MOST_ROWS)).astype(int))
    tried = tried[past[tried] > first[tried]]
    # What has a source is convex: between two rows every row has what both have.
    left = np.maximum.outer(first[tried], first[tried])
    right = np.minimum.outer(past[tried], past[tried])
    high = np.subtract.outer(tried, tried) + 1
    area = np.where(high > 0, high * np.maximum(right - left, 0), 0)
    if not area.size or not area.max():
        raise StraightenError(
            "the pair cannot be straightened: no pixel of one side lies on the other",
            key="straighten",
            value=side,
        )
    bottom, top = np.unravel_index(np.argmax(area), area.shape)
    x0, x1 = left[bottom, top], right[bottom, top]
    return int(x0), int(tried[top]), int(x1), int(tried[bottom]) + 1


def _has_source(warp: Floats, row: int, columns: int, step: int, source: Size) -> Mask:
    """Return which cells of a row have the corners of theirs within the source image."""
    result = np.ones(columns, bool)
    begins = np.arange(columns) * step
    for x in {0, step - 1}:
        for y in {0, step - 1}:
            places = np.column_stack([begins + x, np.full(columns, row * step + y)]).astype(float)
            found = applied(warp, places)
            in_front = places @ warp[2, :2] + warp[2, 2] > 0
            result &= in_front & np.all((found >= -0.5) & (found <= np.array(source) - 0.5), axis=1)
    return result


def resampled(
    image: Image, warp: Floats, size: Size, filter: str, progress: Progress = UNHEARD
) -> Image:
    """Return an image of (width, height) `size` whose pixel p is `image` at `warp` of p.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
    warp : ndarray, shape (3, 3)
    size : (int, int)
    filter : {'bicubic', 'lanczos', 'bilinear'}
        OpenCV's; places are kept to 1/32 px.
    progress : Progress, optional
    """
    width, height = size
    sides = np.array([image.shape[1], image.shape[0]])
    result = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            progress.check()
            here = np.s_[top : min(top + _TILE, height), left : min(left + _TILE, width)]
            y, x = np.mgrid[here].astype(np.float64)
            places = applied(warp, np.column_stack([x.ravel(), y.ravel()]))
            low = np.clip(np.floor(places.min(axis=0)).astype(int) - _REACH, 0, sides - 1)
            high = np.clip(np.ceil(places.max(axis=0)).astype(int) + _REACH + 1, low + 1, sides)
            part = _part(image, *low, *high)
            map_x, map_y = (
                axis.reshape(x.shape).astype(np.float32) for axis in np.array((places - low).T)
            )
            result[here] = cv2.remap(
                part, map_x, map_y, _INTERPOLATIONS[filter], borderMode=cv2.BORDER_REPLICATE
            )
    return result
