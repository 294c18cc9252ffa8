"""An analysis in numbers and in words.

The numbers are what ``srviewer inspect`` prints and the export's text file tells, the words what
the window says of a match or a window.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.verdicts import MISALIGNED, Verdict
from srviewer.pipeline.window_alignment import KEPT_WORDS, alignment_words
from srviewer.wording import apart, counted


def mean_quality(analysis: Analysis) -> tuple[float | None, float | None]:
    """Return the mean PSNR in dB and the mean SSIM of the kept pairs, None without pairs.

    A pair whose HR and upscaled LR are identical has an infinite PSNR and would make the mean
    infinite; the mean is over the others, None where there are no others.
    """
    kept = analysis.patches.kept
    psnr = analysis.quality.psnr[kept]
    return _mean(psnr[np.isfinite(psnr)]), _mean(analysis.quality.ssim[kept])


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def summary_notes(analysis: Analysis) -> tuple[str, ...]:
    """Return the analysis's notes, and one where pairs are left out of the mean PSNR."""
    infinite = int(np.isinf(analysis.quality.psnr[analysis.patches.kept]).sum())
    if not infinite:
        return analysis.notes
    return (
        *analysis.notes,
        f"{infinite} kept pairs are identical to their reduction (PSNR infinite): "
        "not in the mean PSNR",
    )


def summarise(analysis: Analysis) -> dict[str, Any]:
    """Return a complete `analysis` as a JSON object.

    Keys: ``image``, ``lr`` (its file, where it was given), ``size`` and ``clean_size``
    ([width, height]), ``scale``, ``keypoints`` (``hr``, ``lr``), ``matches`` (``total``, ``kept``),
    ``box`` (``hr``, ``lr``, each [x0, y0, x1, y1] or null, and ``reason``), ``patches``
    (``total``, ``kept``,
    ``excluded``: by hand, that would be kept), ``alignment`` (how the windows in the box of a
    given pair lie, where that was asked for: ``aligned``, ``moved``, ``changed``, ``unknown``),
    ``kept_pairs`` (``mean_psnr`` in dB,
    ``mean_ssim``), ``notes``, ``seconds`` by stage.
    """
    a = analysis
    mean_psnr, mean_ssim = mean_quality(a)
    given = {} if a.image.lr is None else {"lr": str(a.image.lr.path)}
    return {
        "image": str(a.image.path),
        **given,
        "size": list(a.image.size),
        "clean_size": list(a.pair.size),
        "scale": a.recipe.scale,
        "keypoints": {"hr": len(a.keypoints.hr), "lr": len(a.keypoints.lr)},
        "matches": {"total": len(a.matches), "kept": int(a.consistent.kept.sum())},
        "box": {
            "hr": list(a.box.hr) if a.box.hr else None,
            "lr": list(a.box.lr) if a.box.lr else None,
            "reason": a.box.reason,
        },
        "patches": {
            "total": int(a.patches.candidates.sum()),
            "kept": int(a.patches.kept.sum()),
            "excluded": a.patches.excluded_alone,
        },
        **({"alignment": lying_counts(a)} if a.has("alignment") else {}),
        "kept_pairs": {"mean_psnr": mean_psnr, "mean_ssim": mean_ssim},
        "notes": list(summary_notes(a)),
        "seconds": {stage: round(seconds, 6) for stage, seconds in a.seconds.items()},
    }


def lying_counts(a: Analysis) -> dict[str, int]:
    """Return how many windows in the box lie how; empty where that is not known."""
    if not a.has("alignment"):
        return {}
    counts = np.bincount(a.alignment.verdict[a.patches.candidates], minlength=len(VERDICTS))
    return dict(zip(VERDICTS, counts.tolist(), strict=True))


def match_verdict(a: Analysis, index: int) -> str:
    """Return the verdict on the match `index`, and what the other test says of it."""
    r, test = a.recipe, a.consistent
    ratio, kept, inlier = test.ratio[index], bool(test.kept[index]), bool(test.inlier[index])
    miss = float(np.hypot(*test.displacement[index]))
    away, tolerance = apart(miss, r.position_tolerance, 2)
    off = f"{away} LR px from its place; the tolerance is {tolerance} LR px"
    if r.consistency == "position":
        return f"{'kept' if kept else 'rejected'}: {off}"
    if not np.isfinite(ratio):
        return "rejected: its LR keypoint is the origin, where no ratio exists"
    miss_by, margin = apart(100 * abs(ratio - 1), 100 * r.error_margin, 1)
    limit = f"the margin is {margin} %"
    if kept:
        by = f"its distance from the origin is {miss_by} % off; {limit}"
        return f"kept: {by}" if inlier else f"kept, though displaced: {off}"
    # Above 1 the LR keypoint is too near to the origin.
    side = "too near to" if ratio > 1 else "too far from"
    yet = f". Yet it is right: {off}" if inlier else ""
    return f"rejected: {miss_by} % {side} the origin; {limit}{yet}"


def window_verdict(a: Analysis, index: int) -> str:
    """Return the verdict on the window `index` with the figures that led to it."""
    verdict = Verdict(int(a.patches.verdict[index]))
    words = _window_verdict(a, index, verdict)
    if a.has("alignment") and verdict not in MISALIGNED.values():
        words += f"; {alignment_words(a.alignment, index)}"
    also = bool(a.patches.excluded[index]) and verdict is not Verdict.EXCLUDED
    return f"{words}; also excluded by hand" if also else words


def _window_verdict(a: Analysis, index: int, verdict: Verdict) -> str:
    r, measure = a.recipe, a.texture.measure
    held = measure.words(a.texture.deciding[index])
    if verdict is Verdict.OUTSIDE_BOX:
        return "no candidate: outside the box" if a.box.hr else f"no candidate: {a.box.reason}"
    if verdict is Verdict.LITTLE_TEXTURE:
        least = getattr(r, measure.threshold)
        if measure.share:
            has, needed = apart(100 * float(a.texture.deciding[index]), 100 * least, 1)
            return f"rejected: {has} % {measure.things}; at least {needed} % are needed"
        return f"rejected: {held}; {_at_least(measure.amount(least))}"
    if verdict is Verdict.FEW_MATCHES:
        matches = counted(int(a.patches.matches[index]), "match", "matches")
        return f"rejected: {matches}; {_at_least(str(r.min_matches))}"
    if verdict in MISALIGNED.values():
        return f"rejected: {alignment_words(a.alignment, index)}; {KEPT_WORDS[r.keep_windows]}"
    if verdict is Verdict.EXCLUDED:
        return f"excluded by hand; else kept: {held}"
    return f"kept: {held}"


def _at_least(amount: str) -> str:
    return f"at least {amount} {'is' if amount == '1' else 'are'} needed"
