"""The pipeline against the bare calls of OpenCV that it cannot do without."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from srviewer.pipeline.analysis import analyse, analyse_file
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.pairing import grey, make_pair
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from tests.benchmarks.measuring import Figure, interleaved, percentile_95, seconds

_ROUNDS = 5


def bare_sift_and_match(hr: np.ndarray, lr: np.ndarray) -> None:
    """Detect in both images and match: the least that any implementation does."""
    sift = cv2.SIFT_create()
    _, hr_descriptors = sift.detectAndCompute(hr, None)
    _, lr_descriptors = sift.detectAndCompute(lr, None)
    matcher = cv2.BFMatcher(cv2.NORM_L1, crossCheck=True)
    matcher.match(hr_descriptors.astype(np.uint8), lr_descriptors.astype(np.uint8))


def bare_windows(hr: np.ndarray, patch: int, stride: int) -> None:
    """Detect in each window alone, on two threads."""
    height, width = hr.shape
    tops = range(0, height - patch + 1, stride)

    def row(top: int) -> None:
        sift = cv2.SIFT_create()
        for left in range(0, width - patch + 1, stride):
            sift.detect(hr[top : top + patch, left : left + patch], None)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(row, tops))


def measure(photograph: Path) -> list[Figure]:
    """Return the whole analysis against the bare calls, and what a moved threshold costs."""
    alone, within = Recipe(), Recipe(keypoint_scope="image")
    image = read_image(photograph)
    pair = make_pair(image.rgb, scale=4, resizer="pil", filter="bicubic", quantize_after=True)
    hr, lr = grey(pair.hr), grey(pair.lr)
    times = interleaved(
        {
            "bare": lambda: bare_sift_and_match(hr, lr),
            "image": lambda: analyse_file(photograph, within),
            "windows": lambda: bare_windows(hr, alone.patch, alone.stride),
            "patch": lambda: analyse_file(photograph, alone),
        },
        _ROUNDS,
    )
    bare, windows = times["bare"], times["windows"]
    whole = analyse(image, alone)
    keypoints = [
        seconds(lambda n=n: analyse(image, alone.replace(min_keypoints=n), previous=whole))
        for n in range(1, 60)
    ]
    margins = [
        seconds(lambda m=m: analyse(image, alone.replace(error_margin=m), previous=whole))
        for m in np.linspace(0.005, 0.25, 60).tolist()
    ]
    count = f"{len(whole.windows):,} windows"
    return [
        Figure(
            "analysis, scope image / bare SIFT and match",
            times["image"] / bare,
            1.5,
            "x",
            note=f"{times['image']:.2f} s / {bare:.2f} s",
        ),
        Figure(
            "analysis, scope patch / bare SIFT, match and windows",
            times["patch"] / (bare + windows),
            1.5,
            "x",
            note=f"{times['patch']:.2f} s / {bare + windows:.2f} s",
        ),
        Figure("new min_keypoints: new analysis, p95", percentile_95(keypoints) * 1e3, 5, "ms",
               note=count),
        Figure("new error_margin: new analysis, p95", percentile_95(margins) * 1e3, 5, "ms",
               note=count),
    ]  # fmt: skip
