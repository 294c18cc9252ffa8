"""Another name of `srviewer.gui.state.layers`, until all use that."""

from srviewer.gui.state.layers import (
    LAYER_GROUPS,
    VIEW_BY_NAME,
    VIEWS,
    WINDOW_LAYERS,
    Arrangement,
    Layer,
    View,
)

__all__ = [
    "LAYER_GROUPS",
    "VIEWS",
    "VIEW_BY_NAME",
    "WINDOW_LAYERS",
    "Arrangement",
    "Layer",
    "View",
]
