"""How a given pair and each of its windows lie, as stages; `keep_windows` is held against them."""

from dataclasses import replace

import numpy as np

from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.verdict import OTHER, judge
from srviewer.pipeline.alignment.windows import (
    ALIGNED,
    CHANGED,
    MOVED,
    UNKNOWN,
    VERDICTS,
    WindowAlignment,
    align_windows,
)
from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.memory import require_aligning
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage

PAIR_STAGE = "pair_alignment"
_MOST_KNOWN = 200  # pairs
ALL, NOT_MOVED = "all", "not_moved"
KEPT = {ALL: VERDICTS, NOT_MOVED: (ALIGNED, CHANGED, UNKNOWN), ALIGNED: (ALIGNED,)}
"""The verdicts that each value of `keep_windows` keeps."""
KEPT_WORDS = {
    ALL: "all are kept",
    NOT_MOVED: "those that have not moved are kept",
    ALIGNED: "those that are aligned are kept",
}
_SAID = {ALIGNED: "aligned:", MOVED: "moved by", UNKNOWN: "alignment not known:"}


class KnownAlignments(dict[tuple[str, ...], Alignment]):
    """How the pairs lie that were looked at last: what is known of one is some arrays of cells."""

    def keep(self, key: tuple[str, ...], found: Alignment) -> None:
        """Keep it, and let go of the oldest beyond the most."""
        self[key] = found
        while len(self) > _MOST_KNOWN:
            del self[next(iter(self))]


def how_it_lies(
    image: SourceImage, progress: Progress = UNHEARD, known: KnownAlignments | None = None
) -> Alignment:
    """Return how the given LR of `image` lies, from `known` where its files are.

    Of its recipe only what no warp depends on may be another's: the warp is of the images alone.
    """
    assert image.lr is not None
    files = image.sha256, image.lr.sha256
    key = (*files, image.colour, image.lr.colour)
    found = known.get(key) if known is not None and all(files) else None
    if found is None:
        found = align(image.rgb, image.lr.rgb, progress=progress)
        if known is not None and all(files):
            known.keep(key, found)
    return found


def align_pair(
    image: SourceImage,
    pair: Pair,
    progress: Progress = UNHEARD,
    known: KnownAlignments | None = None,
) -> Alignment:
    """Return how a given `pair` lies as a whole, which depends on it alone: on no other knob.

    Parameters
    ----------
    image : SourceImage
        That the pair is of.
    pair : Pair
        Straightened or not.
    progress : Progress, optional
    known : KnownAlignments, optional
        How pairs lie that were not straightened; this one is kept there too.

    Raises
    ------
    NotEnoughMemoryError
    Cancelled
    """
    require_aligning(pair.size, pair.scale)
    told = replace(progress, report=lambda _, *done: progress.report(PAIR_STAGE, *done))
    if pair.straightened is None:
        return how_it_lies(image, told, known)
    return align(pair.hr, pair.lr, progress=told)


def align_pair_windows(
    pair: Pair, found: Alignment, windows: Windows, progress: Progress = UNHEARD
) -> WindowAlignment:
    """Return how each of `windows` of a given `pair` lies, which as a whole lies as `found`."""
    require_aligning(pair.size, pair.scale)
    lies = align_windows(found, pair.hr, pair.lr, windows, progress)
    return lies or _without_places(found, len(windows))


def _without_places(a: Alignment, count: int) -> WindowAlignment:
    """Return one verdict for all windows, where no place of LR is one of HR's."""
    verdict = UNKNOWN
    if a.orientation.words:
        verdict = MOVED
    elif judge(a).verdict == OTHER:
        verdict = CHANGED
    nowhere = np.full((count, 2), np.nan), np.full(count, np.inf)
    return WindowAlignment(*nowhere, np.full(count, VERDICTS.index(verdict)))


def alignment_words(a: WindowAlignment, window: int) -> str:
    """Return how a window lies, in words."""
    verdict, u95 = VERDICTS[int(a.verdict[window])], float(a.u95[window])
    dx, dy = a.moved[window].tolist()
    if verdict == CHANGED:
        return "other content: no displacement makes it HR's"
    if not np.isfinite(dx + dy + u95):
        return "moved: LR is turned" if verdict == MOVED else "alignment not known: no texture"
    lies = f"{dx:+.2f}, {dy:+.2f} \N{PLUS-MINUS SIGN} {u95:.2f} LR px"
    return f"{_SAID[verdict]} {lies}".replace("-", "\N{MINUS SIGN}")


def alignment_caption(a: WindowAlignment, window: int) -> str:
    """Return the same where there is little room."""
    verdict, off = VERDICTS[int(a.verdict[window])], float(np.hypot(*a.moved[window]))
    if verdict == CHANGED:
        return "other content"
    if verdict == UNKNOWN or not np.isfinite(off):
        return "not known how it lies" if verdict == UNKNOWN else "moved: LR is turned"
    return f"{verdict} by {off:.2f} LR px" if verdict == MOVED else f"aligned, {off:.2f} LR px off"


def rejected_by(verdicts: np.ndarray, keep_windows: str) -> dict[str, Mask]:
    """Return which windows `keep_windows` rejects, by the verdict that they are rejected for.

    Parameters
    ----------
    verdicts : ndarray of int, shape (N,)
        Which of `VERDICTS` each window has.
    keep_windows : str
        As in the recipe.
    """
    others = (one for one in VERDICTS if one not in KEPT[keep_windows])
    return {one: verdicts == VERDICTS.index(one) for one in others}
