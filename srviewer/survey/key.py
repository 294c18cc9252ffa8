"""Which knobs a survey depends on, and what the parts of an answer depend on."""

from __future__ import annotations

from srviewer.pipeline.recipe import Recipe, Value
from srviewer.pipeline.stages import knobs_read, values_read

SURVEYED = ("matches", "quality", "texture")
"""The stages whose results a survey keeps."""
EVERY_VALUE = ("texture", "keypoint_scope")
"""Knobs for each of whose values it keeps them."""
MATTERS = tuple(name for name in knobs_read(*SURVEYED) if name not in EVERY_VALUE)


def survey_fields(recipe: Recipe) -> dict[str, Value]:
    """Return what a survey depends on in `recipe`."""
    return {name: getattr(recipe, name) for name in MATTERS}


def survey_differences(one: Recipe, other: Recipe) -> dict[str, tuple[Value, Value]]:
    """Return ``{key: (one's value, other's)}`` where surveys of the two differ."""
    found = one.differences(other)
    return {name: values for name, values in found.items() if name in MATTERS}


def consistency_key(recipe: Recipe) -> tuple[object, ...]:
    """Return what the test of the matches depends on."""
    return values_read(recipe, "consistent")


def box_key(recipe: Recipe) -> tuple[object, ...]:
    """Return what the boxes depend on."""
    return values_read(recipe, "box")


def counts_key(recipe: Recipe) -> tuple[object, ...]:
    """Return what the candidates by level depend on: all but the threshold of the level."""
    tested = consistency_key(recipe) if recipe.min_matches else ()
    return *values_read(recipe, "box", "texture"), recipe.min_matches, *tested
