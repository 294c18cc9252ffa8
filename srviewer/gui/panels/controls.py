"""Another name of `srviewer.gui.widgets.controls`, until all use that."""

from srviewer.gui.widgets.controls import LeavesUndo, Spin

__all__ = ["LeavesUndo", "Spin"]
