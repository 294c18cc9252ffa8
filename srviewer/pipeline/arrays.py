"""Names for the arrays that pass between the stages, and for their sizes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (H, W, 3) RGB or (H, W) grey, 0..255
FloatImage = NDArray[np.float32]  # the same, 0..255, not rounded
AnyImage = NDArray[Any]  # either of the two
Floats = NDArray[np.float64]
Points = NDArray[np.float32]  # (N, 2): x, y
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Size = tuple[int, int]  # (width, height) in pixels


def to_uint8(image: AnyImage) -> Image:
    """Return `image` rounded (half away from zero) and clipped to 0..255; uint8 passes as it is."""
    if image.dtype == np.uint8:
        return image
    rounded: Image = np.floor(np.clip(image, 0, 255) + 0.5).astype(np.uint8)
    return rounded
