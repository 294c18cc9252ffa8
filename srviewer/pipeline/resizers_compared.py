"""How far the resizers are from each other, and what the choice of one does downstream."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from srviewer.pipeline import features
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.arrays import AnyImage, Floats, Size, to_uint8
from srviewer.pipeline.given_pairs import nearest_scale
from srviewer.pipeline.memory import require_bytes
from srviewer.pipeline.metrics import RADIUS, map_quality
from srviewer.pipeline.pairing import clean_size, grey
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from srviewer.pipeline.which_resizer import MAKING, every_resizer, psnr_between

_OUTPUT = 12  # bytes a pixel of an output that is kept, as float32


@dataclass(frozen=True)
class Effect:
    """What comes of an image whose LR this resizer made.

    Attributes
    ----------
    keypoints : int
        Of LR.
    matches : int
        With HR.
    consistent, kept : int or None
        Matches and pairs that the recipe keeps; None where the sizes are no whole scale.
    """

    keypoints: int
    matches: int
    consistent: int | None = None
    kept: int | None = None


@dataclass(frozen=True, eq=False)
class ResizersCompared:
    """All resizers on one image.

    Attributes
    ----------
    size : (int, int)
        Width and height that it was resized to.
    scale : int or None
        How many times that is smaller; None where it is no whole number.
    resizers : tuple of (str, str)
        Library and filter.
    psnr : ndarray of float64, shape (n, n)
        dB between the outputs of each two; inf where they are equal.
    ssim : ndarray of float64, shape (n, n)
        nan where the outputs are smaller than SSIM's window of 11 px.
    effects : tuple of Effect
    outputs : tuple of ndarray, shape (H, W, 3) each
        uint8, or float32 in 0..255 where the recipe does not quantise.
    """

    size: Size
    scale: int | None
    resizers: tuple[tuple[str, str], ...]
    psnr: Floats
    ssim: Floats
    effects: tuple[Effect, ...]
    outputs: tuple[AnyImage, ...]


def compare_resizers(
    image: SourceImage, size: Size, recipe: Recipe, progress: Progress = UNHEARD
) -> ResizersCompared:
    """Resize `image` to `size` with every resizer, and compare the outputs.

    Parameters
    ----------
    image : SourceImage
        Of a given pair its HR.
    size : (int, int)
        Width and height. Where the clean image is a whole number of times larger, it is trimmed
        first, as the pipeline does, and the pipeline is run with each resizer.
    recipe : Recipe
        Its scale and resizer do not matter.
    progress : Progress, optional
        Told of each resizer and of each two, asked now and then whether to stop.

    Raises
    ------
    SrviewerError
        As `srviewer.pipeline.analysis.analyse` does.
    """
    names = tuple(every_resizer())
    _require_memory(image.size, size, len(names))
    scale = _whole_scale(image.size, size)
    image, rgb = replace(image, lr=None), image.rgb  # the LR is to be the resizer's
    if scale is not None:
        rgb = np.ascontiguousarray(rgb[: scale * size[1], : scale * size[0]])
        recipe = recipe.replace(scale=scale)
    outputs, effects = [], []
    silent = replace(progress, report=UNHEARD.report)  # of the stages within
    analysis: Analysis | None = None
    sift = features.SiftSettings.of({name: getattr(recipe, name) for name in features.SIFT_KNOBS})
    found = None if scale is not None else features.detect(grey(rgb), sift, silent)
    for done, (library, name) in enumerate(names):
        progress.check()
        progress.report("resizers", done, len(names))
        how = {"resizer": library, "filter": name}
        if found is None:
            # All windows are looked into: what is found in HR is then found once for all resizers.
            analysis = analyse(image, recipe.replace(**how), previous=analysis, progress=silent)
            output: AnyImage = analysis.pair.lr
            effects.append(_effect_of(analysis))
        else:
            rounded = recipe.quantize_after
            output = resize(rgb, size, quantize_after=rounded, progress=silent, **how)
            low = features.detect(grey(output), sift, silent, rgb.shape[0] * rgb.shape[1])
            effects.append(Effect(len(low), len(features.match(found, low, silent))))
        outputs.append(output)
    count = len(names)
    psnr, ssim = np.full((count, count), np.inf), np.ones((count, count))
    if min(size) <= 2 * RADIUS:
        ssim[:] = np.nan
    for done, (one, other) in enumerate(progress.each(list(combinations(range(count), 2)))):
        progress.report("pairs of resizers", done, count * (count - 1) // 2)
        first, second = outputs[one], outputs[other]
        psnr[one, other] = psnr[other, one] = psnr_between(to_uint8(first), to_uint8(second))
        if min(size) > 2 * RADIUS:
            ssim[one, other] = ssim[other, one] = ssim_between(first, second)
    return ResizersCompared(size, scale, names, psnr, ssim, tuple(effects), tuple(outputs))


def _require_memory(hr: Size, lr: Size, count: int) -> None:
    """Raise where all outputs and the making of one take more memory than is free."""
    low, high = lr[0] * lr[1], max(hr[0] * hr[1], lr[0] * lr[1])
    require_bytes(_OUTPUT * count * low + MAKING * high, lr)


def _whole_scale(hr: Size, lr: Size) -> int | None:
    scale = nearest_scale(hr, lr)
    return scale if clean_size(*hr, scale) == (scale * lr[0], scale * lr[1]) else None


def _effect_of(a: Analysis) -> Effect:
    kept = int(a.consistent.kept.sum()), int(a.patches.kept.sum())
    return Effect(len(a.keypoints.lr), len(a.matches), *kept)


def ssim_between(one: AnyImage, other: AnyImage) -> float:
    """Return the mean SSIM of two images, shape (H, W, 3), each side at least 11 px."""
    maps = map_quality(one, other, metrics_on="rgb")
    rows, columns = (side - 2 * RADIUS for side in one.shape[:2])
    return float(maps.ssim[-1, -1] / (rows * columns))
