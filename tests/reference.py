"""The pipeline once more, as a plain script would have it: other people's functions and loops.

It shares no line with srviewer, so the two agree only where both follow the description.
"""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image
from scipy.spatial import ConvexHull
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


@dataclass
class Script:
    hr: np.ndarray
    lr: np.ndarray
    upscaled: np.ndarray
    hr_points: list[tuple[float, float]]
    lr_points: list[tuple[float, float]]
    matches: list[tuple[int, int, float]]
    kept: list[int]
    box: tuple[int, int, int, int] | None
    windows: int = 0
    pairs: dict[tuple[int, int], tuple[int, float, float]] = field(default_factory=dict)


def run_script(
    rgb: np.ndarray,
    *,
    scale: int = 4,
    patch: int = 33,
    stride: int = 14,
    min_keypoints: int = 10,
    margin: float = 0.05,
    consistency: str = "radial",
    tolerance: float = 1.0,
    crop: str = "corners",
    scope: str = "patch",
) -> Script:
    """Run everything with Pillow's bicubic; the defaults are the article's."""
    height = rgb.shape[0] // scale * scale
    width = rgb.shape[1] // scale * scale
    hr = rgb[:height, :width].copy()
    small = Image.fromarray(hr).resize((width // scale, height // scale), Image.BICUBIC)
    lr, upscaled = np.array(small), np.array(small.resize((width, height), Image.BICUBIC))

    sift = cv2.SIFT_create()
    hr_found, hr_described = sift.detectAndCompute(cv2.cvtColor(hr, cv2.COLOR_RGB2GRAY), None)
    lr_found, lr_described = sift.detectAndCompute(cv2.cvtColor(lr, cv2.COLOR_RGB2GRAY), None)
    hr_points, lr_points = [k.pt for k in hr_found], [k.pt for k in lr_found]
    found = []
    if hr_found and lr_found:
        assert hr_described.dtype == np.float32
        found = cv2.BFMatcher(cv2.NORM_L1, crossCheck=True).match(hr_described, lr_described)
    matches = [(m.queryIdx, m.trainIdx, m.distance) for m in found]

    kept = []
    for number, (query, train, _) in enumerate(matches):
        p, q = hr_points[query], lr_points[train]
        if consistency == "radial":
            far = math.sqrt(q[0] ** 2 + q[1] ** 2)
            ratio = math.sqrt(p[0] ** 2 + p[1] ** 2) / scale / far if far else math.inf
            good = 1 - margin < ratio < 1 + margin
        else:
            offset = 0.25 * (1 - 1 / scale)
            dx = q[0] - ((p[0] + 0.5) / scale - 0.5 + offset)
            dy = q[1] - ((p[1] + 0.5) / scale - 0.5 + offset)
            good = math.sqrt(dx * dx + dy * dy) <= tolerance
        if good:
            kept.append(number)

    corners_hr = [hr_points[matches[number][0]] for number in kept]
    corners_lr = [lr_points[matches[number][1]] for number in kept]
    sides: tuple[float, ...] | None = (0, 0, width, height)
    if crop != "whole" and len(kept) < 4:
        sides = None
    elif crop == "bounding":
        xs, ys = zip(*corners_hr, strict=True)
        sides = (min(xs), min(ys), max(xs), max(ys))
    elif crop == "corners":
        sides = _corner_sides(corners_hr, corners_lr, scale, margin)
    box = None
    if sides is not None:
        x0, y0 = math.ceil(sides[0] / scale) * scale, math.ceil(sides[1] / scale) * scale
        x1, y1 = math.floor(sides[2] / scale) * scale, math.floor(sides[3] / scale) * scale
        if x1 - x0 >= patch and y1 - y0 >= patch:
            box = (x0, y0, x1, y1)
    script = Script(hr, lr, upscaled, hr_points, lr_points, matches, kept, box)
    if box is None:
        return script

    for y in range(0, height - patch + 1, stride):
        for x in range(0, width - patch + 1, stride):
            if x < box[0] or y < box[1] or x + patch > box[2] or y + patch > box[3]:
                continue
            script.windows += 1
            if scope == "patch":
                part = np.ascontiguousarray(hr[y : y + patch, x : x + patch])
                count = len(sift.detect(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), None))
            else:
                count = sum(
                    x <= math.floor(px + 0.5) < x + patch and y <= math.floor(py + 0.5) < y + patch
                    for px, py in hr_points
                )
            if count < min_keypoints:
                continue
            one = hr[y : y + patch, x : x + patch]
            other = upscaled[y : y + patch, x : x + patch]
            script.pairs[x, y] = (count, psnr(one, other), ssim(one, other))
    return script


def _corner_sides(
    hr: list[tuple[float, float]], lr: list[tuple[float, float]], scale: int, margin: float
) -> tuple[float, ...] | None:
    vertices = {hr[vertex] for vertex in ConvexHull(np.array(hr)).vertices}
    xs, ys = zip(*hr, strict=True)

    def nearest(x: float, y: float) -> int:
        best, best_distance = -1, math.inf
        for number, point in enumerate(hr):
            distance = math.dist(point, (x, y))
            if point in vertices and distance < best_distance:
                best, best_distance = number, distance
        return best

    tl, tr = nearest(min(xs), min(ys)), nearest(max(xs), min(ys))
    bl, br = nearest(min(xs), max(ys)), nearest(max(xs), max(ys))

    def inner(points: list[tuple[float, float]]) -> tuple[float, ...]:
        return (
            max(points[tl][0], points[bl][0]),
            max(points[tl][1], points[tr][1]),
            min(points[tr][0], points[br][0]),
            min(points[bl][1], points[br][1]),
        )

    sides = inner(hr)
    for high, low in zip(sides, inner(lr), strict=True):
        if abs(scale * low - high) > margin * high + scale:
            return None
    return sides


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return scikit-image's PSNR of two images of 0..255."""
    if np.array_equal(one, other):
        return math.inf
    return float(peak_signal_noise_ratio(one, other, data_range=255))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Return scikit-image's SSIM of two images of 0..255, colour or of one channel."""
    return float(
        structural_similarity(
            one,
            other,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
            channel_axis=2 if one.ndim == 3 else None,
        )
    )


def article_sizes(width: int, ratio: float, most_steps: int = 200) -> int | None:
    """Return what the loop of the article's `get_sizes` ends at; None where it does not end."""
    for _ in range(most_steps):
        new_width = int(ratio * width)
        if new_width == 0:
            return None
        if 1 / (width / new_width) == ratio:
            return width
        width -= 1
    return None
