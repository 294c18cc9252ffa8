"""Analyses, taken apart for comparison."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from srviewer.pipeline import analysis as analysis_module
from srviewer.pipeline.analysis import Analysis, analyse, stages_to_run
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.known_alignments import KnownAlignments
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import STAGE_NAMES
from tests.photos import as_source, crop


def parts(value: Any, name: str = "") -> dict[str, Any]:
    """Return the arrays and plain values in a nest of dataclasses and dicts, by their paths."""
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        found = {}
        for key, part in value.items():
            found |= parts(part, f"{name}.{key}")
        return found
    return {name: value}


def assert_same(one: Analysis, other: Analysis) -> None:
    """Fail unless every result of every stage is the same to the last bit."""
    for stage in STAGE_NAMES:
        mine, yours = parts(getattr(one, stage), stage), parts(getattr(other, stage), stage)
        assert mine.keys() == yours.keys()
        for path in mine:
            assert type(mine[path]) is type(yours[path]), path
            np.testing.assert_array_equal(mine[path], yours[path], err_msg=path)
            if isinstance(mine[path], np.ndarray):
                assert mine[path].dtype == yours[path].dtype, path


@cache
def analysed_photo(**knobs: Any) -> Analysis:
    """Return all that is known of a photograph with kept and rejected windows, made once."""
    return analyse(as_source(crop("motorcycle", 200, 100, 250, 200)), Recipe(**knobs))


_found: dict[object, list[Analysis]] = {}  # after each stage, by all that the analysis depends on


def analyse_once(
    image: SourceImage,
    recipe: Recipe,
    *,
    exclusions: Exclusions = NONE,
    previous: Analysis | None = None,
    every_window: bool = True,
    look_at_alignment: bool = False,
    known: KnownAlignments | None = None,
    progress: Progress = UNHEARD,
    on_stage: Callable[[Analysis], object] = lambda one: None,
) -> Analysis:
    """Do as `analyse`, but tell at once what it has found for the same pixels before."""
    previous = previous if previous is not None and previous.image is image else None
    excluded = exclusions.of(image.content)
    start = replace(previous or Analysis(image, recipe), look_at_alignment=look_at_alignment)
    lacking = stages_to_run(start, recipe, every_window=every_window, excluded=excluded)
    pixels = [
        (one.rgb.shape, one.rgb.tobytes(), one.notes, one.colour)
        for one in (image, image.lr)
        if one is not None
    ]
    key = (*pixels, recipe, every_window, excluded, lacking)
    if key in _found:
        for stage, one in zip(lacking, _found[key], strict=True):
            progress.check()
            progress.report(stage, 0, 1)
            on_stage(replace(one, image=image))
        return replace(_found[key][-1], image=image)
    found: list[Analysis] = []

    def tell(one: Analysis) -> None:
        found.append(one)
        on_stage(one)

    whole = analyse(
        image,
        recipe,
        exclusions=exclusions,
        previous=previous,
        every_window=every_window,
        look_at_alignment=look_at_alignment,
        known=known,
        progress=progress,
        on_stage=tell,
    )
    if found:
        _found[key] = found
    return whole


@contextmanager
def analysed_once() -> Iterator[None]:
    """Let what reads image files in this process look at each of them once for a recipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis_module, "analyse", analyse_once)
        yield


@cache
def motorcycle() -> SourceImage:
    """Return a photograph of which much is kept and much rejected, whatever the recipe."""
    return as_source(crop("motorcycle", 100, 150, 250, 254))


@cache
def fresh(recipe: Recipe, every_window: bool = True) -> Analysis:
    """Return what the pipeline makes of `motorcycle` when nothing is known of it."""
    return analyse(motorcycle(), recipe, every_window=every_window)
