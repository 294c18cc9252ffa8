"""The tone of LR against HR: LR = gain * HR^gamma + offset, HR and LR on 0..255.

The power is taken of HR / 255, so that the gain has no unit: with gamma 1 it is the usual one.
"""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.alignment.field import cell_sums
from srviewer.pipeline.alignment.registration import solve
from srviewer.pipeline.alignment.uncertainty import half_widths
from srviewer.pipeline.arrays import Floats, Ints

_DARK = 1.0  # grey levels: the power is not differentiable at 0
_CUT = (2.0, 253.0)  # beyond these, values may have been cut off
_FEW_LEVELS = 0.01  # spread of HR's levels, of 1
_FLAT = 0.02  # a smaller gain is not undone
_GAMMAS = (0.2, 5.0)
_ROUNDS, _STEPS = 4, 30


@dataclass(frozen=True)
class Tone:
    """Gain, offset and gamma, with half of the 95% interval of each."""

    gain: float
    offset: float
    gamma: float
    u95: tuple[float, float, float]


def tone_of(layers: Floats, lr: Floats, cells: Ints, weights: Floats) -> Tone | None:
    """Fit the tone to values of the same places; None where they hold too few levels.

    Tone and reduction are fitted in turn: the tone to HR as it is reduced, the reduction to LR
    without its tone.

    Parameters
    ----------
    layers : ndarray, shape (N, K)
        Grey levels of HR under each of the kernels that the reduction is a sum of.
    lr : ndarray, shape (N,)
        Grey levels of LR.
    cells : ndarray of int, shape (N,)
        Values of one cell are not independent of each other.
    weights : ndarray, shape (N,)
    """
    usable = (lr > _CUT[0]) & (lr < _CUT[1]) & (layers.min(axis=1) > _DARK) & (weights > 0)
    if usable.sum() < 100 or len(np.unique(cells[usable])) < 6:
        return None
    layers, lr = layers[usable] / 255, lr[usable] / 255
    cells, weights = cells[usable], weights[usable]
    if layers[:, -1].std() < _FEW_LEVELS:
        return None
    curve = _Curve(1.0, 0.0, 1.0)
    for _ in range(_ROUNDS):
        base = _reduced(layers, curve.undone(lr), weights)
        curve, terms, left = _fitted(base, lr, weights, curve.gamma)
    weighted = terms * weights[:, None]
    normals = cell_sums(cells, np.einsum("ni,nj->nij", weighted, terms))
    gain, offset, gamma = half_widths(normals, cell_sums(cells, weighted * left[:, None])).tolist()
    return Tone(curve.gain, 255 * curve.offset, curve.gamma, (gain, 255 * offset, gamma))


@dataclass(frozen=True)
class _Curve:
    """A tone on 0..1."""

    gain: float
    offset: float
    gamma: float

    def undone(self, lr: Floats) -> Floats:
        """Return HR's levels for those of LR."""
        gain = self.gain if abs(self.gain) > _FLAT else _FLAT
        result: Floats = np.clip((lr - self.offset) / gain, 1e-3, 2) ** (1 / self.gamma)
        return result


def _reduced(layers: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Return the sum of `layers` that comes nearest to the levels that are `wanted`."""
    # The sum of the weights is 1: one layer as it is, and differences to the others.
    differences = layers[:, :-1] - layers[:, -1:]
    result: Floats = layers[:, -1] + differences @ solve(
        differences, wanted - layers[:, -1], weights
    )
    return np.clip(result, 1e-3, 2)


def _fitted(
    base: Floats, lr: Floats, weights: Floats, gamma: float
) -> tuple[_Curve, Floats, Floats]:
    """Return the tone from `base` to `lr`, its derivatives, shape (N, 3), and what is left."""
    for _ in range(_STEPS):
        power = base**gamma
        ones = np.ones_like(power)
        gain, offset = solve(np.column_stack([power, ones]), lr, weights).tolist()
        terms = np.column_stack([power, ones, gain * power * np.log(base)])
        found = solve(terms, lr, weights)
        step = float(np.clip(found[2], -0.3, 0.3))
        gamma = float(np.clip(gamma + step, *_GAMMAS))
        if abs(step) < 1e-6:
            break
    return _Curve(gain, offset, gamma), terms, lr - terms @ found
