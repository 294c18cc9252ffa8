"""The outputs of two resizers under one camera: beside each other, by flip, swipe, difference."""

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from srviewer.gui.state.layers import Arrangement, suited
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.frame import Titles
from srviewer.gui.widgets.building import beside, combo_box, filled, label, push_button
from srviewer.gui.widgets.held_space import HeldSpace
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import AnyImage, to_uint8
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.reading import from_array
from srviewer.pipeline.recipe import Recipe

_NONE_YET = "Two of the outputs are shown here once all are compared."


class TwoOutputs(QWidget):
    """The canvas of the pair with two outputs in the place of HR and LR."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._chosen = False  # until then the image's shape decides
        self.canvas = PairCanvas()
        self.canvas.setObjectName("resizers_canvas")
        self.canvas.setAccessibleName("The outputs of two resizers")
        self.canvas.show_as(single=False)
        self.canvas.set_problem(_NONE_YET, wrong=False)
        ways = [(one.value, one) for one in Arrangement]
        self.arrangement = combo_box("resizers_arrangement", "Arrangement of the two", "", ways)
        self.arrangement.activated.connect(self._arrange)
        tip = "the second in the place of the first; or hold Space"
        self.flip = push_button("Flip", "resizers_flip", tip, checkable=True, toggled=self._flip)
        fit = push_button("Fit", "resizers_fit", "show all of it", clicked=self.canvas.fit)
        for button in (self.flip, fit):
            button.setAutoDefault(False)
        self.words = label("resizers_two", wraps=True)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        bar = beside(self.arrangement, self.flip, fit)
        bar.addStretch(1)
        filled(QVBoxLayout(self), bar, self.canvas, self.words, grows=self.canvas, spacing=6)
        self._space = HeldSpace(dialog)
        self._space.changed.connect(self.flip.setChecked)

    def show_two(self, first: AnyImage, second: AnyImage, one: str, other: str) -> None:
        """Show two outputs of one size, called `one` and `other`."""
        image = from_array(to_uint8(first))
        pair = Pair(to_uint8(first), second, second, scale=1)
        if not self._chosen:
            self._use(suited(image.size, (self.canvas.width(), self.canvas.height())))
        titles = Titles(
            hr=((one,), one),
            lr=((other,), other),
            upscaled=((other,), other),
            difference="difference of the two",
            signed="the first minus the second",
        )
        self.canvas.set_problem(None)
        self.canvas.show_image(image, Analysis(image, Recipe(), pair=pair), titles)

    def say(self, words: str) -> None:
        """Say how far they are apart."""
        self.words.setText(words)
        self.canvas.setAccessibleDescription(words)

    def end(self) -> None:
        """Look at no key any more."""
        self._space.end()

    def _arrange(self) -> None:
        self._chosen = True
        self._use(self.arrangement.currentData())

    def _use(self, arrangement: Arrangement) -> None:
        self.arrangement.setCurrentText(arrangement.value)
        self.canvas.show_as(arrangement=arrangement)

    def _flip(self, flipped: bool) -> None:
        self.canvas.set_flipped(flipped)
