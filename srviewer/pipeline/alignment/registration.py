"""Least squares between LR and what a warp makes of HR, pixel by pixel.

LR is modelled as a weighted sum of HR under symmetric kernels of several widths, taken where the
warp puts each pixel of LR, and of powers of it, which stand for the tone. The weights are fitted
along with the warp, so that neither the resizer nor gain, offset and gamma have to be known: a
symmetric kernel moves nothing, whatever its shape. As HR is reduced at the very phase that is
tried, aliasing is that of LR itself, where a second picture on LR's grid would have another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.alignment.field import Field, cell_sums, coarse, field_of
from srviewer.pipeline.alignment.fitting import start_of
from srviewer.pipeline.alignment.kernels import SMOOTH, WIDTHS, Reductions, levels, terms_of
from srviewer.pipeline.alignment.models import MODELS, Frame, applied
from srviewer.pipeline.arrays import FloatImage, Floats, Ints, Mask, Size
from srviewer.pipeline.opencv import cv2

_MARGIN = 3  # LR px at the border, where resizers differ
_FEWEST = 100  # pixels
_UNEVEN = 0.05  # LR px
_MANY = 0.05  # share of the cells that are wrong
_MOSTLY = 0.7  # share of the cells that may be wrong
_BESIDE = 2  # wrong cells, itself included, of the nine around one that is left out with them
_LESS = 0.8  # of the usual variance that another warp leaves
_TRUST_UNTIL = 8  # steps; later, cells that come and go would keep it from converging
_SOME, _MOST = 20_000, 400_000  # pixels of the first steps, and of the last
_STRIP = 65_536  # pixels at a time, which bounds memory
_STEPS = 20
_PACES = 0.25, 2.0
_NEAR, _STILL, _CONVERGED = 0.02, 1e-4, 0.01  # LR px that a step moved


@dataclass(frozen=True, eq=False)
class Registration:
    """What the least squares found.

    Attributes
    ----------
    warp : ndarray, shape (3, 3)
        LR pixels to HR pixels.
    model : str
    pixels : ndarray of int, shape (N, 2)
        x and y of the LR pixels that were compared.
    cells : ndarray of int, shape (N,)
        In which cell of the picture each of them lies.
    weights : ndarray, shape (N,)
    factors : ndarray, shape (F,)
        Of the terms that LR is a sum of: a constant, the kernels, and the powers.
    residual : ndarray, shape (N,)
        LR minus the model, in grey levels.
    directions : ndarray, shape (N, P)
        How the model changes with each of the warp's parameters, without what the weights of the
        kernels make up for.
    gradient : ndarray, shape (N, 2)
        Of the model, in grey levels an LR px.
    explained : float
        Share of LR's variance within cells that the model explains.
    converged : bool
    """

    warp: Floats
    model: str
    pixels: Ints
    cells: Ints
    weights: Floats
    factors: Floats
    residual: Floats
    directions: Floats
    gradient: Floats
    explained: float
    converged: bool

    def field(self) -> Field:
        """Return what is left in each cell."""
        return field_of(self.gradient, self.residual, self.cells)

    def left_over(self, frame: Frame) -> float:
        """Return how far a part of the picture surely lies off, in LR px, beside the warp."""
        cell = cell_size(frame.lr)
        columns, rows = (-(-side // cell) for side in frame.lr)
        return coarse(self.field(), columns, rows).surely

    def is_uneven(self, frame: Frame) -> bool:
        """Tell whether a part of the picture is displaced, or many cells are wrong."""
        return self.left_over(frame) >= _UNEVEN or self.field().wrong_share >= _MANY

    def explains_more_than(self, other: Registration) -> bool:
        """Tell whether this leaves clearly less in half of the cells than `other` does."""
        return self.converged and self.field().noise < _LESS * other.field().noise


def cell_size(size: tuple[int, int]) -> int:
    """Return the side of a cell in LR px: 16, or less so that there are 8 along each side."""
    return max(6, min(16, min(size) // 8))


def register(
    reduced: Reductions,
    lr: FloatImage,
    frame: Frame,
    warp: Floats,
    model: str,
) -> Registration | None:
    """Refine `warp` within `model`; None where there is too little to compare.

    Parameters
    ----------
    reduced : Reductions
        Of HR.
    lr : ndarray of float32, shape (H, W)
        LR in grey.
    frame : Frame
    warp : ndarray, shape (3, 3)
        Where to begin, right to about an LR pixel.
    model : str

    Notes
    -----
    Cells of the picture that lie elsewhere than most, or hold something else, have no weight.
    """
    some, every = _pixels(frame.lr, _SOME), _pixels(frame.lr, _MOST)
    moved = frame.unit
    trusted: Floats | None = None
    pace, last = 1.0, np.zeros(len(MODELS[model]))
    for number in range(_STEPS):
        tried = some if moved > _NEAR else every
        pixels = tried[_inside(reduced, applied(warp, tried.astype(np.float64)))]
        if len(pixels) < _FEWEST:
            return None
        cells = _cells(frame.lr, pixels)
        if trusted is None:
            trusted = _alike(reduced, lr, frame, warp, pixels, cells)
        look = _Look(reduced, lr, frame, warp, model, pixels, trusted[cells])
        if number < _TRUST_UNTIL:
            trusted = _trusted(look, cells, frame.lr)
        if number == 0:
            continue  # those that are wrong have no part in the first step
        pace = _pace(pace, last, look.step)
        last = look.step
        warp = frame.changed(warp, model, pace * look.step)
        moved = float(np.abs(look.step).max()) * frame.unit
        if not moved < frame.unit:
            return None
        if moved < _STILL and tried is every:
            break
    return look.result(warp, cells, moved < _CONVERGED)


def _pace(pace: float, last: Floats, step: Floats) -> float:
    """Return by how much to multiply `step`, seen from what is left of the `last` one.

    Where LR is aliased the directions say too little, and steps go to and fro.
    """
    before = float(last @ last)
    if before == 0:
        return 1.0
    left = float(np.clip(step @ last / before, -3.0, 0.8))
    return float(np.clip(pace / (1 - left), *_PACES))


def register_simplest(
    reduced: Reductions, lr: FloatImage, frame: Frame, warp: Floats, model: str
) -> Registration | None:
    """Return what `register` finds within `model`, or within a richer one where that is uneven.

    Uneven is what leaves a part of the picture surely displaced, or cells that are wrong. A richer
    model is taken only where it leaves neither: a block of its own is not explained by any.
    """
    first = register(reduced, lr, frame, warp, model)
    if first is None or not first.is_uneven(frame):
        return first
    start = first
    # The richest first: where it does not help, none does.
    for richer in ("homography", *list(MODELS)[list(MODELS).index(model) + 1 : -1]):
        begin = start.warp if start is first else start_of(richer, start.warp, frame)
        found = register(reduced, lr, frame, begin, richer)
        if found is not None and found.converged and not found.is_uneven(frame):
            if richer != "homography":
                return found
            start = found
        elif start is first:
            return first
    return start


def _pixels(size: tuple[int, int], most: int) -> Ints:
    """Return the pixels of LR that are looked at, shape (N, 2): of about `most`, in some rows."""
    width, height = size
    skip = max(1, round(width * height / most))
    ys, xs = np.mgrid[_MARGIN : height - _MARGIN : skip, _MARGIN : width - _MARGIN]
    return np.column_stack([xs.ravel(), ys.ravel()])


def _cells(size: tuple[int, int], pixels: Ints) -> Ints:
    cell = cell_size(size)
    x, y = pixels.T
    numbers: Ints = (y // cell) * -(-size[0] // cell) + x // cell
    return numbers


def cell_count(size: tuple[int, int]) -> int:
    """Return how many cells an LR of `size` has."""
    cell = cell_size(size)
    return -(-size[0] // cell) * -(-size[1] // cell)


def _alike(
    reduced: Reductions, lr: FloatImage, frame: Frame, warp: Floats, pixels: Ints, cells: Ints
) -> Floats:
    """Return how alike LR and reduced HR are in each cell: their correlation, 0 or more."""
    x = reduced.at(applied(warp, pixels.astype(np.float64)))[:, SMOOTH]
    y = lr[pixels[:, 1], pixels[:, 0]].astype(np.float64)
    sums = cell_sums(cells, np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y]))
    n, sx, sy, xx, yy, xy = sums.T
    both = np.maximum(xx - sx * sx / n, 1e-6) * np.maximum(yy - sy * sy / n, 1e-6)
    result = np.zeros(cell_count(frame.lr))
    result[np.unique(cells)] = np.maximum((xy - sx * sy / n) / np.sqrt(both), 1e-3)
    return result**4


def _trusted(look: _Look, cells: Ints, size: tuple[int, int]) -> Floats:
    """Return 1 for each cell that lies where most do, and 0 for the others.

    A cell beside several of those holds a part of the same block.
    """
    found = field_of(look.gradient, look.before, cells)
    result = np.ones(cell_count(size))
    if found.wrong_share >= _MOSTLY:
        return result
    result[found.cells[found.wrong | found.other]] = 0
    wrong = np.zeros(len(result), np.float32)
    wrong[found.cells[found.wrong]] = 1
    columns = -(-size[0] // cell_size(size))
    beside = cv2.boxFilter(
        wrong.reshape(-1, columns), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    result[beside.ravel() >= _BESIDE] = 0
    return result


def _inside(reduced: Reductions, points: Floats) -> Mask:
    width, height = reduced.size
    border = 2.0 * reduced.ratio
    x, y = points.T
    result: Mask = (
        (x >= border) & (y >= border) & (x <= width - 1 - border) & (y <= height - 1 - border)
    )
    return result


class _Look:
    """LR against HR under one warp: the terms of the least squares, and the step they give."""

    def __init__(
        self,
        reduced: Reductions,
        lr: FloatImage,
        frame: Frame,
        warp: Floats,
        model: str,
        pixels: Ints,
        weights: Floats,
    ) -> None:
        self.pixels, self.weights, self.model = pixels, weights, model
        self.values = lr[pixels[:, 1], pixels[:, 0]].astype(np.float64)
        places = pixels.astype(np.float64)
        layers = levels(reduced.at(applied(warp, places)))
        smooth = layers[:, SMOOTH]
        self.terms = terms_of(layers)
        self.factors = solve(self.terms, self.values, weights)
        self.kernels = self.factors[1 : 1 + len(WIDTHS)]
        square, cube = self.factors[1 + len(WIDTHS) :]
        slope = np.outer(2 * square * smooth + 3 * cube * smooth**2, np.eye(len(WIDTHS))[SMOOTH])
        self.gradient = np.empty((len(places), 2))
        for axis, aside in enumerate(np.eye(2) / 4):
            there, back = (
                levels(reduced.at(applied(warp, places + side * aside))) for side in (1, -1)
            )
            self.gradient[:, axis] = 2 * ((there - back) * (self.kernels + slope)).sum(axis=1)
        self.before = self.values - self.terms @ self.factors
        self.full = np.einsum("ni,nik->nk", self.gradient, frame.motion(model, places))
        regressors = np.column_stack([self.terms, self.full])
        factors = solve(regressors, self.values, weights)
        self.step: Floats = factors[self.terms.shape[1] :]
        self.residual = self.values - regressors @ factors

    def result(self, warp: Floats, cells: Ints, converged: bool) -> Registration:
        """Return what is known after the last step."""
        spread, left = (
            _within_cells(values, cells, self.weights) for values in (self.values, self.residual)
        )
        return Registration(
            warp,
            self.model,
            self.pixels,
            cells,
            self.weights,
            self.factors,
            self.residual,
            self.full - self.terms @ solve(self.terms, self.full, self.weights),
            self.gradient,
            float(1 - left / spread) if spread > 0 else 0.0,
            converged,
        )


def _within_cells(values: Floats, cells: Ints, weights: Floats) -> float:
    """Return the variance of `values` within cells: what differs between them says little."""
    sums = cell_sums(cells, np.column_stack([weights, weights * values, weights * values**2]))
    mass, first, second = sums[sums[:, 0] > 0].T
    return float((second - first**2 / mass).sum() / mass.sum()) if len(mass) else 0.0


def modelled(
    reduced: Reductions, warp: Floats, factors: Floats, size: Size, moved: Floats
) -> FloatImage:
    """Return LR as `warp` and `factors` have it, its content `moved` LR px further.

    Its (width, height) is `size`.
    """
    width, height = size
    result = np.empty((height, width), np.float32)
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        ys, xs = np.mgrid[top : min(top + rows, height), :width]
        places = np.column_stack([xs.ravel(), ys.ravel()]) - moved
        layers = levels(reduced.at(applied(warp, places)))
        result[top : top + rows] = (terms_of(layers) @ factors).reshape(xs.shape)
    return result


def solve(regressors: Floats, values: Floats, weights: Floats) -> Floats:
    """Return the weighted least squares' factors of `regressors`, shape (N, K)."""
    weighted = regressors * weights[:, None]
    normal = weighted.T @ regressors
    scale = np.sqrt(np.maximum(np.diag(normal), 1e-12))
    normal = normal / np.outer(scale, scale) + 1e-9 * np.eye(len(scale))
    right = weighted.T @ values
    found: Floats = np.linalg.solve(normal, (right.T / scale).T)
    return (found.T / scale).T
