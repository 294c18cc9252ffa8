"""What a recipe makes of a whole image set."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from srviewer.pipeline.alignment.windows import ALIGNED, VERDICTS
from srviewer.pipeline.arrays import Floats, Ints
from srviewer.pipeline.recipe import KNOBS, Recipe, Value
from srviewer.pipeline.textures import measure_of
from srviewer.survey.geometry import Geometry
from srviewer.survey.record import SurveyedImage


@dataclass(frozen=True)
class Totals:
    """The set in numbers; means are over all kept pairs of the set, None without any.

    Attributes
    ----------
    images, failed, pending : int
        Images surveyed, those that failed, and those not surveyed yet.
    windows, candidates, pairs : int
        All windows, those inside a box, and those kept.
    mean_psnr : float or None
        dB, over the pairs whose PSNR is finite.
    mean_ssim : float or None
    infinite : int
        Kept pairs that are identical to their reduction.
    excluded : int
        Windows that would be kept were they not excluded by hand.
    """

    images: int
    failed: int
    pending: int
    windows: int
    candidates: int
    pairs: int
    mean_psnr: float | None
    mean_ssim: float | None
    infinite: int
    excluded: int = 0


@dataclass(frozen=True)
class Copies:
    """Which images of the set are copies, by name.

    Attributes
    ----------
    equal : tuple of tuple of str
        Those with equal content, for each such content.
    likely : tuple of tuple of str
        Those that look the same, as where one is the other encoded again, for each such picture.
    """

    equal: tuple[tuple[str, ...], ...] = ()
    likely: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ImageChange:
    """An image that a step makes empty, or brings back.

    Attributes
    ----------
    index : int
        In the answer's `images`.
    before, after : int
        Its pairs.
    """

    index: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Step:
    """What one step of a knob changes.

    Attributes
    ----------
    key : str
        The knob.
    recipe : Recipe
        The one after the step.
    pairs : int
        Of the whole set after the step.
    lost, won : tuple of ImageChange
        Images that fall to no pair, and those that come back from none, most pairs first.
    """

    key: str
    recipe: Recipe
    pairs: int
    lost: tuple[ImageChange, ...]
    won: tuple[ImageChange, ...]


@dataclass(frozen=True)
class Suggestion:
    """The highest threshold that still gives the wanted pairs.

    Attributes
    ----------
    wanted : int
        Pairs.
    key : str
        The threshold of the recipe's texture measure.
    value : int or float
        0 where even that gives too few.
    pairs : int
        What it gives.
    most : int
        What the lowest threshold gives: no wish above it can be met.
    """

    wanted: int
    key: str
    value: int | float
    pairs: int
    most: int

    @property
    def enough(self) -> bool:
        """Whether the wish is met."""
        return self.pairs >= self.wanted


@dataclass(frozen=True, eq=False)
class Curve:
    """Pairs of the whole set by threshold.

    Attributes
    ----------
    key : str
        The knob.
    thresholds : ndarray of float64, shape (K,)
        Ascending, from 0. Every whole number up to the first that keeps nothing; of shares 0 and
        every one that occurs.
    pairs : ndarray of int64, shape (K,)
        Never rising; what lies above the last threshold is kept by none.
    """

    key: str
    thresholds: Floats
    pairs: Ints

    def at(self, thresholds: Floats | float) -> Ints:
        """Return the pairs at any `thresholds`, of their shape."""
        pairs: Ints = np.append(self.pairs, 0)[np.searchsorted(self.thresholds, thresholds)]
        return pairs

    def suggest(self, pairs: int) -> Suggestion:
        """Return the highest threshold that still gives `pairs` pairs; at least one is wanted."""
        wanted = max(pairs, 1)
        most = int(self.pairs[0])
        enough = np.flatnonzero(self.pairs >= wanted)
        index = int(enough[-1]) if len(enough) else 0
        value: int | float = int(self.thresholds[index])
        if KNOBS[self.key].kind is float and index:
            value = _shortest(float(self.thresholds[index - 1]), float(self.thresholds[index]))
        return Suggestion(wanted, self.key, value, int(self.pairs[index]), most)


def _shortest(above: float, most: float) -> float:
    """Return the number of fewest decimals that is above `above` and at most `most`."""
    values = (float(f"{int(most * 10**digits)}e-{digits}") for digits in count(2))
    return next(value for value in values if above < value <= most)


def threshold_level(recipe: Recipe) -> int:
    """Return the lowest level that `recipe` keeps."""
    measure = measure_of(recipe)
    least: float = getattr(recipe, measure.threshold)
    if not measure.share:
        return math.ceil(least)
    pixels = recipe.patch**2
    # As the pipeline divides and compares, so that not one window is judged otherwise.
    return bisect_left(range(pixels + 1), least, key=lambda level: level / pixels)


def next_step(recipe: Recipe, key: str, direction: int) -> Recipe | None:
    """Return `recipe` with the knob `key` one step up (1) or down (-1), None at its end."""
    knob = KNOBS[key]
    before = getattr(recipe, key)
    moved = min(max(round(before + direction * knob.step, 9), knob.low), knob.high)
    value: Value = int(moved) if knob.kind is int else float(moved)
    return None if value == before else recipe.replace(**{key: value})


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer(Geometry):
    """What `recipe` makes of the set; arrays have an entry an image, in the order of `images`.

    Its boxes and candidates are those of `Geometry`. What a callable returns is computed when it
    is asked for and kept for the next time.

    Attributes
    ----------
    recipe : Recipe
    images : sequence of SurveyedImage
    matches, consistent, kept : ndarray of int64, shape (n,)
    excluded : ndarray of int64, shape (n,)
        Windows that would be kept were they not excluded by hand.
    misaligned : ndarray of int64, shape (n,)
        Windows with enough texture and matches that `keep_windows` rejects; 0 of an image with
        pairs, where nothing asks for it.
    lying : ndarray of int64, shape (n, 4)
        Of how many candidates each of the alignment's `VERDICTS` is; 0 of a made pair.
    mean_psnr, mean_ssim : ndarray of float64, shape (n,)
        Of the kept pairs, PSNR of those where it is finite; nan without any.
    totals : Totals
    copies : Copies
    curve : callable
        Returns the pairs by threshold, all else as in the recipe.
    encoded : callable
        Takes a format whose size depends on the pixels and returns the mean bytes of a pair of
        each image in it, by a sample; shape (n,).
    """

    recipe: Recipe
    images: Sequence[SurveyedImage]
    matches: Ints
    consistent: Ints
    kept: Ints
    excluded: Ints
    misaligned: Ints
    lying: Ints
    mean_psnr: Floats
    mean_ssim: Floats
    totals: Totals
    copies: Copies
    curve: Callable[[], Curve] = field(repr=False)
    encoded: Callable[[str], Floats] = field(repr=False)

    @property
    def shares(self) -> Floats:
        """The share of all kept pairs that each image gives, shape (n,); 0 without any."""
        return shares_of(self.kept)

    @property
    def aligned(self) -> Floats:
        """The share of each image's candidates that are aligned, shape (n,); nan of made pairs.

        0 of a given pair without any, as that has nothing to keep.
        """
        known = self.lying.sum(axis=1)
        aligned = self.lying[:, VERDICTS.index(ALIGNED)]
        given = np.array(["alignment" in image.content for image in self.images], bool)
        return np.where(given, aligned / np.maximum(known, 1), np.nan)

    @property
    def threshold_key(self) -> str:
        """The knob that rejects windows by their texture."""
        return measure_of(self.recipe).threshold


# How evenly pairs come from images

UNEVEN = 2
"""An image carries the set above so many times an equal share of the pairs; it is told of where
they are spread no better than over one in so many of the images with pairs."""


@dataclass(frozen=True)
class Uneven:
    """A set whose pairs come from a few of its images.

    Attributes
    ----------
    images : tuple of int
        Those that give more than twice an equal share, most pairs first.
    share : float
        Of all pairs, what these give together.
    most : int
        The largest number of pairs an image under which none gives more than that.
    pairs : int
        Those that are left then.
    """

    images: tuple[int, ...]
    share: float
    most: int
    pairs: int


def shares_of(kept: Ints) -> Floats:
    """Return the share of all pairs that each image gives, shape (n,); 0 without any pair."""
    total = int(kept.sum())
    shares: Floats = kept / total if total else np.zeros(len(kept))
    return shares


def unevenness(kept: Ints) -> Uneven | None:
    """Return by which images a set is carried, None where its pairs are spread well enough.

    With the shares s of the n images with pairs, 1 / sum(s^2) is how many equal images would be
    spread alike (the inverse Simpson index). It is told of where that is less than half of n.
    Then some image gives more than 2 / n, and with a limit under which none does it is at least
    half of n, as sum(s^2) <= max(s).

    Parameters
    ----------
    kept : ndarray of int64, shape (n,)
        Pairs of each image.
    """
    count, total = int((kept > 0).sum()), int(kept.sum())
    squares = sum(pairs * pairs for pairs in kept.tolist())
    if UNEVEN * total * total >= count * squares:
        return None
    low, high = 1, int(kept.max())  # one that is even enough, and one that is not
    while high - low > 1:
        middle = (low + high) // 2
        even = count * middle <= UNEVEN * int(np.minimum(kept, middle).sum())
        low, high = (middle, high) if even else (low, middle)
    most_first = np.argsort(-kept, kind="stable")
    carrying = most_first[count * kept[most_first] > UNEVEN * total]
    return Uneven(
        tuple(carrying.tolist()),
        float(kept[carrying].sum() / total),
        low,
        int(np.minimum(kept, low).sum()),
    )
