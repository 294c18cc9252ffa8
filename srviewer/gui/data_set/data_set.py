"""Another name of `srviewer.gui.state.data_set`, until all use that."""

from srviewer.gui.state.data_set import DataSet

__all__ = ["DataSet"]
