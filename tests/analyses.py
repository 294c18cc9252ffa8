"""Analyses, taken apart for comparison."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from hashlib import sha1
from typing import Any

import numpy as np
import pytest

from srviewer.pipeline import analysis as analysis_module
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import STAGE_NAMES, Context, Stage
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


# What stages have made; none of it is ever changed.
_found: dict[object, tuple[object, object]] = {}  # with what the key tells apart by identity
_MOST = 400  # results, so that memory stays small
_PLAIN = (str, int, float, tuple, type(None))  # of knobs
_run = analysis_module._run


def _once(run: Callable[..., Any], context: Context, **given: Any) -> object:
    """Return what a stage makes of the same pixels, results and knobs, found before or now."""
    images = [one for one in (context.image, context.image.lr) if one is not None]
    pixels = [(one.rgb.shape, sha1(one.rgb).digest()) for one in images]
    plain = [(type(one), one if isinstance(one, _PLAIN) else id(one)) for one in given.values()]
    key = (run, *pixels, id(context.only), context.excluded, *plain)
    if found := _found.get(key):
        return found[1]
    result = run(context, **given)
    while len(_found) >= _MOST:
        _found.pop(next(iter(_found)), None)
    return _found.setdefault(key, ((context.only, given), result))[1]


def _run_once(stage: Stage, *arguments: Any) -> Analysis:
    return _run(replace(stage, run=partial(_once, stage.run)), *arguments)


@contextmanager
def analysed_once() -> Iterator[None]:
    """Let each stage, in this process, look once at what is the same.

    All else of an analysis is done: which stages run, in which order, what is told and cancelled.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis_module, "_run", _run_once)
        yield


@cache
def motorcycle() -> SourceImage:
    """Return a photograph of which much is kept and much rejected, whatever the recipe."""
    return as_source(crop("motorcycle", 100, 150, 250, 254))


@cache
def fresh(recipe: Recipe, every_window: bool = True) -> Analysis:
    """Return what the pipeline makes of `motorcycle` when nothing is known of it."""
    return analyse(motorcycle(), recipe, every_window=every_window)
