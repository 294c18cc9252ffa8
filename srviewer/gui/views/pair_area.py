"""What the pair canvas shows: HR and LR under one camera, with what was found drawn over them."""

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.layers import TWO_PANES, Arrangement
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import DARK
from srviewer.gui.views import legend
from srviewer.gui.views.camera import (
    CLOSEST,
    FARTHEST,
    Camera,
    Pane,
    fitting,
    side_by_side,
    stacked,
)
from srviewer.gui.views.frame import Frame, PairPictures, Placed, Titles
from srviewer.gui.views.painting import FramePainter
from srviewer.gui.views.picture_painting import GAP
from srviewer.gui.views.pictures import Picture
from srviewer.gui.widgets.focus import paint_ring
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.reading import SourceImage

ZOOM_STEP = 1.25
_WITH_OTHER_PANES = frozenset({"single", "arrangement"})  # of a frame: more or less of it fits
_SMALLEST_TO_SEE = 0.5  # screen pixels for an HR pixel at which a window is still told apart


class PairArea(QWidget):
    """Shows an image or an analysis under one camera; what is done to it is up to `PairCanvas`.

    It is told what to show by `show_image` and `show_as`. The camera changes by hand
    or by `fit` and the like, never by new results.
    """

    camera_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 110)
        self.setAccessibleName("HR and LR")
        self._shown = Frame()
        self._source: Picture | None = None
        self._pictures: PairPictures | None = None
        self._fitted = True
        self._size: tuple[int, int] | None = None
        self._swipe = 0.5
        self._flipped = False
        self._problem: str | None = None
        self._wrong = True
        self._painter = FramePainter()

    # For what derives

    hovered: Selected | None = None
    """The window that is pointed at."""

    def point_again(self, *, anywhere: bool = True) -> None:
        """Tell what is pointed at, if `anywhere`: something else may be drawn there now."""

    # What is shown

    @property
    def camera(self) -> Camera:
        """Where the person looks."""
        return self._shown.camera

    @property
    def arrangement(self) -> Arrangement:
        """How HR and LR are put on it."""
        return self._shown.arrangement

    @property
    def is_fitted(self) -> bool:
        """Whether all of the image is shown, whatever its own size becomes."""
        return self._fitted

    def _show(self, **what: Any) -> None:
        """Show other values of the frame."""
        self._shown = replace(self._shown, **what)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for both panes."""
        return QSize(900, 600)

    def clear(self) -> None:
        """Show nothing."""
        self.show_image(None)
        self._painter = FramePainter()  # what it keeps holds on to the image

    def show_image(
        self, image: SourceImage | None, a: Analysis | None = None, titles: Titles | None = None
    ) -> None:
        """Show an image with what is known of it; what has not run yet is not drawn."""
        is_new, before = image is not self._shown.image, self._pictures
        self._show(image=image, analysis=a)
        if is_new:
            self._source = None if image is None else Picture(image.rgb, image.size)
        pair = a.pair if a is not None and a.has("pair") else None
        if pair is not (self._pictures and self._pictures.pair):
            self._pictures = None if pair is None else PairPictures(pair, titles)
        if image is not None and is_new:
            # Images of one size are compared at one place: then the camera stays.
            if self._fitted or self._size != image.size:
                self.fit()
            self._size = image.size
        is_drawn = self._shown.arrangement is not Arrangement.DIFFERENCE
        if self._pictures is not before and self._pictures is not None and is_drawn:
            self._pictures.hr.prepare(self.camera.zoom * self.devicePixelRatioF())
        self.point_again(anywhere=a is not None)

    def show_as(self, **how: Any) -> None:
        """Show it with other values of the `Frame`: layers, arrangement, selection and the like."""
        self._show(**how)
        if how.keys() & _WITH_OTHER_PANES:
            self._fit_again()
        else:
            self.point_again()

    def _fit_again(self) -> None:
        if self._fitted:
            self.fit()
        self.point_again()

    def set_flipped(self, flipped: bool) -> None:
        """Show the enlarged LR in the place of HR."""
        self._flipped = flipped
        self.update()
        self.point_again()

    def set_problem(self, problem: str | None, *, wrong: bool = True) -> None:
        """Say on the picture why nothing can be made of it, or no more; a hint is not `wrong`."""
        self._problem, self._wrong = problem, wrong
        self.update()

    def go_to(self, x: float, y: float) -> None:
        """Bring an HR point into view, close enough to see a window of it."""
        pane = self.panes()[0]
        seen = pane.visible(self.camera, np.array([(x, y)]))[0]
        close = max(self.camera.zoom, _SMALLEST_TO_SEE)
        if not seen or close != self.camera.zoom:
            self.set_camera(Camera(x, y, close))

    def panes(self) -> tuple[Pane, ...]:
        """Return the panes: HR's and LR's, or one where they lie on each other."""
        how = self._shown.arrangement
        if self._shown.single or how not in TWO_PANES:
            return (Pane(0, 0, max(self.width(), 1), max(self.height(), 1)),)
        split = stacked if how is Arrangement.STACKED else side_by_side
        return split(self.width(), self.height(), GAP)

    # The camera

    def set_camera(self, camera: Camera) -> None:
        """Look elsewhere; the camera stays on the image."""
        if self._shown.image is not None:
            camera = camera.kept_on(self._shown.image.size)
        self._fitted = False
        self._show(camera=camera)
        self.camera_changed.emit()
        self.point_again()

    def fit(self) -> None:
        """Show all of the image, and keep doing so when the window's size changes."""
        if self._shown.image is None:
            return
        pane = self.panes()[0]
        self._show(camera=fitting(self._shown.image.size, (pane.width, pane.height)))
        self._fitted = True
        self.camera_changed.emit()
        self.point_again()

    def actual_size(self) -> None:
        """Show one HR pixel as one device pixel."""
        self.zoom_to(1 / self.devicePixelRatioF())

    def zoom_to(self, zoom: float) -> None:
        """Show one HR pixel as so many screen pixels, as far as the camera goes."""
        self.set_camera(replace(self.camera, zoom=min(max(zoom, FARTHEST), CLOSEST)))

    def zoom_in(self) -> None:
        """Come closer by one step."""
        self.set_camera(self.camera.zoomed(ZOOM_STEP))

    def zoom_out(self) -> None:
        """Go farther away by one step."""
        self.set_camera(self.camera.zoomed(1 / ZOOM_STEP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the middle in the middle, or all of the image in view."""
        self._fit_again()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is shown."""
        painter = QPainter(self)
        self._painter.paint(painter, self._frame())
        if self._problem:
            legend.message(painter, self.width(), self.height(), self._problem, wrong=self._wrong)
        if self.hasFocus():
            paint_ring(painter, self.rect(), DARK.accent)  # as dark in both themes
        painter.end()

    def render_to(self, painter: QPainter) -> None:
        """Draw what is shown into a file or another picture of the canvas's size."""
        self._painter.paint_directly(painter, self._frame())

    def _frame(self) -> Frame:
        panes = self.panes()
        return replace(
            self._shown,
            size=self.size(),
            ratio=self.devicePixelRatioF(),
            placed=self._placed(panes),
            hr_pane=panes[0],
            lr_pane=panes[-1],
            hovered=self.hovered,
        )

    def _placed(self, panes: tuple[Pane, ...]) -> tuple[Placed, ...]:
        """Return the pictures with their captions; the source until there is a pair."""
        shown, pictures = self._shown, self._pictures
        if shown.image is None or self._source is None:
            return ()
        if pictures is not None and shown.findings is not None:
            cut, how = round(self.width() * self._swipe), shown.arrangement
            recipe = shown.findings.recipe
            return pictures.placed(
                recipe, panes, how, cut, flipped=self._flipped, scale=shown.scale
            )
        caption = "HR" if self._problem else "HR; its pair is being made"
        if shown.single:
            caption = "Source  {} x {} px".format(*shown.image.size)
        return (Placed(self._source, panes[0], panes[0], (caption,), "HR"),)
