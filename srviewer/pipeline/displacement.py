"""How far matches are displaced: four classes, the robust centre, and a coarse field.

All displacements are `Consistency.displacement`: where LR's keypoint is, minus where the resize
and the detector put HR's, in LR px, x to the right and y downwards.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment.field import cell_sums
from srviewer.pipeline.alignment.models import Frame, applied, inverse
from srviewer.pipeline.alignment.uncertainty import WIDER, jackknife, quantile
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.consistency import Consistency, within_margin, within_tolerance
from srviewer.pipeline.features import Matches
from srviewer.pipeline.pairing import Straightened

AGREES = 2.0
"""LR px from a centre within which matches agree on it."""
_FEWEST = 4  # matches that a centre rests on
_LEAST_SHARE = 0.1  # of all matches; fewer agree by chance
_NEAR = 0.5  # LR px: the centre begins where most others are within
_MOST_COMPARED = 700  # matches that are compared with each other for that
_CUT = 5.12  # standard deviations, beyond which Tukey's biweight counts a match for nothing
_LEAST_SPREAD = 0.003  # LR px
_STILL = 1e-4  # standard deviations of a step, below which the centre is found
_CLUSTER = 8  # LR px: matches within it share their errors
_MOST_CELLS = 12  # of the field on the longer side
_SMALLEST_CELL = 8  # LR px
_A_CELL = 8  # matches, on average
_TOLD = 0.5  # LR px: with a wider interval nothing is said of a cell


class MatchClass(IntEnum):
    """What a rule and the displacement say of a match; people read *right* of an inlier."""

    KEPT = 0
    KEPT_DISPLACED = 1
    REJECTED_INLIER = 2
    REJECTED = 3

    @property
    def words(self) -> str:
        """What a person reads."""
        return _WORDS[self]


_WORDS = ("kept and right", "kept but displaced", "rejected though right", "rejected")


def classes_of(kept: Mask, inlier: Mask) -> NDArray[np.uint8]:
    """Return the `MatchClass` of each match, shape (M,)."""
    return np.where(kept, np.where(inlier, 0, 1), np.where(inlier, 2, 3)).astype(np.uint8)


def classes_under(
    test: Consistency, rule: str, *, error_margin: float, position_tolerance: float
) -> NDArray[np.uint8]:
    """Return the `MatchClass` of each match were `rule`, ``radial`` or ``position``, in use."""
    inlier = within_tolerance(test.displacement, position_tolerance)
    kept = within_margin(test.ratio, error_margin) if rule == "radial" else inlier
    return classes_of(kept, inlier)


def class_counts(classes: NDArray[np.uint8]) -> tuple[int, ...]:
    """Return how many matches each `MatchClass` has."""
    return tuple(np.bincount(classes, minlength=len(MatchClass)).tolist())


@dataclass(frozen=True, eq=False)
class Centre:
    """Where most displacements lie.

    Attributes
    ----------
    at : ndarray, shape (2,)
        In LR px.
    covariance : ndarray, shape (2, 2)
        Of `at`.
    freedom : float
        Degrees of freedom that it is known with.
    matches : int
        That agree on it.
    spread : float
        Standard deviation of one of them along an axis, in LR px.
    """

    at: Floats
    covariance: Floats
    freedom: float
    matches: int
    spread: float

    @property
    def u95(self) -> float:
        """Half of the 95% interval, the larger axis, in LR px."""
        return float(quantile(self.freedom) * np.sqrt(np.diag(self.covariance).max()))

    def region(self, points: int = 73) -> Floats:
        """Return the edge of the 95% region of both axes together, a closed ellipse, (N, 2)."""
        angle = np.linspace(0, 2 * np.pi, points)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        result: Floats = self.at + self.reach * circle @ _root(self.covariance)
        return result

    @property
    def reach(self) -> float:
        """Standard deviations from `at` to the edge of that region (Hotelling's T squared)."""
        rest = max(self.freedom - 1, 1.0)
        f = rest / 2 * (0.05 ** (-2 / rest) - 1)  # the 95% quantile of F with 2 and `rest`
        return float(np.sqrt(2 * self.freedom / rest * f))


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    result: Floats = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return result


def robust_centre(displacement: Floats, places: Floats) -> Centre | None:
    """Return where most of the displacements lie, None where too few agree on a place.

    Tukey's biweight, begun where they are densest. Its covariance leaves out one cluster of
    matches after the other: those that are close in the picture share their errors.

    Parameters
    ----------
    displacement : ndarray, shape (M, 2)
        In LR px.
    places : ndarray, shape (M, 2)
        Where the matches are in LR.
    """
    agree = _agreeing(displacement)
    if agree.sum() < max(_FEWEST, _LEAST_SHARE * len(displacement)):
        return None
    near = displacement[agree]
    at, spread = _biweight(near)
    rest, cut = near - at, _CUT * spread
    inner = np.maximum(1 - (rest**2).sum(axis=1) / cut**2, 0)
    slopes = (inner**2)[:, None, None] * np.eye(2)
    slopes = slopes - 4 * (inner / cut**2)[:, None, None] * rest[:, :, None] * rest[:, None, :]
    covariance, freedom = jackknife(*_by_cluster(places[agree], slopes, inner[:, None] ** 2 * rest))
    return Centre(at, WIDER**2 * covariance, freedom, int(agree.sum()), spread)


def _by_cluster(places: Floats, slopes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Return the sums of both over matches that are close; of each match, where all are."""
    squares = np.floor(places / _CLUSTER).astype(np.int64)
    cells = squares[:, 0] * 1_000_003 + squares[:, 1]
    if len(np.unique(cells)) < _FEWEST:
        return slopes, scores
    return cell_sums(cells, slopes), cell_sums(cells, scores)


def _agreeing(displacement: Floats) -> Mask:
    """Return which displacements are about where they are densest."""
    if not len(displacement):
        return np.zeros(0, bool)
    some = displacement[:: -(-len(displacement) // _MOST_COMPARED)]
    apart = ((some[:, None] - some[None]) ** 2).sum(axis=2)
    at = some[np.argmax((apart <= _NEAR**2).sum(axis=1))]
    for _ in range(3):
        agree: Mask = ((displacement - at) ** 2).sum(axis=1) <= AGREES**2
        at = np.median(displacement[agree], axis=0)
    return agree


def _biweight(points: Floats) -> tuple[Floats, float]:
    """Return the centre of `points` by Tukey's biweight, and their spread along an axis."""
    at: Floats = np.median(points, axis=0)
    spread = max(1.4826 * float(np.median(np.abs(points - at))), _LEAST_SPREAD)
    for _ in range(30):
        inner = np.maximum(1 - ((points - at) ** 2).sum(axis=1) / (_CUT * spread) ** 2, 0)
        weights = inner**2
        before, at = at, weights @ points / max(float(weights.sum()), 1e-12)
        if np.abs(at - before).max() < _STILL * spread:
            break
    return at, spread


@dataclass(frozen=True, eq=False)
class CoarseField:
    """How each cell of LR is displaced, by its matches.

    Attributes
    ----------
    columns, rows : ndarray, shape (C + 1,) and (R + 1,)
        The edges of the cells, in LR px.
    moved : ndarray, shape (R, C, 2)
        In LR px; nan where it is not known.
    u95 : ndarray, shape (R, C)
        Half of its 95% interval, the larger axis; infinite where it is not known.
    matches : ndarray of int, shape (R, C)
        That agree on it.
    """

    columns: Floats
    rows: Floats
    moved: Floats
    u95: Floats
    matches: Ints

    @property
    def known(self) -> Mask:
        """Cells of which something is known, shape (R, C)."""
        result: Mask = np.isfinite(self.u95)
        return result

    @property
    def zero(self) -> Mask:
        """Known cells that may lie where they should: 0 is within the interval."""
        result: Mask = self.known & (np.hypot(*np.moveaxis(self.moved, 2, 0)) <= self.u95)
        return result


def coarse_field(matches: Matches, test: Consistency, size: tuple[int, int]) -> CoarseField:
    """Return the displacement of each cell of LR that enough matches agree on.

    Parameters
    ----------
    matches : Matches
    test : Consistency
        Of these matches.
    size : (int, int)
        Width and height of LR.
    """
    columns, rows = _edges(size, len(matches))
    places = matches.lr_points.astype(np.float64)
    column = np.clip(np.searchsorted(columns, places[:, 0], "right") - 1, 0, len(columns) - 2)
    row = np.clip(np.searchsorted(rows, places[:, 1], "right") - 1, 0, len(rows) - 2)
    shape = len(rows) - 1, len(columns) - 1
    cell = row * shape[1] + column
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(shape[0] * shape[1] + 1))
    moved = np.full((*shape, 2), np.nan)
    spread = np.full(shape, np.nan)
    count = np.zeros(shape, np.int64)
    for index in range(shape[0] * shape[1]):
        inside = test.displacement[order[ends[index] : ends[index + 1]]]
        agree = _agreeing(inside)
        if agree.sum() >= max(_FEWEST, len(inside) / 2):
            at = divmod(index, shape[1])
            moved[at], spread[at] = _biweight(inside[agree])
            count[at] = agree.sum()
    return _with_intervals(columns, rows, moved, spread, count)


def _with_intervals(
    columns: Floats, rows: Floats, moved: Floats, spread: Floats, count: Ints
) -> CoarseField:
    """Return the field; a spread of few matches may be small by chance, the usual one is not."""
    usual = float(np.nanmedian(spread)) if count.any() else 0.0
    u95 = np.full(count.shape, np.inf)
    for at in np.argwhere(count):
        number = count[tuple(at)]
        wide = max(spread[tuple(at)], usual) / np.sqrt(number)
        u95[tuple(at)] = WIDER * quantile(float(number - 1)) * wide
    unknown = u95 > _TOLD
    u95[unknown], moved[unknown], count[unknown] = np.inf, np.nan, 0
    return CoarseField(columns, rows, moved, u95, count)


def _edges(size: tuple[int, int], matches: int) -> tuple[Floats, Floats]:
    """Return the edges of about square cells, with enough matches in each on average."""
    enough = float(np.sqrt(size[0] * size[1] * _A_CELL / max(matches, 1)))
    side = min(max(enough, max(size) / _MOST_CELLS, _SMALLEST_CELL), max(size))
    columns, rows = (
        np.linspace(-0.5, length - 0.5, max(round(length / side), 1) + 1) for length in size
    )
    return columns, rows


def field_before(field: CoarseField, told: Straightened, scale: int) -> CoarseField:
    """Return how the cells of `field`, of a straightened pair, were displaced without that.

    It is what the warp took away and what its matches show to be left; where nothing is known of
    what is left, nothing is told of before.

    Parameters
    ----------
    field : CoarseField
        Of the straightened pair.
    told : Straightened
        What was done to it.
    scale : int
        HR px an LR pixel, afterwards.
    """
    frame = Frame((1, 1), (float(scale), float(scale)))
    columns, rows = ((edges[:-1] + edges[1:]) / 2 for edges in (field.columns, field.rows))
    x, y = np.meshgrid(columns, rows)
    left, top = (cut / scale for cut in told.cut[:2])
    places = np.column_stack([x.ravel() + left, y.ravel() + top])  # in LR's grid, uncut
    if told.side == "lr":  # its pixels are others now: those that show HR's of this place
        places = applied(inverse(told.warp), applied(frame.nominal, places))
    taken = frame.displacement(told.warp, places).reshape(field.moved.shape)
    return replace(field, moved=field.moved + taken)
