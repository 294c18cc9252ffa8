"""Another name of `srviewer.gui.state.model`, until all use that."""

from srviewer.gui.state.model import Entry, Model
from srviewer.gui.state.selection import Selected

__all__ = ["Entry", "Model", "Selected"]
