"""The coarse field of a pair as it was before it was straightened, beside that of now."""

from dataclasses import replace

import numpy as np

from srviewer.pipeline.alignment.models import Frame, applied, inverse
from srviewer.pipeline.displacement import CoarseField
from srviewer.pipeline.pairing import Straightened


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
