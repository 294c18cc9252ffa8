"""The zoom: shown in percent, chosen from a list, or typed."""

import re

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox

from srviewer.errors import shown
from srviewer.gui.views.camera import CLOSEST, FARTHEST, Camera
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.widgets.building import Combo, named

_FIT = "Fit"
_CHOICES = (_FIT, "50 %", "100 %", "200 %", "400 %", "800 %")
_TYPED = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{0,3})?)\s*%?")
_WIDEST = "1,234.5 %"


def percent_of(camera: Camera, ratio: float) -> str:
    """Return the zoom in percent: 100 is one device pixel for an HR pixel."""
    value = 100 * camera.zoom * ratio
    return f"{value:.1f} %" if value < 10 else f"{value:,.0f} %"


class ZoomBox(Combo):
    """Shows how large `canvas` draws, and lets a person say so.

    Signals
    -------
    refused(message)
        What was typed is no zoom.
    """

    refused = Signal(str)

    def __init__(self, canvas: PairCanvas) -> None:
        super().__init__()
        tip = "100 % draws one HR pixel as one pixel of the screen; choose or type"
        named(self, "zoom", "Zoom", tip=tip)
        self._canvas = canvas
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        self.addItems(_CHOICES)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(_WIDEST) + 30)
        line = self.lineEdit()
        assert line is not None
        self._line = line
        self.textActivated.connect(self._take)
        line.returnPressed.connect(lambda: self._take(line.text()))
        canvas.camera_changed.connect(self._show)
        self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show what is, whatever was typed and not taken."""
        super().focusOutEvent(event)
        self._show()

    def _show(self) -> None:
        text = percent_of(self._canvas.camera, self._canvas.devicePixelRatioF())
        index = self.findText(text)
        if (index, text) != (self.currentIndex(), self.currentText()):  # a drag leaves both alone
            with QSignalBlocker(self):
                # Else Qt takes what is shown, where the list has it, for what was chosen: "100 %",
                # but all of the image may be 100.4 %.
                self.setCurrentIndex(index)
                self.setEditText(text)
        self.setToolTip("all of the image" if self._canvas.is_fitted else "")

    def _take(self, text: str) -> None:
        text = text.strip().replace(",", ".") if text.count(",") == 1 else text.strip()
        typed = _TYPED.fullmatch(text)
        ratio = self._canvas.devicePixelRatioF()
        if text.casefold() == _FIT.casefold():
            self._canvas.fit()
        elif typed is not None and float(typed[1]) > 0:
            self._canvas.zoom_to(float(typed[1]) / 100 / ratio)
        else:
            low, high = (100 * ratio * one for one in (FARTHEST, CLOSEST))
            self.refused.emit(
                f"zoom {shown(text)}: allowed is {_FIT}, or {low:.2g} to {high:,.0f} %"
            )
        self._show()
