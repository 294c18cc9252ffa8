"""A surveyed image set in memory, which answers for any recipe that its survey allows.

Every part of an answer is kept by the recipe's values that it depends on, so that a moved
threshold only looks up what is there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import Keyed, SurveyError
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.distributions import Distribution
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.patching import count_points
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import values_read
from srviewer.pipeline.textures import measure_of
from srviewer.runs.copies import alike_images, equal_images
from srviewer.runs.inputs import GivenLR, Input, Rooted, collect
from srviewer.runs.marks import are_unchanged
from srviewer.survey import by_hand, geometry
from srviewer.survey import set_distributions as binned
from srviewer.survey.answer import Answer, Copies, Curve, Totals, threshold_level
from srviewer.survey.by_hand import Passing
from srviewer.survey.cache import Cache, cached
from srviewer.survey.file import SurveyFile
from srviewer.survey.geometry import Evidence
from srviewer.survey.key import box_key, consistency_key, counts_key, survey_differences
from srviewer.survey.measure import COMPUTES
from srviewer.survey.record import Content, Counts, SurveyedImage, SurveyFailure, level_name, narrow
from srviewer.survey.suffix_sums import ImageSums, SuffixSums, sum_suffixes


@dataclass(eq=False, repr=False)
class WholeSet:
    """A surveyed image set in memory. It can be asked from any thread.

    Attributes
    ----------
    recipe : Recipe
        The one it was surveyed with; what decides in it does not matter.
    images : sequence of SurveyedImage
        With all that is kept of them, sorted by name.
    failures : sequence of SurveyFailure
    pending : sequence of Input
        Images that the survey has not come to.
    other : Recipe or None
        Where nothing is known of them: the recipe nearest to `recipe` that the survey's file
        does know some of them under.
    exclusions : Exclusions
        What a person excluded; the survey's file knows nothing of it.
    """

    recipe: Recipe
    images: Sequence[SurveyedImage]
    failures: Sequence[SurveyFailure] = ()
    pending: Sequence[Input] = ()
    other: Recipe | None = None
    exclusions: Exclusions = NONE

    def __post_init__(self) -> None:
        self._matches = np.array([image.matches for image in self.images], np.int64)
        self._cache, self._own_cache = Cache(), Cache()
        self._last_sums: dict[str, tuple[ImageSums, ...]] = {}

    def excluding(self, exclusions: Exclusions) -> WholeSet:
        """Return the set with other exclusions; it shares what does not depend on them."""
        if exclusions is self.exclusions:
            return self
        contents = {image.sha256 for image in self.images}
        if exclusions.only(contents) == self.exclusions.only(contents):
            return self
        other = replace(self, exclusions=exclusions)
        other._cache, other._last_sums = self._cache, self._last_sums  # noqa: SLF001 - its own
        return other

    def under(self, recipe: Recipe, progress: Progress = UNHEARD) -> Answer:
        """Return what `recipe` makes of the set.

        Raises
        ------
        SurveyError
            Where the survey was made with other values of what it depends on, with both values.
        Cancelled
            Where `progress` was asked to stop.
        """
        self.require_key(recipe)
        found = self._geometry(recipe, progress)
        left = self._suffix_sums(recipe, progress).left_by(threshold_level(recipe))
        excluded = self._excluded_counts(recipe, progress)
        pairs, finite = int(left.pairs.sum()), int(left.finite.sum())
        totals = Totals(
            images=len(self.images),
            failed=len(self.failures),
            pending=len(self.pending),
            windows=sum(image.windows for image in self.images),
            candidates=int(found.candidates.sum()),
            pairs=pairs,
            mean_psnr=float(left.psnr.sum() / finite) if finite else None,
            mean_ssim=float(left.ssim.sum() / pairs) if pairs else None,
            infinite=pairs - finite,
            excluded=int(excluded.sum()),
        )
        return Answer(
            **vars(found),
            recipe=recipe,
            images=self.images,
            matches=self._matches,
            consistent=self._consistent_counts(recipe, progress),
            kept=left.pairs,
            excluded=excluded,
            misaligned=self._misaligned_counts(recipe, left.pairs, progress),
            lying=self._lying(recipe, progress),
            mean_psnr=_means(left.psnr, left.finite),
            mean_ssim=_means(left.ssim, left.pairs),
            totals=totals,
            copies=self._copies(recipe, progress),
            curve=partial(self.curve, recipe),
            encoded=lambda name: self.encoded(f"{name} {recipe.lr_layout}"),
        )

    def require_key(self, recipe: Recipe) -> None:
        """Raise `SurveyError` where `recipe` needs another survey than this one."""
        found = survey_differences(self.recipe, recipe)
        if found:
            words = ", ".join(
                f"{key} = {mine!r}, not {other!r}" for key, (mine, other) in found.items()
            )
            cause = f"the survey was made with {words}; survey again with this recipe"
            raise SurveyError(Keyed(cause, *found))

    def evidence(self, recipe: Recipe, progress: Progress = UNHEARD) -> Evidence:
        """Return what the verdicts on the windows follow from; raises as `under` does."""
        self.require_key(recipe)
        return Evidence(
            self._geometry(recipe, progress).spans,
            self._levels(recipe),
            self._with_matches(recipe, progress),
            self._excluded(recipe, progress),
        )

    @cached(lambda recipe: None)
    def _copies(self, recipe: Recipe, progress: Progress) -> Copies:
        equal = equal_images({image.name: image.sha256 for image in self.images})
        looks = ((image.name, image.sha256, image.likeness) for image in self.images)
        return Copies(tuple(map(tuple, equal)), tuple(map(tuple, alike_images(looks, progress))))

    def encoded(self, name: str) -> Floats:
        """Return the mean bytes of a pair of each image, shape (n,), nan where not measured."""
        return self._cache.get(
            "encoded",
            name,
            lambda: np.array([image.encoded.get(name, np.nan) for image in self.images]),
        )

    @cached(counts_key, own=True)
    def curve(self, recipe: Recipe, progress: Progress) -> Curve:
        """Return the pairs by threshold, all else as in `recipe`."""
        levels, counts = self._suffix_sums(recipe, progress).by_level
        measure = measure_of(recipe)
        if not measure.share:
            top = int(levels[-1]) if len(levels) else -1
            every = np.zeros(top + 2, np.int64)
            every[levels] = counts
            levels, counts = np.arange(top + 2), every
        elif not len(levels) or levels[0]:
            levels, counts = np.concatenate([[0], levels]), np.concatenate([[0], counts])
        pairs = np.cumsum(counts[::-1])[::-1]
        return Curve(measure.threshold, levels / (recipe.patch**2 if measure.share else 1), pairs)

    def distributions(
        self, recipe: Recipe, progress: Progress = UNHEARD
    ) -> dict[str, Distribution]:
        """Return the distributions of the set under `recipe` by name."""
        level = threshold_level(recipe)
        found = [
            self._match_distribution(recipe, progress),
            binned.level_distribution(
                self._all_sums(recipe, progress),
                self._suffix_sums(recipe, progress),
                level,
                recipe,
            ),
            *self._window_counts(recipe, level, progress).distributions(level),
        ]
        return {distribution.name: distribution for distribution in found}

    # What answers are made of, each kept by what it depends on.

    @cached(lambda recipe: recipe.consistency)
    def _measured(self, recipe: Recipe, progress: Progress) -> tuple[Floats, ...]:
        return geometry.measured_matches(self.images, recipe, progress)

    @cached(consistency_key)
    def _consistent(self, recipe: Recipe, progress: Progress) -> geometry.Masks:
        kept = geometry.consistent_matches(self._measured(recipe, progress), recipe)
        found = self._let_through(recipe.consistency, kept)
        return tuple(mask for mask in found if mask is not None)

    @cached(consistency_key)
    def _consistent_counts(self, recipe: Recipe, progress: Progress) -> Ints:
        return np.array([*map(np.count_nonzero, self._consistent(recipe, progress))], np.int64)

    @cached(box_key)
    def _geometry(self, recipe: Recipe, progress: Progress) -> geometry.Geometry:
        kept = self._consistent(recipe, progress)
        return geometry.find_geometry(self.images, kept, recipe, progress)

    @cached(consistency_key)
    def _match_counts(self, recipe: Recipe, progress: Progress) -> tuple[Counts, ...]:
        kept = self._consistent(recipe, progress)
        return tuple(
            narrow(count_points(image.lay_windows(recipe), image.content["hr_points"][mask]))
            for image, mask in progress.each(zip(self.images, kept, strict=True))
        )

    @cached(lambda recipe: None, own=True)
    def _excluded(self, recipe: Recipe, progress: Progress) -> dict[int, Mask]:
        return by_hand.excluded_masks(self.images, self.exclusions, recipe)

    def _excluded_counts(self, recipe: Recipe, progress: Progress) -> Ints:
        excluded = self._excluded(recipe, progress)
        if not excluded:
            return np.zeros(len(self.images), np.int64)
        passing, levels = self._passing_otherwise(recipe, progress), self._levels(recipe)
        found = self._geometry(recipe, progress)
        return by_hand.counts_of(self.images, excluded, passing, levels, found, recipe)

    def _misaligned_counts(self, recipe: Recipe, kept: Ints, progress: Progress) -> Ints:
        aligned = enumerate(self._aligned(recipe, progress))
        masks = {number: ~mask for number, mask in aligned if mask is not None and not kept[number]}
        if not masks:
            return np.zeros(len(self.images), np.int64)
        passing, levels = self._with_matches(recipe, progress), self._levels(recipe)
        found = self._geometry(recipe, progress)
        return by_hand.counts_of(self.images, masks, passing, levels, found, recipe)

    def _passing(self, recipe: Recipe, progress: Progress) -> Passing:
        """Return which windows nothing but the texture's threshold rejects."""
        passing, excluded = (
            self._passing_otherwise(recipe, progress),
            self._excluded(recipe, progress),
        )
        return by_hand.left_out(passing, excluded, len(self.images))

    def _passing_otherwise(self, recipe: Recipe, progress: Progress) -> Passing:
        """Return which windows only texture or a person may reject, None where all."""
        found = _both(self._with_matches(recipe, progress), self._aligned(recipe, progress))
        return None if all(mask is None for mask in found) else found

    def _with_matches(self, recipe: Recipe, progress: Progress) -> tuple[Mask | None, ...]:
        """Return which windows of each image have the matches that are needed, None where all."""
        enough: list[Mask | None] = [None] * len(self.images)
        if recipe.min_matches:
            counts = self._match_counts(recipe, progress)
            enough = [mine >= recipe.min_matches for mine in counts]
        return self._let_through(level_name(recipe), enough)

    @cached(box_key)
    def _lying(self, recipe: Recipe, progress: Progress) -> Ints:
        return geometry.count_lying(self.images, self._geometry(recipe, progress))

    @cached(lambda recipe: recipe.keep_windows)
    def _aligned(self, recipe: Recipe, progress: Progress) -> list[Mask | None]:
        """Return which windows of each image are not rejected for how they lie, None for all."""
        found = (one.rejected_for(recipe.keep_windows) for one in progress.each(self.images))
        return [~np.logical_or.reduce([*each.values()]) if each else None for each in found]

    def _let_through(self, name: str, kept: Sequence[Mask | None]) -> tuple[Mask | None, ...]:
        """Return those of `kept` that the knobs let through that answers do not follow."""
        passing = f"passing {name}"
        return _both(kept, [image.content.get(passing) for image in self.images])

    def _levels(self, recipe: Recipe) -> list[Counts]:
        """Return what the recipe's threshold is held against, in whole numbers, a window each."""
        return [image.content[level_name(recipe)] for image in self.images]

    @cached(counts_key, own=True)
    def _suffix_sums(self, recipe: Recipe, progress: Progress) -> SuffixSums:
        passing = self._passing(recipe, progress)
        if passing is None:
            return self._all_sums(recipe, progress)
        levels, geometry = self._levels(recipe), self._geometry(recipe, progress)
        some_whole = any(mask is None for mask in passing)
        known = self._all_sums(recipe, progress).images if some_whole else ()
        return sum_suffixes(self.images, levels, geometry, passing, known, progress)

    @cached(lambda recipe: values_read(recipe, "box", "texture"))
    def _all_sums(self, recipe: Recipe, progress: Progress) -> SuffixSums:
        """Return the sums of all candidates, whatever rejects them."""
        levels, geometry = self._levels(recipe), self._geometry(recipe, progress)
        last = self._last_sums.get(level_name(recipe), ())
        found = sum_suffixes(self.images, levels, geometry, None, last, progress)
        self._last_sums[level_name(recipe)] = found.images
        return found

    @cached(lambda recipe: (binned.match_scale(recipe), consistency_key(recipe)))
    def _match_distribution(self, recipe: Recipe, progress: Progress) -> Distribution:
        bins = self._match_bins(recipe, progress)
        return binned.match_distribution(bins, self._consistent(recipe, progress), recipe)

    @cached(binned.match_scale)
    def _match_bins(self, recipe: Recipe, progress: Progress) -> NDArray[np.uint8]:
        return binned.sort_matches(self._measured(recipe, progress), recipe)

    @cached(lambda recipe: None)
    def _window_bins(self, recipe: Recipe, progress: Progress) -> list[Any]:
        return [binned.sort_windows(image) for image in progress.each(self.images)]

    def _window_counts(self, recipe: Recipe, level: int, progress: Progress) -> binned.WindowCounts:
        levels, _ = self._suffix_sums(recipe, progress).by_level
        ranks = binned.ranks_for(levels, level)
        mine = None if ranks is levels else level
        return self._own_cache.get(
            "window counts",
            (counts_key(recipe), mine),
            lambda: binned.count_windows(
                self.images,
                self._window_bins(recipe, progress),
                self._levels(recipe),
                self._geometry(recipe, progress),
                self._passing(recipe, progress),
                ranks,
                progress,
            ),
        )


