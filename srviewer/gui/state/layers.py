"""What can be drawn over the pair, and which of it each stage shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Layer(Enum):
    """Something that can be drawn over the pair; the value is what a person reads."""

    KEYPOINTS = "Keypoints"
    ALL_MATCHES = "All matches"
    KEPT_MATCHES = "Kept matches"
    REJECTED_MATCHES = "Rejected matches"
    BOX = "Box"
    KEPT_WINDOWS = "Kept windows"
    REJECTED_WINDOWS = "Rejected windows"
    HEAT = "Heat map of what is in each window"
    COMPARISON = "Windows that only A or only B keeps"


WINDOW_LAYERS = frozenset(
    {Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS, Layer.HEAT, Layer.COMPARISON}
)
"""The layers that mark windows, so that one can be pointed at."""

LAYER_GROUPS = (
    ("", ((Layer.KEYPOINTS, "Keypoints"), (Layer.BOX, "Box"))),
    (
        "Matches",
        (
            (Layer.ALL_MATCHES, "All"),
            (Layer.KEPT_MATCHES, "Kept"),
            (Layer.REJECTED_MATCHES, "Rejected"),
        ),
    ),
    (
        "Windows",
        (
            (Layer.KEPT_WINDOWS, "Kept"),
            (Layer.REJECTED_WINDOWS, "Rejected"),
            (Layer.HEAT, "Heat"),
            (Layer.COMPARISON, "A/B"),
        ),
    ),
)
"""The layers as they stand above the picture, each with its text there."""


class Arrangement(Enum):
    """How HR and LR are put on the canvas; the value is what a person reads."""

    SIDE_BY_SIDE = "Side by side"
    SWIPE = "Swipe"
    DIFFERENCE = "Difference"


@dataclass(frozen=True)
class View:
    """A stage as the window shows it.

    Attributes
    ----------
    name : str
        As in ``srviewer snapshot --stage``.
    title : str
    stages : tuple of str
        The stages of the pipeline that it waits for.
    layers : frozenset of Layer
    help : str
    """

    name: str
    title: str
    stages: tuple[str, ...]
    layers: frozenset[Layer]
    help: str


VIEWS = (
    View("source", "Source", (), frozenset(), "the image as it was read; what is trimmed is dark"),
    View("pair", "Pair", ("pair",), frozenset(), "HR beside LR, drawn at HR's scale"),
    View(
        "matches",
        "Matches",
        ("keypoints", "matches"),
        frozenset({Layer.KEYPOINTS, Layer.ALL_MATCHES}),
        "keypoints, and all matches before the filter",
    ),
    View(
        "consistent",
        "Consistent",
        ("consistent",),
        frozenset({Layer.KEPT_MATCHES, Layer.REJECTED_MATCHES}),
        "matches that agree with the known scale, and those that do not",
    ),
    View(
        "box",
        "Box",
        ("box",),
        frozenset({Layer.KEPT_MATCHES, Layer.BOX}),
        "the box, and the matches that span it",
    ),
    View(
        "patches",
        "Patches",
        ("windows", "texture", "patches"),
        frozenset({Layer.BOX, Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}),
        "kept and rejected windows inside the box",
    ),
    View(
        "pairs",
        "Pairs",
        ("quality_maps", "quality", "patches"),
        frozenset({Layer.BOX, Layer.KEPT_WINDOWS}),
        "the windows that become pairs",
    ),
)
VIEW_BY_NAME = {view.name: view for view in VIEWS}


def with_layer(layers: frozenset[Layer], layer: Layer, shown: bool, view: View) -> frozenset[Layer]:
    """Return `layers` with `layer`, or without it, at the stage `view`."""
    if not shown:
        layers = layers - {layer}
    maps = {Layer.HEAT, Layer.COMPARISON}  # they take the place of the windows' marks
    if shown and layer in maps:
        return (layers | {layer}) - (maps - {layer})
    if layer is Layer.COMPARISON and not layers & WINDOW_LAYERS:
        return layers | view.layers
    return layers | {layer} if shown else layers
