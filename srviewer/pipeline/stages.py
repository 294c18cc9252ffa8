"""The stages in their order, each with what it needs and the knobs that it reads.

This table is the one place that says which knob reaches what. From it follow which stages run
again (`stages_reached`), what a survey depends on (`values_read`) and which knobs are of no use
under a recipe (`unused_knobs`). A new knob is added to the recipe and to one stage here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from srviewer.pipeline import (
    consistency,
    cropping,
    features,
    metrics,
    pairing,
    patching,
    straightening,
    verdicts,
    window_alignment,
)
from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.windows import WindowAlignment
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.exclusions import NOTHING, Excluded
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import KNOBS, Recipe, Value
from srviewer.pipeline.textures import TEXTURES, Look, Texture, look_into
from srviewer.pipeline.window_alignment import KnownAlignments

MOST_AT_ONCE = 100_000
"""Windows. To judge so many takes 4 ms, another patch size 20 ms; 2.8 million 190 and 880 ms."""

LAYOUT_KNOBS = ("scale", "patch", "lr_layout")
"""What an export reads of the recipe to write a pair, besides what the stages found."""


class When:
    """Names of knobs or stages, and the values of other knobs under which they are read.

    Parameters
    ----------
    *names : str
    only : {'', 'lr', 'view'}
        What alone depends on these knobs: LR and not HR, or how a result is shown.
    given : bool
        Whether they decide something of given pairs alone.
    **knobs : str or tuple of str
        The value that each of these knobs must have, or the values that it may have.
    """

    def __init__(
        self, *names: str, only: str = "", given: bool = False, **knobs: str | tuple[str, ...]
    ) -> None:
        self.names, self.only, self.given = names, only, given
        self.under = {
            key: (values,) if isinstance(values, str) else values for key, values in knobs.items()
        }

    def holds(self, recipe: Recipe | None) -> bool:
        """Tell whether they are read under `recipe`; without one, whether under any."""
        return recipe is None or all(
            getattr(recipe, key) in values for key, values in self.under.items()
        )

    @property
    def words(self) -> str:
        """The values as the window calls them, as ``Texture by is canny``."""
        parts = ["the LR is given"] if self.given else []
        for key, values in self.under.items():
            parts.append(f"{KNOBS[key].label} is {' or '.join(map(KNOBS[key].said, values))}")
        return " and ".join(parts)


@dataclass(frozen=True, eq=False)
class Context:
    """What a stage is given besides knobs and the results of other stages.

    Attributes
    ----------
    image : SourceImage
    progress : Progress
    earlier : object
        What the stage found in the same HR under another recipe, None where that is not known.
    only : cropping.Crop or None
        The box whose windows alone are to be looked into; None for every window of the image.
    excluded : Excluded
        What a person excluded of the image.
    known : KnownAlignments or None
        How given pairs lie, where somebody keeps that.
    """

    image: SourceImage
    progress: Progress
    earlier: Any = None
    only: cropping.Crop | None = None
    excluded: Excluded = NOTHING
    known: KnownAlignments | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """A step of the pipeline.

    Attributes
    ----------
    name : str
        The attribute of `Analysis` that holds its result.
    run : callable
        Takes a `Context`, and as keywords the results of all `needs` and the values of all `knobs`.
    needs, knobs : tuple of When
        The stages before it, and the knobs, that its result depends on. A stage that is not
        needed under the recipe may not have run: then its result is None.
    instant : When or None
        Under which recipes it takes but milliseconds; None for none.
    by_window : bool
        Whether its time grows with the number of windows.
    given : bool
        Whether it is run of given pairs alone, and only where another stage needs its result under
        the recipe, or somebody wants to look at it.
    """

    name: str
    run: Callable[..., Any]
    needs: tuple[When, ...] = ()
    knobs: tuple[When, ...] = ()
    instant: When | None = None
    by_window: bool = False
    given: bool = False

    def readers(self, knob: str) -> list[When]:
        """Return when it reads `knob` for more than the view."""
        return [when for when in self.knobs if knob in when.names and when.only != "view"]

    def needed(self, recipe: Recipe | None) -> set[str]:
        """Return the stages that it needs under `recipe`, or under any."""
        return {name for when in self.needs if when.holds(recipe) for name in when.names}

    def read(self, recipe: Recipe | None, leave_out: Collection[str] = ()) -> set[str]:
        """Return the knobs that it reads under `recipe`, or under any.

        Those on which only what `leave_out` names depends, 'lr' or 'view', are left out.
        """
        whens = (when for when in self.knobs if when.holds(recipe) and when.only not in leave_out)
        return {name for when in whens for name in when.names}

    def is_instant(self, recipe: Recipe, windows: int) -> bool:
        """Tell whether it takes at most a few milliseconds for so many windows."""
        if self.by_window and windows > MOST_AT_ONCE:
            return False
        return self.instant is not None and self.instant.holds(recipe)


@dataclass(frozen=True, eq=False)
class Keypoints:
    """SIFT features of both images, and HR in grey, which the windows are looked at in."""

    hr: features.Features
    lr: features.Features
    hr_grey: Image


def _pair(c: Context, *, colour: str, **knobs: Any) -> pairing.Pair:
    # `colour` was followed when the image was read, which `analyse` makes sure of.
    return straightening.pair_of(c.image, progress=c.progress, known=c.known, **knobs)


def _keypoints(c: Context, *, pair: pairing.Pair, **sift: Any) -> Keypoints:
    settings = features.SiftSettings.of(sift)
    if c.earlier is not None:
        grey, hr = c.earlier.hr_grey, c.earlier.hr
    else:
        grey = pairing.grey(pair.hr)
        hr = features.detect(grey, settings, c.progress)
    c.progress.check()
    if c.earlier is not None and pair.given:  # no resizer has made it
        lr = c.earlier.lr
    else:
        lr = features.detect(pairing.grey(pair.lr), settings, c.progress, grey.size)
    return Keypoints(hr, lr, grey)


def _texture(
    c: Context,
    *,
    keypoints: Keypoints,
    windows: patching.Windows,
    texture: str,
    keypoint_scope: str,
    **read: Any,
) -> Texture:
    if c.earlier is not None:
        known: Texture = replace(c.earlier)
        return known
    wanted = np.ones(len(windows), bool) if c.only is None else windows.inside(c.only.hr)
    points = keypoints.hr.points
    look = Look(keypoints.hr_grey, windows, wanted, points, read, c.progress)
    return look_into(look, texture, keypoint_scope)


def _pair_alignment(c: Context, *, pair: pairing.Pair) -> Alignment:
    if c.earlier is not None:
        known: Alignment = c.earlier
        return known
    return window_alignment.align_pair(c.image, pair, c.progress, c.known)


def _alignment(
    c: Context, *, pair: pairing.Pair, pair_alignment: Alignment, windows: patching.Windows
) -> WindowAlignment:
    if c.earlier is not None:
        known: WindowAlignment = c.earlier
        return known
    return window_alignment.align_pair_windows(pair, pair_alignment, windows, c.progress)


def _patches(
    c: Context,
    *,
    matches: features.Matches,
    consistent: consistency.Consistency,
    box: cropping.Crop,
    windows: patching.Windows,
    scale: int,
    **others: Any,
) -> verdicts.Patches:
    counts = patching.count_points(windows, matches.hr_points[consistent.kept])
    excluded = c.excluded.mask(windows, scale)
    return verdicts.judge(windows, matches=counts, box=box.hr, excluded=excluded, **others)


_TEXTURES = tuple(TEXTURES.values())
_ALWAYS = When()

STAGES = (
    Stage(
        "pair",
        _pair,
        knobs=(
            When("scale", "colour"),
            When("resizer", "filter", "quantize_after", only="lr"),
            When("straighten", given=True),
            When("straighten_filter", given=True, straighten=("hr", "lr")),
        ),
    ),
    Stage("keypoints", _keypoints, needs=(When("pair"),), knobs=(When(*features.SIFT_KNOBS),)),
    Stage(
        "matches",
        lambda c, keypoints: features.match(keypoints.hr, keypoints.lr, c.progress),
        needs=(When("keypoints"),),
    ),
    Stage(
        "consistent",
        lambda _, **given: consistency.check_consistency(**given),
        needs=(When("matches"),),
        knobs=(
            When("scale", "consistency"),
            When("error_margin", consistency="radial"),
            When("position_tolerance", consistency="position"),
            When("position_tolerance", only="view"),  # which matches are right, kept or not
        ),
        instant=_ALWAYS,
    ),
    Stage(
        "box",
        lambda _, pair, consistent, **given: cropping.find_box(
            kept=consistent and consistent.kept, size=pair.size, **given
        ),
        needs=(When("pair"), When("matches", "consistent", crop=("corners", "bounding"))),
        knobs=(When("scale", "crop", "patch"), When("error_margin", crop="corners")),
        instant=_ALWAYS,
    ),
    Stage(
        "windows",
        lambda _, pair, **knobs: patching.lay_windows(pair.size, **knobs),
        needs=(When("pair"),),
        knobs=(When("patch", "stride"),),
        instant=_ALWAYS,
        by_window=True,
    ),
    Stage(
        "quality_maps",
        lambda c, pair, **knobs: metrics.map_quality(
            pair.hr, pair.upscaled, **knobs, progress=c.progress
        ),
        needs=(When("pair"),),
        knobs=(When("metrics_on"),),
    ),
    Stage(
        "quality",
        lambda _, quality_maps, windows: metrics.window_quality(quality_maps, windows),
        needs=(When("quality_maps", "windows"),),
        instant=_ALWAYS,
        by_window=True,
    ),
    Stage(
        "texture",
        _texture,
        needs=(When("keypoints", "windows"),),
        knobs=(
            When("texture", "keypoint_scope"),
            *(When(*one.reads, texture=one.name) for one in _TEXTURES),
            *(
                When(*one.reads_alone, texture=one.name, keypoint_scope="patch")
                for one in _TEXTURES
            ),
        ),
        instant=When(
            texture=tuple(one.name for one in _TEXTURES if one.instant), keypoint_scope="image"
        ),
        by_window=True,
    ),
    Stage("pair_alignment", _pair_alignment, needs=(When("pair"),), given=True),
    Stage("alignment", _alignment, needs=(When("pair", "pair_alignment", "windows"),), given=True),
    Stage(
        "patches",
        _patches,
        needs=(
            When("matches", "consistent", "box", "windows", "texture"),
            When("alignment", keep_windows=("not_moved", "aligned")),
        ),
        knobs=(
            When("min_matches"),
            When("keep_windows", given=True),
            When("scale"),  # by which a window that is excluded is known
            *(When(one.threshold, texture=one.name) for one in _TEXTURES),
        ),
        instant=_ALWAYS,
        by_window=True,
    ),
)
STAGE_NAMES = tuple(stage.name for stage in STAGES)
GIVEN_STAGES = frozenset(stage.name for stage in STAGES if stage.given)


def is_needed(stage: str, recipe: Recipe) -> bool:
    """Tell whether any stage that is run of every pair needs what `stage` finds under `recipe`."""
    return stage in _needed_by_any(recipe, STAGES)


@lru_cache(256)  # it is asked at each pull at a threshold, several times
def _needed_by_any(recipe: Recipe, stages: tuple[Stage, ...]) -> frozenset[str]:
    """Return what any of `stages` that is run of every pair needs, those of given pairs too."""
    found = set[str]()
    for stage in reversed(stages):
        if not stage.given or stage.name in found:
            found |= stage.needed(recipe)
    return frozenset(found)


def knobs_read(
    *stages: str, recipe: Recipe | None = None, leave_out: Collection[str] = ("view",)
) -> tuple[str, ...]:
    """Return the knobs that decide what `stages` find, in the order of the recipe.

    Parameters
    ----------
    *stages : str
        Their own knobs count, and those of all stages that they need.
    recipe : Recipe, optional
        Only those that are read under it; without it all that are read under any.
    leave_out : collection of {'lr', 'view'}
        Knobs on which only these depend.
    """
    wanted, found = set(stages), set[str]()
    for stage in reversed(STAGES):
        if stage.name in wanted:
            wanted |= stage.needed(recipe)
            found |= stage.read(recipe, leave_out)
    return tuple(name for name in KNOBS if name in found)


@lru_cache(256)
def values_read(
    recipe: Recipe, *stages: str, leave_out: tuple[str, ...] = ("view",)
) -> tuple[tuple[str, Value], ...]:
    """Return name and value of each knob that decides what `stages` find under `recipe`."""
    names = knobs_read(*stages, recipe=recipe, leave_out=leave_out)
    return tuple((name, getattr(recipe, name)) for name in names)


def unused_knobs(recipe: Recipe, *, given: bool = True) -> Mapping[str, str]:
    """Return the knobs that decide nothing under `recipe`, each with the reason for the window.

    Those of given pairs decide nothing where the pairs are not `given`.
    """
    return _unused_knobs(recipe, given, STAGES)


@lru_cache(256)
def _unused_knobs(recipe: Recipe, given: bool, stages: tuple[Stage, ...]) -> Mapping[str, str]:
    unused: dict[str, str] = {}
    for name in KNOBS:
        readers = _readers(name, stages)
        used = any(when.holds(recipe) and given >= when.given for when in readers)
        if name not in LAYOUT_KNOBS and not used:
            unused[name] = f"read only where {' or '.join(when.words for when in readers)}"
    return MappingProxyType(unused)


@cache  # it is asked at each pull at a threshold
def _readers(knob: str, stages: tuple[Stage, ...]) -> tuple[When, ...]:
    """Return when any of `stages` reads `knob` for more than the view."""
    return tuple(when for stage in stages for when in stage.readers(knob))


def stages_reached(old: Recipe, new: Recipe) -> tuple[str, ...]:
    """Return the names of the stages whose results a change from `old` to `new` reaches."""
    changed = old.differences(new).keys()

    def differs(stage: Stage) -> bool:
        if changed.isdisjoint(_looked_at(stage)):
            return False
        read = stage.read(new)
        return read != stage.read(old) or any(getattr(old, k) != getattr(new, k) for k in read)

    return downstream(differs, new)


@cache
def _looked_at(stage: Stage) -> frozenset[str]:
    """Return the knobs that `stage` may read, and those that say which ones it reads."""
    return frozenset(name for when in stage.knobs for name in (*when.names, *when.under))


def downstream(starts: Callable[[Stage], bool], recipe: Recipe) -> tuple[str, ...]:
    """Return the names of the stages where `starts` is true and of all that need them, in order."""
    names: list[str] = []
    for stage in STAGES:
        if starts(stage) or not stage.needed(recipe).isdisjoint(names):
            names.append(stage.name)
    return tuple(names)
