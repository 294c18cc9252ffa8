"""An analysis in numbers and in words.

The numbers are what ``srviewer inspect`` prints and the export's text file tells, the words what
the window says of a match or a window.
"""

from typing import Any

import numpy as np

from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.verdicts import match_sentence, window_sentence


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
    return match_sentence(a.consistent, index, a.recipe)


def window_verdict(a: Analysis, index: int) -> str:
    """Return the verdict on the window `index` with the figures that led to it."""
    alignment = a.alignment if a.has("alignment") else None
    return window_sentence(a.patches, a.texture, a.box, alignment, index, a.recipe)
