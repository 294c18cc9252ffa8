"""Every verdict on a window, which comes first, and what is said of matches and windows."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment import windows as aligned
from srviewer.pipeline.alignment.windows import WindowAlignment
from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.consistency import Consistency
from srviewer.pipeline.cropping import Box, Crop
from srviewer.pipeline.patching import Counts, Windows
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import Texture, TextureMeasure
from srviewer.pipeline.window_alignment import ALL, KEPT_WORDS, alignment_words, rejected_by
from srviewer.wording import apart, counted


class Verdict(IntEnum):
    """Why a window is kept or not.

    `EXCLUDED` stands above all others; of these the first that holds, in this order, is given.
    """

    KEPT = 0
    OUTSIDE_BOX = 1
    LITTLE_TEXTURE = 2
    FEW_MATCHES = 3
    MOVED = 4
    CHANGED = 5
    UNSURE = 6
    EXCLUDED = 7


EXCLUDED_WORDS = "excluded by hand"
MISALIGNED = {
    aligned.MOVED: Verdict.MOVED,
    aligned.CHANGED: Verdict.CHANGED,
    aligned.UNKNOWN: Verdict.UNSURE,
}
"""The verdict on a window that is rejected for how it lies, by that."""
REASONS = tuple(
    one for one in Verdict if one not in (Verdict.KEPT, Verdict.OUTSIDE_BOX, Verdict.EXCLUDED)
)
"""The verdicts by which windows inside the box are rejected."""


MATCH_WORDS = ("kept", "kept, though displaced", "rejected, though in place", "rejected")
"""Every verdict on a match in short, in the order in which they are sorted."""


def verdict_words(measure: TextureMeasure) -> dict[Verdict, str]:
    """Return every verdict in short, in the order in which lists have them."""
    return {
        Verdict.KEPT: "kept",
        Verdict.LITTLE_TEXTURE: measure.rejected,
        Verdict.FEW_MATCHES: "few matches",
        Verdict.MOVED: "moved",
        Verdict.CHANGED: "other content",
        Verdict.UNSURE: "alignment not known",
        Verdict.EXCLUDED: EXCLUDED_WORDS,
        Verdict.OUTSIDE_BOX: "outside the box",
    }


@dataclass(frozen=True, eq=False)
class Patches:
    """The verdict on each window.

    Attributes
    ----------
    verdict : ndarray of uint8, shape (N,)
        `Verdict` values.
    by_recipe : ndarray of uint8, shape (N,)
        What they were if nothing were excluded by hand.
    matches : ndarray of int32, shape (N,)
        Consistent matches in each window.
    candidates, kept : ndarray of bool, shape (N,)
        Windows inside the box, and those of them that become pairs.
    excluded : ndarray of bool, shape (N,)
        Windows that are excluded by hand, also those that something else would reject.
    misaligned : ndarray of bool, shape (N,)
        Windows that `keep_windows` rejects, also those that something else rejects.
    """

    verdict: NDArray[np.uint8]
    by_recipe: NDArray[np.uint8]
    matches: Counts
    candidates: Mask
    kept: Mask
    excluded: Mask
    misaligned: Mask

    @property
    def rejected(self) -> Mask:
        """Which candidates the recipe rejects and no person excluded."""
        return self.candidates & ~self.kept & ~self.excluded

    @property
    def by_thresholds(self) -> Mask:
        """Which candidates thresholds decide alone: neither alignment nor a person rejects them."""
        return self.candidates & ~self.excluded & ~self.misaligned

    @property
    def candidates_misaligned(self) -> int:
        """How many candidates `keep_windows` rejects, also those that something else rejects."""
        return int(np.count_nonzero(self.candidates & self.misaligned))

    @property
    def excluded_alone(self) -> int:
        """How many windows would be kept were they not excluded by hand."""
        return int(np.count_nonzero(self.excluded & (self.by_recipe == Verdict.KEPT)))


def judge(
    windows: Windows,
    texture: Texture,
    matches: Counts,
    box: Box | None,
    excluded: Mask,
    alignment: WindowAlignment | None = None,
    *,
    min_matches: int,
    keep_windows: str = ALL,
    **thresholds: float,
) -> Patches:
    """Give each window its verdict.

    Parameters
    ----------
    windows, texture
        The windows and what is in them.
    matches : ndarray of int32, shape (N,)
        Consistent matches in each window.
    box : Box or None
        Of HR; without one no window is a candidate.
    excluded : ndarray of bool, shape (N,)
        By hand, which stands above all other reasons.
    alignment : WindowAlignment, optional
        How each window of a given pair lies; all are kept where it is not known.
    min_matches, keep_windows, **thresholds
        As in the recipe: the texture is held against that of its measure.
    """
    candidates = windows.inside(box)
    fails = {
        Verdict.OUTSIDE_BOX: ~candidates,
        Verdict.LITTLE_TEXTURE: texture.deciding < thresholds[texture.measure.threshold],
        Verdict.FEW_MATCHES: matches < min_matches,
    }
    misaligned = np.zeros(len(windows), bool)
    if alignment is not None:
        found = rejected_by(alignment.verdict, keep_windows)
        fails |= {MISALIGNED[lies]: which for lies, which in found.items()}
        misaligned = np.logical_or.reduce([misaligned, *found.values()])
    by_recipe = np.full(len(windows), Verdict.KEPT, np.uint8)
    for reason in sorted(fails, reverse=True):
        by_recipe[fails[reason]] = reason
    verdict = by_recipe.copy()
    verdict[excluded] = Verdict.EXCLUDED
    kept = verdict == Verdict.KEPT
    return Patches(verdict, by_recipe, matches, candidates, kept, excluded, misaligned)


def match_sentence(test: Consistency, index: int, recipe: Recipe) -> str:
    """Return the verdict on the match `index`, and what the other test says of it."""
    ratio, kept, inlier = test.ratio[index], bool(test.kept[index]), bool(test.inlier[index])
    miss = float(np.hypot(*test.displacement[index]))
    away, tolerance = apart(miss, recipe.position_tolerance, 2)
    off = f"{away} LR px from its place; the tolerance is {tolerance} LR px"
    if recipe.consistency == "position":
        return f"{'kept' if kept else 'rejected'}: {off}"
    if not np.isfinite(ratio):
        return "rejected: its LR keypoint is the origin, where no ratio exists"
    miss_by, margin = apart(100 * abs(ratio - 1), 100 * recipe.error_margin, 1)
    limit = f"the margin is {margin} %"
    if kept:
        by = f"its distance from the origin is {miss_by} % off; {limit}"
        return f"kept: {by}" if inlier else f"{MATCH_WORDS[1]}: {off}"
    # Above 1 the LR keypoint is too near to the origin.
    side = "too near to" if ratio > 1 else "too far from"
    yet = f". Yet it is right: {off}" if inlier else ""
    return f"rejected: {miss_by} % {side} the origin; {limit}{yet}"


def window_sentence(
    patches: Patches,
    texture: Texture,
    box: Crop,
    alignment: WindowAlignment | None,
    index: int,
    recipe: Recipe,
) -> str:
    """Return the verdict on the window `index` with the figures that led to it."""
    verdict = Verdict(int(patches.by_recipe[index]))
    lies = "" if alignment is None else alignment_words(alignment, index)
    if verdict in MISALIGNED.values():
        words = f"rejected: {lies}; {KEPT_WORDS[recipe.keep_windows]}"
    else:
        words = _window_sentence(patches, texture, box, index, recipe, verdict)
        words += f"; {lies}" if lies else ""
    return f"{EXCLUDED_WORDS}; else {words}" if patches.excluded[index] else words


def _window_sentence(
    patches: Patches, texture: Texture, box: Crop, index: int, recipe: Recipe, verdict: Verdict
) -> str:
    measure = texture.measure
    held = measure.words(texture.deciding[index])
    if verdict is Verdict.OUTSIDE_BOX:
        return "no candidate: outside the box" if box.hr else f"no candidate: {box.reason}"
    if verdict is Verdict.LITTLE_TEXTURE:
        least = getattr(recipe, measure.threshold)
        if measure.share:
            has, needed = apart(100 * float(texture.deciding[index]), 100 * least, 1)
            return f"rejected: {has} % {measure.things}; at least {needed} % are needed"
        return f"rejected: {held}; {at_least(measure.amount(least))}"
    if verdict is Verdict.FEW_MATCHES:
        matches = counted(int(patches.matches[index]), "match", "matches")
        return f"rejected: {matches}; {at_least(str(recipe.min_matches))}"
    return f"kept: {held}"


def at_least(amount: str) -> str:
    """Return that so much is needed."""
    return f"at least {amount} {'is' if amount == '1' else 'are'} needed"
