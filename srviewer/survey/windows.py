"""Every window of a surveyed set: which are kept and why not, in which order they are listed.

A window has a number that runs through all images of the set, so that a list of hundreds of
thousands is an array, and the same window has the same number under every recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.conditions import Condition
from srviewer.pipeline.exclusions import Window, windows_at
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import TextureMeasure, measure_of
from srviewer.pipeline.verdicts import MISALIGNED, REASONS, Verdict, verdict_words
from srviewer.pipeline.window_alignment import alignment_words
from srviewer.pipeline.window_filter import LYING, Show
from srviewer.survey.answer import threshold_level
from srviewer.survey.record import SurveyedImage, level_name
from srviewer.survey.whole_set import WholeSet

TEXTURE, PSNR, SSIM = "texture", "psnr", "ssim"
"""What windows are sorted by, besides by image."""
_VERDICTS = {
    Show.KEPT: (Verdict.KEPT,),
    Show.REJECTED: REASONS,
    Show.EXCLUDED: (Verdict.EXCLUDED,),
    Show.IN_BOX: tuple(Verdict),
}


@dataclass(frozen=True, eq=False)
class SetWindows:
    """The windows of a set under a recipe.

    Attributes
    ----------
    whole : WholeSet
    recipe : Recipe
    starts : ndarray of int64, shape (n + 1,)
        The number of each image's first window, and that past the last window of all.
    verdicts : ndarray of uint8, shape (N,)
        A `Verdict` each.
    inside : ndarray of bool, shape (N,)
        Those inside the boxes, excluded by hand or not.
    """

    whole: WholeSet
    recipe: Recipe
    starts: Ints
    verdicts: NDArray[np.uint8]
    inside: Mask

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def images(self) -> Sequence[SurveyedImage]:
        """The images, whose windows follow each other."""
        return self.whole.images

    def place(self, number: int) -> tuple[int, int]:
        """Return the image of a window, and its number in it."""
        image = int(np.searchsorted(self.starts, number, side="right")) - 1
        return image, number - int(self.starts[image])

    def corner(self, number: int) -> tuple[int, int]:
        """Return the top left HR pixel (x, y) of a window."""
        image, window = self.place(number)
        row, column = divmod(window, self.images[image].columns)
        return column * self.recipe.stride, row * self.recipe.stride

    def value(self, name: str, number: int) -> float:
        """Return what a window has of `TEXTURE`, as the threshold sees it, `PSNR` or `SSIM`."""
        image, window = self.place(number)
        if name != TEXTURE:
            return float(self.images[image].content[name][window])
        level = int(self.images[image].content[level_name(self.recipe)][window])
        return level / self.recipe.patch**2 if measure_of(self.recipe).share else level

    def values(self, name: str) -> Values:
        """Return what each window has of `TEXTURE`, `PSNR` or `SSIM`, shape (N,)."""
        content = level_name(self.recipe) if name == TEXTURE else name
        parts = (image.content[content] for image in self.images)
        found = np.concatenate([np.empty(0, np.float32), *parts], dtype=np.float32)
        share = name == TEXTURE and measure_of(self.recipe).share
        return found / np.float32(self.recipe.patch**2) if share else found

    def verdict(self, number: int) -> Verdict:
        """Return the verdict on a window."""
        return Verdict(int(self.verdicts[number]))

    def words(self, number: int) -> str:
        """Return the verdict on a window in words, and of a given pair how it lies."""
        words = verdict_words(measure_of(self.recipe))[self.verdict(number)]
        lies = self.lying(number)
        return f"{words}; {alignment_words(lies, 0)}" if lies else words

    def lying(self, number: int) -> WindowAlignment | None:
        """Return how a window of a given pair lies, by itself; None of one that was made."""
        image, window = self.place(number)
        content = self.images[image].content
        if "alignment" not in content:
            return None
        here = slice(window, window + 1)
        moved, u95, verdict = (content[name][here] for name in ("moved", "u95", "alignment"))
        return WindowAlignment(moved, u95, verdict)

    def group(self, show: Show) -> Mask:
        """Return which windows belong to `show`, shape (N,)."""
        if show in LYING:
            lying: Mask = self._lying == VERDICTS.index(LYING[show])
            return lying & self.inside
        if show is Show.OUTSIDE:
            return ~self.inside
        chosen: Mask = np.isin(self.verdicts, _VERDICTS[show]) & self.inside
        return chosen

    @cached_property
    def _lying(self) -> NDArray[np.uint8]:
        """Which of the alignment's `VERDICTS` each window has; of made pairs one beyond them."""
        none = len(VERDICTS)
        found = (
            image.content.get("alignment", np.full(image.windows, none, np.uint8))
            for image in self.images
        )
        return np.concatenate([np.empty(0, np.uint8), *found])

    @property
    def has_alignment(self) -> bool:
        """Whether it is known of any image how its windows lie."""
        return any("alignment" in image.content for image in self.images)

    @cached_property
    def candidates(self) -> int:
        """How many windows lie in the boxes."""
        return int(np.count_nonzero(self.inside))

    # What is excluded of them

    def _by_image(self, numbers: Ints) -> Iterator[tuple[SurveyedImage, Ints]]:
        """Yield each image that any of `numbers` is of, with its own numbers of those."""
        numbers = np.sort(numbers)
        cuts = np.searchsorted(numbers, self.starts)
        for image in np.flatnonzero(np.diff(cuts)).tolist():
            some = numbers[cuts[image] : cuts[image + 1]]
            yield self.images[image], some - self.starts[image]

    def _corners(self, image: SurveyedImage, windows: Ints) -> frozenset[Window]:
        stride, patch, scale = self.recipe.stride, self.recipe.patch, self.recipe.scale
        rows, columns = np.divmod(windows, image.columns)
        return windows_at(columns * stride, rows * stride, patch, scale)

    def _excluded(self, image: SurveyedImage, windows: Ints) -> Mask:
        """Return which windows of an image are excluded each, whatever else rejects them."""
        excluded = self.whole.exclusions.of(image.sha256)
        each: Mask = excluded.each(image.lay_windows(self.recipe), self.recipe.scale)[windows]
        return each

    def places(self, numbers: Ints) -> dict[str, frozenset[Window]]:
        """Return windows as exclusions know them, by the content of their images."""
        found: dict[str, frozenset[Window]] = {}
        for image, windows in self._by_image(numbers):
            mine = self._corners(image, windows)
            found[image.sha256] = found.get(image.sha256, frozenset()) | mine
        return found

    def are_excluded(self, numbers: Ints) -> bool:
        """Tell whether all of `numbers` are excluded each, whatever else rejects them."""
        by_image = self._by_image(numbers)
        return len(numbers) > 0 and all(self._excluded(*one).all() for one in by_image)

    def count_rejected(self, numbers: Ints) -> int:
        """Return how many of `numbers` are not excluded, and rejected all the same."""
        rejected = numbers[self.verdicts[numbers] != Verdict.KEPT]
        return sum(int((~self._excluded(*one)).sum()) for one in self._by_image(rejected))

    def renumbered(self, before: SetWindows, numbers: Ints) -> Ints:
        """Return those of another set's `numbers` that are here, by the numbers of this one."""
        if before.images is self.images or not len(numbers):
            return numbers
        here = {image.sha256: start for image, start in zip(self.images, self.starts, strict=False)}
        found = [
            windows + here[image.sha256]
            for image, windows in before._by_image(numbers)
            if image.sha256 in here
        ]
        return np.concatenate([np.empty(0, np.int64), *found])


