"""The picture with the bar of its layers, or its pairs: what the model says is shown."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from srviewer.export.options import LABELS
from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.layers import Arrangement, Layer, Scale, suited
from srviewer.gui.state.model import Model
from srviewer.gui.state.shared import Shared
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.gallery import Gallery, GalleryView
from srviewer.gui.views.gallery_kind import PAIRS
from srviewer.gui.views.layer_bar import LayerBar
from srviewer.gui.views.opacity import OpacityDialog
from srviewer.gui.views.stage_bar import stage_result
from srviewer.gui.widgets.building import Pages, column, context_menu, stacked
from srviewer.gui.widgets.menus import add_excluding
from srviewer.pipeline.reading import SourceImage

_NO_IMAGE = "No image yet. Open some with Ctrl+O, a folder with Ctrl+Shift+O, or drop them here."


class PairView(QWidget):
    """Keeps the canvas at the model's image, layers and selection, and at recipe B if it is shown.

    Parameters
    ----------
    model : Model
    comparison : Comparison
    excluding : Excluding
    displacing : Shared of DisplacementLook
        How arrows and field are drawn.
    parent : QWidget

    Attributes
    ----------
    scale : Shared of Scale
        The colours of the difference.
    """

    def __init__(
        self,
        model: Model,
        comparison: Comparison,
        excluding: Excluding,
        displacing: Shared[DisplacementLook],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._model, self._comparison = model, comparison
        self._excluding, self._displacing = excluding, displacing
        self.by_hand: Arrangement | None = None  # until then the image's shape decides
        self.scale = Shared(Scale(), self)
        self._shaped: SourceImage | None = None  # the image whose shape was looked at last
        self._asks_picture = False  # for what is asked about, which the pairs do not have
        self.layer_bar = LayerBar(model)
        self.canvas = PairCanvas()
        self.pairs = GalleryView(model, self._excluding, PAIRS)
        self._pages = Pages()
        stacked(self, self._pages)  # first: with each move its pages are styled anew
        self._pages.addWidget(column(self.layer_bar, self.canvas, grows=self.canvas))
        self._pages.addWidget(self.pairs)
        self.layer_bar.arranged.connect(self.arrange)
        self.canvas.picked.connect(model.select)
        self.canvas.stepped.connect(model.step_selection)
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.canvas.customContextMenuRequested.connect(self._open_menu)
        model.go_requested.connect(self.canvas.go_to)
        model.current_changed.connect(self.canvas.clear)
        model.analysis_changed.connect(self._show_analysis)
        model.view_changed.connect(self._show_view)
        model.selection_changed.connect(self._on_selection)
        comparison.changed.connect(self._show_view)
        self.scale.changed.connect(self._show_scale)
        model.opacities.changed.connect(self._show_opacities)
        self._displacing.changed.connect(self._show_displacement)
        self._show_analysis()
        self._show_view()

    @property
    def shown(self) -> PairCanvas | Gallery:
        """What stands in the middle now."""
        return self.canvas if self.shows_picture else self.pairs.gallery

    @property
    def shows_picture(self) -> bool:
        """Whether the picture stands there, at its stages and for what the pairs do not have."""
        return self._model.view.in_picture or self._asks_picture

    def arrange(self, arrangement: Arrangement | None) -> None:
        """Put HR and LR into two panes or on each other, or show their difference.

        Parameters
        ----------
        arrangement : Arrangement or None
            None leaves it to the shape of the image which way two panes lie.
        """
        self.by_hand = arrangement
        self._arrange(arrangement or self._suited())

    def use_top(self, top: int) -> None:
        """Let so many grey levels have the last colour of the difference, and show it."""
        self.scale.change(top=top)
        self.arrange(Arrangement.DIFFERENCE)

    def turn_signed(self) -> None:
        """Show the difference with its sign, or without."""
        self.scale.change(signed=not self.scale.value.signed)
        self.arrange(Arrangement.DIFFERENCE)

    def ask_opacities(self) -> None:
        """Let a person say how opaque the layers are."""
        OpacityDialog(self._model, self.window()).show()

    def _open_menu(self, at: QPoint) -> None:
        """Offer what can be done to the window under the pointer, and to the image."""
        if self._model.image is None:
            return
        window = self.canvas.window_at(at)
        if window is not None and window.index not in self._model.chosen:
            self._model.select(window)
        menu = context_menu(self, "picture_menu")
        add_excluding(menu, self._excluding, image=True)
        menu.popup(self.canvas.mapToGlobal(at))

    def _arrange(self, arrangement: Arrangement) -> None:
        self.layer_bar.show_arrangement(arrangement)
        self.canvas.show_as(arrangement=arrangement)

    def _suited(self) -> Arrangement:
        image, canvas = self._model.image, self.canvas
        room = canvas.width(), canvas.height()
        return suited(image.size, room) if image is not None else Arrangement.SIDE_BY_SIDE

    def _follow_shape(self) -> None:
        if self.by_hand is None and self.canvas.arrangement is not self._suited():
            self._arrange(self._suited())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let two panes lie as they show more, while a person looks at all of the image."""
        super().resizeEvent(event)
        if self.canvas.is_fitted:
            self._follow_shape()

    def _show_analysis(self) -> None:
        current, analysis, image = self._model.current, self._model.analysis, self._model.image
        if image is not self._shaped:
            self._shaped = image  # or none: one that is gone is not held alive
            if image is not None:
                self._follow_shape()
        if image is not None:
            self.canvas.show_image(image, analysis)
        error = current.error if current is not None else None  # the title names the file
        if current is None:
            self.canvas.set_problem(_NO_IMAGE, wrong=False)
        else:
            self.canvas.set_problem(error.worded(LABELS) if error is not None else None)
        self._tell()

    def _on_selection(self) -> None:
        """Show what is asked about where it is: a match or a rejected window is among no pairs."""
        selected, a = self._model.selection, self._model.analysis
        self._asks_picture = selected is not None and not (
            selected.kind == "window" and a is not None and bool(a.patches.kept[selected.index])
        )
        self._show_view()

    def _show_scale(self) -> None:
        self.canvas.show_as(scale=self.scale.value)

    def _show_opacities(self) -> None:
        self.canvas.show_as(opacities=self._model.opacities.value)

    def _show_displacement(self) -> None:
        self.canvas.show_as(displacement=self._displacing.value)

    def _show_view(self) -> None:
        self._pages.setCurrentIndex(0 if self.shows_picture else 1)
        model = self._model
        self._comparison.want("picture", Layer.COMPARISON in model.layers)
        self.canvas.show_as(
            single=model.view.name == "source",
            layers=model.layers,
            selection=model.selection,
            other=self._comparison.analysis,
        )
        self._tell()

    def _tell(self) -> None:
        """Say what is on the picture, for who does not see it."""
        current, view, a = self._model.current, self._model.view, self._model.analysis
        ready = a is not None and all(map(a.has, view.stages))
        found = (
            f"{view.title}: {stage_result(view, a)[0][0]}"
            if a is not None and ready
            else view.title
        )
        words = f"{current.path.name}, {found}" if current is not None else "no image"
        self.canvas.setAccessibleDescription(words)
