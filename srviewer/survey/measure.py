"""The survey of one image: the work of one task, whose result can be pickled."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srviewer.errors import ReadError
from srviewer.export.pairs import bgr
from srviewer.pipeline import patching
from srviewer.pipeline.analysis import Analysis, analyse_file
from srviewer.pipeline.arrays import Floats, Image
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.marks import mark_file
from srviewer.survey.encoding import encoded_sizes
from srviewer.survey.record import Content, Counts, Outline, Record, narrow

COMPUTES = 1  # raise it when the same recipe gives other numbers: older records are then done anew
SAMPLE = 8  # windows of an image that are encoded to estimate a data set's size


def measure_image(path: Path, recipe: Recipe, progress: Progress | None = None) -> Record:
    """Run the costly stages on the image file `path`, for every value of the deciding knobs.

    Raises
    ------
    SrviewerError
        As `analyse_file` does.
    """
    progress = progress or Progress()
    begun = time.perf_counter()
    mark = mark_file(path, progress)
    # These two do the most; what the other values need comes from their results.
    plain = recipe.replace(texture="sift", keypoint_scope="patch")
    a = analyse_file(path, plain, progress=progress)
    try:
        content = _content(a, progress)
        encoded = _encoded(a)
    except MemoryError as error:
        raise ReadError("not enough memory for this image", path=path) from error
    except cv2.error as error:
        raise ReadError(f"OpenCV failed on it: {error.err}", path=path) from error
    outline = Outline(
        size=a.image.size,
        clean_size=a.pair.size,
        keypoints_hr=len(a.keypoints.hr),
        keypoints_lr=len(a.keypoints.lr),
        matches=len(a.matches),
        rows=a.windows.rows,
        columns=a.windows.columns,
        notes=a.notes,
        seconds=time.perf_counter() - begun,
        encoded=encoded,
    )
    return Record(mark, outline, content)


def _content(a: Analysis, progress: Progress) -> Content:
    grey, windows = a.keypoints.hr_grey, a.windows
    canny: dict[str, Any] = {"canny_low": a.recipe.canny_low, "canny_high": a.recipe.canny_high}
    everywhere = np.ones(len(windows), bool)
    alone = patching.edge_density_alone(grey, windows, everywhere, **canny, progress=progress)
    return Content(
        hr_points=a.matches.hr_points,
        lr_points=a.matches.lr_points,
        keypoints_patch=narrow(a.texture.keypoints),
        keypoints_image=narrow(patching.count_points(windows, a.keypoints.hr.points)),
        edges_patch=_pixels(alone, windows.patch),
        edges_image=_pixels(patching.edge_density_of_image(grey, windows, **canny), windows.patch),
        psnr=a.quality.psnr.astype(np.float32),
        ssim=a.quality.ssim.astype(np.float32),
    )


def _pixels(density: Floats, patch: int) -> Counts:
    """Return the whole numbers of edge pixels that `density` is made from."""
    return narrow(np.rint(density * patch**2).astype(np.int64))


def _encoded(a: Analysis) -> dict[str, float]:
    """Return the mean bytes of a pair, by format and LR layout, over a sample of the windows.

    The sample is spread over those that hold the most keypoints, half of all: those are what
    recipes keep.
    """
    order = np.argsort(-a.texture.keypoints, kind="stable")
    held = order[: max(1, len(order) // 2)]
    chosen = held[np.unique(np.linspace(0, len(held) - 1, SAMPLE).astype(int))]
    sums: defaultdict[str, float] = defaultdict(float)
    for layout, pairs in _layouts(a).items():
        for index in chosen:
            for patch in pairs.cut(int(index)):
                for name, size in encoded_sizes(patch).items():
                    sums[f"{name} {layout}"] += size
    return {name: total / len(chosen) for name, total in sums.items()}


@dataclass(frozen=True)
class _Pairs:
    """HR and LR of a layout, in OpenCV's channel order."""

    hr: Image
    lr: Image
    shrink: int
    windows: patching.Windows

    def cut(self, index: int) -> Iterator[Image]:
        """Yield HR and LR of the window `index`."""
        rows, columns = self.windows.pixels(index)
        yield self.hr[rows, columns]
        by = self.shrink
        yield self.lr[rows.start // by : rows.stop // by, columns.start // by : columns.stop // by]


def _layouts(a: Analysis) -> dict[str, _Pairs]:
    """Return the pairs in every LR layout that the recipe's patch and stride allow."""
    scale, hr = a.recipe.scale, bgr(a.pair.hr)
    found = {"upscaled": _Pairs(hr, bgr(a.pair.upscaled), 1, a.windows)}
    if a.recipe.patch % scale == 0 and a.recipe.stride % scale == 0:
        found["native"] = _Pairs(hr, bgr(a.pair.lr), scale, a.windows)
    return found
