"""The kept pairs of an analysed image as they are stored: what the manifest tells, and bytes."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from srviewer.export.run_rows import Pair
from srviewer.export.selecting import most_keypoints
from srviewer.export.target import Target
from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import AnyImage, Image, Ints, to_uint8
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.metrics import box_quality
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import points_in
from srviewer.pipeline.progress import Progress
from srviewer.runs.inputs import Input


class EncodedPair(NamedTuple):
    """A pair as it is stored.

    Attributes
    ----------
    pair : Pair
        Of a container, `hr` and `lr` are both the pair's key: where it lies is known once all are
        there.
    hr, lr : bytes
        Files of a folder format, or the payloads of a container.
    """

    pair: Pair
    hr: bytes
    lr: bytes


def encoded_pairs(
    analysis: Analysis, image: Input, target: Target, progress: Progress, *, whole: bool = False
) -> Iterator[EncodedPair]:
    """Yield the pairs that an export to `target` keeps of an image, in the manifest's order.

    Parameters
    ----------
    analysis : Analysis
        Complete, under the target's recipe.
    image : Input
        The image, for its names.
    target : Target
    progress : Progress
        Told of ``write`` pair by pair, asked between pairs whether to stop.
    whole : bool
        Whether the whole box is its one pair, if it keeps any.
    """
    a = analysis
    kept = np.flatnonzero(a.patches.kept)
    kept = kept[most_keypoints(a.texture.keypoints[kept], target.options.max_per_image)]
    if not len(kept):
        return
    shrink = target.shrink
    hr, lr = a.pair.hr, a.pair.lr if shrink > 1 else a.pair.upscaled
    if whole and a.box.hr is not None:
        width, height = a.box.hr.size
        rows: Iterable[Any] = [_figures_of_box(a, a.box.hr)]
    else:
        width = height = a.windows.patch
        found = (a.windows.x, a.windows.y, a.texture.keypoints, a.patches.matches)
        columns = [values[kept].tolist() for values in (*found, a.quality.psnr, a.quality.ssim)]
        rows = zip(*columns, _lying(a, kept), strict=True)
    for done, (x, y, keypoints, matches, psnr, ssim, lying) in enumerate(progress.each(rows), 1):
        high, low = (
            bgr(source[y // step : (y + height) // step, x // step : (x + width) // step])
            for source, step in ((hr, 1), (lr, shrink))
        )
        names = target.places_at_first(image.stem, x, y)
        data = target.encode(high, "hr"), target.encode(low, "lr")
        sums = (hashlib.sha256(side).digest() for side in data)
        measured = f"{psnr:.4f}", f"{ssim:.6f}", lying
        pair = Pair(y, x, *names, keypoints, matches, *measured, *sums)
        yield EncodedPair(pair, *data)
        progress.report("write", done, len(kept))


def _figures_of_box(a: Analysis, box: Box) -> tuple[int, int, int, int, float, float, str]:
    """Return what the manifest tells of a pair that is the whole box, which lies as no window."""
    matches = points_in(box, a.matches.hr_points[a.consistent.kept])
    counts = points_in(box, a.keypoints.hr.points), matches
    return box.x0, box.y0, *counts, *box_quality(a.quality_maps, box), ""


def _lying(a: Analysis, kept: Ints) -> list[str]:
    """Return what the manifest tells of how the windows `kept` lie; empty of made pairs."""
    if not a.has("alignment"):
        return [""] * len(kept)
    found = a.alignment
    # Zero is added so that a rounded -0.000 becomes 0.000.
    figures = np.round(np.column_stack([found.moved, found.u95])[kept], 3) + 0.0
    verdicts = [VERDICTS[number] for number in found.verdict[kept]]
    return [
        f"{verdict} {dx:.3f} {dy:.3f} {u95:.3f}"
        for verdict, (dx, dy, u95) in zip(verdicts, figures.tolist(), strict=True)
    ]


def bgr(image: AnyImage) -> Image:
    """Return an RGB image, shape (H, W, 3), as uint8 in OpenCV's channel order."""
    converted: Image = cv2.cvtColor(to_uint8(image), cv2.COLOR_RGB2BGR)
    return converted
