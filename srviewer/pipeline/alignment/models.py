"""The models of how LR lies on HR, from simple to rich, and their fit to matches.

A *warp* is a matrix of shape (3, 3) that takes LR pixels to HR pixels. A model says in which ways
a warp may change: each way is a generator, a matrix that acts on LR's centred coordinates, in
units of half of LR's longer side. Warps of one model form a group, so that an estimate is refined
by a small change of the LR side, whatever the model.
"""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import Floats, Size


def _generator(*entries: tuple[int, int, float]) -> Floats:
    matrix = np.zeros((3, 3))
    for row, column, value in entries:
        matrix[row, column] = value
    return matrix


_RIGHT, _DOWN = _generator((0, 2, 1)), _generator((1, 2, 1))
_WIDER, _HIGHER = _generator((0, 0, 1)), _generator((1, 1, 1))

MODELS: dict[str, tuple[Floats, ...]] = {
    "shift": (_RIGHT, _DOWN),
    "anamorphic": (_RIGHT, _DOWN, _WIDER, _HIGHER),
    "similarity": (_RIGHT, _DOWN, _WIDER + _HIGHER, _generator((0, 1, -1), (1, 0, 1))),
    "affine": (_RIGHT, _DOWN, _WIDER, _HIGHER, _generator((0, 1, 1)), _generator((1, 0, 1))),
}
MODELS["homography"] = (*MODELS["affine"], _generator((2, 0, 1)), _generator((2, 1, 1)))
"""The generators of each model, from simple to rich."""


@dataclass(frozen=True)
class Frame:
    """Where pixels of LR are by the sizes alone, and the coordinates that models are written in.

    Attributes
    ----------
    lr : (int, int)
        Width and height of LR.
    ratio : (float, float)
        HR pixels an LR pixel in x and y, as the sizes have it.
    """

    lr: Size
    ratio: tuple[float, float]

    @property
    def nominal(self) -> Floats:
        """The warp of a centred reduction: the edges of the images lie on each other."""
        (sx, sy) = self.ratio
        return np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1.0]])

    @property
    def mean_ratio(self) -> float:
        """HR pixels an LR pixel, at least 1."""
        return max(1.0, float(np.mean(self.ratio)))

    @property
    def unit(self) -> float:
        """The length of 1 in the models' coordinates, in LR pixels."""
        return max(self.lr) / 2

    @property
    def centre(self) -> Floats:
        """LR's centre, (x, y)."""
        return (np.array(self.lr, float) - 1) / 2

    @property
    def normalise(self) -> Floats:
        """The matrix from LR pixels to the models' coordinates."""
        x, y = self.centre
        matrix: Floats = np.array([[1, 0, -x], [0, 1, -y], [0, 0, self.unit]]) / self.unit
        return matrix

    def changed(self, warp: Floats, model: str, step: Floats) -> Floats:
        """Return `warp` after a small change of LR's side, `step` of each of the generators."""
        change = np.eye(3) + np.einsum("k,kij->ij", step, np.array(MODELS[model]))
        matrix = warp @ np.linalg.inv(self.normalise) @ change @ self.normalise
        result: Floats = matrix / matrix[2, 2]
        return result

    def motion(self, model: str, points: Floats) -> Floats:
        """Return how LR's `points` move with each generator, in LR px, shape (N, 2, K)."""
        u = np.column_stack([(points - self.centre) / self.unit, np.ones(len(points))])
        moved = np.einsum("kij,nj->nik", np.array(MODELS[model]), u)
        result: Floats = self.unit * (moved[:, :2] - u[:, :2, None] * moved[:, 2:])
        return result

    def displacement(self, warp: Floats, points: Floats) -> Floats:
        """Return how far LR's content at `points` is from its nominal place, in LR px, (N, 2)."""
        return points - self.nominal_places(applied(warp, points))

    def nominal_places(self, hr: Floats) -> Floats:
        """Return where the sizes alone put HR's points in LR, shape (N, 2)."""
        return applied(inverse(self.nominal), hr)


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of `matrix` in double precision."""
    return np.linalg.inv(matrix).astype(np.float64)


def applied(matrix: Floats, points: Floats) -> Floats:
    """Return `points`, shape (N, 2), taken through a projective `matrix` of shape (3, 3)."""
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    result: Floats = moved[:, :2] / moved[:, 2:]
    return result