def _both(some: Sequence[Mask | None], other: Sequence[Mask | None]) -> tuple[Mask | None, ...]:
    """Return what is in both masks of each image; None stands for all."""
    pairs = zip(some, other, strict=True)
    return tuple(b if a is None else a if b is None else a & b for a, b in pairs)


def _means(sums: Floats, counts: Any) -> Floats:
    means = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def load(
    file: Path,
    paths: Sequence[Path | Rooted],
    recipe: Recipe,
    *,
    lr: GivenLR | None = None,
    exclusions: Exclusions = NONE,
    previous: WholeSet | None = None,
    progress: Progress = UNHEARD,
) -> WholeSet:
    """Read what the survey `file` knows of the images at `paths` under `recipe`.

    Parameters
    ----------
    file : Path
        It need not exist, nor hold anything yet; then all images are pending.
    paths : sequence of Path or Rooted
        Images and folders, which are searched, as `survey` takes them.
    recipe : Recipe
    lr : GivenLR, optional
        As `survey` takes it.
    exclusions : Exclusions
    previous : WholeSet, optional
        An earlier one; what it holds is not read again.
    progress : Progress, optional
        Told of ``load`` image by image, asked between images whether to stop.

    Raises
    ------
    SurveyError
        Where the file is no survey, is of a newer srviewer, or cannot be read.
    """
    inputs, _ = collect(paths, lr=lr)
    if not os.path.exists(file) or not os.path.getsize(file):  # none, or it is being begun
        return WholeSet(recipe, (), (), tuple(inputs), exclusions=exclusions)
    contents: dict[str, Content] = {}
    if previous is not None and not survey_differences(previous.recipe, recipe):
        contents |= {image.sha256: image.content for image in previous.images}
    images, failures, pending = [], [], []
    found = set()
    with SurveyFile(file, recipe, COMPUTES, writing=False) as survey:
        marks, outlines, causes = survey.files(), survey.outlines(), survey.failures()
        looks = survey.likenesses()
        for done, image in enumerate(progress.each(inputs)):
            progress.report("load", done, len(inputs))
            mark = marks.get(survey.stored_path(image.files))
            sha256 = mark.sha256 if mark is not None and are_unchanged(image.files, mark) else ""
            found.add(sha256)
            if sha256 in outlines:
                number, outline = outlines[sha256]
                if sha256 not in contents:
                    contents[sha256] = survey.content(number, outline)
                about: dict[str, Any] = {"name": image.name, "path": image.path, "lr": image.lr}
                about |= {"sha256": sha256, "content": contents[sha256]}
                about |= {"likeness": looks.get(number, b"")}
                images.append(SurveyedImage(**vars(outline), **about))
            elif sha256 in causes:
                failures.append(SurveyFailure(image.name, image.path, causes[sha256]))
            else:
                pending.append(image)
        other = None if images or failures else survey.nearest(recipe, found)
    return WholeSet(recipe, tuple(images), tuple(failures), tuple(pending), other, exclusions)
