"""Which windows a list shows, and in which words: pure functions over arrays."""

from collections.abc import Sequence
from enum import Enum

import numpy as np

from srviewer.pipeline.alignment import windows
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.conditions import Condition, rows_meeting
from srviewer.pipeline.verdicts import at_least
from srviewer.pipeline.window_alignment import KEPT_WORDS
from srviewer.wording import counted


class Show(Enum):
    """Which windows are listed; the value is what a person reads."""

    IN_BOX = "all in the box"
    KEPT = "kept"
    REJECTED = "rejected"
    EXCLUDED = "excluded by hand"
    OUTSIDE = "outside the box"
    ALIGNED = "aligned"
    MOVED = "moved"
    CHANGED = "other content"
    UNSURE = "alignment not known"


LYING = {
    Show.ALIGNED: windows.ALIGNED,
    Show.MOVED: windows.MOVED,
    Show.CHANGED: windows.CHANGED,
    Show.UNSURE: windows.UNKNOWN,
}
"""What is listed of windows in the box of a given pair by how they lie, kept or not."""
ONLY_GIVEN = "known of given pairs only"


def group_of(a: Analysis, show: Show) -> Mask:
    """Return which windows belong to `show`, shape (N,)."""
    if show in LYING:
        lies = windows.VERDICTS.index(LYING[show])
        known = a.has("alignment")
        return a.patches.candidates & (a.alignment.verdict == lies if known else False)
    if show is Show.KEPT:
        return a.patches.kept
    if show is Show.EXCLUDED:
        return a.patches.candidates & a.patches.excluded
    if show is Show.REJECTED:
        return a.patches.rejected
    return a.patches.candidates if show is Show.IN_BOX else ~a.patches.candidates


def choose(
    a: Analysis,
    show: Show,
    conditions: Sequence[Condition[Analysis]] = (),
    *,
    order: Ints | None = None,
) -> Ints:
    """Return the numbers of the windows to list: in `order`, of shape (N,), or by place."""
    return rows_meeting(a, group_of(a, show), conditions, order)


def count_words(a: Analysis, show: Show, count: int) -> tuple[str, str]:
    """Return how many windows are listed of how many, and what these are."""
    if show is Show.OUTSIDE:
        return f"{count:,} of {len(a.windows):,}", "windows listed, of all in the image"
    total = int(a.patches.candidates.sum())
    return f"{count:,} of {total:,}", "windows listed, of those inside the box"


def why_empty(a: Analysis, show: Show, conditions: Sequence[Condition[Analysis]] = ()) -> str:
    """Return in words why no window is listed."""
    if group_of(a, show).any() and conditions:
        return "no window meets the conditions"
    if show is Show.OUTSIDE:
        return "no window lies outside the box"
    if a.box.hr is None:
        return f"no box: {a.why_no_box}"
    if not a.patches.candidates.any():
        width, height = a.box.hr.width, a.box.hr.height
        return f"no window lies inside the box of {width} x {height} px"
    if show is Show.EXCLUDED:
        return "no window is excluded by hand"
    if show in LYING:
        return _why_none_lies(a, show)
    return "no window is rejected" if show is Show.REJECTED else _why_none_kept(a)


def _why_none_lies(a: Analysis, show: Show) -> str:
    if a.image.lr is None:
        return f"how windows lie is {ONLY_GIVEN}"
    if not a.has("alignment"):
        return "how the windows lie is being found out"
    if show is Show.UNSURE:
        return "it is known of every window in the box how it lies"
    return f"no window in the box is {show.value}".replace("is other", "has other")


def _why_none_kept(a: Analysis) -> str:
    r, inside, measure = a.recipe, a.patches.candidates, a.texture.measure
    least = getattr(r, measure.threshold)
    values = a.texture.deciding[inside]
    rich = values >= least
    if not rich.any():
        has, needed = measure.words(np.nanmax(values)), at_least(measure.amount(least))
        return f"no window is kept; the highest has {has}, {needed}"
    matches = a.patches.matches[inside]
    passing = rich & (matches >= r.min_matches)
    if not passing.any():
        most = counted(int(matches[rich].max()), "match", "matches")
        return (
            f"no window is kept; of the {int(rich.sum()):,} with enough texture the highest has "
            f"{most}, {at_least(str(r.min_matches))}"
        )
    if a.patches.misaligned[inside][passing].all():
        both = "texture and matches" if r.min_matches else "texture"
        count = f"none of the {int(passing.sum()):,} with enough {both}"
        return f"no window is kept; {KEPT_WORDS[r.keep_windows]}, and {count} is"
    would = counted(a.patches.excluded_alone, "would be, and is", "would be, and are")
    return f"no window is kept; {would} excluded by hand"
