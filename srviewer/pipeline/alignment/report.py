"""An alignment as the JSON object of ``srviewer align``."""

from typing import Any

from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.verdict import judge
from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.patching import Windows


def report(a: Alignment, windows: WindowAlignment | None = None) -> dict[str, Any]:
    """Return all figures of `a` but its files; None where one is not known.

    `windows` is how each lies, None where that is not known.
    """
    figures, tone, sift = a.figures, a.tone, a.sift
    found = judge(a)
    return {
        "scale": a.sizes.scale,
        "sizes": {"hr": list(a.sizes.hr), "lr": list(a.sizes.lr)},
        "matches": {"total": a.matches, "inliers": 0 if sift is None else int(sift.inliers.sum())},
        "model": a.model,
        "shift": None
        if figures is None
        else {"dx": figures.shift[0], "dy": figures.shift[1], "u95": figures.shift_u95},
        "magnification": None
        if figures is None
        else dict(zip("xy", figures.magnification, strict=True)),
        "rotation": None if figures is None else figures.rotation,
        "residual": None if sift is None or not sift.inliers.any() else sift.residual,
        "estimators": {
            "sift": _xy(a.by_sift),
            "ecc": _xy(a.by_ecc),
            "disagreement": a.disagreement,
        },
        "tone": None
        if tone is None
        else {"gain": tone.gain, "offset": tone.offset, "gamma": tone.gamma},
        "windows": None if windows is None else windows.counts(),
        "verdict": found.verdict,
        "reason": found.reason,
        "remarks": list(found.remarks),
        "sentence": found.sentence,
        "orientation": a.orientation.words or None,
        "intervals": _intervals(a),
        "warp": None if a.warp is None else a.warp.tolist(),
    }


def window_rows(windows: Windows, found: WindowAlignment | None) -> list[dict[str, Any]]:
    """Return x, y (HR px), verdict, dx, dy and u95 (LR px) of every one of `windows`."""
    if found is None:
        return []
    columns = zip(
        windows.x.tolist(),
        windows.y.tolist(),
        [VERDICTS[number] for number in found.verdict],
        found.moved.tolist(),
        found.u95.tolist(),
        strict=True,
    )
    return [
        {"x": x, "y": y, "verdict": verdict, "dx": dx, "dy": dy, "u95": u95}
        for x, y, verdict, (dx, dy), u95 in columns
    ]


def _xy(moved: Floats | None) -> dict[str, float] | None:
    return None if moved is None else {"dx": float(moved[0]), "dy": float(moved[1])}


def _intervals(a: Alignment) -> dict[str, float] | None:
    """Return half of the 95% interval of each figure."""
    if a.figures is None:
        return None
    names = ("dx", "dy", "magnification_x", "magnification_y", "rotation")
    found = dict(zip(names, a.figures.u95, strict=True))
    if a.tone is not None:
        found |= dict(zip(("gain", "offset", "gamma"), a.tone.u95, strict=True))
    return found
