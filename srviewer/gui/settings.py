"""Another name of `srviewer.gui.state.settings`, until all use that."""

from srviewer.gui.state.settings import MOST_WANTED

__all__ = ["MOST_WANTED"]
