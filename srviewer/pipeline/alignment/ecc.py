"""The second estimator: OpenCV's ECC between LR and HR reduced by the recipe's resizer."""

import numpy as np

from srviewer.pipeline.alignment.models import Frame
from srviewer.pipeline.arrays import FloatImage, Floats, Image, Mask
from srviewer.pipeline.opencv import cv2

_BLUR = (5, 5)
_STEPS, _STILL = 60, 1e-5


def ecc(
    reduced: FloatImage, lr: FloatImage, frame: Frame, start: Floats, trusted: Mask
) -> Floats | None:
    """Return the warp by which HR, `reduced` to LR's size, lies on `lr`; None where ECC fails.

    Both are blurred before the call, as the blur inside it is biased at the border
    (opencv#29774).

    Parameters
    ----------
    reduced, lr : ndarray of float32, shape (H, W)
    frame : Frame
    start : ndarray, shape (3, 3)
        A warp, from LR's pixels to HR's.
    trusted : ndarray of bool, shape (H, W)
        Pixels of LR that are looked at.
    """
    inside = np.linalg.inv(frame.nominal) @ start
    is_shift = np.allclose(inside[:2, :2], np.eye(2), atol=1e-9) and not inside[2, :2].any()
    kind = cv2.MOTION_TRANSLATION if is_shift else cv2.MOTION_HOMOGRAPHY
    matrix = (inside / inside[2, 2]).astype(np.float32)[: 2 if is_shift else 3]
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _STEPS, _STILL)
    template, image = (cv2.GaussianBlur(side, _BLUR, 0) for side in (lr, reduced))
    try:
        _, found = cv2.findTransformECC(
            template, image, matrix, kind, criteria, _inside(trusted, inside), 1
        )
    except cv2.error:
        return None
    whole = np.vstack([found, [0, 0, 1]]) if is_shift else found
    warp: Floats = frame.nominal @ whole.astype(np.float64)
    return warp if np.isfinite(warp).all() else None


def _inside(trusted: Mask, matrix: Floats) -> Image:
    """Return `trusted` as ECC takes it: on the reduced HR, where `matrix` takes LR's pixels."""
    height, width = trusted.shape
    mask: Image = cv2.warpPerspective(
        trusted.astype(np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST
    )
    return mask