def judge_windows(whole: WholeSet, recipe: Recipe, progress: Progress = UNHEARD) -> SetWindows:
    """Return all windows of a surveyed set with the verdicts of `recipe`.

    Raises
    ------
    SurveyError
        Where the recipe needs another survey.
    Cancelled
    """
    evidence = whole.evidence(recipe, progress)
    least, verdicts, insides = threshold_level(recipe), [], []
    for number, image in enumerate(progress.each(whole.images)):
        mine = np.full(image.windows, Verdict.KEPT, np.uint8)
        for lies, which in image.rejected_for(recipe.keep_windows).items():
            mine[which] = MISALIGNED[lies]
        passing = evidence.passing[number]
        if passing is not None:
            mine[~passing] = Verdict.FEW_MATCHES
        mine[evidence.levels[number] < least] = Verdict.LITTLE_TEXTURE
        r0, r1, c0, c1 = evidence.spans[number]
        inside = np.zeros((image.rows, image.columns), bool)
        inside[r0:r1, c0:c1] = True
        mine[~inside.ravel()] = Verdict.OUTSIDE_BOX
        if number in evidence.excluded:
            mine[evidence.excluded[number]] = Verdict.EXCLUDED
        verdicts.append(mine)
        insides.append(inside.ravel())
    counts = [image.windows for image in whole.images]
    starts = np.cumsum([0, *counts], dtype=np.int64)
    every = np.concatenate([np.empty(0, np.uint8), *verdicts])
    return SetWindows(whole, recipe, starts, every, np.concatenate([np.empty(0, bool), *insides]))


