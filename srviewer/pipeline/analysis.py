"""An analysis, and how it follows a recipe: a stage runs again only when what it reads changed."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from srviewer.errors import ReadError, RecipeError
from srviewer.pipeline import (
    consistency,
    cropping,
    features,
    given_pairs,
    metrics,
    pairing,
    patching,
    straightening,
    textures,
)
from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.verdict import ALIGNED, judge
from srviewer.pipeline.alignment.windows import WindowAlignment
from srviewer.pipeline.arrays import AnyImage
from srviewer.pipeline.exclusions import NONE, NOTHING, Excluded, Exclusions
from srviewer.pipeline.memory import memory_needed, require_memory
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage, from_array, read_image, read_source
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import (
    GIVEN_STAGES,
    STAGE_NAMES,
    STAGES,
    Context,
    Keypoints,
    Stage,
    downstream,
    is_needed,
    stages_reached,
    values_read,
)
from srviewer.pipeline.verdicts import Patches
from srviewer.pipeline.window_alignment import PAIR_STAGE, KnownAlignments
from srviewer.wording import time_text

NOT_YET: Any = None
"""What stands in the place of the result of a stage that was not run, or was let go of."""


@dataclass(frozen=True, eq=False)
class Earlier:
    """What another recipe found in HR, which a new resizer or filter leaves as it is."""

    recipe: Recipe
    keypoints: Keypoints
    texture: textures.Texture | None
    pair_alignment: Alignment | None = None
    alignment: WindowAlignment | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """All that the pipeline knows of one image under one recipe.

    Each attribute from `pair` to `patches` is the result of the stage of that name, and None
    until that stage has run: `has` tells. A complete analysis has them all, but for
    `pair_alignment` and `alignment` where nobody asks how a given pair and its windows lie, or
    the pair was made.

    Attributes
    ----------
    image : SourceImage
    recipe : Recipe
    every_window : bool
        Whether `texture` looked at all windows, or only at those inside the box.
    look_at_alignment : bool
        Whether these two are wanted of a given pair also where the recipe does not need them.
    seconds : mapping of str to float
        How long each stage took when it last ran; ``read`` is the reading of the file.
    earlier : Earlier or None
        Of the recipe before, where that was looked at to the end.
    excluded : Excluded
        What a person excluded of the image.
    """

    image: SourceImage
    recipe: Recipe
    every_window: bool = True
    look_at_alignment: bool = False
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    earlier: Earlier | None = None
    excluded: Excluded = NOTHING
    pair: pairing.Pair = NOT_YET
    keypoints: Keypoints = NOT_YET
    matches: features.Matches = NOT_YET
    consistent: consistency.Consistency = NOT_YET
    box: cropping.Crop = NOT_YET
    windows: patching.Windows = NOT_YET
    quality: metrics.Quality = NOT_YET
    quality_maps: metrics.QualityMaps = NOT_YET
    texture: textures.Texture = NOT_YET
    pair_alignment: Alignment = NOT_YET
    alignment: WindowAlignment = NOT_YET
    patches: Patches = NOT_YET

    def has(self, stage: str) -> bool:
        """Tell whether `stage` has run."""
        return getattr(self, stage) is not None

    def __repr__(self) -> str:
        found = "; ".join(f"{stage} {words}" for stage, words in self._found().items() if words)
        return f"<Analysis of {self.image.path}, {self.recipe}: {found or 'nothing has run'}>"

    def _repr_html_(self) -> str:
        """Return a table of the stages that have run, for notebooks."""
        rows = (
            f"<tr><td>{stage}</td><td>{escape(words)}</td>"
            f"<td>{time_text(self.seconds.get(stage, 0))}</td></tr>"
            for stage, words in self._found().items()
        )
        caption = escape(f"{self.image.path}, {self.recipe}")
        return f"<table><caption>{caption}</caption>{''.join(rows)}</table>"

    def _found(self) -> dict[str, str]:
        """Return what each stage that has run found, in words where there are any."""
        return {
            stage: _FOUND[stage](self) if stage in _FOUND else ""
            for stage in STAGE_NAMES
            if self.has(stage)
        }

    @property
    def complete(self) -> bool:
        """Whether all stages have run that the recipe needs."""
        return all(map(self.has, filter(self.needs, STAGE_NAMES)))

    @property
    def finished(self) -> bool:
        """Whether all stages have run that are to run."""
        return all(map(self.has, filter(self.is_due, STAGE_NAMES)))

    def is_due(self, stage: str) -> bool:
        """Tell whether `stage` is to be run at all.

        Where a given pair has no box, how it lies may tell why.
        """
        boxless = stage == PAIR_STAGE and self.has("box") and self.box.hr is None
        looked_at = (self.look_at_alignment or boxless) and self.image.lr is not None
        return looked_at or self.needs(stage)

    def needs(self, stage: str) -> bool:
        """Tell whether the recipe needs `stage`."""
        if stage not in GIVEN_STAGES:
            return True
        return is_needed(stage, self.recipe) and self.image.lr is not None

    @property
    def why_no_box(self) -> str:
        """Why there is no box, of a given pair first what is wrong with it; else empty."""
        why = self.box.reason or ""
        found = judge(self.pair_alignment) if why and self.has(PAIR_STAGE) else None
        return f"{found.reason}; {why}" if found is not None and found.verdict != ALIGNED else why

    @property
    def notes(self) -> tuple[str, ...]:
        """What was changed on the way, and which exclusions say nothing of its windows."""
        notes = list(self.image.notes)
        if self.has("pair"):
            told = self.pair.straightened
            if told is not None:
                notes.append(straightening.note(told))
            elif self.pair.size != self.image.size:
                (w, h), (cw, ch) = self.image.size, self.pair.size
                notes.append(f"trimmed from {w} x {h} to {cw} x {ch} px")
            if features.is_tiled(self.pair.size[0] * self.pair.size[1]):
                notes.append("large image: keypoints searched in tiles")
        if self.excluded and self.has("windows"):
            notes += self.excluded.notes(self.windows, self.recipe.scale)
        return tuple(notes)


def _size_words(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} px"


_FOUND: dict[str, Callable[[Analysis], str]] = {
    "pair": lambda a: _size_words(a.pair.size),
    "keypoints": lambda a: f"{len(a.keypoints.hr)} in HR, {len(a.keypoints.lr)} in LR",
    "matches": lambda a: str(len(a.matches)),
    "consistent": lambda a: f"{a.consistent.kept.sum()} of {len(a.matches)}",
    "box": lambda a: _size_words(a.box.hr.size) if a.box.hr else str(a.box.reason),
    "windows": lambda a: str(len(a.windows)),
    "pair_alignment": lambda a: a.pair_alignment.model,
    "alignment": lambda a: ", ".join(f"{n} {lies}" for lies, n in a.alignment.counts().items()),
    "patches": lambda a: f"{a.patches.kept.sum()} of {a.patches.candidates.sum()} kept",
}


def _out_of_date(
    previous: Analysis, recipe: Recipe, *, every_window: bool, excluded: Excluded
) -> tuple[str, ...]:
    """Return the names of the stages whose results `previous` has not, or not for `recipe`."""
    changed = set(stages_reached(previous.recipe, recipe))
    # Windows that were looked at for another box are not enough for this one.
    if not previous.every_window and (every_window or "box" in changed):
        changed.add("texture")
    if excluded != previous.excluded:
        changed.add("patches")
    wanted = replace(previous, recipe=recipe)
    return downstream(
        lambda stage: (
            stage.name in changed or (wanted.is_due(stage.name) and not previous.has(stage.name))
        ),
        recipe,
    )


def window_count(size: tuple[int, int], recipe: Recipe) -> int:
    """Return how many windows `recipe` lays over an image of (width, height) `size`."""
    clean = pairing.clean_size(*size, recipe.scale)
    columns, rows = patching.grid(clean, patch=recipe.patch, stride=recipe.stride)
    return columns * rows


def is_instant(stage: str, recipe: Recipe, windows: int) -> bool:
    """Tell whether `stage` takes at most a few milliseconds for so many windows."""
    return STAGES[STAGE_NAMES.index(stage)].is_instant(recipe, windows)


def refresh(
    analysis: Analysis,
    recipe: Recipe,
    excluded: Excluded | None = None,
    *,
    look_at_alignment: bool = False,
) -> Analysis:
    """Return at once what `analysis` becomes under `recipe`, with `excluded` of its image.

    Stages that the change reaches are run where they are instant and their inputs are there; the
    others are None in the result, for `analyse` to run.
    """
    excluded = analysis.excluded if excluded is None else excluded
    analysis = replace(analysis, look_at_alignment=look_at_alignment)
    to_run = _out_of_date(analysis, recipe, every_window=True, excluded=excluded)
    current = _without(replace(analysis, excluded=excluded), recipe, to_run)
    windows = window_count(analysis.image.size, recipe)
    for stage in STAGES:
        wanted = stage.name in to_run and stage.is_instant(recipe, windows)
        needed = filter(current.is_due, stage.needed(recipe))
        if wanted and all(map(current.has, needed)):
            current = _run(stage, current, Progress())
    return current


def _without(analysis: Analysis, recipe: Recipe, stages: tuple[str, ...]) -> Analysis:
    a, earlier = analysis, analysis.earlier
    if a.has("texture") and "keypoints" in stages:
        texture = a.texture if a.every_window else None
        earlier = Earlier(a.recipe, a.keypoints, texture, a.pair_alignment, a.alignment)
    not_yet: dict[str, Any] = dict.fromkeys(stages)
    return replace(analysis, recipe=recipe, earlier=earlier, **not_yet)


def _run(
    stage: Stage, analysis: Analysis, progress: Progress, known: KnownAlignments | None = None
) -> Analysis:
    begun = time.perf_counter()
    only = None if analysis.every_window else analysis.box
    earlier = _earlier(stage, analysis)
    context = Context(analysis.image, progress, earlier, only, analysis.excluded, known)
    needs = {name: getattr(analysis, name) for when in stage.needs for name in when.names}
    knobs = {name: getattr(analysis.recipe, name) for when in stage.knobs for name in when.names}
    result: dict[str, Any] = {stage.name: stage.run(context, **needs, **knobs)}
    seconds = {**analysis.seconds, stage.name: time.perf_counter() - begun}
    return replace(analysis, seconds=MappingProxyType(seconds), **result)


def _earlier(stage: Stage, a: Analysis) -> object:
    """Return what `stage` found in the same HR, None where that is not known."""
    if a.earlier is None or (stage.by_window and not a.every_window):
        return None
    recipes = (a.earlier.recipe, a.recipe)
    before, now = (values_read(r, stage.name, leave_out=("lr", "view")) for r in recipes)
    return getattr(a.earlier, stage.name, None) if before == now else None


def analyse(
    image: SourceImage | AnyImage | Path | str,
    recipe: Recipe = Recipe(),  # noqa: B008 - it cannot be changed
    *,
    lr: SourceImage | AnyImage | Path | str | None = None,
    exclusions: Exclusions = NONE,
    previous: Analysis | None = None,
    every_window: bool = True,
    look_at_alignment: bool = False,
    known: KnownAlignments | None = None,
    progress: Progress = UNHEARD,
    on_stage: Callable[[Analysis], None] | None = None,
) -> Analysis:
    """Run the pipeline on `image`; all stages of the result have run that are due.

    Parameters
    ----------
    image : SourceImage, ndarray of uint8 of shape (H, W, 3), Path or str
        As it was read, RGB pixels, or a file, for which this is `analyse_file`.
    recipe : Recipe
        That of the article by default.
    lr : SourceImage, ndarray, Path or str, optional
        A given LR, like `image`; without it the recipe's resizer makes one. Where the recipe has
        the default scale, the one nearest to the two sizes is taken.
    exclusions : Exclusions
        What a person excluded; those of the image's content count.
    previous : Analysis, optional
        Of the same `SourceImage`; its stages that the change of recipe does not reach are taken
        over.
    every_window : bool
        Look into every window of the image, so that a moved box only selects; without it only
        into those inside the box, which is what an export needs.
    look_at_alignment : bool
        Find out how each window of a given pair lies, also where the recipe does not need it.
    known : KnownAlignments, optional
        How given pairs lie that were aligned before; this one's is kept there too.
    progress : Progress, optional
        Told of the work inside long stages, asked between stages and windows whether to stop.
    on_stage : callable, optional
        Given the analysis so far after each stage that ran.

    Raises
    ------
    ReadError
        For a file that cannot be read, or an array of another type or shape.
    RecipeError
        For an image that was read under another `colour` than the recipe's.
    PairSizeError
        Where the sizes of HR and of a given LR do not fit.
    ImageTooSmallError
        Where the clean image has no room for one patch.
    NotEnoughMemoryError
        Where that takes more memory than is free.
    Cancelled
        Where `progress` was asked to stop.
    """
    if lr is not None:
        low = _source(lr, recipe, progress)
        image = _source(image, recipe, progress).with_lr(low)
        recipe = given_pairs.at_own_scale(recipe, image.size, low.size)
    if isinstance(image, np.ndarray):
        image = from_array(image)
    elif not isinstance(image, SourceImage):
        return analyse_file(
            image,
            recipe,
            exclusions=exclusions,
            every_window=every_window,
            look_at_alignment=look_at_alignment,
            progress=progress,
            on_stage=on_stage,
        )
    require_usable(image, recipe)
    if previous is not None and previous.image is not image:
        previous = None
    excluded = exclusions.of(image.content)
    start = replace(previous or Analysis(image, recipe), look_at_alignment=look_at_alignment)
    to_run = _out_of_date(start, recipe, every_window=every_window, excluded=excluded)
    if "keypoints" in to_run:
        aligned = start.is_due("alignment")
        progress.reserve(memory_needed(image.size, recipe, aligned=aligned))
        require_memory(image.size, recipe, aligned=aligned, held=image.rgb.nbytes)
    start = _without(start, recipe, to_run)
    current = replace(start, every_window=every_window, excluded=excluded)
    # What is only to be looked at comes last: nothing waits for it.
    for stage in sorted(STAGES, key=lambda one: not current.needs(one.name)):
        if stage.name in to_run and current.is_due(stage.name):
            progress.check()
            progress.report(stage.name, 0, 1)
            current = _run(stage, current, progress, known)
            if on_stage is not None:
                on_stage(current)
    return current


def require_usable(image: SourceImage, recipe: Recipe) -> None:
    """Raise where nothing comes of `image` under `recipe`, as `analyse` does."""
    if not image.is_read_as(recipe.colour):
        cause = f"the image was read with colour = {image.colour!r}; read it again"
        raise RecipeError(cause, path=image.path, key="colour", value=recipe.colour)
    if image.lr is not None and recipe.straighten == straightening.OFF:
        sizes = image.size, image.lr.size
        given_pairs.require_fit(*sizes, scale=recipe.scale, path=image.lr.path)
    pairing.require_room(*image.size, scale=recipe.scale, patch=recipe.patch)


def _source(
    image: SourceImage | AnyImage | Path | str, recipe: Recipe, progress: Progress
) -> SourceImage:
    if isinstance(image, np.ndarray):
        return from_array(image)
    if isinstance(image, SourceImage):
        return image
    return read_image(image, colour=recipe.colour, progress=progress)


def analyse_file(
    path: Path | str, recipe: Recipe, *, lr: Path | str | None = None, **options: Any
) -> Analysis:
    """Read the image file `path` and `analyse` it; the reading's time is stage ``read``.

    With `lr`, the file of a given LR, it is a given pair, at the recipe's scale.

    Raises
    ------
    ReadError
        Where it cannot be read, or where memory or OpenCV fail on it.
    SrviewerError
        As `analyse` does.
    """
    begun = time.perf_counter()
    progress = options.get("progress", UNHEARD)
    image = read_source(path, lr, colour=recipe.colour, progress=progress)
    read = time.perf_counter() - begun
    with failures_of(path):
        result = analyse(image, recipe, **options)
    return replace(result, seconds=MappingProxyType({"read": read, **result.seconds}))


@contextmanager
def failures_of(path: Path | str) -> Iterator[None]:
    """Raise `ReadError` about the image file `path` where memory or OpenCV fail."""
    try:
        yield
    except MemoryError as error:
        raise ReadError("not enough memory for this image", path=path) from error
    except cv2.error as error:
        raise ReadError(f"OpenCV failed on it: {error.err}", path=path) from error
