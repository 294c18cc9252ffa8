"""A button that says as much as there is room for."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton

from srviewer.gui.widgets.labels import fitting


class FittingButton(QPushButton):
    """Shows the longest of its texts that fits; no text makes its panel wider."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, *texts: str) -> None:
        """Show the first of `texts` that fits, or as much of the last as fits."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = self.style().subElementRect(part, option, self).width()
        shown = fitting(self.fontMetrics(), room, *texts)
        if shown != self.text():
            self.setText(shown)
