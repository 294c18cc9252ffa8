"""Another name of `srviewer.gui.state.selection`, until all use that."""

from srviewer.gui.state.selection import Selected

__all__ = ["Selected"]
