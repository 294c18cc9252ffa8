"""Which knobs a survey depends on, and what the parts of an answer depend on."""

from srviewer.pipeline.recipe import KNOBS, Recipe, Value
from srviewer.pipeline.stages import STAGE_NAMES, STAGES, knobs_read, values_read
from srviewer.pipeline.textures import TEXTURES

SURVEYED = ("matches", "quality", "texture", "alignment")
"""The stages whose results a survey keeps."""
EVERY_VALUE = ("texture", "keypoint_scope", "consistency")
"""Knobs for each of whose values it keeps them."""
LAXEST: dict[str, Value] = {
    "error_margin": KNOBS["error_margin"].high,
    "position_tolerance": KNOBS["position_tolerance"].high,
    "crop": "whole",
    "min_matches": 0,
    "keep_windows": "all",
    **{one.threshold: KNOBS[one.threshold].low for one in TEXTURES.values()},
}
"""The knobs that answers follow, each with the value that rejects least."""


def unanswered(stage: str) -> set[str]:
    """Return the knobs of `stage` that answers do not follow: they are applied when surveying.

    What they reject must not depend on those that answers follow. The stage ``box`` has none, as
    answers run it as it is.
    """
    own = STAGES[STAGE_NAMES.index(stage)].read(None, ("view",))
    return own.difference(LAXEST, EVERY_VALUE, {"scale"})


_DEPENDS = {*knobs_read(*SURVEYED), *unanswered("consistent"), *unanswered("patches")}
MATTERS = tuple(name for name in KNOBS if name in _DEPENDS.difference(EVERY_VALUE))
"""The knobs that a survey depends on."""


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
    others = recipe.min_matches, recipe.keep_windows
    return *values_read(recipe, "box", "texture"), *others, *tested
