"""Which matches agree with the known scale, and by how much the others miss."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.arrays import Floats, Mask
from srviewer.pipeline.features import Matches

DETECTOR_OFFSET = 0.25  # px: OpenCV's SIFT sits this far off in x and y, in each image


@dataclass(frozen=True, eq=False)
class Consistency:
    """What the geometric tests say of each match.

    Attributes
    ----------
    kept : ndarray of bool, shape (M,)
        Matches that pass the test of the recipe.
    ratio : ndarray of float64, shape (M,)
        Distance of p_hr from the origin / scale / distance of p_lr; 1 is perfect, inf where
        p_lr is the origin.
    displacement : ndarray of float64, shape (M, 2)
        p_lr minus where the resize and the detector put p_hr, in LR pixels.
    inlier : ndarray of bool, shape (M,)
        Matches whose displacement is within `position_tolerance`, whatever the recipe's test: so
        matches can be kept and inliers, kept but displaced, rejected, or rejected though inliers.
    """

    kept: Mask
    ratio: Floats
    displacement: Floats
    inlier: Mask


def check_consistency(
    matches: Matches,
    *,
    scale: int,
    consistency: str,
    error_margin: float,
    position_tolerance: float,
) -> Consistency:
    """Test each match: ``radial`` is the article's, ``position`` knows directions too.

    radial
        1 - error_margin < ratio < 1 + error_margin.
    position
        Length of the displacement <= position_tolerance, in LR pixels.
    """
    ratio, displacement = measure(matches, scale)
    inlier = within_tolerance(displacement, position_tolerance)
    kept = within_margin(ratio, error_margin) if consistency == "radial" else inlier
    return Consistency(kept, ratio, displacement, inlier)


def measure(matches: Matches, scale: int) -> tuple[Floats, Floats]:
    """Return ratio and displacement of each match, as in `Consistency`."""
    hr = matches.hr_points.astype(np.float64)
    lr = matches.lr_points.astype(np.float64)
    hr_distance = np.sqrt(hr[:, 0] ** 2 + hr[:, 1] ** 2)
    lr_distance = np.sqrt(lr[:, 0] ** 2 + lr[:, 1] ** 2)
    ratio = np.full(len(hr), np.inf)
    np.divide(hr_distance / scale, lr_distance, out=ratio, where=lr_distance > 0)
    return ratio, lr - expected_lr(hr, scale)


def within_margin(ratio: Floats, error_margin: float) -> Mask:
    """Return which ratios pass the test ``radial``."""
    passed: Mask = (ratio > 1 - error_margin) & (ratio < 1 + error_margin)
    return passed


def within_tolerance(displacement: Floats, position_tolerance: float) -> Mask:
    """Return which displacements, shape (M, 2), pass the test ``position``."""
    passed: Mask = np.hypot(displacement[:, 0], displacement[:, 1]) <= position_tolerance
    return passed


def expected_lr(hr_points: Floats, scale: int) -> Floats:
    """Return where an LR keypoint is expected, shape (M, 2), for HR keypoints of shape (M, 2).

    The resize puts p_hr at (p_hr + 0.5) / scale - 0.5. Both keypoints carry the detector's
    offset; seen in LR, HR's is `scale` times smaller, so their difference remains.
    """
    return (hr_points + 0.5) / scale - 0.5 + DETECTOR_OFFSET * (1 - 1 / scale)
