"""Its own place in `building`, for those who know it from here."""

from srviewer.gui.widgets.building import column as column
from srviewer.gui.widgets.building import splitter as splitter
