"""The second estimator: OpenCV's ECC between LR and HR reduced by the recipe's resizer."""

import numpy as np

from srviewer.pipeline.alignment.models import Frame
from srviewer.pipeline.arrays import FloatImage, Floats, Image, Mask
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress

_BLUR = (5, 5)
_STEPS, _STILL = 60, 1e-5
_MOST = 12_500_000  # px of LR, around its centre, that are looked at: they take up to 1.5 GB
_AT_ONCE = 4_000_000  # px of LR, beyond which each step is a call, as a call cannot be stopped


def ecc(
    reduced: FloatImage,
    lr: FloatImage,
    frame: Frame,
    start: Floats,
    trusted: Mask,
    progress: Progress = UNHEARD,
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
    progress : Progress, optional
        Asked between the steps in a large LR whether to stop.
    """
    rows, columns = (_middle(side, lr.size) for side in lr.shape)
    begins = np.array([[1, 0, columns.start], [0, 1, rows.start], [0, 0, 1.0]])
    inside = np.linalg.inv(begins) @ np.linalg.inv(frame.nominal) @ start @ begins
    is_shift = np.allclose(inside[:2, :2], np.eye(2), atol=1e-9) and not inside[2, :2].any()
    kind = cv2.MOTION_TRANSLATION if is_shift else cv2.MOTION_HOMOGRAPHY
    matrix = (inside / inside[2, 2]).astype(np.float32)[: 2 if is_shift else 3]
    template, image = (cv2.GaussianBlur(side[rows, columns], _BLUR, 0) for side in (lr, reduced))
    try:
        found = _steps(
            template, image, matrix, kind, _inside(trusted[rows, columns], inside), progress
        )
    except cv2.error:
        return None
    whole = np.vstack([found, [0, 0, 1]]) if is_shift else found
    warp: Floats = frame.nominal @ begins @ whole.astype(np.float64) @ np.linalg.inv(begins)
    return warp if np.isfinite(warp).all() else None


def _middle(side: int, pixels: int) -> slice:
    """Return what is looked at of a `side` of a picture of so many `pixels`."""
    kept = side if pixels <= _MOST else int(side * (_MOST / pixels) ** 0.5)
    return slice((side - kept) // 2, (side + kept) // 2)


def _steps(
    template: FloatImage,
    image: FloatImage,
    matrix: FloatImage,
    kind: int,
    mask: Image,
    progress: Progress,
) -> FloatImage:
    """Return what `matrix` becomes in all steps, the same whether a call does one or all."""
    steps, at_once = _STEPS, _STEPS if template.size <= _AT_ONCE else 1
    alike, before = -1.0, -_STILL  # as OpenCV begins
    while steps > 0 and abs(alike - before) >= _STILL:
        progress.check()
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, at_once, _STILL)
        before = alike
        alike, matrix = cv2.findTransformECC(template, image, matrix, kind, criteria, mask, 1)
        steps -= at_once
    return matrix


def _inside(trusted: Mask, matrix: Floats) -> Image:
    """Return `trusted` as ECC takes it: on the reduced HR, where `matrix` takes LR's pixels."""
    height, width = trusted.shape
    mask: Image = cv2.warpPerspective(
        trusted.astype(np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST
    )
    return mask
