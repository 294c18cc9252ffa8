"""PSNR and SSIM of pairs by themselves, against what the manifest says of them.

Both are means over a patch of what depends on the patch alone, so that HR and the enlarged LR say
all there is to say, as long as they are stored as they were compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from srviewer.export.manifest import Row
from srviewer.export.verification.findings import METRICS, Finding
from srviewer.export.verification.interior import NOWHERE, Span, enlarged
from srviewer.export.verification.reading_back import Layout
from srviewer.pipeline.arrays import AnyImage
from srviewer.pipeline.metrics import PEAK, Quality, luma, map_quality, window_quality
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.recipe import SMALLEST_PATCH, Recipe

PSNR, PSNR_LIMIT, SSIM = "PSNR", "PSNR within limits", "SSIM"

# One unit of the last digit in the manifest: both sides are rounded from the same number, which
# another machine may compute a few bits otherwise.
PSNR_UNIT, SSIM_UNIT = 1.01e-4, 1.01e-6
_NOISE = 1e-4  # levels: what is left of an error of 0 after sums over a large image


@dataclass(frozen=True)
class _Rule:
    """What can be said of the metrics of a pair as it is stored.

    Attributes
    ----------
    slack : float
        How far, in levels, stored values may lie from those that were compared, both together.
    share : float
        The side of what is stored of HR, as a part of the patch's.
    above : bool
        Whether the error may be no greater than what is stored says, within `slack`.
    ssim : float, optional
        How far SSIM may lie from what the manifest says; None where it cannot be said.
    """

    slack: float
    share: float
    above: bool
    ssim: float | None


def _rule(layout: Layout, recipe: Recipe) -> _Rule | None:
    if not recipe.quantize_after and recipe.metrics_on == "y" and layout.values != "rgb":
        return None  # what was cut off LR in one channel may move luma either way
    slack = {"rgb": 0.0, "luma": layout.tolerance, "rounded luma": 1.0}[layout.values]
    if not recipe.quantize_after:
        slack += 0.5  # LR was compared before it was rounded
    # By Cauchy and Schwarz, the error of luma is at most 0.9945 of that of the three channels.
    of_luma = layout.values != "rgb" and recipe.metrics_on != "y"
    above = not layout.border and not of_luma
    ssim = None
    if slack < 0.01 and above:
        # An error of 2e-5 levels against sqrt(C2), 7.6 levels, and sums of it.
        ssim = SSIM_UNIT if layout.values == "rgb" else 1e-4
    return _Rule(slack, layout.hr / recipe.patch, above, ssim)


Pairs = Sequence[tuple[Row, AnyImage, AnyImage]]


def check_metrics(
    pairs: Pairs, layout: Layout, recipe: Recipe
) -> tuple[list[Finding], Counter[str]]:
    """Return what is wrong with the metrics of pairs, and on how many they were checked.

    Parameters
    ----------
    pairs : sequence of row, HR and LR
        As `Layout.kept` has them.
    layout : Layout
    recipe : Recipe
    """
    if recipe.lr_layout == "native":
        return _check_native(pairs, layout, recipe)
    if not pairs or layout.hr < SMALLEST_PATCH:  # no room for SSIM's window within the border
        return [], Counter()
    rule = _rule(layout, recipe)
    if rule is None:
        return [], Counter()
    border = layout.border
    hr = [pair[1] for pair in pairs]
    lr = [pair[2][border : border + layout.hr, border : border + layout.hr] for pair in pairs]
    found: list[Finding] = []
    quality = quality_alone(hr, lr, recipe.metrics_on if layout.values == "rgb" else "rgb")
    for index, (row, _, _) in enumerate(pairs):
        error = PEAK * 10 ** (-float(quality.psnr[index]) / 20)
        # What was cut off while LR was rounded may have been any amount.
        clipped = not recipe.quantize_after and (
            layout.values != "rgb" or bool(np.isin(lr[index], (0, 255)).any())
        )
        low = max(error - rule.slack, 0) * rule.share
        if clipped and recipe.metrics_on == "y":
            low = 0.0
        high = error + rule.slack if rule.above and not clipped else np.inf
        if not _agrees(float(row.psnr), low, high):
            expected = _limits(low, high) if rule.ssim is None else f"{quality.psnr[index]:.4f}"
            found.append(Finding(METRICS, row.hr, "PSNR", f"{expected} dB", f"{row.psnr} dB"))
        ssim = float(quality.ssim[index])
        if rule.ssim is not None and not abs(ssim - float(row.ssim)) <= rule.ssim:
            found.append(Finding(METRICS, row.hr, "SSIM", f"{ssim:.6f}", row.ssim))
    count = len(pairs)
    if rule.ssim is None:
        return found, Counter({PSNR_LIMIT: count})
    return found, Counter({PSNR: count, SSIM: count})


def _check_native(
    pairs: Pairs, layout: Layout, recipe: Recipe
) -> tuple[list[Finding], Counter[str]]:
    """Check PSNR from above: the error of a patch is at least that of a part of it.

    LR in its own size decides only a part of the enlarged LR that was compared with HR.
    """
    found: list[Finding] = []
    counts: Counter[str] = Counter()
    if layout.values != "rgb" or layout.border or not recipe.quantize_after:
        return found, counts  # how LR was cut off at 0 and 255 is not to be seen
    for row, hr, lr in pairs:
        x, y = (Span(int(start), int(start) + recipe.patch, NOWHERE) for start in (row.x, row.y))
        if min(x.start, y.start) < 0 or x.start % recipe.scale or y.start % recipe.scale:
            continue
        part = enlarged(lr, x, y, recipe)
        height, width = part.pixels.shape[:2]
        if not part.pixels.size:
            continue
        top, left = part.y - y.start, part.x - x.start
        mine: AnyImage = hr[top : top + height, left : left + width]
        yours = part.pixels
        if recipe.metrics_on == "y":
            mine, yours = luma(mine)[..., None], luma(yours)[..., None]
        error = np.sqrt(np.square(mine - yours.astype(np.float64)).mean())
        # A few pixels in a hundred may be rounded the other way: see _LEVELS in pair_checks.
        low = max(float(error) - 0.25, 0) * np.sqrt(height * width) / recipe.patch
        counts[PSNR_LIMIT] += 1
        if not _agrees(float(row.psnr), low, np.inf):
            words = f"{_limits(low, np.inf)} dB"
            found.append(Finding(METRICS, row.hr, "PSNR", words, f"{row.psnr} dB"))
    return found, counts


def _agrees(psnr: float, low: float, high: float) -> bool:
    """Tell whether a PSNR, rounded to 4 decimals, may be that of an error from `low` to `high`."""
    digit = 10 ** (PSNR_UNIT / 20)
    error = PEAK * 10 ** (-psnr / 20)
    most, least = np.hypot(error * digit, _NOISE), max(error / digit - _NOISE, 0)
    return bool(most >= low and least <= high)


def _limits(low: float, high: float) -> str:
    most, least = (
        np.inf if not error else 20 * np.log10(PEAK / error) if np.isfinite(error) else -np.inf
        for error in (low, high)
    )
    if not np.isfinite(least):
        return f"at most {most:.4f}"
    return f"{least:.4f} to {most:.4f}"


def quality_alone(hr: Sequence[AnyImage], upscaled: Sequence[AnyImage], metrics_on: str) -> Quality:
    """Return PSNR and SSIM of patches, all of one size, each alone.

    Parameters
    ----------
    hr, upscaled : sequence of ndarray, shape (H, H, C)
    metrics_on : {'rgb', 'y'}
    """
    # One below the other: the windows of neither metric look across.
    side = hr[0].shape[0]
    maps = map_quality(np.concatenate(hr), np.concatenate(upscaled), metrics_on=metrics_on)
    y = np.arange(len(hr), dtype=np.int64) * side
    return window_quality(maps, Windows(np.zeros_like(y), y, len(hr), 1, side, side))


def metrics_differ(row: Row, psnr: float, ssim: float) -> list[Finding]:
    """Return how `row` differs from the metrics that its image gives."""
    found = []
    told = float(row.psnr)
    if told != psnr and not abs(told - psnr) <= PSNR_UNIT:
        found.append(Finding(METRICS, row.hr, "PSNR", f"{psnr:.4f} dB", f"{row.psnr} dB"))
    if not abs(float(row.ssim) - ssim) <= SSIM_UNIT:
        found.append(Finding(METRICS, row.hr, "SSIM", f"{ssim:.6f}", row.ssim))
    return found
