"""Which knobs a survey depends on, and which only decide afterwards."""

from __future__ import annotations

from srviewer.pipeline.recipe import KNOBS, Recipe, Value

# What these knobs need is kept for each of their values. All others count: so does a new one.
DECIDING = (
    "consistency",
    "error_margin",
    "position_tolerance",
    "crop",
    "min_keypoints",
    "min_matches",
    "texture",
    "keypoint_scope",
    "min_edge_density",
    "lr_layout",
)
MATTERS = tuple(name for name in KNOBS if name not in DECIDING)


def survey_fields(recipe: Recipe) -> dict[str, Value]:
    """Return what a survey depends on in `recipe`."""
    return {name: getattr(recipe, name) for name in MATTERS}


def survey_differences(one: Recipe, other: Recipe) -> dict[str, tuple[Value, Value]]:
    """Return ``{key: (one's value, other's)}`` where surveys of the two differ."""
    found = one.differences(other)
    return {name: values for name, values in found.items() if name in MATTERS}
