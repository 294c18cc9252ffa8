"""SIFT keypoints, and their matches between HR and LR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.allocator import give_back_memory
from srviewer.pipeline.arrays import Image, Points
from srviewer.pipeline.matching import choose_each_other
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Counted, Progress
from srviewer.pipeline.threads import run_in_threads

WHOLE_UP_TO = 12_000_000  # pixels; SIFT takes about 230 bytes a pixel, so 2.8 GB here
# Beside an HR of more than HUGE pixels there is less room: LR is searched whole up to fewer.
HUGE, WHOLE_BESIDE_HUGE = 50_000_000, 8_000_000
TILE, OVERLAP = 1024, 256  # px; their difference is a multiple of 128, so octaves line up

GIVE_BACK_ABOVE = 4_000_000  # pixels; what smaller images took is of use to the next one
MOST_TILES = 6  # at once: each takes about 240 MB
Table = tuple[NDArray[np.float32], NDArray[np.uint8]]
Span = tuple[int, int, float, float]


@dataclass(frozen=True)
class SiftSettings:
    """The arguments of ``cv2.SIFT_create``."""

    nfeatures: int = 0
    n_octave_layers: int = 3
    contrast_threshold: float = 0.04
    edge_threshold: float = 10.0
    sigma: float = 1.6

    @classmethod
    def of(cls, knobs: Mapping[str, Any]) -> SiftSettings:
        """Return the settings in a recipe's knobs by name."""
        return cls(**{one.name: knobs[f"sift_{one.name}"] for one in fields(cls)})

    def create(self) -> Any:
        """Return OpenCV's detector. One detector must not be shared by threads."""
        # By keyword: a sixth argument by place would be read as enable_precise_upscale.
        return cv2.SIFT_create(
            nfeatures=self.nfeatures,
            nOctaveLayers=self.n_octave_layers,
            contrastThreshold=self.contrast_threshold,
            edgeThreshold=self.edge_threshold,
            sigma=self.sigma,
        )


SIFT_KNOBS = tuple(f"sift_{one.name}" for one in fields(SiftSettings))
"""The knobs of the recipe that are these arguments."""


@dataclass(frozen=True, eq=False)
class Features:
    """Keypoints and their descriptors.

    Attributes
    ----------
    points : ndarray of float32, shape (N, 2)
        x and y in pixels of the image they were found in.
    sizes : ndarray of float32, shape (N,)
        Diameter of the neighbourhood in pixels.
    angles : ndarray of float32, shape (N,)
        Direction in degrees, clockwise from the x axis.
    descriptors : ndarray of uint8, shape (N, 128)
        SIFT's float descriptors hold whole numbers 0..255, so nothing is lost.
    """

    points: Points
    sizes: NDArray[np.float32]
    angles: NDArray[np.float32]
    descriptors: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Matches:
    """Keypoint pairs that choose each other.

    Attributes
    ----------
    hr_index, lr_index : ndarray of int, shape (M,)
        Which keypoints; `hr_index` ascends.
    distance : ndarray of float32, shape (M,)
        L1 distance of the descriptors.
    hr_points, lr_points : ndarray of float32, shape (M, 2)
        Their places, each in pixels of its own image.
    """

    hr_index: NDArray[np.int32]
    lr_index: NDArray[np.int32]
    distance: NDArray[np.float32]
    hr_points: Points
    lr_points: Points

    def __len__(self) -> int:
        return len(self.hr_index)


def detect(
    grey: Image, settings: SiftSettings, progress: Progress = UNHEARD, beside: int = 0
) -> Features:
    """Find SIFT keypoints in `grey`, uint8 of shape (H, W), and describe them.

    Images that `is_tiled` names are searched in overlapping tiles, which bounds the memory; of
    1,000 keypoints 999 are the same as in the whole image. `beside` are the pixels of HR where
    `grey` is its LR.
    """
    if is_tiled(grey.size, beside):
        found = _detect_in_tiles(grey, settings, progress)
    else:
        found = _features(*_table(grey, settings))
    if grey.size > GIVE_BACK_ABOVE:
        give_back_memory()
    return found


def is_tiled(pixels: int, beside: int = 0) -> bool:
    """Tell whether an image of so many pixels is searched in tiles.

    `beside` are the pixels of its HR where it is an LR.
    """
    return pixels > (min(WHOLE_BESIDE_HUGE, WHOLE_UP_TO) if beside > HUGE else WHOLE_UP_TO)


def _table(grey: Image, settings: SiftSettings) -> Table:
    """Return x, y, size, angle and response, shape (N, 5), and descriptors, shape (N, 128)."""
    keypoints, descriptors = settings.create().detectAndCompute(grey, None)
    if not keypoints:
        return np.empty((0, 5), np.float32), np.empty((0, 128), np.uint8)
    shapes = np.array([(k.size, k.angle, k.response) for k in keypoints], np.float32)
    table = np.hstack([cv2.KeyPoint_convert(keypoints), shapes])
    return table, descriptors.astype(np.uint8)


def _features(table: NDArray[np.float32], descriptors: NDArray[np.uint8]) -> Features:
    return Features(
        np.ascontiguousarray(table[:, :2]),
        np.ascontiguousarray(table[:, 2]),
        np.ascontiguousarray(table[:, 3]),
        descriptors,
    )


def _detect_in_tiles(grey: Image, settings: SiftSettings, progress: Progress) -> Features:
    height, width = grey.shape
    tiles = list(product(_tile_spans(height), _tile_spans(width)))
    unlimited = replace(settings, nfeatures=0)
    told = Counted(progress, "keypoints", len(tiles))

    def one(spans: tuple[Span, Span]) -> Table:
        progress.check()
        (top, bottom, y0, y1), (left, right, x0, x1) = spans
        table, descriptors = _table(grey[top:bottom, left:right], unlimited)
        table[:, :2] += (left, top)
        x, y = table[:, 0], table[:, 1]
        inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        told.add()
        return table[inside], descriptors[inside]

    found = run_in_threads(one, tiles, most=MOST_TILES)
    table = np.concatenate([part[0] for part in found])
    descriptors = np.concatenate([part[1] for part in found])
    if settings.nfeatures and len(table) > settings.nfeatures:
        strongest = np.argsort(-table[:, 4], kind="stable")[: settings.nfeatures]
        table, descriptors = table[strongest], descriptors[strongest]
    order = np.lexsort((table[:, 2], table[:, 1], table[:, 0]))  # OpenCV's own order
    return _features(table[order], descriptors[order])


def _tile_spans(length: int) -> list[Span]:
    """Return (start, end, first, past) a tile: its pixels, and the keypoints that are its own."""
    starts = list(range(0, max(length - OVERLAP, 1), TILE - OVERLAP))
    spans = []
    for number, start in enumerate(starts):
        last = number == len(starts) - 1
        first = start + OVERLAP / 2 if number else -np.inf
        past = np.inf if last else start + TILE - OVERLAP / 2
        spans.append((start, min(start + TILE, length), first, past))
    return spans


def match(hr: Features, lr: Features, progress: Progress = UNHEARD) -> Matches:
    """Match by brute force, L1, cross-checked: the same as ``cv2.BFMatcher`` finds.

    `progress` is told of the work, and asked now and then whether to stop.
    """
    found = choose_each_other(hr.descriptors, lr.descriptors, progress)
    return Matches(
        found.first.astype(np.int32),
        found.second.astype(np.int32),
        found.distance.astype(np.float32),
        hr.points[found.first],
        lr.points[found.second],
    )
