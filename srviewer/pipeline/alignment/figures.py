"""The figures of a warp, each with half of its 95% interval."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.alignment.models import MODELS, Frame
from srviewer.pipeline.alignment.uncertainty import WIDER, quantile
from srviewer.pipeline.arrays import Floats

FLOOR = 5e-5  # LR px: where the least squares stops
_TINY = 1e-6


@dataclass(frozen=True)
class Figures:
    """What a warp does to LR's content.

    Attributes
    ----------
    shift : (float, float)
        How far LR's content is to the right of, and below, where a centred reduction puts it, at
        LR's centre, in LR px.
    magnification : (float, float)
        HR px an LR px, in x and y, at LR's centre.
    rotation : float
        Of LR against HR, in degrees, clockwise.
    u95 : tuple of float
        Half of the 95% interval of each: dx, dy, the two magnifications, and the rotation.
    """

    shift: tuple[float, float]
    magnification: tuple[float, float]
    rotation: float
    u95: tuple[float, float, float, float, float]

    @property
    def shift_u95(self) -> float:
        """Half of the 95% interval of the shift, the larger axis."""
        return max(self.u95[:2])


def figures_of(
    frame: Frame, warp: Floats, model: str, covariance: Floats, freedom: float
) -> Figures:
    """Return the figures of `warp`, whose parameters within `model` have this `covariance`."""
    values = _values(frame, warp)
    slopes = np.column_stack(
        [
            (_values(frame, frame.changed(warp, model, _TINY * step)) - values) / _TINY
            for step in np.eye(len(MODELS[model]))
        ]
    )
    spread = np.sqrt(np.diag(slopes @ covariance @ slopes.T))
    wide = WIDER * quantile(freedom) * spread
    wide[:2] = np.hypot(wide[:2], FLOOR)
    dx, dy, mx, my, rotation = values.tolist()
    udx, udy, umx, umy, urotation = wide.tolist()
    return Figures((dx, dy), (mx, my), rotation, (udx, udy, umx, umy, urotation))


def _values(frame: Frame, warp: Floats) -> Floats:
    centre = frame.centre
    moved = frame.displacement(warp, centre[None])[0]
    bottom = warp[2] @ [*centre, 1]
    top = warp[:2] @ [*centre, 1] / bottom
    jacobian = (warp[:2, :2] - np.outer(top, warp[2, :2])) / bottom
    magnification = np.hypot(*jacobian)
    forward = np.linalg.inv(jacobian)
    angle = np.degrees(np.arctan2(forward[1, 0] - forward[0, 1], forward[0, 0] + forward[1, 1]))
    return np.array([*moved, *magnification, angle])
