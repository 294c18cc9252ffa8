"""The stages in their order; a stage runs again only when what it reads has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from srviewer.errors import ReadError
from srviewer.pipeline import consistency, cropping, features, metrics, pairing, patching
from srviewer.pipeline.arrays import Image
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.pipeline.recipe import Recipe

_NOT_YET: Any = None


@dataclass(frozen=True, eq=False)
class Keypoints:
    """SIFT features of both images, and HR in grey, which the windows are looked at in."""

    hr: features.Features
    lr: features.Features
    hr_grey: Image


@dataclass(frozen=True, eq=False)
class Earlier:
    """What another recipe found in HR, which a new resizer or filter leaves as it is."""

    recipe: Recipe
    keypoints: Keypoints
    texture: patching.Texture
    every_window: bool


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that the pipeline knows of one image under one recipe.

    Each attribute from `pair` to `patches` is the result of the stage of that name, and None
    until that stage has run: `has` tells. A complete analysis has them all.

    Attributes
    ----------
    image : SourceImage
    recipe : Recipe
    every_window : bool
        Whether `texture` looked at all windows, or only at those inside the box.
    seconds : mapping of str to float
        How long each stage took when it last ran; ``read`` is the reading of the file.
    earlier : Earlier or None
        Of the recipe before, where that was looked at to the end.
    """

    image: SourceImage
    recipe: Recipe
    every_window: bool = True
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    earlier: Earlier | None = None
    pair: pairing.Pair = _NOT_YET
    keypoints: Keypoints = _NOT_YET
    matches: features.Matches = _NOT_YET
    consistent: consistency.Consistency = _NOT_YET
    box: cropping.Crop = _NOT_YET
    windows: patching.Windows = _NOT_YET
    quality: metrics.Quality = _NOT_YET
    quality_maps: metrics.QualityMaps = _NOT_YET
    texture: patching.Texture = _NOT_YET
    patches: patching.Patches = _NOT_YET

    def has(self, stage: str) -> bool:
        """Tell whether `stage` has run."""
        return getattr(self, stage) is not None

    @property
    def complete(self) -> bool:
        """Whether all stages have run."""
        return all(map(self.has, STAGE_NAMES))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was changed on the way, from the reading to the search for keypoints."""
        notes = list(self.image.notes)
        if self.has("pair"):
            if self.pair.size != self.image.size:
                (w, h), (cw, ch) = self.image.size, self.pair.size
                notes.append(f"trimmed from {w} x {h} to {cw} x {ch} px")
            if features.is_tiled(self.pair.size):
                notes.append("large image: keypoints searched in tiles")
        return tuple(notes)


@dataclass(frozen=True)
class _Stage:
    """A step: the stages that it needs, the recipe values that it reads, and what it does."""

    name: str
    needs: tuple[str, ...]
    reads: Callable[[Recipe], tuple[object, ...]]
    run: Callable[[Analysis, Progress], object]
    instant: bool = False


def _pair(a: Analysis, _: Progress) -> pairing.Pair:
    r = a.recipe
    return pairing.make_pair(
        a.image.rgb,
        scale=r.scale,
        resizer=r.resizer,
        filter=r.filter,
        quantize_after=r.quantize_after,
    )


def _windows(a: Analysis, _: Progress) -> patching.Windows:
    return patching.lay_windows(a.pair.size, patch=a.recipe.patch, stride=a.recipe.stride)


def _keypoints(a: Analysis, progress: Progress) -> Keypoints:
    settings = features.SiftSettings.of(a.recipe)
    known = a.earlier
    if known is not None and _hr_keypoints_read(known.recipe) == _hr_keypoints_read(a.recipe):
        grey, hr = known.keypoints.hr_grey, known.keypoints.hr
    else:
        grey = pairing.grey(a.pair.hr)
        hr = features.detect(grey, settings, progress)
    progress.check()
    return Keypoints(hr, features.detect(pairing.grey(a.pair.lr), settings, progress), grey)


def _matches(a: Analysis, _: Progress) -> features.Matches:
    return features.match(a.keypoints.hr, a.keypoints.lr)


def _consistent(a: Analysis, _: Progress) -> consistency.Consistency:
    r = a.recipe
    return consistency.check_consistency(
        a.matches,
        scale=r.scale,
        consistency=r.consistency,
        error_margin=r.error_margin,
        position_tolerance=r.position_tolerance,
    )


def _box(a: Analysis, _: Progress) -> cropping.Crop:
    r = a.recipe
    return cropping.find_box(
        a.matches,
        a.consistent.kept,
        size=a.pair.size,
        scale=r.scale,
        crop=r.crop,
        error_margin=r.error_margin,
        patch=r.patch,
    )


def _quality_maps(a: Analysis, _: Progress) -> metrics.QualityMaps:
    return metrics.map_quality(a.pair.hr, a.pair.upscaled, metrics_on=a.recipe.metrics_on)


def _quality(a: Analysis, _: Progress) -> metrics.Quality:
    return metrics.window_quality(a.quality_maps, a.windows)


def _texture(a: Analysis, progress: Progress) -> patching.Texture:
    r, grey, windows, known = a.recipe, a.keypoints.hr_grey, a.windows, a.earlier
    reads = _all_texture_reads
    if known and known.every_window and a.every_window and reads(known.recipe) == reads(r):
        return replace(known.texture)
    wanted = np.ones(len(windows), bool) if a.every_window else windows.inside(a.box.hr)
    if r.texture == "sift" and r.keypoint_scope == "patch":
        settings = features.SiftSettings.of(r)
        counts = patching.count_keypoints_alone(grey, windows, wanted, settings, progress)
        return patching.Texture(counts, None)
    counts = patching.count_points(windows, a.keypoints.hr.points)
    if r.texture == "sift":
        return patching.Texture(counts, None)
    canny: dict[str, Any] = {"canny_low": r.canny_low, "canny_high": r.canny_high}
    if r.keypoint_scope == "patch":
        density = patching.edge_density_alone(grey, windows, wanted, **canny, progress=progress)
    else:
        density = patching.edge_density_of_image(grey, windows, **canny)
    return patching.Texture(counts, density)


def _patches(a: Analysis, _: Progress) -> patching.Patches:
    r = a.recipe
    return patching.judge(
        a.windows,
        a.texture,
        patching.count_points(a.windows, a.matches.hr_points[a.consistent.kept]),
        a.box.hr,
        texture_by=r.texture,
        min_keypoints=r.min_keypoints,
        min_matches=r.min_matches,
        min_edge_density=r.min_edge_density,
    )


def _sift(r: Recipe) -> tuple[object, ...]:
    return (features.SiftSettings.of(r),)


def _hr_keypoints_read(r: Recipe) -> tuple[object, ...]:
    return (r.scale, *_sift(r))


def _texture_reads(r: Recipe) -> tuple[object, ...]:
    if r.texture == "canny":
        return (r.texture, r.keypoint_scope, r.canny_low, r.canny_high)
    return (r.texture, r.keypoint_scope, *(_sift(r) if r.keypoint_scope == "patch" else ()))


def _all_texture_reads(r: Recipe) -> tuple[object, ...]:
    """Return what `_texture` reads itself and through the stages that it needs, LR apart."""
    return (*_hr_keypoints_read(r), r.patch, r.stride, _texture_reads(r))


_STAGES = (
    _Stage("pair", (), lambda r: (r.scale, r.resizer, r.filter, r.quantize_after), _pair),
    _Stage("keypoints", ("pair",), _sift, _keypoints),
    _Stage("matches", ("keypoints",), lambda r: (), _matches),
    _Stage(
        "consistent",
        ("matches",),
        lambda r: (r.consistency, r.error_margin, r.position_tolerance),
        _consistent,
        instant=True,
    ),
    _Stage(
        "box",
        ("consistent",),
        lambda r: (r.crop, r.error_margin, r.patch),
        _box,
        instant=True,
    ),
    _Stage("windows", ("pair",), lambda r: (r.patch, r.stride), _windows, instant=True),
    _Stage("quality_maps", ("pair",), lambda r: (r.metrics_on,), _quality_maps),
    _Stage("quality", ("quality_maps", "windows"), lambda r: (), _quality, instant=True),
    _Stage("texture", ("keypoints", "windows"), _texture_reads, _texture),
    _Stage(
        "patches",
        ("texture", "consistent", "box", "windows"),
        lambda r: (r.min_keypoints, r.min_matches, r.min_edge_density),
        _patches,
        instant=True,
    ),
)
STAGE_NAMES = tuple(stage.name for stage in _STAGES)
_INSTANT = frozenset(stage.name for stage in _STAGES if stage.instant)


def stages_reached(old: Recipe, new: Recipe) -> tuple[str, ...]:
    """Return the names of the stages whose results a change from `old` to `new` reaches."""
    return _downstream(lambda stage: stage.reads(old) != stage.reads(new))


def stages_to_run(
    previous: Analysis | None, recipe: Recipe, *, every_window: bool = True
) -> tuple[str, ...]:
    """Return the names of the stages that are to run for `recipe` where `previous` is known."""
    if previous is None:
        return STAGE_NAMES
    changed = set(stages_reached(previous.recipe, recipe))
    # Windows that were looked at for another box are not enough for this one.
    if not previous.every_window and (every_window or "box" in changed):
        changed.add("texture")
    return _downstream(lambda stage: stage.name in changed or not previous.has(stage.name))


def _downstream(starts: Callable[[_Stage], bool]) -> tuple[str, ...]:
    """Return the stages where `starts` is true and all that need them, in order."""
    names: list[str] = []
    for stage in _STAGES:
        if starts(stage) or set(stage.needs) & set(names):
            names.append(stage.name)
    return tuple(names)


def is_instant(stage: str, recipe: Recipe) -> bool:
    """Tell whether `stage` takes at most a few milliseconds under `recipe`."""
    if stage == "texture":
        return recipe.texture == "sift" and recipe.keypoint_scope == "image"
    return stage in _INSTANT


def refresh(analysis: Analysis, recipe: Recipe) -> Analysis:
    """Return at once what `analysis` becomes under `recipe`.

    Stages that the change reaches are run where they are instant and their inputs are there; the
    others are None in the result, for `analyse` to run.
    """
    to_run = stages_to_run(analysis, recipe)
    current = _without(analysis, recipe, to_run)
    for stage in _STAGES:
        wanted = stage.name in to_run and is_instant(stage.name, recipe)
        if wanted and all(map(current.has, stage.needs)):
            current = _run(stage, current, Progress())
    return current


def _without(analysis: Analysis, recipe: Recipe, stages: tuple[str, ...]) -> Analysis:
    a, earlier = analysis, analysis.earlier
    if a.has("texture") and "keypoints" in stages:
        earlier = Earlier(a.recipe, a.keypoints, a.texture, a.every_window)
    not_yet: dict[str, Any] = dict.fromkeys(stages)
    return replace(analysis, recipe=recipe, earlier=earlier, **not_yet)


def _run(stage: _Stage, analysis: Analysis, progress: Progress) -> Analysis:
    begun = time.perf_counter()
    result: dict[str, Any] = {stage.name: stage.run(analysis, progress)}
    seconds = {**analysis.seconds, stage.name: time.perf_counter() - begun}
    return replace(analysis, seconds=MappingProxyType(seconds), **result)


def analyse(
    image: SourceImage,
    recipe: Recipe,
    *,
    previous: Analysis | None = None,
    every_window: bool = True,
    progress: Progress | None = None,
    on_stage: Callable[[Analysis], None] | None = None,
) -> Analysis:
    """Run the pipeline on `image`; all stages of the result have run.

    Parameters
    ----------
    image : SourceImage
    recipe : Recipe
    previous : Analysis, optional
        Of the same image; its stages that the change of recipe does not reach are taken over.
    every_window : bool
        Look into every window of the image, so that a moved box only selects; without it only
        into those inside the box, which is what an export needs.
    progress : Progress, optional
        Told of the work inside long stages, asked between stages and windows whether to stop.
    on_stage : callable, optional
        Given the analysis so far after each stage that ran.

    Raises
    ------
    ImageTooSmallError
        Where the clean image has no room for one patch.
    MatchingError
        For more keypoints than the matcher can number.
    Cancelled
        Where `progress` was asked to stop.
    """
    progress = progress or Progress()
    pairing.require_room(*image.size, scale=recipe.scale, patch=recipe.patch)
    if previous is not None and previous.image is not image:
        previous = None
    to_run = stages_to_run(previous, recipe, every_window=every_window)
    start = _without(previous or Analysis(image, recipe), recipe, to_run)
    current = replace(start, every_window=every_window)
    for stage in _STAGES:
        if stage.name in to_run:
            progress.check()
            progress.report(stage.name, 0, 1)
            current = _run(stage, current, progress)
            if on_stage is not None:
                on_stage(current)
    return current


def analyse_file(path: Path | str, recipe: Recipe, **options: Any) -> Analysis:
    """Read the image file `path` and `analyse` it; the reading's time is stage ``read``.

    Raises
    ------
    ReadError
        Where it cannot be read, or where memory or OpenCV fail on it.
    SrviewerError
        As `analyse` does.
    """
    begun = time.perf_counter()
    image = read_image(path)
    read = time.perf_counter() - begun
    try:
        result = analyse(image, recipe, **options)
    except MemoryError as error:
        raise ReadError("not enough memory for this image", path=path) from error
    except cv2.error as error:
        raise ReadError(f"OpenCV failed on it: {error.err}", path=path) from error
    return replace(result, seconds=MappingProxyType({"read": read, **result.seconds}))