class ListOrder:
    """The order of all windows of a set by some value, found again only for other values."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._order: Ints | None = None

    def list(
        self,
        windows: SetWindows,
        show: Show,
        by: str | None,
        *,
        descending: bool,
        conditions: Sequence[Condition[SetWindows]] = (),
    ) -> Ints:
        """Return the numbers of the windows of `show` in order.

        Parameters
        ----------
        windows : SetWindows
        show : Show
        by : {'texture', 'psnr', 'ssim'} or None
            None is image by image, and by place in each.
        descending : bool
        conditions : sequence of Condition
            All of which they meet.
        """
        group = windows.group(show)
        for condition in conditions:
            group &= condition.holds(windows)
        if by is None:
            return np.flatnonzero(group)[:: -1 if descending else 1]
        name = level_name(windows.recipe) if by == TEXTURE else by
        key = (windows.images, name, descending)
        if self._order is None or key[1:] != self._key[1:] or key[0] is not self._key[0]:
            values = windows.values(by)
            order = np.argsort(-values if descending else values, kind="stable")
            # Half of the memory: there may be ten millions of them.
            self._order = order.astype(np.int32) if len(order) < 1 << 31 else order
            self._key = key
        chosen: Ints = self._order[group[self._order]].astype(np.int64)
        return chosen


@cache
def set_columns(measure: TextureMeasure) -> tuple[Column[SetWindows], ...]:
    """Return what conditions on the windows of a set can be on."""
    percent = 100 if measure.share else 1
    texture = Column[SetWindows](
        measure.quantity,
        measure.help,
        lambda windows: percent * windows.values(TEXTURE),
        decimals=int(measure.share),
        unit="%" if measure.share else "",
    )
    against = "of LR against HR"
    psnr = Column[SetWindows](PSNR, against, lambda of: of.values(PSNR), 2, title="PSNR", unit="dB")
    ssim = Column[SetWindows](SSIM, against, lambda of: of.values(SSIM), 3, title="SSIM")
    return texture, psnr, ssim


def count_words(windows: SetWindows, count: int) -> tuple[str, str]:
    """Return how many windows are listed of how many, and what these are."""
    many = len(windows.images)
    images = "the surveyed image" if many == 1 else f"all {many:,} surveyed images"
    words = f"{count:,} of {windows.candidates:,}"
    return words, f"windows listed, of those inside the boxes of {images}"


def why_empty(windows: SetWindows, show: Show, *, conditions: bool = False) -> str:
    """Return in words why no window of a set is listed."""
    if conditions and windows.group(show).any():
        return "no window meets the conditions"
    if not windows.candidates:
        return "no window lies inside the box of its image"
    if show is Show.UNSURE:
        return "it is known of every window how it lies"
    named = (Show.REJECTED, Show.EXCLUDED, *LYING)
    return f"no window of the set is {show.value if show in named else 'kept'}".replace(
        "is other", "has other"
    )
