"""Why a match or a window is kept or rejected, in words and figures."""

from __future__ import annotations

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.patching import Verdict


def match_verdict(a: Analysis, index: int) -> str:
    """Return the verdict on the match `index`, and what the other test says of it."""
    r, test = a.recipe, a.consistent
    ratio, kept, inlier = test.ratio[index], bool(test.kept[index]), bool(test.inlier[index])
    miss = float(np.hypot(*test.displacement[index]))
    place = f"{miss:.2f} LR px from its place; the tolerance is {r.position_tolerance:g} LR px"
    if r.consistency == "position":
        return f"{'kept' if kept else 'rejected'}: {place}"
    if not np.isfinite(ratio):
        return "rejected: its LR keypoint is the origin, where no ratio exists"
    # The ratio is HR / LR, so above 1 the LR keypoint is too near to the origin.
    far = "too near to" if ratio > 1 else "too far from"
    by = f"{abs(ratio - 1):.1%} {far} the origin; the margin is {r.error_margin:.1%}"
    if kept:
        return f"kept: {by}" if inlier else f"kept, though displaced: {place}"
    return f"rejected: {by}" + (f". Yet it is right: {place}" if inlier else "")


def window_verdict(a: Analysis, index: int) -> str:
    """Return the verdict on the window `index` with the figures that led to it."""
    r = a.recipe
    keypoints, matches = int(a.texture.keypoints[index]), int(a.patches.matches[index])
    density = a.texture.edge_density
    edges = "" if density is None else f"{density[index]:.1%} edge pixels"
    verdict = Verdict(int(a.patches.verdict[index]))
    if verdict is Verdict.OUTSIDE_BOX:
        return "no candidate: outside the box" if a.box.hr else f"no candidate: {a.box.reason}"
    if verdict is Verdict.FEW_KEYPOINTS:
        return f"rejected: {keypoints} keypoints; at least {r.min_keypoints} are needed"
    if verdict is Verdict.FEW_EDGES:
        return f"rejected: {edges}; at least {r.min_edge_density:.1%} are needed"
    if verdict is Verdict.FEW_MATCHES:
        return f"rejected: {matches} matches; at least {r.min_matches} are needed"
    return f"kept: {edges or f'{keypoints} keypoints'}"
