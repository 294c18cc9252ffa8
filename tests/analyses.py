"""Analyses, taken apart for comparison."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np

from srviewer.pipeline.analysis import Analysis, analyse
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
