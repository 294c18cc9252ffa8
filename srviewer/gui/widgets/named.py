"""Its own place in `building`, for those who know it from here."""

from srviewer.gui.widgets.building import heading as heading
from srviewer.gui.widgets.building import named as named
