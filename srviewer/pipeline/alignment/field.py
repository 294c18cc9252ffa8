"""How each cell of the picture lies, beside what a warp says of the whole."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import Floats, Ints, Mask

_FAR = 0.25  # LR px by which a cell is elsewhere
_OTHER = 0.5  # LR px: a misfit beyond it is other content
_TOLD = 0.2  # LR px: with a wider interval nothing is said of a cell
_PARTS, _FEWEST = 4, 3  # parts of the picture along a side, and cells in one
_NOISY = 2.0  # times the usual variance of the noise


@dataclass(frozen=True, eq=False)
class Field:
    """What is left in each cell that has pixels.

    Attributes
    ----------
    cells : ndarray of int, shape (C,)
        Their numbers, row by row.
    moved : ndarray, shape (C, 2)
        How much further the content of LR lies than the warp has it, in LR px.
    u95 : ndarray, shape (C,)
        Half of its 95% interval under the usual noise, the worse direction; infinite where there
        is no texture.
    misfit : ndarray, shape (C,)
        The residual beyond noise as a displacement: its root mean square over that of the
        gradient, in LR px.
    told : ndarray of bool, shape (C,)
        Cells with the texture to be told of, in one direction at least.
    wrong : ndarray of bool, shape (C,)
        Those of them that lie elsewhere than most, or hold something else.
    other : ndarray of bool, shape (C,)
        Cells that hold something else, be HR itself too flat there to be told of or not.
    noise : float
        The usual variance of the residual.
    """

    cells: Ints
    moved: Floats
    u95: Floats
    misfit: Floats
    told: Mask
    wrong: Mask
    other: Mask
    noise: float

    @property
    def wrong_share(self) -> float:
        """Share of the wrong cells of those that can be told of."""
        return float(self.wrong[self.told].mean()) if self.told.any() else 0.0


@dataclass(frozen=True, eq=False)
class Coarse:
    """The field in parts of the picture, of which there are 4 x 4, without the wrong cells.

    Attributes
    ----------
    parts : ndarray of int, shape (K,)
        Their numbers, row by row; those without texture are left out.
    moved : ndarray, shape (K, 2)
        As in `Field`.
    u95 : ndarray, shape (K,)
    """

    parts: Ints
    moved: Floats
    u95: Floats

    @property
    def surely(self) -> float:
        """How far content lies off at least, in LR px, in the part where it is worst."""
        off = np.hypot(*self.moved.T) - 2 * self.u95
        return float(max(off.max(initial=0.0), 0.0))


def coarse(field: Field, columns: int, rows: int) -> Coarse:
    """Return the means of `field`, whose cells stand in `columns` and `rows`, over each part."""
    good = field.told & ~field.wrong & np.isfinite(field.u95)
    x, y = field.cells[good] % columns, field.cells[good] // columns
    part = (y * _PARTS // rows) * _PARTS + x * _PARTS // columns
    weights = 1 / np.maximum(field.u95[good], 1e-6) ** 2
    mass = np.bincount(part, weights, _PARTS**2)
    cells = np.bincount(part, minlength=_PARTS**2)
    known = np.flatnonzero(cells >= _FEWEST)
    sums = [np.bincount(part, weights * axis, _PARTS**2) for axis in field.moved[good].T]
    moved = (np.array(sums)[:, known] / mass[known]).T
    # What cells of a part differ by tells more of their intervals than the noise alone.
    away = ((field.moved[good] - (np.array(sums) / np.maximum(mass, 1e-9)).T[part]) ** 2).max(
        axis=1
    )
    spread = np.bincount(part, weights * away, _PARTS**2)[known] / mass[known]
    u95 = 1.96 * np.sqrt(spread / np.maximum(cells[known] - 1, 1) + 1 / (1.96**2 * mass[known]))
    return Coarse(known, moved, u95)


def cell_sums(cells: Ints, values: Floats) -> Floats:
    """Return the sums of `values`, shape (N, ...), over each cell that has pixels, (C, ...)."""
    _, which = np.unique(cells, return_inverse=True)
    sums = [np.bincount(which, column) for column in values.reshape(len(values), -1).T]
    result: Floats = np.column_stack(sums).astype(np.float64).reshape(-1, *values.shape[1:])
    return result


def field_of(gradient: Floats, residual: Floats, cells: Ints) -> Field:
    """Return the field that is left in `residual`, by one step of least squares in each cell.

    Parameters
    ----------
    gradient : ndarray, shape (N, 2)
        Of the model, in grey levels an LR px.
    residual : ndarray, shape (N,)
        LR minus the model.
    cells : ndarray of int, shape (N,)
    """
    (gx, gy), ones = gradient.T, np.ones(len(cells))
    terms = (gx * gx, gx * gy, gy * gy, gx * residual, gy * residual, residual**2, ones)
    xx, xy, yy, xr, yr, rr, count = cell_sums(cells, np.column_stack(terms)).T
    determinant = xx * yy - xy * xy
    least = (xx + yy - np.hypot(xx - yy, 2 * xy)) / 2
    sane = (least > 1e-3 * count) & (determinant > 0)
    safe = np.where(sane, determinant, 1.0)
    # LR's content at x is the model's at x + step: it lies where the step is undone.
    moved = np.where(sane, -np.array([yy * xr - xy * yr, xx * yr - xy * xr]) / safe, 0.0).T
    noise = float(np.median(rr / count))
    u95 = np.where(sane, 1.96 * np.sqrt(noise / np.where(sane, least, 1.0)), np.inf)
    misfit = np.sqrt(np.maximum(rr - _NOISY * noise * count, 0) / np.maximum(xx + yy, 1e-9))
    told = 1.96 * np.sqrt(noise) <= _TOLD * np.sqrt(xx + yy)
    # By area: a block of its own may hold most of the texture.
    information = np.where(told & sane, 1.0, 1e-6)
    other = misfit > max(_OTHER, 4 * weighted_median(misfit, information))
    wrong = told & (other | _elsewhere(moved, u95, information))
    return Field(np.unique(cells), moved, u95, misfit, told, wrong, other, noise)


def _elsewhere(moved: Floats, u95: Floats, information: Floats) -> Mask:
    middle = [weighted_median(axis, information) for axis in moved.T]
    away = np.hypot(*(moved - middle).T)
    spread = 1.4826 * weighted_median(away, information)
    result: Mask = (away > np.maximum(_FAR, 4 * spread) + u95) & (u95 <= _TOLD)
    return result


def weighted_median(values: Floats, weights: Floats) -> float:
    """Return the value that has half of the `weights` on either side."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
