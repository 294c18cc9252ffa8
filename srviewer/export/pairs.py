"""The kept pairs of an analysed image as they are stored: what the manifest tells, and bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from srviewer.export.run_rows import Pair
from srviewer.export.selecting import most_keypoints
from srviewer.export.target import Target
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import AnyImage, Image, to_uint8
from srviewer.pipeline.opencv import cv2
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
    analysis: Analysis, image: Input, target: Target, progress: Progress
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
    """
    a = analysis
    kept = np.flatnonzero(a.patches.kept)
    kept = kept[most_keypoints(a.texture.keypoints[kept], target.options.max_per_image)]
    if not len(kept):
        return
    patch, shrink = a.windows.patch, target.shrink
    hr, lr = a.pair.hr, a.pair.lr if shrink > 1 else a.pair.upscaled
    found = (a.windows.x, a.windows.y, a.texture.keypoints, a.patches.matches)
    columns = [values[kept].tolist() for values in (*found, a.quality.psnr, a.quality.ssim)]
    rows = progress.each(zip(*columns, strict=True))
    for done, (x, y, keypoints, matches, psnr, ssim) in enumerate(rows, 1):
        high, low = (
            bgr(source[y // step : (y + patch) // step, x // step : (x + patch) // step])
            for source, step in ((hr, 1), (lr, shrink))
        )
        names = target.places_at_first(image.stem, x, y)
        data = target.encode(high, "hr"), target.encode(low, "lr")
        sums = (hashlib.sha256(side).digest() for side in data)
        pair = Pair(y, x, *names, keypoints, matches, f"{psnr:.4f}", f"{ssim:.6f}", *sums)
        yield EncodedPair(pair, *data)
        progress.report("write", done, len(kept))


def bgr(image: AnyImage) -> Image:
    """Return an RGB image, shape (H, W, 3), as uint8 in OpenCV's channel order."""
    converted: Image = cv2.cvtColor(to_uint8(image), cv2.COLOR_RGB2BGR)
    return converted
